"""A draft while changes are made to it: the note as it is recorded, and what is not part of it yet."""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any, TypeGuard

from ci_notes import answers, derive, wording
from ci_notes.answers import Doubt, Unclear, Value
from ci_notes.checks import SHORTEST_RATIONALE
from ci_notes.derive import Note, Record
from ci_notes.element import ABSENCES, Element
from ci_notes.form.changes import Outcome
from ci_notes.form.spots import SET_BY_OTHERS, Spot, spot
from ci_notes.form.state import State, Unread
from ci_notes.form.written import written
from ci_notes.questions import Standing, standing
from ci_notes.recording import USUAL, Recording
from ci_notes.shape import UNPRINTABLE
from ci_notes.template import HEADER, Template

TOO_SHORT = f"A reason of at least {SHORTEST_RATIONALE} characters is wanted, so that the next reader can follow it."


class Desk:
    """A draft at hand. `data` is a copy; the state that it began with stays as it was."""

    def __init__(
        self, template: Template, state: State, today: date, new_id: Callable[[], str], earlier: Sequence[Note] = ()
    ) -> None:
        self.template = template
        self.data: dict[str, Any] = deepcopy(dict(state.data))
        self.unread = dict(state.unread)
        self.conflicts = dict(state.conflicts)
        self.opened = set(state.opened)
        self.settled = set(state.settled)
        self.today = today
        self.earlier = earlier
        self.recording = Recording(template, self.data, new_id)
        self.new_id = new_id
        self.touched: dict[str, None] = {}
        self._standing: Standing | None = None

    @property
    def state(self) -> State:
        """The draft as it is now."""
        return State(self.data, self.unread, self.conflicts, frozenset(self.opened), frozenset(self.settled))

    @property
    def jurisdiction(self) -> str:
        """The guideline set of the note; it decides how dates are written."""
        return str(self.data.get("jurisdiction", ""))

    @property
    def moment(self) -> str:
        """The date and time of the note."""
        return str(self.data.get("date", ""))

    def standing(self) -> Standing:
        """Return how things stand now, derived anew only after something changed."""
        if self._standing is None:
            self._standing = standing(derive.note(self.template, self.data))
        return self._standing

    def touch(self, *places: str) -> None:
        """Remember that places are not what they were."""
        self.touched.update(dict.fromkeys(places))
        self._standing = None

    # where things are

    def find(self, place: str) -> Spot | Outcome:
        """Return where a place is, or why nothing can be recorded there."""
        found = spot(self.template, place)
        if found is None:
            return Outcome("refused", place, message=f"This note has no place «{place[:80]}».")
        if found.element.computed:
            return Outcome("refused", place, message=f"{found.title} is computed from other entries.")
        if (found.group or found.element).path in SET_BY_OTHERS:
            return Outcome("refused", place, message=f"{found.title} is not set in the form.")
        if not self._is_sound(found):
            return Outcome(
                "refused", place, message=f"{found.section.title} cannot be read, so nothing is added to it."
            )
        return found

    def _is_sound(self, at: Spot) -> bool:
        """Return whether what holds a place can be read; a file from elsewhere may hold anything."""
        held = self.data if at.section.name == HEADER else self.data.get(at.section.name, {})
        whole = at.group or at.element
        if not isinstance(held, dict):
            return False
        rows = held.get(whole.name, [])
        return whole.kind != "group" or isinstance(rows, dict) or _are_rows(rows)

    def rows(self, group: Spot | Element) -> list[dict[str, Any]]:
        """Return the rows of a group; none where a reason of absence stands in their place."""
        element = (group.group or group.element) if isinstance(group, Spot) else group
        section, _, name = element.path.rpartition(".")
        holder = self.data.get(section)
        rows = holder.get(name) if isinstance(holder, Mapping) else None
        return rows if _are_rows(rows) else []

    def has_row(self, at: Spot) -> bool:
        """Return whether the row of a place is there; a place outside of rows has none to miss."""
        return not at.row or any(row.get("id") == at.row for row in self.rows(at))

    def value(self, at: Spot) -> Any:
        """Return what is recorded at a place, or None; a row's value is the row."""
        if at.is_row:
            return next((row for row in self.rows(at) if row.get("id") == at.row), None)
        return self.recording.value(at.question) if self.has_row(at) else None

    def record_of(self, note: Note, at: Spot) -> Record | None:
        """Return where a place is recorded: the note's record, or that of its row."""
        return self.recording.record_of(note, at.question)

    def state_of(self, at: Spot) -> str:
        """Return whether a place is known, absent or untouched."""
        value = self.value(at)
        return "untouched" if value is None else "absent" if is_absence(value) else "known"

    def written(self, at: Spot) -> str:
        """Return what stands in a control as it is recorded."""
        value = self.value(at)
        return "" if value is None else written(at.element, value, self.jurisdiction, self.moment)

    def said(self, at: Spot) -> str:
        """Return what is recorded at a place in words; empty where nothing is."""
        return said(at.element, self.value(at), self.jurisdiction)

    # what is recorded

    def put(self, at: Spot, value: Any, reason: str = "") -> Outcome:
        """Record a value, with the reason for which it is kept where it is unusual."""
        self.recording.put(at.question, value)
        self.taken(at)
        if reason:
            self.recording.keep(USUAL, at.place, reason)
        return Outcome("taken", at.place, self.said(at))

    def put_list(self, at: Spot, values: list[Any], reason: str = "") -> Outcome:
        """Record the values of a list, each in its row."""
        self.recording.put_list(at.question, values)
        self.taken(at)
        inner = at.element.rows[0]
        for row in self.rows(at):
            if reason and isinstance(answers.within(inner, Value(row[inner.name])), Doubt):
                self.recording.keep(USUAL, f"{at.place}[{row['id']}].{inner.name}", reason)
        return Outcome("taken", at.place, self.written(at))

    def taken(self, at: Spot) -> None:
        """Note that a place has its answer: what stood there unread is gone."""
        self.unread.pop(at.place, None)
        self.touch(at.place)

    def clear(self, at: Spot) -> Outcome:
        """Take an answer back, with what was typed and not understood."""
        if self.value(at) is not None:
            self.recording.clear(at.question)
        self.taken(at)
        return Outcome("taken", at.place)

    def leave_unread(self, at: Spot, unread: Unread) -> Outcome:
        """Keep typed text that was not taken, with what would be right."""
        self.unread[at.place] = unread
        self.touch(at.place)
        kind = "doubt" if unread.doubt else "unclear"
        return Outcome(kind, at.place, message=unread.message, wants_reason=unread.wants_reason)

    def settle(self, at: Spot, typed: str, value: Any, reason: str = "") -> Outcome:
        """Record a value that was read or confirmed, unless it is impossible, or unusual without a reason."""
        several = at.kind == "list"
        element = at.element.rows[0] if several else at.element
        weighed = [answers.within(element, Value(one)) for one in (value if several else [value])]
        impossible = next((one for one in weighed if isinstance(one, Unclear)), None)
        if impossible is not None:
            return self.leave_unread(at, Unread(typed, impossible.message))
        doubts = [one for one in weighed if isinstance(one, Doubt)]
        changed = next((one for one in doubts if not one.kept), None)
        if changed is not None:
            values = [one.value for one in weighed if not isinstance(one, Unclear)]
            return self.leave_unread(at, Unread(typed, changed.question, True, False, values if several else values[0]))
        why = reason.strip()
        if doubts and len(why) < SHORTEST_RATIONALE:
            questions = " ".join(dict.fromkeys(one.question for one in doubts))
            asked = f"{questions} {TOO_SHORT}" if why else questions
            return self.leave_unread(at, Unread(typed, asked, True, True, value, why))
        return self.put_list(at, value, why) if several else self.put(at, value, why if doubts else "")

    def read(self, element: Element, typed: str) -> answers.Answer:
        """Return what was typed as an answer."""
        return answers.read(element, typed, self.jurisdiction, self.today, self.moment)


def _are_rows(rows: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(rows, list) and all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows)


def is_absence(value: Any) -> bool:
    """Return whether a value is a reason why there is none."""
    return isinstance(value, Mapping)


def said(element: Element, value: Any, jurisdiction: str) -> str:
    """Return a recorded value in words, a reason of absence too; what has the wrong type as it is."""
    if value is None:
        return ""
    if is_absence(value):
        return ABSENCES.get(str(value.get("absent")), "?")
    if element.kind == "group":
        return f"{len(value)}" if value else "none"
    try:
        return wording.say(element, value, jurisdiction)
    except (TypeError, ValueError, AttributeError):
        return str(value)


def printable(words: str) -> str:
    """Return words without what cannot be printed."""
    return re.sub(UNPRINTABLE, "", words).strip()
