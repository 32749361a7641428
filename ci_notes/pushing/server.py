"""A FHIR server over HTTP: what it has, and what is sent to it. Nothing of the token is ever printed."""

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    HTTPError,
    InvalidHeader,
    LocationValueError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
    TimeoutError,  # noqa: A004  urllib3's own
)
from urllib3.util import Retry, Timeout

from ci_notes.errors import InputError
from ci_notes.fhir.datatypes import objects
from ci_notes.pushing.outcome import cleaned

Json = dict[str, Any]

TOKEN = "CI_NOTES_TOKEN"  # noqa: S105  the name of a variable, not what it holds

_MEDIA = "application/fhir+json"
_TRIES = 3

WAIT = 0.5
"""Seconds before something is asked again; each further time twice as long."""

_LONGEST_WAIT = 30
"""Seconds that a server may ask to be left alone before the push gives up and says so."""

_TEMPORARY = (429, 502, 503, 504)
_REFUSED_UNTRIED = (429, 503)
"""Answers that say that nothing was done, after which anything may be sent again."""

_AT_ONCE = 50
_MANY_PAGES = 200


class RefusedError(InputError):
    """The server answered, and would not; `status` and `outcome` say what, `so_far` what was done before."""

    def __init__(self, message: str, status: int, outcome: Any = None, so_far: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.outcome = outcome
        self.so_far = so_far


class UnansweredError(InputError):
    """The connection ended without an answer, so that nobody knows whether the server did what was asked."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the resource in it, if any, and where a new one stands."""

    status: int
    resource: Json | None
    location: str


class _Retries(Retry):
    """Retries that end at once where no repeat can help: a certificate, or a server that wants too much patience."""

    def increment(self, *given: Any, **named: Any) -> "_Retries":
        error, response = named.get("error"), named.get("response")
        if isinstance(error, SSLError):
            raise error
        if response is not None and (self.get_retry_after(response) or 0) > _LONGEST_WAIT:
            raise MaxRetryError(named["_pool"], "", None)  # the answer itself is given back then
        return super().increment(*given, **named)

    def get_retry_after(self, response: Any) -> float | None:
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None


class Server:
    """A FHIR R4 server at a base address; raises InputError for an address or token that must not be used."""

    def __init__(self, base: str, token: str = "", ca_file: str = "", timeout: float = 60) -> None:
        self.base = _checked(base)
        self._token = _usable(token, self.base)
        self._timeout = timeout
        self._pool = _pool(self.base, ca_file, timeout)

    @property
    def host(self) -> str:
        """Return the server as it is named in messages."""
        return urlsplit(self.base).netloc

    @property
    def in_the_clear(self) -> bool:
        """Return whether others on the network can read what is sent."""
        return _in_the_clear(self.base)

    # what it has

    def capabilities(self) -> Json:
        """Return the server's CapabilityStatement; raises InputError where there is no FHIR server."""
        try:
            found = self._get(f"{self.base}/metadata")
        except RefusedError as error:
            if error.status in (404, 410):
                raise InputError(
                    f"there is no FHIR server at {self.base} (status {error.status}); its address often "
                    "ends in /fhir or /R4"
                ) from None
            raise
        if found.get("resourceType") != "CapabilityStatement":
            raise InputError(f"{self.base} does not say what it can do (no CapabilityStatement); is it a FHIR server?")
        return found

    def read(self, address: str) -> Json | None:
        """Return the resource at Type/id, or None where there is none."""
        try:
            return self._get(f"{self.base}/{address}")
        except RefusedError as error:
            if error.status in (404, 410):
                return None
            raise

    def search(self, kind: str, query: str) -> list[Json]:
        """Return all resources of a kind that a query finds."""
        found: list[Json] = []
        url = f"{self.base}/{kind}?{query.replace('#', '%23')}"
        for _ in range(_MANY_PAGES):
            page = self._get(url)
            if page.get("resourceType") != "Bundle":
                raise InputError(f"{self.host} answered a search for {kind} with no list of results")
            found += [one for one in map(_matched, objects(page.get("entry"))) if one and one["resourceType"] == kind]
            following = _next(page)
            if not following:
                return found
            url = self._on_this_server(following)
        raise InputError(f"{self.host} does not come to an end with its {kind} results")

    def present(self, addresses: Iterable[str]) -> dict[str, Json]:
        """Return those resources that the server has, by Type/id."""
        by_kind: dict[str, list[str]] = {}
        for address in addresses:
            kind, _, identifier = address.partition("/")
            by_kind.setdefault(kind, []).append(identifier)
        found: dict[str, Json] = {}
        for kind, ids in by_kind.items():
            for start in range(0, len(ids), _AT_ONCE):
                asked = ids[start : start + _AT_ONCE]
                query = urlencode({"_id": ",".join(asked), "_count": len(asked)}, safe=",")
                found |= {f"{kind}/{one['id']}": one for one in self.search(kind, query)}
        return found

    def _joined(self, link: str) -> str:
        """Return the address that a link of the server leads to, the server's own where it leads nowhere."""
        try:
            joined = urljoin(self.base + "/", link)
            _origin(joined)
        except ValueError:
            return self.base
        return joined

    def _on_this_server(self, link: str) -> str:
        """Return the address of a further page; the token goes to no other server than the one it is for."""
        url = self._joined(link)
        if _origin(url) != _origin(self.base):
            raise InputError(
                f"{self.host} gives further results at {_told(url)}, another server; nothing was asked there"
            )
        return url

    # what is sent

    def send(self, method: str, path: str, body: Json, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a resource and return the answer; raises RefusedError, or UnansweredError where none came."""
        url = f"{self.base}/{path}" if path else self.base
        content = json.dumps(body, ensure_ascii=False).encode()
        more = {"Content-Type": _MEDIA, "Prefer": "return=minimal", **(headers or {})}
        # A cut connection does not say whether the work was done: that is for the caller, who looks and plans anew.
        once = _Retries(
            total=_TRIES, read=False, redirect=False, allowed_methods=None, backoff_factor=WAIT,
            status_forcelist=_REFUSED_UNTRIED, raise_on_status=False, raise_on_redirect=False,
        )  # fmt: skip
        return self._ask(method, url, once, more, content)

    def _get(self, url: str) -> Json:
        again = _Retries(
            total=_TRIES, redirect=False, allowed_methods={"GET"}, backoff_factor=WAIT,
            status_forcelist=(500, *_TEMPORARY), raise_on_status=False, raise_on_redirect=False,
        )  # fmt: skip
        answer = self._ask("GET", url, again, {"Cache-Control": "no-cache"})
        if answer.resource is None:
            raise InputError(f"{self.host} answered with nothing where a resource was expected")
        return answer.resource

    def _ask(
        self, method: str, url: str, retries: Retry, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer:
        sent = {"Accept": _MEDIA, **headers}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        try:
            got = self._pool.request(method, url, headers=sent, body=content, retries=retries, redirect=False)
        except (HTTPError, LocationValueError) as error:
            raise self._unreached(error) from None
        data = got.data.replace(self._token.encode(), b"...") if self._token else got.data  # some say it back
        return self._understood(got.status, got.headers, data)

    def _understood(self, status: int, headers: Mapping[str, str], data: bytes) -> Answer:
        if 300 <= status < 400:
            to = _told(self._joined(headers.get("Location", "")))
            raise RefusedError(
                f"{self.host} sends the push on to {to}, which is not followed; give --to its new address", status
            )
        resource = _resource(data)
        if 200 <= status < 300:
            if data.strip() and resource is None:
                raise RefusedError(
                    f"{self.host} answered with {_sort_of(data)}, not with FHIR in JSON; is the address right?", status
                )
            return Answer(status, resource, headers.get("Location", "") or headers.get("Content-Location", ""))
        raise RefusedError(self._reason(status, headers, data, resource), status, resource)

    def _reason(self, status: int, headers: Mapping[str, str], data: bytes, resource: Json | None) -> str:
        if status == 401:
            given = f"does not accept the token in {TOKEN}; it may have expired" if self._token else (
                f"asks who you are; put a token into the environment variable {TOKEN}"
            )  # fmt: skip
            return f"{self.host} {given} (status 401)"
        if status == 403:
            return f"{self.host} does not allow this with the access you have (status 403)"
        if status in _REFUSED_UNTRIED:
            after = cleaned(headers.get("Retry-After", ""), 40)
            later = f"; it asks to be left alone for {after}{' seconds' if after.isdecimal() else ''}" if after else ""
            return f"{self.host} is too busy or closed for now (status {status}){later}; push again then"
        if status >= 500:
            return f"{self.host} failed (status {status})"
        kind = "" if resource else f" and {_sort_of(data)}" if data.strip() else ""
        return f"{self.host} refused (status {status}{kind})"

    def _unreached(self, error: Exception) -> InputError:
        """Return what a failure below HTTP means; urllib3's own words are about its inside."""
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason is not None else error
        if isinstance(cause, SSLError):
            why = cleaned(cause.args[0] if cause.args else "", 160)
            return InputError(
                f"the certificate of {self.host} cannot be trusted ({why}); "
                "where your organisation has its own authority, give its certificate with --ca-file"
            )
        if isinstance(cause, ReadTimeoutError):
            return UnansweredError(f"{self.host} did not answer within {self._timeout:g} seconds")
        if isinstance(cause, ProtocolError):
            return UnansweredError(f"the connection to {self.host} was cut before the answer came")
        if isinstance(cause, NewConnectionError | TimeoutError):
            return InputError(f"{self.host} cannot be reached; is the address right, and is the server running?")
        return InputError(f"{self.host} cannot be asked: {type(cause).__name__}")


# --- addresses and tokens ------------------------------------------------------------------------------------------


def _checked(base: str) -> str:
    try:
        parts = urlsplit(base.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"«{cleaned(base, 80)}» is no address of a server; write it as https://host/fhir")
    if parts.username or parts.password:
        raise InputError(
            f"the address holds a user name or password; a token goes into the environment variable {TOKEN}"
        )
    if parts.query or parts.fragment:
        raise InputError(f"the address of a server has no ? or #; give {_told(base)}")
    return base.strip().rstrip("/")


def _usable(token: str, base: str) -> str:
    token = token.strip()
    if token and not re.fullmatch(r"[\x21-\x7e]+", token):
        raise InputError(f"{TOKEN} holds blanks or signs that no token has; nothing was sent")
    if token and _in_the_clear(base):
        raise InputError(f"{base} is not encrypted, and the token in {TOKEN} would be read on the way; use https")
    return token


def _in_the_clear(base: str) -> bool:
    return urlsplit(base).scheme == "http" and not _is_here(urlsplit(base).hostname or "")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _told(url: str) -> str:
    """Return an address without what may be in its query."""
    parts = urlsplit(url)
    return cleaned(f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}", 120)


def _pool(base: str, ca_file: str, timeout: float) -> urllib3.PoolManager:
    if ca_file and not Path(ca_file).is_file():
        raise InputError(f"there is no file {ca_file} with certificates")
    options: dict[str, Any] = {
        "timeout": Timeout(connect=min(timeout, 10), read=timeout),
        "cert_reqs": "CERT_REQUIRED",
        "ca_certs": ca_file or None,
    }
    parts = urlsplit(base)
    proxy = getproxies().get(parts.scheme, "")
    if not proxy or _is_here(parts.hostname or "") or proxy_bypass(parts.hostname or ""):
        return urllib3.PoolManager(**options)
    try:
        who = urlsplit(proxy)
        named = urllib3.make_headers(proxy_basic_auth=f"{who.username}:{who.password}") if who.username else None
        return urllib3.ProxyManager(f"{who.scheme}://{who.hostname}:{who.port or 80}", proxy_headers=named, **options)
    except (ValueError, HTTPError):
        raise InputError(f"the environment names a proxy for {parts.scheme} that is no address of one") from None


# --- what comes back -----------------------------------------------------------------------------------------------


def _resource(data: bytes) -> Json | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("resourceType"), str) else None


def _sort_of(data: bytes) -> str:
    start = data.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "XML" if start.startswith(b"<") else "something unreadable"


def _next(page: Json) -> str:
    return next((str(one.get("url", "")) for one in objects(page.get("link")) if one.get("relation") == "next"), "")


def _matched(entry: Json) -> Json | None:
    """Return the resource of a search entry, if it is a result and not said about the search."""
    resource, search = entry.get("resource"), entry.get("search")
    mode = search.get("mode", "match") if isinstance(search, dict) else "match"
    sound = isinstance(resource, dict) and isinstance(resource.get("resourceType"), str) and "id" in resource
    return resource if sound and mode == "match" else None
