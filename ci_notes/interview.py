"""A note as a series of questions: which comes next, how to go back and carry forward.

Nothing here reads a keyboard or a clock; the terminal does, and any other shell could.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from ci_notes import wording
from ci_notes.carrying import MARKS, carried, marked, marks, unconfirmed, unmark
from ci_notes.checks import missing
from ci_notes.derive import Note, Record
from ci_notes.element import Element, Section
from ci_notes.places import place
from ci_notes.questions import Key, Question, Standing, standing, whole
from ci_notes.recording import Recording
from ci_notes.suggesting import suggested
from ci_notes.template import HEADER, Template

_SET_BY_SHELL = (f"{HEADER}.status", f"{HEADER}.date", f"{HEADER}.kept", f"{HEADER}.carried")


class Interview(Recording):
    """A note that is recorded question by question, and where the person is in it.

    `earlier` is the data of notes to carry forward from, the first of them first.
    """

    def __init__(
        self,
        template: Template,
        data: dict[str, Any],
        new_id: Callable[[], str],
        earlier: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(template, data, new_id)
        self.carried = carried(template, earlier)
        self.earlier_date = str(earlier[-1].get("date", ""))[:10] if earlier else ""
        self.unconfirmed = unconfirmed(template, data)
        self.settled = {name for name in self.carried if name != HEADER and data.get(name)} - set(self.unconfirmed)
        for section, values in self.unconfirmed.items():
            held = data if section == HEADER else data.get(section, {})
            others = {name: one for name, one in self.carried.get(section, {}).items() if name not in held}
            self.carried[section] = others | values
        self.taken: set[str] = set()
        self.refused: set[str] = set()
        self.again: set[str] = set()
        self.given: set[str] = set()
        self.opened: set[Key] = set()
        self.at: Key | None = None
        self.order = {path: index for index, path in enumerate(template.elements)}

    # where we are

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
        """Return whether a question is not asked again: its answer was confirmed, or typed with another, or refused."""
        if question.kind == "carry":
            return question.section.name in self.refused
        if question.element is not None and question.element.path in self.given:
            return True
        wholes = [self.template.elements[question.group or one._about] for one in question.parts()]
        if question.section.name not in self.taken or any(whole.path in self.again for whole in wholes):
            return False
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
        return rows + [whole(section, one) for one in added]

    def rows_of(self, question: Question) -> list[Question]:
        """Return the questions about the rows of a repeating group."""
        if question.element is None:
            return []
        return [one for one in self._of_group(question.section, question.element, standing(self.note())) if one.row]

    # which questions there are

    def _of_section(self, section: Section, now: Standing) -> Iterator[Question]:
        if section.name in self.carried and section.name not in self.settled:
            if not section.asked or any(now.applies(element) for element in section if not element.computed):
                yield Question("carry", section)
            return
        if section.name in self.refused:  # one may go back and take it after all
            yield Question("carry", section)
        elements = [one for one in section if not one.computed and one.path not in _SET_BY_SHELL]
        for question in self._in_turn(section, elements, now):
            if question.element is not None and question.element.kind == "group":
                yield from self._of_group(section, question.element, now)
            else:
                yield question

    def _of_group(self, section: Section, group: Element, now: Standing) -> Iterator[Question]:
        asked = whole(section, group)
        yield asked
        if asked.kind == "rows":
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
        asked_for = [one for one in elements if self._is_asked(one, now) and now.applies(one, at)]
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

    def _is_asked(self, element: Element, now: Standing) -> bool:
        return now.in_turn(element) or element.path in self.again

    # what an answer changes

    def put_pair(self, question: Question, values: tuple[Any, Any]) -> None:
        """Record two values that were typed together; the second is then not asked for."""
        if question.element is not None:
            other = self.template.elements[question.element.pair]
            self.put(question, values[0])
            self.put(Question("element", question.section, other), values[1])
            self.given.add(other.path)

    def open_block(self, question: Question) -> None:
        """Ask a block one by one."""
        self.opened.add(question.key)

    def offered(self, section: Section) -> list[Element]:
        """Return the elements of a section for which something is carried forward, in the order of the template."""
        return [one for one in section if one.name in self.carried[section.name]]

    def settle(self, section: Section, take: bool, but: Collection[str] = ()) -> None:
        """Answer what is carried forward: take it all, or ask anew; what was unconfirmed is then confirmed, or gone.

        Of what is taken, the elements named in `but` are asked about, and unconfirmed until then.
        """
        self._unmark(section.name)
        self.settled.add(section.name)
        if not take:
            self._refuse(section)
            return
        held = self.data if section.name == HEADER else self.data.setdefault(section.name, {})
        held.update(deepcopy(self.carried[section.name]))
        self.refused.discard(section.name)
        self.taken.add(section.name)
        for element in section:
            if element.name in but:
                self.again.add(element.path)
                self._mark(element)

    def _refuse(self, section: Section) -> None:
        self.refused.add(section.name)
        held = self.data.get(section.name, {})
        for name in self.unconfirmed.get(section.name, ()):
            held.pop(name, None)

    def _mark(self, element: Element) -> None:
        """Note that nobody has confirmed what an earlier note holds for an element."""
        if f"{HEADER}.{MARKS}" in self.template.elements:
            row = {"id": self.new_id(), "at": place(element.path), "what": element.title, "source": "earlier note"}
            dated = {"on": self.earlier_date} if self.earlier_date else {}
            self.data[MARKS] = [*marks(self.data), row | dated]

    def confirm(self, question: Question) -> None:
        """Let an answer stand that came from elsewhere: somebody has looked at it."""
        unmark(self.data, {place(one.element.path) for one in question.parts() if one.element and not one.row})

    def _unmark(self, section: str) -> None:
        """Drop the marks of what was unconfirmed in a section."""
        unmark(self.data, {str(mark.get("at", "")) for mark in marks(self.data) if marked(mark)[0] == section})


def computed_values(note: Note) -> dict[str, str]:
    """Return the computed values that are known, by title, as they are said."""
    found = {}
    for path, _ in note.template.computed:
        if path in note.record.values:
            element = note.template.elements[path]
            title = wording.spelled(element.title, note.jurisdiction)
            found[title] = wording.say(element, note.record.values[path], note.jurisdiction)
    return found
