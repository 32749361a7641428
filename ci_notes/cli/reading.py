"""The notes and bundles that were named on the command line, each template read once in a run."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_notes import derive, library
from ci_notes.cli.options import FOLDERS
from ci_notes.cli.writing import complain
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.template import Template

if TYPE_CHECKING:
    from ci_notes.fhir.reading.account import Reading

_READ: dict[tuple[str, tuple[str, ...]], Template] = {}

Before = Callable[[str, dict[str, Any]], list[Note]]
"""Finds the notes that came before the one of a name with these data, in order."""


def source_of(path: str) -> tuple[str | bytes, str]:
    """Return what is read in the place of a path (- is standard input) and what it is called in messages."""
    if path == "-":
        from ci_notes.document import LARGEST  # noqa: PLC0415

        return sys.stdin.buffer.read(LARGEST + 1), "standard input"
    return path, path


def note_at(path: str, jurisdiction: str = "", before: Before | None = None) -> Note:
    """Return the note in a file; `before` finds the earlier notes of the pregnancy for its data."""
    source, name = source_of(path)
    data = library.read_data(source, name)
    template = template_named(library.template_of(data, name))
    return derive.note(template, data, jurisdiction, before(name, data) if before else ())


def template_named(name: str) -> Template:
    """Return a template, read once in a run however many notes name it."""
    key = (name, tuple(FOLDERS))
    if key not in _READ:
        _READ[key] = library.load_template(name, FOLDERS)
    return _READ[key]


def earlier_note(path: str, template: str = "") -> Note:
    """Return the note in a file, or made of a bundle there; `template` is for FHIR that is not ours."""
    data = _note_or_bundle(path, template)
    return derive.note(template_named(library.template_of(data, path)), data)


def _note_or_bundle(path: str, template: str) -> dict[str, Any]:
    raw, name = _bytes_of(path)
    if b'"resourceType"' not in raw:
        return library.read_data(raw, name)
    from ci_notes.fhir.reading import account  # noqa: PLC0415
    from ci_notes.fhir.reading.parsing import parse  # noqa: PLC0415

    data = parse(raw, name)
    if not isinstance(data, dict) or "resourceType" not in data:
        return library.read_data(raw, name)
    reading = imported(data, template)
    if not reading.ours:
        for line in account.summary(reading).splitlines():
            complain(line)
    return reading.data


def fhir_at(path: str) -> Any:
    """Return the FHIR in a file, or on standard input; raises InputError."""
    from ci_notes.fhir.reading.parsing import parse  # noqa: PLC0415

    raw, name = _bytes_of(path)
    data = parse(raw, name)
    if not isinstance(data, dict):
        raise InputError(f"{name} is no FHIR: it holds {library.what(data)}; a FHIR Bundle is wanted")
    return data


def _bytes_of(path: str) -> tuple[bytes, str]:
    from ci_notes.fhir.reading.parsing import LARGEST  # noqa: PLC0415

    if path == "-":
        return sys.stdin.buffer.read(LARGEST + 1), "standard input"
    return library.read_bytes(Path(path), LARGEST), path


def imported(data: Any, template: str = "", date: str = "", note_id: str = "") -> "Reading":
    """Return the note in FHIR and the account of it; raises InputError.

    `template` and `date` are for what is not ours, `note_id` for what has no id; without it a new one is made.
    """
    from ci_notes import intake  # noqa: PLC0415
    from ci_notes.terminal import fresh_id  # noqa: PLC0415

    kinds = intake.NoteKinds(template_named, library.catalogue(FOLDERS))
    wanted = intake.Wanted(note_id or fresh_id(), now(), template, date)
    reading = intake.taken_in(data, kinds, wanted, "by `ci-notes import --template`")
    remark = intake.not_read(reading, template_named(reading.data["template"]))
    if remark:
        complain(remark)
    return reading


def now() -> str:
    """Return the moment with the local offset, to the second."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
