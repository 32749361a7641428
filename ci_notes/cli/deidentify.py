"""`ci-notes deidentify`: notes for those who may not know whose they are."""

import json
import os
import secrets
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ci_notes import library
from ci_notes.cli.options import jobs_option, output_option, templates_option
from ci_notes.cli.progress import Progress
from ci_notes.cli.reading import template_named
from ci_notes.cli.run import Item, Run, placed_words
from ci_notes.cli.writing import complain, write_file, writing_to
from ci_notes.deidentifying import LEAST_KEY, Key, deidentified
from ci_notes.errors import InputError

_Done = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Made:
    """What was made of a record: a line of NDJSON and what was done for it, or why it could not be."""

    line: str = ""
    done: _Done = field(default_factory=Counter)
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class _Making:
    """How a record is made one of nobody's: under which key, with free text scrubbed or without it."""

    key: Key
    scrub: bool

    def __call__(self, item: Item) -> _Made:
        try:
            if item.fault:
                raise InputError(item.fault)
            data = item.content.data()
            template = template_named(library.template_of(data, item.content.name))
            made, done = deidentified(template, data, self.key, self.scrub, item.whose)
        except InputError as error:
            return _Made(complaint=placed_words(item.content.name, str(error)))
        return _Made(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", done)


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
@jobs_option
@output_option
@templates_option
def deidentify(
    paths: tuple[str, ...], key_file: str | None, make_key: str | None, text: str, account: str | None, **how: Any
) -> None:
    """Write notes as NDJSON without whose they are: identifiers replaced under a key, dates moved, text taken out.

    This is keyed pseudonymisation, not anonymisation: keep the key, and mind that a rare course tells who it was.
    """
    if make_key:
        _make(Path(make_key), how["force"])
        return
    if not paths or not key_file:
        raise InputError("name the notes and the key: --key FILE NOTE...; --make-key FILE makes one")
    from ci_notes.cli.sharing import shared  # noqa: PLC0415  loads what starts processes

    making, done, failed = _Making(_key(key_file), text == "scrub"), _Done(), False
    progress = Progress(how["output"])
    # What must not be written over is said before anything is read.
    with (
        writing_to(how["output"], how["force"]) as stream,
        writing_to(account, how["force"]) if account else nullcontext() as told,
        Run(paths, how["template"], progress) as run,
    ):
        for made in progress.working(shared(run.by_patient(), making, how["jobs"]), run.records, "de-identifying"):
            if made.complaint:
                complain(made.complaint)
            failed = failed or bool(made.complaint)
            stream.write(made.line)
            done += made.done
        if told:
            told.write(json.dumps(_told(done), indent=2) + "\n")
    for sentence in run.told():
        complain(sentence)
    raise click.exceptions.Exit(2 if failed else 0)


def _make(path: Path, force: bool) -> None:
    write_file(path, secrets.token_hex(LEAST_KEY) + "\n", force)
    path.chmod(0o600)
    complain(f"a key was written to {path}: who has it can tell whose notes they are")


def _key(path: str) -> Key:
    if os.name == "posix" and Path(path).is_file() and Path(path).stat().st_mode & 0o077:
        complain(f"{path} can be read by others: who reads the key can tell whose notes they are; chmod 600 shuts it")
    return Key(library.read_bytes(Path(path), 4096).strip())


def _told(done: _Done) -> dict[str, dict[str, int]]:
    """Return by path what was done there and how often."""
    found: dict[str, dict[str, int]] = {}
    for (path, what), number in sorted(done.items()):
        found.setdefault(path, {})[what] = number
    return found
