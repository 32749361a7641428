"""What a form shows of a draft: every control, with all that a page says about it, decided here and printed there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ci_notes import kinds, wording
from ci_notes.carrying import marks
from ci_notes.carrying import said as carried_lines
from ci_notes.checks import required
from ci_notes.derive import DATED, Note, Record
from ci_notes.element import ABSENCES, Element, Section
from ci_notes.element import Block as Asked
from ci_notes.expression import EARLIER
from ci_notes.form.controls import MOST_BUTTONS, control, control_id, words
from ci_notes.form.desk import said
from ci_notes.form.offering import offered
from ci_notes.form.remembered import remembered
from ci_notes.form.sheet import (
    Block,
    Choice,
    Computed,
    Extra,
    Field,
    Form,
    Group,
    Last,
    LeftOver,
    Offer,
    Part,
    Row,
    Sheet,
    every_field,
)
from ci_notes.form.spots import SET_BY_OTHERS, is_list
from ci_notes.form.state import State
from ci_notes.form.surplus import Surplus, surplus
from ci_notes.form.written import chosen, day_written, written
from ci_notes.places import label, place
from ci_notes.questions import standing
from ci_notes.recording import USUAL
from ci_notes.suggesting import suggested
from ci_notes.template import HEADER, Template

Names = Mapping[str, Mapping[str, str]]
"""What text is called where a page is made, by element and text: a URI by the name of the hospital."""


def build(
    template: Template,
    state: State,
    *,
    note: Note,
    earlier: Sequence[Note] = (),
    today: date,
    names: Names | None = None,
) -> Form:
    """Return what a page shows of a draft; `note` is the draft as `read` derives it, beside `earlier`.

    `today` is the day from which ages of values are counted where the note has no date. Text that has a name in `names`
    is shown as a choice among those that have one; somebody who wants another takes the answer back first.
    """
    view = _View(template, state, note, earlier, today, names or {})
    sections = tuple(one for one in map(view.sheet, template.sections) if one.applies or one.left_over or one.parts)
    left = tuple(one for section in sections for one in section.left_over)
    absences = tuple(ABSENCES.items())
    title = wording.spelled(template.title, view.jurisdiction)
    return Form(template.id, title, view.jurisdiction, sections, absences, left)


class _View:
    """A draft while its form is made: what the note says of every place, looked up once."""

    def __init__(
        self, template: Template, state: State, note: Note, earlier: Sequence[Note], today: date, names: Names
    ) -> None:
        self.template, self.state, self.note, self.names = template, state, note, names
        self.now = standing(note)
        self.jurisdiction = str(note.data.get("jurisdiction", "")) if isinstance(note.data, Mapping) else ""
        self.words = words(template, self.jurisdiction)
        self.moment = str(note.data.get("date", ""))
        self.day = date.fromisoformat(self.moment[:10]) if kinds.is_date(self.moment[:10]) else today
        self.required = {(path, row.row if row else "") for path, row in required(note)}
        self.wrong = {(one.element, one.row): one.message for one in note.problems if one.element}
        self.kept = dict(_kept(note))
        self.marked = {str(one.get("at", "")): one for one in marks(note.data)}
        self.offers = {at.place: self.offer(at.element, at.place, value, day) for at, value, day in
                       offered(template, earlier, note, state.settled)}  # fmt: skip
        self.left: dict[str, list[Surplus]] = {}
        for one in surplus(self.now, state):
            self.left.setdefault(one.section, []).append(one)
        self.lists = _lists(earlier)
        self.asked = _by_section((path, row, answer) for (path, row), answer in self.now.asked.items())
        self.wanted = _by_section(sorted(self.required))
        self.before = _before(note), self.lists

    # sections

    def sheet(self, section: Section) -> Sheet:
        """Return what a section shows; one that was made of the same before is taken as it was."""
        return remembered(self.template, self.made_of(section), lambda: self.made(section))

    def made_of(self, section: Section) -> tuple[Any, ...]:
        """Return all that the sheet of a section is made of, as plain data: what a control shows must be in here."""
        name, state = section.name, self.state
        held, elements = self.held(section), [one for one in section if not one.computed]
        return (
            name, self.jurisdiction, self.moment, self.day, self.before,
            [(one.name, held[one.name]) for one in elements if one.name in held],
            self.asked.get(name), self.wanted.get(name),
            [self.now.in_turn(one) for element in elements for one in (element, *element.rows) if one.in_turn],
            [self.suggestion(one, record) for one, record in self.suggestible(elements)],
            [(path, row, words) for (path, row), words in self.wrong.items() if path.partition(".")[0] == name],
            [(one.place, one.held, one.value) for one in self.left.get(name, ())],
            *(_of_section(name, held) for held in (state.unread, state.conflicts, self.kept, self.marked, self.offers)),
            sorted(at for at in state.opened if _section_of(at) == name),
            [*computed(self.note, section)],
        )  # fmt: skip

    def held(self, section: Section) -> Mapping[str, Any]:
        held = self.note.data if section.name == HEADER else self.note.data.get(section.name)
        return held if isinstance(held, Mapping) else {}

    def suggestible(self, elements: Iterable[Element]) -> Iterator[tuple[Element, Record]]:
        """Yield the elements that may have a suggestion, each with the record that it stands in."""
        for element in elements:
            if element.suggested:
                yield element, self.note.record
            for inner in element.rows:
                if inner.suggested:
                    yield from ((inner, record) for record in self.note.record.rows.get(element.path, ()))

    def made(self, section: Section) -> Sheet:
        held = self.held(section)
        elements = [one for one in section if not one.computed and one.path not in SET_BY_OTHERS]
        applying = [one for one in elements if self.now.applies(one)]
        parts = tuple(self.parts(section, elements, section.blocks, held, self.note.record))
        asked, answered = _progress(parts)
        handed = [one for at, one in self.offers.items() if _section_of(at) == section.name]
        marked = [one.offer for one in every_field(parts) if one.offer is not None and one.offer.unconfirmed]
        return Sheet(
            name=section.name,
            id=f"s-{section.name}",
            title=self.spelled(section.title),
            help=self.spelled(section.help),
            applies=bool(applying),
            parts=parts,
            extras=tuple(self.extras(elements, held, self.note.record)),
            offers=(*handed, *marked),
            computed=tuple(computed(self.note, section)),
            left_over=tuple(map(self.left_over, self.left.get(section.name, ()))),
            asked=asked,
            answered=answered,
        )

    def parts(
        self,
        section: Section,
        elements: Iterable[Element],
        blocks: tuple[Asked, ...],
        held: Mapping[str, Any],
        record: Record,
    ) -> Iterator[Any]:
        """Yield fields, blocks and groups, a block at the place of its first member."""
        shown = [one for one in elements if self.is_shown(one, held, record)]
        by_key = {one.key: one for one in blocks}
        begun: set[str] = set()
        for element in shown:
            if element.kind == "group" and not self.is_line(element, held.get(element.name)):
                yield self.group(section, element, held)
            elif element.block not in by_key:
                yield self.field(element, held, record)
            elif element.block not in begun:
                begun.add(element.block)
                members = [one for one in shown if one.block == element.block]
                yield self.block(by_key[element.block], members, held, record)

    def is_shown(self, element: Element, held: Mapping[str, Any], record: Record) -> bool:
        """Return whether an element has a control: it is asked, opened by hand, or holds something that may apply."""
        if self.now.ruled_out(element, record.row):
            return False
        at = self.place(element, record)
        if element.name in held or at in self.state.unread or at in self.state.conflicts:
            return True
        if not self.now.applies(element, record.row):
            return False
        return at in self.state.opened or self.now.in_turn(element)

    def extras(self, elements: Iterable[Element], held: Mapping[str, Any], record: Record) -> Iterator[Extra]:
        for element in elements:
            if self.now.applies(element, record.row) and not self.is_shown(element, held, record):
                yield Extra(self.place(element, record), self.spelled(element.title))

    def is_line(self, element: Element, value: Any) -> bool:
        """Return whether a group stands on one line: numbers alone, none of them missing."""
        if not is_list(element):
            return False
        name = element.rows[0].name
        rows = value if isinstance(value, list) else []
        plain = all(isinstance(row, Mapping) and set(row) == {"id", name} and _is_number(row[name]) for row in rows)
        return plain and (element.path, "") not in self.wrong

    # controls

    def place(self, element: Element, record: Record) -> str:
        return place(element.path, record if element.group else None)

    def spelled(self, words: str) -> str:
        return wording.spelled(words, self.jurisdiction)

    def field(self, element: Element, held: Mapping[str, Any], record: Record) -> Field:
        at = self.place(element, record)
        value, unread = held.get(element.name), self.state.unread.get(at)
        absent = value if isinstance(value, Mapping) else {}
        code = str(absent.get("absent", ""))
        standing_text = written(element, value, self.jurisdiction, self.moment) if value is not None else ""
        wrong = self.wrong.get((element.path, record.row), "")
        line = element.kind == "group" and self.is_line(element, value)
        words = self.words[element.path]
        shown = Field(
            place=at,
            id=control_id(at),
            control=control(element, standing_text, line),
            title=words.title,
            help=words.help,
            hint=words.hint,
            unit=words.unit,
            allowed=words.allowed,
            usual=words.usual,
            low=words.low,
            high=words.high,
            longest=words.longest,
            text=unread.typed if unread else "" if element.kind == "group" and not line else standing_text,
            said=self.spelled_value(element, said(element, value, self.jurisdiction)),
            options=self.options(element, words.options, value),
            state=self.state_of(element, record, value),
            absent=code if code in ABSENCES else "",
            absent_title=ABSENCES.get(code, ""),
            absent_reason=str(absent.get("reason", "")),
            may_be_absent=element.path != f"{HEADER}.date",
            required=(element.path, record.row) in self.required,
            message=unread.message if unread else wrong,
            doubt=bool(unread and unread.doubt),
            wants_reason=bool(unread and unread.wants_reason),
            reason=unread.reason if unread else "",
            unread=unread is not None,
            conflict=self.state.conflicts.get(at),
            kept=self.kept.get(at, ""),
            offer=self.offers.get(at) or self.mark(element, at, value),
            last=self.last(element),
            suggestion=self.suggestion(element, record),
            pair=element.pair,
            on_request=not self.now.in_turn(element),
        )
        return shown if unread else self.named(element, value, shown)

    def named(self, element: Element, value: Any, shown: Field) -> Field:
        """Return a field as a choice by name where its text has one."""
        names = self.names.get(element.path, {})
        if not isinstance(value, str) or value not in names:
            return shown
        options = tuple(Choice(one, title, one == value) for one, title in names.items())
        return replace(
            shown, control="buttons" if len(options) <= MOST_BUTTONS else "search", options=options, said=names[value]
        )

    def state_of(self, element: Element, record: Record, value: Any) -> str:
        state = record.state(element.path)
        return "wrong" if state == "untouched" and value is not None else state

    def spelled_value(self, element: Element, words: str) -> str:
        return words if element.kind == "text" else self.spelled(words)

    def options(self, element: Element, titles: tuple[tuple[str, str], ...], value: Any) -> tuple[Choice, ...]:
        picked = chosen(element, value) if titles and value is not None else ()
        also = {one.value: one.also for one in element.options}
        return tuple(Choice(one, title, one in picked, also.get(one, ())) for one, title in titles)

    def block(self, asked: Asked, members: list[Element], held: Mapping[str, Any], record: Record) -> Block:
        fields = tuple(self.field(one, held, record) for one in members)
        holder = self.place(members[0], record).rpartition(".")[0]
        at = f"{holder}.{asked.key}" if holder else asked.key
        open_ = sum(one.state == "untouched" and not one.unread for one in fields)
        whole = "All of these" if asked.normal else "None of these"
        rest = "Yes to the rest" if asked.normal else "None of the rest"
        said_all = whole if open_ in (0, len(fields)) else rest
        return Block(at, f"b-{control_id(at)}", self.spelled(asked.ask), said_all, fields, open_)

    def group(self, section: Section, element: Element, held: Mapping[str, Any]) -> Group:
        whole = self.field(element, held, self.note.record)
        rows = held.get(element.name)
        rows = rows if isinstance(rows, list) else []
        records = self.note.record.rows.get(element.path, ())
        readable = [row for row in rows if isinstance(row, Mapping)]
        shown = tuple(self.row(section, element, record, row) for record, row in zip(records, readable, strict=False))
        title = self.spelled(element.row_title or element.title)
        return Group(whole, title, shown, none=rows == [] and isinstance(held.get(element.name), list))

    def row(self, section: Section, group: Element, record: Record, held: Mapping[str, Any]) -> Row:
        at = f"{place(group.path)}[{record.row}]"
        return Row(
            place=at,
            id=control_id(at),
            title=f"{self.spelled(group.row_title or group.title)} {record.number}",
            number=record.number,
            parts=tuple(self.parts(section, group.rows, group.blocks, held, record)),
            extras=tuple(self.extras(group.rows, held, record)),
            conflict=self.state.conflicts.get(at),
        )

    # what stands beside a control

    def suggestion(self, element: Element, record: Record) -> str:
        if not element.suggested or record.state(element.path) != "untouched":
            return ""
        value = suggested(self.note, element, record if element.group else None)
        if element.kind == "group" and value is not None:
            return str(value)  # how many rows
        return "" if value is None else self.spelled(said(element, value, self.jurisdiction))

    def last(self, element: Element) -> Last | None:
        """Return what the latest earlier note with a value says; rows have no counterpart there, lists have."""
        if element.group:
            return None
        values, key = self.note.record.values, f"{EARLIER}{element.path}"
        if key in values:
            words = said(element, values[key], self.jurisdiction)
            return self.dated(self.spelled_value(element, words), self.day_of(element))
        if element.path in self.lists:
            value, day = self.lists[element.path]
            return self.dated(written(element, value, self.jurisdiction), day)
        absent = self.note.record.absent.get(key)
        return self.dated(ABSENCES[absent.code], "") if absent else None

    def day_of(self, element: Element) -> str:
        """Return the day of an earlier value: that on which it was true, where the same note says so, or its note's."""
        values, own = self.note.record.values, f"{EARLIER}{element.dated}"
        day = str(values.get(f"{EARLIER}{element.path}{DATED}", ""))
        same = element.dated and values.get(f"{own}{DATED}", "") == day
        return str(values.get(own, day))[:10] if same else day[:10]

    def dated(self, words: str, day: str) -> Last:
        if not kinds.is_date(day):
            return Last(words)
        return Last(words, day_written(date.fromisoformat(day), self.jurisdiction), self.age(day))

    def age(self, day: str) -> int | None:
        return (self.day - date.fromisoformat(day)).days if kinds.is_date(day) else None

    def offer(self, element: Element, at: str, value: Any, day: str, source: str | None = None) -> Offer:
        lines, words = self.told(element, value)
        dated = self.dated(words, day)
        title = self.spelled(element.title)
        return Offer(at, title, words, lines, source or "", dated.day, dated.age, source is not None)

    def told(self, element: Element, value: Any) -> tuple[tuple[str, ...], str]:
        """Return a value in words; of rows, each on a line."""
        words = self.spelled_value(element, said(element, value, self.jurisdiction))
        if element.kind != "group" or not isinstance(value, list):
            return (), words
        section = Section(element.path, "", (element,))
        lines = carried_lines(section, {element.name: value}, self.jurisdiction)[1:]
        return tuple(self.spelled(one.strip()) for one in lines), words

    def mark(self, element: Element, at: str, value: Any) -> Offer | None:
        """Return where a value came from that nobody has confirmed."""
        mark = self.marked.get(at)
        if mark is None or value is None:
            return None
        return self.offer(element, at, value, str(mark.get("on", "")), str(mark.get("source", "")))

    def left_over(self, one: Surplus) -> LeftOver:
        unread, conflict = self.state.unread.get(one.place), self.state.conflicts.get(one.place)
        title = self.spelled(label(self.template, one.element.path, one.row))
        words = said(one.element, one.value, self.jurisdiction)
        if one.element.kind == "group" and isinstance(one.value, list):
            words = "; ".join(self.told(one.element, one.value)[0]) or words
        typed = unread.typed if unread else conflict.mine if conflict else ""
        shown = "; ".join(part for part in (self.spelled_value(one.element, words), typed and f"«{typed}»") if part)
        return LeftOver(one.place, title, shown, typed=bool(typed))


# --- what the whole note says --------------------------------------------------------------------------------------


def _kept(note: Note) -> Iterator[tuple[str, str]]:
    """Yield the places whose unusual value is kept, with the reason."""
    path = f"{HEADER}.kept"
    for row in note.record.rows.get(path, ()):
        if row.values.get(f"{path}.rule") == USUAL:
            yield str(row.values.get(f"{path}.at", "")), str(row.values.get(f"{path}.rationale", ""))


def _lists(earlier: Sequence[Note]) -> dict[str, tuple[Any, str]]:
    """Return the latest values of groups that stand on one line, with the day of their note."""
    found: dict[str, tuple[Any, str]] = {}
    for before in earlier:
        day = str(before.record.values.get(f"{HEADER}.date", ""))[:10]
        for element in before.template:
            rows = before.record.rows.get(element.path) if element.kind == "group" and is_list(element) else None
            inner = element.rows[0] if rows else None
            if rows and inner is not None and all(inner.path in row.values for row in rows):
                found[element.path] = ([{inner.name: row.values[inner.path]} for row in rows], day)
    return found


def _progress(parts: Iterable[Part]) -> tuple[int, int]:
    """Return how many questions are asked and how many have an answer; what is on request counts in neither."""
    fields = [one for one in every_field(parts) if not one.on_request]
    return len(fields), sum(one.state in ("known", "absent") and not one.unread for one in fields)


def computed(note: Note, section: Section) -> Iterator[Computed]:
    """Yield the computed values of a section that are known, with the places of the fields they come from."""
    for element in section:
        if element.computed and element.path in note.record.values:
            words = wording.say(element, note.record.values[element.path], note.jurisdiction)
            title = wording.spelled(element.title, note.jurisdiction)
            places = tuple(place(path) for path in note.template.origins(element.path))
            yield Computed(element.path, title, words, places)


def _by_section(told: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    """Return what is told of elements by the section of each, whose path comes first."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for one in told:
        found.setdefault(one[0].partition(".")[0], []).append(one)
    return found


def _of_section(name: str, held: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what is held at the places of a section."""
    return [(at, one) for at, one in held.items() if _section_of(at) == name]


def _before(note: Note) -> list[tuple[str, Any]]:
    """Return what a note knows of the notes before it."""
    record = note.record
    told = (*record.values.items(), *record.absent.items())
    return [(key, value) for key, value in told if key.startswith(EARLIER)]


def _section_of(at: str) -> str:
    whole = at.partition("[")[0]
    return whole.partition(".")[0] if "." in whole else HEADER


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
