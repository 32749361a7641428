"""A request to the API that is refused before any verb is reached, as one without a CSRF token, or too large."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from ci_notes.web.api import PREFIX, VERBS
from ci_notes.web.api.answering import Refusal, Wrong, outcome, problem

_IN_FHIR = [compile_path(f"{PREFIX}{verb.path}")[0] for verb in VERBS if verb.speaks_fhir]


def is_meant(request: Request) -> bool:
    """Return whether a request is one to the API."""
    return _path(request).startswith(f"{PREFIX}/")


def refused(request: Request, status: int, words: str, headers: Mapping[str, str]) -> Response:
    """Return a refusal in the way of the verb that was meant: as a problem, or in FHIR."""
    in_fhir = any(path.match(_path(request)) for path in _IN_FHIR)
    return (outcome if in_fhir else problem)(Refusal(status, Wrong("", words), headers=headers))


def _path(request: Request) -> str:
    # The mount of the API has made its own prefix part of root_path, once it was reached.
    root = str(request.scope.get("root_path", "")).removesuffix(PREFIX)
    return str(request.scope["path"]).removeprefix(root)
