"""`ci-notes render`: the narrative of a note, or the page for the patient."""

from pathlib import Path
from typing import Any

import click

from ci_notes.cli.options import JURISDICTIONS, output_option, templates_option
from ci_notes.cli.reading import note_at
from ci_notes.cli.writing import write, write_file
from ci_notes.derive import Note
from ci_notes.errors import InputError


@click.command("render")
@click.argument("path", metavar="NOTE")
@click.option(
    "--to",
    "form",
    type=click.Choice(["text", "compact", "markdown", "html", "pdf"]),
    default="text",
    show_default=True,
    help="pdf is tagged (PDF/UA-1), is written to a file, and needs pip install 'ci-notes[web]'.",
)
@click.option(
    "--for",
    "reader",
    type=click.Choice(["clinician", "patient"]),
    default="clinician",
    show_default=True,
    help="Whom it is for; a page for the patient is made only from a signed note.",
)
@click.option("--trace", is_flag=True, help="Show for each sentence the fields it says and those it depends on.")
@click.option("--jurisdiction", type=JURISDICTIONS, help="Dates and spelling as they are written there.")
@output_option
@templates_option
def render_note(path: str, form: str, reader: str, trace: bool, jurisdiction: str | None, **written: Any) -> None:
    """Print the narrative of a NOTE, or the page for the patient."""
    from ci_notes import printing  # noqa: PLC0415
    from ci_notes.narrative import render, render_page  # noqa: PLC0415

    if form == "pdf":
        _refuse_for_pdf(trace, written["output"])
    note = note_at(path, jurisdiction or "")
    _warn_of_shape(note)
    if form == "pdf":
        _write_pdf(note, reader, written["output"], written["force"])
        return
    if reader == "patient":
        if form == "compact":
            raise InputError("a page for the patient is text, markdown, html or pdf: it is never shortened")
        told = render_page(note, trace)
        page = printing.traced(told) if trace else printing.LAYOUTS[form](note, told, printing.PAGE_TITLE)
        write(page, written["output"], written["force"])
        return
    sentences = render(note, trace=trace or form == "compact")
    text = printing.traced(sentences) if trace else _laid_out(form)(note, sentences)
    write(text, written["output"], written["force"])


def _refuse_for_pdf(trace: bool, output: str | None) -> None:
    if trace:
        raise click.UsageError("--trace shows sentences with their fields as text; leave out --to pdf")
    if output is None:
        raise click.UsageError("a PDF is written to a file: give -o FILE")


def _write_pdf(note: Note, reader: str, output: str, force: bool) -> None:
    from ci_notes import printing, typesetting  # noqa: PLC0415
    from ci_notes.narrative import render, render_page  # noqa: PLC0415

    if reader == "patient":
        made = typesetting.pdf(note, render_page(note), printing.PAGE_TITLE)
    else:
        made = typesetting.pdf(note, render(note))
    write_file(Path(output), made, force)
    click.echo(f"written to {output}", err=True)


def _laid_out(form: str) -> Any:
    """Return the layout of a name; the compact one brings its own transliteration, loaded only for it."""
    if form == "compact":
        from ci_notes.compact import compact  # noqa: PLC0415

        return compact
    from ci_notes import printing  # noqa: PLC0415

    return printing.LAYOUTS[form]


def _warn_of_shape(note: Note) -> None:
    for problem in (*note.problems, *note.unread):
        click.echo(f"ci-notes: not in the narrative: {problem.message}", err=True)
