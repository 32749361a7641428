"""A DataFrame of notes becomes one of findings: what is made of each record is what the command line makes of it.

Three steps: each record is read; those of one patient are brought together, so that each note has those before it
beside it; each is checked. Nothing is kept between records but templates.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as f

from ci_notes.cli.looking import Looking
from ci_notes.cli.options import FOLDERS
from ci_notes.cli.run import Content, Item, content_of, placed_words, read_note
from ci_notes.errors import InputError
from ci_notes.results import jsonl
from ci_notes.results.model import told
from ci_notes.series import LONGEST, MOST_EARLIER, Written, moment_of, patients_of, preceding, written
from ci_notes.spark.columns import FINDINGS, NOTES, batch, struct
from ci_notes.submissions import LARGEST, placed

if TYPE_CHECKING:
    from ci_notes.results.model import Result

Row = dict[str, Any]
Batches = Iterable[pa.RecordBatch]

_TOO_LARGE = f"is too large: a note or bundle has at most {LARGEST // 1_000_000} MB"


@dataclass(frozen=True)
class _Job:
    """How records are looked at; it travels to where they are."""

    looking: Looking
    template: str
    folders: tuple[str, ...]

    def read(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        FOLDERS[:] = self.folders
        for one in batches:
            yield batch((_read(row, self.template) for row in one.to_pylist()), NOTES)

    def check(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        FOLDERS[:] = self.folders
        for one in batches:
            yield batch((row for note in one.to_pylist() for row in self._found(note)), FINDINGS)

    def _found(self, row: Row) -> Iterator[Row]:
        result: Any = self.looking(_item(row)).said
        yield from _as_rows(result)


def checked(  # noqa: PLR0913  one name for each thing that may be said of a table
    notes: DataFrame,
    *,
    today: str,
    jurisdiction: str = "",
    note: str = "note",
    file: str = "",
    line: str = "",
    fault: str = "",
    template: str = "",
    templates: Sequence[str] = (),
    together: bool = True,
) -> DataFrame:
    """Return the findings in a DataFrame of notes, with the columns and ids of `ci-notes check --format jsonl`.

    `note` names the column with a note or bundle as JSON or YAML text (string or binary), `file` and `line` those that
    say where it stands, `fault` one that says why there is none. `today` is a day (YYYY-MM-DD), `jurisdiction` US, UK,
    CA or INTL. `template` is for FHIR that is not ours. `templates` are folders of templates, where the workers find
    them. With `together`, notes of one pregnancy are also held against one another.

    A record that cannot be read is a row of the rule `unreadable`. Nothing is raised for what is in a record.
    """
    job = _Job(Looking("parquet", _day(today), jurisdiction=jurisdiction), template, tuple(map(str, templates)))
    records = notes.select(
        _or(file, f.lit("")).cast("string").alias("file"),
        _or(line, f.lit(0)).cast("long").alias("line"),
        f.col(note).cast("binary").alias("note"),
        _or(fault, f.lit(None)).cast("string").alias("fault"),
    )
    read = records.mapInArrow(job.read, struct(NOTES))
    beside = _with_those_before(read) if together else read.withColumn("before", f.array())
    return beside.mapInArrow(job.check, struct(FINDINGS))


def _day(today: str) -> str:
    try:
        return datetime.strptime(today, "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise InputError(f"«{today}» is no day; today is written as 2026-11-03") from None


def _or(name: str, otherwise: Column) -> Column:
    return f.col(name) if name else otherwise


# --- reading -------------------------------------------------------------------------------------------------------


def _read(row: Row, template: str) -> Row:
    """Return a record as it is kept: its note and what tells which others come before it, or why it cannot be read."""
    file, line, raw = row["file"] or "", row["line"] or 0, row["note"] or b""
    kept: Row = {"file": file, "line": line, "at": _at(file, line, raw), "as_sent": True}
    place = _place(file, line)
    fault = row["fault"] or ("" if len(raw) <= LARGEST else _TOO_LARGE)
    if fault:
        return {**kept, "fault": f"{place} {fault}"}
    try:
        content, data = content_of(place, raw, template)
    except InputError as error:
        return {**kept, "fault": placed_words(place, str(error))}
    return {**kept, "fault": "", "content": content.raw, "as_sent": content.as_sent, **_standing(data, kept["at"])}


def _at(file: str, line: int, raw: bytes) -> str:
    """Return which record one is: in the order of files and lines, and the same however often it is read."""
    digest = blake2b(raw, digest_size=16).hexdigest()
    return f"{file}\x1f{line:012}\x1f{digest}"


def _place(file: str, line: int) -> str:
    return placed(file, line) if file else f"record {line}" if line else "a record"


def _standing(data: Row, at: str) -> Row:
    patients = {"patients": [f"{system}\x1f{value}" for system, value in sorted(patients_of(data))]}
    moment, found = moment_of(data), written(at, data)
    if moment is None:
        return patients
    told = {"moment": moment.astimezone(UTC).isoformat(), "micros": (moment - _EPOCH) // timedelta(microseconds=1)}
    ranked = {"rank": found.rank, "id": found.id} if found else {}  # what was entered in error precedes no other
    return {**patients, **told, **ranked}


# --- those before --------------------------------------------------------------------------------------------------

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE = ("at", "file", "line", "content", "as_sent", "moment", "rank", "id")


def _with_those_before(read: DataFrame) -> DataFrame:
    """Put beside each note those of its patient that were written before, as far back as a pregnancy lasts.

    They are numbered, so that a note is brought together with the latest few alone: a number that stands for thousands
    of patients makes no pairs of all their notes.
    """
    held = read.where("micros is not null").withColumn("patient", f.explode("patients"))
    held = held.withColumn("signed", f.col("rank") > 0)
    in_order = Window.partitionBy("patient", "signed").orderBy("micros", "rank", "id", "at")
    known = held.where("rank is not null").withColumn("number", f.row_number().over(in_order))
    later = held.select("patient", f.col("at").alias("later"), f.col("micros").alias("until"), *_counts())
    wanted = later.select("patient", "later", "until", f.inline(f.concat(_latest("signed"), _latest("drafts"))))
    since = f.col("until") - LONGEST // timedelta(microseconds=1)
    pairs = wanted.join(known, ["patient", "signed", "number"]).where(f.col("micros") >= since)
    pairs = pairs.dropDuplicates(["later", "at"])
    before = pairs.groupBy("later").agg(f.collect_list(f.struct(*_BEFORE)).alias("before"))
    return read.join(before, read["at"] == before["later"], "left").drop("later")


def _counts() -> Iterator[Column]:
    """Yield how many notes of the patient were written before a note: signed ones, and drafts."""
    earlier = Window.partitionBy("patient").orderBy("micros").rangeBetween(Window.unboundedPreceding, -1)
    for name, is_one in (("signed", f.col("signed")), ("drafts", ~f.col("signed"))):
        yield f.coalesce(f.sum(is_one.cast("long")).over(earlier), f.lit(0)).alias(name)


def _latest(name: str) -> Column:
    """Return which notes of those that are counted under a name are the latest: structs of signed and number."""
    count = f.col(name)
    none = f.array().cast("array<bigint>")
    numbers = f.when(count > 0, f.sequence(f.greatest(count - (MOST_EARLIER - 1), f.lit(1)), count)).otherwise(none)
    return f.transform(numbers, lambda one: f.struct(f.lit(name == "signed").alias("signed"), one.alias("number")))


def _item(row: Row) -> Item:
    place = _place(row["file"], row["line"])
    content = Content(place, row["content"] or b"", row["as_sent"])
    return Item(row["file"], row["line"], content, row["fault"] or "", _before(row, content))


def _before(row: Row, content: Content) -> tuple[Content, ...]:
    """Return the notes before one, chosen among those of its patient as in a run on one machine."""
    if not row["before"]:
        return ()
    held = {one["at"]: one for one in row["before"]}
    known = [Written(datetime.fromisoformat(one["moment"]), one["rank"], one["id"], at) for at, one in held.items()]
    chosen = [held[at] for at in preceding(known, read_note(content.raw, content.name))]
    return tuple(Content(_place(one["file"], one["line"]), one["content"], one["as_sent"]) for one in chosen)


# --- findings ------------------------------------------------------------------------------------------------------


def _as_rows(result: "Result") -> Iterator[Row]:
    for one in told(result):
        found = jsonl.finding(result, one)
        yield {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
