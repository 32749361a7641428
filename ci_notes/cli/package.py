"""`ci-notes package`: the FHIR package that describes our bundles."""

import click

from ci_notes.cli.writing import writing_bytes_to


@click.command("package")
@click.option("-o", "--output", metavar="FILE", default="ci-notes.fhir.tgz", show_default=True, help="The archive.")
@click.option(
    "--snapshots", is_flag=True, help="With the snapshots of the profiles, for servers that cannot make them."
)
@click.option("--force", is_flag=True, help="Write over an existing file without asking.")
def package(output: str, snapshots: bool, force: bool) -> None:
    """Write the FHIR package of our profiles, code systems, value sets, questionnaires and examples."""
    from ci_notes import __version__, packaging  # noqa: PLC0415

    made = packaging.package(__version__, snapshots)
    with writing_bytes_to(output, force) as file:
        file.write(made)
