"""`ci-notes rule`: what a rule says, why, and on whose authority."""

import click

from ci_notes import library
from ci_notes.checks import BUILT_IN
from ci_notes.cli.options import FOLDERS, templates_option
from ci_notes.errors import InputError
from ci_notes.expression import nearest


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
    if not rule_id:
        click.echo(listing.rules(found, form), nl=False)
        return
    every = [one for each in found for one in each.rules]
    known = {one.name: one for one in every} | {one.id: one for one in every}
    if rule_id in known:
        click.echo(listing.rule(known[rule_id].id, found, form), nl=False)
    elif rule_id in BUILT_IN:
        click.echo(listing.built_in(BUILT_IN[rule_id], form), nl=False)
    else:
        where = f"{template} has" if template else "there is"
        raise InputError(f"{where} no rule «{rule_id}»{nearest(rule_id, [*known, *BUILT_IN])}")
