"""A bundle back to a note: the same skeletons and codes, walked the other way.

Nothing is taken from an id, which a server may change. Elements are known by our own code beside the standard one,
resources by our identifier and, where that was removed, by their type and constants; which of them are of the note, and
in which order, the Composition tells. What the bundle does not say stays untouched in the note.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ci_notes import kinds
from ci_notes.element import OURS, Element
from ci_notes.errors import InputError, plain
from ci_notes.fhir import datatypes, matching
from ci_notes.fhir.canonical import identifier_of
from ci_notes.fhir.datatypes import RESOURCE, TEMPLATES, element_systems, own_code
from ci_notes.fhir.filling import SHARED
from ci_notes.fhir.forms.answered import read_response
from ci_notes.fhir.holes import EACH
from ci_notes.fhir.reading.account import Left, Reading
from ci_notes.fhir.reading.incoming import Entry, addressed, in_error, is_at, references, the_patient, whose
from ci_notes.fhir.reading.incoming import listed as listed_of
from ci_notes.fhir.reading.values import about
from ci_notes.template import HEADER, Template

Json = dict[str, Any]
_STATUS = {"preliminary": "draft", "final": "final", "amended": "amended", "entered-in-error": "entered-in-error"}


_PERHAPS_LEAN = (
    "the bundle has no QuestionnaireResponse, and nothing that only our own codes describe: if it was sent lean, the "
    "note is not whole, and what is missing stands in the narrative alone"
)


def entries(bundle: Any) -> list[Json]:
    """Return the resources of a Bundle in order; raises InputError for what is no R4 bundle."""
    return [entry.resource for entry in addressed(bundle) if not in_error(entry.resource)]


def template_in(bundle: Any) -> str:
    """Return the id of the template that one of our bundles was made from; raises InputError for a foreign bundle."""
    for resource in entries(bundle):
        if template_named(resource):
            return template_named(resource)
    raise InputError("the bundle has no Composition that names one of our templates; it was written by somebody else")


def is_ours(bundle: Any) -> bool:
    """Return whether a bundle was written by us; raises InputError for what is no R4 bundle."""
    return any(template_named(entry.resource) for entry in addressed(bundle))


def template_named(resource: Json) -> str:
    """Return the id of the template that a Composition or a QuestionnaireResponse of ours names, or an empty text."""
    if resource.get("resourceType") == "QuestionnaireResponse":
        base, _, name = str(resource.get("questionnaire") or "").partition("|")[0].rpartition("/Questionnaire/")
        return name if base == OURS else ""
    if resource.get("resourceType") != "Composition":
        return ""
    return next((code for system, code in datatypes.codes_of(resource.get("type")) if system == TEMPLATES), "")


def from_fhir(bundle: Any, template: Template, note_id: str = "") -> Json:
    """Return the data of the note that a bundle was made from.

    `note_id` is used where the bundle carries no id of ours. Rows whose ids were removed are numbered. Raises
    InputError for what is no bundle, or one with several patients.
    """
    return read_ours(bundle, template, note_id).data


def read_ours(bundle: Any, template: Template, note_id: str = "") -> Reading:
    """Return the note that a bundle of ours was made from, and what the bundle holds besides.

    What somebody else added to the bundle, what is of another patient, and what was entered in error is not taken.
    Raises InputError for what is no bundle, or one with several patients.
    """
    listed = addressed(bundle)
    patient = the_patient(listed)
    answered = _answered(template, listed, patient)
    found = _discrete(template, listed, patient, note_id)
    if answered is None:
        lean = not any(_is_ours_alone(entry.resource, template) for entry in listed)
        return replace(found, remarks=(*found.remarks, *([_PERHAPS_LEAN] if lean else [])))
    told = read_response(template, answered, note_id)
    return _together(told, found)


def _is_ours_alone(resource: Json, template: Template) -> bool:
    """Return whether a resource is an Observation that a lean bundle leaves out."""
    coded = bool(datatypes.codes_of(resource.get("code")))
    observed = resource.get("resourceType") == "Observation"
    return observed and coded and not datatypes.known_elsewhere(resource, element_systems(template))


def _answered(template: Template, listed: Sequence[Entry], patient: Entry | None) -> Json | None:
    """Return the answers to the template's own Questionnaire, if the bundle holds them and they count."""
    for entry in listed:
        ours = entry.kind == "QuestionnaireResponse" and template_named(entry.resource) == identifier_of(template.id)
        if ours and whose(entry, patient) != "another's":
            return entry.resource
    return None


def _together(told: Json, found: Reading) -> Reading:
    """Return the resources' note where they hold all that was answered; else the answers, as of a lean bundle.

    Where the two differ, somebody changed one of them, and the account says so.
    """
    answers, values = dict(_leaves(told)), dict(_leaves(found.data))
    differing = [at for at in answers if at in values and answers[at] != values[at] and at[-1] not in ("id", "version")]
    lean = any(at not in values and at[-1] != "id" for at in answers)
    kept = "its QuestionnaireResponse" if lean else "the resources themselves"
    left = [
        Left("QuestionnaireResponse", plain(".".join(map(str, at))), "contradiction", f"what {kept} say was taken")
        for at in differing
    ]
    data = {**told, "id": found.data["id"]} if lean and found.data.get("id") else told if lean else found.data
    return replace(found, data=data, left=(*found.left, *left))


def _leaves(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    if not isinstance(node, dict | list) or not node:
        yield at, node
    for key, value in items:
        yield from _leaves(value, (*at, key))


def _discrete(template: Template, listed: Sequence[Entry], patient: Entry | None, note_id: str) -> Reading:
    """Return the note that the resources of a bundle tell, its QuestionnaireResponse left aside."""
    if sum(entry.kind == "Patient" for entry in listed) > 1:
        raise InputError("the bundle has 2 patients, or one patient twice; a note has one")
    listed = _as_composed(listed)
    filled = _Filled(template, _header(template, [entry.resource for entry in listed], note_id))
    whole = _taken_back([entry.resource for entry in listed])
    strange = _Strangers(template, listed, patient, whole)
    known = _Known(template)
    said: set[tuple[str, Any]] = set()
    left: list[Left] = []
    for entry, row in zip(listed, _row_keys(listed), strict=True):
        why = strange.why(entry)
        if why:
            left.append(why)
            continue
        ours = _is_of_the_note(template, entry.resource)
        for path, value in _values(known, entry.resource):
            # Where others added to the bundle, and both speak of one element, the note's own word stands.
            place = (path, row if template.elements[path].group else "")
            if ours or place not in said or template.elements[path].kind == "group":
                filled.put(path, row, value)
            if ours:
                said.add(place)
    return Reading(_ordered(filled.note, template), True, (), (*left, *_unknown_to(template, listed, left)))


def _as_composed(listed: Sequence[Entry]) -> list[Entry]:
    """Return the resources in the order in which the Composition lists them, what it does not list last.

    A server may give them back in any order; the Composition is what keeps the rows of a note in theirs.
    """
    named = _composed(listed)
    order = {one: index for index, one in reversed([*enumerate(named)])}

    def place(entry: Entry) -> int:
        found = (order[key] for key in (entry.address, f"{entry.kind}/{entry.resource.get('id')}") if key in order)
        return min(found, default=len(named))

    return sorted(listed, key=place)


def _composed(listed: Sequence[Entry]) -> list[str]:
    """Return what the sections of the note's Composition refer to, in order."""
    ours = (entry.resource for entry in listed if entry.kind == "Composition" and template_named(entry.resource))
    composition = next(ours, {})
    sections = [one for one in listed_of(composition.get("section")) if isinstance(one, Mapping)]
    return [one for section in sections for one in references(section.get("entry"))]


class _Strangers:
    """Tells what of a bundle is not of the note it was made from, and why."""

    def __init__(self, template: Template, listed: Sequence[Entry], patient: Entry | None, whole: bool) -> None:
        self.template = template
        self.patient = patient
        self.whole = whole
        named = _composed(listed)
        at_once = set(named)  # nearly all are named by their address; only the rest is looked at closely
        self.members = {
            entry.number for entry in listed if entry.address in at_once or any(is_at(one, entry) for one in named)
        }
        self.identified = any(_name(entry.resource) for entry in listed if entry.kind not in SHARED)
        self.alone = Counter(entry.kind for entry in listed)
        self.referred = {one for entry in listed for one in _referred(entry.resource)}

    def why(self, entry: Entry) -> Left | None:
        """Return why a resource is left out, or None where it is of the note."""
        if entry.kind in ("Composition", "QuestionnaireResponse", "Provenance"):
            return None
        what = about(entry.resource)
        if in_error(entry.resource) and not self.whole:
            return Left(entry.name, what, "in-error")
        if whose(entry, self.patient) == "another's":
            return Left(entry.name, what, "another-patient")
        if not self._is_member(entry):
            return Left(entry.name, what, "not-of-the-note", "the note's Composition does not list it")
        return None

    def _is_member(self, entry: Entry) -> bool:
        if entry.kind in SHARED:
            used = any(is_at(one, entry) for one in self.referred)
            return self.alone[entry.kind] == 1 or entry.kind == "Patient" or used or bool(_name(entry.resource))
        if entry.number in self.members or _is_of_the_note(self.template, entry.resource):
            return True
        return not self.members and not self.identified


def _referred(resource: Json) -> Iterator[str]:
    for key in ("author", "encounter", "custodian", "performer", "recorder", "requester", "context", "serviceProvider"):
        yield from references(resource.get(key))


def _unknown_to(template: Template, listed: Sequence[Entry], left: Sequence[Left]) -> Iterator[Left]:
    """Yield what was written by us and this template has not: fields of an extension that is not here."""
    known = {own_code(element) for element in template.elements.values()}
    named = {element.id for element in template.elements.values()} | set(template.skeleton)
    passed = {one.source for one in left}
    for entry in listed:
        if entry.name in passed or in_error(entry.resource):
            continue
        concepts = [entry.resource.get("code"), *(part.get("code") for part in _components(entry.resource))]
        names = [name for concept in concepts for name in _unknown(concept, known)]
        if not names and _name(entry.resource) and _name(entry.resource) not in named:
            names = [f"{entry.kind} «{_name(entry.resource)}»"]
        for name in dict.fromkeys(names):
            yield Left(entry.name, name, "version", f"{template.id} {template.version} has no such element")


def _is_of_the_note(template: Template, resource: Json) -> bool:
    """Return whether a resource is one that we wrote: by its identifier, or by our own code beside the standard one."""
    systems = {system for system, _ in datatypes.codes_of(resource.get("code"))}
    return bool(systems & element_systems(template)) or any(map(_is_ours, listed_of(resource.get("identifier"))))


def unread(bundle: Any, template: Template) -> list[str]:
    """Return what one of our bundles holds and this template cannot read: fields of an extension that is not here."""
    return [*dict.fromkeys(one.what for one in _unknown_to(template, addressed(bundle), ()))]


def _components(resource: Json) -> list[Any]:
    return datatypes.objects(resource.get("component"))


def _unknown(concept: Any, known: set[tuple[str, str]]) -> Iterator[str]:
    """Yield how a concept is named that stands for an element, though for none of those known."""
    coded = [one for one in datatypes.codes_of(concept) if datatypes.is_of_elements(one[0])]
    if coded and known.isdisjoint(coded):
        yield " ".join(str(concept.get("text") or coded[0][1])[:60].split())


def _taken_back(resources: list[Json]) -> bool:
    """Return whether the note itself was entered in error: then all of it is, and all of it is read."""
    compositions = [one for one in resources if one.get("resourceType") == "Composition"]
    return bool(compositions) and compositions[0].get("status") == "entered-in-error"


def _header(template: Template, resources: list[Json], note_id: str) -> Json:
    note: Json = {"id": note_id, "template": template.id, "version": template.version}
    for resource in resources:
        if resource.get("resourceType") != "Composition":
            continue
        identifier = resource.get("identifier")
        if isinstance(identifier, Mapping) and identifier.get("system") == RESOURCE:
            note["id"] = str(identifier.get("value") or note_id)
        note["version"] = _version(resource) or template.version
        note["status"] = _STATUS.get(str(resource.get("status")), "draft")
        if kinds.is_moment(str(resource.get("date"))):
            note["date"] = resource["date"]
    return note


def _version(composition: Json) -> str:
    kind = composition.get("type")
    versions = [code.get("version") for code in datatypes.codings_of(kind) if code.get("system") == TEMPLATES]
    return str(versions[0] or "") if versions else ""


class _Known:
    """The elements outside of rows by the codes they are known by: ours, and standard ones."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.ours: dict[tuple[str, str], tuple[int, Element]] = {}
        self.standard: dict[tuple[str, str], tuple[int, Element]] = {}
        for place, element in enumerate(template):
            self.ours.setdefault(own_code(element), (place, element))
            for code in element.codes:
                self.standard.setdefault((code.system, code.code), (place, element))

    def find(self, concept: Any, codes: Mapping[tuple[str, str], tuple[int, Element]]) -> Element | None:
        """Return the element that a concept stands for, the first of the template where it could be several."""
        found = [codes[code] for code in datatypes.codes_of(concept) if code in codes]
        return min(found, key=lambda one: one[0])[1] if found else None


def _values(known: _Known, resource: Json) -> Iterator[tuple[str, Any]]:
    """Yield (element path, value) for everything a resource says; a group without a value opens a row."""
    template = known.template
    observed = resource.get("resourceType") == "Observation"
    element = known.find(resource.get("code"), known.ours) if observed else None
    shape = None if element else matching.skeleton_of(template, resource, _name(resource))
    if observed and shape is None:
        element = element or known.find(resource.get("code"), known.standard)
    if shape is not None:
        yield from _shaped(template, shape, resource)
    elif element is not None and not element.computed:
        yield from _observed(element, resource)


def _shaped(template: Template, shape: Json, resource: Json) -> Iterator[tuple[str, Any]]:
    if EACH in shape:
        yield shape[EACH], None
    theirs = {**resource, "identifier": [one for one in listed_of(resource.get("identifier")) if not _is_ours(one)]}
    for path, value in matching.read(template, shape, theirs).items():
        if path not in (f"{HEADER}.date", f"{HEADER}.status"):
            yield path, value


def _observed(element: Element, resource: Json) -> Iterator[tuple[str, Any]]:
    components = _components(resource)
    if element.kind != "group":
        parts = [dict(one) for one in components] if element.kind == "choices" and components else [resource]
        yield element.path, datatypes.read_values(element, [_only_value(part) for part in parts])
        return
    absent = datatypes.read_absent(resource)
    if absent is not None:
        yield element.path, absent
    elif resource.get("valueInteger") == 0:
        yield element.path, []
    else:
        yield from _row(element, components)


def _row(group: Element, components: list[Any]) -> Iterator[tuple[str, Any]]:
    yield group.path, None
    parts: dict[str, list[Json]] = {}
    known = {own_code(element): element for element in group.rows}
    for component in components:
        element = next((known[code] for code in datatypes.codes_of(component.get("code")) if code in known), None)
        if element is not None:
            parts.setdefault(element.path, []).append(_only_value(component))
    for element in group.rows:
        if element.path in parts:
            yield element.path, datatypes.read_values(element, parts[element.path])


def _only_value(held: Mapping[str, Any]) -> Json:
    return {key: value for key, value in held.items() if key.startswith("value") or key == "dataAbsentReason"}


def _is_ours(identifier: Any) -> bool:
    return isinstance(identifier, Mapping) and identifier.get("system") == RESOURCE


def _own_name(resource: Json) -> tuple[str, str]:
    """Return what our identifier calls a resource: a skeleton or an element, and a row; empty where there is none."""
    for identifier in listed_of(resource.get("identifier")):
        if _is_ours(identifier):
            name, _, row = str(identifier.get("value", "")).rpartition("#")[2].partition("/")
            return name, row
    return "", ""


def _name(resource: Json) -> str:
    return _own_name(resource)[0]


def _row_keys(listed: Sequence[Entry]) -> list[str]:
    """Return for each resource of a bundle what tells its row from others; what has no id of ours begins with a space.

    Where our identifiers were removed, a resource is in the row of the one that it has its focus on.
    """
    own = [_own_name(entry.resource)[1] or f" {index}" for index, entry in enumerate(listed)]
    at = {entry.address: key for entry, key in zip(listed, own, strict=True) if entry.address}
    return [
        next((at[one] for one in references(entry.resource.get("focus")) if one in at), key)
        if key.startswith(" ")
        else key
        for entry, key in zip(listed, own, strict=True)
    ]


class _Filled:
    """A note while it is filled with what a bundle says."""

    def __init__(self, template: Template, note: Json) -> None:
        self.template = template
        self.note = note
        self.rows: dict[tuple[str, str], Json] = {}

    def put(self, path: str, row: str, value: Any) -> None:
        """Put a value in its place; a row without an id of its own is numbered."""
        element = self.template.elements[path]
        if element.kind == "group" and value is None:
            self._row_of(path, row)
        elif value is not None:
            holder = self._row_of(element.group, row) if element.group else self._section_of(path)
            holder[element.name] = value

    def _section_of(self, path: str) -> Json:
        section = path.partition(".")[0]
        held: Json = self.note if section == HEADER else self.note.setdefault(section, {})
        return held

    def _row_of(self, group: str, row: str) -> Json:
        if (group, row) not in self.rows:
            rows = self._section_of(group).setdefault(self.template.elements[group].name, [])
            self.rows[group, row] = {"id": f"r{len(rows) + 1}" if row.startswith(" ") else row}
            rows.append(self.rows[group, row])
        return self.rows[group, row]


def _ordered(note: Json, template: Template) -> Json:
    """Return the note with its fields in the order of the template, as a person would fill it."""
    ordered: Json = {key: note[key] for key in ("id", "template", "version") if key in note}
    for section in template.sections:
        held = note if section.name == HEADER else note.get(section.name, {})
        values = {element.name: _row_order(element, held[element.name]) for element in section if element.name in held}
        if section.name == HEADER:
            ordered |= values
        elif values:
            ordered[section.name] = values
    return ordered


def _row_order(element: Element, value: Any) -> Any:
    if element.kind != "group" or not isinstance(value, list):
        return value
    names = ["id", *(row.name for row in element.rows)]
    return [{name: row[name] for name in names if name in row} for row in value]
