"""Rows of the tables read as what they say, within somebody's transaction."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from ci_notes.record import chain
from ci_notes.record.model import (
    AMENDED,
    SIGNED,
    VOID,
    DiscardedError,
    Draft,
    Entry,
    GoneError,
    Latest,
    MissingError,
    Person,
    Standing,
)
from ci_notes.record.tables import draft_batches, draft_changes, drafts, entries

Row = RowMapping | Mapping[str, Any]
"""As the database gives it, or as it was just written."""


def person(row: Row, prefix: str = "") -> Person:
    """Return by whom a row is."""
    return Person(row[f"{prefix}who"], row[f"{prefix}who_name"], row[f"{prefix}role"])


def signature(by: Person, prefix: str = "") -> dict[str, str]:
    """Return the columns that say by whom a row is."""
    return {f"{prefix}who": by.id, f"{prefix}who_name": by.name, f"{prefix}role": by.role}


# --- drafts --------------------------------------------------------------------------------------------------------


def draft_of(row: Row) -> Draft:
    """Return a draft from its row."""
    same = ("id", "template", "version", "revision", "patient", "amends", "addendum_of")
    moments = ("created_at", "updated_at", "discarded_at")
    return Draft(
        **{name: row[name] for name in (*same, *moments)},
        state=json.loads(row["state"]),
        created_by=person(row, "created_"),
        updated_by=person(row, "updated_"),
    )


def draft_in(
    connection: Connection, draft: str, locked: bool = False, discarded: bool = False, batch: str | None = None
) -> Draft:
    """Return a draft, held for writing where asked; raises GoneError, DiscardedError or MissingError."""
    query = select(drafts).where(drafts.c.id == draft)
    row = connection.execute(query.with_for_update() if locked else query).mappings().one_or_none()
    if row is None:
        raise _gone(connection, draft, batch)
    found = draft_of(row)
    if found.discarded_at is not None and not discarded:
        raise DiscardedError(f"{found.updated_by.name} discarded this draft at {found.discarded_at}: restore it first")
    return found


def _gone(connection: Connection, draft: str, batch: str | None) -> MissingError:
    history = entries_in(connection, of_note(draft))
    if not history:
        return MissingError("there is no draft under this address")
    last = standing_of(history).latest
    words = f"{last.by.name} signed this note at {last.at}: it cannot change any more; amend it, or add an addendum"
    return GoneError(words, batch is not None and is_applied(connection, draft, batch))


def is_applied(connection: Connection, draft: str, batch: str) -> bool:
    """Return whether a batch of changes has been applied already."""
    same = (draft_batches.c.draft == draft) & (draft_batches.c.batch == batch)
    return connection.execute(select(draft_batches.c.at).where(same)).first() is not None


def latest_change(connection: Connection, draft: Draft) -> Latest:
    """Return the last change of a draft."""
    query = select(draft_changes.c.tab).where(
        (draft_changes.c.draft == draft.id) & (draft_changes.c.revision == draft.revision)
    )
    return Latest(draft.revision, draft.updated_by, connection.execute(query).scalars().first() or "", draft.updated_at)


# --- the ledger ----------------------------------------------------------------------------------------------------


def of_note(note: str) -> Select[Any]:
    """Return the query for all entries of a note in order."""
    return select(entries).where(entries.c.note == note).order_by(entries.c.seq)


def entries_in(connection: Connection, query: Select[Any]) -> list[Entry]:
    """Return the entries that a query finds."""
    return [entry_of(row) for row in connection.execute(query).mappings()]


def entry_of(row: Row) -> Entry:
    """Return an entry from its row."""
    same = ("seq", "kind", "note", "number", "patient", "at", "reason", "previous", "hash")
    return Entry(**{name: row[name] for name in same}, by=person(row), body=json.loads(row["body"]))


def standing_in(connection: Connection, note: str, locked: bool = False) -> Standing:
    """Return how a signed note stands; `locked`: nobody appends until the end; raises MissingError."""
    if locked:
        chain.head(connection, entries, locked=True)
    history = entries_in(connection, of_note(note))
    if not history:
        raise MissingError("there is no signed note under this address")
    return standing_of(history)


def standing_of(history: list[Entry]) -> Standing:
    """Return how the note of these entries stands; there is at least one version among them."""
    latest = next(entry for entry in reversed(history) if entry.kind in (SIGNED, AMENDED))
    void = any(entry.kind == VOID for entry in history)
    status = VOID if void else str(latest.data.get("status", "final"))
    return Standing(latest.note, status, latest, tuple(history))


def standings_of(connection: Connection, patient: str) -> list[Standing]:
    """Return how each note stands whose last version is of this patient, in the order in which they were signed."""
    notes = connection.execute(select(entries.c.note).where(entries.c.patient == patient).distinct()).scalars()
    return [one for one in standings_in(connection, notes.all()) if one.latest.patient == patient]


def standings_in(connection: Connection, notes: Sequence[str]) -> list[Standing]:
    """Return how these signed notes stand, in the order in which they were first signed."""
    found: dict[str, list[Entry]] = {}
    for entry in entries_in(connection, select(entries).where(entries.c.note.in_(notes)).order_by(entries.c.seq)):
        found.setdefault(entry.note, []).append(entry)
    return [standing_of(history) for history in found.values()]
