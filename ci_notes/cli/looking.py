"""What is made of one record of a run: read against its template, checked, and told in the format that was asked for.

It needs nothing but the record, so that several processes can share a run.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Union

from ci_notes import derive, library
from ci_notes.checks import Finding, at_or_above, check, prepared
from ci_notes.cli.gathering import named_before
from ci_notes.cli.options import FOLDERS
from ci_notes.cli.reading import template_named
from ci_notes.cli.run import Content, Item, placed_words
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.recent import digest

if TYPE_CHECKING:
    from ci_notes.results.counted import Counted
    from ci_notes.results.jsonl import Lines
    from ci_notes.results.model import Result


PROSE = ("text", "json")
"""The formats that tell a note to whoever may know whose it is; the others are `results`, which identify nobody."""
LINES = "jsonl"
"""The format whose lines are made where a note is looked at: to hand on its findings would cost as much again."""
COUNTING = "html"
"""The format that tells no note but counts them."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a record: what is said of it, why it could not be read, and whether it fails the run."""

    said: Union[str, "Result", "Lines", "Counted", None] = None
    complaint: str = ""
    failed: bool = False
    accepted: int = 0
    """How many of its findings a baseline accepts: they are not told."""
    open: tuple[tuple[str, str], ...] = ()
    """Ids and rules of what is told and could be accepted, where that was asked for."""
    counts: tuple[tuple[str, int], ...] = ()
    """How many findings are told, in words of `reporting.counts`; for the text that people read."""


@dataclass(frozen=True)
class Looking:
    """How records are looked at: in which format they are told, by which guidelines, on which day (YYYY-MM-DD).

    `earlier` are earlier notes named for all records, `narrative` is the edited text of the only one. `accepted` are
    the ids of findings that a baseline accepts; with `accepting`, those of the others are told.
    """

    form: str
    today: str
    fail_on: str = "error"
    jurisdiction: str = ""
    earlier: tuple[str, ...] = ()
    narrative: str = ""
    accepted: frozenset[str] = frozenset()
    accepting: bool = False

    def need_what_is_named(self) -> None:
        """Read the earlier notes, before any other; raises InputError where one cannot be read."""
        if "-" not in self.earlier:  # which can be read once
            named_before(self.earlier)

    def about(self) -> dict[str, Any]:
        """Return what tells a run from another that looks otherwise, as plain data without what it is about."""
        told = (self.jurisdiction, self.earlier, self.narrative, sorted(self.accepted), self.accepting, tuple(FOLDERS))
        return {"format": self.form, "fail_on": self.fail_on, "options": digest(told).hex()}

    def __call__(self, item: Item) -> Looked:
        """Return what came of a record; never raises for what is in it."""
        looked = self._of(item)
        if self.form != LINES:
            return looked
        from ci_notes.results import jsonl  # noqa: PLC0415

        result: Any = looked.said
        return replace(looked, said=jsonl.lines(result))

    def _of(self, item: Item) -> Looked:
        if item.fault:
            return self._unread(item, item.fault)
        try:
            return self._looked(item)
        except InputError as error:
            return self._unread(item, placed_words(item.content.name, str(error)))

    def _unread(self, item: Item, fault: str) -> Looked:
        if self.form in PROSE:
            return Looked(None, fault)
        from ci_notes.results import Unread  # noqa: PLC0415

        reason = re.sub("«[^»]*»", "«…»", fault.removeprefix(item.content.name).lstrip(" ,:"))  # it may be a name
        return Looked(Unread(item.name, item.line, reason), fault)

    def _looked(self, item: Item) -> Looked:
        data = item.content.data()
        place = item.content.name
        before = self._named(place, data) if self._named else self._before(item)
        note = _note(data, place, self.jurisdiction, before)
        page = _page_of(note)
        found = check(note, today=self.today, page=page, more=_proofread(note, self.narrative))
        needs_ids = bool(self.accepted) or self.accepting
        if self.form == COUNTING:
            looked = self._with_ids(item, note, found) if needs_ids else self._without(found)
            return replace(looked, said=self._counted(prepared(note, self.today, page), found, looked.accepted))
        if self.form in PROSE and not needs_ids:
            return replace(self._without(found), said=self._said(item, note, found), counts=self._counts(found))
        return self._with_ids(item, note, found)

    def _counts(self, found: list[Finding]) -> tuple[tuple[str, int], ...]:
        if self.form != "text":
            return ()
        from ci_notes import reporting  # noqa: PLC0415  for those who read text

        return tuple(reporting.counts(found).items())

    def _without(self, found: list[Finding]) -> Looked:
        return Looked(failed=bool(at_or_above(found, self.fail_on)))

    def _counted(self, note: Note, found: list[Finding], accepted: int) -> "Counted":
        from ci_notes.results.counted import counted  # noqa: PLC0415

        return replace(counted(note, found, proofread=bool(self.narrative)), accepted=accepted)

    def _with_ids(self, item: Item, note: Note, found: list[Finding]) -> Looked:
        """Return what came of a note whose findings are known by their ids; what is accepted is left out of it."""
        from ci_notes.results import checked  # noqa: PLC0415

        where = None if self.form in (*PROSE, COUNTING) else _positions(item.content, item.line)
        result = checked(note, found, item.name, item.line, where)
        # Ids are given before anything is left out: of two findings at one place, the second stays the second.
        left = [pair for pair in zip(found, result.findings, strict=True) if pair[1].id not in self.accepted]
        of_note = [one for one, _ in left]
        result = replace(result, findings=tuple(told for _, told in left), accepted=len(found) - len(left))
        return Looked(
            self._said(item, note, of_note, result.accepted) if self.form in PROSE else result,
            failed=bool(at_or_above(of_note, self.fail_on)),
            accepted=result.accepted,
            counts=self._counts(of_note),
            open=tuple((told.id, one.rule) for one, told in left if one.outcome != "kept") if self.accepting else (),
        )

    @cached_property
    def _named(self) -> Any:
        return named_before(self.earlier) if self.earlier else None

    def _before(self, item: Item) -> list[Note]:
        found: list[Note] = []
        for one in item.before:
            with suppress(InputError):  # it is complained of under its own name
                found.append(_earlier(one))
        return found

    def _said(self, item: Item, note: Note, found: list[Finding], accepted: int = 0) -> str:
        from ci_notes import reporting  # noqa: PLC0415

        if self.form == "text":
            return reporting.findings(note, found, item.content.name, accepted)
        data = reporting.as_data(note, found, item.name, item.line, accepted)
        return json.dumps(data, indent=2, ensure_ascii=False)


def _positions(content: Content, line: int) -> Any:
    """Return what finds places in the text of a note; None for one made of FHIR, whose places are in no text."""
    if not content.as_sent:
        return None
    from ci_notes.results.positions import Positions  # noqa: PLC0415

    return Positions(content.raw.decode("utf-8-sig"), line)


@lru_cache(maxsize=64)  # those of one pregnancy are read for each that comes after them
def _earlier(content: Content) -> Note:
    return _note(content.data(), content.name, "", [])


def _note(data: dict[str, Any], place: str, jurisdiction: str, before: list[Note]) -> Note:
    return derive.note(template_named(library.template_of(data, place)), data, jurisdiction, before)


def _proofread(note: Note, text: str) -> list[Finding]:
    if not text:
        return []
    from ci_notes.proofreading import proofread  # noqa: PLC0415

    return proofread(note, text)


def _page_of(note: Note) -> str:
    """Return the page for the patient, which rules read; for a draft there is none, and nothing is loaded for it."""
    if note.status not in ("final", "amended"):
        return ""
    from ci_notes import printing  # noqa: PLC0415

    return printing.page_text(note)
