"""A note as a FHIR R4 bundle: resources by skeleton, an Observation for everything else, a Composition around them.

Every resource has an id made from the note's id and the element's (never from a value), so a repeat updates and
does not double. People, organisations and encounters are only ever created conditionally, never overwritten.
"""

import html
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from ci_notes.derive import Note, Record, inputs
from ci_notes.element import Coding, Element, Section
from ci_notes.errors import InputError
from ci_notes.fhir import datatypes, skeleton
from ci_notes.fhir.datatypes import RESOURCE, TEMPLATES
from ci_notes.narrative import Sentence, heading
from ci_notes.template import HEADER

Json = dict[str, Any]

FORMS = ("document", "transaction", "collection")
DETAILS = ("full", "lean")

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, datatypes.BASE)
_SHARED = ("Patient", "Practitioner", "Organization", "Encounter")
"""Resources that others own too: created if they are not there, never overwritten."""

_STATUS = {"draft": "preliminary", "final": "final", "amended": "amended", "entered-in-error": "entered-in-error"}
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_IN_HEADER = (f"{HEADER}.status", f"{HEADER}.date")


def resource_id(note_id: str, name: str) -> str:
    """Return the id of a resource: uuid5 of the note's id and a name (element id, row id), never of a value."""
    return str(uuid.uuid5(_NAMESPACE, f"{note_id}\n{name}"))


def to_fhir(
    note: Note,
    narrative: Sequence[Sentence] = (),
    form: str = "document",
    detail: str = "full",
    previous: Note | None = None,
) -> Json:
    """Return a note as a Bundle (dict).

    `form` is document, transaction or collection. `detail` full carries every element; lean leaves out Observations
    that only our own codes describe. With `previous`, what an amendment removed is sent as entered-in-error. Raises
    InputError where the note does not have the shape of its template, since something would be lost.
    """
    if form not in FORMS or detail not in DETAILS:
        raise InputError(f"a bundle is {', '.join(FORMS)}; its detail {', '.join(DETAILS)}")
    resources = _Writer(note).resources(detail)
    if previous is not None:
        if previous.id != note.id:
            raise InputError(f"an amendment keeps the note's id; {note.id} does not amend {previous.id}")
        present = {resource["id"] for resource in resources}
        resources += [
            retracted(resource)
            for resource in _Writer(previous).resources(detail)
            if resource["id"] not in present and resource["resourceType"] not in _SHARED
        ]
    if note.status == "entered-in-error":
        resources = [retracted(resource) for resource in resources]
    return _bundle(note, [composition(note, resources, narrative), *resources], form)


def retracted(resource: Json) -> Json:
    """Return a resource marked as entered in error, the way its type says so."""
    kind = resource["resourceType"]
    if kind in _SHARED:
        return resource
    if kind == "Condition":
        status = {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}
            ]
        }
        # An entered-in-error Condition has no clinical status (FHIR invariant con-5).
        kept = {key: value for key, value in resource.items() if key != "clinicalStatus"}
        return {**kept, "verificationStatus": status}
    return {**resource, "status": "entered-in-error"}


class _Writer:
    """Writes the resources of one note, in the order of its sections."""

    def __init__(self, note: Note) -> None:
        if note.problems:
            first = note.problems[0]
            raise InputError(
                f"{first.message} ({first.path}); a bundle is written of a note that has its template's shape"
            )
        self.note = note
        self.written: dict[str, str] = {}
        self.filler = skeleton.Filler(note, self.reference)

    def resources(self, detail: str) -> list[Json]:
        placed: set[tuple[str, str]] = set()
        shaped = [*self._shaped(placed)]
        observed = [*self._observed(placed)]
        if detail == "lean":
            observed = [one for one in observed if _externally_coded(one)]
        return [*shaped, *observed]

    def reference(self, name: str) -> Json | None:
        """Return a reference to a resource of the skeleton, if it is written."""
        shape = skeleton.resources(self.note.template).get(name)
        if shape is None or not any(True for _ in self.filler.applies(shape)):
            return None
        return {"reference": f"urn:uuid:{resource_id(self.note.id, name)}"}

    def _shaped(self, placed: set[tuple[str, str]]) -> Iterator[Json]:
        for name, shape in skeleton.resources(self.note.template).items():
            for row in self.filler.applies(shape):
                filled, here = self.filler.fill(shape, row)
                placed |= here
                yield self._identified(filled, f"{name}/{row.row}" if row else name)

    def _identified(self, body: Json, name: str) -> Json:
        note_id = self.note.id
        kind = body.pop("resourceType")
        own = {"system": RESOURCE, "value": f"{note_id}#{name}"}
        theirs = body.pop("identifier", [])
        # A person's own identifier is what others know them by; ours stands in where none was recorded.
        identifiers = theirs if theirs and kind in _SHARED else [*theirs, own]
        if kind == "DetectedIssue" and self.note.status == "draft":
            body["status"] = "preliminary"
        if kind == "ServiceRequest" and self.note.status == "draft":
            body["status"] = "draft"
        return {"resourceType": kind, "id": resource_id(note_id, name), "identifier": identifiers, **body}

    # everything that no skeleton placed

    def _observed(self, placed: set[tuple[str, str]]) -> Iterator[Json]:
        for section in self.note.template.sections:
            for element in section:
                if element.path in _IN_HEADER:
                    continue
                if element.kind == "group":
                    yield from self._rows(section, element, placed)
                elif (element.path, "") not in placed:
                    yield from self._one(section, element)

    def _one(self, section: Section, element: Element) -> Iterator[Json]:
        record = self.note.record
        absence = record.absent.get(element.path)
        if absence is not None:
            yield self._observation(section, element, element.id, datatypes.write_absent(absence.code, absence.reason))
        elif element.path in record.values:
            parts = datatypes.write_values(element, record.values[element.path])
            if element.kind == "choices":
                parts = [{"component": [{"code": datatypes.element_concept(element), **part} for part in parts]}]
            yield self._observation(section, element, element.id, parts[0])

    def _rows(self, section: Section, group: Element, placed: set[tuple[str, str]]) -> Iterator[Json]:
        record = self.note.record
        absence = record.absent.get(group.path)
        if absence is not None:
            yield self._observation(section, group, group.id, datatypes.write_absent(absence.code, absence.reason))
        elif group.path in record.rows and not record.rows[group.path]:
            yield self._observation(section, group, group.id, {"valueInteger": 0})
        for row in record.rows.get(group.path, ()):
            parts = [*self._components(group, row, placed)]
            if parts or not any(path.startswith(f"{group.path}.") for path, at in placed if at == row.row):
                held = {"component": parts} if parts else {}
                yield self._observation(section, group, f"{group.id}/{row.row}", held)

    def _components(self, group: Element, row: Record, placed: set[tuple[str, str]]) -> Iterator[Json]:
        for element in group.rows:
            if (element.path, row.row) in placed:
                continue
            code = datatypes.element_concept(element)
            absence = row.absent.get(element.path)
            if absence is not None:
                yield {"code": code, **datatypes.write_absent(absence.code, absence.reason)}
            elif element.path in row.values:
                for part in datatypes.write_values(element, row.values[element.path]):
                    yield {"code": code, **part}

    def _observation(self, section: Section, element: Element, name: str, held: Json) -> Json:
        body: Json = {"resourceType": "Observation", "status": _STATUS[self.note.status]}
        if section.category:
            body["category"] = [{"coding": [{"system": _CATEGORY, "code": section.category}]}]
        body["code"] = datatypes.element_concept(element)
        for key, named in (("subject", "patient"), ("encounter", "encounter")):
            reference = self.reference(named)
            if reference:
                body[key] = reference
        body["effectiveDateTime"] = self.note.record.values[f"{HEADER}.date"]
        author = self.reference("author")
        if author:
            body["performer"] = [author]
        if element.method:
            body["method"] = {"coding": [*map(datatypes.coding, element.method)]}
        sources = self._derived_from(element)
        if sources:
            body["derivedFrom"] = sources
        self.written[element.path] = name
        return self._identified({**body, **held}, name)

    def _derived_from(self, element: Element) -> list[Json]:
        if not element.computed:
            return []
        names = []
        for path in inputs(self.note.template, element.path):
            rows = self.note.record.rows.get(path)
            origin = self.note.template.elements[path]
            if rows is not None:
                names += [f"{origin.id}/{row.row}" for row in rows]
            elif path in self.written:
                names.append(self.written[path])
        return [{"reference": f"urn:uuid:{resource_id(self.note.id, name)}"} for name in names]


def _externally_coded(resource: Json) -> bool:
    return any(code["system"] != datatypes.ELEMENTS for code in resource["code"]["coding"])


# --- composition ---------------------------------------------------------------------------------------------------


def composition(note: Note, resources: Sequence[Json], narrative: Sequence[Sentence]) -> Json:
    """Return the Composition: what kind of note, whose, when, its sections with their sentences and entries."""
    template = note.template
    document = template.document or Coding("http://loinc.org", "11488-4", "Consult note")
    own = {"system": TEMPLATES, "code": template.id, "display": template.title, "version": template.version}
    by_type: dict[str, str] = {}
    for one in resources:
        by_type.setdefault(one["resourceType"], f"urn:uuid:{one['id']}")
    body: Json = {
        "resourceType": "Composition",
        "id": resource_id(note.id, "composition"),
        "identifier": {"system": RESOURCE, "value": note.id},
        "status": _STATUS[note.status],
        "type": {"coding": [datatypes.coding(document), own], "text": template.title},
        "date": note.record.values[f"{HEADER}.date"],
        "author": [
            {"reference": by_type["Practitioner"]} if "Practitioner" in by_type else {"display": "Not recorded"}
        ],
        "title": template.title,
    }
    if "Patient" in by_type:
        body["subject"] = {"reference": by_type["Patient"]}
    if "Organization" in by_type:
        body["custodian"] = {"reference": by_type["Organization"]}
    sections = [*_sections(note, resources, narrative)]
    return {**body, "section": sections} if sections else body


def _sections(note: Note, resources: Sequence[Json], narrative: Sequence[Sentence]) -> Iterator[Json]:
    names = list(
        dict.fromkeys(
            [*(sentence.section for sentence in narrative), *(section.name for section in note.template.sections)]
        )
    )
    for name in names:
        section = note.template.section(name)
        entries = [{"reference": f"urn:uuid:{one['id']}"} for one in resources if _section_of(note, one) == name]
        sentences = [sentence for sentence in narrative if sentence.section == name]
        if not entries and not sentences:
            continue
        body: Json = {"title": heading(note.template, name) or "Note"}
        if section and section.code:
            body["code"] = {"coding": [datatypes.coding(section.code)]}
        if sentences:
            body["text"] = {"status": "generated", "div": xhtml(sentences)}
        yield {**body, "entry": entries} if entries else body


def _section_of(note: Note, resource: Json) -> str:
    """Return the section that a resource belongs to: that of its element, or of the first element in its skeleton."""
    name = str(resource["identifier"][-1]["value"]).partition("#")[2].partition("/")[0]
    for element in note.template:
        if element.id == name:
            return element.path.partition(".")[0]
    if name in note.template.skeleton and resource["resourceType"] not in _SHARED:
        paths = [path for path, *_ in skeleton.holes(note.template.skeleton[name], resource, "")]
        own = [path for path in paths if not path.startswith(f"{HEADER}.")]
        return own[0].partition(".")[0] if own else ""
    return ""


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


# --- bundle --------------------------------------------------------------------------------------------------------


def _bundle(note: Note, resources: Sequence[Json], form: str) -> Json:
    bundle: Json = {"resourceType": "Bundle", "id": resource_id(note.id, f"bundle/{form}"), "type": form}
    if form == "document":
        bundle["identifier"] = {"system": RESOURCE, "value": note.id}
        bundle["timestamp"] = note.record.values[f"{HEADER}.date"]
    entries = []
    for resource in resources:
        entry: Json = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
        if form == "transaction":
            entry["request"] = _request(resource)
        entries.append(entry)
    return {**bundle, "entry": entries}


def _request(resource: Json) -> Json:
    kind = resource["resourceType"]
    if kind in _SHARED:
        identifier = resource["identifier"][0]
        system = f"{identifier['system']}|" if "system" in identifier else ""
        return {
            "method": "POST",
            "url": kind,
            "ifNoneExist": f"identifier={_query(system)}{_query(identifier['value'])}",
        }
    return {"method": "PUT", "url": f"{kind}/{resource['id']}"}


def _query(text: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415

    return quote(text, safe=":/|#" if text.endswith("|") else "")
