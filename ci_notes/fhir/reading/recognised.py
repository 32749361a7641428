"""By which standard codes the resources of others are recognised, beside those that the elements have themselves.

Every code was seen with its meaning in a published list. A code that means more than the element is in `TOO_BROAD`: it
may be written for the element, and must not be read for it.
"""

from collections.abc import Mapping
from typing import Any

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
OPCS4 = "https://fhir.hl7.org.uk/Id/opcs-4"

Code = tuple[str, str]

STATED_GA = "pregnancy.ga_stated"
PLACEMENT = ("cerclage.placed_on", "cerclage.technique")
LENGTH = "ultrasound.lengths.length"

ALSO: Mapping[str, tuple[Code, ...]] = {
    "pregnancy.edd": ((LOINC, "11779-6"), (LOINC, "11781-2"), (LOINC, "11780-4")),
    STATED_GA: (
        (LOINC, "18185-9"),
        (LOINC, "11884-4"),
        (LOINC, "11887-7"),
        (LOINC, "11885-1"),
        (LOINC, "49051-6"),
        (LOINC, "49052-4"),
        (SNOMED, "1156738004"),
    ),
    "history.gravida": ((SNOMED, "161732006"),),
    "labs.wbc": ((LOINC, "6690-2"),),
    "exam.dilation": ((LOINC, "11786-1"),),
    "exam.effacement": ((SNOMED, "249021005"),),
    "fetal.fetuses.fhr": ((LOINC, "11948-7"), (LOINC, "57068-9"), (SNOMED, "249043002")),
    "fetal.fetuses.presentation": ((LOINC, "11876-0"),),
}
"""Further codes of Observations; an element's own code is preferred to these, whatever their dates."""

BARE_UNIT: Mapping[Code, str] = {(LOINC, "49051-6"): "wk", (LOINC, "49052-4"): "d"}
"""Codes that say in which unit a bare number is."""

TOO_BROAD: frozenset[Code] = frozenset(
    {
        (LOINC, "2344-0"),  # glucose of any body fluid
        (LOINC, "664-3"),  # Gram stain of any specimen
        (SNOMED, "120038005"),  # any excision of the cervix
        (SNOMED, "236875004"),  # any lesion of the cervix, treated by laser
        (ICD10CM, "O34.30"),  # by its inclusion terms also a cerclage without insufficiency
        (ICD10CM, "O34.31"),
        (ICD10CM, "O34.32"),
        (ICD10CM, "O34.33"),
    }
)

WHY_TOO_BROAD = "its code also stands for something else than the element here"

BY_STATUS = "by its status"
"""Cervical insufficiency is confirmed, suspected or a history by the status of the Condition."""

_EDS: Mapping[str, Any] = {"risk.connective_tissue": True, "risk.connective_tissue_type": "ehlers_danlos"}
_LACERATED: Mapping[str, Any] = {"risk.cervical_laceration": True}
_SHORT: Mapping[str, Any] = {"diagnosis.short_cervix": True}
_INSUFFICIENT: Mapping[str, Any] = {"diagnosis.insufficiency": BY_STATUS}


def _anomaly(kind: str) -> Mapping[str, Any]:
    return {"risk.mullerian": True, "risk.mullerian_type": kind}


CONDITIONS: Mapping[Code, Mapping[str, Any]] = {
    (SNOMED, "17382005"): _INSUFFICIENT,
    (SNOMED, "199484006"): _INSUFFICIENT,
    (ICD10CM, "N88.3"): _INSUFFICIENT,
    (SNOMED, "609133009"): _SHORT,
    (ICD10CM, "O26.872"): _SHORT,
    (ICD10CM, "O26.873"): _SHORT,
    (ICD10CM, "O26.879"): _SHORT,
    (SNOMED, "398114001"): _EDS,
    (SNOMED, "30652003"): _EDS,
    (SNOMED, "17025000"): _EDS,
    (ICD10CM, "Q79.60"): _EDS,
    (ICD10CM, "Q79.61"): _EDS,
    (ICD10CM, "Q79.62"): _EDS,
    (ICD10CM, "Q79.63"): _EDS,
    (ICD10CM, "Q79.69"): _EDS,
    (SNOMED, "22504001"): _anomaly("septate"),
    (SNOMED, "5364006"): _anomaly("septate"),
    (SNOMED, "31401003"): _anomaly("bicornuate"),
    (SNOMED, "9297001"): _anomaly("bicornuate"),
    (ICD10CM, "Q51.3"): _anomaly("bicornuate"),
    (SNOMED, "15545001"): _anomaly("didelphys"),
    (ICD10CM, "Q51.10"): _anomaly("didelphys"),
    (ICD10CM, "Q51.11"): _anomaly("didelphys"),
    (ICD10CM, "Q51.4"): _anomaly("unicornuate"),
    (SNOMED, "199972004"): _LACERATED,
    (ICD10CM, "O71.3"): _LACERATED,
    (ICD10CM, "N88.1"): _LACERATED,
    (ICD10CM, "E28.2"): {"risk.pcos": True},
    (ICD10CM, "Z91.B"): {"risk.des": True},
    (SNOMED, "65147003"): {"pregnancy.plurality": 2},
    (SNOMED, "1290152008"): {"pregnancy.plurality": 1},
}
"""What a Condition with a code says. A yes/no element with a SNOMED CT code of its own needs no line here."""

LASTING = frozenset({"risk.cervical_laceration", "risk.cone", "risk.des", "diagnosis.insufficiency"})
"""What a Condition still says when it is no longer active: these are told as history."""

_DILATED: Mapping[str, Any] = {"risk.dilation_procedures": True}

PROCEDURES: Mapping[Code, Mapping[str, Any]] = {
    (SNOMED, "54535009"): {"risk.cone": True},
    (SNOMED, "13091001"): _DILATED,
    (SNOMED, "11401008"): _DILATED,
    (SNOMED, "274973002"): _DILATED,
}
"""What a completed Procedure with a code says."""

CERCLAGES: Mapping[Code, str] = {
    (SNOMED, "265636007"): "",
    (SNOMED, "90442009"): "",
    (SNOMED, "46681009"): "",
    (SNOMED, "236946009"): "mcdonald",
    (SNOMED, "236947000"): "shirodkar",
    (OPCS4, "R12.1"): "",
}
"""Procedures that are a cerclage, with its technique where the code says one."""

REMOVALS: frozenset[Code] = frozenset({(SNOMED, "259863001"), (OPCS4, "R12.2")})

DRUGS: Mapping[Code, str] = {(RXNORM, "312641"): "progesterone", (RXNORM, "260243"): "progesterone"}
"""Products, beside the ingredients that the options of a medicine have as codes."""

VAGINAL: Code = (SNOMED, "16857009")

YES: frozenset[Code] = frozenset((SNOMED, code) for code in ("373066001", "52101004", "10828004", "260373001"))
NO: frozenset[Code] = frozenset((SNOMED, code) for code in ("373067005", "2667000", "260385009", "260415000"))
"""Answers that mean yes and no wherever they stand: yes, present, positive, detected, and their opposites."""

ANSWERS: Mapping[str, Mapping[Code, Any]] = {
    "pregnancy.current": {(SNOMED, "77386006"): True, (SNOMED, "60001007"): False},
}
"""Answers that mean something for one element only."""

WORDS: Mapping[tuple[str, str], bool] = {
    ("pregnancy.current", "pregnant"): True,
    ("pregnancy.current", "not pregnant"): False,
}
"""Answers by their whole words, for lists of answers whose codes are not in our terminology."""

IMPLIED: Mapping[str, str] = {
    "risk.mullerian_type": "risk.mullerian",
    "risk.connective_tissue_type": "risk.connective_tissue",
    "allergies.list": "allergies.any",
    "medications.list": "medications.any",
}
"""What has been answered yes where something of it is told."""
