"""`ci-notes push`: a note to a FHIR server, safe to repeat."""

import json
import os
from typing import Any

import click

from ci_notes.cli.options import length_unit_option, templates_option
from ci_notes.cli.reading import note_at
from ci_notes.cli.writing import complain
from ci_notes.derive import Note
from ci_notes.errors import InputError


@click.command("push")
@click.argument("path", metavar="NOTE")
@click.option("--to", "base", metavar="URL", required=True, help="The base address of the server: https://host/fhir")
@click.option(
    "--way",
    type=click.Choice(["transaction", "us-core"]),
    default="transaction",
    show_default=True,
    help="All at once; or one by one with the narrative as a DocumentReference, for servers that take no transaction.",
)
@click.option(
    "--detail",
    type=click.Choice(["lean", "full"]),
    default="lean",
    show_default=True,
    help="full sends Observations too that only our own codes describe; us-core is always lean.",
)
@length_unit_option
@click.option("--draft", is_flag=True, help="Send a note that is not signed, as preliminary.")
@click.option("--unencrypted", is_flag=True, help="Send over http to another machine: the line is safe otherwise.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--ca-file", metavar="FILE", default="", help="Certificates (PEM) to trust in place of the system's.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 600), default=60, show_default=True, help="Seconds for an answer."
)
@templates_option
def push(path: str, base: str, dry_run: bool, form: str, **how: Any) -> None:
    """Bring a FHIR server to what a NOTE says; a repeat changes nothing.

    A bearer token is taken from the environment variable CI_NOTES_TOKEN. People, places and encounters that the server
    has are referred to and never changed.
    """
    note = note_at(path)
    if note.status == "draft" and not how["draft"]:
        raise InputError(f"{path} is a draft; sign it, or give --draft to send it as preliminary")
    _push(note, base, dry_run, form, how)


def _push(note: Note, base: str, dry_run: bool, form: str, how: dict[str, Any]) -> None:
    from ci_notes.narrative import render  # noqa: PLC0415
    from ci_notes.pushing import telling  # noqa: PLC0415

    sending, server_of = _loaded()
    server = server_of(base, os.environ.get("CI_NOTES_TOKEN", ""), how["ca_file"], how["timeout"])
    if server.in_the_clear and not how["unencrypted"]:
        raise InputError(
            f"{server.base} is not encrypted: whoever is on the network can read the note; use https, or give "
            "--unencrypted where the line is safe by other means"
        )
    pushed = sending.Pushed(note, render(note), how["detail"], how["length_unit"])
    result = sending.push(pushed, server, how["way"], dry_run)
    for remark in result.remarks:
        complain(remark)
    text = json.dumps(telling.as_json(result), indent=2, ensure_ascii=False) + "\n"
    click.echo(text if form == "json" else telling.table(result), nl=False)
    complain(telling.summary(result))


def _loaded() -> Any:
    """Return what sends; raises InputError where the library that talks HTTP is not installed."""
    try:
        from ci_notes.pushing import sending  # noqa: PLC0415
        from ci_notes.pushing.server import Server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "urllib3":
            raise
        raise InputError("push needs urllib3, which is not installed: pip install 'ci-notes[push]'") from None
    return sending, Server
