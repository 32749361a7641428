"""What compiled conditions may call: spans in, spans out; what is not known exactly makes a product unknown."""

from collections.abc import Callable
from datetime import datetime
from operator import itemgetter
from typing import Any

from ci_notes import parity
from ci_notes.dating import Span
from ci_notes.expression.phrases import says
from ci_notes.kinds import UNKNOWN


def _first_known(*spans: Span) -> Span:
    for span in spans:
        if span != UNKNOWN and span[0] == span[0]:
            return span
    return UNKNOWN


def _lower(true: bool, false: bool, yes: float, no: float) -> float:
    return yes if true else no if false else min(yes, no)


def _higher(true: bool, false: bool, yes: float, no: float) -> float:
    return yes if true else no if false else max(yes, no)


def _formula(text: str | None, part: str) -> Span:
    if text is None:
        return UNKNOWN
    found = parity.read(text)
    value = int(found is not None) if part == "readable" else getattr(found, part, None)
    return UNKNOWN if value is None else (value, value)


SECONDS = {"min": 60, "h": 3600}
"""How long the units of elapsed time are."""


def _elapsed(later: str | None, earlier: str | None, unit: str) -> Span:
    if later is None or earlier is None:
        return UNKNOWN
    passed = (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / SECONDS[unit]
    return passed, passed


def _count_rows(rows: list[Any] | None, test: Callable[[Any], tuple[bool, bool]] | None = None) -> Span:
    if rows is None:
        return 0, UNKNOWN[1]
    if test is None:
        return len(rows), len(rows)
    surely = possibly = 0
    for row in rows:
        true, false = test(row)
        surely += true
        possibly += not false
    return surely, possibly


def _recorded(rows: list[Any] | None, pick: Callable[[Any], Span]) -> list[Span]:
    return [span for span in map(pick, rows or ()) if span != UNKNOWN]


def _min_rows(rows: list[Any] | None, pick: Callable[[Any], Span]) -> Span:
    spans = _recorded(rows, pick)
    return (min([lo for lo, _ in spans]), min([hi for _, hi in spans])) if spans else UNKNOWN


def _max_rows(rows: list[Any] | None, pick: Callable[[Any], Span]) -> Span:
    spans = _recorded(rows, pick)
    return (max([lo for lo, _ in spans]), max([hi for _, hi in spans])) if spans else UNKNOWN


def _sum_rows(rows: list[Any] | None, pick: Callable[[Any], Span]) -> Span:
    spans = _recorded(rows, pick)
    return (sum([lo for lo, _ in spans]), sum([hi for _, hi in spans])) if spans else UNKNOWN


def _exact_only(compute: Callable[[float, float], float]) -> Callable[[float, float, float, float], Span]:
    def wrapped(a: float, b: float, c: float, d: float) -> Span:
        if a != b or c != d:
            return UNKNOWN
        try:
            result = compute(a, c)
        except (ZeroDivisionError, OverflowError, ValueError):
            return UNKNOWN
        return result, result

    return wrapped


def _absolute(a: float, b: float, _c: float, _d: float) -> Span:
    if a <= 0 <= b:
        return 0, max(-a, b)
    return (a, b) if a > 0 else (-b, -a)


CALLABLE: dict[str, Any] = {
    "__builtins__": {},
    "UNKNOWN": UNKNOWN,
    "first": itemgetter(0),
    "first_known": _first_known,
    "lower": _lower,
    "higher": _higher,
    "formula": _formula,
    "elapsed": _elapsed,
    "says": says,
    "count_rows": _count_rows,
    "min_rows": _min_rows,
    "max_rows": _max_rows,
    "sum_rows": _sum_rows,
    "times": _exact_only(lambda a, c: a * c),
    "divided": _exact_only(lambda a, c: a / c),
    "rounded": _exact_only(lambda a, _: int(a + 0.5) if a >= 0 else -int(-a + 0.5)),
    "absolute": _absolute,
}
