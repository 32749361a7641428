"""`ci-notes lint`: bundles held to what an import needs, before they are sent or after they came."""

import json
from typing import Any

import click

from ci_notes.cli.options import FOLDERS, templates_option
from ci_notes.cli.reading import fhir_at, template_named
from ci_notes.cli.writing import complain, show
from ci_notes.errors import InputError


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, metavar="BUNDLE...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error", show_default=True)
@templates_option
def lint_bundles(paths: tuple[str, ...], form: str, fail_on: str) -> None:
    """Check FHIR BUNDLES (files, or - for standard input), ours and others', for what would hurt an import.

    Codes, units and ranges are held to the templates that are here. Whether a resource conforms to a profile is for a
    FHIR validator to say.
    """
    from ci_notes import library  # noqa: PLC0415
    from ci_notes.fhir.lint import at_or_above, lint, vocabulary_of  # noqa: PLC0415

    known = vocabulary_of(template_named(name) for name in library.catalogue(FOLDERS))
    reports: list[Any] = []
    unread = failed = False
    for path in paths:
        try:
            found = lint(fhir_at(path), known)
        except InputError as error:
            complain(error)
            unread = True
        else:
            failed = failed or bool(at_or_above(found, fail_on))
            reports.append(_report(path, found, form))
    if form == "json":
        click.echo(json.dumps(reports, indent=2, ensure_ascii=False))
    else:
        show("".join(reports))
    raise click.exceptions.Exit(2 if unread else int(failed))


def _report(path: str, found: list[Any], form: str) -> Any:
    if form == "json":
        from dataclasses import asdict  # noqa: PLC0415

        return {"file": path, "faults": [asdict(fault) for fault in found]}
    name = "standard input" if path == "-" else path
    count = f"{len(found)} fault{'s' if len(found) > 1 else ''}" if found else "no faults"
    return "".join([f"{name}: {count}\n", *(f"  {fault}\n" for fault in found)])
