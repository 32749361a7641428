"""Sessions: sittings at a browser, what waits while one is locked, and the tokens of programs."""

import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Row, Table, delete, insert, select, update

from ci_notes.record.accounts import Account, account_of, accounts
from ci_notes.record.database import Database
from ci_notes.record.tables import Words, metadata
from ci_notes.record.tokens import hashed, later

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


class Sessions:
    """The sessions in a database. Moments are ISO 8601 text in UTC and come from the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

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

    def find(self, token: str, now: str) -> Session | None:
        """Return the session of a token, unless it ended or its account may not sign in any more."""
        alive = (
            (_sessions.c.token == hashed(token))
            & _sessions.c.ended_at.is_(None)
            & (_sessions.c.ends_at > now)
            & accounts.c.disabled_at.is_(None)
        )
        asked = select(_sessions, accounts).join(accounts, accounts.c.id == _sessions.c.account).where(alive)
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
            which = which.where(also) if also is not True else which
            return bool(connection.execute(which.values(columns)).rowcount)

    def clear(self, now: str) -> None:
        """Remove the sessions that ended a day ago; forms that wait for a session which is over go at once."""
        with self._database.writing() as connection:
            over = _held_forms.c.session.in_(select(_sessions.c.id).where(_sessions.c.ends_at <= now))
            connection.execute(delete(_held_forms).where(over))
            connection.execute(delete(_sessions).where(_sessions.c.ends_at < later(now, days=-1)))

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


def _token_of(row: Row[Any]) -> Token:
    used = row.seen_at if row.seen_at != row.made_at else ""
    return Token(row.id, row.purpose, row.made_at, used, row.ends_at)


def _session_of(row: Row[Any]) -> Session:
    held = row._mapping
    return Session(
        held[_sessions.c.id],
        account_of(row),
        held[_sessions.c.way],
        held[_sessions.c.csrf],
        held[_sessions.c.storage_key],
        held[_sessions.c.seen_at],
        held[_sessions.c.ends_at],
        held[_sessions.c.locked_at] is not None,
        held[_sessions.c.left_at],
        held[_sessions.c.made_at],
    )
