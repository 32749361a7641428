"""The ASGI application: routes of every subject, who is asking, and the headers of every answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ci_notes.errors import InputError
from ci_notes.library import catalogue, load_template
from ci_notes.record import open_record
from ci_notes.template import Template
from ci_notes.web import accounts, api, exchanging, filling, headers, notes, patients, sign_in, signing
from ci_notes.web.settings import Settings
from ci_notes.web.showing import show

_STATIC = Path(__file__).parent / "static"
_SUBJECTS = (sign_in, patients, filling, signing, notes, exchanging, accounts, api)


def create_app(settings: Settings) -> Starlette:
    """Return the application; raises InputError where the record or a template cannot be used."""
    record = open_record(settings.db)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        record.dispose()

    routes: list[BaseRoute] = [route for subject in _SUBJECTS for route in subject.routes]
    app = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=_STATIC), name="static")],
        middleware=[*headers.middleware(settings), *sign_in.middleware(settings)],
        exception_handlers={HTTPException: _refused, InputError: _unusable},  # type: ignore[dict-item]
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.record = record
    app.state.templates = _templates(settings)
    return app


def _templates(settings: Settings) -> dict[str, Template]:
    """Return every note kind, compiled."""
    return {name: load_template(name, settings.folders) for name in catalogue(settings.folders)}


_WORDS = {
    401: "Please sign in.",
    403: "Your account may not do this.",
    404: "There is nothing here.",
    405: "This page cannot be used in that way.",
}


def _refused(request: Request, error: HTTPException) -> Response:
    words = error.detail if error.status_code not in _WORDS else _WORDS[error.status_code]
    return show(request, "refused.html", error.status_code, title=words, words="")


def _unusable(request: Request, error: InputError) -> Response:
    return show(request, "refused.html", 422, title="That could not be used.", words=str(error))
