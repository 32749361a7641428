"""Why a kind of fault is found less often than is wanted; printed beside its figures."""

NO_RULE = "No rule, and one could be written:"
PARTLY = "Found where the note holds something to compare with;"

WHY: dict[str, str] = {
    "weight in pounds": f"{PARTLY} without a height there is no BMI, and 150 kg is possible. "
    "A rule on the weight of the earlier note would find more.",
    "antibiotic g for mg": f"{NO_RULE} usual doses are known to R103 for cefazolin alone; any antibiotic under 10 mg or "
    "over 10 g is the other unit.",
    "antibiotic tenfold": f"{NO_RULE} usual doses by drug.",
    "last period with day and month exchanged": f"{PARTLY} by ultrasound dating the last period may differ, "
    "but nothing asks about one that differs by a month.",
    "cerclage with day and month exchanged": f"{PARTLY} alone, another plausible day cannot be told from the true one; "
    "an abdominal stitch that would be placed in the third trimester could.",
    "dating scan's age two weeks off": f"{PARTLY} the difference of scan and last period is judged by ACOG's table for US "
    "notes; UK and CA notes dated by both, and assisted conceptions, are not held against the scan.",
    "due date two weeks off": f"{PARTLY} where the note states no gestation, no last period and no scan, a due date "
    "cannot be known to be wrong.",
    "next visit next year": f"{NO_RULE} in assessments, scans and operations a visit later than the due date passes.",
    "consent after the incision": f"{NO_RULE} counselling.consent_at after operation.started.",
    "antibiotic after the incision": f"{NO_RULE} operation.antibiotics[].at after operation.started, "
    "for prophylaxis that was not started afterwards on purpose.",
    "progesterone begins after its end": "Found in most kinds; in follow-up notes where the stop is past the start by the "
    "swap and the visit lies between, R-rules look at the stop alone.",
    "gravida one too many": f"{NO_RULE} in ultrasound notes gravidity is not held against the prior pregnancies.",
    "bites do not add up": f"{NO_RULE} cerclage.bites_n against the entries of cerclage.bites_clock.",
    "swab count not correct": f"{NO_RULE} operation.counts_correct is false, and no text says what was done.",
    "short cervix on the wrong side": f"{NO_RULE} diagnosis.short_cervix against the shortest length, with the "
    "threshold of the note's guideline.",
    "bleeding denied, then seen": f"{NO_RULE} heavy bleeding seen while bleeding and spotting are denied; R076 speaks "
    "for a planned cerclage alone.",
    "fever by a slip of negation": "Cannot be known from the note: a fever at home and a normal temperature now go together. "
    "Some answers that then become required are seen.",
    "membranes ruptured, yet no complication": f"{NO_RULE} in removal notes; R107 speaks for operations.",
    "term birth called a loss": f"{NO_RULE} in ultrasound notes; R019 speaks for the others.",
    "dictation names another knot": f'{NO_RULE} says(operation.description, "6 o\'clock") against cerclage.knot_clock.',
    "dictation names another technique": f"{NO_RULE} says(operation.description, 'Shirodkar') against "
    "cerclage.technique.",
    "lengths copied forward": f"{PARTLY} D033 compares with the earlier scan; where the previous length is quoted "
    "beside it nothing is found. Lengths that are all the same as those of the earlier scan could be a rule.",
    "vital signs copied forward": f"{NO_RULE} three or more vital signs that are all those of the earlier note.",
    "previous length misquoted": "Found by D-rules where the earlier scan is a note; once, only the rate of change was "
    "named.",
    "text: whole made incomplete": "The words are not among those that are read for a negation, or the sentence says "
    "nothing recorded.",
}
