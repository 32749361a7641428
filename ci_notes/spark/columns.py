"""The columns of what travels through a job: records as they came, notes with their place in a pregnancy, findings."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import pyarrow as pa
from pyspark.sql import types

from ci_notes.checks import Finding
from ci_notes.results.jsonl import OF_THE_NOTE

_SCALARS = {"string": types.StringType, "binary": types.BinaryType, "long": types.LongType}
_ARROW = {
    "string": pa.string(), "binary": pa.binary(), "long": pa.int64(),
    "bool": pa.bool_(), "strings": pa.list_(pa.string()),
}  # fmt: skip

Columns = Mapping[str, str]
"""Names, and types of those above."""


def struct(columns: Columns) -> types.StructType:
    """Return columns as Spark declares them."""
    held: dict[str, types.DataType] = {name: kind() for name, kind in _SCALARS.items()}
    held |= {"bool": types.BooleanType(), "strings": types.ArrayType(types.StringType())}
    return types.StructType([types.StructField(name, held[kind]) for name, kind in columns.items()])


def batch(rows: Iterable[Mapping[str, Any]], columns: Columns) -> pa.RecordBatch:
    """Return rows as Spark takes them from Python."""
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])
    return pa.RecordBatch.from_pylist(list(rows), schema=schema)


RECORDS: Columns = {"file": "string", "line": "long", "note": "binary", "fault": "string"}
"""A record as it came: the name of its file, its line (0 for the only one), its bytes or why there are none."""

NOTES: Columns = {
    "file": "string", "line": "long", "fault": "string", "content": "binary", "as_sent": "bool", "at": "string",
    "patients": "strings", "moment": "string", "micros": "long", "rank": "long", "id": "string",
}  # fmt: skip
"""A record that was read: the bytes of its note, which record it is (`at`), whose, and when it was written."""


def _of_findings() -> Iterator[tuple[str, str]]:
    yield "id", "string"
    for field in fields(Finding):
        yield field.name, "string" if field.type in (str, "str") else "strings"
    yield from {"file": "string", "line": "long", "column": "long"}.items()
    yield from dict.fromkeys(OF_THE_NOTE, "string").items()


FINDINGS: Columns = dict(_of_findings())
"""A finding: the keys of a finding in JSON Lines, null where it has none."""
