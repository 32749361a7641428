"""What a check says: a finding, and the checks that every template has without writing them."""

from dataclasses import dataclass
from typing import Any

SEVERITIES = ("error", "warning", "info")
SHORTEST_RATIONALE = 10
"""Characters (guidelines R168)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a note.

    `outcome` is "found", "could not tell" (then `missing` names what would decide it) or "kept" (then `rationale`
    says why). `positions` are what guidelines say side by side where they differ, those of the note's jurisdiction
    first. `places` are paths in the note, rows by their id; `labels` name the same places for a person.
    """

    rule: str
    name: str
    severity: str
    category: str
    message: str
    places: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    source: str = "data quality"
    grade: str = "D"
    outcome: str = "found"
    missing: tuple[str, ...] = ()
    rationale: str = ""
    positions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A check that every template has without writing it."""

    id: str
    severity: str
    category: str
    statement: str
    why: str


BUILT_IN = {
    check.id: check
    for check in (
        BuiltIn(
            "shape",
            "error",
            "conformance",
            "The note has the shape of its template.",
            "A value of the wrong type, unit or option cannot be read by anyone, so it counts as unknown.",
        ),
        BuiltIn(
            "version",
            "warning",
            "conformance",
            "The note was written with the version of the template that it is read with.",
            "Another version may ask other questions; nothing of the note is changed, but it should be looked at.",
        ),
        BuiltIn(
            "not-read",
            "warning",
            "conformance",
            "All that the note holds is read.",
            "What an extension added that is not here stays in the note, but no rule, sentence or bundle knows of it.",
        ),
        BuiltIn(
            "unconfirmed",
            "warning",
            "conformance",
            "What was carried forward from elsewhere has been confirmed.",
            "A value that a bundle brought is somebody else's word, of another day, until a person has looked at it. "
            "In a signed note it is an error.",
        ),
        BuiltIn(
            "required",
            "warning",
            "completeness",
            "What the template requires is recorded, or why it is missing.",
            "A missing value never blocks a draft, but the next reader should know that it was overlooked.",
        ),
        BuiltIn(
            "usual-range",
            "warning",
            "plausibility",
            "Values outside the usual range are confirmed.",
            "A rare but real value is kept with a reason; a slip of the finger is found while it can be mended.",
        ),
        BuiltIn(
            "not-asked-for",
            "warning",
            "conformance",
            "Nothing is recorded where the question does not apply.",
            "A value left over from an earlier answer would contradict the note; it is discarded on purpose.",
        ),
        BuiltIn(
            "R168",
            "error",
            "conformance",
            "A finding is kept only with a written rationale.",
            "An override that gives no reason of at least ten characters cannot be audited.",
        ),
        BuiltIn(
            "R016",
            "error",
            "conformance",
            "What was not recorded is never worded as denied or normal.",
            "A reader takes «no bleeding» for a question that was asked and answered. What is rendered keeps to it by "
            "construction, and tests hold it; a narrative that somebody edited is held to it with --narrative.",
        ),
        BuiltIn(
            "R162",
            "warning",
            "conformance",
            "Text contradicts neither itself nor what was recorded.",
            "Of «painless» and «painful contractions» in one remark, or of «no funnelling» beside a recorded funnel, "
            "the reader cannot know which is meant.",
        ),
        BuiltIn(
            "R163",
            "warning",
            "conformance",
            "A remark is written anew where the cervical length or the gestational age has changed.",
            "Text copied forward from the earlier note tells of that day, not of this one.",
        ),
        BuiltIn(
            "R164",
            "error",
            "conformance",
            "Numbers in the narrative are those that were recorded.",
            "Narrative, FHIR and findings come from the same values; a number changed in the text alone splits them.",
        ),
    )
}

HANDLED = ("shape", "version", "unconfirmed", "required", "usual-range", "not-asked-for", "R168")
"""What filling a note in the terminal asks about by itself."""


def at_or_above(findings: list[Finding], severity: str) -> list[Finding]:
    """Return what was found (not kept, not undecided) at a severity or above; "never" gives nothing."""
    if severity not in SEVERITIES:
        return []
    return [
        one
        for one in findings
        if one.outcome == "found" and SEVERITIES.index(one.severity) <= SEVERITIES.index(severity)
    ]


def built_in(check_id: str, message: str, severity: str = "", **more: Any) -> Finding:
    """Return a finding of a check that every template has."""
    known = BUILT_IN[check_id]
    return Finding(check_id, check_id, severity or known.severity, known.category, message, **more)
