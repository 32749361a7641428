"""What applies to a note after its other answers: what is asked, what is required, what is left over."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ci_notes import expression
from ci_notes.derive import Note, Record
from ci_notes.element import Element

Applicable = Mapping[tuple[str, str], bool | None]
"""By path and row, whether an element with a condition is asked; absent from it where it is not."""

conditions_of = lru_cache(maxsize=128)(expression.compile_conditions)
"""The function of a template's conditions, made once."""


def asked(note: Note) -> Applicable:
    """Return, for each element with a condition, whether it is asked; absent from the result where it is not."""
    if note.record.asked is None:
        paths = note.template.asked_paths
        found = conditions_of(note.template.asked_source)(note.record, [])
        note.record.asked = {(paths[index], row.row if row else ""): answer for index, row, answer in found}
    return note.record.asked


def is_asked(note: Note, element: Element, row: Record | None = None) -> bool | None:
    """Return whether an element applies: True, False, or None where it cannot be told yet."""
    if not element.asked:
        return True
    return asked(note).get((element.path, row.row if row else ""), False)


def required(note: Note) -> Iterator[tuple[str, Record | None]]:
    """Yield (element path, row) for everything that is required as things stand, answered or not."""
    applicable = asked(note)
    return ((path, row) for path, row in _wanted(note) if _applies(note, applicable, path, row))


def missing(note: Note) -> Iterator[tuple[str, Record | None]]:
    """Yield (element path, row) for everything that is required as things stand and that nobody has answered."""
    record = note.record
    # Most is answered, and that is sooner seen than whether it applies.
    unheld = [(path, row) for path, row in _wanted(note) if path not in (row or record).values]
    unanswered = [(path, row) for path, row in unheld if (row or record).state(path) == "untouched"]
    applicable = asked(note) if unanswered else {}
    return ((path, row) for path, row in unanswered if _applies(note, applicable, path, row))


def _wanted(note: Note) -> list[tuple[str, Record | None]]:
    paths = note.template.required_paths
    found = conditions_of(note.template.required_source)(note.record, [])
    return [(paths[index], row) for index, row, _ in found]


def _applies(note: Note, applicable: Applicable, path: str, row: Record | None) -> bool:
    """Return whether an element surely applies, and the group that it stands in."""
    element = note.template.elements[path]
    group = note.template.elements.get(element.group)
    return _is_sure(applicable, element, row) and (group is None or _is_sure(applicable, group, None))


def _is_sure(applicable: Applicable, element: Element, row: Record | None) -> bool:
    return not element.asked or applicable.get((element.path, row.row if row else "")) is True


def recorded(record: Record, elements: Iterable[Element]) -> Iterator[tuple[Element, Record | None, Any]]:
    """Yield (element, row, value) for those of some elements that are recorded; of a group, all of its rows."""
    values, rows = record.values, record.rows
    for element in elements:
        if element.group:
            for row in rows.get(element.group, ()):
                if element.path in row.values:
                    yield element, row, row.values[element.path]
        elif element.path in values:
            yield element, None, values[element.path]
        elif rows.get(element.path):
            yield element, None, rows[element.path]


def left_over(note: Note) -> Iterator[tuple[Element, Record | None, Any]]:
    """Yield (element, row, value) for what is recorded although it surely does not apply after the other answers."""
    applicable = asked(note)
    conditional, record = note.template.conditional, note.record
    held = [path for path in (*record.values, *record.rows) if (path, "") not in applicable and path in conditional]
    held += {
        path
        for rows in record.rows.values()
        for row in rows
        for path in row.values
        if path in conditional and (path, row.row) not in applicable
    }
    # Seldom is anything left over; only then is it put in the order of the template.
    elements = [element for path, element in conditional.items() if path in held] if held else []
    for element, row, value in recorded(record, elements):
        if (element.path, row.row if row else "") not in applicable:
            yield element, row, value
