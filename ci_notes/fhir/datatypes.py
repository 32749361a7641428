"""How the value of each element kind is written in FHIR and read back: one row a kind, both ways side by side."""

import hashlib
import string
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ci_notes import dating, kinds, measures
from ci_notes.element import ABSENCES, OURS, Coding, Element, Option
from ci_notes.template import Template

BASE = OURS
TEMPLATES = f"{BASE}/CodeSystem/templates"
RESOURCE = f"{BASE}/resource"
"""Canonical addresses of our own code systems and of the identifiers we give to resources."""

_ELEMENTS, _OPTIONS = "/CodeSystem/elements", "/CodeSystem/options"
"""Where the codes of elements and of their answers stand, below the base of whoever declares them."""

ELEMENTS, OPTIONS = BASE + _ELEMENTS, BASE + _OPTIONS

UCUM = "http://unitsofmeasure.org"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
"""Where a reason of absence is one of the codes, and where it is an extension of what is missing."""

PSEUDONYM = f"{BASE}/pseudonym"
"""What a pseudonym is written under; two sites may give the same one to two people."""

Json = dict[str, Any]

STATUS = {"draft": "preliminary", "final": "final", "amended": "amended", "entered-in-error": "entered-in-error"}
"""A note's status as Compositions and Observations say it."""

_AMENDED_ALONE = ("Observation", "DetectedIssue")
"""Findings, which are amended by themselves: not each of them is because the note is."""


def may_stay_final(resource: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Return whether a finding of an amended note stays as it was, if it differs in its status alone."""
    statuses = (resource.get("status"), before.get("status"))
    return resource["resourceType"] in _AMENDED_ALONE and statuses == ("amended", "final")


_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, BASE)
_BEGUN = hashlib.sha1(_NAMESPACE.bytes, usedforsecurity=False)
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in string.hexdigits}
"""The digit in which RFC 9562 has its two bits, by what it was."""


@lru_cache(maxsize=4096)  # one is wanted again wherever the resource is named
def resource_id(note_id: str, name: str) -> str:
    """Return the id of a resource: uuid5 of the note's id and a name (element id, row id), never of a value."""
    # What uuid.uuid5 gives, which takes four times as long: a bundle has hundreds of resources.
    digest = _BEGUN.copy()
    digest.update(f"{note_id}\n{name}".encode())
    hexed = digest.hexdigest()
    return f"{hexed[:8]}-{hexed[8:12]}-5{hexed[13:16]}-{_VARIANT[hexed[16]]}{hexed[17:20]}-{hexed[20:32]}"


def person(name: str, account: str = "") -> Json:
    """Return a reference to somebody who is not in the bundle: by name, and by the id of the account with us."""
    known = {"identifier": {"system": RESOURCE, "value": account}} if account else {}
    return {"type": "Practitioner", **known, "display": name or "Not recorded"}


def language(jurisdiction: str) -> str:
    """Return the language that our words are written in for a jurisdiction, as BCP 47 has it."""
    return {"US": "en-US", "UK": "en-GB"}.get(jurisdiction, "en")


def coding(code: Coding) -> Json:
    """Return a Coding."""
    return {"system": code.system, "code": code.code, "display": code.display}


def own_code(element: Element) -> tuple[str, str]:
    """Return the (system, code) by which an element is read back, whatever standard codes it has."""
    return element.base + _ELEMENTS, element.id


def element_systems(template: Template) -> set[str]:
    """Return the code systems in which elements of a template have their own codes."""
    return {base + _ELEMENTS for base in template.bases}


def is_of_elements(system: str) -> bool:
    """Return whether a code system can be that of somebody's elements: ours, or those of a pack we do not know."""
    return system.endswith(_ELEMENTS)


def is_of_options(system: str) -> bool:
    """Return whether a code system can be that of somebody's answers."""
    return system.endswith(_OPTIONS)


def element_concept(element: Element) -> Json:
    """Return what an element is: its standard codes, and always our own, so that it can be read back."""
    codings = [coding(code) for code in element.codes]
    codings.append({"system": element.base + _ELEMENTS, "code": element.id, "display": element.title})
    return {"coding": codings, "text": element.title}


def option_coding(element: Element, option: Option) -> Json:
    """Return our own code for an answer."""
    return {"system": element.base + _OPTIONS, "code": f"{element.id}.{option.value}", "display": option.title}


def option_concept(element: Element, option: Option) -> Json:
    """Return an answer as a CodeableConcept: its standard codes, our own, and its title."""
    return {"coding": [*map(coding, option.codes), option_coding(element, option)], "text": option.title}


def objects(value: Any) -> list[Any]:
    """Return the objects of a list, whatever it is."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def codings_of(concept: Any) -> list[Any]:
    """Return the Codings of a CodeableConcept, whatever its shape."""
    return objects(concept.get("coding")) if isinstance(concept, Mapping) else []


def codes_of(concept: Any) -> set[tuple[str, str]]:
    """Return the (system, code) pairs of a CodeableConcept, whatever its shape."""
    return {(str(one.get("system", "")), str(one.get("code", ""))) for one in codings_of(concept)}


def known_elsewhere(observation: Mapping[str, Any], own: set[str]) -> bool:
    """Return whether an Observation, or a component of it, has a code that is in none of our own systems.

    A lean bundle leaves out what has not. `own` are the systems, as `element_systems` gives them.
    """
    concepts = [observation.get("code"), *(part.get("code") for part in objects(observation.get("component")))]
    return any(system not in own for concept in concepts for system, _ in codes_of(concept))


def option_of(element: Element, concept: Any) -> str | None:
    """Return the answer that a CodeableConcept stands for: by our code, else by a standard one that only it has."""
    present = codes_of(concept)
    for option in element.options:
        if (element.base + _OPTIONS, f"{element.id}.{option.value}") in present:
            return option.value
    if any(is_of_options(system) and code.rpartition(".")[0] != element.id for system, code in present):
        return None  # it answers another element, though by the same standard code
    fitting = [
        option for option in element.options if any((code.system, code.code) in present for code in option.codes)
    ]
    return fitting[0].value if len(fitting) == 1 else None


def quantity(value: float, unit: str) -> Json:
    """Return a Quantity in a UCUM unit."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def in_centimetres(held: Any) -> Any:
    """Return what is held with every length in millimetres written in centimetres, exactly."""
    if isinstance(held, list):
        return [in_centimetres(one) for one in held]
    if not isinstance(held, dict):
        return held
    if held.get("system") == UCUM and held.get("code") == "mm" and "value" in held:
        tenth = Decimal(str(held["value"])) / 10
        value = int(tenth) if tenth == int(tenth) else float(tenth)
        return {**held, **quantity(value, "cm")}
    return {key: in_centimetres(value) for key, value in held.items()}


def fits(element: Element, value: Any) -> bool:
    """Return whether a value read from FHIR is of its element's kind; what is not is left out."""
    return value is not None and _FITS[element.kind](element, value)


_FITS: dict[str, Callable[[Element, Any], bool]] = {
    "text": lambda _element, value: isinstance(value, str) and bool(value.strip()),
    "boolean": lambda _element, value: isinstance(value, bool),
    "integer": lambda _element, value: isinstance(value, int) and not isinstance(value, bool),
    "quantity": lambda _element, value: isinstance(value, int | float) and not isinstance(value, bool),
    "date": lambda _element, value: isinstance(value, str) and kinds.is_date(value),
    "datetime": lambda _element, value: isinstance(value, str) and kinds.is_moment(value),
    "gestational-age": lambda _element, value: isinstance(value, str) and kinds.is_gestation(value),
    "choice": lambda element, value: element.option(value) is not None,
    "choices": lambda element, value: isinstance(value, list) and all(element.option(one) for one in value),
}


# --- values, kind by kind ------------------------------------------------------------------------------------------


def _number(element: Element, value: Any) -> Json:
    if element.unit is None:
        return {"valueInteger": value}
    return {"valueQuantity": quantity(value, element.unit)}


def _read_number(element: Element, held: Json) -> Any:
    if "valueInteger" in held:
        return held["valueInteger"]
    amount = held.get("valueQuantity")
    if not isinstance(amount, Mapping) or isinstance(amount.get("value"), str):
        return None
    value = _in_own_unit(element, amount)
    return int(value) if element.kind == "integer" and isinstance(value, float) and value.is_integer() else value


def _in_own_unit(element: Element, amount: Mapping[str, Any]) -> Any:
    """Return the value of a Quantity in the unit of an element, or None where the two do not go together."""
    value, unit = amount.get("value"), amount.get("code")
    if value is None or not element.unit or unit == element.unit:
        return value
    if not isinstance(value, int | float) or isinstance(value, bool) or not isinstance(unit, str):
        return None
    return measures.converted(element, value, unit)


def _gestation(_element: Element, value: Any) -> Json:
    low, high = dating.read_gestation(value) or (0, 0)
    if low == high:
        return {"valueQuantity": quantity(low, "d")}
    return {"valueRange": {"low": quantity(low, "d"), "high": quantity(high, "d")}}


def _read_gestation(_element: Element, held: Json) -> Any:
    span = held.get("valueRange")
    if span is not None and not isinstance(span, Mapping):
        return None
    low, high = (span.get("low"), span.get("high")) if span else (held.get("valueQuantity"), held.get("valueQuantity"))
    if not isinstance(low, Mapping) or not isinstance(high, Mapping):
        return None
    if low.get("code") != "d" or high.get("code") != "d":
        return None
    first, last = low.get("value"), high.get("value")
    if type(first) is not int or type(last) is not int or not 0 <= first <= last < 700:
        return None
    return dating.write_gestation((first, last))


def _choice(element: Element, value: Any) -> Json:
    option = element.option(value)
    return {"valueCodeableConcept": option_concept(element, option)} if option else {}


VALUES: dict[str, tuple[Callable[[Element, Any], Json], Callable[[Element, Json], Any]]] = {
    "text": (lambda _e, value: {"valueString": value}, lambda _e, held: held.get("valueString")),
    "boolean": (lambda _e, value: {"valueBoolean": value}, lambda _e, held: held.get("valueBoolean")),
    "integer": (_number, _read_number),
    "quantity": (_number, _read_number),
    "date": (lambda _e, value: {"valueDateTime": value}, lambda _e, held: held.get("valueDateTime")),
    "datetime": (lambda _e, value: {"valueDateTime": value}, lambda _e, held: held.get("valueDateTime")),
    "gestational-age": (_gestation, _read_gestation),
    "choice": (_choice, lambda element, held: option_of(element, held.get("valueCodeableConcept"))),
}
"""Kinds with one value: to and from the value[x] of an Observation or component."""


def write_absent(code: str, reason: str) -> Json:
    """Return why a value is missing, as an Observation or component says it."""
    concept: Json = {"coding": [{"system": ABSENT, "code": code}]}
    return {"dataAbsentReason": {**concept, "text": reason} if reason else concept}


def is_missing(about: Any) -> bool:
    """Return whether what stands beside a primitive says that there is no value, whatever is written in its place."""
    extensions = about.get("extension") if isinstance(about, Mapping) else None
    return any(one.get("url") == REASON for one in objects(extensions))


def read_absent(held: Json) -> Json | None:
    """Return the reason of absence as a note keeps it; None where there is none, or one that notes do not know."""
    concept = held.get("dataAbsentReason")
    code = next((code for system, code in sorted(codes_of(concept)) if system == ABSENT), "")
    if code not in ABSENCES or not isinstance(concept, Mapping):
        return None
    reason = concept.get("text")
    return {"absent": code, "reason": reason} if isinstance(reason, str) and reason.strip() else {"absent": code}


def write_values(element: Element, value: Any) -> list[Json]:
    """Return the value[x] parts of a value: one, or one an answer where there may be several."""
    if element.kind == "choices":
        return [_choice(element, one) for one in value] or [{"valueInteger": 0}]
    return [VALUES[element.kind][0](element, value)]


def read_values(element: Element, parts: Iterable[Json]) -> Any:
    """Return the value that value[x] parts stand for; None where they are not of the element's kind."""
    held = list(parts)
    absent = read_absent(held[0])
    if absent is not None:
        return absent
    if element.kind == "choices":
        answers = [option_of(element, part.get("valueCodeableConcept")) for part in held]
        found = [answer for answer in answers if answer is not None]
        return found if found or held[0].get("valueInteger") == 0 else None
    value = VALUES[element.kind][1](element, held[0])
    return value if fits(element, value) else None


# --- what stands in the holes of other resources -------------------------------------------------------------------


def read_primitive(element: Element, held: Any) -> Any:
    """Return a primitive as the note keeps it, or None where it is not of the element's kind."""
    return held if fits(element, held) else None


def read_quantity(element: Element, held: Any) -> Any:
    """Return a Quantity as the note keeps it, or None where its unit does not go with the element's."""
    value = _read_number(element, {"valueQuantity": held})
    return value if fits(element, value) else None
