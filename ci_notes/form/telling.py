"""What stands beside a form: computed values, findings, and the narrative with the fields of each sentence."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from ci_notes import checks, wording
from ci_notes.checks import BUILT_IN, Finding
from ci_notes.derive import Note
from ci_notes.errors import TemplateError
from ci_notes.form.building import computed
from ci_notes.form.sheet import Beside, Found, Told, Traced
from ci_notes.form.spots import spot
from ci_notes.form.state import State
from ci_notes.narrative import heading, render
from ci_notes.places import place
from ci_notes.template import Template

SHOWN_BY_FIELDS = ("shape", "unconfirmed", "required", "usual-range", "not-asked-for")
"""Findings that say once more what a field, or the list of what no longer applies, says itself."""


def beside(template: Template, state: State, *, note: Note, today: date) -> Beside:
    """Return what stands beside the form of a draft; `note` is the draft as `read` derives it beside earlier notes."""
    values = tuple(one for section in template.sections for one in computed(note, section))
    found = tuple(map(_Findings(template, state, note).shown, checks.check(note, today.isoformat())))
    try:
        return Beside(values, found, tuple(_narrative(template, note)))
    except TemplateError as error:
        return Beside(values, found, (), str(error))


class _Findings:
    """Findings of a draft as they are shown."""

    def __init__(self, template: Template, state: State, note: Note) -> None:
        self.template, self.state, self.note = template, state, note
        self.why = {one.id: one.statement for one in template.rules} | {one.id: one.why for one in BUILT_IN.values()}
        self.kept = {(row.get("rule"), row.get("at", "")) for row in _rows(state.data.get("kept"))}

    def shown(self, one: Finding) -> Found:
        at = next((at for at in one.places if (one.rule, at) in self.kept), one.places[0] if one.places else "")
        at = "" if one.outcome == "kept" and (one.rule, "") in self.kept else at
        return Found(
            id=_id(one),
            rule=one.rule,
            name=one.name,
            severity=one.severity,
            category=one.category,
            message=wording.spelled(one.message, self.note.jurisdiction),
            why=wording.spelled(self.why.get(one.rule, ""), self.note.jurisdiction),
            places=tuple(dict.fromkeys(self.controls(one.places))),
            labels=one.labels,
            source=one.source,
            grade=one.grade,
            positions=one.positions,
            outcome=one.outcome,
            rationale=one.rationale,
            missing=one.missing,
            at=at,
            can_keep=one.rule not in ("shape", "R168"),
            shown=one.rule in SHOWN_BY_FIELDS and not self.is_computed(one),
        )

    def is_computed(self, one: Finding) -> bool:
        """Return whether a finding is about a computed value, which has no field that could tell it."""
        found = [spot(self.template, at) for at in one.places]
        return any(one is not None and one.element.computed for one in found)

    def controls(self, places: Iterable[str]) -> Iterator[str]:
        """Yield the places of fields for places of a note: what is computed has those it comes from."""
        for at in places:
            found = spot(self.template, at)
            if found is not None and found.element.computed:
                yield from map(place, self.template.origins(found.element.path))
            elif found is not None:
                yield at


def _rows(held: object) -> list[dict[str, object]]:
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []


def _id(one: Finding) -> str:
    """Return a name for a finding that stays the same while it is found at the same places."""
    told = "\n".join((one.rule, *one.places))
    return f"{one.rule}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _narrative(template: Template, note: Note) -> Iterator[Told]:
    number = 0
    for section, sentences in groupby(render(note, trace=True), key=lambda one: one.section):
        told = []
        for one in sentences:
            number += 1
            told.append(Traced(f"t{number}", one.text, one.says, one.because, one.opens))
        yield Told(section, heading(template, section, note.jurisdiction), tuple(told))
