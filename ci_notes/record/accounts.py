"""Accounts, their sessions and one-time links: of every token its hash alone, passwords as argon2 wrote them."""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Row,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ci_notes.errors import InputError
from ci_notes.record.database import Database
from ci_notes.record.tables import Words, metadata

ROLES = ("clinician", "co-signer", "qa", "admin")
"""What an account may be; an account may be several of them."""

_accounts = Table(
    "accounts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("login", Words, nullable=False, unique=True),
    Column("full_name", Words, nullable=False),
    Column("roles", Words, nullable=False),
    Column("password", Words, nullable=False),
    Column("issuer", Words),
    Column("subject", Words),
    Column("made_at", Words, nullable=False),
    Column("disabled_at", Words),
    UniqueConstraint("issuer", "subject", name="accounts_subject"),
)

_sessions = Table(
    "sessions",
    metadata,
    Column("id", Words, primary_key=True),
    Column("token", Words, nullable=False, unique=True),
    Column("account", Words, ForeignKey("accounts.id"), nullable=False),
    Column("way", Words, nullable=False),
    Column("csrf", Words, nullable=False),
    Column("storage_key", Words, nullable=False),
    Column("made_at", Words, nullable=False),  # or since when it is good: when its owner last showed who they are
    Column("seen_at", Words, nullable=False),
    Column("ends_at", Words, nullable=False),
    Column("locked_at", Words),
    Column("ended_at", Words),
    Column("left_at", Words, nullable=False),
    Column("purpose", Words, nullable=False, server_default=""),  # of a token
    Index("sessions_account", "account"),
)

_held_forms = Table(
    "held_forms",
    metadata,
    Column("session", Words, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Words, primary_key=True),
    Column("sealed", Words, nullable=False),
    Column("at", Words, nullable=False),
)

_links = Table(
    "links",
    metadata,
    Column("token", Words, primary_key=True),
    Column("account", Words, ForeignKey("accounts.id"), nullable=False),
    Column("made_at", Words, nullable=False),
    Column("ends_at", Words, nullable=False),
    Column("used_at", Words),
)

_attempts = Table(
    "attempts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("key", Words, nullable=False),
    Column("at", Words, nullable=False),
    Index("attempts_key", "key"),
)

_errands = Table(
    "errands",
    metadata,
    Column("state", Words, primary_key=True),
    Column("visitor", Words, nullable=False),
    Column("nonce", Words, nullable=False),
    Column("verifier", Words, nullable=False),
    Column("left_at", Words, nullable=False),
    Column("ends_at", Words, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `password` is argon2's own text, empty where there is none."""

    id: str
    login: str
    full_name: str
    roles: tuple[str, ...]
    password: str
    issuer: str | None
    subject: str | None
    disabled_at: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting of an account at one browser; `way` is password, link, oidc or token.

    `storage_key` is 256 bits in hexadecimal, under which the browser may keep what was not sent yet; another one after
    each lock. `left_at` is the path that was asked for when it locked, `proved_at` when they last showed who they are.
    """

    id: str
    account: Account
    way: str
    csrf: str
    storage_key: str
    seen_at: str
    ends_at: str
    locked: bool
    left_at: str
    proved_at: str


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token of a program: its public name, and moments; `used_at` is "" where it never was used."""

    id: str
    purpose: str
    made_at: str
    used_at: str
    ends_at: str


@dataclass(frozen=True, slots=True)
class Errand:
    """A sign-in that somebody was sent away for, to the department's own provider."""

    nonce: str
    verifier: str
    left_at: str


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def later(moment: str, **span: float) -> str:
    """Return the moment that lies a span (of timedelta) after another."""
    return (datetime.fromisoformat(moment) + timedelta(**span)).isoformat()


class Accounts:
    """The accounts in a database. Moments are ISO 8601 text in UTC and come from the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Accounts

    def add(self, login: str, full_name: str, roles: tuple[str, ...], now: str, **more: str) -> Account:
        """Add an account (`more`: password, issuer, subject); raises InputError if the name is taken."""
        row = {"id": str(uuid.uuid4()), "login": login, "full_name": full_name, "roles": " ".join(roles)}
        try:
            with self._database.writing() as connection:
                connection.execute(insert(_accounts).values({**row, "made_at": now, "password": "", **more}))
        except IntegrityError:
            raise InputError(f"there is an account {login} already") from None
        return self.get(row["id"])

    def get(self, account: str) -> Account:
        """Return an account by its id; raises KeyError."""
        found = self._one(_accounts.c.id == account)
        if found is None:
            raise KeyError(account)
        return found

    def find(self, login: str) -> Account | None:
        """Return the account of a sign-in name."""
        return self._one(_accounts.c.login == login)

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a person whom an OpenID provider knows."""
        return self._one((_accounts.c.issuer == issuer) & (_accounts.c.subject == subject))

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with self._database.reading() as connection:
            return [_account_of(row) for row in connection.execute(select(_accounts).order_by(_accounts.c.login))]

    def change(self, account: str, **columns: str | None) -> None:
        """Write columns of an account: full_name, roles (separated by spaces), password, disabled_at."""
        with self._database.writing() as connection:
            connection.execute(update(_accounts).where(_accounts.c.id == account).values(columns))

    def _one(self, which: Any) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(select(_accounts).where(which)).one_or_none()
        return None if row is None else _account_of(row)

    # Sessions

    def begin(self, account: str, way: str, now: str, hours: float, proved_at: str = "", purpose: str = "") -> str:
        """Begin a session and return its token, which nothing but the browser keeps.

        `proved_at` is when its owner showed who they are, where that was elsewhere and before now; `purpose` is what
        the token of a program is for.
        """
        token = secrets.token_urlsafe(32)
        values = {
            "id": str(uuid.uuid4()),
            "token": hashed(token),
            "account": account,
            "way": way,
            "csrf": secrets.token_urlsafe(32),
            "storage_key": secrets.token_hex(32),
            "made_at": proved_at or now,
            "seen_at": now,
            "ends_at": later(now, hours=hours),
            "left_at": "",
            "purpose": purpose,
        }
        with self._database.writing() as connection:
            connection.execute(insert(_sessions).values(values))
        return token

    def session(self, token: str, now: str) -> Session | None:
        """Return the session of a token, unless it ended or its account may not sign in any more."""
        alive = (
            (_sessions.c.token == hashed(token))
            & _sessions.c.ended_at.is_(None)
            & (_sessions.c.ends_at > now)
            & _accounts.c.disabled_at.is_(None)
        )
        asked = select(_sessions, _accounts).join(_accounts, _accounts.c.id == _sessions.c.account).where(alive)
        with self._database.reading() as connection:
            row = connection.execute(asked).one_or_none()
        return None if row is None else _session_of(row)

    def seen(self, session: str, now: str) -> None:
        """Keep a session from locking."""
        self._write(session, seen_at=now)

    def lock(self, session: str, now: str) -> bool:
        """Lock a session under a new storage key; return False where somebody else did that already."""
        return self._write(session, _sessions.c.locked_at.is_(None), locked_at=now, storage_key=secrets.token_hex(32))

    def leave(self, session: str, path: str) -> None:
        """Keep where to go on after the lock."""
        self._write(session, left_at=path)

    def hold(self, session: str, path: str, sealed: str, now: str) -> None:
        """Keep what was sent to a path of a locked session, sealed by the caller; the last takes the first's place."""
        row = {"session": session, "path": path, "sealed": sealed, "at": now}
        with self._database.writing() as connection:
            self._database.put(connection, _held_forms, row)

    def held(self, session: str) -> list[tuple[str, str, str]]:
        """Return what is kept for a session: path, what is sealed, and when it was sent, the first one first."""
        asked = select(_held_forms).where(_held_forms.c.session == session).order_by(_held_forms.c.at)
        with self._database.reading() as connection:
            return [(row.path, row.sealed, row.at) for row in connection.execute(asked)]

    def release(self, session: str, path: str | None = None) -> None:
        """Forget what was kept for a session, or for one path of it."""
        which = _held_forms.c.session == session
        which = which & (_held_forms.c.path == path) if path is not None else which
        with self._database.writing() as connection:
            connection.execute(delete(_held_forms).where(which))

    def unlock(self, session: str, now: str, proved_at: str = "") -> str:
        """Unlock a session and return its new token: whoever saw the old one has nothing. Open pages stay good."""
        token = secrets.token_urlsafe(32)
        self._write(session, token=hashed(token), locked_at=None, seen_at=now, made_at=proved_at or now)
        return token

    def end(self, session: str, now: str) -> None:
        """End a session for good."""
        self._write(session, ended_at=now, storage_key="")
        self.release(session)

    def end_all(self, account: str, now: str, but: str = "") -> None:
        """End every session of an account, but one."""
        theirs = (_sessions.c.account == account) & (_sessions.c.id != but) & _sessions.c.ended_at.is_(None)
        with self._database.writing() as connection:
            gone = _held_forms.c.session.in_(select(_sessions.c.id).where(theirs))
            connection.execute(delete(_held_forms).where(gone))
            connection.execute(update(_sessions).where(theirs).values(ended_at=now, storage_key=""))

    def _write(self, session: str, also: Any = True, **columns: str | None) -> bool:
        with self._database.writing() as connection:
            which = update(_sessions).where(_sessions.c.id == session, _sessions.c.ended_at.is_(None))
            return _changed(connection, which.where(also) if also is not True else which, columns)

    def clear(self, now: str) -> None:
        """Remove what nobody can use any more: sessions, links and errands that ended a day ago.

        Forms that wait for a session which is over go at once.
        """
        ended = later(now, days=-1)
        with self._database.writing() as connection:
            over = _held_forms.c.session.in_(select(_sessions.c.id).where(_sessions.c.ends_at <= now))
            connection.execute(delete(_held_forms).where(over))
            for table in (_sessions, _links, _errands):
                connection.execute(delete(table).where(table.c.ends_at < ended))

    # Tokens of programs

    def tokens(self, account: str, now: str) -> list[Token]:
        """Return the tokens of an account that are good, the first one first."""
        good = _sessions.c.ended_at.is_(None) & (_sessions.c.ends_at > now)
        theirs = (_sessions.c.account == account) & (_sessions.c.way == "token")
        asked = select(_sessions).where(theirs & good).order_by(_sessions.c.made_at, _sessions.c.id)
        with self._database.reading() as connection:
            return [_token_of(row) for row in connection.execute(asked)]

    def revoke(self, account: str, token: str, now: str) -> bool:
        """End a token of an account by its public name; return False where the account has none of that name."""
        theirs = (_sessions.c.account == account) & (_sessions.c.way == "token")
        return self._write(token, theirs, ended_at=now, storage_key="")

    # One-time links

    def link(self, account: str, now: str, minutes: float = 10) -> str:
        """Make a one-time link and return its token."""
        token = secrets.token_urlsafe(32)
        values = {"token": hashed(token), "account": account, "made_at": now, "ends_at": later(now, minutes=minutes)}
        with self._database.writing() as connection:
            connection.execute(insert(_links).values(values))
        return token

    def use_link(self, token: str, now: str) -> Account | None:
        """Use a link up and return whose it was; None where it was used, is too old or was never made."""
        which = (_links.c.token == hashed(token)) & _links.c.used_at.is_(None) & (_links.c.ends_at > now)
        with self._database.writing() as connection:
            if not _changed(connection, update(_links).where(which), {"used_at": now}):
                return None
            whose = (
                select(_accounts)
                .join(_links, _links.c.account == _accounts.c.id)
                .where(_links.c.token == hashed(token))
            )
            found = _account_of(connection.execute(whose).one())
        return None if found.disabled_at else found

    # Attempts to sign in

    def attempt(self, key: str, now: str) -> str:
        """Write down an attempt under a key, and return its id."""
        made = str(uuid.uuid4())
        with self._database.writing() as connection:
            connection.execute(insert(_attempts).values(id=made, key=key, at=now))
        return made

    def attempts(self, key: str, since: str) -> tuple[int, str]:
        """Return how many attempts there were since a moment, and the first of them ("" where there was none)."""
        asked = select(func.count(), func.min(_attempts.c.at)).where(_attempts.c.key == key, _attempts.c.at > since)
        with self._database.reading() as connection:
            count, first = connection.execute(asked).one()
        return count, first or ""

    def forget(self, key: str = "", attempt: str = "", before: str = "") -> None:
        """Forget attempts: those of a key, one by its id, or all before a moment."""
        which = (_attempts.c.key == key) | (_attempts.c.id == attempt) | (_attempts.c.at < before)
        with self._database.writing() as connection:
            connection.execute(delete(_attempts).where(which))

    def forget_last(self, key: str) -> None:
        """Forget the latest attempt of a key."""
        asked = select(_attempts.c.id).where(_attempts.c.key == key).order_by(_attempts.c.at.desc()).limit(1)
        with self._database.writing() as connection:
            connection.execute(delete(_attempts).where(_attempts.c.id == asked.scalar_subquery()))

    # Sign-ins at a provider

    def send_away(self, state: str, visitor: str, errand: Errand, ends_at: str) -> None:
        """Keep what a person who was sent to the provider must come back with."""
        values = {"state": hashed(state), "visitor": hashed(visitor), "ends_at": ends_at}
        with self._database.writing() as connection:
            connection.execute(
                insert(_errands).values(nonce=errand.nonce, verifier=errand.verifier, left_at=errand.left_at, **values)
            )

    def come_back(self, state: str, visitor: str, now: str) -> Errand | None:
        """Return, once, what was kept for the same browser; None for anybody else."""
        which = (
            (_errands.c.state == hashed(state)) & (_errands.c.visitor == hashed(visitor)) & (_errands.c.ends_at > now)
        )
        with self._database.writing() as connection:
            row = connection.execute(select(_errands).where(which)).one_or_none()
            gone = connection.execute(delete(_errands).where(_errands.c.state == hashed(state))).rowcount
        return None if row is None or gone != 1 else Errand(row.nonce, row.verifier, row.left_at)


def _changed(connection: Connection, statement: Any, columns: Mapping[str, str | None]) -> bool:
    return bool(connection.execute(statement.values(columns)).rowcount)


def _account_of(row: Row[Any]) -> Account:
    held = row._mapping
    return Account(
        held[_accounts.c.id],
        held[_accounts.c.login],
        held[_accounts.c.full_name],
        tuple(held[_accounts.c.roles].split()),
        held[_accounts.c.password],
        held[_accounts.c.issuer],
        held[_accounts.c.subject],
        held[_accounts.c.disabled_at],
    )


def _token_of(row: Row[Any]) -> Token:
    used = row.seen_at if row.seen_at != row.made_at else ""
    return Token(row.id, row.purpose, row.made_at, used, row.ends_at)


def _session_of(row: Row[Any]) -> Session:
    held = row._mapping
    return Session(
        held[_sessions.c.id],
        _account_of(row),
        held[_sessions.c.way],
        held[_sessions.c.csrf],
        held[_sessions.c.storage_key],
        held[_sessions.c.seen_at],
        held[_sessions.c.ends_at],
        held[_sessions.c.locked_at] is not None,
        held[_sessions.c.left_at],
        held[_sessions.c.made_at],
    )
