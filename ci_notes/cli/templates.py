"""`ci-notes templates`: the templates, and what one of them is made of."""

import click

from ci_notes import library
from ci_notes.cli.options import FOLDERS, templates_option


@click.command("templates")
@click.argument("template", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@templates_option
def templates(template: str | None, form: str) -> None:
    """List the templates; with TEMPLATE, its elements with type, unit, options, codes and when they are asked."""
    from ci_notes import listing  # noqa: PLC0415

    if template:
        found = library.load_template(template, FOLDERS)
        click.echo(listing.template(found, form), nl=False)
    else:
        every = [library.load_template(name, FOLDERS) for name in library.catalogue(FOLDERS)]
        click.echo(listing.catalogue(every, form), nl=False)
