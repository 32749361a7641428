"""A note out of a QuestionnaireResponse, ours or one that somebody else's form made, as far as it goes.

Computed elements are never read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from ci_notes import dating, kinds
from ci_notes.element import ABSENCES, OURS, Element, Section
from ci_notes.errors import InputError
from ci_notes.fhir import datatypes
from ci_notes.fhir.canonical import identifier_of
from ci_notes.fhir.datatypes import ABSENT
from ci_notes.fhir.forms.items import (
    ABSENCE,
    IN_UTC,
    NONE_OF_THESE,
    NOTE_ID,
    OFFSET,
    TEMPLATE_ID,
    no_rows,
    row_id,
)
from ci_notes.fhir.forms.response import STATUS
from ci_notes.template import HEADER, Template

Json = dict[str, Any]


def template_of(answered: Any) -> str:
    """Return the id of the template whose Questionnaire was answered; raises InputError where it is none of ours.

    It is written as in our canonical addresses, with - for _.
    """
    _expect_response(answered)
    if not answered.get("questionnaire"):
        header = [inner for item in _named(_items(answered), HEADER) for inner in _items(item)]
        named = _first_text(header, TEMPLATE_ID)
        if named:
            return identifier_of(named)
    address = str(answered.get("questionnaire") or "").partition("|")[0]
    base, found, name = address.rpartition("/Questionnaire/")
    if not found or not name or base != OURS:
        named = f"to «{address[:100]}»" if address else "that does not say which Questionnaire it answers"
        raise InputError(f"this is a QuestionnaireResponse {named}; one to a Questionnaire under {OURS} is wanted")
    return name


def read_response(template: Template, answered: Any, note_id: str = "") -> Json:
    """Return the data of the note that a QuestionnaireResponse holds.

    `note_id` is used where the response carries no id of a note. Rows without an id are numbered. What is not of its
    element's kind is left out, and what a response says both of value and absence is the value. Raises InputError for
    what is no response to the template's Questionnaire.
    """
    _expect_response(answered)
    if answered.get("questionnaire") and template_of(answered) != identifier_of(template.id):
        raise InputError(f"this answers the Questionnaire «{template_of(answered)}», not that of {template.id}")
    read = _Reading(template, answered)
    version = str(answered.get("questionnaire") or "").partition("|")[2]
    note: Json = {"id": read.note_id() or note_id, "template": template.id, "version": version or template.version}
    for section in template.sections:
        held = read.section(section)
        if section.name == HEADER:
            note |= _said_of_itself(answered) | held
        elif held:
            note[section.name] = held
    return note


def _expect_response(answered: Any) -> None:
    if not isinstance(answered, Mapping) or answered.get("resourceType") != "QuestionnaireResponse":
        raise InputError("a QuestionnaireResponse is wanted")


def _said_of_itself(answered: Mapping[str, Any]) -> Json:
    """Return what a response itself says of the note, for forms that have no item for it."""
    status = next((ours for ours, theirs in STATUS.items() if theirs == answered.get("status")), "draft")
    authored = answered.get("authored")
    dated = isinstance(authored, str) and kinds.is_moment(authored)
    return {"status": status, "date": authored} if dated else {"status": status}


class _Reading:
    """A response while it is read: its items by section, and what it says has no value."""

    def __init__(self, template: Template, answered: Mapping[str, Any]) -> None:
        self.items = [*_items(answered)]
        self.template = template
        self.absent = [*self._absences()]
        self.offset = _first_text(self._inside(HEADER), OFFSET)

    def note_id(self) -> str:
        """Return the id of the note, empty where there is none."""
        return _first_text(self._inside(HEADER), NOTE_ID)

    def section(self, section: Section) -> Json:
        """Return the values of a section by name, in the order of the template."""
        inside = self._inside(section.name)
        return dict(self._values(section, inside))

    def _inside(self, link_id: str) -> list[Json]:
        return [inner for item in _named(self.items, link_id) for inner in _items(item)]

    def _values(self, elements: Iterable[Element], items: list[Json], rows: tuple[str, ...] = ()) -> Iterator[Any]:
        """Yield (name, value) of elements; `rows` are the names of the row at hand: its id, and its number."""
        for element in elements:
            if element.computed:
                continue
            value = self._rows(element, items) if element.kind == "group" else _value(element, items)
            if element.kind == "datetime" and value is not None:
                value = _at(str(value), self.offset)
            if value is None:
                value = self._absence(element, rows)
            if value is not None:
                yield element.name, value

    def _rows(self, group: Element, items: list[Json]) -> list[Json] | None:
        answered = [[*_items(item)] for item in _named(items, group.path)]
        filled = [row for row in answered if any(_answers(item) for item in row)]
        if not filled:
            denied = any(one.get("valueBoolean") is True for one in _answers_to(items, no_rows(group.path)))
            return [] if denied else None
        given = [_first_text(row, row_id(group.path)) for row in filled]
        free = (name for name in map("r{}".format, range(1, 10**6)) if name not in given)
        ids = [name or next(free) for name in given]
        return [
            {"id": own, **dict(self._values(group.rows, row, (own,) if number in ids else (own, number)))}
            for number, own, row in zip(map(str, count(1)), ids, filled, strict=False)
        ]

    def _absences(self) -> Iterator[tuple[tuple[str, str], str, Json]]:
        for said in _named(self.items, ABSENCE):
            items = [*_items(said)]
            why = _first_coding(items, f"{ABSENCE}.why")
            if why[0] == ABSENT and why[1] in ABSENCES:
                reason = _first_text(items, f"{ABSENCE}.reason")
                held = {"absent": why[1], "reason": reason} if reason else {"absent": why[1]}
                element = _first_coding(items, f"{ABSENCE}.element")
                yield element, _first_text(items, f"{ABSENCE}.row"), held

    def _absence(self, element: Element, rows: tuple[str, ...]) -> Json | None:
        code = datatypes.own_code(element)
        said = [(row, held) for named, row, held in self.absent if named == code]
        # A number means the row that is called so; where there is none, the row in that place.
        wanted = rows or ("",)
        return next((held for name in wanted for row, held in said if row == name), None)


def _value(element: Element, items: list[Json]) -> Any:
    answers = _answers_to(items, element.path)
    if not answers:
        return None
    if element.kind == "choices":
        read = [datatypes.option_of(element, {"coding": [one.get("valueCoding")]}) for one in answers]
        found = list(dict.fromkeys(one for one in read if one is not None))
        none = any(_coded(one) == (NONE_OF_THESE["system"], NONE_OF_THESE["code"]) for one in answers)
        return found if found or none else None
    value = _READ[element.kind](element, answers[0])
    return value if datatypes.fits(element, value) else None


_WEEKS_AND_DAYS = re.compile(r"(\d{1,2})\+([0-6])", re.ASCII)


def gestation(text: Any) -> str | None:
    """Return a gestational age as notes have it, from how it may be typed: 23w4d, 23w, 23w-24w, 23+4; else None."""
    written = _WEEKS_AND_DAYS.sub(r"\1w\2d", "".join(text.split())) if isinstance(text, str) else ""
    span = dating.read_gestation(written)
    return dating.write_gestation(span) if span else None


def _at(moment: str, offset: str) -> str:
    """Return a moment that a form wrote in UTC as a clock with an offset shows it; any other as it stands."""
    found = IN_UTC.fullmatch(moment)
    sign = _OFFSET.fullmatch(offset)
    if found is None or (sign is None and offset != "Z"):
        return moment
    if sign is None:
        return f"{found[1]}Z"
    minutes = (int(sign[2]) * 60 + int(sign[3])) * (-1 if sign[1] == "-" else 1)
    try:
        shown = datetime.fromisoformat(found[1]) + timedelta(minutes=minutes)
    except (ValueError, OverflowError):
        return moment
    return f"{shown.isoformat('T', 'seconds')}{offset}"


_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)


def _read_number(element: Element, answer: Json) -> Any:
    if element.unit is None:
        return answer.get("valueInteger")
    return datatypes.read_quantity(element, answer.get("valueQuantity"))


def _read_choice(element: Element, answer: Json) -> Any:
    return datatypes.option_of(element, {"coding": [answer.get("valueCoding")]})


_READ: dict[str, Callable[[Element, Json], Any]] = {
    "text": lambda _element, answer: answer.get("valueString"),
    "boolean": lambda _element, answer: answer.get("valueBoolean"),
    "integer": _read_number,
    "quantity": _read_number,
    "date": lambda _element, answer: answer.get("valueDate"),
    "datetime": lambda _element, answer: answer.get("valueDateTime"),
    "gestational-age": lambda _element, answer: gestation(answer.get("valueString")),
    "choice": _read_choice,
}


# --- items and answers, whatever somebody's form made of them ------------------------------------------------------


def _items(holder: Mapping[str, Any]) -> Iterator[Json]:
    listed = holder.get("item")
    return (one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict))


def _named(items: Iterable[Json], link_id: str) -> list[Json]:
    return [item for item in items if item.get("linkId") == link_id]


def _answers(item: Json) -> list[Json]:
    listed = item.get("answer")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _answers_to(items: Iterable[Json], link_id: str) -> list[Json]:
    return [answer for item in _named(items, link_id) for answer in _answers(item)]


def _first_text(items: Iterable[Json], link_id: str) -> str:
    texts = [one.get("valueString") for one in _answers_to(items, link_id)]
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _coded(answer: Json) -> tuple[str, str]:
    return next(iter(datatypes.codes_of({"coding": [answer.get("valueCoding")]})), ("", ""))


def _first_coding(items: Iterable[Json], link_id: str) -> tuple[str, str]:
    return next(map(_coded, _answers_to(items, link_id)), ("", ""))
