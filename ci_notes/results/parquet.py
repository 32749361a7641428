"""Results as Parquet: one row for each finding, with the note it is of, in columns that have their types.

Rows are written in groups as they come. The metadata, which only a run has that came to its end, say what was counted
and by which rules.
"""

import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from ci_notes.results.jsonl import Counts
from ci_notes.results.model import Result
from ci_notes.results.table import COLUMNS, rows

FORMAT = 1
"""Counted up when a column changes so that who reads it must change as well."""

METADATA = b"ci-notes"
"""The key of the metadata under which the version of the program and what was counted stand, as JSON."""

_ROWS = 16_384
"""Rows of a group: so many are held in memory."""

_WORD = pa.dictionary(pa.int32(), pa.string())
_TYPES = {
    "id": pa.string(), "message": pa.string(), "note": pa.string(), "rationale": pa.string(), "month": pa.date32(),
    **dict.fromkeys(("line", "column", "rules", "rules_not_reviewed"), pa.int32()),
    **dict.fromkeys(("places", "labels", "positions", "missing"), pa.list_(pa.string())),
}  # fmt: skip
SCHEMA = pa.schema([pa.field(name, _TYPES.get(name, _WORD)) for name in COLUMNS])
"""The columns of CSV. `month` is the first day of the month; what is not known is null; what is one of few is a word of
a dictionary."""


def write(results: Iterable[Result], stream: BinaryIO, version: str) -> None:
    """Write results as Parquet, in groups of rows as they come; `version` is that of the program."""
    counts = Counts()
    found = rows(_passed(results, counts))
    with parquet.ParquetWriter(pa.PythonFile(_Counted(stream), mode="w"), SCHEMA) as writer:
        while group := list(islice(found, _ROWS)):
            writer.write_table(_table(group))
        about = {"format": FORMAT, "tool_version": version, **counts.data()}
        writer.add_key_value_metadata({METADATA: json.dumps(about).encode()})


def _passed(results: Iterable[Result], counts: Counts) -> Iterator[Result]:
    for result in results:
        counts.add(result)
        yield result


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    columns = [pa.array([_value(name, row.get(name)) for row in rows], SCHEMA.field(name).type) for name in COLUMNS]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _value(name: str, value: Any) -> Any:
    """Return what stands in a cell; nothing for what is empty."""
    if name == "month":
        return date(int(value[:4]), int(value[5:7]), 1) if value else None
    if isinstance(value, tuple):
        return [_text(one) for one in value] or None
    return (_text(value) if isinstance(value, str) else value) or None


def _text(text: str) -> str:
    """Return a text that can be written as UTF-8; the name of a file need not be one."""
    return text.encode("utf-8", "replace").decode()


class _Counted(io.RawIOBase):
    """A stream that knows how much was written to it, as a pipe does not."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.at = stream, 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.at += len(data)
        self.stream.write(data)
        return len(data)

    def tell(self) -> int:
        return self.at
