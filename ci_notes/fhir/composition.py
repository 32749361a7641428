"""The Composition of a bundle: what kind of note, whose, when, and its sections with their sentences and entries."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ci_notes.derive import Note
from ci_notes.element import Coding
from ci_notes.fhir import canonical, datatypes
from ci_notes.fhir.datatypes import RESOURCE, STATUS, TEMPLATES, resource_id
from ci_notes.narrative import SIGNED, Sentence, heading
from ci_notes.printing import xhtml
from ci_notes.template import HEADER, Template

Json = dict[str, Any]
Placed = tuple[str, Json]
"""A resource with the section of the note that it belongs to; empty for people and organisations."""


def composition(note: Note, resources: Sequence[Placed], narrative: Sequence[Sentence]) -> Json:
    """Return the Composition: what kind of note, whose, when, its sections with their sentences and entries."""
    template = note.template
    by_type: dict[str, str] = {}
    for _, one in resources:
        if one["resourceType"] not in by_type:
            by_type[one["resourceType"]] = f"urn:uuid:{one['id']}"
    body: Json = {
        "resourceType": "Composition",
        "id": resource_id(note.id, "composition"),
        "meta": {"profile": [canonical.profile_of_resource("composition")]},
        "language": datatypes.language(note.jurisdiction),
        "identifier": {"system": RESOURCE, "value": note.id},
        "status": STATUS[note.status],
        "type": document_type(template),
        "date": note.record.values[f"{HEADER}.date"],
        "author": [
            {"reference": by_type["Practitioner"]} if "Practitioner" in by_type else {"display": "Not recorded"}
        ],
        "title": template.title,
    }
    if "Patient" in by_type:
        body["subject"] = {"reference": by_type["Patient"]}
    if "Encounter" in by_type:
        body["encounter"] = {"reference": by_type["Encounter"]}
    if "Organization" in by_type:
        body["custodian"] = {"reference": by_type["Organization"]}
    if note.status in SIGNED:
        body["attester"] = [_attester(note, by_type)]
    added_to = note.record.values.get(f"{HEADER}.addendum_of")
    if added_to:
        body["relatesTo"] = [{"code": "appends", "targetIdentifier": {"system": RESOURCE, "value": added_to}}]
    sections = [*_sections(note, resources, narrative)]
    return {**body, "section": sections} if sections else body


def document_type(template: Template) -> Json:
    """Return what kind of document the notes of a template are: the LOINC code, and our own with its version."""
    document = template.document or Coding("http://loinc.org", "11488-4", "Consult note")
    own = {"system": TEMPLATES, "code": template.id, "display": template.title, "version": template.version}
    return {"coding": [datatypes.coding(document), own], "text": template.title}


def _attester(note: Note, by_type: Mapping[str, str]) -> Json:
    """Return who signed a note, and when. Who answers for it before the law is not recorded, so it is not `legal`."""
    signed = note.record.values.get(f"{HEADER}.signed_at")
    return {
        "mode": "professional",
        **({"time": signed} if signed else {}),
        **({"party": {"reference": by_type["Practitioner"]}} if "Practitioner" in by_type else {}),
    }


def _sections(note: Note, resources: Sequence[Placed], narrative: Sequence[Sentence]) -> Iterator[Json]:
    said: dict[str, list[Sentence]] = {}
    for sentence in narrative:
        said.setdefault(sentence.section, []).append(sentence)
    entries: dict[str, list[Json]] = {}
    for name, one in resources:
        entries.setdefault(name, []).append({"reference": f"urn:uuid:{one['id']}"})
    for name in dict.fromkeys([*said, *(section.name for section in note.template.sections)]):
        if name in said or name in entries:
            yield _section(note, name, said.get(name, []), entries.get(name, []))


def _section(note: Note, name: str, sentences: Sequence[Sentence], entries: Sequence[Json]) -> Json:
    section = note.template.section(name)
    unnamed = "About this note" if name == HEADER else note.template.title
    body: Json = {"title": heading(note.template, name) or unnamed}
    if section and section.code:
        body["code"] = {"coding": [datatypes.coding(section.code)]}
    if sentences:
        body["text"] = {"status": "generated", "div": xhtml(sentences)}
    return {**body, "entry": [*entries]} if entries else body
