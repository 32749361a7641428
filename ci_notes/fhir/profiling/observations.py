"""The profile of the Observation that an element becomes where no skeleton gives it a place: made from the element."""

from collections.abc import Iterable, Iterator
from typing import Any

from ci_notes.element import OURS, Element
from ci_notes.fhir import canonical, datatypes
from ci_notes.fhir.profiling.values import answers, invariant, types, value_of

Json = dict[str, Any]

BASE = f"{OURS}/StructureDefinition/ci-notes-observation"
"""What all Observations of ours have in common; written by hand."""

GENERATED = "Made from the templates; not written by hand. A change belongs into the declaration of the element."
"""How a resource says that it is made, so that nobody edits it."""


def profile_of(element: Element) -> Json:
    """Return the StructureDefinition of the Observation that an element becomes."""
    about = f"{element.title}. {element.help}" if element.help else f"{element.title}."
    return {
        "resourceType": "StructureDefinition",
        "id": canonical.identifier_of(element.id),
        "url": canonical.profile_of_element(element),
        "name": name_of(element.id),
        "title": element.title,
        "status": "active",
        "description": about,
        "purpose": GENERATED,
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": "Observation",
        "baseDefinition": BASE,
        "derivation": "constraint",
        "differential": {"element": [defined(path, body) for path, body in _constraints(element)]},
    }


def name_of(identifier: str) -> str:
    """Return a name that programs can use, as UltrasoundScanDate."""
    parts = identifier.replace("_", "-").replace(".", "-").split("-")
    return "".join(part[:1].upper() + part[1:] for part in parts)


def defined(identifier: str, body: Json) -> Json:
    """Return an ElementDefinition; its path and the name of its slice follow from its id."""
    names = [step.partition(":") for step in identifier.split(".")]
    sliced = {"sliceName": names[-1][2]} if names[-1][2] else {}
    return {"id": identifier, "path": ".".join(name for name, _, _ in names), **sliced, **body}


def code_of(element: Element) -> Json:
    """Return what the code of an element must hold: our own, and its standard ones."""
    codes = [{"system": code.system, "code": code.code} for code in element.codes]
    system, code = datatypes.own_code(element)
    return {"patternCodeableConcept": {"coding": [*codes, {"system": system, "code": code}]}}


def _constraints(element: Element) -> Iterator[tuple[str, Json]]:
    """Yield what a profile asks, in the order of the elements of an Observation."""
    yield "Observation", {"short": element.title, **_told(element)}
    yield "Observation.code", code_of(element)
    yield "Observation.value[x]", _value(element)
    for name, codes in (("bodySite", element.body_site), ("method", element.method)):
        if codes:
            coded = [{"system": code.system, "code": code.code} for code in codes]
            yield f"Observation.{name}", {"min": 1, "patternCodeableConcept": {"coding": coded}}
    yield from _parts(element)


def _value(element: Element) -> Json:
    if element.kind == "choices":
        return {"short": "0 where the answer is: none of them", "type": types("integer"), "fixedInteger": 0}
    return value_of(element)


def _told(element: Element) -> Json:
    """Return the rule that something is said; a row may be opened and still be empty."""
    if element.kind == "group":
        return {}
    rule = invariant(
        f"{canonical.identifier_of(element.id)}-told",
        "A value, or the reason why there is none, and not both",
        "(value.exists() or component.exists()) xor dataAbsentReason.exists()",
    )
    return {"constraint": [rule]}


def _parts(element: Element) -> Iterator[tuple[str, Json]]:
    if element.kind == "choices":
        yield "Observation.component", {"short": "One for each answer"}
        yield "Observation.component.code", code_of(element)
        yield (
            "Observation.component.value[x]",
            {"min": 1, "type": types("CodeableConcept"), "binding": answers(element)},
        )
    elif element.kind == "group":
        yield (
            "Observation.component",
            {"slicing": {"discriminator": [{"type": "pattern", "path": "code"}], "rules": "open"}},
        )
        for row in element.rows:
            yield from _slice(row)
    else:
        yield "Observation.component", {"max": "0"}


def _slice(row: Element) -> Iterator[tuple[str, Json]]:
    at = f"Observation.component:{canonical.identifier_of(row.name)}"
    yield at, {"short": row.title, "min": 0, "max": "*" if row.kind == "choices" else "1"}
    yield f"{at}.code", code_of(row)
    yield f"{at}.value[x]", value_of(row)


def profiles(elements: Iterable[Element]) -> list[Json]:
    """Return the profiles of elements."""
    return [profile_of(element) for element in elements]
