"""Why a kind of fault is found less often than always; printed beside its figures."""

PARTLY = "Found where the note holds something to compare with;"
SENTENCE = "Only what a field of the note says is held against a sentence;"

WHY: dict[str, str] = {
    "length in cm for mm": "One length of a cervix that is open, 0.3 for 3 mm, is possible in both units.",
    "weight in pounds": f"{PARTLY} a follow-up visit without an earlier note has neither height nor weight.",
    "blood loss with two noughts too many": "Missed where a number out of range had been kept with a reason: "
    "a reason is kept with its place, whatever number stands there later.",
    "due date with day and month exchanged": f"{PARTLY} a follow-up visit without earlier note and stated gestation "
    "has nothing that an exchange by a month contradicts.",
    "last period with day and month exchanged": f"{PARTLY} a last period that is recorded as uncertain may be off by "
    "some weeks.",
    "cerclage with day and month exchanged": "Some exchanged days are as usual for the indication as the true one. "
    "An earlier note tells (D110).",
    "due date two weeks off": f"{PARTLY} removal and follow-up notes without earlier note and stated gestation "
    "hold nothing that two weeks contradict.",
    "next visit next year": f"{PARTLY} before a pregnancy, or after an abdominal stitch placed before it, "
    "a visit in a year is possible.",
    "text: negation lost": f"{SENTENCE} free words and the page's advice may say either.",
    "text: mm called cm": f"{SENTENCE} a number in free words may be of anything.",
    "text: another month": f"{SENTENCE} a month in free words may be of anything.",
    "text: another technique": "A needle may be called by another operation's name.",
    "text: whole made incomplete": f"{SENTENCE} a second negation in a sentence that denied already is not told.",
}
