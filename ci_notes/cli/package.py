"""`ci-notes package`: the FHIR package that describes our bundles."""

from pathlib import Path

import click

from ci_notes.cli.writing import write_file


@click.command("package")
@click.option("-o", "--output", metavar="FILE", default="ci-notes.fhir.tgz", show_default=True, help="The archive.")
@click.option(
    "--snapshots", is_flag=True, help="With the snapshots of the profiles, for servers that cannot make them."
)
@click.option("--force", is_flag=True, help="Write over an existing file without asking.")
def package(output: str, snapshots: bool, force: bool) -> None:
    """Write the FHIR package of our profiles, code systems, value sets, questionnaires and examples."""
    from ci_notes import __version__, packaging  # noqa: PLC0415

    write_file(Path(output), packaging.package(__version__, snapshots), force)
    click.echo(f"written to {output}", err=True)
