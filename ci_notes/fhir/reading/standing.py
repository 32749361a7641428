"""How what a resource of somebody else says stands: when it was true, whether it was made, and of whom it is."""

import re
from collections.abc import Mapping
from typing import Any

from ci_notes import kinds
from ci_notes.errors import plain
from ci_notes.fhir.datatypes import codes_of
from ci_notes.fhir.reading import values
from ci_notes.fhir.reading.incoming import references

_OTHERWISE = re.compile(
    r"\W*(\?|(no|not|without|denies|negative for|rule[ds]? out|r/o|excluded?|possible|probable|suspected|query|risk of"
    r"|at risk|family|fhx?|f/h|h/o|hx|history)\b)",
    re.IGNORECASE,
)
"""Words that make of a diagnosis one that was not made, not of today, or of somebody else, whatever the code says."""


def when(resource: Mapping[str, Any]) -> str:
    """Return when something was true, as the resource says it: a day or a moment; empty where it does not."""
    moments = ("effectiveInstant", "onsetDateTime", "recordedDate", "dateAsserted", "authoredOn", "issued")
    periods = [resource.get(key) for key in ("effectivePeriod", "performedPeriod", "onsetPeriod")]
    said = [resource.get("effectiveDateTime"), resource.get("performedDateTime")]
    for period in periods:
        if isinstance(period, Mapping):
            said += [period.get("end"), period.get("start")]
    said += [resource.get(key) for key in moments]
    return next((one for one in said if isinstance(one, str) and kinds.is_date(one[:10])), "")


def doubted(resource: Mapping[str, Any], verified: set[str]) -> tuple[str, str] | None:
    """Return why a diagnosis, by its status and its own words, is none that was made, and in which words; or None."""
    if "refuted" in verified:
        return "refuted", "that it was refuted is no answer either"
    if resource.get("verificationStatus") and not verified:
        told = values.said_concept(resource["verificationStatus"])
        return "unconfirmed", f"its verification status has no code, and says: {told}"
    if _OTHERWISE.match(own_words(resource)):
        return "ambiguous", "its words say something else than its code"
    if verified & {"unconfirmed", "differential"} or verified - {"confirmed", "provisional"}:
        return "unconfirmed", f"its verification status is {plain(', '.join(sorted(verified)))}"
    return None


def is_over(resource: Mapping[str, Any]) -> bool:
    """Return whether a condition is of the past."""
    clinical = {code for _, code in codes_of(resource.get("clinicalStatus"))}
    ended = any(key.startswith("abatement") for key in resource)
    return ended or bool(clinical & {"inactive", "resolved", "remission"})


def own_words(resource: Mapping[str, Any]) -> str:
    """Return what whoever recorded a diagnosis wrote, beside its code."""
    code = resource.get("code")
    return plain(code.get("text") or "") if isinstance(code, Mapping) else ""


def subject(resource: Mapping[str, Any]) -> str:
    """Return of whom a resource is, as it refers to them."""
    return plain("; ".join(one for key in ("subject", "patient") for one in references(resource.get(key))))


def preliminary(resource: Mapping[str, Any]) -> str:
    """Return "preliminary" for a result that is; nothing for any other."""
    return "preliminary" if resource.get("status") == "preliminary" else ""
