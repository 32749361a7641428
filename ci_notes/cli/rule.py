"""`ci-notes rule`: what a rule says, why, and on whose authority."""

import click

from ci_notes import library
from ci_notes.cli.options import FOLDERS, templates_option


@click.command("rule")
@click.argument("rule_id", metavar="[ID]", required=False)
@click.option("--template", help="Only the rules of this template.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@templates_option
def rule(rule_id: str | None, template: str | None, form: str) -> None:
    """Print a rule's page (statement, why, source, grade, examples); without ID, list all rules."""
    from ci_notes import listing  # noqa: PLC0415

    names = [template] if template else list(library.catalogue(FOLDERS))
    found = [library.load_template(name, FOLDERS) for name in names]
    page = listing.rule_named(rule_id, found, form) if rule_id else listing.rules(found, form)
    click.echo(page, nl=False)
