"""A run: the records of everything that was named, one after the other, each with those that came before it.

Everything is read once and kept in a temporary database, so that a run may have millions of records in any order and
come through a pipe. One plain file has nothing before it and is not kept.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ci_notes import __version__, document, library
from ci_notes.cli.reading import imported, template_named
from ci_notes.cli.repeats import Repeats
from ci_notes.element import OURS
from ci_notes.errors import InputError
from ci_notes.series import MOST_EARLIER

if TYPE_CHECKING:
    from ci_notes.cli.progress import Progress
    from ci_notes.submissions import Submission
    from ci_notes.submissions.spool import Kept, Spool

_YAML = (".yaml", ".yml")
_PLAIN = (".json", *_YAML)
_BUNDLE, _NOTE = ".bundle.json", ".note.json"


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a note and what they are called in a message; `as_sent` unless they were made of FHIR."""

    name: str
    raw: bytes
    as_sent: bool = True

    def data(self) -> dict[str, Any]:
        """Return the note as data; raises InputError."""
        return read_note(self.raw, self.name)


@dataclass(frozen=True, slots=True)
class Item:
    """A record of a run: where it stands, its note and those before it in the pregnancy, or why it cannot be read.

    `fault` is a sentence with the place in it. `whose` is as what its patient is known over all records of the run,
    where that was asked for.
    """

    name: str
    line: int
    content: Content
    fault: str = ""
    before: tuple[Content, ...] = ()
    whose: str = ""


class Run(AbstractContextManager["Run"]):
    """What was named to be read; `template` is for FHIR that is not ours, `progress` shows how far it is read."""

    def __init__(self, paths: tuple[str, ...], template: str = "", progress: "Progress | None" = None) -> None:
        self.paths, self.template, self.progress = paths, template, progress
        self.kinds: dict[str, None] = {}
        """The note kinds of the records, in the order in which they were met."""
        self.passed_over: dict[str, int] = {}
        """By folder or archive, how many files in it were no notes."""
        self.records = 0
        self.repeats = Repeats(lambda kept: _content(kept).data())
        self._digest = blake2b(digest_size=16)
        self._within: dict[str, frozenset[str]] = {}
        """The names of what is in the archive that is being read, where that was needed."""
        self._alone: list[Item] = []
        self._spool: Spool | None = None

    def __enter__(self) -> Self:
        if self.template:
            template_named(self.template)  # a name that is none is no fault of the records
        if len(self.paths) == 1 and _is_plain_file(self.paths[0]):
            self._alone = [self._read_alone(self.paths[0])]
            self.records = 1
            return self
        from ci_notes.submissions.spool import Spool  # noqa: PLC0415  for many

        self._spool = Spool()
        try:
            submitted = self._submitted()
            for one in self.progress.reading(submitted, self.paths) if self.progress else submitted:
                self._keep(self._spool, one)
            self._need_records()
        except BaseException:
            self._spool.close()
            raise
        return self

    def _need_records(self) -> None:
        if self.records == 0:
            number = sum(self.passed_over.values())
            others = f"; files passed over because they are no notes: {number}" if number else ""
            raise InputError(f"there is no note in {', '.join(self.paths)}{others}")

    def about(self) -> dict[str, Any]:
        """Return what tells a run from one over other records, or by other rules, as plain data."""
        from ci_notes.results import rule_set  # noqa: PLC0415  for those who keep a journal

        rule_sets = {}
        for kind in self.kinds:
            with suppress(InputError):
                rule_sets[kind] = rule_set(template_named(kind))
        return {"version": __version__, "records": self.records, "input": self._digest.hexdigest(), "rules": rule_sets}

    def told(self) -> Iterator[str]:
        """Yield what there is to say of all records together, in sentences without a full stop."""
        for folder, number in self.passed_over.items():
            yield f"in {folder}, files passed over because they are no notes: {number}"
        yield from self.repeats.told()
        crowded = self._spool.crowded if self._spool is not None else 0
        if crowded:
            yield (
                f"notes with more than {MOST_EARLIER} others of their patient before them in one pregnancy: {crowded}; "
                f"each was held against the latest {MOST_EARLIER} of them: "
                "see whether one number stands for several patients"
            )

    def __exit__(self, *_raised: object) -> None:
        if self._spool is not None:
            self._spool.close()

    def __iter__(self) -> Iterator[Item]:
        """Yield every record in its order."""
        yield from self._alone
        for kept in self._spool or ():
            one = kept.record
            yield Item(one.name, one.line, _content(kept), one.fault, self._before(kept))

    def by_patient(self) -> Iterator[Item]:
        """Yield every record in its order with whose it is, by all that any record knows of her, and none before it."""
        yield from self._alone
        if self._spool is None:
            return
        from ci_notes.submissions.patients import Patients  # noqa: PLC0415  for those who ask whose it is

        with closing(Patients(self._spool.known_by())) as patients:
            for kept in self._spool:
                one = kept.record
                whose = patients.foremost(kept.known_by)
                yield Item(one.name, one.line, _content(kept), one.fault, whose=whose)

    def _before(self, kept: "Kept") -> tuple[Content, ...]:
        if self._spool is None or self.records < 2:
            return ()
        return tuple(map(_content, self._spool.before(kept)))

    # --- reading ---

    def _read_alone(self, path: str) -> Item:
        from ci_notes.fhir.reading.parsing import LARGEST  # noqa: PLC0415

        try:
            content, data = content_of(path, library.read_bytes(Path(path), LARGEST), self.template)
        except InputError as error:
            return Item(path, 0, Content(path, b""), placed_words(path, str(error)))
        self._met(data)
        self._digest.update(content.raw)
        return Item(path, 0, content)

    def _submitted(self) -> Iterator["Submission"]:
        from ci_notes.submissions import named, submissions  # noqa: PLC0415

        for path in self.paths:
            is_folder = os.path.isdir(path)  # noqa: PTH112  a name too long for a path is no folder either
            for one in submissions(named([path])):
                among = one.archive or (path if is_folder else "")
                if among and is_something_else(one, self.template, self._is_there):
                    self.passed_over[among] = self.passed_over.get(among, 0) + 1
                else:
                    yield one

    def _is_there(self, name: str, archive: str) -> bool:
        if not archive:
            return Path(name).exists()
        if archive not in self._within:  # what comes later in it is to be known now
            from ci_notes.submissions import names_within  # noqa: PLC0415

            self._within = {archive: names_within(archive)}
        return name in self._within[archive]

    def _keep(self, spool: "Spool", one: "Submission") -> None:
        self.records += 1
        self._digest.update(f"\n{one.place}\n{len(one.content)}\n".encode("utf-8", "surrogatepass") + one.content)
        if one.fault:
            spool.refuse(one, f"{one.place} {one.fault}")
            return
        try:
            content, data = content_of(one.place, one.content, self.template)
        except InputError as error:
            spool.refuse(one, placed_words(one.place, str(error)))
            return
        self._met(data)
        spool.add(one, data, content.raw, content.as_sent)
        self.repeats.add(spool, one, data)

    def _met(self, data: Mapping[str, Any]) -> None:
        kind = data.get("template")
        if isinstance(kind, str):
            self.kinds[kind] = None


def is_something_else(one: "Submission", template: str, is_there: Callable[[str, str], bool]) -> bool:
    """Return whether a file among others is no note: other JSON, others' FHIR, the bundle of a note beside it.

    `template` is for FHIR that is not ours; `is_there` says of a name, in an archive or in none, whether it is there.
    """
    if one.line or one.fault:
        return False
    try:
        data = _any_data(one)
        if not isinstance(data, dict) or not ("template" in data or "resourceType" in data):
            return True
        return "template" not in data and (_is_of_others(data, template) or _has_its_note_beside_it(one, is_there))
    except InputError:
        return False  # somebody hears of it


def _any_data(one: "Submission") -> Any:
    from ci_notes.fhir.reading.parsing import parse  # noqa: PLC0415

    is_json = one.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and not one.name.endswith(_YAML)
    return (parse if is_json else document.read)(one.content, one.name)


def _is_of_others(data: Mapping[str, Any], template: str) -> bool:
    """Return whether FHIR was written by others and no template is named for it; raises InputError for what is none."""
    from ci_notes.fhir.reading.importing import template_written_with  # noqa: PLC0415

    answers = data.get("questionnaire") if data.get("resourceType") == "QuestionnaireResponse" else ""
    of_others = isinstance(answers, str) and answers and not answers.startswith(OURS)
    return not template and bool(of_others or not template_written_with(data))


def _has_its_note_beside_it(one: "Submission", is_there: Callable[[str, str], bool]) -> bool:
    return one.name.endswith(_BUNDLE) and is_there(one.name.removesuffix(_BUNDLE) + _NOTE, one.archive)


def _content(kept: "Kept") -> Content:
    return Content(kept.record.place, kept.record.content, kept.as_sent)


def content_of(name: str, raw: bytes, template: str = "") -> tuple[Content, dict[str, Any]]:
    """Return the note in the bytes of a note or a bundle, and its data; raises InputError.

    `template` is for FHIR that is not ours.
    """
    if b'"resourceType"' in raw:
        from ci_notes.fhir.reading.parsing import parse  # noqa: PLC0415

        held = parse(raw, name)
        if isinstance(held, dict) and "resourceType" in held and "template" not in held:
            # Of the content, so that a finding in it has the same id in every run.
            made_of = blake2b(raw, digest_size=16).hexdigest()
            data = dict(imported(held, template, note_id=made_of).data)
            return Content(name, document.written(data), as_sent=False), data
    return Content(name, raw), read_note(raw, name)


def read_note(raw: bytes, name: str) -> dict[str, Any]:
    """Return the note in the bytes of a record as data, fast where that can be; raises InputError."""
    found = None if name.endswith(_YAML) else document.quickly(raw)
    return library.read_data(raw, name) if found is None else found


def _is_plain_file(path: str) -> bool:
    is_folder = os.path.isdir(path)  # noqa: PTH112
    return path.endswith(_PLAIN) and not is_folder and not any(sign in path for sign in "*?[")


def placed_words(place: str, words: str) -> str:
    """Return why a record cannot be read, with its place."""
    return words if place in words else f"{place}: {words}"
