"""Results as FHIR R4: NDJSON, on each line the OperationOutcome of one record.

A server answers a resource with one OperationOutcome, and FHIR's bulk data exchange gives what went wrong in many as
NDJSON files of them; so does this. The outcome of a single note is thus a file that is a resource by itself, and that
of a million is read line by line. A Bundle would have to be read whole, and says nothing more.

Each record has one, also where nothing was found: "All OK", as in the specification's example; where a baseline accepts
what was found, how much that is. Which record it is
stands in extensions of HL7's own, for file, line and column. `expression` is the path of the element in the note as it
was sent; R4 has only names and numbers in it, so which row it is, by its id, stands with the place in `diagnostics`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ci_notes.checks import Finding
from ci_notes.element import OURS
from ci_notes.results.model import UNREADABLE, Checked, Result, Told, told

Json = dict[str, Any]

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

RULES = f"{OURS}/CodeSystem/rules"
_HL7 = "http://hl7.org/fhir/StructureDefinition"
FILE, LINE, COLUMN = (f"{_HL7}/operationoutcome-{part}" for part in ("file", "issue-line", "issue-col"))

_SEVERITIES = {"error": "error", "warning": "warning", "info": "information"}

_CODES = {
    "conformance": "invariant",
    "completeness": "required",
    "plausibility": "value",
    "guideline": "business-rule",
}
"""The code of R4's issue types for each category; that of another is the most general."""

_OF_CHECKS = {UNREADABLE: "structure", "shape": "value", "version": "not-supported", "not-read": "not-supported"}
"""The code for some checks, where it says more than that of their category."""


def write(results: Iterable[Result], stream: TextIO) -> None:
    """Write results as NDJSON of OperationOutcomes (application/fhir+ndjson), one record a line."""
    for result in results:
        stream.write(_encoded(outcome(result)) + "\n")


def outcome(result: Result) -> Json:
    """Return the OperationOutcome of one record."""
    found: Json = {"resourceType": "OperationOutcome", "extension": [{"url": FILE, "valueString": _said(result.name)}]}
    issues = [_issue(result, one) for one in told(result)]
    return found | {"issue": issues or [_all_ok(result)]}


def _all_ok(result: Result) -> Json:
    line = {"extension": [{"url": LINE, "valueInteger": result.line}]} if result.line else {}
    about = {"diagnostics": _held_to(result)} if isinstance(result, Checked) else {}
    accepted = result.accepted if isinstance(result, Checked) else 0
    text = f"Nothing new; accepted in the baseline: {accepted}" if accepted else "All OK"
    return {**line, "severity": "information", "code": "informational", "details": {"text": text}, **about}


def _issue(result: Result, one: Told) -> Json:
    found = one.finding
    issue: Json = {}
    if stands := [*_position(one.line or result.line, one.column)]:
        issue["extension"] = stands
    issue |= {
        "severity": _severity(found),
        "code": "informational" if found.outcome == "kept" else _code(found),
        "details": _coded(found) | {"text": _said(found.message)},
        "diagnostics": _said("; ".join(_diagnostics(result, one))),
    }
    if found.places:
        issue["expression"] = [*dict.fromkeys(_said(expression(place)) for place in found.places)]
    return issue


def _coded(found: Finding) -> Json:
    """Return the rule as a code of our code system, in which a record that could not be read has none."""
    return (
        {}
        if found.rule == UNREADABLE
        else {"coding": [{"system": RULES, "code": found.rule, "display": _said(found.name)}]}
    )


def _position(line: int, column: int) -> Iterator[Json]:
    yield from ({"url": url, "valueInteger": value} for url, value in ((LINE, line), (COLUMN, column)) if value)


def _severity(found: Finding) -> str:
    """Return how serious it is; what was kept is for information, and what could not be told is no error yet."""
    if found.rule == UNREADABLE:
        return "fatal"  # R4: no further checking could be performed
    if found.outcome == "kept":
        return "information"
    severity = _SEVERITIES[found.severity]
    return "warning" if found.outcome == "could not tell" and severity == "error" else severity


def _code(found: Finding) -> str:
    return _OF_CHECKS.get(found.rule) or _CODES.get(found.category, "invalid")


def _diagnostics(result: Result, one: Told) -> Iterator[str]:
    found = one.finding
    if found.places:
        yield f"at: {', '.join(found.places)}"
    yield f"source: {found.source}"
    yield f"grade: {found.grade}"
    yield from found.positions
    if found.outcome != "found":
        yield found.outcome
    if found.rationale:
        yield f"because: {found.rationale}"
    if isinstance(result, Checked):
        yield _held_to(result)
    yield f"finding: {one.id}"


def _held_to(result: Checked) -> str:
    return (
        f"note: {result.note}; held to {result.template} {result.version}, rule set {result.rule_set}: "
        f"{result.rules} rules, {result.rules_not_reviewed} not yet reviewed by a clinician"
    )


def expression(place: str) -> str:
    """Return a place of a note as the simple FHIRPath that R4 has for it: rows by number, or not told apart.

    A name that FHIRPath would take for something else, as one with a hyphen or a space, stands between backticks.
    """
    return re.sub(r"\[([^\]]*)\]|([^.\[\]]+)", lambda found: _name(found[2]) if found[2] else _row(found[1]), place)


def _name(name: str) -> str:
    if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        return name
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _row(row: str) -> str:
    return f"[{int(row[1:]) - 1}]" if re.fullmatch(r"#[1-9]\d*", row) else ""


def _said(text: str) -> str:
    """Return text that FHIR's string can hold: no control characters but tab and line breaks, and never empty."""
    clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "", text)
    return clean if clean.strip() else "(no text)"
