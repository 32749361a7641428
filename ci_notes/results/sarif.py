"""Results as SARIF 2.1.0, for code scanning and what reads its files: rules with their sources, findings in the file.

What SARIF means by it decides the shape: a finding that somebody kept in the note is suppressed in its source and
accepted; what could not be told is of the kind `open`, which has no level; a record that could not be read is a result
and a notification of the run. Positions are counted in characters. The rules stand before the results and the
notifications after, so a file is written as the results come; only the notifications are put by meanwhile.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, TextIO
from urllib.parse import quote

from ci_notes.checks import Finding
from ci_notes.element import OURS
from ci_notes.results.known import known
from ci_notes.results.model import Checked, Described, Result, Told, Unread, described, told
from ci_notes.template import GRADES, Template

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "ciNotesFinding/v1"
"""The name of our ids among a result's partial fingerprints."""

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_IN_MEMORY = 1 << 20
"""Bytes of notifications that are put by in memory; more go to a temporary file."""

Json = dict[str, Any]

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write(results: Iterable[Result], stream: TextIO, templates: Iterable[Template], version: str) -> None:
    """Write results as one SARIF log with one run.

    `templates` are those of the notes, for what they say of the rules; `version` is that of the program.
    """
    of_notes = [*templates]
    rules = described(of_notes)
    index = {rule: number for number, rule in enumerate(rules)}
    stream.write(f'{{"$schema":{_json(SCHEMA)},"version":"2.1.0","runs":[{{"tool":{_json(_tool(rules, version))},')
    stream.write(f'"columnKind":"unicodeCodePoints","language":"en","properties":{_json(_rule_sets(of_notes))},')
    stream.write('"results":[')
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, mode="w+", encoding="utf-8", newline="") as notifications:
        _listed(stream, _results(results, index, notifications))
        stream.write('],"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[')
        notifications.seek(0)
        shutil.copyfileobj(notifications, stream)
    stream.write("]}]}]}\n")


def _listed(stream: Any, items: Iterable[Json]) -> None:
    for number, item in enumerate(items):
        stream.write(f"{',' if number else ''}\n{_json(item)}")


def _results(results: Iterable[Result], index: dict[str, int], notifications: Any) -> Iterator[Json]:
    for result in results:
        if isinstance(result, Unread):
            notifications.write(",\n" if notifications.tell() else "\n")
            notifications.write(_json(_notification(result, index)))
        for one in told(result):
            yield _result(result, one, index)


# --- what the tool is ----------------------------------------------------------------------------------------------


def _tool(rules: dict[str, Described], version: str) -> Json:
    driver = {
        "name": "ci-notes",
        "version": version,
        "semanticVersion": version,
        "informationUri": OURS,
        "rules": [_rule(rule) for rule in rules.values()],
    }
    return {"driver": driver}


def _rule(rule: Described) -> Json:
    scope = ", ".join(rule.jurisdictions) or "all guideline sets"
    reviewed = "reviewed by a clinician" if rule.reviewed else "not yet reviewed by a clinician"
    facts = (("Source", rule.source), ("Evidence", GRADES[rule.grade]), ("For", scope), ("Review", reviewed))
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.statement},
        "fullDescription": {"text": f"{rule.statement} {rule.why}".strip()},
        "help": {
            "text": "\n".join([rule.statement, rule.why, *(f"{name}: {said}" for name, said in facts)]),
            "markdown": "\n".join(
                [
                    f"**{_escaped(rule.statement)}**\n\n{_escaped(rule.why)}\n",
                    *(f"- {name}: {_escaped(said)}" for name, said in facts),
                ]
            ),
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": [rule.category],
            "category": rule.category,
            "source": rule.source,
            "grade": rule.grade,
            "jurisdictions": [*rule.jurisdictions],
            "reviewed": rule.reviewed,
        },
    }


def _rule_sets(templates: Iterable[Template]) -> Json:
    return {
        "ruleSets": [
            {
                "template": one.id,
                "version": one.version,
                "ruleSet": known(one).rule_set,
                "rules": len(known(one).rules),
                "rulesNotReviewed": known(one).not_reviewed,
            }
            for one in templates
        ]
    }


# --- what was found ------------------------------------------------------------------------------------------------


def _result(result: Result, one: Told, index: dict[str, int]) -> Json:
    found = one.finding
    undecided = found.outcome == "could not tell"
    data: Json = {
        "ruleId": found.rule,
        "ruleIndex": index.get(found.rule, -1),
        "kind": "open" if undecided else "fail",
        "level": "none" if undecided else _LEVELS[found.severity],
        "message": {"text": found.message},
        "locations": [_location(result, one)],
        "partialFingerprints": {FINGERPRINT: one.id},
        "suppressions": [*_suppressions(found)],
        "properties": {"severity": found.severity, "category": found.category, **_of_the_note(result, found)},
    }
    if len(found.places) > 1:
        data["relatedLocations"] = [
            {"id": number, "logicalLocations": [_logical(place)], "message": {"text": label}}
            for number, (place, label) in enumerate(zip(found.places[1:], found.labels[1:], strict=False), 1)
        ]
    return data


def _suppressions(found: Finding) -> Iterator[Json]:
    """Yield what suppresses a finding; none, said for every result, is none (SARIF 2.1.0, 3.27.23)."""
    if found.outcome == "kept":
        yield {"kind": "inSource", "status": "accepted", "justification": found.rationale}


def _of_the_note(result: Result, found: Finding) -> Json:
    facts = {"source": found.source, "grade": found.grade, "positions": [*found.positions], "missing": [*found.missing]}
    if isinstance(result, Checked):
        facts |= {
            "note": result.note,
            "template": result.template,
            "templateVersion": result.version,
            "ruleSet": result.rule_set,
            "jurisdiction": result.jurisdiction,
            "status": result.status,
            "author": result.author,
            "site": result.site,
            "month": result.month,
        }
    return {key: value for key, value in facts.items() if value}


def _location(result: Result, one: Told) -> Json:
    location = {"physicalLocation": _physical(result.name, one.line or result.line, one.column)}
    return location | ({"logicalLocations": [_logical(one.finding.places[0])]} if one.finding.places else {})


def _logical(place: str) -> Json:
    return {"name": place.rpartition(".")[2], "fullyQualifiedName": place, "kind": "property"}


def _physical(name: str, line: int, column: int) -> Json:
    region = {"startLine": line or 1} | ({"startColumn": column} if column else {})
    return {"artifactLocation": {"uri": address(name)}, "region": region}


def address(name: str) -> str:
    """Return the name of a file as the reference of a URI (RFC 3986), relative unless the name is absolute."""
    path = name.replace("\\", "/") if re.match(r"[A-Za-z]:\\|\\\\|[^/]+\\", name) else name
    while path.startswith("./"):
        path = path[2:]
    escaped = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    if re.match(r"[A-Za-z]%3A/", escaped):
        return f"file:///{path[0]}:{escaped[4:]}"
    return f"file://{escaped}" if path.startswith("/") else escaped


def _notification(unread: Unread, index: dict[str, int]) -> Json:
    rule = unread.told.finding.rule
    return {
        "level": "error",
        "message": {"text": unread.reason},
        "locations": [{"physicalLocation": _physical(unread.name, unread.line, 0)}],
        "associatedRule": {"id": rule, "index": index[rule]},
    }


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)
