"""Results as CSV (RFC 4180): one row for each finding, with the note it is of; for spreadsheets and statistics."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, TextIO

from ci_notes.checks import Finding
from ci_notes.results.model import Checked, Result, Told, told

COLUMNS = (
    "id", "severity", "outcome", "rule", "name", "category", "message", "places", "labels", "file", "line", "column",
    "note", "template", "version", "rule_set", "rules", "rules_not_reviewed", "jurisdiction", "status", "author",
    "site", "month", "source", "grade", "positions", "missing", "rationale",
)  # fmt: skip
"""The columns, in order; where there are several values in one cell they are parted by a line break."""

_OF_THE_FINDING = tuple(field.name for field in fields(Finding) if field.name in COLUMNS)
_OF_THE_NOTE = tuple(field.name for field in fields(Checked) if field.name in COLUMNS and field.name != "line")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula (OWASP, CSV injection)."""


def write(results: Iterable[Result], stream: TextIO) -> None:
    """Write results as CSV; open the stream with `newline=""`, since rows end with CR LF whatever the system.

    Text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    written = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\r\n")
    written.writeheader()
    written.writerows({name: _cell(value) for name, value in row.items()} for row in rows(results))


def rows(results: Iterable[Result]) -> Iterator[dict[str, Any]]:
    """Yield each finding as its values by column; one of a record that could not be read has none of a note."""
    for result in results:
        of_the_note = _values(result, _OF_THE_NOTE) if isinstance(result, Checked) else {}
        for one in told(result):
            yield of_the_note | _row(result, one)


def _row(result: Result, one: Told) -> dict[str, Any]:
    stands = {"id": one.id, "file": result.name, "line": one.line, "column": one.column}
    return stands | _values(one.finding, _OF_THE_FINDING)


def _values(of: Checked | Finding, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def _cell(value: object) -> str:
    if isinstance(value, int):
        return str(value or "")
    text = "\n".join(value) if isinstance(value, tuple) else str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
