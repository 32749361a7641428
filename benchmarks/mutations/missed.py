"""Why a kind of fault is found less often than is wanted; printed beside its figures."""

NO_RULE = "No rule, and one could be written:"
PARTLY = "Found where the note holds something to compare with;"

WHY: dict[str, str] = {
    "weight in pounds": f"{PARTLY} without a height there is no BMI, and 150 kg is possible. "
    "The weight of the earlier note would tell.",
    "antibiotic g for mg": f"{NO_RULE} R103 speaks for cefazolin alone.",
    "antibiotic tenfold": f"{NO_RULE} the usual dose of each drug.",
    "last period with day and month exchanged": f"{PARTLY} where a scan dates the pregnancy, "
    "nothing asks about a last period that differs by a month or more.",
    "dating scan with day and month exchanged": f"{PARTLY} where assisted conception dates the pregnancy, "
    "the scan is held against nothing.",
    "cerclage with day and month exchanged": f"{PARTLY} another plausible day cannot be told from the true one. "
    "An abdominal stitch that would have been placed in the third trimester could be.",
    "dating scan's age two weeks off": f"{PARTLY} R005 holds the last period against the scan as ACOG does, "
    "and D031 the due date where a scan dates; the others, and assisted conceptions, are not held against the scan.",
    "due date two weeks off": f"{PARTLY} where a note has no stated gestation, no last period and no scan, "
    "it cannot be known.",
    "next visit next year": f"{NO_RULE} a next visit after the due date; the 28 days of D028 hold for some kinds.",
    "consent after the incision": f"{NO_RULE} counselling.consent_at after operation.started.",
    "antibiotic after the incision": f"{NO_RULE} the first antibiotic after operation.started.",
    "progesterone begins after its end": f"{NO_RULE} plan.progesterone_start after plan.progesterone_stop. "
    "What is found is found by the usual weeks of the one or the other.",
    "gravida one too many": f"{NO_RULE} in ultrasound notes gravidity is not held against the prior pregnancies.",
    "bites do not add up": f"{NO_RULE} cerclage.bites_n against the entries of cerclage.bites_clock.",
    "swab count not correct": f"{NO_RULE} operation.counts_correct is false.",
    "short cervix on the wrong side": f"{NO_RULE} diagnosis.short_cervix against the shortest length.",
    "bleeding denied, then seen": f"{NO_RULE} heavy bleeding is seen while bleeding and spotting are denied; "
    "R076 speaks where a cerclage is to be placed.",
    "fever by a slip of negation": "Cannot be known from the note: a fever at home and a usual temperature now go "
    "together. What then becomes required is another place.",
    "membranes ruptured, yet no complication": f"{NO_RULE} in removal notes; R107 speaks for operations.",
    "term birth called a loss": f"{NO_RULE} the outcome of a row against its week. "
    "R019 finds it by the living children, where they are counted.",
    "dictation names another knot": f"{NO_RULE} what operation.description says against cerclage.knot_clock.",
    "dictation names another technique": f"{NO_RULE} what operation.description says against cerclage.technique.",
    "lengths copied forward": f"{NO_RULE} lengths that are all those of the earlier scan. "
    "What is found is found by an impression that no longer fits.",
    "vital signs copied forward": f"{NO_RULE} three or more vital signs that are all those of the earlier note.",
    "previous length misquoted": "Where it is missed, the change is named and not the length that was quoted.",
    "text: whole made incomplete": "Only what was recorded as yes or no is held against a denial.",
}
