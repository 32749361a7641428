"""`ci-notes check`: notes held to their shape, to completeness and to the rules."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from ci_notes import __version__, library
from ci_notes.cli.accepting import Baseline
from ci_notes.cli.looking import PROSE, Looked, Looking
from ci_notes.cli.options import JURISDICTIONS, jobs_option, output_option, templates_option
from ci_notes.cli.progress import Progress
from ci_notes.cli.reading import source_of, template_named
from ci_notes.cli.run import Run
from ci_notes.cli.writing import complain, laid_out, writing_bytes_to, writing_to
from ci_notes.errors import InputError
from ci_notes.template import Template

FORMATS = [*PROSE, "jsonl", "csv", "sarif", "junit", "operationoutcome", "html", "parquet"]

BINARY = "parquet"


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
@jobs_option
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
    if how["form"] == BINARY:
        _need_parquet(how["output"])
    text = _edited(narrative, paths) if narrative else ""
    today = date.today().isoformat()
    _need_names_of_their_own(how)
    baseline = Baseline(how["baseline"], how["accept"], how["reason"], how["until"], today)
    baseline.ask_to_write(how["force"])
    looking = Looking(
        how["form"], today, how["fail_on"], jurisdiction or "", earlier, text, baseline.ids, bool(baseline.accept)
    )
    looking.need_what_is_named()
    account, progress = _Account(), Progress(how["output"])
    with Run(paths, how["template"], progress) as run:
        if text and run.records != 1:
            raise InputError("--narrative is the text of one note; check the notes one by one")
        with (
            _looked(run, looking, how["jobs"], how["journal"]) as (looked, day, mark),
            _writing(how["form"], how["output"], how["force"], mark) as stream,
        ):
            said = account.of(progress.working(looked, run.records, "checking"))
            said = _with_total(said, account) if how["form"] == "text" else said
            _write(stream, how["form"], said, run, how["fail_on"], day)
    baseline.close(account.accepted, account.open)
    for sentence in run.told():
        complain(sentence)
    raise click.exceptions.Exit(account.status)


def _need_names_of_their_own(how: Mapping[str, Any]) -> None:
    """Refuse, before anything is read, one file for what are two."""
    named = {f"--{option}": how[option] for option in ("output", "journal", "accept") if how[option] not in (None, "-")}
    by_file: dict[Path, str] = {}
    for option, name in named.items():
        other = by_file.setdefault(Path(name).resolve(), option)
        if other != option:
            raise InputError(f"{other} and {option} name one file; each needs one of its own")


def _need_parquet(output: str | None) -> None:
    """Refuse, before anything is read, what could not be written in the end."""
    try:
        import_module("pyarrow")
    except ImportError:
        raise InputError("parquet needs pyarrow, which is not installed: pip install 'ci-notes[bulk]'") from None
    if output is None and sys.stdout.isatty():
        raise InputError("parquet is no text that a terminal could show: give -o FILE")


@contextmanager
def _looked(run: Run, looking: Looking, jobs: int, journal: str | None) -> Iterator[tuple[Iterator[Looked], str, str]]:
    """Return what comes of each record, the day of the run, and its mark where it has a journal.

    A journal has what came of a run that was cut off.
    """
    from ci_notes.cli.sharing import shared  # noqa: PLC0415  loads what starts processes

    if not journal:
        yield shared(run, looking, jobs), looking.today, ""
        return
    from ci_notes.cli.journal import Journal  # noqa: PLC0415

    kept = Journal(Path(journal), run.about() | looking.about(), looking.today)
    finished = False
    try:
        working = kept.of(run, lambda records: shared(records, replace(looking, today=kept.today), jobs))
        yield working, kept.today, kept.mark
        finished = True
    finally:
        kept.close(finished)


class _Account:
    """What a run came to: what could not be read is said as it comes."""

    def __init__(self) -> None:
        self.failed = False
        self.notes = self.unread = self.accepted = 0
        self.counts: Counter[str] = Counter()
        self.open: list[tuple[str, str]] = []

    def of(self, looked: Iterable[Looked]) -> Iterator[Any]:
        """Yield what is said of each record, while what it means for the run is noted."""
        for one in looked:
            if one.complaint:
                complain(one.complaint)
                self.unread += 1
            self.failed = self.failed or one.failed
            self.accepted += one.accepted
            self.open += one.open
            self.counts.update(dict(one.counts))
            if one.said is not None:
                self.notes += not one.complaint
                yield one.said

    @property
    def status(self) -> int:
        """The exit status: 2 where something could not be read, 1 for findings that fail, else 0."""
        return 2 if self.unread else int(self.failed)


def _writing(form: str, output: str | None, force: bool, mark: str) -> AbstractContextManager[Any]:
    return (writing_bytes_to if form == BINARY else writing_to)(output, force, mark)


def _write(stream: Any, form: str, said: Iterator[Any], run: Run, fail_on: str, day: str) -> None:
    if form in PROSE:
        (_as_text if form == "text" else _as_json)(stream, said)
        return
    from ci_notes.results import jsonl, junit, outcome, sarif, table  # noqa: PLC0415  what others read

    write: dict[str, Callable[[], None]] = {
        "jsonl": lambda: jsonl.write(said, stream, __version__),
        "csv": lambda: table.write(said, stream),
        "sarif": lambda: sarif.write(said, stream, _templates(run), __version__),
        "junit": lambda: junit.write(said, stream, fail_on),
        "operationoutcome": lambda: outcome.write(said, stream),
        BINARY: lambda: _as_parquet(stream, said),
        "html": lambda: _as_page(stream, said, run, day),
    }
    write[form]()


def _templates(run: Run) -> list[Template]:
    """Return the note kinds of a run that are here; what is not is told of each of its notes."""
    found = []
    for name in run.kinds:
        with suppress(InputError):
            found.append(template_named(name))
    return found


def _as_page(stream: TextIO, said: Iterator[Any], run: Run, day: str) -> None:
    from ci_notes.results import report  # noqa: PLC0415  loads Jinja

    report.write(said, stream, _templates(run), __version__, day)


def _as_parquet(stream: BinaryIO, said: Iterator[Any]) -> None:
    from ci_notes.results import parquet  # noqa: PLC0415  an extra

    parquet.write(said, stream, __version__)


def _with_total(said: Iterator[str], account: _Account) -> Iterator[str]:
    """Yield what is said of each note, and of several in the end what it comes to."""
    from ci_notes import reporting  # noqa: PLC0415  for those who read text

    yield from said
    if account.notes and account.notes + account.unread > 1:
        yield reporting.total(account.notes, account.unread, account.counts, account.accepted)


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
