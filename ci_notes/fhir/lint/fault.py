"""What the lint says: a fault with its code, how bad it is, where it stands and what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)
"""From the worst on: what a server refuses or reads wrongly, what hurts an import, what one may want to know."""

CODES: dict[str, str] = {
    "not-a-bundle": "What was given is no Bundle of FHIR R4",
    "too-deep": "Parts stand in one another deeper than any resource needs",
    "resource-type": "A resource is of no type that R4 has",
    "fhir-version": "A resource is of another version of FHIR",
    "unknown-element": "R4 has no such element there",
    "missing-element": "What R4 asks for is not there",
    "json-type": "A value has the wrong JSON type",
    "value-format": "A value is not written as its type asks",
    "value-set": "A code is not among those that R4 allows there",
    "empty": "A text, list or object has nothing in it",
    "two-values": "More than one value stands where one may",
    "constraint": "Two statements of a resource exclude each other",
    "says-nothing": "An Observation has neither a value nor a reason why",
    "value-type": "A value is not of its element's type",
    "out-of-range": "A number is not possible for its element",
    "unit-unknown": "A unit is not UCUM's",
    "unit-text": "A unit says one thing to people and another to machines",
    "unit-dimension": "A unit measures something else than its element",
    "unit-missing": "A number has no unit that a program reads",
    "unit-system": "A unit's code does not say that it is UCUM's",
    "code-form": "A code cannot be one of its system",
    "code-system": "A code's system is missing or misspelled",
    "code-unknown": "A system has no such code",
    "code-display": "The words beside a code are those of another",
    "code-against-code": "Two codes of one concept stand for different elements",
    "element-twice": "One concept stands for two elements",
    "answer-of-another": "An element has the answer of another",
    "date-order": "A date cannot be, beside the others",
    "reference-unresolved": "A reference leads nowhere",
    "reference-type": "A reference leads to a resource of the wrong type",
    "reference-loop": "Resources derive from, or are part of, each other in a circle",
    "contained": "A contained resource is nested or never named",
    "subject-missing": "A resource is of nobody",
    "other-patient": "The bundle is of more than one patient",
    "section-patient": "A Composition does not name the patient whom it is about",
    "profile-unknown": "A profile is not known",
    "profile-type": "A profile is of another type of resource",
    "questionnaire-unknown": "A questionnaire is not known",
    "duplicate-full-url": "Two entries have one fullUrl",
    "duplicate-id": "Two resources have one id",
    "duplicate-identifier": "Two resources have one identifier of ours",
    "full-url": "A fullUrl does not go with its resource",
    "entry": "An entry holds nothing",
    "composition": "A document does not begin with its one Composition",
    "document": "A document lacks its identifier or time",
    "not-in-section": "A resource stands in no section of the document",
    "request": "Requests do not go with the type of the bundle",
    "request-url": "A request's address does not go with its resource",
    "request-method": "A request's method would do harm",
    "if-none-exist": "A conditional create does not look for the resource's own identifier",
    "status": "A note was entered in error and its results stand",
    "xhtml": "A narrative is not the XHTML that FHIR asks for",
    "xhtml-unsafe": "A narrative carries what could run or fetch something",
}
"""The kinds of fault, each with its name; a code never changes its meaning, so that scripts can rely on it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a bundle.

    `code` is one of CODES, `severity` one of SEVERITIES. `where` is a path as FHIRPath writes it, `resource` the type
    and id of the resource there, and `message` says what is wrong and what would be right.
    """

    code: str
    severity: str
    where: str
    message: str
    resource: str = ""

    def __str__(self) -> str:
        of = f" ({self.resource})" if self.resource else ""
        return f"{self.severity}: {self.where}{of}: {self.message} [{self.code}]"


def at_or_above(faults: Iterable[Fault], severity: str) -> list[Fault]:
    """Return the faults at least as bad as a severity; none for `never`."""
    if severity not in SEVERITIES:
        return []
    return [fault for fault in faults if SEVERITIES.index(fault.severity) <= SEVERITIES.index(severity)]


def shown(value: object, most: int = 60) -> str:
    """Return a value as a message quotes it: on one line, and cut where it is long, however large it is."""
    if isinstance(value, int) and not -(10**most) < value < 10**most:
        return "a number of more digits than anybody reads"
    plain = isinstance(value, str | int | float) or value is None
    text = " ".join((str(value) if plain else "a list" if isinstance(value, list) else "an object")[: 4 * most].split())
    return text if len(text) <= most else text[: most - 1] + "…"
