"""`ci-notes check`: notes held to their shape, to completeness and to the rules."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from ci_notes import library
from ci_notes.checks import Finding, at_or_above, check
from ci_notes.cli.gathering import named_before
from ci_notes.cli.options import JURISDICTIONS, templates_option
from ci_notes.cli.reading import source_of
from ci_notes.cli.run import Read, Run
from ci_notes.cli.writing import complain, show
from ci_notes.derive import Note
from ci_notes.errors import InputError


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="NOTE...")
@click.option("--jurisdiction", type=JURISDICTIONS, help="Hold the notes to these guidelines in place of their own.")
@click.option(
    "--earlier",
    metavar="NOTE",
    multiple=True,
    help="An earlier note of this pregnancy, or one of our bundles; by default those among the notes given.",
)
@click.option("--narrative", metavar="FILE", help="The narrative of the one NOTE as somebody edited it.")
@click.option("--template", default="", metavar="NAME", help="The note kind that FHIR is read as which is not ours.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error", show_default=True)
@templates_option
def check_notes(
    paths: tuple[str, ...],
    jurisdiction: str | None,
    earlier: tuple[str, ...],
    narrative: str | None,
    **shown: str,
) -> None:
    """Check notes: their shape, what is missing, and the rules.

    NOTE is a file, a folder, a pattern, or - for standard input: notes and bundles, one in a file or, as NDJSON, one on
    a line; compressed with gzip or zstd; in tar and zip archives.

    Notes of one pregnancy that are checked together are also held against one another.
    """
    form, fail_on = shown["form"], shown["fail_on"]
    text = _edited(narrative, paths) if narrative else ""
    run = Run(paths, jurisdiction or "", shown["template"], named_before(earlier) if earlier else None)
    out = _Output(form)
    unread = failed = False
    for one in run:
        if isinstance(one, InputError):
            complain(one)
            unread = True
            continue
        found = check(
            one.note, today=date.today().isoformat(), page=_page_of(one.note), more=_proofread(one.note, text)
        )
        failed = failed or bool(at_or_above(found, fail_on))
        out.report(one, found)
    out.end()
    _say_what_was_passed_over(run)
    raise click.exceptions.Exit(2 if unread else int(failed))


class _Output:
    """Findings as they are printed, note by note."""

    def __init__(self, form: str) -> None:
        self.form, self.number = form, 0

    def report(self, one: Read, found: list[Finding]) -> None:
        from ci_notes import reporting  # noqa: PLC0415

        self.number += 1
        if self.form == "json":
            told = json.dumps(reporting.as_data(one.note, found, one.name, one.line), indent=2, ensure_ascii=False)
            click.echo("[\n" if self.number == 1 else ",\n", nl=False)
            click.echo("\n".join(f"  {line}" for line in told.split("\n")), nl=False)
        else:
            show(("\n" if self.number > 1 else "") + reporting.findings(one.note, found, one.place))

    def end(self) -> None:
        if self.form == "json":
            click.echo("\n]" if self.number else "[]")


def _say_what_was_passed_over(run: Run) -> None:
    for folder, number in run.passed_over.items():
        complain(f"in {folder}, files passed over because they are no notes: {number}")


def _edited(narrative: str, paths: Sequence[str]) -> str:
    """Return the text of an edited narrative, which belongs to one note."""
    from ci_notes.proofreading import read_text  # noqa: PLC0415

    if len(paths) > 1:
        raise InputError("--narrative is the text of one note; check the notes one by one")
    if narrative == "-" == paths[0]:
        raise InputError("the note and its narrative cannot both come from standard input")
    source, name = source_of(narrative)
    return read_text(source if isinstance(source, bytes) else library.read_bytes(Path(source)), name)


def _proofread(note: Note, text: str) -> list[Finding]:
    if not text:
        return []
    from ci_notes.proofreading import proofread  # noqa: PLC0415

    return proofread(note, text)


def _page_of(note: Note) -> str:
    """Return the page for the patient, which rules read; for a draft there is none, and nothing is loaded for it."""
    if note.status not in ("final", "amended"):
        return ""
    from ci_notes import printing  # noqa: PLC0415

    return printing.page_text(note)
