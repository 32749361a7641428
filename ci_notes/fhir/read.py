"""A bundle back to a note: the same skeletons and codes, walked the other way.

Nothing is taken from an id: elements are known by our own code beside the standard one, resources by their type and
constants. What the bundle does not say stays untouched in the note.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ci_notes import kinds
from ci_notes.element import Element
from ci_notes.errors import InputError
from ci_notes.fhir import datatypes, skeleton
from ci_notes.fhir.datatypes import ELEMENTS, RESOURCE, TEMPLATES
from ci_notes.template import HEADER, Template

Json = dict[str, Any]
_STATUS = {"preliminary": "draft", "final": "final", "amended": "amended", "entered-in-error": "entered-in-error"}


def entries(bundle: Any) -> list[Json]:
    """Return the resources of a Bundle in order; raises InputError for what is no R4 bundle."""
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle":
        found = bundle.get("resourceType") if isinstance(bundle, Mapping) else None
        if isinstance(bundle, Mapping) and "template" in bundle:
            raise InputError("this is a note already; a FHIR Bundle is wanted")
        raise InputError(f"a FHIR Bundle is wanted, not {'a ' + str(found) if found else 'this'}")
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        raise InputError("the Bundle's entry is not a list")
    resources = [entry.get("resource") for entry in listed if isinstance(entry, Mapping)]
    return [dict(one) for one in resources if isinstance(one, Mapping) and not _in_error(one)]


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
    note = _header(template, resources, note_id, _all_in_error(bundle))
    for resource in _all_in_error(bundle) or resources:
        for path, row, value in _values(template, resource):
            _put(note, template, path, row, value)
    return _ordered(note, template)


def _all_in_error(bundle: Any) -> list[Json]:
    """Return all resources of a bundle whose Composition itself was entered in error; nothing otherwise."""
    compositions = [one for one in entries(bundle) if one.get("resourceType") == "Composition"]
    if not compositions or compositions[0].get("status") != "entered-in-error":
        return []
    return [dict(entry["resource"]) for entry in bundle["entry"] if isinstance(entry, Mapping) and "resource" in entry]


def _header(template: Template, resources: list[Json], note_id: str, _in_error: list[Json]) -> Json:
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


def _values(template: Template, resource: Json) -> Iterator[tuple[str, str, Any]]:
    """Yield (element path, row id, value) for everything a resource says."""
    if resource.get("resourceType") == "Observation":
        element = _element_of(template, resource.get("code"))
        if element is not None and not element.computed:
            yield from _observed(element, resource)
        return
    theirs = {**resource, "identifier": [one for one in _listed(resource.get("identifier")) if not _is_ours(one)]}
    for shape in skeleton.resources(template).values():
        if skeleton.matches(shape, resource):
            row = _row_id(resource) if "$each" in shape else ""
            for path, value in skeleton.read(template, shape, theirs).items():
                if path not in (f"{HEADER}.date", f"{HEADER}.status"):
                    yield path, row, value
            return


def _element_of(template: Template, concept: Any, group: str = "") -> Element | None:
    """Return the element a code stands for: by our own code, else by a standard one; rows within their group."""
    present = datatypes.codes_of(concept)
    candidates = [element for element in template.elements.values() if element.group == group]
    for element in candidates:
        if (ELEMENTS, element.id) in present:
            return element
    for element in candidates:
        if any((code.system, code.code) in present for code in element.codes):
            return element
    return None


def _observed(element: Element, resource: Json) -> Iterator[tuple[str, str, Any]]:
    components = [one for one in _listed(resource.get("component")) if isinstance(one, Mapping)]
    if element.kind != "group":
        parts = [dict(one) for one in components] if element.kind == "choices" and components else [resource]
        yield element.path, "", datatypes.read_values(element, [_only_value(part) for part in parts])
        return
    absent = datatypes.read_absent(resource)
    if absent is not None:
        yield element.path, "", absent
    elif resource.get("valueInteger") == 0:
        yield element.path, "", []
    else:
        yield from _row(element, _row_id(resource), components)


def _row(group: Element, row: str, components: list[Any]) -> Iterator[tuple[str, str, Any]]:
    yield group.path, row, None
    parts: dict[str, list[Json]] = {}
    known = {(ELEMENTS, element.id): element for element in group.rows}
    for component in components:
        element = next((known[code] for code in datatypes.codes_of(component.get("code")) if code in known), None)
        if element is not None:
            parts.setdefault(element.path, []).append(_only_value(component))
    for element in group.rows:
        if element.path in parts:
            yield element.path, row, datatypes.read_values(element, parts[element.path])


def _only_value(held: Mapping[str, Any]) -> Json:
    return {key: value for key, value in held.items() if key.startswith("value") or key == "dataAbsentReason"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_ours(identifier: Any) -> bool:
    return isinstance(identifier, Mapping) and identifier.get("system") == RESOURCE


def _row_id(resource: Json) -> str:
    for identifier in _listed(resource.get("identifier")):
        if _is_ours(identifier):
            return str(identifier.get("value", "")).rpartition("/")[2]
    return ""


def _put(note: Json, template: Template, path: str, row: str, value: Any) -> None:
    """Put a value in its place; a row without an id of its own opens a new, numbered one."""
    element = template.elements[path]
    section, _, name = (element.group or path).partition(".")
    holder = note if section == HEADER else note.setdefault(section, {})
    if element.kind == "group" and value is None:
        _row_of(holder.setdefault(name, []), row, opens=True)
    elif element.group:
        rows = holder.setdefault(name, [])
        doubled = not row and bool(rows) and element.name in rows[-1]
        _row_of(rows, row, opens=doubled)[element.name] = value
    elif value is not None:
        holder[name] = value


def _row_of(rows: list[Json], row: str, opens: bool) -> Json:
    """Return the row with an id; without an id, the one at hand, or a new one where that is already filled."""
    found = next((one for one in rows if one["id"] == row), None) if row else None
    if found is None and not row and rows and not opens:
        found = rows[-1]
    if found is None:
        found = {"id": row or f"r{len(rows) + 1}"}
        rows.append(found)
    return found


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
