"""How a recorded value stands in its control: the way people write it, so that it can be typed again."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ci_notes import dating, wording
from ci_notes.element import Element
from ci_notes.form.changes import NO, NONE, YES


def written(element: Element, value: Any, jurisdiction: str, moment: str = "") -> str:
    """Return a value as it stands in its control; what has another type than its element has is shown as it is.

    `moment` is the date and time of the note: a moment with the same offset is written without it.
    """
    if isinstance(value, Mapping) and "absent" in value:
        return ""
    try:
        return _WRITTEN[element.kind](element, value, jurisdiction, moment)
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError):
        return str(value)


def chosen(element: Element, value: Any) -> tuple[str, ...]:
    """Return the options that a value chooses, as a change names them."""
    if element.kind == "boolean" and isinstance(value, bool):
        return (YES if value else NO,)
    if element.kind == "choice" and isinstance(value, str):
        return (value,)
    if element.kind == "choices" and isinstance(value, list):
        return tuple(one for one in value if isinstance(one, str)) if value else (NONE,)
    return ()


def day_written(day: date, jurisdiction: str) -> str:
    """Return a day with its month in letters, so that nobody takes one for the other: 3 Nov 2026, Nov 3, 2026."""
    month = _MONTHS[day.month - 1]
    return f"{month} {day.day}, {day.year:04}" if jurisdiction == "US" else f"{day.day} {month} {day.year:04}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _number(_element: Element, value: Any, _jurisdiction: str, _moment: str) -> str:
    if isinstance(value, bool):
        raise TypeError
    return str(value) if isinstance(value, int) else f"{value:.12f}".rstrip("0").rstrip(".")


def _day(_element: Element, value: Any, jurisdiction: str, _moment: str) -> str:
    return day_written(date.fromisoformat(value), jurisdiction)


def _time(_element: Element, value: Any, jurisdiction: str, moment: str) -> str:
    day, clock, offset = value[:10], value[11:16], value[16:]
    seconds, offset = (offset[:3], offset[3:]) if offset[:1] == ":" else ("", offset)
    while offset[:1] == "." or offset[:1].isdecimal():
        seconds, offset = seconds + offset[0], offset[1:]
    second = "" if seconds == ":00" else seconds
    own = "" if offset == _offset(moment) else f" {offset}"
    return f"{day_written(date.fromisoformat(day), jurisdiction)} {clock}{second}{own}"


def _offset(moment: str) -> str:
    return "Z" if moment.endswith("Z") or len(moment) < 20 else moment[-6:]


def _gestation(_element: Element, value: Any, _jurisdiction: str, _moment: str) -> str:
    span = dating.read_gestation(value)
    if span is None:
        return str(value)
    return dating.say_gestation(span).removesuffix("s").removesuffix(" week").replace(" to ", "-")


def _list(element: Element, value: Any, jurisdiction: str, moment: str) -> str:
    inner = element.rows[0]
    held = [row[inner.name] for row in value if inner.name in row]
    return ", ".join(written(inner, one, jurisdiction, moment) for one in held) or ("" if value else "none")


def _said(element: Element, value: Any, jurisdiction: str, _moment: str) -> str:
    if element.kind == "boolean" and not isinstance(value, bool):
        raise TypeError
    titles = [one.title if (one := element.option(name)) else str(name) for name in _listed(element, value)]
    if element.kind == "boolean":
        return YES if value else NO
    return wording.spelled(", ".join(titles), jurisdiction) or "none"


def _listed(element: Element, value: Any) -> list[Any]:
    return [*value] if element.kind == "choices" else [value]


_WRITTEN: dict[str, Callable[[Element, Any, str, str], str]] = {
    "text": lambda _element, value, _j, _m: str(value),
    "boolean": _said,
    "integer": _number,
    "quantity": _number,
    "date": _day,
    "datetime": _time,
    "gestational-age": _gestation,
    "choice": _said,
    "choices": _said,
    "group": lambda element, value, j, m: _list(element, value, j, m) if len(element.rows) == 1 else str(len(value)),
}
"""How the value of each kind is written."""
