"""FHIR that comes in, made a note: whether it is sound, of which note kind, and what of it was not read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ci_notes.errors import InputError, plain
from ci_notes.fhir.lint import lint
from ci_notes.fhir.lint.r4 import is_resource
from ci_notes.fhir.reading.account import Reading
from ci_notes.fhir.reading.importing import read_fhir, template_written_with
from ci_notes.fhir.typed import typed
from ci_notes.template import Template

_FEW_ENOUGH = 2000
"""Resources up to which a bundle is also held against FHIR's own rules."""


@dataclass(frozen=True, slots=True)
class NoteKinds:
    """The note kinds that are here: how one is had by its id, and the ids that there are."""

    named: Callable[[str], Template]
    ids: Iterable[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The note that is to be made of FHIR which is not ours, and the id of a note for which the source has none.

    `template` is a note kind, or empty. `date` is a date, or date and time; without it the note has the last
    moment that the source says, or `now`.
    """

    note_id: str
    now: str
    template: str = ""
    date: str = ""


def taken_in(data: Any, kinds: NoteKinds, wanted: Wanted, how: str) -> Reading:
    """Return the note in FHIR and the account of it; raises InputError.

    `how` says in a message how a note kind is asked for: "by `ci-notes import --template`".
    """
    if isinstance(data, dict) and "template" in data and "resourceType" not in data:
        raise InputError("this is a note already; a FHIR Bundle is wanted")
    own = template_written_with(data)
    if own and data["resourceType"] == "Bundle":
        _refuse_unsound(data)
    if not own and not wanted.template:
        _refuse_foreign(data, f"{how} ({', '.join(kinds.ids)})")
    found = kinds.named(own or wanted.template)
    return _with_faults(data, read_fhir(data, found, wanted.note_id, wanted.date, wanted.now))


def _refuse_foreign(data: Any, how: str) -> None:
    """Refuse what is not ours and comes without a note kind, in words for what it is; raises InputError."""
    kind = data.get("resourceType") if isinstance(data, Mapping) else None
    if not isinstance(kind, str):
        raise InputError("a FHIR Bundle is wanted, not this")
    if not is_resource(kind):
        raise InputError(f"FHIR R4 has no resource «{plain(kind, 60)}»; a Bundle is wanted, or one resource")
    raise InputError(f"the {plain(kind, 60)} was not written by ci-notes; a note is made of it {how}")


def _refuse_unsound(bundle: Any) -> None:
    """Refuse a bundle of ours that is no FHIR any more, in the words of our lint; raises InputError."""
    try:
        typed(bundle)
    except InputError:
        faults = [fault for fault in lint(bundle) if fault.severity == "error"]
        if not faults:
            raise
        more = f"; and {len(faults) - 1} more, which `ci-notes lint` tells" if len(faults) > 1 else ""
        raise InputError(f"the bundle is not valid FHIR: {faults[0].where}: {faults[0].message}{more}") from None


def _with_faults(data: Any, reading: Reading) -> Reading:
    """Return a reading that also says how many faults the bundle itself has."""
    if data["resourceType"] != "Bundle" or len(data.get("entry") or ()) > _FEW_ENOUGH:
        return reading
    errors = [fault for fault in lint(data) if fault.severity == "error"]
    if not errors:
        return reading
    number = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
    remark = f"the bundle has {number} by FHIR's own rules; ci-notes lint tells them"
    return replace(reading, remarks=(*reading.remarks, remark))


def not_read(reading: Reading, template: Template) -> str:
    """Return what of a bundle of ours has no name here, and whose it is; resources of an extension may hold more."""
    if not reading.ours:
        return ""
    version = str(reading.data["version"])
    names = [*dict.fromkeys(one.what for one in reading.left if one.why == "version")]
    extension = plain(version.partition("+")[2], 60)
    if extension and extension != template.version.partition("+")[2]:
        held = f"not read: {', '.join(names)}; " if names else ""
        return f"{held}the bundle was written with the extension «{extension}» of {template.id}, which is not here"
    return f"not read: {', '.join(names)}; {template.id} {template.version} has no such element" if names else ""
