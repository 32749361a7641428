"""Which control an element has, and the words around it: how to type it, what is allowed, its name in a page."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ci_notes import wording
from ci_notes.element import Element
from ci_notes.form.changes import NO, NONE, YES
from ci_notes.form.spots import is_list
from ci_notes.form.written import day_written
from ci_notes.template import Template

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


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says about an element whatever the note holds; `options` are (value, title) pairs."""

    title: str
    help: str
    hint: str
    unit: str
    allowed: str
    usual: str
    low: float | None
    high: float | None
    longest: int | None
    options: tuple[tuple[str, str], ...]


_WORDS: dict[tuple[int, str], tuple[Template, dict[str, Words]]] = {}


def words(template: Template, jurisdiction: str) -> dict[str, Words]:
    """Return the words about every element of a template, by path, as a jurisdiction spells them."""
    key = id(template), jurisdiction  # by identity: hashing a template would cost more than the words
    held = _WORDS.get(key)
    if held is None or held[0] is not template:
        if len(_WORDS) >= _MOST_KNOWN:
            _WORDS.clear()
        found = {path: _words(element, jurisdiction) for path, element in template.elements.items()}
        held = _WORDS[key] = template, found
    return held[1]


_MOST_KNOWN = 256
"""Templates, each in the spelling of one jurisdiction, whose words are kept."""


def _words(element: Element, jurisdiction: str) -> Words:
    inner = element.rows[0] if element.kind == "group" and is_list(element) else element
    low, high = inner.shape.get("minimum"), inner.shape.get("maximum")
    return Words(
        title=wording.spelled(element.title, jurisdiction),
        help=wording.spelled(element.help, jurisdiction),
        hint=hint(element, jurisdiction),
        unit=wording.UNITS.get(inner.unit or "", inner.unit or ""),
        allowed=span(low, high, inner.unit),
        usual=span(*(inner.usual or (None, None)), inner.unit),
        low=low,
        high=high,
        longest=inner.shape.get("maxLength"),
        options=tuple((value, wording.spelled(title, jurisdiction)) for value, title in _options(element)),
    )


def _options(element: Element) -> list[tuple[str, str]]:
    if element.kind == "boolean":
        return [(YES, "Yes"), (NO, "No")]
    options = [(one.value, one.title) for one in element.options]
    if element.kind == "choices" and not element.shape.get("minItems") and element.option("none") is None:
        options.append((NONE, "None of these"))
    return options


_EXAMPLE = date(2026, 11, 3)


def hint(element: Element, jurisdiction: str) -> str:
    """Return how an answer is typed, by an example."""
    day = _EXAMPLE
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


@lru_cache(maxsize=8192)
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
