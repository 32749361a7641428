"""The command line: one module a verb, loaded when it is called. Product on stdout, messages on stderr.

Exit status 0 is fine, 1 findings at or above --fail-on, 2 what could not be read or was used wrongly.
"""

import gc
import io
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from ci_notes.cli.writing import complain
from ci_notes.errors import InputError

VERBS = {
    "accounts": "accounts:accounts",
    "audit": "audit:audit",
    "check": "check:check_notes",
    "compare": "compare:compare",
    "deidentify": "deidentify:deidentify",
    "fhir": "fhir:fhir",
    "import": "importing:import_bundle",
    "lint": "lint:lint_bundles",
    "new": "new:new",
    "push": "push:push",
    "package": "package:package",
    "questionnaire": "questionnaire:questionnaire",
    "render": "render:render_note",
    "rule": "rule:rule",
    "serve": "serve:serve",
    "templates": "templates:templates",
    "verify": "verify:verify",
}
"""Where each verb stands: its module here and the command in it."""


class Verbs(click.Group):
    """A group whose commands are imported when they are called: a start costs what its own verb needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"ci_notes.cli.{module}"), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in VERBS and not args[0].startswith("-"):
            from ci_notes.expression import nearest  # noqa: PLC0415  costs start-up time

            ctx.fail(f"There is no command «{args[0][:80]}»{nearest(args[0][:80], VERBS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ci-notes", prog_name="ci-notes")
def cli() -> None:
    """Cervical insufficiency notes: fill once; get the narrative, the FHIR bundle and the findings."""


def _print_everything() -> None:
    """Let everything be printed: names of files that are no UTF-8, and signs that an older terminal does not have."""
    for stream, way in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors=way if stream.encoding.lower() in ("utf-8", "utf8") else "backslashreplace")


def _silence(stream: Any) -> None:
    """Keep the interpreter from writing what cannot be written once more while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main() -> NoReturn:
    """Run the command line; whatever was wrong with the input is one message, never a traceback."""
    gc.set_threshold(50_000)  # a run makes few cycles, and looking for them takes a tenth of the start-up
    carry_out(cli)


def carry_out(command: click.Command) -> NoReturn:
    """Run a command as the command line runs its own."""
    _print_everything()
    try:
        status = command(standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        complain(error)
        sys.exit(2)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("ci-notes: stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        _silence(sys.stdout)  # the reader went away; nothing is left to say
        sys.exit(0)
    except OSError as error:
        _silence(sys.stdout)
        complain(InputError(f"cannot write the output: {(error.strerror or str(error)).lower()}"))
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
