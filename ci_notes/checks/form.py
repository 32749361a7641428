"""Findings about the form of a note: its shape and version, what is missing, and what is left over."""

from collections.abc import Iterator

from ci_notes import wording
from ci_notes.checks.asking import left_over, missing
from ci_notes.checks.finding import Finding, built_in
from ci_notes.derive import Note
from ci_notes.places import label, located
from ci_notes.template import HEADER


def unreadable(note: Note) -> Iterator[Finding]:
    """Yield what does not have the shape of the template, was written with another version, or is not read."""
    for problem in note.problems:
        yield built_in("shape", problem.message, places=(problem.path,))
    yield from _version(note)
    if note.unread:
        places = tuple(problem.path for problem in note.unread)
        text = (
            f"{wording.listed(places)} {'belongs' if len(places) == 1 else 'belong'} to the extension "
            f"«{note.written_with[:60]}», which is not here: kept in the note, and not read"
        )
        yield built_in("not-read", text, places=places)


def _version(note: Note) -> Iterator[Finding]:
    written, template = note.data.get("version"), note.template
    if not isinstance(written, str) or written == template.version:
        return
    severity = ""
    text = f"The note was written with version {written[:60]} of {template.id}; this is {template.version}"
    if template.extension and written == template.version.partition("+")[0]:
        severity = "info"
        text = f"The note was written without {template.extension}, so what that adds to {template.id} was not asked"
    yield built_in("version", text, severity, places=("version",))


def unconfirmed(note: Note) -> Iterator[Finding]:
    """Yield that values came from elsewhere and nobody confirmed them: an error once the note is signed."""
    path = f"{HEADER}.carried"
    rows = note.record.rows.get(path, ())
    if rows:
        places = tuple(str(row.values[f"{path}.at"]) for row in rows if f"{path}.at" in row.values)
        number = "1 value was" if len(rows) == 1 else f"{len(rows)} values were"
        severity = "error" if note.status in ("final", "amended") else "warning"
        yield built_in("unconfirmed", f"{number} carried forward and not confirmed", severity, places=places)


def unanswered(note: Note) -> Iterator[Finding]:
    """Yield what is required as things stand and was not recorded."""
    for path, row in missing(note):
        named = label(note.template, path, row)
        yield built_in("required", f"{named}: not recorded", **located(note, [path], row))


def not_asked_for(note: Note) -> Iterator[Finding]:
    """Yield what is recorded although its question does not apply."""
    for element, row, value in left_over(note):
        named = label(note.template, element.path, row)
        said = wording.say(element, value, note.jurisdiction)
        text = f"{named} is recorded ({said}) but does not apply after the other answers; discard it or correct them"
        yield built_in("not-asked-for", text, **located(note, [element.path], row))
