"""Options that several verbs share."""

from collections.abc import Callable
from typing import Any

import click

FOLDERS: list[str] = []
"""Template folders given with --templates for this run."""

STANDARD_OUTPUT = "-"
"""What is named in the place of a file where the product goes to standard output."""

JURISDICTIONS = click.Choice(["US", "UK", "CA", "INTL"])


def templates_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb --templates; what it names stands in FOLDERS."""

    def remember(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> None:
        FOLDERS[:] = given or FOLDERS

    return click.option(
        "--templates",
        "folders",
        multiple=True,
        metavar="DIR",
        expose_value=False,
        callback=remember,
        help="A folder with templates of your own or extensions of ours, searched first.",
    )(command)


def _unless_stdout(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    return None if given == STANDARD_OUTPUT else given


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb --output and --force."""
    command = click.option("--force", is_flag=True, help="Write over an existing file without asking.")(command)
    told = "Write to a file in place of the terminal; - is standard output."
    return click.option("-o", "--output", metavar="FILE", callback=_unless_stdout, help=told)(command)


def jobs_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb --jobs."""
    jobs = click.IntRange(1, 64)
    return click.option("--jobs", type=jobs, default=1, show_default=True, help="Share the notes among processes.")(
        command
    )


def length_unit_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb --length-unit."""
    return click.option(
        "--length-unit",
        type=click.Choice(["mm", "cm"]),
        default="mm",
        show_default=True,
        help="cm for IHE's antepartum profile: lengths that are recorded in mm are written in cm.",
    )(command)
