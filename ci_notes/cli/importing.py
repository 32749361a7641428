"""`ci-notes import`: a FHIR bundle as a note."""

import json

import click

from ci_notes import library
from ci_notes.cli.options import output_option, templates_option
from ci_notes.cli.reading import imported, source_of
from ci_notes.cli.writing import write


@click.command("import")
@click.argument("path", metavar="BUNDLE")
@output_option
@templates_option
def import_bundle(path: str, output: str | None, force: bool) -> None:
    """Make a note of one of our FHIR BUNDLES."""
    data = imported(library.read_data(*source_of(path)))
    write(json.dumps(data, indent=2, ensure_ascii=False) + "\n", output, force)
