"""What may come in at all: under which name, how long, how large; read whole, before any handler begins."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ci_notes.document import LARGEST
from ci_notes.web.access import form
from ci_notes.web.refusing import refuse
from ci_notes.web.settings import Settings

_LONGEST = 4096
_FIELDS = 20_000  # a form without script posts every control of a long note
_LARGEST_FORM = 1024 * 1024
"""Bytes of a form without files, which is slow to read. A full assessment has 13,000 bytes; with 20,000 letters in
each of its 23 long texts, 460,000."""

_LONG_FORM = "That form is too long: at most 1 megabyte can be filled in at once. Go back and shorten its texts."
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class BehindProxy:
    """Answers the proxy in front and nobody else, whom its plain http would show passwords; probes may ask /health.

    What the proxy says of the browser (X-Forwarded-For, X-Forwarded-Proto) is believed.
    """

    def __init__(self, app: ASGIApp, proxy: str, prefix: str = "") -> None:
        self.app = app
        self.forwarded = ProxyHeadersMiddleware(app, trusted_hosts=proxy)  # type: ignore[arg-type]
        self.proxy = ip_network(proxy)
        self.health = f"{prefix}/health"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == self.health:
            await self.app(scope, receive, send)
            return
        caller = _address(scope)
        if caller is None or caller not in self.proxy:
            await PlainTextResponse(_DIRECT, 403)(scope, receive, send)
            return
        scope["client"] = (str(caller), scope["client"][1])
        await self.forwarded(scope, receive, send)  # type: ignore[arg-type]


_DIRECT = (
    "ci_notes is reached through the proxy in front of it, by https; it answers nobody else. "
    "The address of the proxy is told with --behind-proxy.\n"
)


def _address(scope: Scope) -> IPv4Address | IPv6Address | None:
    """Return the address that a request came from; IPv4 as such, where it reaches us by a socket of IPv6."""
    try:
        found = ip_address(scope["client"][0])
    except (ValueError, TypeError, KeyError):
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


class Receiving:
    """Refuses what is called by a strange name, too long or too large; hands the rest on with its body read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = settings.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if self.hosts and _name(request.headers.get("host", "")) not in self.hosts:
            answer = PlainTextResponse(
                "ci_notes does not answer to this name; it is told its own by --host-name.\n", 400
            )
            await answer(scope, receive, send)
        elif len(scope["path"]) + len(scope["query_string"]) > _LONGEST:
            await refuse(request, 414)(scope, receive, send)
        else:
            await self._read(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        body = await _body(request, receive)
        if body is None:
            await refuse(request, 413, connection="close")(scope, receive, send)
            return
        again = _again(body, receive)
        request.state.body = body
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS:
            if fault := _fault(request.headers["content-type"], body):
                await refuse(request, 413 if fault == _LONG_FORM else 400, fault)(scope, receive, send)
                return
            try:
                reader = Request(scope, _again(body, receive))
                request.state.form = await reader.form(max_fields=_FIELDS, max_files=20, max_part_size=LARGEST)
            except HTTPException as error:
                await refuse(request, 400, str(error.detail))(scope, receive, send)
                return
        try:
            await self.app(scope, again, send)
        finally:
            await form(request).close()


def _fault(kind: str, body: bytes) -> str:
    """Return why a form is not read at all, as a sentence: it would be misread, or take too long; else nothing."""
    if "multipart" not in kind.lower():
        if len(body) > _LARGEST_FORM:
            return _LONG_FORM
        return "The form has too many fields." if body.count(b"&") > _FIELDS else ""
    _, told = parse_options_header(kind)
    if told.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        return "A form is sent as UTF-8."  # who sends it names the codec, and some take minutes
    return "" if body.rstrip().endswith(b"--") else "The form was cut off."


def _name(host: str) -> str:
    """Return a Host header without its port."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


async def _body(request: Request, receive: Receive) -> bytes | None:
    """Return all that was sent; None where it is too large."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > LARGEST:
        return None
    parts, size = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a receiver that gives the body once more."""
    given = False

    async def inner() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return inner
