"""The Composition of a bundle: what kind of note, whose, when, and its sections with their sentences and entries."""

import html
from collections.abc import Iterator, Sequence
from typing import Any

from ci_notes.derive import Note
from ci_notes.element import Coding
from ci_notes.fhir import datatypes
from ci_notes.fhir.datatypes import RESOURCE, STATUS, TEMPLATES, resource_id
from ci_notes.narrative import Sentence, heading
from ci_notes.template import HEADER

Json = dict[str, Any]
Placed = tuple[str, Json]
"""A resource with the section of the note that it belongs to; empty for people and organisations."""


def composition(note: Note, resources: Sequence[Placed], narrative: Sequence[Sentence]) -> Json:
    """Return the Composition: what kind of note, whose, when, its sections with their sentences and entries."""
    template = note.template
    document = template.document or Coding("http://loinc.org", "11488-4", "Consult note")
    own = {"system": TEMPLATES, "code": template.id, "display": template.title, "version": template.version}
    by_type: dict[str, str] = {}
    for _, one in resources:
        by_type.setdefault(one["resourceType"], f"urn:uuid:{one['id']}")
    body: Json = {
        "resourceType": "Composition",
        "id": resource_id(note.id, "composition"),
        "identifier": {"system": RESOURCE, "value": note.id},
        "status": STATUS[note.status],
        "type": {"coding": [datatypes.coding(document), own], "text": template.title},
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
    sections = [*_sections(note, resources, narrative)]
    return {**body, "section": sections} if sections else body


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


def xhtml(sentences: Sequence[Sentence]) -> str:
    """Return sentences as the XHTML of a narrative: paragraphs, and items where they are listed."""
    out: list[str] = []
    item = False
    for sentence in sentences:
        text = html.escape(sentence.text, quote=False)
        if sentence.opens or not out:
            out.append("</li></ul>" if item else "</p>" if out else "")
            item = sentence.opens == "item"
            out.append(f"<ul><li>{text}" if item else f"<p>{text}")
        else:
            out.append(f" {text}")
    out.append("</li></ul>" if item else "</p>")
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{"".join(out)}</div>'.replace("</ul><ul>", "")
