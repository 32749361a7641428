"""Where in a note something is: its path for a program, its title for a person."""

from typing import Any

from ci_notes.derive import Note, Record
from ci_notes.template import HEADER, Template


def place(path: str, row: Record | None = None) -> str:
    """Return an element's place in a note: history.prior[p1].outcome; header elements stand at the top."""
    path = path.removeprefix(f"{HEADER}.")
    if row is None:
        return path
    group, _, name = path.rpartition(".")
    return f"{group}[{row.row}].{name}"


def label(template: Template, path: str, row: Record | None = None) -> str:
    """Return an element's title, with its row for a person: Prior pregnancy 2, outcome."""
    element = template.elements.get(path)
    if element is None:
        return path
    if element.group and row is not None:
        group = template.elements[element.group]
        return f"{group.row_title or group.title} {row.number}, {element.say}"
    return element.title


def located(note: Note, paths: list[str], row: Record | None) -> dict[str, Any]:
    """Return the places and labels of elements, as a finding carries them."""
    unique = list(dict.fromkeys(paths))
    rows = {
        path: row if row is not None and note.template.elements[path].group else None
        for path in unique
        if path in note.template.elements
    }
    return {
        "places": tuple(place(path, at) for path, at in rows.items()),
        "labels": tuple(label(note.template, path, at) for path, at in rows.items()),
    }
