"""A note as single resources to POST, with a DocumentReference that carries its narrative: the way of US Core servers.

For servers that take no transaction. Nothing here sends anything: a posting says what is sent, where to, and by which
identifier the server finds what it has already.
"""

import base64
import hashlib
import html
import uuid
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ci_notes.derive import Note
from ci_notes.fhir import datatypes, us_core
from ci_notes.fhir.bundle import if_none_exist, retracted, to_fhir
from ci_notes.fhir.canonical import profile_of_resource
from ci_notes.fhir.composition import document_type
from ci_notes.fhir.datatypes import RESOURCE, STATUS, resource_id
from ci_notes.fhir.filling import SHARED
from ci_notes.narrative import Sentence, heading
from ci_notes.printing import UNSIGNED, text, xhtml
from ci_notes.template import HEADER

Json = dict[str, Any]

KINDS = (*SHARED, "Condition", "Procedure", "Observation")
"""What is posted beside the narrative: what US Core servers take, of what has a code that others know."""

_CATEGORY = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
_URI = "urn:ietf:rfc:3986"


def documents(note: Note, sentences: Sequence[Sentence], length_unit: str = "mm", replaces: str = "") -> list[Json]:
    """Return the postings of a note, each after all that it refers to; the DocumentReference comes last.

    A posting is {method, url, ifNoneExist, fullUrl, resource}. Resources refer to each other by `fullUrl`, which is
    exchanged for the address that the server gave. `replaces` is the server's reference to the DocumentReference of the
    version before. Raises InputError as `to_fhir` does.
    """
    bundle = to_fhir(note, sentences, form="collection", detail="lean", length_unit=length_unit)
    found = [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] in KINDS]
    posted = _in_order(sorted(found, key=lambda one: KINDS.index(one["resourceType"])))
    document = _profiled(note, _document(note, sentences, posted, replaces))
    return [_posting(resource) for resource in [*posted, document]]


def _posting(resource: Json) -> Json:
    return {
        "method": "POST",
        "url": resource["resourceType"],
        "ifNoneExist": if_none_exist(resource),
        "fullUrl": f"urn:uuid:{resource['id']}",
        "resource": resource,
    }


def _in_order(resources: Sequence[Json]) -> list[Json]:
    """Return resources so that each stands after those it refers to, and otherwise as they were."""
    waiting = {f"urn:uuid:{one['id']}": one for one in resources}
    ordered: list[Json] = []

    def place(address: str) -> None:
        resource = waiting.pop(address, None)
        if resource is not None:
            for other in references(resource):
                place(other)
            ordered.append(resource)

    for address in [*waiting]:
        place(address)
    return ordered


def references(node: Any) -> Iterator[str]:
    """Yield the addresses that a resource refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


# --- the narrative as a document -----------------------------------------------------------------------------------


def _document(note: Note, sentences: Sequence[Sentence], posted: Sequence[Json], replaces: str) -> Json:
    at = {one["resourceType"]: {"reference": f"urn:uuid:{one['id']}"} for one in posted if _is_shared(one)}
    values = note.record.values
    seen = values[f"{HEADER}.date"]
    content = [*_content(note, sentences)]
    version = _version(note, content)
    body: Json = {
        "resourceType": "DocumentReference",
        "id": version,
        # The first is this version's, by which a repeat is known; the other is the note's, the same for all versions.
        "masterIdentifier": {"system": _URI, "value": f"urn:uuid:{version}"},
        "identifier": [{"system": RESOURCE, "value": note.id}],
        "status": "current",
        "docStatus": STATUS[note.status],
        "type": document_type(note.template),
        "category": [{"coding": [{"system": _CATEGORY, "code": "clinical-note", "display": "Clinical Note"}]}],
        "subject": at["Patient"],
        "date": values.get(f"{HEADER}.signed_at", seen),
        "author": [at["Practitioner"]],
    }
    if "Organization" in at:
        body["custodian"] = at["Organization"]
    related = [*_related(note, replaces)]
    context: Json = {"encounter": [at["Encounter"]]} if "Encounter" in at else {}
    if related:
        body["relatesTo"] = related
    body["description"] = note.template.title
    body["content"] = content
    body["context"] = {**context, "period": {"start": seen}}
    return retracted(body) if note.status == "entered-in-error" else body


def _profiled(note: Note, document: Json) -> Json:
    body, theirs = us_core.conforming(document) if note.jurisdiction == "US" else (document, [])
    return {**body, "meta": {"profile": [profile_of_resource("document_reference"), *theirs]}}


def _is_shared(resource: Json) -> bool:
    return resource["resourceType"] in SHARED


def _version(note: Note, content: Sequence[Json]) -> str:
    """Return an id of this version: the same for the same words and status, another when they change."""
    said = "".join(one["attachment"]["data"] for one in content)
    told = hashlib.sha256(f"{note.status}\n{said}".encode()).hexdigest()
    return str(uuid.UUID(resource_id(note.id, f"document/{told}")))


def _related(note: Note, replaces: str) -> Iterator[Json]:
    if replaces:
        yield {"code": "replaces", "target": {"reference": replaces}}
    added_to = note.record.values.get(f"{HEADER}.addendum_of")
    if added_to:
        target = {"type": "DocumentReference", "identifier": {"system": RESOURCE, "value": added_to}}
        yield {"code": "appends", "target": target}


def _content(note: Note, sentences: Sequence[Sentence]) -> Iterator[Json]:
    """Yield the narrative as servers take it: some want plain text, some nothing but XHTML."""
    for kind, words in (
        ("text/plain; charset=utf-8", text(note, sentences)),
        ("application/xhtml+xml; charset=utf-8", _page(note, sentences)),
    ):
        yield {"attachment": _attachment(note, kind, words)}


def _attachment(note: Note, kind: str, words: str) -> Json:
    return {
        "contentType": kind,
        "language": datatypes.language(note.jurisdiction),
        "data": base64.b64encode(words.encode()).decode(),
        "title": note.template.title,
        "creation": note.record.values[f"{HEADER}.date"],
    }


def _page(note: Note, sentences: Sequence[Sentence]) -> str:
    """Return the narrative as one XHTML page, without style or script."""
    title = html.escape(note.template.title)
    parts = [f"<p><strong>{html.escape(UNSIGNED[note.status])}</strong></p>"] if note.status in UNSIGNED else []
    parts.append(f"<h1>{title}</h1>")
    for section, members in groupby(sentences, key=lambda sentence: sentence.section):
        named = heading(note.template, section, note.jurisdiction)
        parts += [f"<h2>{html.escape(named)}</h2>"] if named else []
        parts.append(xhtml([*members]))
    language = datatypes.language(note.jurisdiction)
    return (
        f'<html xmlns="http://www.w3.org/1999/xhtml" lang="{language}" xml:lang="{language}">'
        f"<head><title>{title}</title></head><body>{''.join(parts)}</body></html>"
    )
