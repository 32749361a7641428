"""How a question looks in a terminal."""

from collections.abc import Iterator
from typing import Any

from ci_notes import wording
from ci_notes.element import ABSENCES, Element, Section
from ci_notes.interview import Interview, Question, said


def jurisdiction(interview: Interview) -> str:
    """Return the guideline set of the note at hand; it decides how dates are written."""
    return str(interview.data.get("jurisdiction", ""))


def prompt(interview: Interview, question: Question) -> str:
    """Return what stands before an answer: options above, then name, hint and what is held."""
    if question.kind == "carry":
        return _carry(interview, question.section)
    if question.kind == "block":
        return _block(interview, question.section)
    element = question.element
    if element is None:
        return "  "
    held = interview.value(question)
    now = f" [{_held(interview, element, held)}]" if held is not None else ""
    name = f"{_row_title(interview, question)} {question.number}, {element.say}" if question.row else element.title
    return "".join(_options(element)) + f"  {name}{_hint(question, element)}{now}: "


def _row_title(interview: Interview, question: Question) -> str:
    group = interview.template.elements[question.element.group] if question.element else None
    return (group.row_title or group.title) if group else ""


def _held(interview: Interview, element: Element, held: Any) -> str:
    if isinstance(held, dict):
        return ABSENCES.get(str(held.get("absent")), "?")
    if element.kind == "group" and len(element.rows) == 1:
        inner = element.rows[0]
        values = [row.get(inner.name) for row in held]
        return ", ".join(wording.say(inner, one) for one in values if isinstance(one, int | float)) or "none"
    return wording.say(element, held, jurisdiction(interview))


def _block(interview: Interview, section: Section) -> str:
    lines = [f"   {number} {element.title}\n" for number, element in enumerate(section, 1)]
    held = interview.data.get(section.name, {})
    now = " [answered]" if held else ""
    return f"{''.join(lines)}  {section.block} Numbers, n for none, e for one by one{now}: "


def _carry(interview: Interview, section: Section) -> str:
    values = interview.carried[section.name]
    lines = said(section, values, jurisdiction(interview))
    day = wording.say_date(interview.earlier_date, jurisdiction(interview)) if interview.earlier_date else ""
    shown = "".join(f"   {one}\n" for one in lines)
    return f"{shown}  From the note{f' of {day}' if day else ''}. Still right? [Y/n] "


def _hint(question: Question, element: Element) -> str:
    if question.kind == "rows":
        return ": how many"
    shown = element.rows[0] if question.kind == "list" else element
    unit = wording.UNITS.get(shown.unit or "", shown.unit or "")
    low, high = shown.shape.get("minimum"), shown.shape.get("maximum")
    limits = f"{low}–{high}" if low is not None and high is not None else ""
    words = {"boolean": "y/n", "date": "date", "gestational-age": "such as 22+3", "choices": "numbers, 0 for none"}
    inside = ", ".join(part for part in (words.get(shown.kind, ""), unit, limits) if part)
    several = "; one or more" if question.kind == "list" else ""
    return f" ({inside}{several})" if inside or several else ""


def _options(element: Element) -> Iterator[str]:
    for number, one in enumerate(element.options, 1):
        yield f"   {number} {one.title}\n"
