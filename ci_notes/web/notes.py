"""A signed note: how it reads as signed, its versions, who signed and added, and what differs between two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes import derive, differing
from ci_notes.derive import Note
from ci_notes.fhir.provenance import Signature
from ci_notes.narrative import Sentence
from ci_notes.printing import xhtml
from ci_notes.record.model import (
    ADDENDUM,
    AMENDED,
    COSIGNED,
    SIGNED,
    VOID,
    DiscardedError,
    Draft,
    Entry,
    MissingError,
    Standing,
    Written,
)
from ci_notes.signing import as_signed, fingerprint, told
from ci_notes.template import Template
from ci_notes.web.access import READERS, WRITERS, allowed, viewer
from ci_notes.web.saying import day, identity, kept_findings, kind_of_note, moment, page_of_patient, sorted_findings
from ci_notes.web.showing import show
from ci_notes.web.trail import note_down

STATUSES = {
    "draft": "draft, not signed",
    "final": "signed",
    "amended": "signed, amended",
    "entered-in-error": "entered in error",
}
"""How the status of a note is said."""

_ACTS = {SIGNED: "sign", COSIGNED: "cosign", AMENDED: "amend", ADDENDUM: "addend", VOID: "void"}


# --- finding what is asked for -------------------------------------------------------------------------------------


def standing_of(request: Request) -> Standing:
    """Return how the note of the address stands; raises HTTPException 404 where none is signed."""
    try:
        found: Standing = request.app.state.record.ledger.standing(request.path_params["note"])
    except MissingError:
        raise HTTPException(404) from None
    return found


def template_of(request: Request, entry: Entry) -> Template | None:
    """Return the template of a signed version as it is today, or None where it is here no longer."""
    found: Template | None = request.app.state.templates.get(str(entry.body["template"]))
    return found


def version_of(standing: Standing, number: int) -> Entry:
    """Return one version of a note; raises HTTPException 404."""
    for entry in (*standing.of(SIGNED), *standing.of(AMENDED)):
        if entry.number == number:
            return entry
    raise HTTPException(404)


def status_of(standing: Standing, entry: Entry) -> str:
    """Return the status under which a version is shown: none of a note entered in error is valid."""
    return VOID if standing.status == VOID else str(entry.data["status"])


def printed(request: Request, standing: Standing, entry: Entry) -> Note:
    """Return a version for printing, with the status that it has today and the headings it was signed under."""
    data = {**entry.data, "status": status_of(standing, entry)}
    return as_signed(template_of(request, entry), data, entry.body["sentences"])


def sentences_of(entry: Entry) -> list[Sentence]:
    """Return the narrative of a version as it was signed."""
    return told(entry.body["sentences"])


def signatures(standing: Standing) -> list[Signature]:
    """Return what was done to a note, in order, as FHIR and the printed page tell it.

    Who brought a note in that was signed elsewhere did not sign it.
    """
    return [
        Signature(_ACTS[entry.kind], entry.at, entry.by.name, entry.by.id, entry.number, entry.reason, _addendum(entry))
        for entry in standing.history
        if not was_imported(entry)
    ]


def was_imported(entry: Entry) -> bool:
    """Return whether a version came in a bundle, signed elsewhere."""
    return bool(entry.body.get("origin"))


def origin(entry: Entry) -> str:
    """Return how a version came in that was signed elsewhere, in two sentences; empty for what was signed here."""
    if not was_imported(entry):
        return ""
    said = str(entry.body["origin"])
    brought = f"Brought into the record by {entry.by.name}, {moment(entry.at)}."
    return f"{brought} {said[:1].upper()}{said[1:]}; that signature was not made here."


def signatures_until(standing: Standing, number: int) -> list[Signature]:
    """Return what was done to a note up to a version, and to that version since."""
    return [one for one in signatures(standing) if one.version <= number or one.act == "void"]


def _addendum(entry: Entry) -> str:
    if entry.kind != ADDENDUM:
        return ""
    other = entry.body.get("note")
    return str(entry.body.get("text") or f"See the note {other}, which is an addendum to this one.")


def parts(kept: Iterable[Mapping[str, Any]]) -> list[tuple[str, Markup]]:
    """Return a stored narrative by sections: each heading, and its sentences as escaped HTML."""
    sections = groupby(kept, key=lambda one: (one["section"], one.get("heading", "")))
    # xhtml escapes what it is given
    return [(heading, Markup(xhtml(told(members)))) for (_, heading), members in sections]  # noqa: S704


# --- pages ---------------------------------------------------------------------------------------------------------


@allowed(*READERS)
def note(request: Request) -> Response:
    """Show the last version of a note."""
    standing = standing_of(request)
    return _page(request, standing, standing.latest)


@allowed(*READERS)
def version(request: Request) -> Response:
    """Show one version of a note."""
    standing = standing_of(request)
    return _page(request, standing, version_of(standing, request.path_params["number"]))


def _page(request: Request, standing: Standing, entry: Entry) -> Response:
    note_down(request, "read", "note", standing.note, entry.patient, f"version {entry.number}")
    template = template_of(request, entry)
    return show(
        request,
        "note.html",
        standing=standing,
        entry=entry,
        stands=status_of(standing, entry),
        said=STATUSES[status_of(standing, entry)],
        title=kind_of_note(template, entry.data),
        identity=identity(entry.data),
        hers=page_of_patient(request, standing.latest.patient),
        parts=parts(entry.body["sentences"]),
        findings=sorted_findings(kept_findings(entry.body["findings"])),
        computed=entry.body.get("computed", ()),
        acts=[act for act in standing.history if act.kind != ADDENDUM],
        addenda=[(act, act.body.get("text"), act.body.get("note")) for act in standing.of(ADDENDUM)],
        versions=[*standing.of(SIGNED), *standing.of(AMENDED)],
        may=acts_open(request, standing),
        amending=amending(request, standing),
        same=template is not None and fingerprint(template) == entry.body["fingerprint"],
        template=template,
        day=day,
        moment=moment,
        origin=origin,
        servers=sorted(request.app.state.settings.fhir_servers),
    )


def acts_open(request: Request, standing: Standing) -> set[str]:
    """Return what the asking person may do to a note: cosign, addend, amend, void."""
    asking = viewer(request)
    if standing.status == VOID or not asking.may(*WRITERS):
        return set()
    return {"addendum", "amend", "void", *({"cosign"} if not against_cosigning(request, standing) else ())}


def against_cosigning(request: Request, standing: Standing) -> str:
    """Return why the asking person may not co-sign a note; empty where nothing speaks against it."""
    asking, current = viewer(request), standing.latest
    if not asking.may("co-signer"):
        return "Your account may not co-sign."
    if current.by.id == asking.id:
        return "You signed this note: somebody else co-signs it."
    done = [one for one in standing.of(COSIGNED) if one.number == current.number and one.by.id == asking.id]
    return "You have co-signed this version." if done else ""


def amending(request: Request, standing: Standing) -> Draft | None:
    """Return the amendment of a note that is being written, for those who may write."""
    if not viewer(request).may(*WRITERS):
        return None
    try:
        found: Draft = request.app.state.record.drafts.get(standing.note)
    except (MissingError, DiscardedError):
        return None
    return found


# --- differences ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Side:
    """One of two notes that are compared: which, of what kind, when, and how it is said."""

    note: str
    number: int
    title: str
    said: str


@allowed(*READERS)
def differences(request: Request) -> Response:
    """Show what differs between two versions, or between this note and another of the patient."""
    standing = standing_of(request)
    number = _number(request.query_params.get("to"), standing.latest.number)
    after = version_of(standing, number)
    before_standing, before = _other(request, standing, after)
    for one in {standing.note: standing, before_standing.note: before_standing}.values():
        note_down(request, "read", "note", one.note, one.latest.patient, "differences")
    found = differing.differences(_read(request, before), _read(request, after))
    return show(
        request,
        "differences.html",
        identity=identity(after.data),
        hers=page_of_patient(request, standing.latest.patient),
        before=_side(request, before_standing, before),
        after=_side(request, standing, after),
        sections=[(name, [*members]) for name, members in groupby(found, key=lambda one: one.section)],
        number=len(found),
        choices=_choices(request, standing),
    )


def _number(given: str | None, otherwise: int) -> int:
    if given is None:
        return otherwise
    if not given.isdecimal() or len(given) > 6:
        raise HTTPException(404)
    return int(given)


def _other(request: Request, standing: Standing, after: Entry) -> tuple[Standing, Entry]:
    """Return what a version is held against: the one named, else the version before it, else the note before it."""
    named, number = request.query_params.get("with"), request.query_params.get("from")
    if "with-version" in request.query_params:  # as the page's own list gives it
        named, _, number = request.query_params["with-version"].partition(" ")
    if named and named != standing.note:
        other = _standing(request, named)
        if other.latest.patient != after.patient:
            raise HTTPException(404)  # notes of two patients are never put side by side
        return other, version_of(other, _number(number, other.latest.number))
    if number is None and after.number == 1:
        before = _before(request, after)
        return (before, before.latest) if before else (standing, after)
    return standing, version_of(standing, _number(number, max(1, after.number - 1)))


def _standing(request: Request, note: str) -> Standing:
    try:
        found: Standing = request.app.state.record.ledger.standing(note)
    except MissingError:
        raise HTTPException(404) from None
    return found


def _before(request: Request, after: Entry) -> Standing | None:
    """Return the signed note of the patient before this one, if there is one."""
    listed = [one.note for one in signed_of(request, after.patient)]
    at = listed.index(after.note) if after.note in listed else 0
    return _standing(request, listed[at - 1]) if at > 0 else None


def signed_of(request: Request, patient: str | None) -> list[Written]:
    """Return the signed notes of a patient in order of time, without those entered in error."""
    if patient is None:
        return []
    pregnancies = request.app.state.record.patients.pregnancies(patient)
    return [one for pregnancy in pregnancies for one in pregnancy.notes if one.status in ("final", "amended")]


def _read(request: Request, entry: Entry) -> Note:
    template = template_of(request, entry)
    if template is None:
        raise HTTPException(409, "The template of this note is not here any more, so its fields cannot be compared.")
    return derive.note(template, entry.data)


def _side(request: Request, standing: Standing, entry: Entry) -> Side:
    title = kind_of_note(template_of(request, entry), entry.data)
    said = f"{day(entry.data.get('date'))}, version {entry.number} of {standing.latest.number}"
    return Side(entry.note, entry.number, title, said)


def _choices(request: Request, standing: Standing) -> Sequence[Side]:
    """Return what this note can be held against: its own versions, and the other notes of the patient."""
    own = [_side(request, standing, one) for one in (*standing.of(SIGNED), *standing.of(AMENDED))]
    listed = [one for one in signed_of(request, standing.latest.patient) if one.note != standing.note]
    return [*own, *(_side_of(request, one) for one in listed)]


def _side_of(request: Request, one: Written) -> Side:
    template = request.app.state.templates.get(str(one.data.get("template")))
    said = f"{day(one.data.get('date'))}, version {one.number} of {one.number}"
    return Side(one.note, one.number, kind_of_note(template, one.data), said)


routes: list[BaseRoute] = [
    Route("/notes/{note}", note, name="note"),
    Route("/notes/{note}/versions/{number:int}", version, name="version"),
    Route("/notes/{note}/differences", differences, name="differences"),
]
