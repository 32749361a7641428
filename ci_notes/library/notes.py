"""Notes: read from a file, bytes or data, each with the template that it names."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ci_notes import derive, document
from ci_notes.errors import InputError, TemplateError, plain
from ci_notes.library.compiled import load_template
from ci_notes.series import Series


def read_data(source: str | Path | bytes, name: str = "") -> dict[str, Any]:
    """Return the data of a note file (JSON or YAML) or of its bytes; raises InputError."""
    if isinstance(source, bytes):
        raw, name = source, name or "the input"
    else:
        raw, name = read_bytes(Path(source)), name or str(source)
    data = document.read(raw, name)
    if not isinstance(data, dict):
        raise InputError(f"{name} is no note: it holds {what(data)}, not a group of fields")
    return data


def read_bytes(path: Path, largest: int = document.LARGEST) -> bytes:
    """Return a file's bytes, at most one more than it may have; raises InputError."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name a note in it")
        with path.open("rb") as file:
            return file.read(largest + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None


_NOTE_FILES = (".json", ".yaml", ".yml")


def notes_in(folder: Path) -> tuple[list[Path], int]:
    """Return the note files in a folder and those below it, by name, and how many other files are among them.

    What cannot be read counts as a note, so that somebody hears of it.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix in _NOTE_FILES and path.is_file())
    notes = [path for path in files if _may_be_note(path)]
    return notes, len(files) - len(notes)


def _may_be_note(path: Path) -> bool:
    try:
        data = document.read(read_bytes(path), str(path))
    except InputError:
        return True
    return isinstance(data, dict) and "template" in data and "resourceType" not in data


def what(data: Any) -> str:
    """Return what data are that should be a group of fields, as in "it holds a list"."""
    kinds = {list: "a list", str: "text", int: "a number", float: "a number", bool: "yes or no"}
    return kinds.get(type(data), "nothing")


def load(
    source: str | Path | bytes | Mapping[str, Any],
    folders: Iterable[str | Path] = (),
    jurisdiction: str = "",
    earlier: Sequence[derive.Note] = (),
) -> derive.Note:
    """Return a note read against its template; `source` is a file, bytes or data.

    `earlier` are the notes of the same pregnancy written before, in order; rules may hold this one against them.

    Raises InputError for what is no note, TemplateError where its template is at fault.
    """
    data = dict(source) if isinstance(source, Mapping) else read_data(source)
    name = str(source) if isinstance(source, str | Path) else "the note"
    return derive.note(load_template(template_of(data, name), folders), data, jurisdiction, earlier)


def load_record(
    sources: Iterable[str | Path | bytes | Mapping[str, Any]],
    folders: Iterable[str | Path] = (),
    jurisdiction: str = "",
) -> list[derive.Note]:
    """Return notes read as one record, in the order given: each stands beside those of its pregnancy before it.

    Raises what `load` raises.
    """
    given = [*folders]
    return as_record([load(source, given, jurisdiction) for source in sources], jurisdiction)


def as_record(alone: Sequence[derive.Note], jurisdiction: str = "") -> list[derive.Note]:
    """Return notes that were read one by one as one record: each beside those of its pregnancy before it."""
    series = Series()
    for number, note in enumerate(alone):
        series.add(str(number), note.data)
    return [
        derive.note(note.template, note.data, jurisdiction, [alone[int(one)] for one in series.before(note.data)])
        for note in alone
    ]


def template_of(data: Mapping[str, Any], name: str) -> str:
    """Return the template id that a note names; raises InputError with what it looks like instead."""
    if "resourceType" in data:
        raise InputError(
            f"{name} is a FHIR {data['resourceType']}, not a note; `ci-notes import` makes a note of a bundle"
        )
    given = data.get("template")
    if not isinstance(given, str):
        raise InputError(f'{name} is no note: it does not name its template, as in "template": "assessment"')
    if os.sep in given:
        raise TemplateError(f"{name} names the template «{plain(given)}»; a template is named by its id")
    return given
