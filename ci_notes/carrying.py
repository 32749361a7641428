"""What an earlier note of the patient hands on to a new one, and how it is shown before somebody confirms it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ci_notes import derive, wording
from ci_notes.element import ABSENCES, Element, Section
from ci_notes.template import HEADER, Template


def carried(template: Template, earlier: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, by section, what may be carried forward from the data of earlier notes, the first of them first.

    That is what was recorded for elements that last, and what others name as their source there, computed or not. A
    later note's value takes the place of an earlier one's, a reason of absence does not.
    """
    found: dict[str, dict[str, Any]] = {}
    for section, name, (value, _) in handed_on(template, [derive.note(template, data) for data in earlier]):
        found.setdefault(section, {})[name] = value
    return {section.name: found[section.name] for section in template.sections if section.name in found}


def handed_on(template: Template, earlier: Sequence[derive.Note]) -> Iterator[tuple[str, str, tuple[Any, str]]]:
    """Yield section, name, and (value, day of its note) for what earlier notes, read as this kind of note, hand on."""
    found: dict[tuple[str, str], tuple[Any, str]] = {}
    for before in earlier:
        day = str(before.record.values.get(f"{HEADER}.date", ""))[:10]
        for section in template.sections:
            for name, value in _of_section(section, before).items():
                if not _is_absence(value) or (section.name, name) not in found:
                    found[section.name, name] = (value, day)
    for (section_name, name), told in found.items():
        yield section_name, name, told


MARKS = "carried"
"""Where a note names what came from elsewhere, as a bundle, and has not been confirmed: in its header."""


def unconfirmed(template: Template, data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return, by section, what a draft holds that came from elsewhere and that nobody has confirmed."""
    found: dict[str, dict[str, Any]] = {}
    for mark in marks(data):
        section, name = marked(mark)
        held = data.get(section)
        if template.section(section) is not None and isinstance(held, Mapping) and name in held:
            found.setdefault(section, {})[name] = held[name]
    return found


def marks(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows in which a note names what is unconfirmed."""
    held = data.get(MARKS)
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []


def marked(mark: Mapping[str, Any]) -> tuple[str, str]:
    """Return the section and the name of the element that a mark is about."""
    section, _, rest = str(mark.get("at", "")).partition(".")
    return section, rest.partition("[")[0].partition(".")[0]


def unmark(data: dict[str, Any], places: Collection[str]) -> None:
    """Drop the marks at some places: somebody has looked at what stands there."""
    held = marks(data)
    left = [mark for mark in held if mark.get("at", "") not in places]
    if left and len(left) < len(held):
        data[MARKS] = left
    elif held and not left:
        del data[MARKS]


def _is_absence(value: Any) -> bool:
    return isinstance(value, Mapping) and "absent" in value


def _of_section(section: Section, before: derive.Note) -> dict[str, Any]:
    held = before.data if section.name == HEADER else before.data.get(section.name)
    held = held if isinstance(held, Mapping) else {}
    values: dict[str, Any] = {}
    for element in section:
        source = element.carried_from or element.path
        if not element.carried or before.record.state(source) not in ("known", "absent"):
            continue
        if not element.carried_from:
            values[element.name] = _rows_known(element, held[element.name])
        elif source in before.record.values:
            values[element.name] = _from_source(element, before)
    return values


def _rows_known(element: Element, value: Any) -> Any:
    """Return a value without what an extension that is not here recorded in its rows: the new note has it not."""
    if element.kind != "group" or not isinstance(value, list):
        return value
    known = {"id", *(row.name for row in element.rows)}
    return [{key: one for key, one in row.items() if key in known} for row in value]


def _from_source(element: Element, before: derive.Note) -> Any:
    value = before.record.values[element.carried_from]
    return value[:10] if element.kind == "date" else value  # the day of a moment, as written where it was recorded


def said(offered: Iterable[Element], values: Mapping[str, Any], jurisdiction: str) -> list[str]:
    """Return carried values as lines for a person: a number, title and value; below it a line for each of its rows."""
    lines: list[str] = []
    for number, element in enumerate(offered, 1):
        value = values[element.name]
        lines.append(f"{number} {element.title}: {_value_said(element, value, jurisdiction)}")
        if element.kind == "group" and not isinstance(value, dict):
            lines += [
                f"    {element.row_title or element.title} {of_row}: {_row_said(element, row, jurisdiction)}"
                for of_row, row in enumerate(value, 1)
            ]
    return lines


def _value_said(element: Element, value: Any, jurisdiction: str) -> str:
    if isinstance(value, dict):
        return ABSENCES.get(str(value.get("absent")), "no value")
    return str(len(value) or "none") if element.kind == "group" else wording.say(element, value, jurisdiction)


def _row_said(group: Element, row: Mapping[str, Any], jurisdiction: str) -> str:
    parts = []
    for element in group.rows:
        value = row.get(element.name)
        if value is not None and not isinstance(value, dict):
            words = wording.say(element, value, jurisdiction)
            parts.append(f"{element.title.lower()} {words}" if element.kind == "boolean" else words)
    return ", ".join(parts)
