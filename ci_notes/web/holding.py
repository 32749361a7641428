"""A form that was sent to a locked session: kept for its owner, who sees it once they are in again.

It is kept under a key that follows from the cookie of the browser, of which the record has a hash alone. Nothing of it
is done before its owner says so: somebody else may have sent it from a page that was left open.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ci_notes.record.sessions import Sessions
from ci_notes.web import clock
from ci_notes.web.access import ANYBODY, allowed, form, viewer
from ci_notes.web.saying import moment
from ci_notes.web.sessions import SESSION
from ci_notes.web.showing import show

_LARGEST = 1024 * 1024
_MOST = 5
_UNSAID = ("csrf", "seen", "revision", "do", "held")
"""What a form sends of its own, and nobody typed."""

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Held:
    """A form that waits: where it was sent, when, what it said, and of that what a person filled in."""

    path: str
    at: str
    fields: Fields
    said: Fields


def hold(request: Request, session: str) -> None:
    """Keep a form that cannot be taken now; not a file, nor a password, nor what is too large to wait."""
    fields = [(name, value) for name, value in form(request).multi_items() if isinstance(value, str)]
    size = sum(len(name) + len(value) for name, value in fields)
    files = len(fields) < len(form(request).multi_items())
    secret = request.url.path == request.url_for("password").path
    if fields and not files and not secret and size <= _LARGEST and len(_sessions(request).held(session)) < _MOST:
        sealed = _lock(request.cookies.get(SESSION, "")).encrypt(json.dumps(fields).encode()).decode()
        _sessions(request).hold(session, request.url.path, sealed, clock.now())


def waits(request: Request, session: str) -> bool:
    """Return whether a form waits for the owner of a session."""
    return bool(_sessions(request).held(session))


def hand_over(request: Request, session: str, token: str) -> None:
    """Keep what waits under the new token of an unlocked session; what cannot be opened is dropped."""
    found = list(_opened(request, session))
    _sessions(request).release(session)
    for one in found:
        sealed = _lock(token).encrypt(json.dumps(one.fields).encode()).decode()
        _sessions(request).hold(session, one.path, sealed, one.at)


@allowed(*ANYBODY)
def held(request: Request) -> Response:
    """Show what waits; send it on to where it was meant for, or leave it out, as its owner says."""
    session = viewer(request).session
    found = list(_opened(request, session))
    given = form(request)
    chosen = next((one for one in found if one.path == given.get("held")), None)
    if chosen is None:
        return show(request, "held.html", held=found, moment=moment) if found else _on(request)
    _sessions(request).release(session, chosen.path)
    if given.get("act") == "leave":
        return _on(request) if len(found) == 1 else RedirectResponse(request.url_for("held").path, 303)
    return RedirectResponse(chosen.path, 307)  # the browser sends the same form once more, there


def _on(request: Request) -> Response:
    return RedirectResponse(request.state.session.left_at or request.url_for("home").path, 303)


def _opened(request: Request, session: str) -> Iterator[Held]:
    lock = _lock(request.cookies.get(SESSION, ""))
    for path, sealed, at in _sessions(request).held(session):
        try:
            fields = [(name, value) for name, value in json.loads(lock.decrypt(sealed.encode()))]
        except InvalidToken:
            continue
        said = [(name.partition(":")[2] or name, value) for name, value in fields if value and name not in _UNSAID]
        yield Held(path, at, [(name, value) for name, value in fields if name not in ("csrf", "held")], said)


def _lock(token: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"held {token}".encode()).digest()))


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.record.sessions
    return found
