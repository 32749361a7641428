"""The ledger: what was signed, and what was said about it since. It is only ever added to.

Who may sign is decided by those who ask; refused here is what would break the record.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select

from ci_notes.errors import InputError
from ci_notes.record import chain, patients
from ci_notes.record.database import Database
from ci_notes.record.model import (
    ADDENDUM,
    AMENDED,
    COSIGNED,
    SIGNED,
    VOID,
    Draft,
    Entry,
    Head,
    MissingError,
    MovedOnError,
    Person,
    Signed,
    Standing,
    Verified,
)
from ci_notes.record.rows import (
    draft_in,
    entries_in,
    entry_of,
    latest_change,
    of_note,
    signature,
    standing_in,
    standings_in,
)
from ci_notes.record.tables import drafts, entries
from ci_notes.record.verifying import verified

LEAST_REASON = 10
"""How many characters a reason to amend, or to call a note an error, has at least."""


class Ledger:
    """The signed notes, their versions, and everything entered about them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def sign(self, draft: str, expected_revision: int, signed: Signed, by: Person, now: str) -> Entry:
        """Make a draft the next version of its note; raises MovedOnError if it is not at that revision any more."""
        if signed.data.get("id") != draft or signed.data.get("status") not in ("final", "amended"):
            raise ValueError("what is signed is the draft's own note, with the status final or amended")
        with self.database.writing() as connection:
            found = draft_in(connection, draft, locked=True)
            if found.revision != expected_revision:
                raise _moved_on(connection, found)
            number = _next_number(connection, found, signed.reason)
            patient = patients.settle(self.database, connection, signed.data, found.patient, now)
            body = _body(found, signed)
            kind = AMENDED if found.amends else SIGNED
            about = {"kind": kind, "note": draft, "number": number, "patient": patient}
            entry = _append(connection, about, by, now, signed.reason, body)
            if found.addendum_of and not found.amends:
                _append_addendum(connection, found.addendum_of, {"text": "", "note": draft}, by, now)
            connection.execute(delete(drafts).where(drafts.c.id == draft))
            patients.forget_unused(self.database, connection, found.patient)
            return entry

    def cosign(self, note: str, by: Person, now: str, number: int | None = None) -> Entry:
        """Add a second signature to the last version of a note; refused if that is not the number that was read."""
        with self.database.writing() as connection:
            standing = standing_in(connection, note, locked=True)
            _refuse_void(standing)
            if number not in (None, standing.latest.number):
                raise InputError(f"version {standing.latest.number} was signed meanwhile: read it, then co-sign")
            return _append(connection, _about(standing, COSIGNED), by, now)

    def addend(self, note: str, text: str, by: Person, now: str) -> Entry:
        """Add words to a signed note; what was signed stays as it is."""
        if not text.strip():
            raise InputError("the addendum is empty: write what is to be added")
        with self.database.writing() as connection:
            return _append_addendum(connection, note, {"text": text.strip(), "note": ""}, by, now)

    def void(self, note: str, reason: str, by: Person, now: str) -> Entry:
        """Say that a note was entered in error; it stays in the record."""
        _hold_reason(reason, "why the note was entered in error")
        with self.database.writing() as connection:
            standing = standing_in(connection, note, locked=True)
            _refuse_void(standing)
            return _append(connection, _about(standing, VOID), by, now, reason)

    # --- reading ---

    def entry(self, seq: int) -> Entry:
        """Return an entry by its place in the chain; raises MissingError."""
        with self.database.reading() as connection:
            found = entries_in(connection, select(entries).where(entries.c.seq == seq))
        if not found:
            raise MissingError(f"the ledger has no entry {seq}")
        return found[0]

    def history(self, note: str) -> list[Entry]:
        """Return all entries of a note in order; none for a note that nobody signed."""
        with self.database.reading() as connection:
            return entries_in(connection, of_note(note))

    def versions(self, note: str) -> list[Entry]:
        """Return the signed versions of a note, the first one first."""
        return [entry for entry in self.history(note) if entry.kind in (SIGNED, AMENDED)]

    def latest(self, note: str) -> Entry:
        """Return the last version of a note; raises MissingError where none is signed."""
        return self.standing(note).latest

    def standing(self, note: str) -> Standing:
        """Return how a note stands now; raises MissingError where none is signed."""
        with self.database.reading() as connection:
            return standing_in(connection, note)

    def recent(self, limit: int = 20, offset: int = 0) -> list[Standing]:
        """Return how the notes stand of which a version was signed last, the last one first."""
        last = func.max(entries.c.seq)
        query = select(entries.c.note).where(entries.c.kind.in_((SIGNED, AMENDED))).group_by(entries.c.note)
        with self.database.reading() as connection:
            names = connection.execute(query.order_by(last.desc()).limit(limit).offset(offset)).scalars().all()
            return sorted(standings_in(connection, names), key=lambda one: names.index(one.note))

    def signed_by(self, who: str, limit: int) -> list[Entry]:
        """Return the versions that a person signed, the last first."""
        query = select(entries).where((entries.c.who == who) & entries.c.kind.in_((SIGNED, AMENDED)))
        with self.database.reading() as connection:
            return entries_in(connection, query.order_by(entries.c.seq.desc()).limit(limit))

    def head(self) -> Head:
        """Return where the ledger ends: kept elsewhere, its hash shows whether something before it was changed."""
        with self.database.reading() as connection:
            return chain.head(connection, entries)

    def verify(self, kept: str | None = None) -> Verified:
        """Recompute both chains; `kept` is a head that was written down elsewhere."""
        with self.database.snapshot() as connection:
            return verified(connection, kept)


def _about(standing: Standing, kind: str) -> dict[str, Any]:
    """Return what an entry about a note is about: its last version."""
    last = standing.latest
    return {"kind": kind, "note": last.note, "number": last.number, "patient": last.patient}


def _append(
    connection: Connection,
    about: Mapping[str, Any],
    by: Person,
    now: str,
    reason: str = "",
    body: Mapping[str, Any] | None = None,
) -> Entry:
    words = chain.written(body or {})
    row = {**about, **signature(by), "at": now, "reason": reason.strip(), "body": words}
    return entry_of(chain.append(connection, entries, row))


def _append_addendum(connection: Connection, note: str, body: Mapping[str, Any], by: Person, now: str) -> Entry:
    standing = standing_in(connection, note, locked=True)
    return _append(connection, _about(standing, ADDENDUM), by, now, body=body)


def _body(draft: Draft, signed: Signed) -> dict[str, Any]:
    """Return what an entry holds of a version: all that was shown when it was signed."""
    return {
        "data": dict(signed.data),
        "template": draft.template,
        "version": draft.version,
        "fingerprint": signed.fingerprint,
        "sentences": list(signed.sentences),
        "page": None if signed.page is None else list(signed.page),
        "no_page": signed.no_page,
        "findings": list(signed.findings),
        "computed": list(signed.computed),
        "revision": draft.revision,
        "addendum_of": draft.addendum_of,
        "origin": signed.origin,
    }


def _next_number(connection: Connection, draft: Draft, reason: str) -> int:
    """Return the number that the signed draft will have; raises InputError where it can have none."""
    chain.head(connection, entries, locked=True)
    last = connection.execute(select(func.max(entries.c.number)).where(entries.c.note == draft.id)).scalar() or 0
    if draft.amends is None:
        if last:
            raise InputError("this note is signed already: amend it, or add an addendum")
        return 1
    if last != draft.amends:
        raise InputError(f"version {last} was signed meanwhile: begin the amendment from it, not from {draft.amends}")
    _refuse_void(standing_in(connection, draft.id))
    _hold_reason(reason, "why the note is amended")
    return last + 1


def _hold_reason(reason: str, what: str) -> None:
    if len(reason.strip()) < LEAST_REASON:
        raise InputError(f"say {what}, in at least {LEAST_REASON} characters")


def _refuse_void(standing: Standing) -> None:
    if standing.status == VOID:
        raise InputError("this note was entered in error and stays as it is: write a new one")


def _moved_on(connection: Connection, draft: Draft) -> MovedOnError:
    latest = latest_change(connection, draft)
    message = f"{latest.by.name} changed this note at {latest.at}, after what you were shown: read it again, then sign"
    return MovedOnError(message, latest)
