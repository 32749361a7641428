"""What becomes of a draft when it is signed, and what keeps it from being signed; told the time and the signer."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ci_notes import carrying, checks, derive, wording
from ci_notes.checks import Finding, check
from ci_notes.derive import Note, Record
from ci_notes.errors import InputError
from ci_notes.narrative import Sentence, has_page, heading, render, render_page
from ci_notes.places import label, place
from ci_notes.printing import PAGE_TITLE, text
from ci_notes.template import HEADER, Template

Json = dict[str, Any]

LATE = timedelta(hours=24)
"""From the visit to the signature; what is signed later is a late entry (guidelines, `note.late_entry`)."""

OBSTACLES = {
    "shape": "not in the form of this note",
    "unread": "could not be read",
    "conflict": "two people wrote something else",
    "left-over": "no longer applies",
    "unconfirmed": "not confirmed",
    "addendum": "adds to a note that cannot be added to",
    "extension": "of an extension that is not here",
    "narrative": "cannot be told",
}
"""What keeps a draft from being signed, and how it is headed."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing to put right before a draft can be signed: a key of OBSTACLES, where, and a sentence."""

    kind: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Signing:
    """A draft as it would be signed now: note, narrative, page for the patient or why there is none, findings."""

    note: Note
    obstacles: tuple[Obstacle, ...]
    sentences: tuple[Sentence, ...]
    page: tuple[Sentence, ...]
    no_page: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When and by whom is signed: ISO with the offset of the place of care, and the name of the account."""

    at: str
    by: str


def signing(
    template: Template,
    state: Mapping[str, Any],
    moment: Moment,
    before: Mapping[str, Any] | None = None,
    earlier: Sequence[Note] = (),
) -> Signing:
    """Return a draft as it would be signed: `state` holds `data`, and `unread` and `conflicts` by place.

    `before` are the data of the version that it amends, None for a first version; `earlier` the notes of the pregnancy
    before it. Nothing is raised: what does not go is among the obstacles.
    """
    note = derive.note(template, signed_data(template, state["data"], moment, before), earlier=earlier)
    return _looked_through(note, state, moment.at[:10])


def entering(template: Template, data: Mapping[str, Any], today: str) -> Signing:
    """Return a note that was signed elsewhere, as it enters the record: its data stay as they are."""
    return _looked_through(derive.note(template, data), {}, today)


def _looked_through(note: Note, state: Mapping[str, Any], today: str) -> Signing:
    sentences, broken = _narrative(note)
    page, no_page = _page(note)
    printed = text(note, page, PAGE_TITLE) if page else ""
    findings = check(note, today, printed)
    return Signing(note, (*obstacles(note, state), *broken), sentences, page, no_page, tuple(findings))


def signed_data(
    template: Template, data: Mapping[str, Any], moment: Moment, before: Mapping[str, Any] | None = None
) -> Json:
    """Return a draft's data as they are signed: with status, time, late entry, and the signer where no author stands.

    An amendment keeps the time of the first signature, from which rules count how late a note is; the record tells when
    it was amended.
    """
    signed = {**data, "version": _version(template, data), "status": "final" if before is None else "amended"}
    signed["signed_at"] = (before or {}).get("signed_at", moment.at)
    if "late_entry" not in data and _is_late(data.get("date"), signed["signed_at"]):
        signed["late_entry"] = True
    author = data.get("author", {})
    if isinstance(author, Mapping) and "name" not in author and moment.by and "author.name" in template.elements:
        signed["author"] = {**author, "name": moment.by}
    return signed


def _version(template: Template, data: Mapping[str, Any]) -> str:
    """Return the version that a draft is signed with: ours, unless an extension added to it that is not here."""
    written = str(data.get("version", ""))
    extension = written.partition("+")[2]
    return written if extension and extension != template.version.partition("+")[2] else template.version


def _is_late(visit: Any, signed: str) -> bool:
    try:
        return datetime.fromisoformat(signed) - datetime.fromisoformat(visit) > LATE
    except (TypeError, ValueError):  # what is no moment is an obstacle of its own
        return False


def _narrative(note: Note) -> tuple[tuple[Sentence, ...], tuple[Obstacle, ...]]:
    try:
        return tuple(render(note, trace=True)), ()
    except InputError as error:
        return (), (Obstacle("narrative", "", f"The narrative cannot be written: {error}"),)


def _page(note: Note) -> tuple[tuple[Sentence, ...], str]:
    """Return the page for the patient, or why there is none."""
    if not has_page(note.template):
        return (), "this kind of note has no page for the patient"
    try:
        return tuple(render_page(note, trace=True)), ""
    except InputError as error:
        return (), str(error)


# --- what stands in the way ----------------------------------------------------------------------------------------


def obstacles(note: Note, state: Mapping[str, Any]) -> Iterator[Obstacle]:
    """Yield what must be put right before a draft can be signed, in the order in which it is best done."""
    yield from _unread(note.template, state.get("unread", {}))
    yield from _conflicts(note.template, state.get("conflicts", {}))
    for problem in note.problems:
        yield Obstacle("shape", problem.path, problem.message)
    yield from _left_over(note)
    yield from _unconfirmed(note)
    for unread in note.unread:
        words = f"{unread.path} belongs to the extension «{note.written_with[:60]}», which is not here"
        yield Obstacle("extension", unread.path, words)


def _unread(template: Template, unread: Mapping[str, Any]) -> Iterator[Obstacle]:
    for where, held in unread.items():
        typed = str(held.get("typed", "")) if isinstance(held, Mapping) else str(held)
        words = f"{titled(template, where)}: «{typed[:80]}» was typed and is not recorded yet"
        yield Obstacle("unread", where, words)


def _conflicts(template: Template, conflicts: Iterable[str]) -> Iterator[Obstacle]:
    for where in conflicts:
        yield Obstacle("conflict", where, f"{titled(template, where)}: choose which of the two is right")


def _left_over(note: Note) -> Iterator[Obstacle]:
    for element, row, value in checks.left_over(note):
        said = wording.say(element, value, note.jurisdiction)
        words = f"{label(note.template, element.path, row)} ({said}) does not apply after the other answers; discard it"
        yield Obstacle("left-over", place(element.path, row), words)


def _unconfirmed(note: Note) -> Iterator[Obstacle]:
    for mark in carrying.marks(note.data):
        where = str(mark.get("at", ""))
        words = f"{mark.get('what') or titled(note.template, where)} was brought from elsewhere; confirm it or clear it"
        yield Obstacle("unconfirmed", where, words)


def titled(template: Template, where: str) -> str:
    """Return the title of the element at a place of a note, or the place itself."""
    path = "".join(part.partition("]")[2] if number else part for number, part in enumerate(where.split("[")))
    element = template.elements.get(path) or template.elements.get(f"{HEADER}.{path}")
    return element.title if element else where


# --- what was signed, read again -----------------------------------------------------------------------------------


def stored(note: Note, sentences: Sequence[Sentence]) -> list[Json]:
    """Return sentences as data that are kept as they are, each with the heading of its section."""
    return [
        {
            "section": one.section,
            "heading": heading(note.template, one.section, note.jurisdiction),
            "text": one.text,
            "says": [*one.says],
            "because": [*one.because],
            "opens": one.opens,
        }
        for one in sentences
    ]


def told(kept: Iterable[Mapping[str, Any]]) -> list[Sentence]:
    """Return stored sentences as sentences."""
    return [
        Sentence(one["section"], one["text"], tuple(one["says"]), tuple(one["because"]), one["opens"]) for one in kept
    ]


def as_signed(template: Template | None, data: Mapping[str, Any], kept: Iterable[Mapping[str, Any]]) -> Note:
    """Return a signed note for printing: under the headings it was signed with, whatever its template says today.

    Without its template the note holds no more than printing asks for.
    """
    headings = {one["section"]: one.get("heading", "") for one in kept}
    if template is None:
        name = str(data.get("template", ""))
        bare = Template(name, name.capitalize(), str(data.get("version", "")), "", (), headings=headings)
        header = {f"{HEADER}.{key}": data[key] for key in ("status", "date", "jurisdiction") if key in data}
        values = {**header, "jurisdiction": data.get("jurisdiction", "")}
        return Note(bare, data, Record(values=values), ())
    read = derive.note(template, data)
    return Note(_headed(template, headings), read.data, read.record, read.problems, read.unread)


def _headed(template: Template, headings: Mapping[str, str]) -> Template:
    return replace(template, headings={**template.headings, **headings})


def computed(note: Note) -> list[Json]:
    """Return what was computed of a note, in words: path, title, value."""
    values = note.record.values
    return [
        {"path": element.path, "title": element.title, "value": wording.say(element, values[element.path], "")}
        for element in note.template.elements.values()
        if element.computed and element.path in values
    ]


def fingerprint(template: Template) -> str:
    """Return a hash of all that a template says: its elements, prose, rules and FHIR, whatever its version claims."""
    parts = {
        "named": [template.id, template.version, template.title],
        "elements": [*map(repr, template.elements.values())],
        "prose": [dict(template.narratives), dict(template.macros), dict(template.headings)],
        "conditions": template.programs,
        "fhir": template.skeleton,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()
