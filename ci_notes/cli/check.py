"""`ci-notes check`: notes held to their shape, to completeness and to the rules."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from ci_notes import library
from ci_notes.checks import Finding, at_or_above, check
from ci_notes.cli.gathering import before_among, named_before, notes_among
from ci_notes.cli.options import JURISDICTIONS, templates_option
from ci_notes.cli.reading import note_at, source_of
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
    """Check notes (files, folders, or - for standard input): their shape, what is missing, and the rules.

    Notes of one pregnancy that are checked together are also held against one another.
    """
    form, fail_on = shown["form"], shown["fail_on"]
    found_paths = notes_among(paths)
    text = _edited(narrative, found_paths) if narrative else ""
    before = named_before(earlier) if earlier else before_among(found_paths)
    reports: list[Any] = []
    unread = failed = False
    for path in found_paths:
        try:
            note = note_at(path, jurisdiction or "", before)
            more = _proofread(note, text)
            found = check(note, today=date.today().isoformat(), page=_page_of(note), more=more)
        except InputError as error:
            complain(error)
            unread = True
        else:
            failed = failed or bool(at_or_above(found, fail_on))
            reports.append(_report(form, path, note, found))
    if form == "json":
        click.echo(json.dumps(reports, indent=2, ensure_ascii=False))
    else:
        show("\n".join(reports))
    raise click.exceptions.Exit(2 if unread else int(failed))


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


def _report(form: str, path: str, note: Note, found: list[Finding]) -> Any:
    from ci_notes import reporting  # noqa: PLC0415

    return (reporting.as_data if form == "json" else reporting.findings)(note, found, path)
