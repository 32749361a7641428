"""Options that several verbs share."""

from collections.abc import Callable
from typing import Any

import click

FOLDERS: list[str] = []
"""Template folders given with --templates for this run."""

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


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb --output and --force."""
    command = click.option("--force", is_flag=True, help="Write over an existing file without asking.")(command)
    return click.option("-o", "--output", metavar="FILE", help="Write to a file in place of the terminal.")(command)


def length_unit_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb --length-unit."""
    return click.option(
        "--length-unit",
        type=click.Choice(["mm", "cm"]),
        default="mm",
        show_default=True,
        help="cm for IHE's antepartum profile: lengths that are recorded in mm are written in cm.",
    )(command)
