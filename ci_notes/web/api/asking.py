"""What the API is asked: a verb, who may use it, and its request as it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ci_notes import document
from ci_notes.errors import InputError, plain
from ci_notes.expression import nearest
from ci_notes.fhir.reading.parsing import parse
from ci_notes.template import Template
from ci_notes.web.access import ANYBODY, body, viewer
from ci_notes.web.api.answering import FHIR, JSON, YAML, Refusal, Wrong, chosen, outcome, problem, refusal
from ci_notes.wording import sentence

NOTE = (JSON, YAML, "application/x-yaml", "text/yaml")
BUNDLE = (FHIR, JSON)
"""The media types that a note, and that FHIR, comes as."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a verb reads it: its body with the media type, its query, and the media type of the answer."""

    request: Request
    raw: bytes = b""
    sent: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    wanted: str = JSON

    @property
    def templates(self) -> dict[str, Template]:
        """Every note kind that is here."""
        found: dict[str, Template] = self.request.app.state.templates
        return found

    def template(self, name: str, status: int = 422) -> Template:
        """Return a note kind; raises Refusal with the nearest one."""
        if name in self.templates:
            return self.templates[name]
        close = nearest(name[:80], self.templates) or f" (there are: {', '.join(self.templates)})"
        raise Refusal(status, Wrong("template", sentence(f"there is no template «{plain(name)}»{close}")))

    def data(self) -> Any:
        """Return the data of a body in JSON or YAML; raises Refusal 400 where it is neither."""
        try:
            text = document.decode(self.raw, "the body")
            return (document.read_json if self.sent == JSON else document.read_yaml)(text, "the body")
        except InputError as error:
            raise _unreadable(error) from None

    def fhir(self) -> Any:
        """Return the FHIR of a body; raises Refusal 400 where it is no JSON."""
        try:
            data = parse(self.raw, "the body")
        except InputError as error:
            raise _unreadable(error) from None
        if not isinstance(data, dict):
            raise Refusal(422, Wrong("body", "The body is no FHIR; a Bundle is wanted, or one resource."))
        return data


def _unreadable(error: InputError) -> Refusal:
    return Refusal(400, Wrong("body", sentence(str(error))))


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that the API does.

    `gives` and `takes` are media types, the first of `gives` where nothing else is wanted. `query` holds for each
    parameter its values, or nothing where any text may stand. `roles` may use it; none are named where every account
    may.
    """

    method: str
    path: str
    name: str
    act: Callable[[Asked], Response]
    gives: tuple[str, ...] = (JSON,)
    takes: tuple[str, ...] = ()
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    open: bool = False
    """Whether nobody need be signed in."""

    @property
    def speaks_fhir(self) -> bool:
        """Whether it takes or gives FHIR, and so refuses in FHIR."""
        return FHIR in (*self.gives, *self.takes)


def route(verb: Verb) -> Route:
    """Return the route of a verb."""
    return Route(verb.path, _endpoint(verb), methods=[verb.method], name=verb.name)


def _endpoint(verb: Verb) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            return verb.act(_read(verb, request))
        except (Refusal, HTTPException, InputError) as error:
            return (outcome if verb.speaks_fhir else problem)(refusal(error))

    endpoint.roles = () if verb.open else verb.roles or ANYBODY  # type: ignore[attr-defined]
    return endpoint


def _read(verb: Verb, request: Request) -> Asked:
    """Return a request whose sender, wishes, query and body have been looked at, in this order."""
    if not verb.open:
        who = viewer(request)
        if verb.roles and not who.may(*verb.roles):
            raise HTTPException(403)
    wanted = chosen(request.headers.get("accept", ""), verb.gives)
    query = _query(verb, request)
    if not verb.takes:
        return Asked(request, query=query, wanted=wanted)
    sent = _media(verb, request)
    return Asked(request, body(request), sent, query, wanted)


def _query(verb: Verb, request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        known = f"there are {', '.join(f'?{one}' for one in verb.query)}" if verb.query else "there are none"
        if name not in verb.query:
            raise _wrong_query(name, f"There is no ?{plain(name)} here; {known}.")
        if name in found:
            raise _wrong_query(name, f"?{name} is given twice; give it once.")
        if verb.query[name] and value not in verb.query[name]:
            raise _wrong_query(name, f"?{name} is one of {', '.join(verb.query[name])}, not «{plain(value)}».")
        found[name] = value
    return found


def _wrong_query(name: str, detail: str) -> Refusal:
    return Refusal(400, Wrong(f"?{plain(name)}", detail))


def _media(verb: Verb, request: Request) -> str:
    """Return the media type of a body; raises Refusal 415 for one that is not taken, or is packed."""
    media, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    media = media.strip()
    if media not in verb.takes:
        said = f"not {plain(media)}" if media else "and the request does not say which it is"
        raise Refusal(415, Wrong("Content-Type", f"The body is {' or '.join(verb.takes)}, {said}."))
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset and charset not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal(415, Wrong("Content-Type", f"The body is UTF-8 text, not {plain(charset)}."))
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed != "identity":
        raise Refusal(415, Wrong("Content-Encoding", f"The body is sent unpacked, not as {plain(packed)}."))
    return media
