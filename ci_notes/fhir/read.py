"""A bundle back to a note: the same skeletons and codes, walked the other way.

Nothing is taken from an id, which a server may change. Elements are known by our own code beside the standard one,
resources by our identifier and, where that was removed, by their type and constants. What the bundle does not say stays
untouched in the note.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes import kinds
from ci_notes.element import Element
from ci_notes.errors import InputError
from ci_notes.fhir import datatypes, matching
from ci_notes.fhir.datatypes import RESOURCE, TEMPLATES, element_systems, own_code
from ci_notes.fhir.holes import EACH
from ci_notes.template import HEADER, Template

Json = dict[str, Any]
_STATUS = {"preliminary": "draft", "final": "final", "amended": "amended", "entered-in-error": "entered-in-error"}


def entries(bundle: Any) -> list[Json]:
    """Return the resources of a Bundle in order; raises InputError for what is no R4 bundle."""
    return [resource for _, resource in _addressed(bundle) if not _in_error(resource)]


def _addressed(bundle: Any) -> list[tuple[str, Json]]:
    """Return all resources of a Bundle, each with its address, those entered in error too."""
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle":
        found = bundle.get("resourceType") if isinstance(bundle, Mapping) else None
        if isinstance(bundle, Mapping) and "template" in bundle:
            raise InputError("this is a note already; a FHIR Bundle is wanted")
        raise InputError(f"a FHIR Bundle is wanted, not {'a ' + str(found) if found else 'this'}")
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        raise InputError("the Bundle's entry is not a list")
    held = [(str(entry.get("fullUrl", "")), entry.get("resource")) for entry in listed if isinstance(entry, Mapping)]
    return [(address, dict(one)) for address, one in held if isinstance(one, Mapping)]


def _in_error(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource was retracted; the Composition speaks for the note itself."""
    if resource.get("resourceType") == "Composition":
        return False
    status = resource.get("verificationStatus")
    return resource.get("status") == "entered-in-error" or any(
        code == "entered-in-error" for _, code in datatypes.codes_of(status)
    )


def template_in(bundle: Any) -> str:
    """Return the id of the template that one of our bundles was made from; raises InputError for a foreign bundle."""
    for resource in entries(bundle):
        if resource.get("resourceType") == "Composition":
            for system, code in datatypes.codes_of(resource.get("type")):
                if system == TEMPLATES:
                    return code
    raise InputError(
        "the bundle has no Composition that names one of our templates; only our own bundles can be imported yet"
    )


def from_fhir(bundle: Any, template: Template, note_id: str = "") -> Json:
    """Return the data of the note that a bundle was made from.

    `note_id` is used where the bundle carries no id of ours. Rows whose ids were removed are numbered. Raises
    InputError for what is no bundle, or one with several patients.
    """
    resources = entries(bundle)
    patients = [one for one in resources if one.get("resourceType") == "Patient"]
    if len(patients) > 1:
        raise InputError(f"the bundle has {len(patients)} patients; a note has one")
    filled = _Filled(template, _header(template, resources, note_id))
    listed = _addressed(bundle)
    whole = _taken_back(resources)
    said: set[tuple[str, Any]] = set()
    for (_, resource), row in zip(listed, _row_keys(listed), strict=True):
        ours = _is_of_the_note(template, resource)
        for path, value in _values(template, resource) if whole or not _in_error(resource) else ():
            # Where others added to the bundle, and both speak of one element, the note's own word stands.
            place = (path, row if template.elements[path].group else "")
            if ours or place not in said or template.elements[path].kind == "group":
                filled.put(path, row, value)
            if ours:
                said.add(place)
    return _ordered(filled.note, template)


def _is_of_the_note(template: Template, resource: Json) -> bool:
    """Return whether a resource is one that we wrote: by its identifier, or by our own code beside the standard one."""
    systems = {system for system, _ in datatypes.codes_of(resource.get("code"))}
    return bool(systems & element_systems(template)) or any(map(_is_ours, _listed(resource.get("identifier"))))


def unread(bundle: Any, template: Template) -> list[str]:
    """Return what one of our bundles holds and this template cannot read: fields of an extension that is not here."""
    known = {own_code(element) for element in template.elements.values()}
    named = {element.id for element in template.elements.values()} | set(template.skeleton)
    found: dict[str, None] = {}
    for resource in entries(bundle):
        concepts = [resource.get("code"), *(part.get("code") for part in _components(resource))]
        names = [name for concept in concepts for name in _unknown(concept, known)]
        if not names and _name(resource) and _name(resource) not in named:
            names = [f"{resource.get('resourceType')} «{_name(resource)}»"]
        found |= dict.fromkeys(names)
    return list(found)


def _components(resource: Json) -> list[Any]:
    return [one for one in _listed(resource.get("component")) if isinstance(one, Mapping)]


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
    coded = _listed(kind.get("coding")) if isinstance(kind, Mapping) else []
    versions = [code.get("version") for code in coded if isinstance(code, Mapping) and code.get("system") == TEMPLATES]
    return str(versions[0] or "") if versions else ""


def _values(template: Template, resource: Json) -> Iterator[tuple[str, Any]]:
    """Yield (element path, value) for everything a resource says; a group without a value opens a row."""
    observed = resource.get("resourceType") == "Observation"
    element = _element_of(template, resource.get("code"), ours=True) if observed else None
    shape = None if element else matching.skeleton_of(template, resource, _name(resource))
    if observed and shape is None:
        element = element or _element_of(template, resource.get("code"), ours=False)
    if shape is not None:
        yield from _shaped(template, shape, resource)
    elif element is not None and not element.computed:
        yield from _observed(element, resource)


def _shaped(template: Template, shape: Json, resource: Json) -> Iterator[tuple[str, Any]]:
    if EACH in shape:
        yield shape[EACH], None
    theirs = {**resource, "identifier": [one for one in _listed(resource.get("identifier")) if not _is_ours(one)]}
    for path, value in matching.read(template, shape, theirs).items():
        if path not in (f"{HEADER}.date", f"{HEADER}.status"):
            yield path, value


def _element_of(template: Template, concept: Any, ours: bool) -> Element | None:
    """Return the element outside of rows that a code stands for: our own code, or a standard one."""
    present = datatypes.codes_of(concept)
    for element in template:
        known = [own_code(element)] if ours else [(code.system, code.code) for code in element.codes]
        if present.intersection(known):
            return element
    return None


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


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_ours(identifier: Any) -> bool:
    return isinstance(identifier, Mapping) and identifier.get("system") == RESOURCE


def _own_name(resource: Json) -> tuple[str, str]:
    """Return what our identifier calls a resource: a skeleton or an element, and a row; empty where there is none."""
    for identifier in _listed(resource.get("identifier")):
        if _is_ours(identifier):
            name, _, row = str(identifier.get("value", "")).rpartition("#")[2].partition("/")
            return name, row
    return "", ""


def _name(resource: Json) -> str:
    return _own_name(resource)[0]


def _row_keys(listed: list[tuple[str, Json]]) -> list[str]:
    """Return for each resource of a bundle what tells its row from others; what has no id of ours begins with a space.

    Where our identifiers were removed, a resource is in the row of the one that it has its focus on.
    """
    own = [_own_name(resource)[1] or f" {index}" for index, (_, resource) in enumerate(listed)]
    at = {address: key for (address, _), key in zip(listed, own, strict=True) if address}
    return [
        next((at[one] for one in _focus(resource) if one in at), key) if key.startswith(" ") else key
        for (_, resource), key in zip(listed, own, strict=True)
    ]


def _focus(resource: Json) -> list[str]:
    return [str(one.get("reference")) for one in _listed(resource.get("focus")) if isinstance(one, Mapping)]


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
