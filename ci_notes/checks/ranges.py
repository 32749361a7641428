"""Findings about values outside their usual range, which its element declares."""

from collections.abc import Iterator
from typing import Any

from ci_notes import wording
from ci_notes.checks.asking import recorded
from ci_notes.checks.finding import Finding, built_in
from ci_notes.derive import Note
from ci_notes.element import Element
from ci_notes.places import label, located


def unusual(note: Note) -> Iterator[Finding]:
    """Yield values outside the usual range of their element."""
    for element, row, value in recorded(note.record, note.template.bounded):
        said = usual_range(element, value)
        if said:
            act = "check the measurements it comes from" if element.computed else "confirm it or correct it"
            text = f"{label(note.template, element.path, row)}: {said}; {act}"
            yield built_in("usual-range", text, **located(note, [element.path], row))


def usual_range(element: Element, value: Any) -> str:
    """Return how a value lies outside the usual range of its element, or an empty text."""
    if element.usual is None or not isinstance(value, int | float):
        return ""
    low, high = element.usual
    if (low is None or value >= low) and (high is None or value <= high):
        return ""
    usual = (
        f"at most {wording.say_quantity(high, element.unit)}"
        if low is None and high is not None
        else f"at least {wording.say_quantity(low, element.unit)}"
        if high is None and low is not None
        else wording.say_quantity(low or 0, element.unit)
        if low == high
        else f"{wording.say_number(low or 0)} to {wording.say_quantity(high or 0, element.unit)}"
    )
    return f"{wording.say(element, value)} is unusual (usually {usual})"
