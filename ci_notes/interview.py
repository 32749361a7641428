"""A note as a series of questions: which comes next, what an answer changes, how to go back and carry forward.

Nothing here reads a keyboard or a clock; the terminal does, and any other shell could.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ci_notes import derive, wording
from ci_notes.checks import asked, left_over, missing
from ci_notes.derive import Note, Record
from ci_notes.element import Element, Section
from ci_notes.template import HEADER, Template

_SET_BY_SHELL = (f"{HEADER}.status", f"{HEADER}.date", f"{HEADER}.kept")


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: an element (of a row, if it has one), a block of yes/no elements, or a section carried forward.

    `kind` is element, block, rows (how many), list (values of a group with a single element) or carry.
    """

    kind: str
    section: Section
    element: Element | None = None
    row: str = ""
    number: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes the question the same after other answers have changed."""
        return self.kind, self.element.path if self.element else self.section.name, self.row


class Interview:
    """The state of filling one note: its data, and where the person is.

    `new_id` makes ids for rows; `earlier` is the data of a note to carry forward from.
    """

    def __init__(
        self, template: Template, data: dict[str, Any], new_id: Callable[[], str], earlier: dict[str, Any] | None = None
    ) -> None:
        self.template = template
        self.data = data
        self.new_id = new_id
        self.carried = _carried(template, earlier) if earlier else {}
        self.earlier_date = str((earlier or {}).get("date", ""))[:10]
        self.settled = {name for name in self.carried if name != HEADER and data.get(name)}
        self.taken: set[str] = set()
        self.opened: set[str] = set()
        self.at: tuple[str, str, str] | None = None

    # where we are

    def note(self) -> Note:
        """Return the note as it stands."""
        return derive.note(self.template, self.data)

    def questions(self) -> list[Question]:
        """Return every question that applies as things stand, in the order of the template."""
        note = self.note()
        applicable = asked(note)
        return [
            question for section in self.template.sections for question in self._of_section(section, note, applicable)
        ]

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
        """Return whether an answer was carried forward and confirmed, so that it is not asked again."""
        if question.section.name not in self.taken or question.element is None:
            return False
        whole = self.template.elements[question.element.group or question.element.path]
        return whole.carried and note.record.state(whole.path) != "untouched"

    def _nearest(self, keys: list[tuple[str, str, str]]) -> int:
        """Return where a question stood that no longer applies: the last one before its place in the template."""
        if self.at is None:
            return -1
        here = self._place(self.at)
        before = [index for index, key in enumerate(keys) if self._place(key) <= here]
        return before[-1] if before else -1

    def _place(self, key: tuple[str, str, str]) -> float:
        order = list(self.template.elements)
        if key[1] in order:
            return order.index(key[1])
        section = self.template.section(key[1])
        return order.index(section.elements[0].path) - 0.5 if section else -1

    def unanswered(self) -> list[Question]:
        """Return the questions whose answers are required as things stand and that were left open."""
        wanted = {(path, row.row if row else "") for path, row in missing(self.note())}
        return [one for one in self.questions() if self._wants(one, wanted)]

    def _wants(self, question: Question, wanted: set[tuple[str, str]]) -> bool:
        if question.kind == "block":
            return any((element.path, "") in wanted for element in question.section)
        return question.element is not None and (question.element.path, question.row) in wanted

    def go_to(self, question: Question) -> None:
        """Stand on a question."""
        self.at = question.key

    def resume(self) -> None:
        """Stand on the last question that has an answer, so that the next one is the first left open."""
        note = self.note()
        asked_for = [one for one in self.questions() if one.kind != "carry"]
        answered = [one.key for one in asked_for if self.state(one, note) != "untouched"]
        self.at = answered[-1] if answered else None

    def state(self, question: Question, note: Note) -> str:
        """Return whether a question's element, or any of its block, is known, absent or untouched."""
        if question.element is None:
            states = [note.record.state(element.path) for element in question.section]
            return next((state for state in states if state != "untouched"), "untouched")
        record = self._record(note, question)
        return record.state(question.element.path) if record else "untouched"

    def value(self, question: Question) -> Any:
        """Return the recorded value of a question's element, or None."""
        holder = self._holder(question, create=False)
        return holder.get(question.element.name) if holder and question.element else None

    def _record(self, note: Note, question: Question) -> Record | None:
        if question.element and question.element.group:
            rows = note.record.rows.get(question.element.group, ())
            return next((row for row in rows if row.row == question.row), None)
        return note.record

    # which questions there are

    def _of_section(self, section: Section, note: Note, applicable: dict[Any, bool | None]) -> Iterator[Question]:
        if section.name in self.carried and section.name not in self.settled:
            yield Question("carry", section)
            return
        if section.block and section.name not in self.opened:
            yield Question("block", section)
            return
        for element in section:
            if element.computed or element.path in _SET_BY_SHELL:
                continue
            if element.asked and applicable.get((element.path, "")) is not True:
                continue
            if element.kind == "group":
                yield from self._of_group(section, element, note, applicable)
            else:
                yield Question("element", section, element)

    def _of_group(
        self, section: Section, group: Element, note: Note, applicable: dict[Any, bool | None]
    ) -> Iterator[Question]:
        if len(group.rows) == 1:
            yield Question("list", section, group)
            return
        yield Question("rows", section, group)
        for row in note.record.rows.get(group.path, ()):
            for element in group.rows:
                if not element.asked or applicable.get((element.path, row.row)) is True:
                    yield Question("element", section, element, row.row, row.number)

    # what an answer changes

    def put(self, question: Question, value: Any) -> None:
        """Record a value."""
        holder = self._holder(question, create=True)
        if holder is not None and question.element is not None:
            holder[question.element.name] = value

    def put_absent(self, question: Question, code: str) -> None:
        """Record why there is no value; for a block, for each of its elements that has none."""
        if question.kind == "block":
            for element in question.section:
                self.put(Question("element", question.section, element), {"absent": code})
        else:
            self.put(question, {"absent": code})

    def add_reason(self, question: Question, reason: str) -> bool:
        """Add words to the reason of absence just recorded; return whether there was one."""
        elements = question.section.elements if question.kind == "block" else (question.element,)
        done = False
        for element in elements:
            one = question if question.kind != "block" else Question("element", question.section, element)
            held = self.value(one)
            if isinstance(held, dict) and "absent" in held:
                self.put(one, {**held, "reason": reason})
                done = True
        return done

    def clear(self, question: Question) -> None:
        """Take an answer back."""
        holder = self._holder(question, create=False)
        if holder and question.element:
            holder.pop(question.element.name, None)

    def put_block(self, section: Section, positive: set[str]) -> None:
        """Answer a block in one act: yes for the named elements, no for all others, stored for each."""
        for element in section:
            if element.kind == "boolean":
                self.put(Question("element", section, element), element.name in positive)

    def open_block(self, section: Section) -> None:
        """Ask a block one by one."""
        self.opened.add(section.name)

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
        kept = [row for row in self.data.get("kept", []) if (row.get("rule"), row.get("at")) != (rule, at)]
        self.data["kept"] = [*kept, {"id": self.new_id(), "rule": rule, "at": at, "rationale": rationale}]

    def discard_left_over(self) -> None:
        """Take out what is recorded although it does not apply; one deliberate act, never done unasked."""
        for element, row, _ in [*left_over(self.note())]:
            section = self.template.section(element.path.partition(".")[0])
            if section is not None:
                self.clear(Question("element", section, element, row.row if row else ""))

    def settle(self, section: Section, take: bool) -> None:
        """Answer what is carried forward: take it all, or ask anew."""
        if take:
            held = self.data if section.name == HEADER else self.data.setdefault(section.name, {})
            held.update(deepcopy(self.carried[section.name]))
            self.taken.add(section.name)
        self.settled.add(section.name)

    def _holder(self, question: Question, create: bool) -> dict[str, Any] | None:
        section = question.section.name
        if section == HEADER:
            return self.data
        held: dict[str, Any] = self.data.setdefault(section, {}) if create else self.data.get(section, {})
        if question.element is None or not question.element.group:
            return held
        name = question.element.group.rpartition(".")[2]
        return next((row for row in held.get(name, []) if row.get("id") == question.row), None)


def _carried(template: Template, earlier: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return, by section, what may be carried forward from an earlier note: recorded values of elements that last."""
    found: dict[str, dict[str, Any]] = {}
    for section in template.sections:
        held = earlier if section.name == HEADER else earlier.get(section.name, {})
        values = {element.name: held[element.name] for element in section if element.carried and element.name in held}
        if values:
            found[section.name] = values
    return found


def computed_values(note: Note) -> dict[str, str]:
    """Return the computed values that are known, by title, as they are said."""
    found = {}
    for path, _ in note.template.computed:
        if path in note.record.values:
            element = note.template.elements[path]
            found[element.title] = wording.say(element, note.record.values[path], note.jurisdiction)
    return found


def said(section: Section, values: dict[str, Any], jurisdiction: str) -> list[str]:
    """Return carried values as lines for a person: title and value."""
    lines = []
    for element in section:
        if element.name not in values:
            continue
        value = values[element.name]
        if isinstance(value, dict):
            lines.append(f"{element.title}: {value.get('absent', '')}")
        elif element.kind == "group":
            lines.append(f"{element.title}: {len(value)}")
            lines += [
                f"  {element.row_title} {number}: {_row_said(element, row, jurisdiction)}"
                for number, row in enumerate(value, 1)
            ]
        else:
            lines.append(f"{element.title}: {wording.say(element, value, jurisdiction)}")
    return lines


def _row_said(group: Element, row: dict[str, Any], jurisdiction: str) -> str:
    parts = []
    for element in group.rows:
        value = row.get(element.name)
        if value is not None and not isinstance(value, dict):
            words = wording.say(element, value, jurisdiction)
            parts.append(f"{element.title.lower()} {words}" if element.kind == "boolean" else words)
    return ", ".join(parts)
