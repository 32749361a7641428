"""`ci-notes check`: notes held to their shape, to completeness and to the rules."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import click

from ci_notes import __version__, library
from ci_notes.cli.accepting import Baseline
from ci_notes.cli.looking import Looked, Looking
from ci_notes.cli.options import JURISDICTIONS, output_option, templates_option
from ci_notes.cli.reading import source_of, template_named
from ci_notes.cli.run import Run
from ci_notes.cli.writing import complain, laid_out, writing_to
from ci_notes.errors import InputError
from ci_notes.template import Template

FORMATS = ["text", "json", "jsonl", "csv", "sarif", "junit", "operationoutcome"]


@click.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="NOTE...")
@click.option("--jurisdiction", type=JURISDICTIONS, help="Hold the notes to these guidelines in place of their own.")
@click.option(
    "--earlier",
    metavar="NOTE",
    multiple=True,
    help="An earlier note of this pregnancy, or one of our bundles; by default those among the notes given.",
)
@click.option("--narrative", metavar="FILE", help="The narrative of the one NOTE as somebody edited it.")
@click.option("--template", default="", metavar="NAME", help="The note kind that FHIR is read as which is not ours.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Share the notes among processes."
)
@click.option("--baseline", metavar="FILE", help="Tell only what is not accepted in FILE.")
@click.option("--accept", metavar="FILE", help="Write what is told to FILE as accepted; with --reason and --until.")
@click.option("--reason", default="", help="Why the findings are accepted.")
@click.option("--until", default="", metavar="DAY", help="The last day on which they are, as 2027-01-31.")
@click.option("--journal", metavar="FILE", help="Write down how far the run is; the same command goes on from there.")
@output_option
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error", show_default=True)
@templates_option
def check_notes(
    paths: tuple[str, ...],
    jurisdiction: str | None,
    earlier: tuple[str, ...],
    narrative: str | None,
    **how: Any,
) -> None:
    """Check notes: their shape, what is missing, and the rules.

    NOTE is a file, a folder, a pattern, or - for standard input: notes and bundles, one in a file or, as NDJSON, one on
    a line; compressed with gzip or zstd; in tar and zip archives.

    Notes of one pregnancy that are checked together are also held against one another.
    """
    text = _edited(narrative, paths) if narrative else ""
    today = date.today().isoformat()
    baseline = Baseline(how["baseline"], how["accept"], how["reason"], how["until"], today)
    looking = Looking(
        how["form"], today, how["fail_on"], jurisdiction or "", earlier, text, baseline.ids, bool(baseline.accept)
    )
    account = _Account()
    with Run(paths, how["template"]) as run:
        if text and run.records != 1:
            raise InputError("--narrative is the text of one note; check the notes one by one")
        with (
            _looked(run, looking, how["jobs"], how["journal"]) as looked,
            writing_to(how["output"], how["force"]) as stream,
        ):
            _write(stream, how["form"], account.of(looked), run, how["fail_on"])
    baseline.close(account.accepted, account.open, how["force"])
    for folder, number in run.passed_over.items():
        complain(f"in {folder}, files passed over because they are no notes: {number}")
    raise click.exceptions.Exit(account.status)


@contextmanager
def _looked(run: Run, looking: Looking, jobs: int, journal: str | None) -> Iterator[Iterator[Looked]]:
    """Return what comes of each record; with a journal, what it has of a run that was cut off comes from there."""
    from ci_notes.cli.sharing import looked_at  # noqa: PLC0415  loads what starts processes

    if not journal:
        yield looked_at(run, looking, jobs)
        return
    from ci_notes.cli.journal import Journal  # noqa: PLC0415

    kept = Journal(Path(journal), run.about() | looking.about(), looking.today)
    finished = False
    try:
        yield kept.of(run, lambda records: looked_at(records, replace(looking, today=kept.today), jobs))
        finished = True
    finally:
        kept.close(finished)


class _Account:
    """What a run came to: what could not be read is said as it comes."""

    def __init__(self) -> None:
        self.unread = self.failed = False
        self.accepted = 0
        self.open: list[tuple[str, str]] = []

    def of(self, looked: Iterable[Looked]) -> Iterator[Any]:
        """Yield what is said of each record, while what it means for the run is noted."""
        for one in looked:
            if one.complaint:
                complain(one.complaint)
                self.unread = True
            self.failed = self.failed or one.failed
            self.accepted += one.accepted
            self.open += one.open
            if one.said is not None:
                yield one.said

    @property
    def status(self) -> int:
        """The exit status: 2 where something could not be read, 1 for findings that fail, else 0."""
        return 2 if self.unread else int(self.failed)


def _write(stream: TextIO, form: str, said: Iterator[Any], run: Run, fail_on: str) -> None:
    if form in ("text", "json"):
        (_as_text if form == "text" else _as_json)(stream, said)
        return
    from ci_notes.results import jsonl, junit, outcome, sarif, table  # noqa: PLC0415  what others read

    write: dict[str, Callable[[], None]] = {
        "jsonl": lambda: jsonl.write(said, stream, __version__),
        "csv": lambda: table.write(said, stream),
        "sarif": lambda: sarif.write(said, stream, _templates(run), __version__),
        "junit": lambda: junit.write(said, stream, fail_on),
        "operationoutcome": lambda: outcome.write(said, stream),
    }
    write[form]()


def _templates(run: Run) -> list[Template]:
    """Return the note kinds of a run that are here; what is not is told of each of its notes."""
    found = []
    for name in run.kinds:
        with suppress(InputError):
            found.append(template_named(name))
    return found


def _as_text(stream: TextIO, said: Iterator[str]) -> None:
    for number, one in enumerate(said):
        stream.write(laid_out(f"\n{one}" if number else one, stream))


def _as_json(stream: TextIO, said: Iterator[str]) -> None:
    number = 0
    for number, one in enumerate(said, 1):
        inside = "\n".join(f"  {line}" for line in one.split("\n"))
        stream.write(f"{'[' if number == 1 else ','}\n{inside}")
    stream.write("\n]\n" if number else "[]\n")


def _edited(narrative: str, paths: Sequence[str]) -> str:
    """Return the text of an edited narrative, which belongs to one note."""
    from ci_notes.proofreading import read_text  # noqa: PLC0415

    if len(paths) > 1:
        raise InputError("--narrative is the text of one note; check the notes one by one")
    if narrative == "-" == paths[0]:
        raise InputError("the note and its narrative cannot both come from standard input")
    source, name = source_of(narrative)
    return read_text(source if isinstance(source, bytes) else library.read_bytes(Path(source)), name)
