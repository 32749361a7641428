"""Accounts: who may sign in, as what, with passwords as argon2 wrote them."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Table, UniqueConstraint, insert, select, update
from sqlalchemy.exc import IntegrityError

from ci_notes.errors import InputError
from ci_notes.record.database import Database
from ci_notes.record.tables import Words, metadata

ROLES = ("clinician", "co-signer", "qa", "admin")
"""What an account may be; an account may be several of them."""

accounts = Table(
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


class Accounts:
    """The accounts in a database. Moments are ISO 8601 text in UTC and come from the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, login: str, full_name: str, roles: tuple[str, ...], now: str, **more: str) -> Account:
        """Add an account (`more`: password, issuer, subject); raises InputError if the name is taken."""
        row = {"id": str(uuid.uuid4()), "login": login, "full_name": full_name, "roles": " ".join(roles)}
        try:
            with self._database.writing() as connection:
                connection.execute(insert(accounts).values({**row, "made_at": now, "password": "", **more}))
        except IntegrityError:
            raise InputError(f"there is an account {login} already") from None
        return self.get(row["id"])

    def get(self, account: str) -> Account:
        """Return an account by its id; raises KeyError."""
        found = self._one(accounts.c.id == account)
        if found is None:
            raise KeyError(account)
        return found

    def find(self, login: str) -> Account | None:
        """Return the account of a sign-in name."""
        return self._one(accounts.c.login == login)

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a person whom an OpenID provider knows."""
        return self._one((accounts.c.issuer == issuer) & (accounts.c.subject == subject))

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with self._database.reading() as connection:
            return [account_of(row) for row in connection.execute(select(accounts).order_by(accounts.c.login))]

    def change(self, account: str, **columns: str | None) -> None:
        """Write columns of an account: full_name, roles (separated by spaces), password, disabled_at."""
        with self._database.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.id == account).values(columns))

    def _one(self, which: Any) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(select(accounts).where(which)).one_or_none()
        return None if row is None else account_of(row)


def account_of(row: Row[Any]) -> Account:
    """Return the account in a row, be it joined with others."""
    held = row._mapping
    return Account(
        held[accounts.c.id],
        held[accounts.c.login],
        held[accounts.c.full_name],
        tuple(held[accounts.c.roles].split()),
        held[accounts.c.password],
        held[accounts.c.issuer],
        held[accounts.c.subject],
        held[accounts.c.disabled_at],
    )
