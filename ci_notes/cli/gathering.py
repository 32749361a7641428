"""Notes that are read together: those in folders, and those that came before each of them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ci_notes import library, series
from ci_notes.cli.reading import Before, earlier_note
from ci_notes.derive import Note
from ci_notes.errors import InputError


def notes_among(paths: tuple[str, ...]) -> list[str]:
    """Return the notes named, and those in the folders named; says what else was in these."""
    found: list[str] = []
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112  a name too long for a path is no folder either
            found.append(path)
            continue
        notes, others = library.notes_in(Path(path))
        if not notes:
            raise InputError(f"{path} is a folder without notes")
        found += map(str, notes)
        if others:
            click.echo(f"ci-notes: in {path}, files passed over because they are no notes: {others}", err=True)
    return found


def to_carry_from(paths: tuple[str, ...], template: str = "") -> list[Note]:
    """Return the notes to carry forward from in order, those entered in error left out; raises InputError.

    `template` is that of the new note: FHIR that is not ours is read as an earlier note of it.
    """
    notes = [earlier_note(path, template) for path in notes_among(paths)]
    notes = [note for note in notes if note.status != "entered-in-error"]
    patients = [series.patients_of(note.data) for note in notes]
    if any(one and other and not one & other for one in patients for other in patients):
        raise InputError(f"{', '.join(paths)} holds notes of several patients; name those of one")
    return sorted(notes, key=lambda note: str(series.moment_of(note.data) or ""))


def named_before(earlier: tuple[str, ...]) -> Before:
    """Return what holds every note against the earlier notes that were named, if they can be of the same patient."""
    notes = sorted(
        ((path, earlier_note(path)) for path in earlier), key=lambda one: str(series.moment_of(one[1].data) or "")
    )

    def before(path: str, later: dict[str, Any]) -> list[Note]:
        others = [(name, note) for name, note in notes if note.data != later]  # one of them may be checked itself
        for name, note in others:
            _could_precede(name, note.data, path, later)
        return [note for _, note in others]

    return before


def _could_precede(name: str, data: Mapping[str, Any], path: str, later: Mapping[str, Any]) -> None:
    """Refuse an earlier note that is not earlier, or another patient's; raises InputError."""
    one, other = series.patients_of(data), series.patients_of(later)
    if one and other and not one & other:
        raise InputError(f"{name} is of another patient than {path}")
    first, second = series.moment_of(data), series.moment_of(later)
    if first and second and first >= second:
        raise InputError(f"{name} is not earlier than {path}")
