"""A run: the notes of everything that was named, one after the other, each with those that came before it.

A record that cannot be read is said and passed over; the rest of the run goes on.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_notes import derive, document, library
from ci_notes.cli.reading import Before, imported, template_named
from ci_notes.derive import Note
from ci_notes.errors import InputError

if TYPE_CHECKING:
    from ci_notes.submissions import Submission

_PLAIN = (".json", ".yaml", ".yml")
_BUNDLE, _NOTE = ".bundle.json", ".note.json"


@dataclass(frozen=True, slots=True)
class Read:
    """A note of a run and where it stands: the name of its file, and its line where that has one note a line."""

    name: str
    line: int
    note: Note

    @property
    def place(self) -> str:
        """Where it stands, for a message."""
        from ci_notes.submissions.record import placed  # noqa: PLC0415

        return placed(self.name, self.line)


@dataclass(slots=True)
class Run:
    """What was named to be read.

    `template` is for FHIR that is not ours; `named_before` finds the earlier notes of each where they were named.
    """

    paths: tuple[str, ...]
    jurisdiction: str = ""
    template: str = ""
    named_before: Before | None = None
    passed_over: dict[str, int] = field(default_factory=dict)
    """By folder, how many files in it were no notes."""

    def __iter__(self) -> Iterator[Read | InputError]:
        """Yield each note, or why it could not be read."""
        if len(self.paths) == 1 and _is_plain_file(self.paths[0]):
            yield from self._alone(self.paths[0])
        else:
            yield from self._together()

    def _alone(self, path: str) -> Iterator[Read | InputError]:
        """Yield the note of one plain file: nothing precedes it, so nothing is kept."""
        try:
            data = self._data(_raw(path), path)
            yield Read(path, 0, self._note(data, path, self._named(path, data)))
        except InputError as error:
            yield error

    def _together(self) -> Iterator[Read | InputError]:
        from ci_notes.submissions.spool import Spool  # noqa: PLC0415  for many

        spool = Spool()
        try:
            for one in self._submitted():
                self._keep(spool, one)
            for one in spool:
                yield self._read(spool, one)
        finally:
            spool.close()

    def _submitted(self) -> Iterator["Submission"]:
        from ci_notes.submissions import named, submissions  # noqa: PLC0415

        for path in self.paths:
            is_folder = os.path.isdir(path)  # noqa: PTH112  a name too long for a path is no folder either
            for one in submissions(named([path])):
                if is_folder and not one.line and not one.fault and self._is_something_else(one):
                    self.passed_over[path] = self.passed_over.get(path, 0) + 1
                else:
                    yield one

    def _is_something_else(self, one: "Submission") -> bool:
        """Return whether a file of a folder is no note: other JSON, others' FHIR, the bundle of a note beside it."""
        if len(one.content) > document.LARGEST:
            return False
        try:
            data = document.read(one.content, one.name)
        except InputError:
            return False  # somebody hears of it
        if not isinstance(data, dict) or not ("template" in data or "resourceType" in data):
            return True
        if "template" in data:
            return False
        from ci_notes.fhir.reading.importing import template_written_with  # noqa: PLC0415

        beside = one.name.removesuffix(_BUNDLE) + _NOTE
        ours = template_written_with(data)
        return not (ours or self.template) or (one.name.endswith(_BUNDLE) and Path(beside).exists())

    def _keep(self, spool: Any, one: "Submission") -> None:
        if one.fault:
            spool.add(one, None)
            return
        try:
            data = self._data(one.content, one.place)
        except InputError as error:
            spool.add(replace(one, content=b"", fault=_after(one.place, str(error))), None)
        else:
            spool.add(replace(one, content=json.dumps(data, ensure_ascii=False).encode()), data)

    def _read(self, spool: Any, one: "Submission") -> Read | InputError:
        if one.fault:
            return InputError(f"{one.place} {one.fault}")
        try:
            data = json.loads(one.content)
            before = self._named(one.place, data) if self.named_before else self._before(spool, data)
            return Read(one.name, one.line, self._note(data, one.place, before))
        except InputError as error:
            return error if one.place in str(error) else InputError(f"{one.place}: {error}")

    def _before(self, spool: Any, data: Mapping[str, Any]) -> list[Note]:
        found: list[Note] = []
        for one in spool.before(data):
            try:
                found.append(self._note(json.loads(one.content), one.place, []))
            except InputError:  # it is complained of under its own name
                continue
        return found

    def _named(self, place: str, data: dict[str, Any]) -> list[Note]:
        return self.named_before(place, data) if self.named_before else []

    def _data(self, raw: bytes, name: str) -> dict[str, Any]:
        """Return the note in the bytes of a note or a bundle; raises InputError."""
        if b'"resourceType"' in raw:
            from ci_notes.fhir.reading.parsing import parse  # noqa: PLC0415

            held = parse(raw, name)
            if isinstance(held, dict) and "resourceType" in held and "template" not in held:
                return dict(imported(held, self.template).data)
        return library.read_data(raw, name)

    def _note(self, data: Mapping[str, Any], place: str, before: list[Note]) -> Note:
        template = template_named(library.template_of(data, place))
        return derive.note(template, data, self.jurisdiction, before)


def _is_plain_file(path: str) -> bool:
    is_folder = os.path.isdir(path)  # noqa: PTH112
    return path.endswith(_PLAIN) and not is_folder and not any(sign in path for sign in "*?[")


def _raw(path: str) -> bytes:
    from ci_notes.fhir.reading.parsing import LARGEST  # noqa: PLC0415

    return library.read_bytes(Path(path), LARGEST)


def _after(place: str, words: str) -> str:
    return words.removeprefix(place).lstrip(" ,:") if words.startswith(place) else f"cannot be read: {words}"
