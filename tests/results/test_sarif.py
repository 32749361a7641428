"""SARIF as others read it: Microsoft's reader opens it, and each finding says its rule, its place and its outcome."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import planting
import pytest
from notes import rich_note
from sarif import loader

from ci_notes.checks import check
from ci_notes.results import Checked, Unread, checked, sarif
from ci_notes.results.model import Result, told
from ci_notes.results.positions import Positions

TEXT = json.dumps(
    rich_note() | {"kept": [{"id": "k", "rule": "R163", "rationale": "Seen and meant as it stands"}]}, indent=1
)
UNREAD = [Unread("bad notes.ndjson", 3, "it is empty"), Unread("bad notes.ndjson", 9, "it is not JSON")]


def kept() -> Checked:
    """Return a note with findings of each outcome, one of them kept."""
    note = json.loads(TEXT)
    found = check(planting.read(note), today=planting.TODAY)
    rule = next(one.rule for one in found if one.outcome == "found" and one.severity != "info")
    note["kept"][0]["rule"] = rule
    read = planting.read(note)
    found = check(read, today=planting.TODAY)
    open_ = replace(found[-1], rule="R040", outcome="could not tell", places=("pregnancy.edd",), missing=("Due date",))
    return checked(read, [*found, open_], "some where/notes#1.json", 0, Positions(TEXT))


def written(results: list[Result]) -> dict[str, Any]:
    stream = io.StringIO()
    sarif.write(results, stream, [planting.template("assessment")], "1.2.3")
    log: dict[str, Any] = json.loads(stream.getvalue())
    return log


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    one: dict[str, Any] = written([UNREAD[0], kept(), UNREAD[1]])["runs"][0]
    return one


def test_microsofts_reader_opens_it(tmp_path: Path) -> None:
    results: list[Result] = [kept(), *UNREAD]
    (tmp_path / "notes.sarif").write_text(json.dumps(written(results)))
    files = loader.load_sarif_file(str(tmp_path / "notes.sarif"))
    records = files.get_records()
    assert files.get_distinct_tool_names() == ["ci-notes"]
    assert {one["Location"] for one in records} == {"some%20where/notes%231.json", "bad%20notes.ndjson"}
    shown = {(one["Code"], one["Line"]) for one in records}
    assert ("unreadable", "3") in {(code, str(line)) for code, line in shown}


def test_each_finding_is_a_result_with_its_rule_and_id(run: dict[str, Any]) -> None:
    wanted = [one for result in (UNREAD[0], kept(), UNREAD[1]) for one in told(result)]
    rules = run["tool"]["driver"]["rules"]
    assert [one["partialFingerprints"][sarif.FINGERPRINT] for one in run["results"]] == [one.id for one in wanted]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == [one["ruleId"] for one in run["results"]]


def test_a_rule_says_on_whose_authority_and_whether_anybody_reviewed_it(run: dict[str, Any]) -> None:
    rule = next(one for one in run["tool"]["driver"]["rules"] if one["properties"]["grade"] in ("V1", "V2"))
    for text in (rule["help"]["text"], rule["help"]["markdown"].replace("\\", "")):
        assert rule["shortDescription"]["text"] in text
        assert rule["properties"]["source"] in text
        assert "reviewed by a clinician" in text
    assert run["properties"]["ruleSets"][0]["rulesNotReviewed"] > 0


def test_what_was_kept_is_suppressed_and_what_is_open_has_no_level(run: dict[str, Any]) -> None:
    outcomes = {one.id: one.finding for one in kept().findings}
    assert {one.outcome for one in outcomes.values()} == {"found", "kept", "could not tell"}
    for result in run["results"]:
        found = outcomes.get(result["partialFingerprints"][sarif.FINGERPRINT])
        outcome = found.outcome if found else "found"
        assert [one["justification"] for one in result["suppressions"]] == (
            ["Seen and meant as it stands"] if outcome == "kept" else []
        )
        assert (result["kind"], result["level"] == "none") == (
            ("open", True) if outcome == "could not tell" else ("fail", False)
        )


def test_a_result_leads_to_the_field_in_the_file(run: dict[str, Any]) -> None:
    lines = TEXT.splitlines()
    met = 0
    for result in run["results"]:
        place = result["locations"][0]
        where, region = place["physicalLocation"]["artifactLocation"]["uri"], place["physicalLocation"]["region"]
        if "startColumn" in region and "logicalLocations" in place:
            met += 1
            assert unquote(where) == "some where/notes#1.json"
            name = lines[region["startLine"] - 1][region["startColumn"] - 1 :].lstrip('{"').partition('"')[0]
            path = place["logicalLocations"][0]["fullyQualifiedName"]
            assert name in path or region == {"startLine": 1, "startColumn": 1}
    assert met > 10


def test_what_could_not_be_read_is_told_of_the_run_as_well(run: dict[str, Any]) -> None:
    told_of = run["invocations"][0]["toolExecutionNotifications"]
    assert [one["message"]["text"] for one in told_of] == [one.reason for one in UNREAD]
    assert [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in told_of] == [3, 9]
    assert [
        one["locations"][0]["physicalLocation"]["region"] for one in run["results"] if one["ruleId"] == "unreadable"
    ]


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("a/b c.json", "a/b%20c.json"),
        ("./a.json", "a.json"),
        ("größe.json", "gr%C3%B6%C3%9Fe.json"),
        ("notes.tar: one.json", "notes.tar%3A%20one.json"),
        ("/data/a.json", "file:///data/a.json"),
        ("C:\\data\\a b.json", "file:///C:/data/a%20b.json"),
        ("in\\a.json", "in/a.json"),
        ("100%.json", "100%25.json"),
        ("\udcff.json", "%FF.json"),
    ],
)
def test_names_of_files_are_references(name: str, uri: str) -> None:
    assert sarif.address(name) == uri


def test_a_run_without_notes_is_a_log() -> None:
    run = written([])["runs"][0]
    assert (run["results"], run["invocations"][0]["toolExecutionNotifications"]) == ([], [])
