"""The short form in which profiles are written by hand, made into StructureDefinitions.

A file says what a person decides: `id`, `title`, `description`, `type`, the profile it is derived from (`base`,
where it is one of ours) and what it asks of `elements`, by their ids. `$value: element` stands for what the value of an
element of ours must look like, `$answers: element` for the binding to its answers, so that neither is written a second
time. Anything that names its `resourceType` is FHIR as it stands.
"""

from collections.abc import Mapping
from typing import Any

from ci_notes.element import OURS, Element
from ci_notes.errors import TemplateError
from ci_notes.expression import nearest
from ci_notes.fhir.profiling.observations import defined, name_of
from ci_notes.fhir.profiling.values import answers, value_of

Json = dict[str, Any]

_KEYS = ("id", "title", "description", "type", "base", "elements")
_WORDS = {"$value": value_of, "$answers": answers}


def resource_of(source: Json, elements: Mapping[str, Element]) -> Json:
    """Return the resource that a file says, with elements by id; raises TemplateError for what it cannot mean."""
    if "resourceType" in source:
        return source
    strange = [key for key in source if key not in _KEYS]
    missing = [key for key in _KEYS if key not in source and key != "base"]
    if strange or missing:
        name = source.get("id", "a profile")
        raise TemplateError(f"{name}: a profile has {', '.join(_KEYS)}, and not «{(strange or missing)[0]}» otherwise")
    kind = source["type"]
    core = f"http://hl7.org/fhir/StructureDefinition/{kind}"
    differential = [defined(name, _expanded(body, elements, source["id"])) for name, body in source["elements"].items()]
    return {
        "resourceType": "StructureDefinition",
        "id": source["id"],
        "url": f"{OURS}/StructureDefinition/{source['id']}",
        "name": name_of(source["id"]),
        "title": source["title"],
        "status": "active",
        "description": source["description"],
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": f"{OURS}/StructureDefinition/{source['base']}" if "base" in source else core,
        "derivation": "constraint",
        "differential": {"element": differential},
    }


def _expanded(node: Any, elements: Mapping[str, Element], where: str) -> Any:
    if isinstance(node, list):
        return [_expanded(one, elements, where) for one in node]
    if not isinstance(node, dict):
        return node
    found: Json = {}
    for key, value in node.items():
        if key in _WORDS:
            if value not in elements:
                raise TemplateError(f"{where}, {key}: there is no element «{value}»{nearest(value, elements)}")
            found |= _WORDS[key](elements[value])
        else:
            found[key] = _expanded(value, elements, where)
    return found
