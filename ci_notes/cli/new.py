"""`ci-notes new`: a note filled by answering questions."""

import click

from ci_notes import library
from ci_notes.cli.gathering import to_carry_from
from ci_notes.cli.options import FOLDERS, JURISDICTIONS, STANDARD_OUTPUT, templates_option
from ci_notes.cli.reading import now
from ci_notes.errors import InputError


@click.command("new")
@click.argument("template")
@click.option("-o", "--output", metavar="FILE", help="Where the note is kept; a draft there is continued.")
@click.option(
    "--from",
    "earlier",
    metavar="NOTE",
    multiple=True,
    help="Carry forward from an earlier note, a folder of them, or a FHIR bundle, ours or not; may be repeated.",
)
@click.option("--jurisdiction", type=JURISDICTIONS, help="Whose guidelines the note is held to.")
@templates_option
def new(template: str, output: str | None, earlier: tuple[str, ...], jurisdiction: str | None) -> None:
    """Fill a note of a TEMPLATE by answering questions."""
    if output == STANDARD_OUTPUT:
        raise InputError("a note is kept in a file while it is filled: name one after -o")
    from ci_notes import terminal  # noqa: PLC0415

    found = library.load_template(template, FOLDERS)
    before = to_carry_from(earlier, template)
    terminal.fill(found, output, before, jurisdiction or "", now())
