"""`ci-notes deidentify`: notes for those who may not know whose they are."""

import json
import secrets
from collections import Counter
from pathlib import Path

import click

from ci_notes import library
from ci_notes.cli.options import templates_option
from ci_notes.cli.reading import template_named
from ci_notes.cli.run import Item, Run, placed_words
from ci_notes.cli.writing import complain, write_file, writing_to
from ci_notes.deidentifying import LEAST_KEY, Key, deidentified
from ci_notes.errors import InputError

_Done = Counter[tuple[str, str]]


@click.command("deidentify")
@click.argument("paths", nargs=-1, metavar="NOTE...")
@click.option("--key", "key_file", metavar="FILE", help="The key: with the same one the same becomes the same.")
@click.option("--make-key", metavar="FILE", help="Write a new key and nothing else.")
@click.option(
    "--text",
    type=click.Choice(["drop", "scrub"]),
    default="drop",
    show_default=True,
    help="Take free text out, or leave it without the names, numbers and dates that are recognised.",
)
@click.option("--account", metavar="FILE", help="Write what was done, field by field, as JSON.")
@click.option("--template", default="", metavar="NAME", help="The note kind that FHIR is read as which is not ours.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file in place of the terminal.")
@click.option("--force", is_flag=True, help="Write over existing files without asking.")
@templates_option
def deidentify(
    paths: tuple[str, ...], key_file: str | None, make_key: str | None, text: str, account: str | None, **how: str
) -> None:
    """Write notes as NDJSON without whose they are: identifiers replaced under a key, dates moved, text taken out.

    This is keyed pseudonymisation, not anonymisation: keep the key, and mind that a rare course tells who it was.
    """
    if make_key:
        _make(Path(make_key))
        return
    if not paths or not key_file:
        raise InputError("name the notes and the key: --key FILE NOTE...; --make-key FILE makes one")
    key, done, failed = _key(key_file), _Done(), False
    force = bool(how["force"])
    with Run(paths, how["template"]) as run, writing_to(how["output"], force) as stream:
        for item in run:
            try:
                line = _line(item, key, text == "scrub", done)
            except InputError as error:
                complain(placed_words(item.content.name, str(error)))
                failed = True
            else:
                stream.write(line)
    if account:
        write_file(Path(account), json.dumps(_told(done), indent=2) + "\n", force)
    raise click.exceptions.Exit(2 if failed else 0)


def _make(path: Path) -> None:
    write_file(path, secrets.token_hex(LEAST_KEY) + "\n")
    path.chmod(0o600)
    complain(f"a key was written to {path}: who has it can tell whose notes they are")


def _key(path: str) -> Key:
    return Key(library.read_bytes(Path(path), 4096).strip())


def _line(item: Item, key: Key, scrub: bool, done: _Done) -> str:
    if item.fault:
        raise InputError(item.fault)
    data = item.content.data()
    template = template_named(library.template_of(data, item.content.name))
    made, what = deidentified(template, data, key, scrub)
    done += what
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"


def _told(done: _Done) -> dict[str, dict[str, int]]:
    """Return by path what was done there and how often."""
    found: dict[str, dict[str, int]] = {}
    for (path, what), number in sorted(done.items()):
        found.setdefault(path, {})[what] = number
    return found
