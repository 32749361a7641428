"""The session in hand: found by its cookie, locked when idle, and held to its CSRF token."""

import hmac
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ci_notes.record.sessions import Session
from ci_notes.record.tokens import hashed
from ci_notes.web import clock
from ci_notes.web.access import Viewer, form
from ci_notes.web.refusing import refuse
from ci_notes.web.settings import Settings
from ci_notes.web.trail import wrote

SESSION, VISITOR = "ci_notes_session", "ci_notes_visitor"
"""Cookies: of somebody who signed in, and of somebody who is about to."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})
_USED_EVERY = 60
"""Seconds between two notes on when a token was used: a program may ask often."""

_STALE = (
    "This page is out of date, or the request came from another site. "
    "Go back, load the page again and repeat what you did; what was saved is still there."
)

_FOR_PROGRAMS = "A token is for the API; pages are for people, who sign in."


class SessionMiddleware:
    """Puts who is asking into the state of a request: viewer, session, csrf, storage_key, idle_seconds."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _needs_nobody(scope):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        request.state.viewer = request.state.session = None
        request.state.storage_key, request.state.idle_seconds = "", int(self.settings.idle_minutes * 60)
        bearer = _bearer(request)
        session = None if bearer and not _to_api(request) else await run_in_threadpool(self._found, request, bearer)
        request.state.visitor = request.cookies.get(VISITOR) or secrets.token_urlsafe(32)
        request.state.csrf = session.csrf if session else hashed(f"csrf {request.state.visitor}")
        if bearer and not _to_api(request):
            await refuse(request, 403, _FOR_PROGRAMS)(scope, receive, send)
            return
        if request.method not in _SAFE and not bearer and not _meant(request):
            await refuse(request, 403, _STALE)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _found(self, request: Request, bearer: str) -> Session | None:
        """Return the session, and let the request know; one that was left alone is locked first."""
        sessions, now = request.app.state.record.sessions, clock.now()
        token = bearer or request.cookies.get(SESSION, "")
        session: Session | None = sessions.find(token, now) if token else None
        if session is None or (session.way == "token") is not bool(bearer):
            return None
        request.state.session = session
        if session.way == "token":
            if session.seen_at == session.proved_at or seconds(session.seen_at, now) > _USED_EVERY:
                sessions.seen(session.id, now)
            request.state.viewer = _viewer(session)
            return session
        idle = seconds(session.seen_at, now)
        if not session.locked and idle > self.settings.idle_minutes * 60:
            if sessions.lock(session.id, now):
                wrote(request, "lock", account=session.account)
            request.state.session = session = sessions.find(token, now)
        if session is None or session.locked:
            return session
        if idle > min(10.0, self.settings.idle_minutes * 6) and "x-background" not in request.headers:
            sessions.seen(session.id, now)
        request.state.viewer, request.state.storage_key = _viewer(session), session.storage_key
        return session


def _viewer(session: Session) -> Viewer:
    return Viewer(session.account.id, session.account.full_name, session.account.roles, session.id)


def seconds(since: str, now: str) -> float:
    """Return the seconds between two moments."""
    return (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds()


def _needs_nobody(scope: Scope) -> bool:
    """Return whether a request is for what is the same for everybody, so that no session is looked up."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == "/health" or path.startswith("/static/")


def _to_api(request: Request) -> bool:
    from ci_notes.web.api import outside  # noqa: PLC0415  which answers in the words of refusing, as we do

    return outside.is_meant(request)


def _bearer(request: Request) -> str:
    """Return the token of a program, which no browser sends by itself."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _meant(request: Request) -> bool:
    """Return whether a request that changes something comes from a page of ours."""
    if request.headers.get("sec-fetch-site", "same-origin") not in _OWN or not _same_origin(request):
        return False
    given = request.headers.get("x-csrf-token") or form(request).get("csrf", "")
    return isinstance(given, str) and hmac.compare_digest(given.encode(), request.state.csrf.encode())


def _same_origin(request: Request) -> bool:
    """Return whether Origin, where a browser sends it, names us."""
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return origin != "null" and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def give_cookie(request: Request, response: Response, name: str, value: str, hours: float) -> None:
    """Let the browser keep a token where no script reaches it; an empty one makes it forget."""
    settings: Settings = request.app.state.settings
    embedded = bool(settings.allowed_ancestors) and settings.secure
    response.set_cookie(
        name,
        value,
        max_age=int(hours * 3600) if value else 0,
        path=request.scope.get("root_path") or "/",
        secure=settings.secure,
        httponly=True,
        samesite="none" if embedded else "lax",
    )
    if embedded:  # Starlette knows this attribute on newer Pythons alone
        header, line = response.raw_headers[-1]
        response.raw_headers[-1] = (header, line + b"; Partitioned")
