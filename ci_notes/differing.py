"""What differs between two notes, field by field: versions of one, or two notes of a pregnancy."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ci_notes import wording
from ci_notes.derive import Note, Record
from ci_notes.element import ABSENCES, Element
from ci_notes.places import place
from ci_notes.template import HEADER, Template


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a text that are kept, added or removed."""

    change: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its section and title, the row it is in, and what either note says, in words.

    `change` is added, removed or changed; a side that says nothing is empty. `words` is set where both sides are text:
    the spans of `word_changes`. `computed` where nobody typed it.
    """

    place: str
    section: str
    title: str
    row: str
    change: str
    before: str
    after: str
    computed: bool = False
    words: tuple[Span, ...] = ()


def differences(before: Note, after: Note) -> list[Difference]:
    """Return what differs between two notes, in the order of the later one's sections.

    Of two notes of different kinds what both record in the same form is compared, and nothing that they hold of
    themselves: status, date, signature.
    """
    same_kind = before.template.id == after.template.id
    found = [*_known(before, after, same_kind)]
    return [*found, *_unknown(before, after)] if same_kind else found


def _known(before: Note, after: Note, same_kind: bool) -> Iterator[Difference]:
    for title, element in _compared(before.template, after.template, same_kind):
        pair = _Pair(before, after, title)
        yield from pair.group(element) if element.kind == "group" else pair.field(element, before.record, after.record)


def _compared(before: Template, after: Template, same_kind: bool) -> Iterator[tuple[str, Element]]:
    """Yield the elements to compare, each with the title of its section; those that only the earlier one has last."""
    for section in after.sections:
        for element in section:
            other = before.elements.get(element.path)
            if same_kind or (section.name != HEADER and other is not None and _alike(element, other)):
                yield section.title, element
    for section in before.sections if same_kind else ():
        yield from ((section.title, element) for element in section if element.path not in after.elements)


def _alike(one: Element, other: Element) -> bool:
    return (one.kind, one.unit, one.base) == (other.kind, other.unit, other.base)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two notes, and the title of the section that is compared."""

    before: Note
    after: Note
    section: str

    def field(self, element: Element, before: Record | None, after: Record | None) -> Iterator[Difference]:
        """Yield how a field differs, if it does; a row that a note does not have is None."""
        one, other = _held(element, before), _held(element, after)
        if one == other:
            return
        said = [_said(element, held, self.after.jurisdiction) for held in (one, other)]
        if said[0] == said[1]:
            said = [_stored(held) for held in (one, other)]  # what differs is not said, as the seconds of a moment
        words = word_changes(*said) if element.kind == "text" and all(said) else []
        yield self._difference(element, after or before, (said[0], said[1]), words)

    def _difference(
        self, element: Element, row: Record | None, said: tuple[str, str], words: Sequence[Span] = ()
    ) -> Difference:
        here = row if row is not None and row.row else None
        return Difference(
            place(element.path, here),
            self.section,
            element.title,
            _row_title(self.after.template, element, here),
            "changed" if all(said) else "added" if said[1] else "removed",
            *said,
            bool(element.computed),
            tuple(words),
        )

    def group(self, element: Element) -> Iterator[Difference]:
        """Yield how a repeating group differs: a list of two notes as one, anything else as a whole or by row."""
        if len(element.rows) == 1 and self.before.data.get("id") != self.after.data.get("id"):
            yield from self._list(element)
        else:
            yield from self._rows(element)

    def _list(self, element: Element) -> Iterator[Difference]:
        """Yield how a list differs between two notes, whose rows have nothing to do with each other."""
        one, other = (_listed(element, note.record, self.after.jurisdiction) for note in (self.before, self.after))
        if one != other:
            yield self._difference(element, None, (one, other))

    def _rows(self, element: Element) -> Iterator[Difference]:
        """Yield how a group differs: as a whole where a side is none or has a reason of absence, then by row."""
        sides = [note.record for note in (self.before, self.after)]
        whole = [_whole(element, record) for record in sides]
        if whole[0] != whole[1] and any(one and not one[0].isdecimal() for one in whole):
            yield self._difference(element, None, (whole[0], whole[1]))
        rows = [{row.row: row for row in record.rows.get(element.path, ())} for record in sides]
        for key in dict.fromkeys([*rows[1], *rows[0]]):
            yield from self._row(element, rows[0].get(key), rows[1].get(key))

    def _row(self, group: Element, before: Record | None, after: Record | None) -> Iterator[Difference]:
        inside = [one for element in group.rows for one in self.field(element, before, after)]
        if not inside and (before is None) != (after is None):
            title = group.row_title or group.title
            row = after or before
            where = f"{place(group.path)}[{row.row if row else ''}]"
            change = ("added", "", "recorded") if before is None else ("removed", "recorded", "")
            inside = [Difference(where, self.section, group.title, f"{title} {row.number if row else ''}", *change)]
        yield from inside


def _row_title(template: Template, element: Element, row: Record | None) -> str:
    group = template.elements.get(element.group)
    return f"{group.row_title or group.title} {row.number}" if group and row else ""


def _held(element: Element, record: Record | None) -> Any:
    """Return what a note has for a field: its value, the reason why it has none, or None."""
    if record is None:
        return None
    if element.path in record.absent:
        absence = record.absent[element.path]
        return {"absent": absence.code, "reason": absence.reason}
    if element.path in record.wrong:
        return {"wrong": True}
    return record.values.get(element.path)


def _said(element: Element, held: Any, jurisdiction: str) -> str:
    if held is None:
        return ""
    if isinstance(held, Mapping):
        return _said_absence(held)
    return wording.say(element, held, jurisdiction)


def _said_absence(held: Mapping[str, Any]) -> str:
    if "wrong" in held:
        return "not readable"
    reason = f" ({held['reason']})" if held["reason"] else ""
    return f"{ABSENCES[held['absent']]}{reason}"


def _stored(held: Any) -> str:
    return held if isinstance(held, str) else json.dumps(held, ensure_ascii=False)


def _whole(group: Element, record: Record) -> str:
    """Return what a note says of a group as a whole: none, how many, or why there is nothing."""
    held = _held(group, record)
    if held is not None:
        return _said_absence(held)
    rows = record.rows.get(group.path)
    return "" if rows is None else str(len(rows)) if rows else "none"


def _listed(group: Element, record: Record, jurisdiction: str) -> str:
    """Return the values of a group with a single element in one line: 21, 19, 18 mm."""
    (element,) = group.rows
    held = [_held(element, row) for row in record.rows.get(group.path, ())]
    numbers = [one for one in held if isinstance(one, int | float) and not isinstance(one, bool)]
    if held and len(numbers) == len(held):
        *first, last = numbers
        return ", ".join([*map(wording.say_number, first), wording.say_quantity(last, element.unit)])
    said = [_said(element, one, jurisdiction) for one in held if one is not None]
    return ", ".join(said) or (f"{len(held)} recorded" if held else _whole(group, record))


# --- what the template does not know -------------------------------------------------------------------------------


def _unknown(before: Note, after: Note) -> Iterator[Difference]:
    """Yield how fields differ that the template does not have, as those of an extension that is not here."""
    known = {*before.template.elements, *after.template.elements}
    one, other = ({place: held for place, held in _fields(note) if place not in known} for note in (before, after))
    for where in dict.fromkeys([*other, *one]):
        said = tuple(_stored(held[where]) if where in held else "" for held in (one, other))
        if said[0] != said[1]:
            change = "changed" if all(said) else "added" if said[1] else "removed"
            yield Difference(where, "", where, "", change, said[0], said[1])


_OWN = ("id", "template", "version")
"""What a note holds beside its fields."""


def _fields(note: Note) -> Iterator[tuple[str, Any]]:
    for name, held in note.data.items():
        if note.template.section(name) is not None and isinstance(held, Mapping):
            yield from ((f"{name}.{key}", value) for key, value in held.items())
        elif f"{HEADER}.{name}" not in note.template.elements and name not in _OWN:
            yield name, held


# --- words ---------------------------------------------------------------------------------------------------------

_LONG = 2000
"""Words from which on those that are frequent are not matched by themselves: it would take too long."""


def word_changes(before: str, after: str) -> list[Span]:
    """Return a text as spans of words kept, added and removed; together they are either text again.

    >>> [(span.change, span.text) for span in word_changes("no fever today", "no pain today")]
    [('kept', 'no '), ('removed', 'fever '), ('added', 'pain '), ('kept', 'today')]
    """
    one, other = _words(before), _words(after)
    matcher = SequenceMatcher(None, one, other, autojunk=max(len(one), len(other)) > _LONG)
    spans: list[Span] = []
    for change, begin, end, first, last in matcher.get_opcodes():
        gone, come = "".join(one[begin:end]), "".join(other[first:last])
        parts = [("kept", gone)] if change == "equal" else [("removed", gone), ("added", come)]
        spans += [Span(what, text) for what, text in parts if text]
    return spans


def _words(text: str) -> list[str]:
    """Return the words of a text, each with the white space behind it."""
    return re.findall(r"\s+|(?:\w+(?:[.,'’\-+/]\w+)*|[^\w\s])\s*", text)
