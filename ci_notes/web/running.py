"""The server itself: where it listens, whether it may, who is let in first, and what it logs."""

import errno
import getpass
import ipaddress
import logging
import logging.config
import os
import re
import socket
import ssl
import sys
import webbrowser
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from ci_notes.errors import InputError
from ci_notes.record import Record, open_record
from ci_notes.record.accounts import Account
from ci_notes.record.model import Event
from ci_notes.web import clock, warming
from ci_notes.web.app import create_app, under
from ci_notes.web.incidents import place
from ci_notes.web.receiving import BehindProxy
from ci_notes.web.settings import Settings, from_environment, to_environment

_HERE = ("127.0.0.1", "localhost", "[::1]")
_GRACE = 5  # seconds that an answer has to end in, once we are told to stop
MINUTES = 10
"""How long a one-time link is good."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where `ci-notes serve` listens, and for whom; `proxy` is the address of the proxy in front, empty without."""

    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1
    certificate: str = ""
    key: str = ""
    proxy: str = ""
    names: tuple[str, ...] = ()
    user: str = ""
    browse: bool = False

    @property
    def alone(self) -> bool:
        """Whether nobody but this computer can reach us."""
        if self.proxy:
            return False
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https."""
        return bool(self.certificate or self.proxy)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that browsers may call us by; empty for any."""
        named = tuple(name.lower() for name in self.names)
        return (*_HERE, *named) if self.alone or named else ()


def run(settings: Settings, how: Listening) -> int:
    """Serve until we are told to stop; raises InputError where we cannot, or may not."""
    _check_certificate(how)
    with ExitStack() as open_until_the_end:
        record = open_record(settings.db)
        open_until_the_end.callback(record.dispose)
        _may_listen(record, settings, how)
        record.drafts.purge(clock.now())
        listener = _bound(how)
        open_until_the_end.callback(listener.close)
        first = _first(record, settings, how) if how.alone else None
        app = create_app(settings)  # with several workers too: what is wrong is said once, here
        open_until_the_end.callback(app.state.record.dispose)
        config = uvicorn.Config(**_config(settings, how, app))
        _announce(record, how, _base(settings, how, listener), first)
        with suppress(KeyboardInterrupt):
            if how.workers > 1:
                os.environ.update(to_environment(settings))
                Multiprocess(config, [listener]).run()
            else:
                uvicorn.Server(config).run([listener])
    _say("stopped")
    return 0


def worker() -> ASGIApp:
    """Return the application in a process that `run` started."""
    settings = from_environment(os.environ)
    app = create_app(settings)
    warming.begin(app)
    return as_reached(settings, app)


def as_reached(settings: Settings, app: Starlette) -> ASGIApp:
    """Return the application as the server calls it: under its path, and for its proxy alone where it has one."""
    there = under(settings.prefix, app)
    return BehindProxy(there, settings.proxy, settings.prefix) if settings.proxy else there


def _config(settings: Settings, how: Listening, app: Starlette) -> dict[str, Any]:
    return {
        "app": "ci_notes.web.running:worker" if how.workers > 1 else as_reached(settings, app),
        "factory": how.workers > 1,
        "workers": how.workers,
        "ssl_certfile": how.certificate or None,
        "ssl_keyfile": how.key or None,
        "proxy_headers": False,  # BehindProxy reads them, once it knows who calls
        "access_log": False,  # addresses of pages tell whose note somebody reads, and when
        "server_header": False,
        "ws": "none",
        "log_config": LOGGING,
        "log_level": "warning",
        "timeout_graceful_shutdown": _GRACE,
    }


class Reticent(logging.Formatter):
    """Words a log line without the message of an exception, which may quote what was recorded."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        return place(ei[1]) if ei[1] else ""


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "ci_notes.web.running.Reticent", "format": "ci-notes: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


def _check_certificate(how: Listening) -> None:
    if not how.certificate:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(how.certificate, how.key)
    except ssl.SSLError:
        raise InputError(
            f"{how.certificate} and {how.key} are no certificate and its key: both are PEM files, and belong together"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read the certificate or its key: {(error.strerror or str(error)).lower()}") from None


def _may_listen(record: Record, settings: Settings, how: Listening) -> None:
    """Raise InputError where strangers could listen in, or nobody could sign in."""
    if how.alone:
        return
    if not how.secure:
        raise InputError(
            f"listening on {how.host} without TLS would show notes and passwords to whoever is on the network: "
            "give --tls-cert and --tls-key, or --behind-proxy where a proxy in front speaks https"
        )
    if not settings.oidc and not any(not one.disabled_at and not one.issuer for one in record.accounts.all()):
        raise InputError(
            "nobody could sign in: add an account first, with ci-notes accounts add NAME --role admin, "
            "or name your department's provider with --oidc-issuer"
        )


def _bound(how: Listening) -> socket.socket:
    """Return the socket, so that what is wrong with it is said before anything else happens."""
    with ExitStack() as unless_it_listens:
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(how.host, how.port, type=socket.SOCK_STREAM)[0]
            listener = unless_it_listens.enter_context(socket.socket(family, kind, protocol))
            if os.name != "nt":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen(2048)
            listener.set_inheritable(True)
        except OSError as error:
            raise InputError(_why_not(how, error)) from None
        unless_it_listens.pop_all()
    return listener


def _why_not(how: Listening, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {how.port} is in use, perhaps by ci-notes itself: give another with --port, or 0 for a free one"
    if error.errno == errno.EACCES:
        return f"port {how.port} is not for you to open: give one above 1023 with --port"
    return f"cannot listen on {how.host}: give --host an address of this computer, as 127.0.0.1"


def _first(record: Record, settings: Settings, how: Listening) -> Account | None:
    """Return whom a link is printed for: the user of a fresh record, the only account, or the one that was named."""
    known = [one for one in record.accounts.all() if not one.disabled_at and not one.issuer]
    wanted = how.user.strip().casefold()
    if wanted and known:
        named = [one for one in known if one.login == wanted]
        if not named:
            raise InputError(f"there is no account {how.user}: ci-notes accounts list shows who may sign in")
        return named[0]
    if known or settings.oidc:
        return known[0] if len(known) == 1 else None
    return _made(record, wanted or _user(), how.user.strip())


def _made(record: Record, login: str, given: str) -> Account:
    """Make the account of the only user: who fills and signs, and looks after accounts. Nobody co-signs alone."""
    now = clock.now()
    account = record.accounts.add(login, _full_name(login, given), ("clinician", "admin"), now)
    record.audit.add(Event(account.id, account.full_name, "account added", "account", account.id), now)
    _say(f"a record for {account.full_name} was begun")
    return account


def _user() -> str:
    """Return the name of whoever runs us, as a name to sign in with."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # pragma: no cover  a process without a user
        name = ""
    return re.sub(r"[^a-z0-9._-]", "", name.casefold()).lstrip("._-")[:64] or "user"


def _full_name(login: str, given: str) -> str:
    if sys.platform != "win32":
        import pwd  # noqa: PLC0415  not on Windows

        with suppress(KeyError):
            if name := pwd.getpwnam(login).pw_gecos.partition(",")[0].strip():
                return name[:200]
    return given[:200] or login


def _base(settings: Settings, how: Listening, listener: socket.socket) -> str:
    """Return the address that a browser opens, without a slash at the end."""
    port = listener.getsockname()[1]
    name = how.names[0] if how.names else f"[{how.host}]" if ":" in how.host else how.host
    if how.proxy:
        return f"https://{name}{settings.prefix}" if how.names else f"http://{name}:{port}{settings.prefix}"
    return f"{'https' if how.secure else 'http'}://{name}:{port}{settings.prefix}"


def _announce(record: Record, how: Listening, base: str, first: Account | None) -> None:
    """Print the address on stdout, and what to do with it on stderr."""
    there = f"{base}/sign-in"
    if first:
        there = f"{base}/enter/{record.sign_ins.link(first.id, clock.now(), MINUTES)}"
        _say(f"this link lets {first.full_name} in, once and within {MINUTES} minutes; Ctrl-C stops the server")
    print(there, flush=True)
    if how.browse:
        webbrowser.open(there)


def _say(words: str) -> None:
    print(f"ci-notes: {words}", file=sys.stderr, flush=True)
