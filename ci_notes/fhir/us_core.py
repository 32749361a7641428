"""Which profiles of US Core 6.1.0 a resource is of, and what they ask that nobody recorded.

What a profile requires and a note has not is not made up: it is said to be missing, by FHIR's data-absent-reason, where
the profile lets it be. Where it does not (a Procedure without a code, an Observation of a section without a category)
the profile is not claimed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ci_notes.fhir import datatypes
from ci_notes.fhir.canonical import us_core
from ci_notes.fhir.datatypes import ABSENT, PSEUDONYM

Json = dict[str, Any]
Codes = tuple[tuple[str, str], ...]
"""Systems and codes."""

_LOINC = "http://loinc.org"
_NPI = "http://hl7.org/fhir/sid/us-npi"


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile of US Core, the resources that it is for, and of which parts one at least must be there.

    `code` is LOINC. Categories are of whatever system; they and `parts` are alternatives.
    """

    name: str
    kind: str
    code: str = ""
    category: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


_TOLD = ("valueQuantity", "dataAbsentReason", "component")
_PROBLEM = ("problem-list-item",)
_CLINICAL = ("exam", "imaging", "procedure", "therapy", "vital-signs")
_RESULT = ("component", "dataAbsentReason", "hasMember", "value")

PROFILES = (
    Profile("us-core-patient", "Patient"),
    Profile("us-core-practitioner", "Practitioner"),
    Profile("us-core-organization", "Organization", parts=("name",)),
    Profile("us-core-encounter", "Encounter", parts=("subject",)),
    Profile("us-core-condition-encounter-diagnosis", "Condition", category=("encounter-diagnosis",), parts=("code",)),
    Profile(
        "us-core-condition-problems-health-concerns", "Condition", category=("problem-list-item",), parts=("code",)
    ),
    Profile("us-core-procedure", "Procedure", parts=("code",)),
    Profile("us-core-allergyintolerance", "AllergyIntolerance", parts=("code",)),
    Profile("us-core-medicationrequest", "MedicationRequest"),
    Profile("us-core-servicerequest", "ServiceRequest", parts=("code",)),
    Profile("us-core-documentreference", "DocumentReference", parts=("type",)),
    Profile("us-core-blood-pressure", "Observation", code="85354-9", parts=("component",)),
    Profile("us-core-body-weight", "Observation", code="29463-7", parts=_TOLD),
    Profile("us-core-body-height", "Observation", code="8302-2", parts=_TOLD),
    Profile("us-core-body-temperature", "Observation", code="8310-5", parts=_TOLD),
    Profile("us-core-heart-rate", "Observation", code="8867-4", parts=_TOLD),
    Profile("us-core-respiratory-rate", "Observation", code="9279-1", parts=_TOLD),
    Profile("us-core-bmi", "Observation", code="39156-5", parts=_TOLD),
    # It has no way to say that the status is missing.
    Profile("us-core-observation-pregnancystatus", "Observation", code="82810-3", parts=("valueCodeableConcept",)),
    Profile("us-core-observation-lab", "Observation", category=("laboratory",), parts=_RESULT),
    Profile("us-core-observation-clinical-result", "Observation", category=_CLINICAL, parts=_RESULT),
    Profile("us-core-simple-observation", "Observation", category=("social-history", "survey")),
)
"""The first that fits is claimed: by code before category. What has no category at all is no Observation of US Core."""

_KINDS = frozenset(one.kind for one in PROFILES)
_CODED = frozenset(one.kind for one in PROFILES if one.code or one.category)


def conforming(resource: Json) -> tuple[Json, list[str]]:
    """Return a resource with what US Core wants said, and the addresses of the profiles it is of; perhaps none."""
    kind = resource["resourceType"]
    if kind not in _KINDS or not all(map(_is_possible, resource["identifier"])):
        return resource, []
    whole = _STAND_INS[kind](resource) if kind in _STAND_INS else resource
    codes, categories = _coded(whole) if kind in _CODED else ((), ())
    found = next((one for one in _fitting(kind, codes, categories) if _is_said(one, whole)), None)
    return (whole, [us_core(found.name)]) if found else (resource, [])


@lru_cache(maxsize=4096)  # there are not more kinds of Observation than elements
def _fitting(kind: str, codes: Codes, categories: Codes) -> list[Profile]:
    """Return the profiles that a resource with some codes and categories can be of."""
    found = {code for _, code in categories}
    return [
        one
        for one in PROFILES
        if one.kind == kind
        and (not one.code or (_LOINC, one.code) in codes)
        and (not one.category or not found.isdisjoint(one.category))
    ]


def _coded(resource: Json) -> tuple[Codes, Codes]:
    return _codes([resource["code"]] if "code" in resource else ()), _codes(resource.get("category", ()))


def _codes(concepts: Sequence[Json]) -> Codes:
    """Return the (system, code) pairs of CodeableConcepts that we wrote, whose shape is known to be right."""
    return tuple([(one.get("system", ""), one["code"]) for concept in concepts for one in concept.get("coding", ())])


def _is_said(profile: Profile, resource: Json) -> bool:
    return not profile.parts or any(_there(part, resource) for part in profile.parts)


def _there(part: str, resource: Json) -> bool:
    return part in resource or (part == "value" and any(key.startswith("value") for key in resource))


def _is_possible(identifier: Json) -> bool:
    """Return whether a number can be what its system says: US Core counts the check digit of a provider's number."""
    return identifier.get("system") != _NPI or _is_npi(str(identifier.get("value")))


def _is_npi(number: str) -> bool:
    if not re.fullmatch(r"[0-9]{10}", number):
        return False
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(number[:9]))
    # 24 is what the prefix 80840 of a card issuer in the United States adds.
    return (24 + sum(sum(divmod(one, 10)) for one in doubled) + int(number[9])) % 10 == 0


# --- what is said where nothing was recorded -----------------------------------------------------------------------


def _missing(reason: str = "unknown") -> Json:
    return {"extension": [{"url": datatypes.REASON, "valueCode": reason}]}


def _identifiers(resource: Json) -> Json:
    """Return a resource whose numbers all say whose they are, or that this is not known."""
    told = [one if "system" in one else {"_system": _missing(), **one} for one in resource["identifier"]]
    return {**resource, "identifier": told}


def _names(resource: Json, unnamed: Callable[[Json], Json]) -> Json:
    """Return a resource whose names say that their parts are not known: a name in one text is not split by a guess."""
    names = resource.get("name") or [{}]
    return {**resource, "name": [one if "family" in one or "given" in one else unnamed(one) for one in names]}


def _patient(resource: Json) -> Json:
    hidden = any(one.get("system") == PSEUDONYM for one in resource["identifier"]) and "name" not in resource
    told = _names(_identifiers(resource), lambda name: {**_missing("masked" if hidden else "unknown"), **name})
    # A code that a value set requires may not be missing, so it is said and taken back: reading passes over it.
    return told if "gender" in told else {**told, "gender": "unknown", "_gender": _missing()}


def _practitioner(resource: Json) -> Json:
    return _names(_identifiers(resource), lambda name: {"_family": _missing(), **name})


def _organization(resource: Json) -> Json:
    # It is where the note was written.
    return {**resource, "active": resource.get("active", True)}


def _encounter(resource: Json) -> Json:
    unknown = {"coding": [{"system": ABSENT, "code": "unknown", "display": "Unknown"}]}
    return {**_identifiers(resource), "type": resource.get("type", [unknown])}


def _procedure(resource: Json) -> Json:
    timed = any(key.startswith("performed") and key != "performer" for key in resource)
    return resource if timed or resource.get("status") not in _DONE else {**resource, "_performedDateTime": _missing()}


_DONE = ("completed", "in-progress")

_STAND_INS: dict[str, Callable[[Json], Json]] = {
    "Patient": _patient,
    "Practitioner": _practitioner,
    "Organization": _organization,
    "Encounter": _encounter,
    "Procedure": _procedure,
}
