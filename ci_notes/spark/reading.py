"""Where a job's notes come from: the lines of text files, or whole files; each has the columns of RECORDS."""

import os
import re
from collections.abc import Iterable, Iterator
from functools import cache, partial
from io import BytesIO
from urllib.parse import unquote

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f

from ci_notes.cli.run import is_something_else
from ci_notes.spark.columns import RECORDS, batch, struct
from ci_notes.submissions import Submission, may_hold_notes, names_within, submissions_in

Batches = Iterable[pa.RecordBatch]


def lines(spark: SparkSession, paths: list[str]) -> DataFrame:
    """Return the records of NDJSON files, plain or as Spark unpacks them: one on each line, numbered from 1.

    A file may be read in pieces by many workers; its lines are counted first, piece by piece.
    """
    text = spark.read.text(paths, lineSep="\n").select(
        f.col("value").cast("binary").alias("note"),
        f.col("_metadata.file_path").alias("file"),
        f.col("_metadata.file_block_start").alias("piece"),
    )
    counted = text.groupBy("file", "piece").count()
    before = Window.partitionBy("file").orderBy("piece").rowsBetween(Window.unboundedPreceding, -1)
    offsets = counted.select("file", "piece", f.coalesce(f.sum("count").over(before), f.lit(0)).alias("offset"))
    placed = text.mapInArrow(_numbered, struct(_NUMBERED)).join(f.broadcast(offsets), ["file", "piece"])
    return placed.select(
        f.col("name").alias("file"), (f.col("line") + f.col("offset")).alias("line"), "note", f.lit("").alias("fault")
    )


def files(spark: SparkSession, paths: list[str], template: str = "") -> DataFrame:
    """Return the records of files of every kind that `ci-notes check` reads, each file (at most 2 GB) by one worker.

    Of a folder that is named, those below it, and an archive, only what may hold notes by its name, and nothing that is
    no note or the bundle beside its note; a file that is named is read whatever it is. `template` is for FHIR that is
    not ours.
    """
    found = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(paths).select("path", "content")
    folders = tuple(f"{_absolute(path).rstrip('/')}/" for path in paths)
    within = f.udf(lambda path: _called(path).startswith(folders), "boolean")("path")
    named = found.where(~within | f.udf(may_hold_notes, "boolean")("path"))
    beside = found.where(within & f.col("path").endswith(".note.json")).select(
        f.regexp_replace("path", r"\.note\.json$", ".bundle.json").alias("path")
    )
    # Paths alone go to every worker; what is in the files stays where it is.
    whole = named.join(f.broadcast(beside), "path", "left_anti").withColumn("among", within)
    return whole.mapInArrow(partial(_unpacked, template=template), struct(RECORDS))


def _absolute(path: str) -> str:
    """Return what was named as Spark names what it finds there: an address stays, and no link is followed."""
    return _called(path) if ":/" in path else os.path.abspath(path)  # noqa: PTH100  Path keeps ..


def _called(address: str) -> str:
    """Return the name of a file as a run on one machine calls it, where it is a file of the machine."""
    return re.sub("^file:/+", "/", address)


_NUMBERED = {"file": "string", "name": "string", "piece": "long", "line": "long", "note": "binary"}


def _numbered(batches: Batches) -> Iterator[pa.RecordBatch]:
    """Number the lines of each piece of a file; the rows of a piece come one after the other."""
    met: dict[tuple[str, int], int] = {}
    for one in batches:
        rows = []
        for row in one.to_pylist():
            key = (row["file"], row["piece"])
            met[key] = met.get(key, 0) + 1
            if (row["note"] or b"").strip(b" \t\r\n\x1e"):
                rows.append({**row, "name": _called(unquote(row["file"])), "line": met[key]})
        yield batch(rows, _NUMBERED)


def _unpacked(batches: Batches, template: str) -> Iterator[pa.RecordBatch]:
    for one in batches:
        for row in one.to_pylist():
            for found in _notes(_called(row["path"]), row["content"], row["among"], template):
                held = {"file": found.name, "line": found.line, "note": found.content, "fault": found.fault}
                yield batch([held], RECORDS)


def _notes(name: str, content: bytes, is_among: bool, template: str) -> Iterator[Submission]:
    """Yield what a file holds; where it is among others, in a folder or an archive, what is no note is passed over."""

    @cache
    def within() -> frozenset[str]:
        return names_within(name, BytesIO(content))

    for one in submissions_in(name, BytesIO(content)):
        among = is_among or one.archive
        if not (among and is_something_else(one, template, lambda note, archive: bool(archive) and note in within())):
            yield one
