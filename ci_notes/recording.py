"""What an answer changes in the data of a note, and what goes with the answer that it takes the place of."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from ci_notes import derive
from ci_notes.carrying import unmark
from ci_notes.checks import left_over
from ci_notes.derive import Note, Record
from ci_notes.element import Element
from ci_notes.places import place
from ci_notes.questions import Question
from ci_notes.template import HEADER, Template

USUAL = "usual-range"
"""The finding that a person answers with a reason, while typing what is unusual."""


class Recording:
    """The data of one note while it is filled, whoever asks; `new_id` makes ids for rows."""

    def __init__(self, template: Template, data: dict[str, Any], new_id: Callable[[], str]) -> None:
        self.template = template
        self.data = data
        self.new_id = new_id

    # what is recorded

    def note(self) -> Note:
        """Return the note as it stands."""
        return derive.note(self.template, self.data)

    def state(self, question: Question, note: Note) -> str:
        """Return whether a question's element is known, absent or untouched; a block is untouched until all are not."""
        records = [(one.element, self.record_of(note, one)) for one in question.parts()]
        states = [record.state(element.path) if record and element else "untouched" for element, record in records]
        return "untouched" if "untouched" in states else states[0]

    def value(self, question: Question) -> Any:
        """Return the recorded value of a question's element, or None."""
        holder = self._holder(question, create=False)
        return holder.get(question.element.name) if holder and question.element else None

    def record_of(self, note: Note, question: Question) -> Record | None:
        """Return where a question's element is recorded: the note's record, or that of its row."""
        if question.group:
            rows = note.record.rows.get(question.group, ())
            return next((row for row in rows if row.row == question.row), None)
        return note.record

    # what an answer changes

    def put(self, question: Question, value: Any) -> None:
        """Record a value; a reason to keep the one it replaces is dropped."""
        holder = self._holder(question, create=True)
        if holder is not None and question.element is not None:
            self._forget(question, question.element, value)
            holder[question.element.name] = value

    def put_absent(self, question: Question, code: str) -> None:
        """Record why there is no value; for a block, for each of its elements that is open."""
        for one in self.open_part(question).parts():
            self.put(one, {"absent": code})

    def add_reason(self, question: Question, reason: str) -> bool:
        """Add words to the reason of absence just recorded; return whether there was one."""
        done = False
        for one in question.parts():
            held = self.value(one)
            if isinstance(held, dict) and "absent" in held:
                self.put(one, {**held, "reason": reason})
                done = True
        return done

    def clear(self, question: Question) -> None:
        """Take an answer back."""
        for one in question.parts():
            holder = self._holder(one, create=False)
            if holder and one.element:
                self._forget(one, one.element, None)
                holder.pop(one.element.name, None)

    def open_part(self, question: Question) -> Question:
        """Return a block of those members that have no answer, or of all if all have one, to be answered anew."""
        open_ = tuple(one.element for one in question.parts() if one.element and self.value(one) is None)
        return replace(question, members=open_) if question.block is not None and open_ else question

    def put_block(self, question: Question, differing: Collection[str]) -> None:
        """Answer the open part of a block in one act: its normal answer for all but the named, stored for each."""
        for one in self.open_part(question).parts():
            if one.element is not None and question.block is not None:
                self.put(one, (one.element.name in differing) != question.block.normal)

    def put_rows(self, question: Question, number: int) -> None:
        """Make a group have a number of rows, keeping those there are; none at all is recorded as none."""
        held = self.value(question)
        rows = held if isinstance(held, list) else []
        self.put(question, rows[:number] + [{"id": self.new_id()} for _ in range(number - len(rows))])

    def put_list(self, question: Question, values: list[Any]) -> None:
        """Record the values of a group with a single element, one row each."""
        if question.element is None:
            return
        name = question.element.rows[0].name
        held = self.value(question)
        old = held if isinstance(held, list) else []
        ids = [row["id"] for row in old] + [self.new_id() for _ in range(max(0, len(values) - len(old)))]
        self.put(question, [{"id": row, name: value} for row, value in zip(ids, values, strict=False)])

    def keep(self, rule: str, at: str, rationale: str) -> None:
        """Keep a finding with its reason."""
        kept = [row for row in self.data.get("kept", []) if (row.get("rule"), row.get("at", "")) != (rule, at)]
        where = {"at": at} if at else {}
        self.data["kept"] = [*kept, {"id": self.new_id(), "rule": rule, **where, "rationale": rationale}]

    def _forget(self, question: Question, element: Element, value: Any) -> None:
        """Drop the reasons to keep unusual values that a new value, or none, takes the place of, and its source."""
        before, after = (_values_at(question, element, one) for one in (self.value(question), value))
        changed = {at for at, held in before.items() if after.get(at) != held}
        self.drop_kept(changed)
        unmark(self.data, changed | set(list(after)[:1]))

    def drop_kept(self, places: Collection[str]) -> None:
        """Drop the reasons to keep what is unusual at some places."""
        kept = self.data.get("kept")
        if not isinstance(kept, list):
            return
        left = [row for row in kept if row.get("rule") != USUAL or row.get("at") not in places]
        if left or not kept:
            self.data["kept"] = left
        else:
            del self.data["kept"]

    def discard_left_over(self) -> None:
        """Take out what is recorded although it does not apply; one deliberate act, never done unasked."""
        for element, row, _ in [*left_over(self.note())]:
            section = self.template.section(element.path.partition(".")[0])
            if section is not None:
                self.clear(Question("element", section, element, row.row if row else ""))

    def _holder(self, question: Question, create: bool) -> dict[str, Any] | None:
        section = question.section.name
        if section == HEADER:
            return self.data
        held: dict[str, Any] = self.data.setdefault(section, {}) if create else self.data.get(section, {})
        if not question.group:
            return held
        name = question.group.rpartition(".")[2]
        return next((row for row in held.get(name, []) if row.get("id") == question.row), None)


def _values_at(question: Question, element: Element, held: Any) -> dict[str, Any]:
    """Return what an answer holds at each place; the rows of a group have places of their own."""
    at = place(question.group) + f"[{question.row}].{element.name}" if question.group else place(element.path)
    rows = held if isinstance(held, list) and element.kind == "group" else []
    return {at: held} | {f"{at}[{row.get('id')}].{name}": value for row in rows for name, value in row.items()}
