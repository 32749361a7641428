"""`ci-notes serve`: the web form and the record, for one person or a department."""

import ipaddress
import os
import re
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ci_notes.cli.options import FOLDERS, JURISDICTIONS, templates_option
from ci_notes.errors import InputError

if TYPE_CHECKING:
    from ci_notes.web.running import Listening
    from ci_notes.web.settings import Settings

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="The port; 0 takes a free one."
)
@click.option("--db", metavar="URL", help="sqlite:///FILE or postgresql://...; by default a file in your data folder.")
@click.option(
    "--user", metavar="NAME", help="Whom a one-time link is printed for; the first account, if there is none."
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.option("--jurisdiction", type=JURISDICTIONS, help="The guideline set of new notes.")
@click.option("--tls-cert", metavar="FILE", help="The certificate (PEM), for https.")
@click.option("--tls-key", metavar="FILE", help="The key of the certificate (PEM).")
@click.option(
    "--behind-proxy",
    is_flag=False,
    flag_value="127.0.0.1",
    metavar="[ADDRESS]",
    help="A proxy in front speaks https to browsers, and it alone is answered; the address it calls from, where that "
    "is not 127.0.0.1.",
)
@click.option("--host-name", "names", multiple=True, metavar="NAME", help="A name that browsers call this server by.")
@click.option("--allow-embedding", "origins", multiple=True, metavar="ORIGIN", help="A site that may embed the form.")
@click.option("--prefix", metavar="PATH", default="", help="The path that everything stands under, as /notes.")
@click.option(
    "--idle-minutes",
    type=click.FloatRange(0.05, 240),
    default=10,
    show_default=True,
    help="Minutes without a hand on it until a session locks.",
)
@click.option("--oidc-issuer", metavar="URL", help="The OpenID provider of your department.")
@click.option("--oidc-client", metavar="ID", help="What the provider knows ci_notes as.")
@click.option("--oidc-claim", metavar="NAME", default="roles", show_default=True, help="The claim that names roles.")
@click.option(
    "--oidc-role",
    "mapped",
    multiple=True,
    metavar="ROLE=VALUE",
    help="The value of that claim which gives a role. Once one is given, only those count; else the roles' own names.",
)
@click.option(
    "--fhir-server", "servers", multiple=True, metavar="NAME=URL", help="A FHIR server that notes may be sent to."
)
@click.option(
    "--identifier-system",
    "systems",
    multiple=True,
    metavar="NAME=URI",
    help='Whose numbers patients have, as "Sample Hospital=urn:oid:2.999.20.1"; the first is that of new patients.',
)
@click.option("--open/--no-open", "browse", default=False, help="Open the page in your browser.")
@templates_option
def serve(**given: Any) -> None:
    """Fill, sign and keep notes in a browser.

    For one person nothing need be given: the record is a file in your data folder, the page is for this computer alone,
    and the link that is printed lets you in, once. The secret of an OpenID provider is taken from the environment
    variable CI_NOTES_OIDC_SECRET.
    """
    needed()
    from ci_notes.web import running  # noqa: PLC0415

    if bool(given["tls_cert"]) is not bool(given["tls_key"]):
        raise InputError("https needs both --tls-cert and --tls-key")
    how = running.Listening(
        given["host"], given["port"], given["workers"], given["tls_cert"] or "", given["tls_key"] or "",
        given["behind_proxy"] or "", given["names"], given["user"] or "", given["browse"],
    )  # fmt: skip
    sys.exit(running.run(_settings(given, how), how))


def needed() -> None:
    """Raise InputError where what the web form is made of is not installed."""
    try:
        for name in ("starlette", "sqlalchemy", "alembic", "argon2", "uvicorn", "python_multipart"):
            import_module(name)
    except ModuleNotFoundError as error:
        raise InputError(f"this needs {error.name}, which is not installed: pip install 'ci-notes[web]'") from None


def address(db: str | None) -> str:
    """Return the address of the record: as given, or in the user's data folder."""
    from ci_notes.record import default_url  # noqa: PLC0415

    return db or default_url(os.environ)


def _settings(given: dict[str, Any], how: "Listening") -> "Settings":
    from ci_notes.web.settings import Settings  # noqa: PLC0415

    prefix = given["prefix"].rstrip("/")
    if prefix and not _PREFIX.fullmatch(prefix):
        raise InputError(f"--prefix {prefix} is no path: write it as /notes")
    if how.proxy and not _is_network(how.proxy):
        raise InputError(f"--behind-proxy {how.proxy} is no address: write it as 10.0.0.7, or a network as 10.0.0.0/28")
    for origin in given["origins"]:
        if not _ORIGIN.fullmatch(origin):
            raise InputError(f"--allow-embedding {origin} is no origin: write it as https://ehr.example")
    return Settings(
        db=address(given["db"]),
        folders=tuple(Path(folder) for folder in FOLDERS),
        jurisdiction=given["jurisdiction"] or "",
        idle_minutes=given["idle_minutes"],
        allowed_ancestors=given["origins"],
        secure=how.secure,
        hosts=how.hosts,
        proxy=how.proxy,
        prefix=prefix,
        oidc=_provider(given),
        fhir_servers=_servers(given["servers"]),
        identifier_systems=_systems(given["systems"]),
    )


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _systems(named: Iterable[str]) -> dict[str, str]:
    """Return the systems of patients' numbers, by name."""
    systems = {name.strip(): uri.strip() for name, _, uri in (one.partition("=") for one in named)}
    for name, uri in systems.items():
        if not name or not _URI.fullmatch(uri):
            raise InputError(
                f"--identifier-system {name} is no system: NAME=URI, as Sample Hospital=urn:oid:2.999.20.1"
            )
    return systems


def _servers(named: Iterable[str]) -> dict[str, str]:
    """Return the servers that notes may be sent to, by name."""
    servers = dict(one.partition("=")[::2] for one in named)
    for name, address in servers.items():
        if not name.strip() or not address.startswith(("https://", "http://")):
            raise InputError(f"--fhir-server {name} is no server: NAME=URL, as ward=https://fhir.example/r4")
    return servers


def _provider(given: dict[str, Any]) -> dict[str, str]:
    """Return what is known of the department's provider; empty where there is none."""
    issuer, client, secret = given["oidc_issuer"], given["oidc_client"], os.environ.get("CI_NOTES_OIDC_SECRET", "")
    if not issuer:
        return {}
    if not client or not secret:
        raise InputError("--oidc-issuer needs --oidc-client too, and the secret in CI_NOTES_OIDC_SECRET")
    if not _safe(issuer):
        raise InputError(f"--oidc-issuer {issuer} is no https address: a provider that is not encrypted proves nothing")
    mapped = dict(one.partition("=")[::2] for one in given["mapped"])
    if strange := sorted(set(mapped) - {"clinician", "co-signer", "qa", "admin"}):
        raise InputError(
            f"--oidc-role {strange[0]} is no role: clinician, co-signer, qa or admin, as qa=ci-notes-readers"
        )
    values = {f"role-{role}": value for role, value in mapped.items()}
    return {"issuer": issuer, "client_id": client, "client_secret": secret, "claim": given["oidc_claim"], **values}


def _safe(issuer: str) -> bool:
    """Return whether what a provider says reaches us unchanged: by https, or from this computer."""
    parts = urlsplit(issuer)
    return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"})
