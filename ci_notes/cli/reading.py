"""The notes and bundles that were named on the command line, each template read once in a run."""

import sys
from collections.abc import Callable
from dataclasses import replace
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


def imported(data: Any, template: str = "", date: str = "") -> "Reading":
    """Return the note in FHIR and the account of it; raises InputError.

    `template` and `date` are for what is not ours.
    """
    from ci_notes.errors import plain  # noqa: PLC0415
    from ci_notes.fhir.lint.r4 import is_resource  # noqa: PLC0415
    from ci_notes.fhir.reading.importing import read_fhir, template_written_with  # noqa: PLC0415
    from ci_notes.terminal import fresh_id  # noqa: PLC0415

    if isinstance(data, dict) and "template" in data and "resourceType" not in data:
        raise InputError("this is a note already; a FHIR Bundle is wanted")
    own = template_written_with(data)
    if own and data["resourceType"] == "Bundle":
        _refuse_unsound(data)
    if not own and not template:
        named = ", ".join(library.catalogue(FOLDERS))
        kind = data.get("resourceType") if isinstance(data, dict) else None
        if not isinstance(kind, str):
            raise InputError("a FHIR Bundle is wanted, not this")
        if not is_resource(kind):
            raise InputError(f"FHIR R4 has no resource «{plain(kind, 60)}»; a Bundle is wanted, or one resource")
        how = f"a note is made of it by `ci-notes import --template` ({named})"
        raise InputError(f"the {plain(kind, 60)} was not written by ci-notes; {how}")
    found = library.load_template(own or template, FOLDERS)
    reading = _with_faults(data, read_fhir(data, found, fresh_id(), date, now()))
    if reading.ours:
        unread = [one.what for one in reading.left if one.why == "version"]
        _complain_of_unread([*dict.fromkeys(unread)], str(reading.data["version"]), found)
    return reading


def _refuse_unsound(bundle: Any) -> None:
    """Refuse a bundle of ours that is no FHIR any more, in the words of our lint; raises InputError."""
    from ci_notes.fhir.lint import lint  # noqa: PLC0415
    from ci_notes.fhir.typed import typed  # noqa: PLC0415

    try:
        typed(bundle)
    except InputError:
        faults = [fault for fault in lint(bundle) if fault.severity == "error"]
        if not faults:
            raise
        more = f"; and {len(faults) - 1} more, which `ci-notes lint` tells" if len(faults) > 1 else ""
        raise InputError(f"the bundle is not valid FHIR: {faults[0].where}: {faults[0].message}{more}") from None


_FEW_ENOUGH = 2000
"""Resources up to which a bundle is also held against FHIR's own rules."""


def _with_faults(data: Any, reading: "Reading") -> "Reading":
    """Return a reading that also says how many faults the bundle itself has."""
    from ci_notes.fhir.lint import lint  # noqa: PLC0415

    if data["resourceType"] != "Bundle" or len(data.get("entry") or ()) > _FEW_ENOUGH:
        return reading
    errors = [fault for fault in lint(data) if fault.severity == "error"]
    if not errors:
        return reading
    number = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
    remark = f"the bundle has {number} by FHIR's own rules; ci-notes lint tells them"
    return replace(reading, remarks=(*reading.remarks, remark))


def _complain_of_unread(names: list[str], version: str, template: Template) -> None:
    """Say what of a bundle was not read, and whose it is; resources of an extension may hold more than has a name."""
    extension = " ".join(version.partition("+")[2][:60].split())
    if extension and extension != template.version.partition("+")[2]:
        held = f"not read: {', '.join(names)}; " if names else ""
        complain(f"{held}the bundle was written with the extension «{extension}» of {template.id}, which is not here")
    elif names:
        complain(f"not read: {', '.join(names)}; {template.id} {template.version} has no such element")


def now() -> str:
    """Return the moment with the local offset, to the second."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
