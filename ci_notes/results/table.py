"""Results as CSV (RFC 4180): one row for each finding, with the note it is of; for spreadsheets and statistics."""

import csv
from collections.abc import Iterable
from typing import TextIO

from ci_notes.results.model import Checked, Result, Told, told

COLUMNS = (
    "id", "severity", "outcome", "rule", "name", "category", "message", "places", "labels", "file", "line", "column",
    "note", "template", "version", "rule_set", "rules", "rules_not_reviewed", "jurisdiction", "status", "author",
    "site", "month", "source", "grade", "positions", "missing", "rationale",
)  # fmt: skip
"""The columns, in order; where there are several values in one cell they are parted by a line break."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula (OWASP, CSV injection)."""


def write(results: Iterable[Result], stream: TextIO) -> None:
    """Write results as CSV; open the stream with `newline=""`, since rows end with CR LF whatever the system.

    Text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    rows = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\r\n")
    rows.writeheader()
    for result in results:
        rows.writerows(_row(result, one) for one in told(result))


def _row(result: Result, one: Told) -> dict[str, str]:
    found = one.finding
    cells: dict[str, object] = {"id": one.id, "file": result.name, "line": one.line, "column": one.column}
    for name in COLUMNS:
        if hasattr(found, name):
            cells[name] = getattr(found, name)
        elif name not in cells and isinstance(result, Checked):
            cells[name] = getattr(result, name)
    return {name: _cell(value) for name, value in cells.items()}


def _cell(value: object) -> str:
    if isinstance(value, int):
        return str(value or "")
    text = "\n".join(value) if isinstance(value, tuple) else str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
