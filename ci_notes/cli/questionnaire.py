"""`ci-notes questionnaire`: a template as a form for other software."""

import json

import click

from ci_notes import library
from ci_notes.cli.options import FOLDERS, output_option, templates_option
from ci_notes.cli.writing import write


@click.command("questionnaire")
@click.argument("template", metavar="TEMPLATE")
@output_option
@templates_option
def questionnaire(template: str, output: str | None, force: bool) -> None:
    """Print a TEMPLATE as a FHIR R4 Questionnaire (SDC), to be filled in any software that shows these."""
    from ci_notes.fhir.forms.questionnaire import not_calculated, to_questionnaire  # noqa: PLC0415

    found = library.load_template(template, FOLDERS)
    write(json.dumps(to_questionnaire(found), indent=2, ensure_ascii=False) + "\n", output, force)
    for element in not_calculated(found):
        click.echo(f"{element.path} ({element.title}) is not worked out in the form: FHIRPath cannot say how", err=True)
