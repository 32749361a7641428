"""Codes: whether each can be one, whether its system has it, and whether its words are its own."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ci_notes.fhir.datatypes import UCUM, is_of_elements, is_of_options, objects
from ci_notes.fhir.lint.fault import ERROR, INFO, WARNING, shown
from ci_notes.fhir.lint.r4 import codes_in
from ci_notes.fhir.lint.shape import Place, Seen
from ci_notes.fhir.lint.vocabulary import Vocabulary, plain, share_a_word
from ci_notes.template.codes import CHECKS

_SYSTEMS = {
    "snomed.info/sct": "http://snomed.info/sct",
    "loinc.org": "http://loinc.org",
    "unitsofmeasure.org": UCUM,
    "www.nlm.nih.gov/research/umls/rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "hl7.org/fhir/sid/icd-10-cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "hl7.org/fhir/sid/icd-10": "http://hl7.org/fhir/sid/icd-10",
    "urn:oid:2.16.840.1.113883.6.96": "http://snomed.info/sct",
    "urn:oid:2.16.840.1.113883.6.1": "http://loinc.org",
    "urn:oid:2.16.840.1.113883.6.8": UCUM,
    "urn:oid:2.16.840.1.113883.6.88": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "urn:oid:2.16.840.1.113883.6.90": "http://hl7.org/fhir/sid/icd-10-cm",
}
_NAMES = {"snomed": "snomed.info/sct", "snomedct": "snomed.info/sct", "snomed-ct": "snomed.info/sct"}
_NAMES |= {"loinc": "loinc.org", "ucum": "unitsofmeasure.org", "rxnorm": "www.nlm.nih.gov/research/umls/rxnorm"}
_NOT_A_TERM = {
    "http://loinc.org": re.compile(r"L[APGL]\d+-\d"),
    "http://snomed.info/sct": re.compile(r"\d{6,18}\s*[|:+={].*", re.DOTALL),
}
"""What else may stand for a code: LOINC's parts and answers, SNOMED CT's expressions."""


def check(seen: Seen, known: Vocabulary) -> None:
    """Check every code of a bundle."""
    for place, where, coding in seen.codings:
        system, code = coding.get("system"), coding.get("code")
        if not isinstance(code, str) or not code.strip():
            continue
        if not isinstance(system, str) or not system:
            words = f"{shown(code)} does not say which system it is of; write its system, as http://loinc.org"
            seen.add("code-system", place, where, words, WARNING)
            continue
        meant = right_system(system)
        if meant != system:
            seen.add("code-system", place, f"{where}.system", f"«{shown(system)}» is written {meant} in FHIR")
            continue
        if _can_be(seen, place, where, system, code) and _is_there(seen, place, where, (system, code), known):
            _words(seen, place, where, coding, known)
    for place in seen.places:
        if place.kind == "Observation":
            _concept(seen, place, f"{place.where}.code", place.body.get("code"), known)
            for index, part in enumerate(objects(place.body.get("component"))):
                _concept(seen, place, f"{place.where}.component[{index}].code", part.get("code"), known)


@lru_cache(1024)
def right_system(system: str) -> str:
    """Return the address that a code system has in FHIR, where what stands for it is known to be wrong.

    >>> right_system("https://loinc.org/"), right_system("http://example.org/codes")
    ('http://loinc.org', 'http://example.org/codes')
    """
    plain_ = system.strip().lower().rstrip("/")
    bare = plain_.removeprefix("https://").removeprefix("http://").removeprefix("www.snomed").strip()
    bare = _NAMES.get(bare, bare)
    return _SYSTEMS.get(bare, _SYSTEMS.get(bare.removeprefix("www."), system))


def _can_be(seen: Seen, place: Place, where: str, system: str, code: str) -> bool:
    name, test = CHECKS.get(system, ("", None))
    if test is None or test(code) or (system in _NOT_A_TERM and _NOT_A_TERM[system].fullmatch(code)):
        return True
    words = f"{shown(code)} is no {name} code; a digit may be mistyped, or it is of another system or edition"
    seen.add("code-form", place, f"{where}.code", words)
    return False


def _is_there(seen: Seen, place: Place, where: str, coded: tuple[str, str], known: Vocabulary) -> bool:
    system, code = coded
    hl7 = codes_in(system)
    if hl7 and code not in hl7:
        words = f"{system} has no «{shown(code)}» in R4{seen.guess(code, hl7)}"
        seen.add("code-unknown", place, f"{where}.code", words, WARNING)
        return False
    ours = known.systems.get(system)
    if ours is not None and code not in ours:
        words = f"our {system.rpartition('/')[2]} have no «{shown(code)}»{seen.guess(code, ours)}"
        seen.add("code-unknown", place, f"{where}.code", words)
        return False
    if ours is None and known.systems and (is_of_elements(system) or is_of_options(system)):
        words = f"{shown(system)} belongs to a template or extension that is not here; its codes cannot be read"
        seen.add("code-unknown", place, f"{where}.system", words, INFO)
    return True


def _words(seen: Seen, place: Place, where: str, coding: Mapping[str, Any], known: Vocabulary) -> None:
    display, system, code = coding.get("display"), coding["system"], coding["code"]
    right = known.displays.get((system, code))
    if not isinstance(display, str) or not right or display in right:
        return
    others = known.meanings.get((system, plain(display)), set())
    told = f"{system} {code} is «{min(right)}», not «{shown(display)}»"
    if others and code not in others:
        seen.add("code-display", place, f"{where}.display", f"{told}, which is {min(others)}")
    elif code not in others and (system in known.systems or not share_a_word(display, right)):
        seen.add("code-display", place, f"{where}.display", told, WARNING)


def pairs(concept: Any) -> Iterator[tuple[str, str]]:
    """Yield the (system, code) pairs of a concept, whatever its shape, in order."""
    for coding in objects(concept.get("coding")) if isinstance(concept, Mapping) else ():
        system, code = coding.get("system"), coding.get("code")
        if isinstance(system, str) and isinstance(code, str):
            yield system, code


def _concept(seen: Seen, place: Place, where: str, concept: Any, known: Vocabulary) -> None:
    """Check that the codes of one concept stand for one element."""
    codes = [*pairs(concept)]
    ours = dict.fromkeys(code for code in codes if code in known.elements)
    if len(ours) > 1:
        names = " and ".join(code for _, code in ours)
        seen.add("element-twice", place, where, f"this stands for {names} at once; it is one of them", ERROR)
    elif ours:
        element = known.elements[next(iter(ours))]
        for code in codes:
            others = known.standard.get(code, ())
            if others and all(other.id != element.id for other in others):
                words = f"{code[0]} {code[1]} is {others[0].id}, while our own code beside it is {element.id}"
                seen.add("code-against-code", place, where, words)
