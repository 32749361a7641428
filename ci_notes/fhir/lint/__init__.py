"""Our own lint of bundles: what general validators miss, and what hurts an import.

    faults = lint(bundle, templates)

It reads any JSON and raises nothing. It knows R4's own types, and of the templates given their elements, codes, units
and ranges; it asks no terminology server, and whether a resource conforms to a profile is for validators to say.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ci_notes.fhir.lint import codes, entries, narrative, profiles, references, values
from ci_notes.fhir.lint.fault import CODES, SEVERITIES, Fault, at_or_above
from ci_notes.fhir.lint.shape import walk
from ci_notes.fhir.lint.vocabulary import Vocabulary, vocabulary_of
from ci_notes.template import Template

__all__ = ["CODES", "SEVERITIES", "Fault", "Vocabulary", "at_or_above", "lint", "vocabulary_of"]

MOST = 5000
"""Faults that are told of one bundle; who has more begins with the first."""


def lint(bundle: Any, templates: Iterable[Template] | Vocabulary = ()) -> list[Fault]:
    """Return what is wrong with a Bundle (parsed JSON), the worst first and each kind in the order of the entries.

    `templates` are those whose codes, units and ranges it is held to, or what was gathered of them before with
    `vocabulary_of`, for many bundles. Whatever it is given, it raises nothing.
    """
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle":
        return [Fault("not-a-bundle", "error", "Bundle", f"a FHIR Bundle is wanted, not {_what(bundle)}")]
    if "entry" in bundle and not isinstance(bundle["entry"], list):
        return [
            Fault("json-type", "error", "Bundle.entry", "the Bundle's entry is no list; it is one even of one entry")
        ]
    known = templates if isinstance(templates, Vocabulary) else vocabulary_of(templates)
    seen = walk(bundle)
    found = references.Entries(bundle, seen)
    entries.check(seen, bundle, found)
    references.check(seen, found)
    codes.check(seen, known)
    values.check(seen, known)
    profiles.check(seen, known)
    narrative.check(seen)
    told = dict.fromkeys(seen.faults)
    return sorted(told, key=lambda fault: SEVERITIES.index(fault.severity))[:MOST]


def _what(given: Any) -> str:
    kind = given.get("resourceType") if isinstance(given, Mapping) else None
    if isinstance(kind, str):
        return f"a {' '.join(kind[:40].split())}"
    return "an object without resourceType" if isinstance(given, Mapping) else "this"
