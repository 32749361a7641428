"""Who is asking, and what they may do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Response]

CLINICIAN, COSIGNER, QA, ADMIN = "clinician", "co-signer", "qa", "admin"
READERS = (CLINICIAN, COSIGNER, QA)
WRITERS = (CLINICIAN, COSIGNER)


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
    """Return who is asking; raises HTTPException 401 where nobody is signed in."""
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

        return inner

    return around
