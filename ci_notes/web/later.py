"""What is done to a signed note later: it is co-signed, added to, amended, or called an error."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ci_notes.errors import InputError
from ci_notes.record.ledger import LEAST_REASON
from ci_notes.record.model import Standing
from ci_notes.web import clock
from ci_notes.web.access import WRITERS, allowed, form
from ci_notes.web.confirming import asks_password, asks_provider, not_confirmed
from ci_notes.web.notes import acts_open, against_cosigning, amending, parts, standing_of
from ci_notes.web.saying import day, identity, kind_of_note, moment, page_of_patient
from ci_notes.web.showing import show
from ci_notes.web.trail import note_down, person

LONGEST_ADDENDUM = 20_000
"""Characters, as of any text in a note."""


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
    Route("/notes/{note}/cosign", cosign, name="cosign", methods=_BOTH),
    Route("/notes/{note}/addendum", addendum, name="addendum", methods=_BOTH),
    Route("/notes/{note}/amend", amend, name="amend", methods=_BOTH),
    Route("/notes/{note}/void", void, name="void", methods=_BOTH),
]
