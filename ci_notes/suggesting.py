"""What a template suggests for an element that nobody has answered: one certain value, or none."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from ci_notes import expression, kinds
from ci_notes.dating import Span
from ci_notes.derive import LATEST, Note, Record
from ci_notes.element import Element
from ci_notes.template import Suggestion


def suggested(note: Note, element: Element, row: Record | None = None) -> Any:
    """Return what is suggested for an element, of a group how many rows, or None where nothing decides it."""
    found = next((one for one in note.template.suggested if one.path == element.path), None)
    if found is None:
        return None
    return _option(found, note, row) if found.options else _exact(element, _computation(found.source)(note.record))


@lru_cache(maxsize=256)
def _computation(source: str) -> Callable[[Any], Span]:
    return expression.compile_value(source)


@lru_cache(maxsize=256)
def _conditions(source: str) -> Callable[[Any, list[Any]], list[tuple[int, Any, bool | None]]]:
    return expression.compile_conditions(source)


def _option(found: Suggestion, note: Note, row: Record | None) -> str | None:
    """Return the first option whose condition holds; none once a condition before it cannot be decided."""
    answers = {
        index: answer for index, at, answer in _conditions(found.source)(note.record, []) if at is None or at is row
    }
    first = min(answers, default=None)
    return found.options[first] if first is not None and answers[first] else None


def _exact(element: Element, span: Span) -> Any:
    low, high = span
    whole = element.kind in ("integer", "group")
    if low != high or not abs(low) < 1e9 or (whole and low != int(low)):
        return None
    if element.kind == "group":
        return int(low) if low > 0 else None
    days = {"date": (1, date.max.toordinal()), "gestational-age": (0, LATEST)}
    first, last = days.get(element.kind, (low, low))
    if not first <= low <= last:
        return None
    value = kinds.UNSPAN[element.kind]((round(low, 6), round(low, 6)))
    return value if _possible(element, value) else None


def _possible(element: Element, value: Any) -> bool:
    """Return whether a suggestion could be recorded: what the template calls impossible is no suggestion."""
    low, high = element.shape.get("minimum"), element.shape.get("maximum")
    return (low is None or value >= low) and (high is None or value <= high)
