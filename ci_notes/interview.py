"""A note as a series of questions: which comes next, what an answer changes, how to go back and carry forward.

Nothing here reads a keyboard or a clock; the terminal does, and any other shell could.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from ci_notes import derive, wording
from ci_notes.carrying import carried, marked, marks, unconfirmed, unmark
from ci_notes.checks import Applicable, asked, left_over, missing
from ci_notes.derive import Note, Record
from ci_notes.element import Block, Element, Section
from ci_notes.expression import decide
from ci_notes.places import place
from ci_notes.suggesting import suggested
from ci_notes.template import HEADER, Template

USUAL = "usual-range"
"""The finding that a person answers with a reason, while typing what is unusual."""

_SET_BY_SHELL = (f"{HEADER}.status", f"{HEADER}.date", f"{HEADER}.kept", f"{HEADER}.carried")


Key = tuple[str, str, str]
"""What makes a question the same after other answers have changed: its kind, what it is about, and its row."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: an element (of a row, if it has one), a block of yes/no elements, or a section carried forward.

    `kind` is element, block, rows (how many), list (values of a group with a single element) or carry. A block has
    those `members` that apply now.
    """

    kind: str
    section: Section
    element: Element | None = None
    row: str = ""
    number: int = 0
    block: Block | None = None
    members: tuple[Element, ...] = ()

    @property
    def key(self) -> Key:
        """What makes the question the same after other answers have changed."""
        return self.kind, self._about, self.row

    @property
    def _about(self) -> str:
        if self.block is not None:
            return f"{self.members[0].path.rpartition('.')[0]}.{self.block.key}"
        return self.element.path if self.element else self.section.name

    @property
    def group(self) -> str:
        """The path of the repeating group whose row is asked about; empty where it is none."""
        one = self.members[0] if self.members else self.element
        return one.group if one else ""

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.element.title if self.element else self.block.ask.rstrip("?") if self.block else self.section.title

    def parts(self) -> list["Question"]:
        """Return the questions that are answered with this one: one for each member of a block, or itself."""
        members = [Question("element", self.section, one, self.row, self.number) for one in self.members]
        return members or [self]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: the note so far, and which elements with a condition apply."""

    note: Note
    asked: Applicable

    def in_turn(self, element: Element) -> bool:
        """Return whether an element that applies is asked; otherwise it is there for those who ask for it."""
        if element.in_turn:
            return decide(self.note.template.truth(element.in_turn), self.note.record) is True
        return not element.on_request

    def applies(self, element: Element, row: str = "") -> bool:
        """Return whether an element surely applies."""
        return not element.asked or self.asked.get((element.path, row)) is True

    def ruled_out(self, element: Element, row: str = "") -> bool:
        """Return whether an element surely does not apply; neither holds while that cannot be told."""
        return bool(element.asked) and (element.path, row) not in self.asked


def standing(note: Note) -> Standing:
    """Return how things stand in a note."""
    return Standing(note, asked(note))


class Interview:
    """The state of filling one note: its data, and where the person is.

    `new_id` makes ids for rows; `earlier` is the data of notes to carry forward from, the first of them first.
    """

    def __init__(
        self,
        template: Template,
        data: dict[str, Any],
        new_id: Callable[[], str],
        earlier: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.template = template
        self.data = data
        self.new_id = new_id
        self.carried = carried(template, earlier)
        self.earlier_date = str(earlier[-1].get("date", ""))[:10] if earlier else ""
        self.unconfirmed = unconfirmed(template, data)
        self.settled = {name for name in self.carried if name != HEADER and data.get(name)} - set(self.unconfirmed)
        for section, values in self.unconfirmed.items():
            self.carried[section] = self.carried.get(section, {}) | values
        self.taken: set[str] = set()
        self.given: set[str] = set()
        self.opened: set[Key] = set()
        self.at: Key | None = None
        self.order = {path: index for index, path in enumerate(template.elements)}

    # where we are

    def note(self) -> Note:
        """Return the note as it stands."""
        return derive.note(self.template, self.data)

    def questions(self, note: Note | None = None) -> list[Question]:
        """Return every question that applies as things stand, in the order of the template.

        `note` is the note as it stands, where somebody has derived it already.
        """
        now = standing(note or self.note())
        return [question for section in self.template.sections for question in self._of_section(section, now)]

    def current(self) -> Question | None:
        """Return the question at hand, or None at the end."""
        questions = self.questions()
        if self.at is None:
            return questions[0] if questions else None
        return next((question for question in questions if question.key == self.at), None)

    def forward(self) -> Question | None:
        """Go to the next question and return it; None where there is none left."""
        return self._step(1)

    def back(self) -> Question | None:
        """Go to the question before and return it; None where this is the first."""
        return self._step(-1)

    def _step(self, by: int) -> Question | None:
        questions = self.questions()
        keys = [question.key for question in questions]
        there = (keys.index(self.at) if self.at in keys else self._nearest(keys)) + by
        note = self.note()
        while by > 0 and there < len(questions) and self._stands(questions[there], note):
            there += 1
        if not 0 <= there < len(questions):
            return None
        self.at = keys[there]
        return questions[there]

    def _stands(self, question: Question, note: Note) -> bool:
        """Return whether an answer was carried forward and confirmed, or typed with another, and is not asked again."""
        if question.element is not None and question.element.path in self.given:
            return True
        if question.section.name not in self.taken or question.kind == "carry":
            return False
        wholes = [self.template.elements[question.group or one._about] for one in question.parts()]
        return all(whole.carried and note.record.state(whole.path) != "untouched" for whole in wholes)

    def _nearest(self, keys: list[Key]) -> int:
        """Return where a question stood that no longer applies: the last one before its place in the template."""
        if self.at is None:
            return -1
        here = self._place(self.at)
        before = [index for index, key in enumerate(keys) if self._place(key) <= here]
        return before[-1] if before else -1

    def _place(self, key: Key) -> tuple[float, int, float]:
        """Return where a question stands: the place of its element or group, then of its row, then within the row."""
        kind, about, row = key
        holder, _, name = about.rpartition(".")
        if kind == "block":
            place = min(self.order[path] for path in self._members(holder, name)) - 0.5
        elif kind == "carry":
            place = min(index for path, index in self.order.items() if path.startswith(f"{about}.")) - 0.5
        else:
            place = self.order[about]
        return (self.order[holder], self._row_number(holder, row), place) if row else (place, 0, 0)

    def _members(self, holder: str, block: str) -> list[str]:
        elements = self.template.elements.values()
        return [one.path for one in elements if one.block == block and one.path.rpartition(".")[0] == holder]

    def _row_number(self, group: str, row: str) -> int:
        section, _, name = group.rpartition(".")
        rows = self.data.get(section, {}).get(name)
        ids = [one.get("id") for one in rows] if isinstance(rows, list) else []
        return ids.index(row) if row in ids else len(ids)

    def unanswered(self) -> list[Question]:
        """Return the questions whose answers are required as things stand and that were left open."""
        wanted = {(path, row.row if row else "") for path, row in missing(self.note())}
        return [one for one in self.questions() if self._wants(one, wanted)]

    def never_seen(self, seen: Collection[Key]) -> list[Question]:
        """Return the questions without an answer that are none of those seen, required or not."""
        note = self.note()
        new = [one for one in self.questions() if one.kind != "carry" and one.key not in seen]
        return [one for one in new if self.state(one, note) == "untouched"]

    def _wants(self, question: Question, wanted: set[tuple[str, str]]) -> bool:
        return any(one.element and (one.element.path, one.row) in wanted for one in question.parts())

    def go_to(self, question: Question) -> None:
        """Stand on a question."""
        self.at = question.key

    def resume(self) -> None:
        """Stand on the last question that has an answer; what was left open before it is offered at the end."""
        note = self.note()
        asked_for = [one for one in self.questions() if one.kind != "carry"]
        answered = [one.key for one in asked_for if self.state(one, note) != "untouched"]
        self.at = answered[-1] if answered else None

    def state(self, question: Question, note: Note) -> str:
        """Return whether a question's element is known, absent or untouched; a block is untouched until all are not."""
        records = [(one.element, self.record_of(note, one)) for one in question.parts()]
        states = [record.state(element.path) if record and element else "untouched" for element, record in records]
        return "untouched" if "untouched" in states else states[0]

    def value(self, question: Question) -> Any:
        """Return the recorded value of a question's element, or None."""
        holder = self._holder(question, create=False)
        return holder.get(question.element.name) if holder and question.element else None

    def suggestion(self, question: Question) -> Any:
        """Return what the template suggests for an element nobody has answered (of a group, how many rows), or None."""
        if question.kind not in ("element", "rows") or question.element is None or not question.element.suggested:
            return None
        note = self.note()
        record = self.record_of(note, question)
        if record is None or record.state(question.element.path) != "untouched":
            return None
        return suggested(note, question.element, record if question.row else None)

    def on_request(self, question: Question) -> list[Question]:
        """Return what can be added at a question though it is never asked: to its row, then to its section."""
        if question.kind == "carry":
            return []
        now, section = standing(self.note()), question.section
        inside = self.template.elements[question.group].rows if question.group else ()
        rows = [
            Question("element", section, one, question.row, question.number)
            for one in inside
            if not now.in_turn(one) and now.applies(one, question.row)
        ]
        added = [one for one in section if not one.computed and not now.in_turn(one) and now.applies(one)]
        return rows + [_whole(section, one) for one in added]

    def rows_of(self, question: Question) -> list[Question]:
        """Return the questions about the rows of a repeating group."""
        if question.element is None:
            return []
        return [one for one in self._of_group(question.section, question.element, standing(self.note())) if one.row]

    def record_of(self, note: Note, question: Question) -> Record | None:
        """Return where a question's element is recorded: the note's record, or that of its row."""
        if question.group:
            rows = note.record.rows.get(question.group, ())
            return next((row for row in rows if row.row == question.row), None)
        return note.record

    # which questions there are

    def _of_section(self, section: Section, now: Standing) -> Iterator[Question]:
        if section.name in self.carried and section.name not in self.settled:
            if not section.asked or any(now.applies(element) for element in section if not element.computed):
                yield Question("carry", section)
            return
        elements = [one for one in section if not one.computed and one.path not in _SET_BY_SHELL]
        for question in self._in_turn(section, elements, now):
            if question.element is not None and question.element.kind == "group":
                yield from self._of_group(section, question.element, now)
            else:
                yield question

    def _of_group(self, section: Section, group: Element, now: Standing) -> Iterator[Question]:
        whole = _whole(section, group)
        yield whole
        if whole.kind == "rows":
            for row in now.note.record.rows.get(group.path, ()):
                yield from self._in_turn(section, group.rows, now, row, group)

    def _in_turn(
        self,
        section: Section,
        elements: Iterable[Element],
        now: Standing,
        row: Record | None = None,
        group: Element | None = None,
    ) -> Iterator[Question]:
        """Yield the questions about elements of a section or row, a block at the place of its first member."""
        at, number = (row.row, row.number) if row else ("", 0)
        blocks = {block.key: block for block in (group.blocks if group else section.blocks)}
        asked_for = [one for one in elements if now.in_turn(one) and now.applies(one, at)]
        begun: set[Key] = set()
        for element in asked_for:
            question = Question("element", section, element, at, number)
            if element.block:
                members = tuple(one for one in asked_for if one.block == element.block)
                block = Question("block", section, None, at, number, blocks[element.block], members)
                question = question if block.key in self.opened else block
            if question.key not in begun:
                yield question
            begun.add(question.key)

    # what an answer changes

    def put(self, question: Question, value: Any) -> None:
        """Record a value; a reason to keep the one it replaces is dropped."""
        holder = self._holder(question, create=True)
        if holder is not None and question.element is not None:
            self._forget(question, question.element, value)
            holder[question.element.name] = value

    def put_pair(self, question: Question, values: tuple[Any, Any]) -> None:
        """Record two values that were typed together; the second is then not asked for."""
        if question.element is not None:
            other = self.template.elements[question.element.pair]
            self.put(question, values[0])
            self.put(Question("element", question.section, other), values[1])
            self.given.add(other.path)

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

    def open_block(self, question: Question) -> None:
        """Ask a block one by one."""
        self.opened.add(question.key)

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

    def settle(self, section: Section, take: bool) -> None:
        """Answer what is carried forward: take it all, or ask anew; what was unconfirmed is then confirmed, or gone."""
        if take:
            held = self.data if section.name == HEADER else self.data.setdefault(section.name, {})
            held.update(deepcopy(self.carried[section.name]))
            self.taken.add(section.name)
        elif section.name in self.unconfirmed:
            held = self.data.get(section.name, {})
            for name in self.unconfirmed[section.name]:
                held.pop(name, None)
        self._unmark(section.name)
        self.settled.add(section.name)

    def _unmark(self, section: str) -> None:
        """Drop the marks of what was unconfirmed in a section."""
        unmark(self.data, {str(mark.get("at", "")) for mark in marks(self.data) if marked(mark)[0] == section})

    def _holder(self, question: Question, create: bool) -> dict[str, Any] | None:
        section = question.section.name
        if section == HEADER:
            return self.data
        held: dict[str, Any] = self.data.setdefault(section, {}) if create else self.data.get(section, {})
        if not question.group:
            return held
        name = question.group.rpartition(".")[2]
        return next((row for row in held.get(name, []) if row.get("id") == question.row), None)


def _whole(section: Section, element: Element) -> Question:
    """Return the question about an element of a section: for a repeating group, how many or which values."""
    kind = "element" if element.kind != "group" else "list" if len(element.rows) == 1 else "rows"
    return Question(kind, section, element)


def _values_at(question: Question, element: Element, held: Any) -> dict[str, Any]:
    """Return what an answer holds at each place; the rows of a group have places of their own."""
    at = place(question.group) + f"[{question.row}].{element.name}" if question.group else place(element.path)
    rows = held if isinstance(held, list) and element.kind == "group" else []
    return {at: held} | {f"{at}[{row.get('id')}].{name}": value for row in rows for name, value in row.items()}


def computed_values(note: Note) -> dict[str, str]:
    """Return the computed values that are known, by title, as they are said."""
    found = {}
    for path, _ in note.template.computed:
        if path in note.record.values:
            element = note.template.elements[path]
            title = wording.spelled(element.title, note.jurisdiction)
            found[title] = wording.say(element, note.record.values[path], note.jurisdiction)
    return found
