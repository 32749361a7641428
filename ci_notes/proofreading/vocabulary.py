"""The small words by which proofreading tells what a sentence denies, affirms, or says of something else."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEGATIONS = _set("no not without denies denied denying never nil none neither nor cannot absent")
"""Words that turn what stands with them into its opposite."""

DENIES = NEGATIONS - {"absent", "cannot"}
"""Those that stand before what they deny."""

DENIED = _set("denies denied denying without neither absent")
"""Those that reach over "and", too: she denies bleeding and pain."""

NARROW = _set("not cannot")
"""Those that reach no further than the next comma."""

TURNS = _set("but however although though yet except")
"""Words that begin a clause in which a negation before them no longer holds."""

LITTLE = _set(
    "a an the and or of in on at to by for with as is was were are be been has have had it its this that her she he "
    "from there no not"
)
"""Words that tell nothing of what a sentence is about."""

ELSEWHERE = _set(
    "previous previously earlier last prior history past threshold target if unless until should would could might "
    "risk advised told call return sister mother family another outside referral yesterday"
)
"""Words that make a sentence speak of something else than what the note holds of today."""

UNCERTAIN = _set("after before counsel counselled discussed explained watch monitor exclude excluded whether")
"""Words that, in a new sentence, do the same."""

ENDS = _set(
    "was were is are but with in at on for to if when since because while change increase history risk sign of further "
    "more new worsening worse increased increasing significant heavy regular painful recurrent longer other planned "
    "response relief effect cause explanation indication contraindication reason need consent plan"
)
"""Words behind a negation that make it speak of something else."""

FOLLOWS = _set(
    "or and nor was were is are has had have at on in since today now this reported seen noted present found but with "
    "currently either yet by"
)
"""What may follow the name of a thing denied; a noun there would make it the name of another thing."""

LISTS = _set("or and any nor a an the")
"""What joins the items of a list."""

MEASURES = _set("is was are were has been of measured measures measuring at about approximately today on the a")
"""What may stand between a name and its value."""

THERE = ("present", "seen", "found", "noted", "reported", "observed", "confirmed", "visible", "positive", "yes")
GONE = ("absent", "denied", "none", "nil", "negative", "no")
"""What, right behind a name, affirms or denies it."""

REPORTS = ("reports", "reported", "describes", "complains of", "complaining of", "there is", "there was", "there were")
"""What, right before a name, affirms it."""

GENERIC = _set("stitch cerclage scan")
"""Names of yes/no elements that alone say too little of what is meant."""

UNNAMED = _set("done any current first in_place stays stitch_seen other other_surgery")
"""Yes/no elements whose own name is no word that a text would use for them."""
