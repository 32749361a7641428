"""Findings as JSON Lines and as CSV, read back by the readers everybody has."""

import csv
import io
import json
from dataclasses import replace

import planting
import pytest
from notes import rich_note

from ci_notes.checks import Finding
from ci_notes.results import Checked, Unread, checked, jsonl, table
from ci_notes.results.model import Result, told

UNREAD = Unread("bad.tar: notes/a, b.json", 0, 'it is not JSON: "line 1"\nExpecting value')


def some() -> list[Result]:
    return [planting.results(rich_note(), "in/notes.ndjson", 3), UNREAD, planting.results(rich_note(), "b.json", 0)]


def lines(results: list[Result]) -> list[dict[str, object]]:
    stream = io.StringIO()
    jsonl.write(results, stream, "1.2.3")
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def rows(results: list[Result]) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    table.write(results, stream)
    return [*csv.DictReader(io.StringIO(stream.getvalue(), newline=""), strict=True)]


def saying(message: str, **more: str) -> Checked:
    found = Finding("R001", "R001", "error", "guideline", message, ("exam.dilation", "exam.membranes"), **more)
    return checked(planting.read(rich_note()), [found], "a.json")


def test_a_line_is_a_finding_and_the_last_counts_them() -> None:
    first, *found, last = lines(some())
    assert (first["type"], first["tool"], first["tool_version"]) == ("run", "ci-notes", "1.2.3")
    assert [one["id"] for one in found] == [one.id for result in some() for one in told(result)]
    assert (last["type"], last["notes"], last["unreadable"]) == ("summary", 2, 1)
    outcomes = sum(last[one] for one in ("errors", "warnings", "infos", "could_not_tell", "kept"))  # type: ignore[misc]
    assert outcomes == len(found)
    assert last["rule_sets"][0]["notes"] == 2  # type: ignore[index]
    assert last["rule_sets"][0]["rules_not_reviewed"] > 0  # type: ignore[index]


def test_a_line_says_where_its_finding_stands() -> None:
    found = [one for one in lines(some()) if one["type"] == "finding"]
    assert {(one["file"], one.get("line")) for one in found} == {
        ("in/notes.ndjson", 3), ("bad.tar: notes/a, b.json", None), ("b.json", None)
    }  # fmt: skip
    unread = next(one for one in found if one["rule"] == "unreadable")
    assert (unread["severity"], unread["message"]) == ("error", UNREAD.reason)


def test_a_run_that_was_cut_off_has_no_summary() -> None:
    def cut_off() -> object:
        yield some()[0]
        raise KeyboardInterrupt

    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        jsonl.write(cut_off(), stream, "1.2.3")  # type: ignore[arg-type]
    assert [json.loads(line)["type"] for line in stream.getvalue().splitlines()][-1] == "finding"


def test_a_row_is_a_finding_with_its_note() -> None:
    found = rows(some())
    assert [row["id"] for row in found] == [one.id for result in some() for one in told(result)]
    first = next(row for row in found if row["rule"] != "unreadable")
    assert (first["note"], first["template"], first["site"], first["month"]) == (
        "note-1", "assessment", "Sample Hospital", "2026-11",
    )  # fmt: skip
    assert first["rule_set"]
    assert int(first["rules_not_reviewed"]) > 0


def test_commas_quotes_and_line_breaks_stay_in_their_cell() -> None:
    row = next(row for row in rows([UNREAD]) if row["rule"] == "unreadable")
    assert (row["file"], row["message"]) == (UNREAD.name, UNREAD.reason)
    (row,) = rows([saying('he said "so, \r\nthen"')])
    assert row["message"] == 'he said "so, \r\nthen"'
    assert row["places"].split("\n") == ["exam.dilation", "exam.membranes"]


def test_rows_end_as_rfc_4180_says() -> None:
    stream = io.StringIO(newline="")
    table.write([saying("said")], stream)
    assert stream.getvalue().count("\r\n") == 2
    assert stream.getvalue().endswith("\r\n")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝"])
def test_no_cell_is_a_formula(begins: str) -> None:
    attack = f'{begins}HYPERLINK("https://evil.example","x")'
    result = replace(saying(attack, rationale=attack), site=attack, author=attack, note=attack)
    cells = [cell for row in rows([result, Unread(attack, 1, attack)]) for cell in row.values()]
    assert len([cell for cell in cells if attack in cell]) == 7
    assert all(cell.startswith("'") for cell in cells if attack in cell)
