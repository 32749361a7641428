"""A note as a FHIR R4 bundle: resources by skeleton, an Observation for everything else, a Composition around them.

Every resource has an id made from the note's id and the element's (never from a value), so a repeat updates and
does not double. People, organisations and encounters are only ever created conditionally, never overwritten.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ci_notes.derive import Note, Record
from ci_notes.element import Element, Section
from ci_notes.errors import InputError
from ci_notes.fhir import canonical, datatypes, skeleton, us_core
from ci_notes.fhir.composition import Placed, composition
from ci_notes.fhir.datatypes import PSEUDONYM, RESOURCE, STATUS, resource_id
from ci_notes.fhir.filling import SHARED, Filler, Places
from ci_notes.fhir.forms.response import response
from ci_notes.narrative import Sentence
from ci_notes.template import HEADER

Json = dict[str, Any]

FORMS = ("document", "transaction", "collection")
DETAILS = ("full", "lean")
LENGTHS = ("mm", "cm")

_VERIFIED = {
    "Condition": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    "AllergyIntolerance": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
}
"""Resources that say in `verificationStatus` that they were entered in error; the others have a `status`."""

_LASTING = ("Provenance",)
"""What was done stays done: these have no status, and are never taken back."""

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_IN_HEADER = (f"{HEADER}.status", f"{HEADER}.date")


def to_fhir(
    note: Note,
    narrative: Sequence[Sentence] = (),
    form: str = "document",
    detail: str = "full",
    previous: Note | None = None,
    length_unit: str = "mm",
) -> Json:
    """Return a note as a Bundle (dict).

    `form` is document, transaction or collection. `detail` full carries every element; lean leaves out Observations
    that only our own codes describe. With `previous`, what an amendment removed is sent as entered-in-error. With
    `length_unit` cm, what is recorded in mm is written in cm, as antepartum profiles of IHE want it. Raises InputError
    where the note does not have the shape of its template, since something would be lost.
    """
    if form not in FORMS or detail not in DETAILS or length_unit not in LENGTHS:
        kinds = (", ".join(FORMS), ", ".join(DETAILS), ", ".join(LENGTHS))
        raise InputError("a bundle is {}; its detail {}; its lengths are in {}".format(*kinds))
    resources = _Writer(note).resources(detail)
    if previous is not None:
        resources = _amending(note, previous, resources, detail)
    if note.status == "entered-in-error":
        resources = [(section, retracted(resource)) for section, resource in resources]
    if length_unit == "cm":
        resources = [(section, _in_centimetres(resource)) for section, resource in resources]
    whole = [composition(note, resources, narrative), *(resource for _, resource in resources)]
    return _bundle(note, whole, form)


def _amending(note: Note, previous: Note, resources: Sequence[Placed], detail: str) -> list[Placed]:
    """Return an amendment: what it left alone with its old status, and what it took out as entered in error."""
    if previous.id != note.id:
        raise InputError(f"an amendment keeps the note's id; {note.id} does not amend {previous.id}")
    before = {resource["id"]: (section, resource) for section, resource in _Writer(previous).resources(detail)}
    kept = [(section, _as_before(resource, before.get(resource["id"]))) for section, resource in resources]
    present = {resource["id"] for _, resource in resources}
    gone = [one for key, one in before.items() if key not in present and one[1]["resourceType"] not in SHARED]
    return [*kept, *((section, retracted(resource)) for section, resource in gone)]


def _as_before(resource: Json, before: Placed | None) -> Json:
    """Return a finding as it was, if it differs in its status alone: it is not amended because the note is."""
    if before is None or not datatypes.may_stay_final(resource, before[1]):
        return resource
    return before[1] if {**resource, "status": "final"} == before[1] else resource


def _in_centimetres(resource: Json) -> Json:
    """Return a resource with its lengths in cm; our profiles, which say mm, are then not claimed.

    A QuestionnaireResponse stays in mm: so its Questionnaire asks.
    """
    if resource["resourceType"] == "QuestionnaireResponse":
        return resource
    changed: Json = datatypes.in_centimetres(resource)
    if changed == resource:
        return resource
    profiles = [one for one in resource.get("meta", {}).get("profile", ()) if one.startswith(canonical.US_CORE)]
    kept = {key: value for key, value in changed.items() if key != "meta"}
    return {**kept, "meta": {"profile": profiles}} if profiles else kept


def retracted(resource: Json) -> Json:
    """Return a resource marked as entered in error, the way its type says so."""
    kind = resource["resourceType"]
    if kind in SHARED or kind in _LASTING:
        return resource
    if kind in _VERIFIED:
        status = {"coding": [{"system": _VERIFIED[kind], "code": "entered-in-error"}]}
        # What is entered in error has no clinical status (FHIR invariants con-5 and ait-2).
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
        if note.unread:
            raise InputError(
                f"{note.unread[0].path} belongs to the extension «{note.written_with}» of {note.template.id}, which is "
                "not here; a bundle without it would lose what it holds"
            )
        self.note = note
        self.status, self.jurisdiction = STATUS[note.status], note.jurisdiction
        self.written: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.filler = Filler(note, self.reference)

    def resources(self, detail: str) -> list[Placed]:
        """Return all resources but the Composition, each with its section."""
        placed: Places = set()
        shaped = [*self._shaped(placed)]
        observed = [*self._observed(placed)]
        if detail == "lean":
            own = datatypes.element_systems(self.note.template)
            observed = [(section, one) for section, one in observed if _is_lean(one, own)]
        references = {name: self.reference(name) for name in ("patient", "author", "encounter")}
        answered = response(self.note, {name: one for name, one in references.items() if one})
        return [*_without_loose_ends([*shaped, *observed]), (HEADER, answered)]

    def reference(self, name: str) -> Json | None:
        """Return a reference to a resource of the skeleton, if it is written."""
        address = self.addresses.get(name)
        if address is None:
            shape = skeleton.resources(self.note.template).get(name)
            written = shape is not None and any(True for _ in self.filler.applies(shape))
            address = self.addresses[name] = f"urn:uuid:{resource_id(self.note.id, name)}" if written else ""
        return {"reference": address} if address else None

    def _shaped(self, placed: Places) -> Iterator[Placed]:
        for name, shape in skeleton.resources(self.note.template).items():
            if "$each" not in shape:
                for _ in self.filler.applies(shape):
                    filled, here = self.filler.fill(shape, None)
                    placed |= here
                    self.written |= {path: name for path, _ in here if filled["resourceType"] == "Observation"}
                    yield self._section(shape, here), self._identified(filled, name)

    def _section(self, shape: Json, placed: Places) -> str:
        """Return the section of what a resource holds, first of all of what its condition names; else the header."""
        if shape["resourceType"] in SHARED:
            return ""
        held = {path.partition(".")[0] for path, _ in placed} - {HEADER}
        named = [*skeleton.sections_named(self.note.template, shape)]
        return next(iter([*(name for name in named if name in held), *sorted(held), *named]), HEADER)

    def _shaped_row(self, group: Element, row: Record, placed: Places) -> Iterator[Json]:
        """Yield the resources of a row; a row that fills no hole is an Observation like any other."""
        for name, shape in skeleton.resources(self.note.template).items():
            if shape.get("$each") == group.path and self.filler.holds(shape, row, group.path):
                filled, here = self.filler.fill(shape, row)
                if any(at == row.row for _, at in here):
                    placed |= here
                    yield self._identified(filled, f"{name}/{row.row}")

    def _identified(self, body: Json, name: str) -> Json:
        note_id, kind = self.note.id, body.pop("resourceType")
        identifiers = body.pop("identifier", [])
        # A person's own identifier is what others know them by; ours stands in where none was recorded, or where it
        # does not say whose it is: number 1 of one hospital is not number 1 of another.
        if kind not in SHARED or not any(map(_says_whose, identifiers)):
            identifiers = [*identifiers, {"system": RESOURCE, "value": f"{note_id}#{name}"}]
        described = name.partition("/")[0]
        profiles = [canonical.profile_of_resource(described)] if described in self.note.template.profiled else []
        told: Json = {"resourceType": kind, "identifier": identifiers, **body}
        if self.jurisdiction == "US":
            told, theirs = us_core.conforming(told)
            profiles += theirs
        first: Json = {"resourceType": kind, "id": resource_id(note_id, name)}
        if profiles:
            first["meta"] = {"profile": profiles}
        first.update(told)
        return first

    # everything that no skeleton placed

    def _observed(self, placed: Places) -> Iterator[Placed]:
        values, absent = self.note.record.values, self.note.record.absent
        for section in self.note.template.sections:
            for element in section:
                path = element.path
                if path in _IN_HEADER:
                    continue
                if element.kind == "group":
                    for resource in self._rows(section, element, placed):
                        yield section.name, resource
                elif (path in values or path in absent) and (path, "") not in placed:
                    yield section.name, self._one(section, element)

    def _one(self, section: Section, element: Element) -> Json:
        record = self.note.record
        absence = record.absent.get(element.path)
        if absence is not None:
            held = datatypes.write_absent(absence.code, absence.reason)
        else:
            value = record.values[element.path]
            held, *more = datatypes.write_values(element, value)
            if value and element.kind == "choices":
                code = datatypes.element_concept(element)
                held = {"component": [{"code": code, **part} for part in (held, *more)]}
        return self._observation(section, element, element.id, held)

    def _rows(self, section: Section, group: Element, placed: Places) -> Iterator[Json]:
        record = self.note.record
        absence = record.absent.get(group.path)
        if absence is not None:
            yield self._observation(section, group, group.id, datatypes.write_absent(absence.code, absence.reason))
        elif group.path in record.rows and not record.rows[group.path]:
            yield self._observation(section, group, group.id, {"valueInteger": 0})
        for row in record.rows.get(group.path, ()):
            shaped = [*self._shaped_row(group, row, placed)]
            yield from shaped
            parts = [*self._components(group, row, placed)]
            if parts or not shaped:
                rest = self._observation(section, group, f"{group.id}/{row.row}", {"component": parts} if parts else {})
                # Rows stay together by this where a server gives everything new ids.
                yield {**rest, "focus": [{"reference": f"urn:uuid:{shaped[0]['id']}"}]} if shaped else rest

    def _components(self, group: Element, row: Record, placed: Places) -> Iterator[Json]:
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

    def _status(self, element: Element) -> str:
        """Return the status of an Observation: the note's, unless the answer itself is that there is no result yet."""
        answer = self.note.record.values.get(element.path)
        option = element.option(answer) if isinstance(answer, str) else None
        return option.status if option and option.status else self.status

    def _effective(self, element: Element) -> str:
        """Return when a value was true: on the date it is dated by, else on that of the note."""
        values = self.note.record.values
        return str(values.get(element.dated) or values[f"{HEADER}.date"])

    def _observation(self, section: Section, element: Element, name: str, held: Json) -> Json:
        body: Json = {"resourceType": "Observation", "status": self._status(element)}
        if section.category:
            body["category"] = [{"coding": [{"system": _CATEGORY, "code": section.category}]}]
        body["code"] = datatypes.element_concept(element)
        for key, named in (("subject", "patient"), ("encounter", "encounter")):
            if reference := self.reference(named):
                body[key] = reference
        body["effectiveDateTime"] = self._effective(element)
        if author := self.reference("author"):
            body["performer"] = [author]
        if element.method:
            body["method"] = {"coding": [*map(datatypes.coding, element.method)]}
        if element.body_site:
            body["bodySite"] = {"coding": [*map(datatypes.coding, element.body_site)]}
        if element.computed and (sources := self._derived_from(element)):
            body["derivedFrom"] = sources
        self.written[element.path] = name
        body.update(held)
        return self._identified(body, name)

    def _derived_from(self, element: Element) -> list[Json]:
        names: list[str] = []
        for path in self.note.template.origins(element.path):
            rows = self.note.record.rows.get(path)
            origin = self.note.template.elements[path]
            if rows is not None:
                names += [f"{origin.id}/{row.row}" for row in rows]
            elif path in self.written:
                names.append(self.written[path])
        return [{"reference": f"urn:uuid:{resource_id(self.note.id, name)}"} for name in names]


def _without_loose_ends(resources: list[Placed]) -> list[Placed]:
    """Return resources that derive only from what is among them."""
    derived = [one for _, one in resources if "derivedFrom" in one]
    present = {f"urn:uuid:{one['id']}" for _, one in resources} if derived else set()
    for one in derived:
        one["derivedFrom"] = [source for source in one["derivedFrom"] if source["reference"] in present]
        if not one["derivedFrom"]:
            del one["derivedFrom"]
    return resources


def _is_lean(resource: Json, own: set[str]) -> bool:
    return resource["resourceType"] != "Observation" or datatypes.known_elsewhere(resource, own)


# --- bundle --------------------------------------------------------------------------------------------------------


def _bundle(note: Note, resources: Sequence[Json], form: str) -> Json:
    named = {"resourceType": "Bundle", "id": resource_id(note.id, f"bundle/{form}")}
    bundle: Json = {**named, "meta": {"profile": [canonical.profile_of_resource(f"bundle_{form}")]}, "type": form}
    if form == "document":
        bundle["identifier"] = {"system": RESOURCE, "value": note.id}
        bundle["timestamp"] = note.record.values[f"{HEADER}.date"]
    entries = []
    for resource in resources:
        entry: Json = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
        if form == "transaction":
            entry["request"] = request(resource)
        entries.append(entry)
    return {**bundle, "entry": entries}


def _says_whose(identifier: Json) -> bool:
    """Return whether an identifier is a number with the system it belongs to."""
    return "value" in identifier and identifier.get("system") not in (None, PSEUDONYM)


def request(resource: Json) -> Json:
    """Return how a resource of ours is sent in a transaction: people and places are only ever created."""
    kind = resource["resourceType"]
    if kind in SHARED:
        return {"method": "POST", "url": kind, "ifNoneExist": if_none_exist(resource)}
    return {"method": "PUT", "url": f"{kind}/{resource['id']}"}


def if_none_exist(resource: Json) -> str:
    """Return the search that finds a resource by the first of its identifiers that says whose number it is."""
    version = [resource["masterIdentifier"]] if "masterIdentifier" in resource else []
    identifier = next(filter(_says_whose, [*version, *resource["identifier"]]))
    return f"identifier={_query(identifier['system'] + '|')}{_query(identifier['value'])}"


def _query(text: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415

    return quote(text, safe=":/|#" if text.endswith("|") else "")
