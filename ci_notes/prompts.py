"""How a question looks in a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes import wording
from ci_notes.carrying import marked, marks, said
from ci_notes.element import ABSENCES, Element, Section
from ci_notes.interview import Interview
from ci_notes.questions import Question
from ci_notes.template import HEADER


def jurisdiction(interview: Interview) -> str:
    """Return the guideline set of the note at hand; it decides how dates are written."""
    return str(interview.data.get("jurisdiction", ""))


def headline(interview: Interview, section: Section) -> str:
    """Return the line above a section: its place in the note, and what can be added that is not asked."""
    names = [one.name for one in interview.template.sections]
    place = f"{names.index(section.name)} of {len(names) - 1}" if section.name != HEADER else ""
    here = jurisdiction(interview)
    titles = [wording.spelled(one.title, here) for one in interview.on_request(Question("element", section))]
    added = [wording.lower_first(one) for one in titles]
    inside = "; ".join(part for part in (place, f"+ adds: {', '.join(_few(added))}" if added else "") if part)
    return f"{wording.spelled(section.title, here)}{f' ({inside})' if inside else ''}"


_FEW = 4
"""How many names a line lists before it counts the others."""


def _few(names: list[str]) -> list[str]:
    return names if len(names) <= _FEW + 1 else [*names[:_FEW], f"{len(names) - _FEW} more"]


def still_open(required: list[Question], never_seen: list[Question]) -> str:
    """Return what is open at the end: what is required, each by name, then the first few of the others."""
    names = list(dict.fromkeys(one.title for one in required))
    others = dict.fromkeys(one.title for one in never_seen if one not in required)
    parts = [wording.listed(names)] if names else []
    parts += [f"not asked yet, and not required: {wording.listed(_few(list(others)))}"] if others else []
    return "; ".join(parts)


def prompt(interview: Interview, question: Question, suggestion: Any = None) -> str:
    """Return what stands before an answer: options above, then name, hint, and what is held or suggested."""
    if question.kind == "carry":
        return _carry(interview, question.section)
    if question.kind == "block":
        return _block(interview, question)
    element = question.element
    if element is None:
        return "  "
    held = interview.value(question)
    now = f" [{_held(interview, element, held)}]" if held is not None else ""
    if suggestion is not None:
        words = str(suggestion) if question.kind == "rows" else _held(interview, element, suggestion)
        now = f" [{words} suggested: Enter takes it, - leaves it open]"
    name = f"{_row_title(interview, question)}, {element.say}" if question.row else element.title
    asked = f"  {name}{_hint(question, element)}{_together(interview, element)}"
    return wording.spelled("".join(_options(element)) + asked, jurisdiction(interview)) + f"{now}: "


def _together(interview: Interview, element: Element) -> str:
    """Say that two numbers may be typed at once, by an example of usual ones."""
    if not element.pair:
        return ""
    other = interview.template.elements[element.pair]
    middles = [
        round(((one.usual or (0, 0))[0] or 0) / 2 + ((one.usual or (0, 0))[1] or 0) / 2) for one in (element, other)
    ]
    return f", or with the {other.say} as {middles[0]}/{middles[1]}"


def extras(interview: Interview, offered: list[Question]) -> str:
    """Return what can be added, numbered, each with what it holds."""
    lines = []
    for number, one in enumerate(offered, 1):
        held = interview.value(one)
        shown = _held(interview, one.element, held) if held is not None and one.element else ""
        row = f"{_row_title(interview, one)}, " if one.row else ""
        title = wording.lower_first(one.title) if row else one.title
        lines.append(f"   {number} {row}{title}{f' [{shown[:60]}]' if shown else ''}")
    return "\n".join(lines)


def _row_title(interview: Interview, question: Question) -> str:
    group = interview.template.elements[question.group]
    return f"{group.row_title or group.title} {question.number}"


def _held(interview: Interview, element: Element, held: Any) -> str:
    if isinstance(held, dict):
        return ABSENCES.get(str(held.get("absent")), "?")
    if element.kind == "group" and len(element.rows) == 1:
        inner = element.rows[0]
        values = [row.get(inner.name) for row in held]
        return ", ".join(wording.say(inner, one) for one in values if isinstance(one, int | float)) or "none"
    return wording.say(element, held, jurisdiction(interview))


def _block(interview: Interview, question: Question) -> str:
    block = question.block
    if block is None:
        return "  "
    members = interview.open_part(question).members
    lines = [f"   {number} {element.title}\n" for number, element in enumerate(members, 1)]
    row = f"{_row_title(interview, question)}, " if question.row else ""
    ask = wording.lower_first(block.ask) if row else block.ask
    keys = "Numbers of those that are not, y for all" if block.normal else "Numbers, n for none"
    asked = wording.spelled(f"{''.join(lines)}  {row}{ask} {keys}, e for one by one", jurisdiction(interview))
    return f"{asked}{_held_in_block(interview, question)}: "


def _held_in_block(interview: Interview, question: Question) -> str:
    """Return what a block holds: of a part, each answer; of the whole, what differs from its normal answer."""
    normal = question.block.normal if question.block else False
    held = [(element, interview.value(one)) for element, one in zip(question.members, question.parts(), strict=True)]
    if all(value is None for _, value in held):
        return ""
    if any(value is None for _, value in held):
        told = [f"{element.say} {_held(interview, element, value)}" for element, value in held if value is not None]
        return f" [held: {', '.join(told)}]"
    named = [element.say for element, value in held if value is (not normal)]
    named += [f"{element.say} {_held(interview, element, value)}" for element, value in held if isinstance(value, dict)]
    return f" [{', '.join(named) or ('all' if normal else 'none')}]"


_TAKING = "[Y, n, or numbers of what changed]"
"""How what was recorded before is taken: all of it, nothing, or all but what is then asked."""


def _carry(interview: Interview, section: Section) -> str:
    lines = said(interview.offered(section), interview.carried[section.name], jurisdiction(interview))
    day = wording.say_date(interview.earlier_date, jurisdiction(interview)) if interview.earlier_date else ""
    shown = "".join(f"   {one}\n" for one in lines)
    if section.name in interview.unconfirmed:
        sources = [_source(interview, one) for one in marks(interview.data) if marked(one)[0] == section.name]
        shown += "".join(f"   from {one}\n" for one in dict.fromkeys(sources))
        return f"{shown}  Not confirmed yet. Right? {_TAKING} "
    return f"{shown}  From the note{f' of {day}' if day else ''}. Still right? {_TAKING} "


def _source(interview: Interview, mark: Mapping[str, Any]) -> str:
    """Return where an unconfirmed value comes from, and of which day it is."""
    day = str(mark.get("on", ""))
    return str(mark.get("source", "")) + (f", {wording.say_date(day, jurisdiction(interview))}" if day else "")


_TYPED = {
    "boolean": "y/n",
    "date": "date",
    "datetime": "date and time",
    "gestational-age": "such as 22+3",
    "choices": "numbers, 0 for none",
}


def _hint(question: Question, element: Element) -> str:
    if question.kind == "rows":
        return ": how many"
    shown = element.rows[0] if question.kind == "list" else element
    unit = wording.UNITS.get(shown.unit or "", shown.unit or "")
    low, high = shown.shape.get("minimum"), shown.shape.get("maximum")
    limits = f"{low}–{high}" if low is not None and high is not None else ""
    inside = ", ".join(part for part in (_TYPED.get(shown.kind, ""), unit, limits) if part)
    several = "; one or more" if question.kind == "list" else ""
    return f" ({inside}{several})" if inside or several else ""


def _options(element: Element) -> Iterator[str]:
    for number, one in enumerate(element.options, 1):
        yield f"   {number} {one.title}\n"
