"""`ci-notes compare`: two runs of check held against each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from ci_notes.cli.writing import show
from ci_notes.errors import InputError


@click.command("compare")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--fail-on-new", is_flag=True, help="Exit with 1 if anything is new.")
def compare(before: str, after: str, form: str, fail_on_new: bool) -> None:
    """Tell what is new, gone and the same in two runs, BEFORE and AFTER, as `check --format jsonl` wrote them."""
    from ci_notes.results.comparing import compared  # noqa: PLC0415

    with opened(before) as one, opened(after) as other:
        found = compared(one, other, (before, after))
    if form == "json":
        import json  # noqa: PLC0415

        counts = {"new": found.new, "gone": found.gone, "same": found.same}
        changed = [{"change": change, **data} for change, data in found.changed]
        click.echo(json.dumps({**counts, "changed": changed}, indent=2, ensure_ascii=False))
    else:
        show("".join(_told(found)))
    raise click.exceptions.Exit(int(fail_on_new and bool(found.new)))


@contextmanager
def opened(path: str) -> Iterator[TextIO]:
    """Return a text file to read line by line; raises InputError where it cannot be read."""
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            yield file
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else (error.strerror or "").lower()
        raise InputError(f"cannot read {path}: {reason}") from None


def _told(found: Any) -> Iterator[str]:
    for change, one in found.changed:
        line = f", line {one['line']}" if one.get("line") else ""
        yield f"{change:5} {one.get('severity', ''):8} {one['rule']:14} {one.get('message', '')}\n"
        yield f"{'':29}{one.get('file', '')}{line} · {one['id']}\n"
    if found.changed:
        yield "\n"
    if found.rules:
        yield f"{'rule':14} {'new':>7} {'gone':>7} {'same':>7}\n"
    for rule in found.rules:
        yield f"{rule:14} {found.new[rule]:7} {found.gone[rule]:7} {found.same[rule]:7}\n"
    totals = [sum(counts.values()) for counts in (found.new, found.gone, found.same)]
    yield "{} new, {} gone, {} the same.\n".format(*totals)
