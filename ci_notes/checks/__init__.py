"""Findings of a note: shape first, then what is missing, unusual or left over, then the rules of its template.

A finding says what was found, where, how serious it is and on whose authority. What the recorded facts cannot decide
is a finding of its own, "could not tell", for errors and contraindications; a finding that somebody kept with a
written rationale stays in the list as kept.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from ci_notes import expression, kinds
from ci_notes.checks import form, keeping, ranges, rules, text
from ci_notes.checks.asking import Applicable, asked, is_asked, left_over, missing, required
from ci_notes.checks.finding import (
    BUILT_IN,
    HANDLED,
    SEVERITIES,
    SHORTEST_RATIONALE,
    BuiltIn,
    Finding,
    at_or_above,
    built_in,
)
from ci_notes.checks.ranges import usual_range
from ci_notes.derive import Note

__all__ = [
    "BUILT_IN",
    "HANDLED",
    "SEVERITIES",
    "SHORTEST_RATIONALE",
    "Applicable",
    "BuiltIn",
    "Finding",
    "asked",
    "at_or_above",
    "built_in",
    "check",
    "is_asked",
    "left_over",
    "missing",
    "prepared",
    "required",
    "usual_range",
]

_ORDER = {"found": 0, "could not tell": 1, "kept": 2}


def check(note: Note, today: str = "", page: str = "", more: Iterable[Finding] = ()) -> list[Finding]:
    """Return all findings of a note, most serious first; `today` (YYYY-MM-DD) is for dates in the future.

    `page` is the patient's page as it would be printed; rules that read it are undecided where there is none.
    `more` are findings that come from elsewhere, as from proofreading; they are sorted in, and kept like the others.
    """
    note = prepared(note, today, page)
    found = [
        *form.unreadable(note),
        *form.unconfirmed(note),
        *form.unanswered(note),
        *ranges.unusual(note),
        *form.not_asked_for(note),
        *rules.ruled(note),
        *text.contradicting(note),
        *text.copied(note),
        *more,
    ]
    found = keeping.once(keeping.kept(note, found))
    return sorted(found, key=lambda one: (_ORDER[one.outcome], SEVERITIES.index(one.severity)))


def prepared(note: Note, today: str = "", page: str = "") -> Note:
    """Return a note that its rules can be run on: it knows today, what was typed, and the page for the patient.

    The note that is given stays as it was.
    """
    values, spans = {**note.record.values}, note.record.spans
    if _reads(note.template.rules_source, expression.TEXTS):
        values["free_text"] = text.typed(note)
        if page:
            values["page"] = page
    if today:
        values["today"] = today
        spans = {**spans, "today": kinds.SPANS["date"](today)}
    record = replace(note.record, values=values, spans=spans)
    if not _reads(note.template.asked_source, ("today", *expression.TEXTS)):
        record.asked = note.record.asked
    return replace(note, record=record)


@lru_cache(maxsize=64)
def _reads(source: str, names: tuple[str, ...]) -> bool:
    return any(repr(name) in source for name in names)
