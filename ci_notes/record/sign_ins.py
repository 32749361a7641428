"""Ways in: one-time links, attempts to sign in, and sign-ins for which somebody was sent to a provider."""

import secrets
import uuid
from dataclasses import dataclass

from sqlalchemy import Column, ForeignKey, Index, Table, delete, func, insert, select, update

from ci_notes.record.accounts import Account, account_of, accounts
from ci_notes.record.database import Database
from ci_notes.record.tables import Words, metadata
from ci_notes.record.tokens import hashed, later

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
class Errand:
    """A sign-in that somebody was sent away for, to the department's own provider."""

    nonce: str
    verifier: str
    left_at: str


class SignIns:
    """What is kept of people who are not signed in yet. Moments are ISO 8601 text in UTC and come from the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def clear(self, now: str) -> None:
        """Remove the links and errands that ended a day ago."""
        with self._database.writing() as connection:
            for table in (_links, _errands):
                connection.execute(delete(table).where(table.c.ends_at < later(now, days=-1)))

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
            if not connection.execute(update(_links).where(which).values(used_at=now)).rowcount:
                return None
            whose = (
                select(accounts).join(_links, _links.c.account == accounts.c.id).where(_links.c.token == hashed(token))
            )
            found = account_of(connection.execute(whose).one())
        return None if found.disabled_at else found

    # Attempts

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
