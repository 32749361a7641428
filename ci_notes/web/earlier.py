"""The earlier notes of a pregnancy, derived once: what is signed never changes, so that a process may remember it."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from starlette.applications import Starlette

from ci_notes import derive
from ci_notes.derive import Note
from ci_notes.template import Template

_MOST = 400
_remembered: OrderedDict[tuple[int, str, str, str], Note] = OrderedDict()
_lock = Lock()


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
    key = (id(template), note_id, signed, status)
    with _lock:
        held = _remembered.get(key)
        if held is not None and held.template is template and held.data == data:  # an amendment keeps signed_at
            _remembered.move_to_end(key)
            return held
    note = derive.note(template, data)
    with _lock:
        _remembered[key] = note
        while len(_remembered) > _MOST:
            _remembered.popitem(last=False)
    return note
