"""`ci-notes import`: FHIR as a note, with an account of what was taken and what was left out."""

import json
from pathlib import Path
from typing import Any

import click

from ci_notes.cli.options import output_option, templates_option
from ci_notes.cli.reading import fhir_at, imported
from ci_notes.cli.writing import complain, write, write_file
from ci_notes.errors import InputError
from ci_notes.fhir.reading import account
from ci_notes.fhir.reading.account import Reading
from ci_notes.kinds import is_date, is_moment


@click.command("import")
@click.argument("path", metavar="BUNDLE")
@click.option("--template", metavar="ID", help="The kind of note to make of FHIR that is not ours.")
@click.option(
    "--date",
    "day",
    metavar="DATE",
    help="Date, or date and time, of a note made of FHIR that is not ours; by default the last one that it says.",
)
@click.option(
    "--report",
    type=click.Choice(["short", "text", "json", "none"]),
    default="short",
    show_default=True,
    help="What is said of what was taken and left out: a summary, each value, or JSON.",
)
@click.option("--report-to", metavar="FILE", help="Write the report to a file in place of standard error.")
@output_option
@templates_option
def import_bundle(path: str, template: str | None, day: str | None, output: str | None, **how: Any) -> None:
    """Make a note of a FHIR R4 BUNDLE, or of a single resource.

    One of ours gives back its note. Of any other, what is recognised by code and unit becomes a new draft of
    --template, each value to be confirmed.
    """
    reading = imported(fhir_at(path), template or "", _dated(day))
    _report(reading, how["report"], how["report_to"], how["force"])
    if not reading.ours and not reading.taken:
        raise InputError(f"nothing in {path} is recognised, so there is no note")
    write(json.dumps(reading.data, indent=2, ensure_ascii=False) + "\n", output, how["force"])


def _report(reading: Reading, form: str, path: str | None, force: bool) -> None:
    """Tell on stderr, or in a file, what was taken and what was left out."""
    if form == "json":
        told = json.dumps(reading.as_data(), indent=2, ensure_ascii=False) + "\n"
    else:
        told = {"short": account.summary, "text": account.detailed, "none": _nothing}[form](reading)
    if path:
        write_file(Path(path), told, force)
    elif form == "short":
        for line in told.splitlines():
            complain(line)
    else:
        click.echo(told, err=True, nl=False)


def _nothing(_reading: Reading) -> str:
    return ""


def _dated(day: str | None) -> str:
    if not day or is_date(day) or is_moment(day):
        return day or ""
    raise InputError(f"--date {day} is no date such as 2026-11-21, or date and time such as 2026-11-21T09:30:00+01:00")
