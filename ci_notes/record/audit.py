"""The audit trail: who saw and changed what. It is only ever added to, and chained like the ledger."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from ci_notes.record import chain
from ci_notes.record.database import Database
from ci_notes.record.model import Audited, Event, Head
from ci_notes.record.rows import Row
from ci_notes.record.tables import audit

_TOLD = [field.name for field in fields(Event)]


class Audit:
    """The audit trail of a record."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, event: Event, now: str) -> Audited:
        """Append an event."""
        with self.database.writing() as connection:
            return _audited(chain.append(connection, audit, {"at": now, **asdict(event)}))

    def entries(
        self,
        after: int = 0,
        limit: int | None = None,
        since: str | None = None,
        until: str | None = None,
        **told: str,
    ) -> list[Audited]:
        """Return events in order: after a place in the chain, from a moment on, up to another, and of `told`.

        `told` are fields of an Event with the value that is looked for, as who="..." or patient="...".
        """
        query = _of(select(audit).where(audit.c.seq > after).order_by(audit.c.seq), told)
        if since is not None:
            query = query.where(audit.c.at >= since)
        if until is not None:
            query = query.where(audit.c.at < until)
        with self.database.reading() as connection:
            return [_audited(row) for row in connection.execute(query.limit(limit)).mappings()]

    def latest(
        self, limit: int, before: int | None = None, about: str = "", since: str = "", until: str = "", who: str = ""
    ) -> list[Audited]:
        """Return events, the latest first: before a place in the chain, about an entity or a patient."""
        asked = [
            (before is not None, audit.c.seq < (before or 0)),
            (bool(about), _about(about)),
            (bool(since), audit.c.at >= since),
            (bool(until), audit.c.at < until),
            (bool(who), audit.c.who == who),
        ]
        query = select(audit).where(*(which for given, which in asked if given)).order_by(audit.c.seq.desc())
        with self.database.reading() as connection:
            return [_audited(row) for row in connection.execute(query.limit(limit)).mappings()]

    def head(self) -> Head:
        """Return where the trail ends."""
        with self.database.reading() as connection:
            return chain.head(connection, audit)


def _about(name: str) -> ColumnElement[bool]:
    """Return what holds of events about an entity or a patient, and of searches that showed her."""
    shown = (audit.c.action == "search") & (" " + audit.c.entity + " ").contains(f" {name} ", autoescape=True)
    return (audit.c.entity == name) | (audit.c.patient == name) | shown


def _of(query: Select[Any], told: Mapping[str, str]) -> Select[Any]:
    for name, value in told.items():
        if name not in _TOLD:
            raise TypeError(f"an event has no {name}")
        query = query.where(audit.c[name] == value)
    return query


def _audited(row: Row) -> Audited:
    event = Event(**{name: row[name] for name in _TOLD})
    return Audited(row["seq"], row["at"], event, row["previous"], row["hash"])
