"""What the API answers: JSON, FHIR, and refusals that say what is wrong, where, and what would be right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ci_notes.errors import InputError
from ci_notes.record.model import DatabaseError, MissingError
from ci_notes.wording import sentence

JSON, FHIR, YAML = "application/json", "application/fhir+json", "application/yaml"
PROBLEM = "application/problem+json"

_ISSUES = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
    503: "transient",
}
"""The codes of FHIR's OperationOutcome for what HTTP says with a number."""

_WORDS = {
    401: "Nobody is signed in: send an API token as `Authorization: Bearer TOKEN`, or sign in.",
    403: "Your account may not do this.",
    404: "There is nothing here; /api/v1/openapi.json tells what there is.",
    405: "This address is not used in that way; the header Allow says how.",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a request: its place there (body, notes[2], ?today, Accept) and a sentence."""

    place: str
    detail: str


class Refusal(Exception):  # noqa: N818  it is an answer
    """An answer that refuses: a status and what is wrong with the request, at least one thing."""

    def __init__(self, status: int, *wrong: Wrong, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(wrong[0].detail)
        self.status = status
        self.wrong = wrong
        self.headers = dict(headers or {})


def refusal(error: Exception) -> Refusal:
    """Return what went wrong as an answer: input that cannot be used is 422, whatever else it would have been."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, HTTPException):
        headers = {**(error.headers or {}), **({"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {})}
        words = _WORDS.get(error.status_code, error.detail)
        return Refusal(error.status_code, Wrong("", words), headers=headers)
    if isinstance(error, MissingError):
        return Refusal(404, Wrong("", sentence(str(error))))
    if isinstance(error, DatabaseError):
        return Refusal(503, Wrong("", sentence(str(error))))
    if isinstance(error, InputError):
        return Refusal(422, Wrong("body", sentence(str(error))))
    raise error


def refused(_request: Request, error: Exception) -> Response:
    """Return a refusal as a problem (RFC 9457)."""
    return problem(refusal(error))


def problem(no: Refusal) -> Response:
    """Return a refusal as application/problem+json; `errors` names each place that is at fault."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(no.status).phrase,
        "status": no.status,
        "detail": no.wrong[0].detail,
        "errors": [{"place": one.place, "detail": one.detail} for one in no.wrong if one.place],
    }
    return answer(told, PROBLEM, no.status, no.headers)


def outcome(no: Refusal) -> Response:
    """Return a refusal as a FHIR OperationOutcome."""
    issues = [
        {
            "severity": "error",
            "code": _ISSUES.get(no.status, "processing"),
            "details": {"text": one.detail},
            **({"diagnostics": f"at {one.place}"} if one.place else {}),
        }
        for one in no.wrong
    ]
    return answer({"resourceType": "OperationOutcome", "issue": issues}, FHIR, no.status, no.headers)


def answer(data: Any, media: str = JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return data as JSON of a media type."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Half a character, which a pattern in a schema may name, is written as JSON escapes it.
    content = text.encode("utf-8", "backslashreplace")
    return Response(content, status, {"Cache-Control": "no-store", **(headers or {})}, media)


def written(text: str | bytes, media: str = JSON) -> Response:
    """Return text that is written already."""
    return Response(text, headers={"Cache-Control": "no-store"}, media_type=media)


def chosen(accept: str, offered: Sequence[str]) -> str:
    """Return which of the offered media types an Accept header wants most, the first of those wanted alike.

    Raises Refusal 406 where it wants none of them.
    """
    wanted = [_weighed(part) for part in (accept or "*/*").split(",")]
    weights = {media: _weight(media, wanted) for media in offered}
    best = max(offered, key=lambda media: weights[media])
    if weights[best] <= 0:
        raise Refusal(406, Wrong("Accept", f"This is answered as {' or '.join(offered)}; ask for that in Accept."))
    return best


def _weighed(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return media, max(0.0, min(1.0, float(value)))
            except ValueError:
                return media, 0.0
    return media, 1.0


def _weight(media: str, wanted: Sequence[tuple[str, float]]) -> float:
    """Return how much a media type is wanted: by its own name before its family, by that before anything."""
    for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
        found = [weight for one, weight in wanted if one == name]
        if found:
            return max(found)
    return 0.0
