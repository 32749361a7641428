"""Who is asking, and what they may do."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Response]

CLINICIAN, COSIGNER, QA, ADMIN = "clinician", "co-signer", "qa", "admin"
READERS = (CLINICIAN, COSIGNER, QA)
WRITERS = (CLINICIAN, COSIGNER)
ANYBODY = (CLINICIAN, COSIGNER, QA, ADMIN)
"""Whoever is signed in."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever is signed in: the id and name of the account, its roles, and the session in hand (its public name)."""

    id: str
    name: str
    roles: tuple[str, ...]
    session: str = ""

    def may(self, *roles: str) -> bool:
        """Return whether the account has one of the roles."""
        return any(role in self.roles for role in roles)


def viewer(request: Request) -> Viewer:
    """Return who is asking; raises HTTPException 401 where nobody is signed in, or the session is locked."""
    found = getattr(request.state, "viewer", None)
    if not isinstance(found, Viewer):
        raise HTTPException(401)
    return found


def allowed(*roles: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a handler be reached only by accounts with one of the roles."""

    def around(handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        def inner(request: Request) -> Any:
            if not viewer(request).may(*roles):
                raise HTTPException(403)
            return handler(request)

        inner.roles = roles  # type: ignore[attr-defined]
        return inner

    return around


def public(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Say that a handler is for those too who are not signed in; every handler is `allowed` to somebody or public."""
    handler.roles = ()  # type: ignore[attr-defined]
    return handler


def form(request: Request) -> FormData:
    """Return the fields of the form that was posted; empty where none was. It was read before the handler began."""
    found = getattr(request.state, "form", None)
    return found if isinstance(found, FormData) else FormData()


def body(request: Request) -> bytes:
    """Return what was sent, whole. It was read, and its size limited, before the handler began."""
    found: bytes = getattr(request.state, "body", b"")
    return found


def sent_json(request: Request) -> Any:
    """Return the JSON that was sent; raises HTTPException 400 where it is none."""
    try:
        return json.loads(body(request))
    except (ValueError, RecursionError):
        raise HTTPException(400, "What was sent is not JSON.") from None
