"""What a draft holds although it does not apply after the other answers: values, reasons, and typed text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ci_notes.derive import Record
from ci_notes.element import Element
from ci_notes.form.spots import SET_BY_OTHERS, spot
from ci_notes.form.state import State
from ci_notes.places import place
from ci_notes.questions import Standing
from ci_notes.template import HEADER


@dataclass(frozen=True, slots=True)
class Surplus:
    """Something held where nothing is asked; `held` says that it is part of the note, and not only typed."""

    place: str
    section: str
    element: Element
    row: Record | None = None
    value: Any = None
    held: bool = True


def surplus(now: Standing, state: State) -> Iterator[Surplus]:
    """Yield what a draft holds that surely does not apply, in the order of the template; then what has no control."""
    seen: set[str] = set()
    for section in now.note.template.sections:
        held: Any = state.data if section.name == HEADER else state.data.get(section.name)
        for element in section if isinstance(held, Mapping) else ():
            for one in _of_element(now, section.name, element, held):
                seen.add(one.place)
                yield one
    yield from _typed(now, state, seen)


def _of_element(now: Standing, section: str, element: Element, held: Mapping[str, Any]) -> Iterator[Surplus]:
    if element.name not in held or element.computed or element.path in SET_BY_OTHERS:
        return
    value = held[element.name]
    if now.ruled_out(element):
        yield Surplus(place(element.path), section, element, None, value)
    elif element.kind == "group" and isinstance(value, list):
        records = now.note.record.rows.get(element.path, ())
        for record, row in zip(records, [row for row in value if isinstance(row, Mapping)], strict=False):
            for inner in element.rows:
                if inner.name in row and now.ruled_out(inner, record.row):
                    yield Surplus(place(inner.path, record), section, inner, record, row[inner.name])


def _typed(now: Standing, state: State, seen: set[str]) -> Iterator[Surplus]:
    """Yield typed text and conflicts at places that no control shows."""
    template = now.note.template
    for at in dict.fromkeys([*state.unread, *state.conflicts]):
        found = None if at in seen else spot(template, at)
        if found is None:
            continue
        whole = found.group or found.element
        rows = {one.row for one in now.note.record.rows.get(whole.path, ())}
        gone = bool(found.row) and found.row not in rows
        if gone or now.ruled_out(whole) or now.ruled_out(found.element, found.row):
            yield Surplus(at, found.section.name, found.element, None, None, held=False)
