"""Findings as Parquet, read back by pyarrow: the same as in JSON Lines, in typed columns."""

import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import planting
import pyarrow as pa
import pyarrow.parquet
import pytest

from ci_notes.results import Checked, Unread, jsonl, parquet
from ci_notes.results.model import Result


@pytest.fixture(scope="module")
def results() -> list[Result]:
    found: list[Result] = [
        planting.results(planting.example(path), "year.ndjson", line)
        for line, path in enumerate(planting.EXAMPLES[::4], 1)
    ]
    return [*found, Unread("year.ndjson", 99, "it is empty")]


def written(results: list[Result]) -> bytes:
    stream = io.BytesIO()
    parquet.write(iter(results), stream, "1.2.3")
    return stream.getvalue()


def lines(results: list[Result]) -> list[dict[str, Any]]:
    stream = io.StringIO()
    jsonl.write(iter(results), stream, "1.2.3")
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def as_line(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the table as a line of JSON Lines has it: without what is empty, the month as a text."""
    held = {name: value for name, value in row.items() if value is not None}
    return held | ({"month": held["month"].isoformat()[:7]} if "month" in held else {})


def test_the_table_has_the_findings_of_json_lines(results: list[Result]) -> None:
    rows = pa.parquet.read_table(io.BytesIO(written(results))).to_pylist()
    # How many rules there are stands in the last of the lines, in the table beside each finding.
    said = [{**one, "type": None, "rules": None, "rules_not_reviewed": None} for one in lines(results)]
    wanted = [{name: value for name, value in one.items() if value is not None} for one in said[1:-1]]
    assert len(wanted) > 20
    assert [
        {name: value for name, value in as_line(row).items() if name not in ("rules", "rules_not_reviewed")}
        for row in rows
    ] == wanted


def test_columns_have_their_types(results: list[Result]) -> None:
    table = pa.parquet.read_table(io.BytesIO(written(results)))
    types = {field.name: field.type for field in table.schema}
    assert pa.types.is_dictionary(types["rule"])
    assert types["line"] == types["rules"] == pa.int32()
    assert types["places"] == pa.list_(pa.string())
    months = {one for one in table.column("month").to_pylist() if one}
    assert months
    assert all(isinstance(one, date) and one.day == 1 for one in months)


def test_the_metadata_say_which_version_found_what_by_which_rules(results: list[Result]) -> None:
    metadata = pa.parquet.read_metadata(io.BytesIO(written(results))).metadata
    about = json.loads(metadata[parquet.METADATA])
    summary = lines(results)[-1]
    del summary["type"]
    assert about == {"format": 1, "tool_version": "1.2.3", **summary}
    assert about["unreadable"] == 1


def test_rows_are_written_in_groups_and_none_is_a_table_too(
    results: list[Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_ROWS", 10)
    made = written(results)
    metadata = pa.parquet.read_metadata(io.BytesIO(made))
    assert metadata.num_row_groups == -(-metadata.num_rows // 10)
    assert pa.parquet.read_table(io.BytesIO(written([]))).num_rows == 0


def test_a_name_that_is_no_text_does_not_stop_it(results: list[Result]) -> None:
    rows = pa.parquet.read_table(io.BytesIO(written([Unread("a\udcff.json", 0, "it is empty")]))).to_pylist()
    assert [(row["file"], row["line"]) for row in rows] == [("a?.json", None)]


def test_a_table_holds_nothing_of_anybody() -> None:
    notes = [*planting.every_planting(planting.example(planting.EXAMPLES[0]))]
    made: list[Result] = [replace(one, author="") for one in map(planting.results, notes) if isinstance(one, Checked)]
    told = str(pa.parquet.read_table(io.BytesIO(written(made))).to_pylist())
    assert len(told) > 10_000
    assert [sign for sign in planting.SIGNS if sign in told] == []
