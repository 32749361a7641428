"""A note as a QuestionnaireResponse: everything recorded, in the items of its template's Questionnaire.

An item's linkId is the element's path. What a Questionnaire has no word for stands in items of its own: the id of a
row, that a group has no rows, and, in one group at the end, why an element has no value.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ci_notes.derive import Absence, Note, Record
from ci_notes.element import Element, Section
from ci_notes.expression import EARLIER, decide
from ci_notes.fhir import datatypes
from ci_notes.fhir.canonical import profile_of_resource, questionnaire_of
from ci_notes.fhir.datatypes import RESOURCE, resource_id
from ci_notes.fhir.forms.items import (
    ABSENCE,
    IN_UTC,
    NONE_OF_THESE,
    NOTE_ID,
    OFFSET,
    TEMPLATE_ID,
    absence_coding,
    element_coding,
    more,
    no_rows,
    row_id,
    unit_shown,
)
from ci_notes.template import HEADER

Json = dict[str, Any]

STATUS = {"draft": "in-progress", "final": "completed", "amended": "amended", "entered-in-error": "entered-in-error"}
"""A note's status as a QuestionnaireResponse says it."""


def response(note: Note, references: Mapping[str, Json] | None = None) -> Json:
    """Return a note as a QuestionnaireResponse.

    `references` are References by the name of what they point to: patient, author, encounter.
    """
    given = references or {}
    template = note.template
    body: Json = {
        "resourceType": "QuestionnaireResponse",
        "id": resource_id(note.id, "response"),
        "meta": {"profile": [profile_of_resource("questionnaire_response")]},
        "identifier": {"system": RESOURCE, "value": f"{note.id}#response"},
        "questionnaire": f"{questionnaire_of(template)}|{template.version}",
        "status": STATUS[note.status],
    }
    for key, name in (("subject", "patient"), ("encounter", "encounter")):
        if name in given:
            body[key] = given[name]
    body["authored"] = note.record.values[f"{HEADER}.date"]
    if "author" in given:
        body["author"] = given["author"]
    items = [item for section in template.sections for item in _section(note, section)]
    return {**body, "item": [*items, *_absences(note)]}


def _section(note: Note, section: Section) -> Iterator[Json]:
    items = _recorded(section.elements, note.record)
    if any(_is_on_request(note, element) for element in note.template.on_request.get(section.name, ())):
        items.insert(0, _answered(more(section.name), {"valueBoolean": True}))
    if section.name == HEADER:
        own = [(NOTE_ID, note.id), (TEMPLATE_ID, note.template.id), *((OFFSET, one) for one in _offset(note))]
        items = [*(_answered(link_id, {"valueString": text}) for link_id, text in own), *items]
    if items:
        yield {"linkId": section.name, "text": section.title, "item": items}


def _offset(note: Note) -> Iterator[str]:
    """Yield the offset of the note's date; none where the note has moments that would be taken for a form's."""
    groups = [rows for path, rows in note.record.rows.items() if not path.startswith(EARLIER)]
    records = [note.record, *(row for rows in groups for row in rows)]
    kept = [one.path for one in note.template.elements.values() if one.kind == "datetime"]
    moments = [str(record.values[path]) for record in records for path in kept if path in record.values]
    if not any(map(IN_UTC.fullmatch, moments)):
        yield re.sub(r"^.*T[\d:.]*", "", str(note.record.values[f"{HEADER}.date"]))


def _is_on_request(note: Note, element: Element) -> bool:
    """Return whether something is recorded that is shown only on request."""
    rows = note.record.rows.get(element.path, ())
    recorded = [row for row in element.rows if any(row.path in held.values for held in rows)]
    found = [*([element] if note.record.state(element.path) == "known" else []), *recorded]
    return any(not one.computed and not _in_turn(note, one) for one in found)


def _in_turn(note: Note, element: Element) -> bool:
    """Return whether an element that applies is asked, as the terminal has it."""
    if element.in_turn:
        return decide(note.template.truth(element.in_turn), note.record) is True
    return not element.on_request


def _recorded(elements: Iterable[Element], record: Record) -> list[Json]:
    """Return the items of those elements that are recorded."""
    items: list[Json] = []
    values = record.values
    for element in elements:
        path, kind = element.path, element.kind
        if kind == "group":
            items += _rows(element, record)
        elif path in values:
            value = values[path]
            given = value if kind == "choices" else [value]
            answers = [_ANSWERS[kind](element, one) for one in given] or [{"valueCoding": {**NONE_OF_THESE}}]
            items.append({"linkId": path, "text": element.title, "answer": answers})
    return items


def _rows(group: Element, record: Record) -> Iterator[Json]:
    rows = record.rows.get(group.path)
    if rows == []:
        yield _answered(no_rows(group.path), {"valueBoolean": True})
    for row in rows or ():
        own = _answered(row_id(group.path), {"valueString": row.row})
        items = [own, *_recorded(group.rows, row)]
        yield {"linkId": group.path, "text": group.row_title or group.title, "item": items}


def _absences(note: Note) -> Iterator[Json]:
    for element in note.template.elements.values():
        records = note.record.rows.get(element.group, ()) if element.group else [note.record]
        for record in records:
            if element.path in record.absent:
                yield _absence(element, record.absent[element.path], record.row)


def _absence(element: Element, absence: Absence, row: str) -> Json:
    items = [
        _answered(f"{ABSENCE}.element", {"valueCoding": element_coding(element)}),
        _answered(f"{ABSENCE}.why", {"valueCoding": absence_coding(absence.code)}),
    ]
    if absence.reason:
        items.append(_answered(f"{ABSENCE}.reason", {"valueString": absence.reason}))
    if row:
        items.append(_answered(f"{ABSENCE}.row", {"valueString": row}))
    return {"linkId": ABSENCE, "item": items}


def _answered(link_id: str, answer: Json) -> Json:
    return {"linkId": link_id, "answer": [answer]}


def _number(element: Element, value: Any) -> Json:
    if element.unit is None:
        return {"valueInteger": value}
    # A form shows the unit in words, and a validator wants them to be those of the Questionnaire.
    return {"valueQuantity": {**datatypes.quantity(value, element.unit), "unit": unit_shown(element.unit)}}


def _coding(element: Element, value: Any) -> Json:
    option = element.option(value)
    return {"valueCoding": datatypes.option_coding(element, option)} if option else {}


_ANSWERS: dict[str, Callable[[Element, Any], Json]] = {
    "text": lambda _element, value: {"valueString": value},
    "boolean": lambda _element, value: {"valueBoolean": value},
    "integer": _number,
    "quantity": _number,
    "date": lambda _element, value: {"valueDate": value},
    "datetime": lambda _element, value: {"valueDateTime": value},
    "gestational-age": lambda _element, value: {"valueString": value},
    "choice": _coding,
    "choices": _coding,
}
"""How each kind is answered; a gestational age as it is written, 23w4d or 23w, since no answer can be a Range."""
