"""Profiles and questionnaires that resources name: that there are such, and that they are of this type."""

import re
from collections.abc import Iterable

from ci_notes.element import OURS
from ci_notes.fhir.canonical import US_CORE
from ci_notes.fhir.lint.fault import ERROR, INFO, WARNING, shown
from ci_notes.fhir.lint.r4_table import RESOURCES
from ci_notes.fhir.lint.r4_table import US_CORE as US_CORE_PROFILES
from ci_notes.fhir.lint.shape import Place, Seen
from ci_notes.fhir.lint.vocabulary import Vocabulary

_BASE = "http://hl7.org/fhir/StructureDefinition/"
_OF_R4 = re.compile(r"4\.0(\.\d+)?.*")
_VITALS_WORDS = "vitalsigns bodyheight bodyweight bodytemp bp bmi heartrate resprate oxygensat headcircum vitalspanel"
_VITALS = frozenset(_VITALS_WORDS.split())
_OF_HL7 = ("http://hl7.org/fhir/uv/", "http://hl7.org/fhir/us/", "https://profiles.ihe.net/", "http://hl7.org/fhir/")


def check(seen: Seen, known: Vocabulary) -> None:
    """Check what resources say that they conform to or answer."""
    for place, where, address in seen.canonicals:
        plain, _, version = address.partition("|")
        if ".meta.profile" in where:
            _profile(seen, place, where, (plain, version), known)
        elif where.endswith(".questionnaire") and place.kind == "QuestionnaireResponse":
            _questionnaire(seen, place, where, plain, known)
    for place in seen.places:
        made_for = place.body.get("fhirVersion")
        if isinstance(made_for, str) and not _OF_R4.fullmatch(made_for):
            words = f"this is of FHIR {shown(made_for)}; R4 (4.0.1) is read here"
            seen.add("fhir-version", place, f"{place.where}.fhirVersion", words)


def _profile(seen: Seen, place: Place, where: str, address: tuple[str, str], known: Vocabulary) -> None:
    plain, version = address
    if plain.startswith(_BASE):
        name = plain.removeprefix(_BASE)
        if name in RESOURCES and version and not _OF_R4.fullmatch(version):
            seen.add(
                "fhir-version", place, where, f"this is the {name} of FHIR {shown(version)}; R4 (4.0.1) is read here"
            )
        elif name in RESOURCES:
            _of_type(seen, place, where, plain, name)
        elif name in _VITALS:
            _of_type(seen, place, where, plain, "Observation")
    elif plain.startswith(f"{OURS}/") and known.profiles:
        if plain not in known.profiles:
            words = f"we have no profile {shown(plain, 120)}{_guess(seen, plain, known.profiles)}"
            seen.add("profile-unknown", place, where, words)
        else:
            _of_type(seen, place, where, plain, known.profiles[plain])
    elif plain.startswith(f"{US_CORE}/"):
        name = plain.rpartition("/")[2]
        if name in US_CORE_PROFILES:
            _of_type(seen, place, where, plain, US_CORE_PROFILES[name])
        else:
            words = f"US Core 6.1.0 has no profile {shown(name)}{seen.guess(name, US_CORE_PROFILES)}"
            seen.add("profile-unknown", place, where, words, WARNING)
    elif not plain.startswith(_OF_HL7) and not plain.startswith(f"{OURS}/"):
        words = f"the profile {shown(plain, 120)} is not known here; the receiver may not know it either"
        seen.add("profile-unknown", place, where, words, INFO)


def _guess(seen: Seen, address: str, known: Iterable[str]) -> str:
    return seen.guess(address.rpartition("/")[2], (one.rpartition("/")[2] for one in known))


def _of_type(seen: Seen, place: Place, where: str, profile: str, kind: str) -> None:
    if place.kind != kind:
        words = f"{profile.rpartition('/')[2]} is a profile of {kind}, and this is a {place.kind}"
        seen.add("profile-type", place, where, words, ERROR)


def _questionnaire(seen: Seen, place: Place, where: str, plain: str, known: Vocabulary) -> None:
    if plain.startswith(f"{OURS}/") and known.questionnaires and plain not in known.questionnaires:
        words = f"we have no questionnaire {shown(plain, 120)}{_guess(seen, plain, known.questionnaires)}"
        seen.add("questionnaire-unknown", place, where, words)
