"""The earlier notes of a pregnancy, derived once: what is signed never changes, so that a process may remember it."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette

from ci_notes import derive
from ci_notes.derive import Note
from ci_notes.recent import Recent
from ci_notes.template import Template

_DERIVED: Recent[Note] = Recent(400)


def earlier_notes(app: Starlette, data: Mapping[str, Any]) -> tuple[Note, ...]:
    """Return the signed notes of a pregnancy before a note, each as its own template reads it, in time order.

    Those of a kind that is not installed here are left out.
    """
    templates: Mapping[str, Template] = app.state.templates
    found = app.state.record.earlier(data)
    return tuple(derived(templates[one["template"]], one) for one in found if one.get("template") in templates)


def derived(template: Template, data: Mapping[str, Any]) -> Note:
    """Return a signed note as its template reads it; it is remembered."""
    note_id, signed, status = (str(data.get(name, "")) for name in ("id", "signed_at", "status"))
    return _DERIVED.get(
        (id(template), note_id, signed, status),
        lambda: derive.note(template, data),
        lambda held: held.template is template and held.data == data,  # an amendment keeps signed_at
    )
