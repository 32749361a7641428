"""The job as it is submitted.

Notes from files or a table, findings as files or a table. Exit status 0 when it is done, whatever was found; with
--fail-on, 1 for findings. 2 is what was used wrongly.
"""

import os
import sys
from collections.abc import Sequence
from datetime import date

import click
from pyspark.errors import AnalysisException, IllegalArgumentException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from ci_notes.checks import SEVERITIES
from ci_notes.cli.options import JURISDICTIONS
from ci_notes.errors import InputError
from ci_notes.spark import reading
from ci_notes.spark.checking import checked
from ci_notes.spark.columns import FINDINGS, struct

_COLUMNS = ("note", "file", "line")


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--input-format", "form", type=click.Choice(["ndjson", "files", "parquet", "table"]), default="ndjson",
    show_default=True, help="Lines, whole files of any kind, or a table with columns note, file and line.",
)  # fmt: skip
@click.option("--note-column", default="note", show_default=True, help="Of a table: the note as JSON or YAML.")
@click.option("--file-column", default="", help="Of a table: the name of the file that a note is from.")
@click.option("--line-column", default="", help="Of a table: the line or number of a note.")
@click.option("-o", "--output", required=True, help="A folder or address, or the name of a table.")
@click.option(
    "--output-format", "into", type=click.Choice(["ndjson", "parquet", "table"]), default="parquet", show_default=True
)
@click.option("--today", default="", metavar="DAY", help="The day of the checks, as 2026-11-03; else the day it is.")
@click.option("--jurisdiction", type=JURISDICTIONS, help="Hold the notes to these guidelines in place of their own.")
@click.option("--template", default="", metavar="NAME", help="The note kind that FHIR is read as which is not ours.")
@click.option("--templates", multiple=True, metavar="DIR", help="A folder of templates, as the workers find it.")
@click.option("--alone", is_flag=True, help="Hold each note against itself only, not against those before it.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="never", show_default=True)
def job(inputs: tuple[str, ...], form: str, output: str, into: str, **how: str) -> None:
    """Check notes on Spark; the findings are those of `ci-notes check --format jsonl`."""
    spark = _session()
    names = (how["note_column"], how["file_column"], how["line_column"])
    of_table = form in ("parquet", "table")
    columns = dict(zip(_COLUMNS, names, strict=True)) if of_table else {name: name for name in (*_COLUMNS, "fault")}
    try:
        found = checked(
            _read(spark, form, list(inputs), how["template"]),
            today=how["today"] or date.today().isoformat(),
            jurisdiction=how["jurisdiction"] or "",
            template=how["template"],
            templates=how["templates"],
            together=not how["alone"],
            **columns,
        )
        _write(found, output, into, bool(how["force"]))
        _tell(_written(spark, output, into), output, how["fail_on"])
    except (AnalysisException, IllegalArgumentException) as error:
        raise InputError(str(error).partition("\n")[0]) from None


def _session() -> SparkSession:
    """Return the session that was submitted to, or one on this machine that nobody else can reach."""
    builder = SparkSession.builder.appName("ci-notes")
    if "PYSPARK_GATEWAY_PORT" not in os.environ and "SPARK_REMOTE" not in os.environ:  # not begun by spark-submit
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else Spark takes the first python3 of the path
        for name, value in {
            "spark.master": os.environ.get("MASTER", "local[*]"),
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.sql.shuffle.partitions": "8",  # Spark's own 200 is for a cluster
        }.items():
            builder = builder.config(name, value)
    # Some thousand notes in one piece would take the memory of a worker for nothing.
    return builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "1000").getOrCreate()


def _read(spark: SparkSession, form: str, inputs: Sequence[str], template: str) -> DataFrame:
    if form == "ndjson":
        return reading.lines(spark, list(inputs))
    if form == "files":
        return reading.files(spark, list(inputs), template)
    if form == "parquet":
        return spark.read.parquet(*inputs)
    if len(inputs) > 1:
        raise InputError("name one table")
    return spark.table(inputs[0])


def _write(found: DataFrame, output: str, into: str, force: bool) -> None:
    writer = found.write.mode("overwrite" if force else "errorifexists")
    if into == "table":
        writer.saveAsTable(output)
    else:
        writer.format("json" if into == "ndjson" else into).save(output)


def _written(spark: SparkSession, output: str, into: str) -> DataFrame:
    """Return what was written: to check everything anew in order to count it would take as long again."""
    if into == "table":
        return spark.table(output)
    return spark.read.schema(struct(FINDINGS)).format("json" if into == "ndjson" else into).load(output)


def _tell(found: DataFrame, output: str, fail_on: str) -> None:
    counted = {
        (row["severity"], row["rule"] == "unreadable"): row["count"]
        for row in found.where(f.col("outcome") == "found")
        .groupBy("severity", f.when(f.col("rule") == "unreadable", "unreadable").otherwise("").alias("rule"))
        .count()
        .collect()
    }
    said = ", ".join(f"{severity} {counted.get((severity, False), 0)}" for severity in SEVERITIES)
    unread = counted.get(("error", True), 0)
    click.echo(f"written to {output}: {said}; records that could not be read: {unread}", err=True)
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    if any(counted.get((severity, False), 0) for severity in failing) or (failing and unread):
        raise click.exceptions.Exit(1)
