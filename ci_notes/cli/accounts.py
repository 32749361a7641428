"""`ci-notes accounts`: who may sign in to the web form, and as what."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ci_notes.cli.serve import address, needed
from ci_notes.cli.writing import complain
from ci_notes.errors import InputError

if TYPE_CHECKING:
    from ci_notes.record import Record
    from ci_notes.record.accounts import Account

_db = click.option("--db", metavar="URL", help="The record, as ci-notes serve is given it.")
_roles = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(["clinician", "co-signer", "qa", "admin"]),
    help="clinician fills and signs, co-signer co-signs too, qa reads, admin looks after accounts; may be repeated.",
)


_SHORT = 8
"""Letters of the name of a token that are shown: enough to tell a few apart."""


@click.group("accounts")
def accounts() -> None:
    """Look after who may sign in to the web form.

    A password is asked for, or read from a pipe; it is never an argument, where others could see it.
    """


@contextmanager
def _opened(db: str | None, create: bool = False) -> Iterator["Record"]:
    needed()
    from ci_notes.record import open_record  # noqa: PLC0415

    record = open_record(address(db), create)
    try:
        yield record
    finally:
        record.dispose()


def _of(record: "Record", login: str) -> "Account":
    account = record.accounts.find(login.strip().casefold())
    if account is None:
        raise InputError(f"there is no account {login}: ci-notes accounts list shows who may sign in")
    return account


def _now() -> str:
    from ci_notes.web import clock  # noqa: PLC0415

    return clock.now()


def _wrote(record: "Record", action: str, account: "Account", detail: str = "") -> None:
    """Enter a change in the audit trail; who did it is whoever may write the record from a shell."""
    from ci_notes.record.model import Event  # noqa: PLC0415

    event = Event("", "the command line", action, "account", account.id, detail=detail)
    record.audit.add(event, _now())


@accounts.command("add")
@click.argument("login", metavar="NAME")
@_roles
@click.option("--full-name", metavar="NAME", help="The name that notes are signed with.")
@click.option("--no-password", is_flag=True, help="Let the first sign-in be by a one-time link.")
@_db
def add(login: str, roles: tuple[str, ...], full_name: str | None, no_password: bool, db: str | None) -> None:
    """Add an account; where there is no record yet, one is made."""
    with _opened(db, create=True) as record:
        _add(record, login, full_name or login, roles, no_password)


def _add(record: "Record", login: str, full_name: str, roles: tuple[str, ...], no_password: bool) -> None:
    from ci_notes.web.accounts import known_roles, named  # noqa: PLC0415
    from ci_notes.web.passwords import kept  # noqa: PLC0415

    login, full_name = named(login), full_name.strip()
    if record.accounts.find(login):
        raise InputError(f"there is an account {login} already")
    password = "" if no_password else kept(_typed(login, full_name))
    account = record.accounts.add(login, full_name, known_roles(roles), _now(), password=password)
    _wrote(record, "account added", account, ", ".join(account.roles))
    complain(f"{login} may sign in as {', '.join(account.roles)}")


def _typed(login: str, full_name: str) -> str:
    """Return a new password, typed twice at a terminal or read once from a pipe; raises InputError for a weak one."""
    from ci_notes.web.passwords import fault  # noqa: PLC0415

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if weak := fault(password, login, full_name):
        raise InputError(weak[:1].lower() + weak[1:].rstrip("."))
    return str(password)


@accounts.command("list")
@_db
def show(db: str | None) -> None:
    """Show every account."""
    rows: list[tuple[str, ...]] = [("name", "full name", "roles", "signs in by", "")]
    with _opened(db) as record:
        known = record.accounts.all()
    for one in known:
        way = one.issuer or ("password" if one.password else "one-time link")
        rows.append((one.login, one.full_name, ", ".join(one.roles), way, "disabled" if one.disabled_at else ""))
    _table(rows)


def _table(rows: list[tuple[str, ...]]) -> None:
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip())


def _command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Return what makes a command of a function that takes the record and an account."""

    def around(act: Callable[..., None]) -> click.Command:
        @click.pass_context
        def run(_context: click.Context, /, login: str, db: str | None, **more: Any) -> None:
            with _opened(db) as record:
                act(record, _of(record, login), **more)

        made = accounts.command(name, help=act.__doc__)(_db(click.argument("login", metavar="NAME")(run)))
        made.params.extend(getattr(act, "__click_params__", []))
        return made

    return around


@_command("disable")
def disable(record: "Record", account: "Account") -> None:
    """Let an account sign in no more, and end its sessions."""
    from ci_notes.web.accounts import needs_an_admin  # noqa: PLC0415

    needs_an_admin(record.accounts, account)
    now = _now()
    record.accounts.change(account.id, disabled_at=now)
    record.sessions.end_all(account.id, now)
    _wrote(record, "account disabled", account)
    complain(f"{account.login} may not sign in any more")


@_command("enable")
def enable(record: "Record", account: "Account") -> None:
    """Let a disabled account sign in again."""
    record.accounts.change(account.id, disabled_at=None)
    _wrote(record, "account enabled", account)
    complain(f"{account.login} may sign in again")


@_command("role")
@_roles
def role(record: "Record", account: "Account", roles: tuple[str, ...]) -> None:
    """Give an account other roles."""
    from ci_notes.web.accounts import known_roles, needs_an_admin  # noqa: PLC0415

    kept = known_roles(roles)
    if "admin" not in kept:
        needs_an_admin(record.accounts, account)
    record.accounts.change(account.id, roles=" ".join(kept))
    _wrote(record, "roles changed", account, ", ".join(kept))
    complain(f"{account.login} is now {', '.join(kept)}")


@_command("password")
def password(record: "Record", account: "Account") -> None:
    """Set a new password, and end the sessions of the account."""
    from ci_notes.web.passwords import kept  # noqa: PLC0415

    if account.issuer:
        raise InputError(f"{account.login} signs in at {account.issuer}; the password is there")
    record.accounts.change(account.id, password=kept(_typed(account.login, account.full_name)))
    record.sessions.end_all(account.id, _now())
    _wrote(record, "password", account)
    complain(f"the new password of {account.login} is set")


@_command("link")
@click.option(
    "--at", "base", metavar="URL", default="http://127.0.0.1:8765", show_default=True, help="Where the server is."
)
def link(record: "Record", account: "Account", base: str) -> None:
    """Print a link that signs in once, within ten minutes."""
    if account.issuer or account.disabled_at:
        raise InputError(f"{account.login} signs in by no link")
    token = record.sign_ins.link(account.id, _now())
    _wrote(record, "link made", account)
    click.echo(f"{base.rstrip('/')}/enter/{token}")


@_command("token")
@click.option("--days", type=click.FloatRange(0.01, 3650), default=90, show_default=True, help="How long it is good.")
@click.option("--for", "purpose", metavar="WORDS", default="", help="What it is for, as the list of tokens says.")
def token(record: "Record", account: "Account", days: float, purpose: str) -> None:
    """Print a token with which a program may use the HTTP API."""
    purpose = "".join(one for one in purpose.strip() if one.isprintable())[:200]
    made = record.sessions.begin(account.id, "token", _now(), days * 24, purpose=purpose)
    _wrote(record, "token made", account, f"for {days:g} days" + (f": {purpose}" if purpose else ""))
    click.echo(made)
    complain("send it as Authorization: Bearer TOKEN; ci-notes accounts revoke, or a new password, ends it")


@_command("tokens")
def tokens(record: "Record", account: "Account") -> None:
    """Show the tokens of an account that are good, never the tokens themselves."""
    rows: list[tuple[str, ...]] = [("token", "for", "made (UTC)", "last used", "ends")]
    for one in record.sessions.tokens(account.id, _now()):
        used = one.used_at[:16] or "never"
        rows.append((one.id[:_SHORT], one.purpose, one.made_at[:16], used, one.ends_at[:16]))
    _table(rows)


@_command("revoke")
@click.argument("token", metavar="TOKEN")
def revoke(record: "Record", account: "Account", token: str) -> None:
    """End a token by its name in the list: ci-notes accounts tokens NAME."""
    now = _now()
    found = [one for one in record.sessions.tokens(account.id, now) if one.id.startswith(token) and token]
    if len(found) != 1:
        raise InputError(f"{account.login} has no token {token}: ci-notes accounts tokens {account.login} shows them")
    record.sessions.revoke(account.id, found[0].id, now)
    _wrote(record, "token revoked", account, found[0].purpose)
    complain(f"the token {found[0].id[:_SHORT]} of {account.login} is good no more")
