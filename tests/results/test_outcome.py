"""FHIR OperationOutcomes: fhir.resources reads them, and each finding is an issue that says what, where and why."""

import io
import json
from dataclasses import replace
from typing import Any

import planting
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from notes import bare_note, rich_note

from ci_notes.checks import Finding
from ci_notes.fhir.lint import r4_table
from ci_notes.fhir.profiling.terminology import RULES
from ci_notes.results import Unread, checked, outcome
from ci_notes.results.model import Result, told

FAULT = Finding("R001", "R001", "error", "guideline", "Too short", ("exam.dilation",), source="ACOG (2014)", grade="V1")
ISSUE_TYPES = r4_table.VALUE_SETS["issue-type"]["http://hl7.org/fhir/issue-type"].split()


def written(*results: Result) -> list[dict[str, Any]]:
    stream = io.StringIO()
    outcome.write(results, stream)
    lines = stream.getvalue().splitlines()
    for line in lines:
        OperationOutcome.model_validate_json(line)
    return [json.loads(line) for line in lines]


def issue(finding: Finding) -> dict[str, Any]:
    (one,) = written(checked(planting.read(bare_note()), [finding], "a.ndjson", 7, lambda _: (7, 12)))
    first: dict[str, Any] = one["issue"][0]
    return first


def test_each_record_has_an_outcome_of_its_own() -> None:
    note = planting.results(rich_note(), "in/a b.json")
    found = written(note, Unread("b.ndjson", 3, "it is empty"), note)
    assert [one["extension"][0]["valueString"] for one in found] == ["in/a b.json", "b.ndjson", "in/a b.json"]
    assert [len(one["issue"]) for one in found] == [len(note.findings), 1, len(note.findings)]


@pytest.mark.parametrize("path", planting.EXAMPLES[::6], ids=lambda path: path.name)
def test_codes_are_of_r4(path: Any) -> None:
    (found,) = written(planting.results(planting.example(path)))
    assert {one["code"] for one in found["issue"]} <= {*ISSUE_TYPES}
    assert {one["severity"] for one in found["issue"]} <= {"fatal", "error", "warning", "information"}


def test_an_issue_says_what_and_where_and_on_whose_authority() -> None:
    found = issue(FAULT)
    assert (found["severity"], found["code"], found["details"]["text"]) == ("error", "business-rule", "Too short")
    assert found["details"]["coding"][0] == {"system": RULES, "code": "R001", "display": "R001"}
    assert found["expression"] == ["exam.dilation"]
    assert [one["valueInteger"] for one in found["extension"]] == [7, 12]
    assert "at: exam.dilation;" in found["diagnostics"]
    assert "ACOG (2014)" in found["diagnostics"]
    assert "V1" in found["diagnostics"]
    assert "not yet reviewed by a clinician" in found["diagnostics"]


@pytest.mark.parametrize(
    ("changed", "severity", "code"),
    [
        ({"rule": "required", "severity": "warning", "category": "completeness"}, "warning", "required"),
        ({"rule": "shape", "category": "conformance"}, "error", "value"),
        ({"rule": "usual-range", "severity": "warning", "category": "plausibility"}, "warning", "value"),
        ({"severity": "info", "category": "conformance"}, "information", "invariant"),
        ({"outcome": "could not tell"}, "warning", "business-rule"),
        ({"outcome": "kept", "rationale": "Seen and meant"}, "information", "informational"),
    ],
)
def test_how_serious_it_is_and_of_what_type(changed: dict[str, str], severity: str, code: str) -> None:
    found = issue(replace(FAULT, **changed))
    assert (found["severity"], found["code"]) == (severity, code)
    assert changed.get("rationale", "") in found["diagnostics"]


def test_what_could_not_be_read_was_not_checked_at_all() -> None:
    (found,) = written(Unread("b.ndjson", 3, "it is empty"))
    (one,) = found["issue"]
    assert (one["severity"], one["code"], one["details"]["text"]) == ("fatal", "structure", "it is empty")
    assert one["extension"][0]["valueInteger"] == 3


def test_a_note_without_findings_is_said_to_be_well() -> None:
    (found,) = written(checked(planting.read(bare_note()), [], "a.json"))
    assert [(one["severity"], one["details"]["text"]) for one in found["issue"]] == [("information", "All OK")]
    assert "rule set" in found["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("exam.dilation", "exam.dilation"),
        ("history.prior[p1].outcome", "history.prior.outcome"),
        ("history.prior[#2].outcome", "history.prior[1].outcome"),
        ("rows[7].x", "rows.x"),
        ("patient.birth-date", "patient.`birth-date`"),
        ("patient.last name", "patient.`last name`"),
    ],
)
def test_a_place_is_a_path(place: str, path: str) -> None:
    assert outcome.expression(place) == path


def test_ids_are_those_of_every_other_format() -> None:
    note = planting.results(rich_note())
    (found,) = written(note)
    assert [one["diagnostics"].rpartition("finding: ")[2] for one in found["issue"]] == [one.id for one in told(note)]


def test_every_category_has_a_code() -> None:
    rules = [rule for kind in ("assessment", "cerclage") for rule in planting.template(kind).active_rules]
    assert "invalid" not in {
        issue(replace(FAULT, category=category))["code"] for category in {one.category for one in rules}
    }
