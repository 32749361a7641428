"""Signing in and out, sessions, and their lock."""

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from ci_notes.web.settings import Settings

routes: list[BaseRoute] = []


def middleware(settings: Settings) -> list[Middleware]:  # noqa: ARG001
    """Return what puts `viewer` and `csrf` into the state of every request."""
    return []
