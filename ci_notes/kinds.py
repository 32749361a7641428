"""The closed set of element kinds: for each, its JSON shape, its place on a number line, and how it is written.

Every output (terminal, narrative, FHIR) has one table keyed by these kinds; a test holds each table to the full set.
Typed text and stored value stand side by side here, so that what is printed can be typed again.
"""

import math
import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from ci_notes import dating
from ci_notes.dating import Span

UNKNOWN: Span = (-math.inf, math.inf)
"""The span of a value nobody recorded: anything is possible."""

SHAPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "quantity": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "moment"},
    "gestational-age": {"type": "string", "format": "gestational-age"},
    "choice": {"type": "string"},
    "choices": {"type": "array", "uniqueItems": True},
    "group": {"type": "array"},
}
"""The JSON Schema every value of a kind satisfies before its element adds range, options or pattern."""

KINDS = tuple(SHAPES)

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)", re.ASCII)


def is_date(text: str) -> bool:
    """Return whether a text is a real calendar day written YYYY-MM-DD."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_moment(text: str) -> bool:
    """Return whether a text is a date and time with its offset, as 2026-11-03T14:20:00+01:00."""
    if not _MOMENT.fullmatch(text) or not is_date(text[:10]):
        return False
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    return hour < 24 and minute < 60 and second < 60


def is_gestation(text: str) -> bool:
    """Return whether a text is a gestational age in its one written form (23w, not 23w0d-23w6d)."""
    span = dating.read_gestation(text)
    return span is not None and dating.write_gestation(span) == text


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": is_date,
    "moment": is_moment,
    "gestational-age": is_gestation,
}


@lru_cache(maxsize=2048)
def _day(text: str) -> Span:
    # The date as written at the place of care: the offset never moves it to another day.
    ordinal = date.fromisoformat(text[:10]).toordinal()
    return ordinal, ordinal


@lru_cache(maxsize=2048)
def _gestation(text: str) -> Span:
    return dating.read_gestation(text) or UNKNOWN


SPANS: dict[str, Callable[[Any], Span]] = {
    "integer": lambda value: (value, value),
    "quantity": lambda value: (value, value),
    "date": _day,
    "datetime": _day,
    "gestational-age": _gestation,
}
"""Kinds with an order, and how a stored value becomes a span on the number line (numbers; days; day ordinals)."""

UNSPAN: dict[str, Callable[[Span], Any]] = {
    "integer": lambda span: int(span[0]),
    "quantity": lambda span: span[0],
    "date": lambda span: date.fromordinal(int(span[0])).isoformat(),
    "gestational-age": dating.write_gestation,
}
"""The way back, for values that are computed."""


def dimension(kind: str, unit: str | None) -> str:
    """Return what may be compared with what: "date", "days", or a unit ("" for a bare number)."""
    if kind in ("date", "datetime"):
        return "date"
    if kind == "gestational-age":
        return "days"
    return unit or ""
