"""A draft is looked through and signed; a signed note is co-signed, added to, amended, or called an error."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ci_notes import differing, series, signing
from ci_notes import form as forms
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.form.state import State
from ci_notes.record.ledger import LEAST_REASON
from ci_notes.record.model import DiscardedError, Draft, GoneError, MissingError, MovedOnError, Signed, Standing
from ci_notes.signing import OBSTACLES, Moment, Obstacle, Signing
from ci_notes.template import Template
from ci_notes.web import clock
from ci_notes.web.access import WRITERS, allowed, form
from ci_notes.web.confirming import asks_password, asks_provider, not_confirmed
from ci_notes.web.drawing import anchor
from ci_notes.web.earlier import earlier_notes
from ci_notes.web.notes import acts_open, against_cosigning, amending, parts, standing_of
from ci_notes.web.saying import OPEN, day, gestation, identity, kind_of_note, moment, page_of_patient, sorted_findings
from ci_notes.web.showing import show
from ci_notes.web.trail import note_down, person

_OBSTACLES_TOO = ("shape", "unconfirmed", "not-asked-for", "not-read")
"""What stands in the way of signing and is told as that, not once more as a finding."""

LONGEST_ADDENDUM = 20_000
"""Characters, as of any text in a note."""


# --- a draft is looked through -------------------------------------------------------------------------------------


@allowed(*WRITERS)
def review(request: Request) -> Response:
    """Show a draft as it would be signed now, with what stands in the way and what was found; or sign it."""
    draft = _draft(request)
    if isinstance(draft, Response):
        return draft
    if request.method == "POST":
        return _sign(request, draft)
    return _review(request, draft)


def _draft(request: Request) -> Draft | Response:
    """Return the draft of the address; where it was signed meanwhile, the way to the note."""
    name = request.path_params["draft"]
    try:
        found: Draft = request.app.state.record.drafts.get(name)
    except GoneError:
        return RedirectResponse(request.url_for("note", note=name).path, 303)
    except MissingError:
        raise HTTPException(404) from None
    except DiscardedError as error:
        raise HTTPException(409, str(error)) from None
    return found


def _template(request: Request, draft: Draft) -> Template:
    found = request.app.state.templates.get(draft.template)
    if not isinstance(found, Template):
        raise HTTPException(409, "The template of this draft is not here, so it cannot be signed; the draft is kept.")
    return found


def _looked_through(request: Request, draft: Draft) -> Signing:
    before = _amended(request, draft)
    notes = earlier_notes(request.app, draft.data)
    moment_now = Moment(clock.here(), person(request).name)
    data = before.data if before else None
    looked = signing.signing(_template(request, draft), draft.state, moment_now, data, notes)
    return replace(looked, obstacles=(*looked.obstacles, *_added_to(request, draft)))


def _added_to(request: Request, draft: Draft) -> Iterator[Obstacle]:
    """Yield why a draft cannot be an addendum to the note that it names: the words would stand beneath that note."""
    if not draft.addendum_of:
        return
    try:
        standing = request.app.state.record.ledger.standing(draft.addendum_of)
    except MissingError:
        words = "The note that this one is an addendum to is not in the record; correct its number or clear it"
        yield Obstacle("addendum", "addendum_of", words)
        return
    if standing.latest.patient != draft.patient:
        words = "The note that this one is an addendum to is of another patient; correct its number or clear it"
        yield Obstacle("addendum", "addendum_of", words)


def _amended(request: Request, draft: Draft) -> Any:
    """Return the version that a draft amends; None for a new note."""
    return request.app.state.record.ledger.latest(draft.id) if draft.amends else None


def _review(
    request: Request, draft: Draft, status: int = 200, refused: str = "", changes: Sequence[Any] = ()
) -> Response:
    note_down(request, "read", "draft", draft.id, draft.patient, "looked through before signing")
    looked = _looked_through(request, draft)
    against, compared = _against(request, draft, looked.note)
    where = _Where(request, draft)
    return show(
        request,
        "review.html",
        status,
        draft=draft,
        title=looked.note.template.title,
        identity=identity(draft.data),
        hers=page_of_patient(request, draft.patient),
        alone=_alone(looked.note),
        gestation=gestation(looked.note),
        day=day,
        moment=moment,
        parts=parts(signing.stored(looked.note, looked.sentences)),
        form=where.form,
        field=where.field,
        at=where.at,
        obstacles=[(OBSTACLES[kind], [*members]) for kind, members in groupby(looked.obstacles, lambda one: one.kind)],
        sorted_findings=sorted_findings(one for one in looked.findings if one.rule not in _OBSTACLES_TOO),
        open_heading=OPEN,
        obstacle_count=len(looked.obstacles),
        password_asked=asks_password(request),
        sign_in_again=asks_provider(request),
        no_page=looked.no_page,
        lacking=_lacking(looked.note) if looked.page else [],
        against=against,
        compared=compared,
        reason=str(form(request).get("reason", "")),
        least_reason=LEAST_REASON,
        refused=refused,
        changes=[(signing.titled(looked.note.template, one.place), one) for one in changes],
    )


class _Where:
    """Where on the form something stands."""

    def __init__(self, request: Request, draft: Draft) -> None:
        self.form = request.url_for("draft", draft=draft.id).path
        at = request.query_params.get("at", "")
        self.at = at if re.fullmatch(r"f-[A-Za-z0-9_-]{1,300}", at) else ""
        template, state = _template(request, draft), State.from_json(draft.state)
        before = earlier_notes(request.app, draft.data)
        note = forms.read(template, state, before)
        self._built = forms.build(template, state, note=note, earlier=before, today=clock.today())

    def field(self, place: str) -> str:
        """Return the address of a field on the form; of its section where it stands open only on request."""
        return f"{self.form}#{anchor(self._built, place)}" if place else self.form


def _alone(note: Note) -> str:
    """Return that a note cannot be found together with others, and what would be needed; empty where it can."""
    if series.patients_of(note.data):
        return ""
    patient = note.data.get("patient")
    if isinstance(patient, Mapping) and patient.get("identifier"):
        lacking = "The number of this patient does not say whose number it is (Identifier system)"
    else:
        lacking = "This note has no patient identifier and no pseudonym"
    return f"{lacking}, so her other notes will not be found together with it: no chart, nothing carried forward."


_WANTED = (("instructions.phone_24h",), ("instructions.unit", "instructions.address"))
"""What the page for a patient should say, each as the elements of which one is enough."""


def _lacking(note: Note) -> list[str]:
    """Return what the page for the patient does not say since nobody recorded it, by its titles in the form."""
    elements, values = note.template.elements, note.record.values
    wanted = [paths for paths in _WANTED if paths[0] in elements]
    return [elements[paths[0]].title for paths in wanted if all(values.get(path) is None for path in paths)]


def _against(request: Request, draft: Draft, note: Note) -> tuple[str, list[Any]]:
    """Return what a draft is held against, in words, and the differences: the version it amends, or the last note."""
    amended = _amended(request, draft)
    if amended is not None:
        template = _template(request, draft)
        found = differing.differences(signing.as_signed(template, amended.data, ()), note)
        return f"version {amended.number}", [one for one in found if one.place != "status"]  # it is amended in any case
    before = earlier_notes(request.app, draft.data)
    if not before:
        return "", []
    last = before[-1]
    return f"{last.template.title} of {day(last.data.get('date'))}", differing.differences(last, note)


# --- and signed ----------------------------------------------------------------------------------------------------


def _sign(request: Request, draft: Draft) -> Response:
    given = form(request)
    seen = str(given.get("revision", ""))
    if seen != str(draft.revision):
        return _moved_on(request, draft, seen)
    refused = not_confirmed(request) or _without_reason(draft, str(given.get("reason", "")))
    if refused:
        return _review(request, draft, 422, refused)
    looked = _looked_through(request, draft)
    if looked.obstacles:
        return _review(request, draft, 422, "This draft cannot be signed yet: see what has to be put right first.")
    signed = signed_of_draft(looked, str(given.get("reason", "")) if draft.amends else "")
    try:
        entry = request.app.state.record.ledger.sign(draft.id, draft.revision, signed, person(request), clock.now())
    except MovedOnError:
        return _moved_on(request, request.app.state.record.drafts.get(draft.id), seen)
    note_down(request, "sign", "note", entry.note, entry.patient, f"version {entry.number}")
    return RedirectResponse(request.url_for("note", note=entry.note).path, 303)


def signed_of_draft(looked: Signing, reason: str = "") -> Signed:
    """Return what the ledger keeps of a draft that was looked through."""
    note = looked.note
    return Signed(
        data=dict(note.data),
        fingerprint=signing.fingerprint(note.template),
        sentences=signing.stored(note, looked.sentences),
        page=signing.stored(note, looked.page) if looked.page else None,
        no_page=looked.no_page,
        findings=[asdict(one) for one in looked.findings],
        computed=signing.computed(note),
        reason=reason,
    )


def _moved_on(request: Request, draft: Draft, seen: str) -> Response:
    """Say who changed what since the draft was looked through, and show it as it is now; nothing is lost."""
    since = request.app.state.record.drafts.since(draft.id, int(seen)) if seen.isdecimal() and len(seen) < 10 else []
    words = "The draft has changed since you looked it through, so it was not signed. Nothing is lost."
    return _review(request, draft, 409, words, since)


def _without_reason(draft: Draft, reason: str) -> str:
    if not draft.amends or len(reason.strip()) >= LEAST_REASON:
        return ""
    return f"Say why the note is amended, in at least {LEAST_REASON} characters."


# --- acts on a signed note -----------------------------------------------------------------------------------------


def _act(request: Request, name: str, standing: Standing, refused: str = "", status: int = 200) -> Response:
    template = request.app.state.templates.get(standing.latest.body["template"])
    note_down(request, "read", "note", standing.note, standing.latest.patient, f"version {standing.latest.number}")
    return show(
        request,
        f"{name}.html",
        422 if refused and status == 200 else status,
        standing=standing,
        title=kind_of_note(template, standing.data),
        identity=identity(standing.data),
        hers=page_of_patient(request, standing.latest.patient),
        when=day(standing.data.get("date")),
        parts=parts(standing.latest.body["sentences"]),
        given={key: str(value) for key, value in form(request).items()},
        least_reason=LEAST_REASON,
        longest=LONGEST_ADDENDUM,
        refused=refused,
        amending=amending(request, standing),
        moment=moment,
        password_asked=asks_password(request),
        sign_in_again=asks_provider(request),
    )


def _open(request: Request, act: str) -> Standing:
    """Return the note on which an act is possible; raises HTTPException 409 with the reason why it is not."""
    standing = standing_of(request)
    if act in acts_open(request, standing):
        return standing
    if standing.status == "entered-in-error":
        raise HTTPException(409, "This note was entered in error and stays as it is.")
    raise HTTPException(409, against_cosigning(request, standing))


def _back(request: Request, standing: Standing, act: str) -> Response:
    note_down(request, act, "note", standing.note, standing.latest.patient, f"version {standing.latest.number}")
    return RedirectResponse(request.url_for("note", note=standing.note).path, 303)


@allowed("co-signer")
def cosign(request: Request) -> Response:
    """Add a second signature to the version that was read."""
    standing = _open(request, "cosign")
    if request.method == "GET":
        return _act(request, "cosign", standing)
    if form(request).get("number") != str(standing.latest.number):
        return _act(request, "cosign", standing, "The note was amended since you read it: read it again.", 409)
    refused = not_confirmed(request)
    if refused:
        return _act(request, "cosign", standing, refused)
    request.app.state.record.ledger.cosign(standing.note, person(request), clock.now(), standing.latest.number)
    return _back(request, standing, "cosign")


@allowed(*WRITERS)
def addendum(request: Request) -> Response:
    """Add words beneath a signed note."""
    standing = _open(request, "addendum")
    if request.method == "GET":
        return _act(request, "addendum", standing)
    text = str(form(request).get("text", "")).replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_ADDENDUM:
        words = f"Write what is to be added, in at most {LONGEST_ADDENDUM} characters."
        return _act(request, "addendum", standing, words)
    request.app.state.record.ledger.addend(standing.note, text, person(request), clock.now())
    return _back(request, standing, "addend")


@allowed(*WRITERS)
def amend(request: Request) -> Response:
    """Begin the next version of a note; the signed one stands until that is signed."""
    standing = _open(request, "amend")
    if request.method == "GET":
        return _act(request, "amend", standing)
    if amending(request, standing) is None:
        try:
            request.app.state.record.drafts.begin_amendment(standing.note, person(request), clock.now())
        except InputError as error:
            return _act(request, "amend", standing, str(error))
        note_down(request, "amend", "draft", standing.note, standing.latest.patient)
    return RedirectResponse(request.url_for("draft", draft=standing.note).path, 303)


@allowed(*WRITERS)
def void(request: Request) -> Response:
    """Say that a note was entered in error; it stays, struck through."""
    standing = _open(request, "void")
    if request.method == "GET":
        return _act(request, "void", standing)
    reason = str(form(request).get("reason", ""))
    refused = not_confirmed(request)
    if not refused and len(reason.strip()) < LEAST_REASON:
        refused = f"Say why the note was entered in error, in at least {LEAST_REASON} characters."
    if refused:
        return _act(request, "void", standing, refused)
    request.app.state.record.ledger.void(standing.note, reason, person(request), clock.now())
    return _back(request, standing, "void")


_BOTH = ["GET", "POST"]

routes: list[BaseRoute] = [
    Route("/drafts/{draft}/sign", review, name="review", methods=_BOTH),
    Route("/notes/{note}/cosign", cosign, name="cosign", methods=_BOTH),
    Route("/notes/{note}/addendum", addendum, name="addendum", methods=_BOTH),
    Route("/notes/{note}/amend", amend, name="amend", methods=_BOTH),
    Route("/notes/{note}/void", void, name="void", methods=_BOTH),
]
