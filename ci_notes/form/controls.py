"""Which control an element has, and the words around it: how to type it, what is allowed, its name in a page."""

import re
from datetime import date

from ci_notes import wording
from ci_notes.element import Element
from ci_notes.form.written import day_written

MOST_BUTTONS = 7
"""Options that are shown as buttons; more are searched for."""
LONG = 300
"""Characters: a text that may be longer than this has a field of several lines."""


def control(element: Element, text: str, line: bool) -> str:
    """Return the kind of control of an element; `line` says that a group stands on one line, `text` what it holds."""
    if element.kind == "group":
        return "numbers" if line else "group"
    if element.kind == "text":
        return "long-text" if element.shape.get("maxLength", 0) > LONG or _has_lines(text) else "text"
    if element.kind in ("choice", "choices"):
        few = len(element.options) <= MOST_BUTTONS
        return {"choice": ("search", "buttons"), "choices": ("search-many", "checks")}[element.kind][few]
    return _CONTROLS[element.kind]


_CONTROLS = {
    "boolean": "yes-no",
    "integer": "number",
    "quantity": "number",
    "date": "date",
    "datetime": "moment",
    "gestational-age": "gestation",
}


def _has_lines(text: str) -> bool:
    return "\n" in text or "\r" in text


def hint(element: Element, jurisdiction: str, day: date) -> str:
    """Return how an answer is typed, by an example; `day` is that of the note."""
    if element.kind == "date":
        return f"such as {day_written(day, jurisdiction)}, {_short(day, jurisdiction)}, yesterday"
    if element.kind == "datetime":
        return f"such as {day_written(day, jurisdiction)} 14:20, or 14:20"
    if element.kind == "gestational-age":
        return "such as 22+3, or 22 where the days are not known"
    if element.kind == "group":
        return "such as 22, 24.5; none if there are none"
    return "or both as 120/80" if element.pair else ""


def _short(day: date, jurisdiction: str) -> str:
    first, second = (day.month, day.day) if jurisdiction == "US" else (day.day, day.month)
    return f"{first}/{second}/{day.year}"


def span(low: float | None, high: float | None, unit: str | None) -> str:
    """Return a range in words: 0 to 80 mm, at least 10 mm; empty without limits."""
    if low is None and high is None:
        return ""
    if low is None or high is None:
        known = high if low is None else low
        return f"at {'most' if low is None else 'least'} {wording.say_quantity(known or 0, unit)}"
    return f"{wording.say_number(low)} to {wording.say_quantity(high, unit)}"


def control_id(place: str) -> str:
    """Return the name of a control in a page, as HTML and a style sheet can name it; different for each place.

    >>> control_id("history.prior[p1].ga_end")
    'f-history-prior--p1--ga_end'
    """
    whole, _, rest = place.partition("[")
    row, _, name = rest.partition("]")
    kept = re.sub(r"[^A-Za-z0-9]", lambda one: f"_{ord(one[0]):x}_", row)
    parts = [whole.replace(".", "-"), *([kept] if rest else []), *([name.removeprefix(".")] if name else [])]
    return f"f-{'--'.join(parts)}"
