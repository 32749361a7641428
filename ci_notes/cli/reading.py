"""The notes and bundles that were named on the command line, each template read once in a run."""

import sys
from collections.abc import Callable
from typing import Any

from ci_notes import derive, library
from ci_notes.cli.options import FOLDERS
from ci_notes.cli.writing import complain
from ci_notes.derive import Note
from ci_notes.template import Template

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


def earlier_note(path: str) -> Note:
    """Return the note in a file, or made of a bundle there, read with its own template."""
    data = _note_or_bundle(path)
    return derive.note(template_named(library.template_of(data, path)), data)


def _note_or_bundle(path: str) -> dict[str, Any]:
    data = library.read_data(*source_of(path))
    return imported(data) if data.get("resourceType") == "Bundle" else data


def imported(data: dict[str, Any]) -> dict[str, Any]:
    """Return the note in one of our bundles; says what was not read; raises InputError."""
    from ci_notes.fhir.read import entries, from_fhir, template_in, unread  # noqa: PLC0415
    from ci_notes.fhir.typed import typed  # noqa: PLC0415
    from ci_notes.terminal import fresh_id  # noqa: PLC0415

    entries(data)
    typed(data)
    template = library.load_template(template_in(data), FOLDERS)
    note = from_fhir(data, template, fresh_id())
    _complain_of_unread(unread(data, template), str(note["version"]), template)
    return note


def _complain_of_unread(names: list[str], version: str, template: Template) -> None:
    """Say what of a bundle was not read, and whose it is; resources of an extension may hold more than has a name."""
    extension = " ".join(version.partition("+")[2][:60].split())
    if extension and extension != template.version.partition("+")[2]:
        held = f"not read: {', '.join(names)}; " if names else ""
        complain(f"{held}the bundle was written with the extension «{extension}» of {template.id}, which is not here")
    elif names:
        complain(f"not read: {', '.join(names)}; {template.id} {template.version} has no such element")
