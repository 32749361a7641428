"""`ci-notes fhir`: a note as a FHIR bundle."""

import json

import click

from ci_notes.cli.options import length_unit_option, output_option, templates_option
from ci_notes.cli.reading import note_at
from ci_notes.cli.writing import write


@click.command("fhir")
@click.argument("path", metavar="NOTE")
@click.option(
    "--bundle",
    "form",
    type=click.Choice(["document", "transaction", "collection"]),
    default="document",
    show_default=True,
)
@click.option(
    "--detail",
    type=click.Choice(["full", "lean"]),
    default="full",
    show_default=True,
    help="lean leaves out Observations that only our own codes describe.",
)
@length_unit_option
@click.option("--previous", metavar="NOTE", help="The note as it was before an amendment; what it lost is retracted.")
@output_option
@templates_option
def fhir(path: str, previous: str | None, output: str | None, force: bool, **how: str) -> None:
    """Print a NOTE as a FHIR R4 bundle."""
    from ci_notes.fhir.bundle import to_fhir  # noqa: PLC0415
    from ci_notes.fhir.typed import typed  # noqa: PLC0415
    from ci_notes.narrative import render  # noqa: PLC0415

    note = note_at(path)
    before = note_at(previous) if previous else None
    bundle = to_fhir(note, render(note), previous=before, **how)
    typed(bundle)
    write(json.dumps(bundle, indent=2, ensure_ascii=False) + "\n", output, force)
