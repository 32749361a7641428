"""A draft is looked through as it would be signed, and signed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ci_notes import differing, series, signing
from ci_notes import form as forms
from ci_notes.derive import Note
from ci_notes.form.state import State
from ci_notes.record.ledger import LEAST_REASON
from ci_notes.record.model import DiscardedError, Draft, Entry, GoneError, MissingError, MovedOnError, Signed
from ci_notes.signing import OBSTACLES, Moment, Obstacle, Signing
from ci_notes.template import Template
from ci_notes.web import clock
from ci_notes.web.access import WRITERS, allowed, form
from ci_notes.web.confirming import asks_password, asks_provider, not_confirmed
from ci_notes.web.drawing import anchor
from ci_notes.web.earlier import earlier_notes
from ci_notes.web.notes import parts
from ci_notes.web.saying import OPEN, day, gestation, identity, moment, page_of_patient, sorted_findings
from ci_notes.web.showing import show
from ci_notes.web.trail import note_down, person

_OBSTACLES_TOO = ("shape", "unconfirmed", "not-asked-for", "not-read")
"""What stands in the way of signing and is told as that, not once more as a finding."""


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


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a draft is looked through with: its template, the notes before it, and the version that it amends."""

    draft: Draft
    template: Template
    earlier: tuple[Note, ...]
    amended: Entry | None

    @classmethod
    def of(cls, request: Request, draft: Draft) -> "_Reading":
        amended = request.app.state.record.ledger.latest(draft.id) if draft.amends else None
        return cls(draft, _template(request, draft), earlier_notes(request.app, draft.data), amended)


def _looked_through(request: Request, reading: _Reading) -> Signing:
    moment_now = Moment(clock.here(), person(request).name)
    data = reading.amended.data if reading.amended else None
    looked = signing.signing(reading.template, reading.draft.state, moment_now, data, reading.earlier)
    return replace(looked, obstacles=(*looked.obstacles, *_added_to(request, reading.draft)))


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


def _review(
    request: Request, draft: Draft, status: int = 200, refused: str = "", changes: Sequence[Any] = ()
) -> Response:
    note_down(request, "read", "draft", draft.id, draft.patient, "looked through before signing")
    reading = _Reading.of(request, draft)
    looked = _looked_through(request, reading)
    against, compared = _against(reading, looked.note)
    where = _Where(request, reading)
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

    def __init__(self, request: Request, reading: _Reading) -> None:
        self.form = request.url_for("draft", draft=reading.draft.id).path
        at = request.query_params.get("at", "")
        self.at = at if re.fullmatch(r"f-[A-Za-z0-9_-]{1,300}", at) else ""
        template, earlier, state = reading.template, reading.earlier, State.from_json(reading.draft.state)
        note = forms.read(template, state, earlier)
        self._built = forms.build(template, state, note=note, earlier=earlier, today=clock.today())

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


def _against(reading: _Reading, note: Note) -> tuple[str, list[Any]]:
    """Return what a draft is held against, in words, and the differences: the version it amends, or the last note."""
    amended = reading.amended
    if amended is not None:
        found = differing.differences(signing.as_signed(reading.template, amended.data, ()), note)
        return f"version {amended.number}", [one for one in found if one.place != "status"]  # it is amended in any case
    if not reading.earlier:
        return "", []
    last = reading.earlier[-1]
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
    looked = _looked_through(request, _Reading.of(request, draft))
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


routes: list[BaseRoute] = [Route("/drafts/{draft}/sign", review, name="review", methods=["GET", "POST"])]
