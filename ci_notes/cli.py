"""The command line: one line a verb. Product on stdout, messages on stderr.

Exit status 0 is fine, 1 findings at or above --fail-on, 2 what could not be read or was used wrongly.
"""

import gc
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import click

from ci_notes import derive, library, series
from ci_notes.checks import BUILT_IN, Finding, at_or_above, check
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.expression import nearest
from ci_notes.template import Template

_FOLDERS: list[str] = []
"""Template folders given with --templates for this run."""

_TEMPLATES: dict[tuple[str, tuple[str, ...]], Template] = {}

JURISDICTIONS = click.Choice(["US", "UK", "CA", "INTL"])

Before = Callable[[str, dict[str, Any]], list[Note]]
"""Finds the notes that came before the one of a name with these data, in order."""


def _templates_option(command: Callable[..., Any]) -> Callable[..., Any]:
    def remember(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> None:
        _FOLDERS[:] = given or _FOLDERS

    return click.option(
        "--templates",
        "folders",
        multiple=True,
        metavar="DIR",
        expose_value=False,
        callback=remember,
        help="A folder with templates of your own or extensions of ours, searched first.",
    )(command)


def _output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--force", is_flag=True, help="Write over an existing file without asking.")(command)
    return click.option("-o", "--output", metavar="FILE", help="Write to a file in place of the terminal.")(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ci-notes", prog_name="ci-notes")
def cli() -> None:
    """Cervical insufficiency notes: fill once; get the narrative, the FHIR bundle and the findings."""


@cli.command("templates")
@click.argument("template", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_templates_option
def templates(template: str | None, form: str) -> None:
    """List the templates; with TEMPLATE, its elements with type, unit, options, codes and when they are asked."""
    from ci_notes import listing  # noqa: PLC0415

    if template:
        found = library.load_template(template, _FOLDERS)
        click.echo(listing.template(found, form), nl=False)
    else:
        every = [library.load_template(name, _FOLDERS) for name in library.catalogue(_FOLDERS)]
        click.echo(listing.catalogue(every, form), nl=False)


@cli.command("new")
@click.argument("template")
@click.option("-o", "--output", metavar="FILE", help="Where the note is kept; a draft there is continued.")
@click.option(
    "--from",
    "earlier",
    metavar="NOTE",
    multiple=True,
    help="Carry forward from an earlier note, a folder of them, or one of our bundles; may be given several times.",
)
@click.option("--jurisdiction", type=JURISDICTIONS, help="Whose guidelines the note is held to.")
@_templates_option
def new(template: str, output: str | None, earlier: tuple[str, ...], jurisdiction: str | None) -> None:
    """Fill a note of a TEMPLATE by answering questions."""
    from ci_notes import terminal  # noqa: PLC0415

    found = library.load_template(template, _FOLDERS)
    before = _to_carry_from(earlier)
    terminal.fill(found, output, before, jurisdiction or "", _now())


@cli.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="NOTE...")
@click.option("--jurisdiction", type=JURISDICTIONS, help="Hold the notes to these guidelines in place of their own.")
@click.option(
    "--earlier",
    metavar="NOTE",
    multiple=True,
    help="An earlier note of this pregnancy, or one of our bundles; by default those among the notes given.",
)
@click.option("--narrative", metavar="FILE", help="The narrative of the one NOTE as somebody edited it.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), default="error", show_default=True)
@_templates_option
def check_notes(
    paths: tuple[str, ...],
    jurisdiction: str | None,
    earlier: tuple[str, ...],
    narrative: str | None,
    **shown: str,
) -> None:
    """Check notes (files, folders, or - for standard input): their shape, what is missing, and the rules.

    Notes of one pregnancy that are checked together are also held against one another.
    """
    form, fail_on = shown["form"], shown["fail_on"]
    found_paths = _notes_among(paths)
    text = _edited(narrative, found_paths) if narrative else ""
    before = _named_before(earlier) if earlier else _before_among(found_paths)
    reports: list[Any] = []
    unread = failed = False
    for path in found_paths:
        try:
            note = _note(path, jurisdiction or "", before)
            more = _proofread(note, text)
            found = check(note, today=date.today().isoformat(), page=_page_of(note), more=more)
        except InputError as error:
            _complain(error)
            unread = True
        else:
            failed = failed or bool(at_or_above(found, fail_on))
            reports.append(_report(form, path, note, found))
    if form == "json":
        click.echo(json.dumps(reports, indent=2, ensure_ascii=False))
    else:
        _show("\n".join(reports))
    raise click.exceptions.Exit(2 if unread else int(failed))


def _to_carry_from(paths: tuple[str, ...]) -> list[Note]:
    """Return the notes to carry forward from in order, those entered in error left out; raises InputError."""
    notes = [note for note in map(_earlier_note, _notes_among(paths)) if note.status != "entered-in-error"]
    patients = [series.patients_of(note.data) for note in notes]
    if any(one and other and not one & other for one in patients for other in patients):
        raise InputError(f"{', '.join(paths)} holds notes of several patients; name those of one")
    return sorted(notes, key=lambda note: str(series.moment_of(note.data) or ""))


def _edited(narrative: str, paths: Sequence[str]) -> str:
    """Return the text of an edited narrative, which belongs to one note."""
    from ci_notes.proofreading import read_text  # noqa: PLC0415

    if len(paths) > 1:
        raise InputError("--narrative is the text of one note; check the notes one by one")
    if narrative == "-" == paths[0]:
        raise InputError("the note and its narrative cannot both come from standard input")
    source, name = _source(narrative)
    return read_text(source if isinstance(source, bytes) else library.read_bytes(Path(source)), name)


def _proofread(note: Note, text: str) -> list[Finding]:
    if not text:
        return []
    from ci_notes.proofreading import proofread  # noqa: PLC0415

    return proofread(note, text)


def _page_of(note: Note) -> str:
    """Return the page for the patient, which rules read; for a draft there is none, and nothing is loaded for it."""
    if note.status not in ("final", "amended"):
        return ""
    from ci_notes import printing  # noqa: PLC0415

    return printing.page_text(note)


def _report(form: str, path: str, note: Note, found: list[Finding]) -> Any:
    if form == "json":
        return finding_report(path, note, found)
    from ci_notes import reporting  # noqa: PLC0415

    return reporting.findings(note, found, path)


def _notes_among(paths: tuple[str, ...]) -> list[str]:
    """Return the notes named, and those in the folders named; says what else was in these."""
    found: list[str] = []
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112  a name too long for a path is no folder either
            found.append(path)
            continue
        notes, others = library.notes_in(Path(path))
        if not notes:
            raise InputError(f"{path} is a folder without notes")
        found += map(str, notes)
        if others:
            click.echo(f"ci-notes: in {path}, files passed over because they are no notes: {others}", err=True)
    return found


_REMEMBERED = 64
"""Earlier notes that are held ready: those of one pregnancy are read for each that comes after them."""


def _before_among(paths: list[str]) -> Before:
    """Return what finds a note's predecessors among the notes of a run; what cannot be read precedes nothing."""
    written = series.Series()
    for path in paths if len(paths) > 1 else ():
        with suppress(InputError):  # standard input can be read only once, so it precedes nothing either
            written.add(path, library.read_data(path))
    read = lru_cache(maxsize=_REMEMBERED)(_note)

    def before(_path: str, data: dict[str, Any]) -> list[Note]:
        found: list[Note] = []
        for path in written.before(data):
            with suppress(InputError):  # it is complained of under its own name
                found.append(read(path))
        return found

    return before


def _named_before(earlier: tuple[str, ...]) -> Before:
    """Return what holds every note against the earlier notes that were named, if they can be of the same patient."""
    notes = sorted(
        ((path, _earlier_note(path)) for path in earlier), key=lambda one: str(series.moment_of(one[1].data) or "")
    )

    def before(path: str, later: dict[str, Any]) -> list[Note]:
        for name, note in notes:
            _could_precede(name, note.data, path, later)
        return [note for _, note in notes]

    return before


def _could_precede(name: str, data: Mapping[str, Any], path: str, later: Mapping[str, Any]) -> None:
    """Refuse an earlier note that is not earlier, or another patient's; raises InputError."""
    one, other = series.patients_of(data), series.patients_of(later)
    if one and other and not one & other:
        raise InputError(f"{name} is of another patient than {path}")
    first, second = series.moment_of(data), series.moment_of(later)
    if first and second and first >= second:
        raise InputError(f"{name} is not earlier than {path}")


def finding_report(name: str, note: Note, found: list[Finding]) -> dict[str, Any]:
    """Return a note's findings as JSON data."""
    from dataclasses import asdict  # noqa: PLC0415

    scopes = {rule.id: rule.jurisdictions for rule in note.template.active_rules}
    return {
        "file": name,
        "note": note.id,
        "template": note.template.id,
        "version": note.template.version,
        "jurisdiction": note.record.values.get("jurisdiction"),
        "rules": len(note.template.active_rules),
        "rules_not_reviewed": sum(1 for rule in note.template.active_rules if not rule.reviewed.get("by")),
        "rules_off": [
            {"rule": rule.id, "reason": rule.off, "by": rule.off_by} for rule in note.template.rules if rule.off_by
        ],
        "rules_changed": [{"rule": rule.id, "change": rule.changed} for rule in note.template.rules if rule.changed],
        "findings": [asdict(one) | {"jurisdictions": scopes.get(one.rule, ())} for one in found],
    }


@cli.command("render")
@click.argument("path", metavar="NOTE")
@click.option(
    "--to", "form", type=click.Choice(["text", "compact", "markdown", "html"]), default="text", show_default=True
)
@click.option(
    "--for",
    "reader",
    type=click.Choice(["clinician", "patient"]),
    default="clinician",
    show_default=True,
    help="Whom it is for; a page for the patient is made only from a signed note.",
)
@click.option("--trace", is_flag=True, help="Show for each sentence the fields it says and those it depends on.")
@click.option("--jurisdiction", type=JURISDICTIONS, help="Dates and spelling as they are written there.")
@_output_option
@_templates_option
def render_note(path: str, form: str, reader: str, trace: bool, jurisdiction: str | None, **written: Any) -> None:
    """Print the narrative of a NOTE, or the page for the patient."""
    from ci_notes import printing  # noqa: PLC0415
    from ci_notes.narrative import render, render_page  # noqa: PLC0415

    note = _note(path, jurisdiction or "")
    _warn_of_shape(note)
    if reader == "patient":
        if form == "compact":
            raise InputError("a page for the patient is text, markdown or html: it is never shortened")
        told = render_page(note, trace)
        page = printing.traced(told) if trace else printing.LAYOUTS[form](note, told, printing.PAGE_TITLE)
        _write(page, written["output"], written["force"])
        return
    sentences = render(note, trace=trace or form == "compact")
    text = printing.traced(sentences) if trace else _laid_out(form)(note, sentences)
    _write(text, written["output"], written["force"])


def _laid_out(form: str) -> Any:
    """Return the layout of a name; the compact one brings its own transliteration, loaded only for it."""
    if form == "compact":
        from ci_notes.compact import compact  # noqa: PLC0415

        return compact
    from ci_notes import printing  # noqa: PLC0415

    return printing.LAYOUTS[form]


@cli.command("fhir")
@click.argument("path", metavar="NOTE")
@click.option(
    "--bundle",
    "form",
    type=click.Choice(["document", "transaction", "collection"]),
    default="document",
    show_default=True,
)
@click.option(
    "--detail",
    type=click.Choice(["full", "lean"]),
    default="full",
    show_default=True,
    help="lean leaves out Observations that only our own codes describe.",
)
@click.option("--previous", metavar="NOTE", help="The note as it was before an amendment; what it lost is retracted.")
@_output_option
@_templates_option
def fhir(path: str, form: str, detail: str, previous: str | None, output: str | None, force: bool) -> None:
    """Print a NOTE as a FHIR R4 bundle."""
    from ci_notes.fhir.bundle import to_fhir  # noqa: PLC0415
    from ci_notes.fhir.typed import typed  # noqa: PLC0415
    from ci_notes.narrative import render  # noqa: PLC0415

    note = _note(path)
    before = _note(previous) if previous else None
    bundle = to_fhir(note, render(note), form, detail, before)
    typed(bundle)
    _write(json.dumps(bundle, indent=2, ensure_ascii=False) + "\n", output, force)


@cli.command("import")
@click.argument("path", metavar="BUNDLE")
@_output_option
@_templates_option
def import_bundle(path: str, output: str | None, force: bool) -> None:
    """Make a note of one of our FHIR BUNDLES."""
    data = _imported(library.read_data(*_source(path)))
    _write(json.dumps(data, indent=2, ensure_ascii=False) + "\n", output, force)


@cli.command("rule")
@click.argument("rule_id", metavar="[ID]", required=False)
@click.option("--template", help="Only the rules of this template.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_templates_option
def rule(rule_id: str | None, template: str | None, form: str) -> None:
    """Print a rule's page (statement, why, source, grade, examples); without ID, list all rules."""
    from ci_notes import listing  # noqa: PLC0415

    names = [template] if template else list(library.catalogue(_FOLDERS))
    found = [library.load_template(name, _FOLDERS) for name in names]
    if not rule_id:
        click.echo(listing.rules(found, form), nl=False)
        return
    every = [one for each in found for one in each.rules]
    known = {one.name: one for one in every} | {one.id: one for one in every}
    if rule_id in known:
        click.echo(listing.rule(known[rule_id].id, found, form), nl=False)
    elif rule_id in BUILT_IN:
        click.echo(listing.built_in(BUILT_IN[rule_id], form), nl=False)
    else:
        where = f"{template} has" if template else "there is"
        raise InputError(f"{where} no rule «{rule_id}»{nearest(rule_id, [*known, *BUILT_IN])}")


# --- shared --------------------------------------------------------------------------------------------------------


def _source(path: str) -> tuple[str | bytes, str]:
    if path == "-":
        from ci_notes.document import LARGEST  # noqa: PLC0415

        return sys.stdin.buffer.read(LARGEST + 1), "standard input"
    return path, path


def _note(path: str, jurisdiction: str = "", before: Before | None = None) -> Note:
    """Return the note in a file; `before` finds the earlier notes of the pregnancy for its data."""
    source, name = _source(path)
    data = library.read_data(source, name)
    template = _template(library.template_of(data, name))
    return derive.note(template, data, jurisdiction, before(name, data) if before else ())


def _template(name: str) -> Template:
    """Return a template, read once in a run however many notes name it."""
    key = (name, tuple(_FOLDERS))
    if key not in _TEMPLATES:
        _TEMPLATES[key] = library.load_template(name, _FOLDERS)
    return _TEMPLATES[key]


def _imported(data: dict[str, Any]) -> dict[str, Any]:
    from ci_notes.fhir.read import entries, from_fhir, template_in, unread  # noqa: PLC0415
    from ci_notes.fhir.typed import typed  # noqa: PLC0415
    from ci_notes.terminal import fresh_id  # noqa: PLC0415

    entries(data)
    typed(data)
    template = library.load_template(template_in(data), _FOLDERS)
    note = from_fhir(data, template, fresh_id())
    _complain_of_unread(unread(data, template), str(note["version"]), template)
    return note


def _complain_of_unread(names: list[str], version: str, template: Template) -> None:
    """Say what of a bundle was not read, and whose it is; resources of an extension may hold more than has a name."""
    extension = " ".join(version.partition("+")[2][:60].split())
    if extension and extension != template.version.partition("+")[2]:
        held = f"not read: {', '.join(names)}; " if names else ""
        _complain(f"{held}the bundle was written with the extension «{extension}» of {template.id}, which is not here")
    elif names:
        _complain(f"not read: {', '.join(names)}; {template.id} {template.version} has no such element")


def _earlier_note(path: str) -> Note:
    """Return the note in a file, or made of a bundle there, read with its own template."""
    data = _note_or_bundle(path)
    return derive.note(_template(library.template_of(data, path)), data)


def _note_or_bundle(path: str) -> dict[str, Any]:
    data = library.read_data(*_source(path))
    return _imported(data) if data.get("resourceType") == "Bundle" else data


def _now() -> str:
    """Return the moment with the local offset, to the second."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


def _warn_of_shape(note: Note) -> None:
    for problem in (*note.problems, *note.unread):
        click.echo(f"ci-notes: not in the narrative: {problem.message}", err=True)


def _show(text: str) -> None:
    """Print prose: broken between words on a terminal, untouched in a pipe."""
    from ci_notes import reporting  # noqa: PLC0415

    click.echo(reporting.wrapped(text, _width()) if sys.stdout.isatty() else text, nl=False)


def _width() -> int:
    import shutil  # noqa: PLC0415

    return max(40, min(shutil.get_terminal_size().columns, 100))


def _write(text: str, output: str | None, force: bool) -> None:
    if output is None:
        _show(text)
        return
    write_file(Path(output), text, force)
    click.echo(f"written to {output}", err=True)


def write_file(path: Path, text: str, force: bool = False) -> None:
    """Write a file whole or not at all; asks before writing over one; raises InputError."""
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; name a file in it")
    if path.exists() and not force:
        if not sys.stdin.isatty():
            raise InputError(f"{path} exists; give --force to write over it")
        if not click.confirm(f"{path} exists. Write over it?", err=True):
            raise InputError(f"{path} was left as it is")
    from ci_notes.drafts import save_text  # noqa: PLC0415

    save_text(path, text)


def _complain(error: Exception | str) -> None:
    click.echo(f"ci-notes: {error}", err=True)


def _silence(stream: Any) -> None:
    """Keep the interpreter from writing what cannot be written once more while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main() -> NoReturn:
    """Run the command line; whatever was wrong with the input is one message, never a traceback."""
    gc.set_threshold(50_000)  # a run makes few cycles, and looking for them takes a tenth of the start-up
    try:
        status = cli(standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        _complain(error)
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
        _complain(InputError(f"cannot write the output: {(error.strerror or str(error)).lower()}"))
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
