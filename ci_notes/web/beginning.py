"""What a new note says before anybody has typed it: who writes it, and whose numbers its patients have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from ci_notes.form import Change
from ci_notes.template import Template
from ci_notes.web.access import viewer

_LOOKED_AT = 20
_SAME = ("role", "facility", "facility_identifier", "facility_identifier_system", "identifier", "identifier_system")
"""What somebody's notes say of their author again and again."""


def author(request: Request, template: Template) -> dict[str, Any]:
    """Return the author of a new note: whoever begins it, as their own last note says, and never as another's does."""
    name = viewer(request).name
    last = next((one for one in _own(request) if one.get("name", name) == name), {})
    held = {"name": name, **{key: last[key] for key in _SAME if isinstance(last.get(key), str)}}
    known = {key: value for key, value in held.items() if f"author.{key}" in template.elements}
    return {"author": known} if known else {}


def _own(request: Request) -> Iterator[Mapping[str, Any]]:
    """Yield the authors in what the asking person wrote, the last first; others may have put in another."""
    record, own = request.app.state.record, viewer(request).id
    drafts = [(one.updated_at, one.data) for one in record.drafts.listing(by=own)]
    signed = [(one.at, one.data) for one in record.ledger.signed_by(own, _LOOKED_AT)]
    for _, data in sorted([*drafts, *signed], key=lambda one: one[0], reverse=True):
        held = data.get("author")
        if isinstance(held, Mapping):
            yield held


# --- whose number it is --------------------------------------------------------------------------------------------

NUMBER, SYSTEM = "patient.identifier", "patient.identifier_system"


def with_system(
    request: Request, template: Template, data: Mapping[str, Any], changes: Sequence[Change]
) -> tuple[Change, ...]:
    """Return changes in which a patient's number that is typed has its system too, unless somebody says it.

    Nobody at a bedside knows that URI; without it the visits of one patient would not be found together.
    """
    changes = [_typed(one) for one in changes]
    held = data.get("patient")
    said = isinstance(held, Mapping) and "identifier_system" in held
    typed = [one for one in changes if one.place == NUMBER and one.act == "put" and one.text.strip()]
    if not typed or said or SYSTEM not in template.elements or any(one.place == SYSTEM for one in changes):
        return tuple(changes)
    return (*changes, Change("put", SYSTEM, _system(request), seen=typed[-1].seen))


def _typed(change: Change) -> Change:
    """Return a system that was chosen by its name as text: to a template it is that, whatever it is called here."""
    if change.act != "choose" or change.place != SYSTEM or not change.values:
        return change
    return replace(change, act="put", text=change.values[0], values=())


def names(request: Request) -> dict[str, dict[str, str]]:
    """Return what the systems of patients' numbers are called here, the first being that of new patients."""
    known: dict[str, str] = request.app.state.settings.identifier_systems
    own: str = request.app.state.record.system
    return {SYSTEM: {uri: name for name, uri in known.items()} or {own: "This record's own"}}


def _system(request: Request) -> str:
    return next(iter(names(request)[SYSTEM]))
