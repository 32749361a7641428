"""How a note is named on a page: its kind, whose it is, when, how far the pregnancy was."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from starlette.requests import Request

from ci_notes import kinds, wording
from ci_notes.checks import Finding
from ci_notes.derive import Note
from ci_notes.template import Template

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(written: Any) -> str:
    """Return the day of a date or moment, as it was written at its place: 3 Nov 2026."""
    try:
        found = date.fromisoformat(str(written)[:10])
    except ValueError:
        return "no date"
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def moment(kept: str) -> str:
    """Return a moment of the record at the place of care: 3 Nov 2026, 14:20."""
    here = datetime.fromisoformat(kept).astimezone()
    return f"{day(here.date().isoformat())}, {here:%H:%M}"


def ago(kept: str, now: str) -> str:
    """Return how long ago something was, in the largest unit that says enough: 5 minutes, 3 hours, 12 days."""
    seconds = (datetime.fromisoformat(now) - datetime.fromisoformat(kept)).total_seconds()
    minutes = max(0, int(seconds // 60))
    for number, unit in ((minutes // 1440, "day"), (minutes // 60, "hour"), (minutes, "minute")):
        if number:
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"


def kind_of_note(template: Template | None, data: Mapping[str, Any]) -> str:
    """Return what kind of note it is, by its template's title, or by its id where the template is not here."""
    return template.title if template else str(data.get("template", "note"))


def identity(data: Mapping[str, Any]) -> list[str]:
    """Return who the patient of a note is: name or pseudonym, date of birth, number."""
    held = data.get("patient")
    patient = held if isinstance(held, Mapping) else {}
    name = _text(patient.get("name")) or _text(patient.get("pseudonym")) or "Patient without a name"
    born = _text(patient.get("birth_date"))
    number = _text(patient.get("identifier"))
    return [name, *([f"born {day(born)}"] if kinds.is_date(born) else []), *([f"number {number}"] if number else [])]


def page_of_patient(request: Request, patient: str | None) -> str:
    """Return the address of a patient's page; empty where a note is of nobody in particular."""
    return request.url_for("patient", patient=patient).path if patient else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def gestation(note: Note) -> str:
    """Return the gestational age on the day of a note, as computed or else as stated; empty where unknown."""
    for path in ("pregnancy.ga", "pregnancy.ga_stated"):
        element, value = note.template.elements.get(path), note.record.values.get(path)
        if element is not None and value is not None:
            return wording.say(element, value, note.jurisdiction)
    return ""


OPEN = "Required and not recorded"
"""The heading under which findings are listed by field, not one by one."""

_SEVERITIES = {"error": "Errors", "warning": "Warnings", "info": "Remarks"}
_UNDECIDED, _KEPT = "Could not be told", "Kept with a rationale"


def sorted_findings(found: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """Return findings under the headings a reader goes by: errors first, what was kept last."""
    headings = (_SEVERITIES["error"], _SEVERITIES["warning"], _UNDECIDED, OPEN, _SEVERITIES["info"], _KEPT)
    headed: dict[str, list[Finding]] = {name: [] for name in headings}
    for one in found:
        headed[_heading(one)].append(one)
    return [(name, members) for name, members in headed.items() if members]


def _heading(one: Finding) -> str:
    if one.outcome == "kept":
        return _KEPT
    if one.outcome == "could not tell":
        return _UNDECIDED
    return OPEN if one.rule == "required" else _SEVERITIES[one.severity]


def kept_findings(kept: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Return findings that were kept as data."""
    known = {one.name for one in fields(Finding)}
    return [Finding(**{name: value for name, value in one.items() if name in known}) for one in kept]
