"""What somebody kept with a rationale, and what one finding says for another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ci_notes.checks.finding import SHORTEST_RATIONALE, Finding, built_in
from ci_notes.derive import Note
from ci_notes.places import place
from ci_notes.template import HEADER


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out "not recorded" where a rule of completeness, no mere remark, says so of the same place."""
    found = list(findings)
    said = {
        place
        for one in found
        if one.category == "completeness" and one.rule != "required"
        if one.severity != "info" and one.outcome != "could not tell"
        for place in one.places
    }
    return [one for one in found if one.rule != "required" or not said.issuperset(one.places)]


def kept(note: Note, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, those marked that somebody kept with a rationale; an override without one is itself an error."""
    path = f"{HEADER}.kept"
    reasons: dict[str, str] = {}
    for row in note.record.rows.get(path, ()):
        rule, rationale = row.values.get(f"{path}.rule", ""), row.values.get(f"{path}.rationale", "")
        at = row.values.get(f"{path}.at", "")
        if len(rationale.strip()) >= SHORTEST_RATIONALE:
            reasons[f"{rule} {at}".strip()] = rationale
        else:
            text = f"{rule} is kept without a rationale of at least {SHORTEST_RATIONALE} characters"
            yield built_in("R168", text, places=(place(f"{path}.rationale", row),))
    for finding in findings:
        rationale = _reason(reasons, finding) if reasons and finding.rule != "shape" else ""
        yield replace(finding, outcome="kept", rationale=rationale) if rationale else finding


def _reason(reasons: Mapping[str, str], finding: Finding) -> str:
    """Return why a finding is kept, at one of its places or wherever its rule finds something."""
    keys = (finding.rule, *(f"{finding.rule} {at}" for at in finding.places))
    return next((reasons[key] for key in keys if key in reasons), "")
