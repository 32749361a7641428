"""The ASGI application: routes of every subject, who is asking, and the headers of every answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ci_notes.errors import InputError
from ci_notes.library import catalogue, load_template
from ci_notes.record import open_record
from ci_notes.record.model import DatabaseError, MissingError
from ci_notes.template import Template
from ci_notes.web import (
    accounts,
    api,
    downloading,
    filling,
    headers,
    importing,
    later,
    notes,
    patients,
    rules,
    sending,
    sign_in,
    signing,
)
from ci_notes.web.access import public
from ci_notes.web.incidents import Incidents
from ci_notes.web.receiving import Receiving
from ci_notes.web.refusing import refuse, wants_page
from ci_notes.web.settings import Settings

_STATIC = Path(__file__).parent / "static"
_SUBJECTS = (sign_in, patients, filling, signing, later, notes, importing, sending, downloading, rules, accounts, api)


def create_app(settings: Settings) -> Starlette:
    """Return the application; raises InputError where the record or a template cannot be used."""
    record = open_record(settings.db)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        record.dispose()

    routes: list[BaseRoute] = [route for subject in _SUBJECTS for route in subject.routes]
    app = Starlette(
        routes=[
            *routes,
            Route("/health", _health, methods=["GET"], name="health"),
            Mount("/static", StaticFiles(directory=_STATIC), name="static"),
        ],
        middleware=[
            *headers.middleware(settings),
            Middleware(Incidents),
            Middleware(Receiving, settings=settings),
            *sign_in.middleware(settings),
        ],
        exception_handlers={HTTPException: _refused, InputError: _unusable},  # type: ignore[dict-item]
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.record = record
    app.state.templates = _templates(settings)
    return app


def under(prefix: str, app: Starlette) -> ASGIApp:
    """Return the application standing under a path, as /notes; itself, where there is none."""
    if not prefix:
        return app

    @asynccontextmanager
    async def lifespan(_outer: Starlette) -> AsyncIterator[None]:
        async with app.router.lifespan_context(app):
            yield

    return Starlette(routes=[Mount(prefix, app)], lifespan=lifespan)


def _templates(settings: Settings) -> dict[str, Template]:
    """Return every note kind, compiled."""
    return {name: load_template(name, settings.folders) for name in catalogue(settings.folders)}


@public
def _health(request: Request) -> Response:
    """Tell a probe whether the record answers."""
    try:
        request.app.state.record.audit.head()
    except DatabaseError:
        return JSONResponse({"status": "the record does not answer"}, 503)
    return JSONResponse({"status": "well"})


def _refused(request: Request, error: HTTPException) -> Response:
    if error.status_code == 401:
        return _stranger(request)
    said = error.detail if error.detail != _phrase(error.status_code) else ""
    return refuse(request, error.status_code, said, **dict(error.headers or {}))


def _phrase(status: int) -> str:
    return HTTPException(status).detail


def _stranger(request: Request) -> Response:
    """Send a person to where they sign in or unlock, and tell a program where that is."""
    if wants_page(request):
        return sign_in.turned_away(request)
    session = getattr(request.state, "session", None)
    locked = bool(session and session.locked)
    said = "The session is locked." if locked else "Please sign in."
    there = request.url_for("unlock" if locked else "sign_in").path
    return JSONResponse(
        {"error": "locked" if locked else "signed out", "message": said, "go": there},
        401,
        {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"},
    )


def _unusable(request: Request, error: InputError) -> Response:
    if isinstance(error, MissingError):
        return refuse(request, 404, str(error))
    return refuse(request, 503 if isinstance(error, DatabaseError) else 422, str(error))
