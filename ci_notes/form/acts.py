"""What each act does to a draft on the desk; every act answers with what came of it, and none raises."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ci_notes import answers, wording
from ci_notes.answers import Doubt, Unclear
from ci_notes.carrying import unmark
from ci_notes.element import ABSENCES, Element
from ci_notes.errors import InputError
from ci_notes.form.changes import NO, NONE, YES, Change, Outcome
from ci_notes.form.desk import Desk, printable
from ci_notes.form.keeping import keep, unkeep
from ci_notes.form.spots import BlockSpot, Spot, block_spot, spot
from ci_notes.form.state import Unread
from ci_notes.form.surplus import surplus
from ci_notes.form.taking_over import carry, marked_places, within
from ci_notes.form.written import written
from ci_notes.shape import LONGEST_TEXT
from ci_notes.suggesting import suggested
from ci_notes.template import HEADER

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_DATE, _DATED = f"{HEADER}.date", "A note has a date and time."
MOST_ROWS = 40
"""Rows of one group; the terminal asks for no more either."""


def act(desk: Desk, change: Change) -> Outcome:
    """Do what a change asks for."""
    return _DONE[change.act](desk, change)


# --- typed and chosen ----------------------------------------------------------------------------------------------


def _put(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    typed = change.text.strip()
    if not typed:
        return _clear(desk, change)
    if at.is_row and desk.has_row(at):
        return Outcome("refused", at.place, message=f"«{at.title}» is a row; type into one of its fields.")
    if not desk.has_row(at):
        return desk.leave_unread(at, Unread(change.text, f"The row of «{at.title}» is not there any more."))
    if desk.value(at) is not None and typed == desk.written(at).strip():
        return _same(desk, at)
    if at.element.pair and "/" in typed:
        return _pair(desk, at, typed)
    return _typed(desk, at, typed)


def _same(desk: Desk, at: Spot) -> Outcome:
    """Leave a value that was typed once more; whoever types it has seen it."""
    unmark(desk.data, {at.place})
    desk.taken(at)
    return Outcome("taken", at.place, desk.said(at))


def _typed(desk: Desk, at: Spot, typed: str) -> Outcome:
    if at.kind == "rows":
        return _how_many(desk, at, typed)
    if at.kind == "list":
        return _list(desk, at, typed)
    answer = _option(desk, at.element, typed) if at.element.options else desk.read(at.element, typed)
    if isinstance(answer, Unclear):
        return desk.leave_unread(at, Unread(typed, _without_keys(answer.message)))
    if isinstance(answer, Doubt) and not answer.kept:
        return desk.leave_unread(at, Unread(typed, answer.question, True, False, answer.value))
    return desk.settle(at, typed, answer.value)


def _without_keys(message: str) -> str:
    """Return a message without the keys of the terminal."""
    return {"Type y or n.": "Choose yes or no."}.get(message, message)


def _option(desk: Desk, element: Element, typed: str) -> answers.Answer:
    """Return the option that was typed by its title; a number is none here, since nobody sees one."""
    if not re.match(r"\d+$", typed):
        answer = desk.read(element, typed)
        if not isinstance(answer, Unclear):
            return answer
        if answer.message.startswith("That could be"):
            return Unclear(answer.message.partition(";")[0] + "; choose one.")
    named = [one for one in element.options if one.title.lower().startswith(typed.lower())]
    if len(named) == 1 and element.kind == "choice":
        return answers.Value(named[0].value)
    return Unclear(f"«{typed[:80]}» is none of the answers; choose one of the list.")


def _pair(desk: Desk, at: Spot, typed: str) -> Outcome:
    """Take two numbers typed together, as 112/70, each at its own place."""
    first, _, second = (part.strip() for part in typed.partition("/"))
    other = desk.find(desk.template.elements[at.element.pair].path)
    if isinstance(other, Outcome) or not first or not second:
        return desk.leave_unread(at, Unread(typed, "Two numbers are wanted, such as 120/80."))
    outcomes = _typed(desk, at, first), _typed(desk, other, second)
    return next((one for one in outcomes if one.kind != "taken"), outcomes[0])


def _how_many(desk: Desk, at: Spot, typed: str) -> Outcome:
    answer = desk.read(at.element, typed)
    if isinstance(answer, Unclear):
        return desk.leave_unread(at, Unread(typed, answer.message))
    if answer.value < len(desk.rows(at)):
        return desk.leave_unread(at, Unread(typed, "There are more rows than that; remove those that are too many."))
    desk.recording.put_rows(at.question, answer.value)
    desk.taken(at)
    return Outcome("taken", at.place, desk.said(at))


def _list(desk: Desk, at: Spot, typed: str) -> Outcome:
    if typed.lower() in ("none", "0 measurements"):
        return desk.put_list(at, [])
    if len(typed) > answers.LONGEST_ANSWER:
        return desk.leave_unread(at, Unread(typed, answers.TOO_LONG))
    parts = answers.parts(typed)
    if isinstance(parts, Unclear):
        return desk.leave_unread(at, Unread(typed, parts.message))
    inner = at.element.rows[0]
    read = [desk.read(inner, part) for part in parts]
    unclear = next((one for one in read if isinstance(one, Unclear)), None)
    if unclear is not None or not read:
        return desk.leave_unread(at, Unread(typed, unclear.message if unclear else "Numbers are wanted."))
    values = [one.value for one in read if not isinstance(one, Unclear)]
    doubts = [one.question for one in read if isinstance(one, Doubt) and not one.kept]
    if doubts:
        question = _all_of_them(inner, doubts, values)
        return desk.leave_unread(at, Unread(typed, question, True, False, values))
    return desk.settle(at, typed, values)


def _all_of_them(inner: Element, doubts: list[str], values: list[Any]) -> str:
    """Return what is asked back about numbers typed together: what is in doubt, and all that a yes records."""
    told = [one.removesuffix(_ASKED) for one in dict.fromkeys(doubts)]
    if len(values) == 1 or not all(one.endswith(_ASKED) for one in doubts):
        return " ".join(dict.fromkeys(doubts))
    *first, last = values
    both = f"{', '.join(map(wording.say_number, first))} and {wording.say_quantity(last, inner.unit)}"
    return f"{' '.join(told)} Record {both}?"


_ASKED = " Record that?"


def _choose(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    if not desk.has_row(at) or at.is_row:
        return Outcome("refused", change.place, message=f"The row of «{at.title}» is not there any more.")
    values = tuple(dict.fromkeys(one for one in change.values if one))
    if not values:
        return _clear(desk, change)
    if at.element.kind == "group":
        return _none_at_all(desk, at, values)
    value = _chosen(at.element, values)
    if value is None:
        return Outcome("refused", change.place, message=f"That is not an answer to «{at.title}».")
    if isinstance(value, list):  # in the order in which they were chosen
        held = desk.value(at)
        before = [one for one in held if one in value] if isinstance(held, list) else []
        value = before + [one for one in value if one not in before]
    return desk.put(at, value)


def _none_at_all(desk: Desk, at: Spot, values: tuple[str, ...]) -> Outcome:
    """Record that a group has no rows; what somebody typed into rows is not thrown away with it."""
    if values != (NONE,):
        return Outcome("refused", at.place, message=f"«{at.title}» is a list; add to it.")
    if any(len(row) > 1 for row in desk.rows(at)):
        return Outcome("refused", at.place, message=f"Something is recorded in «{at.title}»; remove that first.")
    number = suggested(desk.standing().note, at.element) if at.element.suggested else None
    if number:
        return Outcome("refused", at.place, message=f"«{at.title}» are not none: another answer says {number}.")
    return desk.put(at, [])


def _chosen(element: Element, values: tuple[str, ...]) -> Any:
    """Return the value of chosen options, or None where they are no answer."""
    known = [one for one in values if element.option(one)]
    if element.kind == "boolean":
        return {YES: True, NO: False}.get(values[0]) if len(values) == 1 else None
    if element.kind == "choice":
        return values[0] if len(values) == 1 and known else None
    if element.kind == "choices":
        return [] if values == (NONE,) else known if len(known) == len(values) else None
    return None


def _clear(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    if at.is_row or not desk.has_row(at):
        desk.taken(at)
        return Outcome("taken", at.place)
    if at.element.path == _DATE:
        desk.taken(at)  # what was typed there and not understood goes; the date stays
        return Outcome("refused", at.place, message=f"{_DATED} {desk.written(at)} stays.")
    if at.kind == "rows" and any(len(row) > 1 for row in desk.rows(at)):
        return Outcome("refused", at.place, message=f"Something is recorded in «{at.title}»; remove that first.")
    return desk.clear(at)


def _absent(desk: Desk, change: Change) -> Outcome:
    if change.code not in ABSENCES:
        known = ", ".join(ABSENCES)
        return Outcome("refused", change.place, message=f"«{change.code[:40]}» is no reason; there are {known}.")
    reason = printable(change.reason)
    value = {"absent": change.code, **({"reason": reason} if reason else {})}
    block = block_spot(desk.template, change.place)
    if block is not None and spot(desk.template, change.place) is None:
        return _fill(desk, block, change.place, lambda _: value)
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    why_not = _never_absent(desk, at, reason)
    if why_not:
        return Outcome("refused", change.place, message=why_not)
    return desk.put(at, value)


def _never_absent(desk: Desk, at: Spot, reason: str) -> str:
    if not desk.has_row(at) or at.is_row:
        return f"The row of «{at.title}» is not there any more."
    if at.element.path == _DATE:
        return _DATED
    if len(reason) > LONGEST_TEXT:
        return f"The reason has {len(reason)} characters; at most {LONGEST_TEXT} fit here."
    if at.kind == "rows" and any(len(row) > 1 for row in desk.rows(at)):
        return f"Something is recorded in «{at.title}»; remove that first."
    return ""


def _confirm(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    unread = desk.unread.get(change.place)
    if unread is None and change.place in marked_places(desk):
        return carry(desk, replace(change, take=True))
    if unread is None or not unread.doubt or not desk.has_row(at):
        return Outcome("refused", change.place, message="There is nothing to confirm here.")
    if change.text.strip() and change.text.strip() != unread.typed.strip():
        return _put(desk, replace(change, act="put"))  # typed anew since: that is asked back first
    return desk.settle(at, unread.typed, unread.value, change.reason)


# --- rows and blocks -----------------------------------------------------------------------------------------------


def _add_row(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    if at.element.kind != "group" or at.row:
        return Outcome("refused", change.place, message=f"«{at.title}» does not repeat.")
    rows, row = desk.rows(at), change.row or desk.new_id()
    if any(one.get("id") == row for one in rows):
        return Outcome("taken", f"{at.place}[{row}]")  # sent twice, as after a broken line
    if not _ID.fullmatch(row) or len(rows) >= MOST_ROWS:
        message = "There are too many rows." if len(rows) >= MOST_ROWS else f"«{row[:40]}» cannot name a row."
        return Outcome("refused", change.place, message=message)
    desk.recording.put(at.question, [*rows, {"id": row}])
    desk.taken(at)
    desk.touch(f"{at.place}[{row}]")
    return Outcome("taken", f"{at.place}[{row}]")


def _remove_row(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    if not at.is_row or at.group is None:
        return Outcome("refused", change.place, message=f"«{at.title}» is no row.")
    whole, _, _ = change.place.partition("[")
    group = desk.find(whole)
    left = [row for row in desk.rows(at) if row.get("id") != at.row]
    if isinstance(group, Outcome) or len(left) == len(desk.rows(at)):
        return Outcome("taken", change.place)
    desk.touch(*(f"{change.place}.{name}" for name in desk.value(at) if name != "id"))
    if left:
        desk.recording.put(group.question, left)
    else:
        desk.recording.clear(group.question)  # no row left is not «none»: that is said by itself
    _forget_within(desk, change.place)
    desk.touch(change.place, whole)
    return Outcome("taken", change.place)


def _forget_within(desk: Desk, row: str) -> None:
    """Drop what was typed into a row that somebody removed."""
    for place in [one for one in desk.unread if one.startswith(f"{row}.")]:
        del desk.unread[place]
        desk.touch(place)


def _block(desk: Desk, change: Change) -> Outcome:
    block = block_spot(desk.template, change.place)
    if block is None:
        return Outcome("refused", change.place, message=f"This note has no block «{change.place[:80]}».")
    names = {one.name for one in block.members}
    unknown = next((one for one in change.values if one not in names), None)
    if unknown is not None:
        return Outcome("refused", change.place, message=f"«{unknown[:40]}» does not belong to «{block.block.ask}»")
    return _fill(desk, block, change.place, lambda name: (name in change.values) != block.block.normal, change.values)


def _fill(
    desk: Desk, block: BlockSpot, place: str, answer: Callable[[str], Any], named: tuple[str, ...] = ()
) -> Outcome:
    """Answer what applies and is open in a block, and what is named even where it has an answer."""
    now = desk.standing()
    for member in block.members:
        at = desk.find(block.place_of(member))
        if isinstance(at, Outcome):
            return at
        wanted = member.name in named or (desk.value(at) is None and at.place not in desk.unread)
        if wanted and desk.has_row(at) and now.applies(member, block.row) and now.in_turn(member):
            desk.put(at, answer(member.name))
    return Outcome("taken", place)


# --- what is offered -----------------------------------------------------------------------------------------------


def _suggest(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    note = desk.standing().note
    record = desk.record_of(note, at)
    untouched = record is not None and record.state(at.element.path) == "untouched"
    value = suggested(note, at.element, record if at.row else None) if untouched else None
    if value is None:
        return Outcome("refused", change.place, message=f"Nothing is suggested for «{at.title}».")
    if at.kind == "rows":
        return _how_many(desk, at, str(value))
    return desk.settle(at, written(at.element, value, desk.jurisdiction, desk.moment), value)


def _open(desk: Desk, change: Change) -> Outcome:
    at = desk.find(change.place)
    if isinstance(at, Outcome):
        return at
    if change.take:
        desk.opened.add(change.place)
    else:
        desk.opened.discard(change.place)
    return Outcome("taken", change.place)


def _discard(desk: Desk, change: Change) -> Outcome:
    found = [one for one in surplus(desk.standing(), desk.state) if within(one.place, change.place)]
    for one in found:
        at = spot(desk.template, one.place)
        if at is not None and one.held and desk.has_row(at) and not isinstance(desk.find(one.place), Outcome):
            desk.recording.clear(at.question)
        desk.unread.pop(one.place, None)
        desk.conflicts.pop(one.place, None)
        desk.touch(one.place)
    if not found:
        return Outcome("refused", change.place, message="Everything recorded here applies; nothing was discarded.")
    return Outcome("taken", change.place)


# --- conflicts -----------------------------------------------------------------------------------------------------


def _resolve(desk: Desk, change: Change) -> Outcome:
    conflict = desk.conflicts.get(change.place)
    if conflict is None:
        return Outcome("refused", change.place, message="There is no conflict here any more.")
    if change.side not in ("mine", "theirs"):
        return Outcome("refused", change.place, message="A conflict is settled by «mine» or «theirs».")
    desk.touch(change.place)
    del desk.conflicts[change.place]
    if change.side == "theirs":
        return Outcome("taken", change.place, conflict.theirs)
    try:
        mine = Change.from_json(dict(conflict.change))
    except InputError:
        mine = Change("put", change.place, conflict.mine)
    _bring_back_row(desk, mine.place)
    return act(desk, mine)


def _bring_back_row(desk: Desk, place: str) -> None:
    """Make a row anew that somebody removed while words were typed into it."""
    at = desk.find(place)
    if isinstance(at, Outcome) or not at.row or at.is_row or desk.has_row(at):
        return
    _add_row(desk, Change("add-row", place.partition("[")[0], row=at.row))


_DONE: dict[str, Callable[[Desk, Change], Outcome]] = {
    "put": _put,
    "choose": _choose,
    "absent": _absent,
    "clear": _clear,
    "confirm": _confirm,
    "add-row": _add_row,
    "remove-row": _remove_row,
    "block": _block,
    "carry": carry,
    "keep": keep,
    "unkeep": unkeep,
    "discard": _discard,
    "open": _open,
    "suggest": _suggest,
    "resolve": _resolve,
}
"""How each act is done; a test holds it to `ACTS`."""
