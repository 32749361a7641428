"""Notes being written: every change is kept with who made it, and nothing is lost when two write at once."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, func, select, update

from ci_notes.errors import InputError
from ci_notes.record import patients
from ci_notes.record.chain import written
from ci_notes.record.database import Database
from ci_notes.record.model import (
    VOID,
    Draft,
    Latest,
    MissingError,
    Person,
    PlaceChange,
    Point,
    Presence,
    State,
    Touched,
)
from ci_notes.record.places import differing
from ci_notes.record.rows import Row, draft_in, draft_of, person, signature, standing_in
from ci_notes.record.tables import draft_batches, draft_changes, draft_points, draft_tabs, drafts, entries, storable

Apply = Callable[[State, Mapping[str, Latest]], tuple[State, Touched]]
"""Makes a draft's next state from its present one and the last change of each place; says what it touched."""

KEPT = timedelta(days=30)
"""How long a discarded draft can be restored."""

HEARD = timedelta(seconds=60)
"""How long after its last sign a tab counts as open."""


def _new_id() -> str:
    return str(uuid4())


class Drafts:
    """The drafts of a record."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- begin and end ---

    def begin(self, data: Mapping[str, Any], by: Person, now: str, new_id: Callable[[], str] = _new_id) -> Draft:
        """Begin a note; its id is taken from `data` where it has one; raises InputError where that is in use."""
        note = storable(str(data.get("id") or new_id()))
        state = {"data": {**data, "id": note, "status": "draft"}, "unread": {}, "conflicts": {}, "opened": []}
        with self.database.writing() as connection:
            if connection.execute(select(entries.c.seq).where(entries.c.note == note)).first():
                raise InputError("this note is signed already: amend it, or add an addendum")
            return self._insert(connection, state, by, now)

    def begin_amendment(self, note: str, by: Person, now: str) -> Draft:
        """Begin the next version of a signed note from its last one; raises InputError where that cannot be."""
        with self.database.writing() as connection:
            standing = standing_in(connection, note)
            if standing.status == VOID:
                raise InputError("this note was entered in error and stays as it is: write a new one")
            data = {**standing.latest.data, "status": "draft"}
            data.pop("signed_at", None)
            state = {"data": data, "unread": {}, "conflicts": {}, "opened": []}
            # Revisions go on where they ended, so that a browser that was away since does not take one for another.
            revision = int(standing.latest.body.get("revision", 0)) + 1
            return self._insert(connection, state, by, now, revision, standing.latest.number)

    def discard(self, draft: str, by: Person, now: str) -> None:
        """Put a draft aside; it can be restored for thirty days."""
        with self.database.writing() as connection:
            draft_in(connection, draft, locked=True)
            values = {"discarded_at": now, "updated_at": now, **signature(by, "updated_")}
            connection.execute(update(drafts).where(drafts.c.id == draft).values(values))

    def restore(self, draft: str, by: Person, now: str) -> Draft:
        """Take a draft back that was discarded."""
        with self.database.writing() as connection:
            found = draft_in(connection, draft, locked=True, discarded=True)
            if found.discarded_at and _is_over(found.discarded_at, KEPT, now):
                raise MissingError("this draft was discarded more than thirty days ago")
            values = {"discarded_at": None, "updated_at": now, **signature(by, "updated_")}
            connection.execute(update(drafts).where(drafts.c.id == draft).values(values))
            return draft_in(connection, draft)

    def purge(self, now: str) -> int:
        """Remove what was discarded more than thirty days ago; return how many drafts that were."""
        before = (datetime.fromisoformat(now) - KEPT).isoformat()
        with self.database.writing() as connection:
            self.database.queue(connection, "patients")  # before the drafts, as somebody does who begins one
            old = drafts.c.discarded_at < before
            removed = connection.execute(select(drafts.c.id, drafts.c.patient).where(old)).all()
            connection.execute(delete(drafts).where(old))
            for _, patient in removed:
                patients.forget_unused(self.database, connection, patient)
            gone = draft_batches.c.draft.not_in(select(drafts.c.id))
            connection.execute(delete(draft_batches).where(gone & (draft_batches.c.at < before)))
            return len(removed)

    # --- reading ---

    def get(self, draft: str) -> Draft:
        """Return a draft; raises GoneError where it was signed, DiscardedError, MissingError."""
        with self.database.reading() as connection:
            return draft_in(connection, draft)

    def listing(
        self,
        by: str | None = None,
        patient: str | None = None,
        discarded: bool = False,
        but_by: str | None = None,
        limit: int | None = None,
    ) -> list[Draft]:
        """Return drafts, the last changed first: all, or those that a person began or others did, or of a patient."""
        query = select(drafts).order_by(drafts.c.updated_at.desc(), drafts.c.id).limit(limit)
        query = query.where(drafts.c.discarded_at.is_not(None) if discarded else drafts.c.discarded_at.is_(None))
        if by is not None:
            query = query.where(drafts.c.created_who == by)
        if but_by is not None:
            query = query.where(drafts.c.created_who != but_by)
        if patient is not None:
            query = query.where(drafts.c.patient == patient)
        with self.database.reading() as connection:
            return [draft_of(row) for row in connection.execute(query).mappings()]

    def since(self, draft: str, revision: int) -> list[PlaceChange]:
        """Return what was changed after a revision, in order."""
        changed = draft_changes.c
        query = select(draft_changes).where((changed.draft == draft) & (changed.revision > revision))
        with self.database.reading() as connection:
            draft_in(connection, draft)
            rows = connection.execute(query.order_by(changed.revision, changed.place)).mappings()
            return [_place_change(row) for row in rows]

    # --- changing ---

    def change(self, draft: str, apply: Apply, by: Person, tab: str, now: str, batch: str | None = None) -> Draft:
        """Change a draft in one transaction; the same batch twice is applied once, and the draft returned as it is.

        Raises GoneError where it was signed (its `applied` says whether the batch came before that), DiscardedError,
        MissingError, and whatever `apply` raises; then nothing is changed.
        """
        with self.database.writing() as connection:
            found = draft_in(connection, draft, locked=True, batch=batch)
            sent = {"draft": draft, "batch": batch, "at": now}
            if batch is not None and not self.database.add(connection, draft_batches, sent):
                return found
            state, touched = apply(_read(written(found.state)), _LatestChanges(connection, draft))
            return self._write(connection, found, state, touched, Latest(found.revision + 1, by, tab, now))

    # --- save points ---

    def points(self, draft: str) -> list[Point]:
        """Return the save points of a draft, the last first."""
        query = select(draft_points).where(draft_points.c.draft == draft)
        query = query.order_by(draft_points.c.revision.desc(), draft_points.c.at.desc(), draft_points.c.id)
        with self.database.reading() as connection:
            draft_in(connection, draft)
            return [_point(row) for row in connection.execute(query).mappings()]

    def mark(self, draft: str, name: str, by: Person, now: str, new_id: Callable[[], str] = _new_id) -> Point:
        """Keep the draft as it is now under a name, so that one can go back to it."""
        with self.database.writing() as connection:
            found = draft_in(connection, draft, locked=True)
            point = Point(new_id(), storable(name.strip()) or now, found.revision, by, now)
            told = {"id": point.id, "name": point.name, "revision": point.revision, "at": now, **signature(by)}
            connection.execute(draft_points.insert().values(**told, draft=draft, state=written(found.state)))
            return point

    def back_to(self, draft: str, point: str, by: Person, tab: str, now: str) -> Draft:
        """Make a draft again what it was at a save point: a new revision, so that what came since can be had back."""
        with self.database.writing() as connection:
            found = draft_in(connection, draft, locked=True)
            kept = (draft_points.c.draft == draft) & (draft_points.c.id == point)
            row = connection.execute(select(draft_points.c.state).where(kept)).one_or_none()
            if row is None:
                raise MissingError("this draft has no such save point")
            state = _read(row.state)
            made = Latest(found.revision + 1, by, tab, now)
            return self._write(connection, found, state, differing(found.state, state), made)

    # --- who else is here ---

    def present(self, draft: str, by: Person, tab: str, now: str) -> list[Presence]:
        """Say that a tab has the draft open, and return the tabs that have, this one among them."""
        with self.database.writing() as connection:
            draft_in(connection, draft)
            self.database.put(connection, draft_tabs, {"draft": draft, "tab": tab, **signature(by), "seen": now})
            rows = connection.execute(select(draft_tabs).where(draft_tabs.c.draft == draft)).mappings()
            tabs = [Presence(row["tab"], person(row), row["seen"]) for row in rows]
        return sorted((one for one in tabs if not _is_over(one.seen, HEARD, now)), key=lambda one: (one.seen, one.tab))

    def leave(self, draft: str, tab: str) -> None:
        """Say that a tab was closed."""
        with self.database.writing() as connection:
            gone = (draft_tabs.c.draft == draft) & (draft_tabs.c.tab == tab)
            connection.execute(delete(draft_tabs).where(gone))

    # --- rows ---

    def _insert(
        self, connection: Connection, state: State, by: Person, now: str, revision: int = 1, amends: int | None = None
    ) -> Draft:
        data = state["data"]
        note = str(data["id"])
        row = {
            "id": note,
            **_told(data),
            "state": written(state),
            "revision": revision,
            "patient": patients.follow(self.database, connection, data, None, now),
            "amends": amends,
            **signature(by, "created_"),
            "created_at": now,
            **signature(by, "updated_"),
            "updated_at": now,
        }
        made = self.database.add(connection, drafts, row)
        found = draft_in(connection, note)  # raises where it is there and was discarded
        if not made:
            raise InputError("this note is being written already: open its draft")
        return found

    def _write(self, connection: Connection, old: Draft, state: State, touched: Touched, made: Latest) -> Draft:
        """Write the next revision and what it touched; a change that changes nothing makes none."""
        words = written(state)
        if not touched and words == written(old.state):
            return old
        patient = old.patient
        if state["data"].get("patient") != old.data.get("patient"):
            patient = patients.follow(self.database, connection, state["data"], old.patient, made.at)
        told = {**_told(state["data"]), "revision": made.revision, "patient": patient, "updated_at": made.at}
        row = {**told, "state": words, **signature(made.by, "updated_")}
        connection.execute(update(drafts).where(drafts.c.id == old.id), row)
        if patient != old.patient:
            patients.forget_unused(self.database, connection, old.patient)
        _log(connection, old.id, touched, made)
        return replace(old, **told, state=_read(words), updated_by=made.by)


class _LatestChanges(Mapping[str, Latest]):
    """The last change of each place, read when somebody looks: a draft that nobody else changed never asks."""

    def __init__(self, connection: Connection, draft: str) -> None:
        self.connection = connection
        self.draft = draft
        self._read: dict[str, Latest] | None = None

    @property
    def read(self) -> dict[str, Latest]:
        if self._read is None:
            changed = draft_changes.c
            last = select(changed.place, func.max(changed.revision).label("revision"))
            last_of = last.where(changed.draft == self.draft).group_by(changed.place).subquery()
            query = select(draft_changes).join(
                last_of, (changed.place == last_of.c.place) & (changed.revision == last_of.c.revision)
            )
            rows = self.connection.execute(query.where(changed.draft == self.draft)).mappings()
            self._read = {row["place"]: Latest(row["revision"], person(row), row["tab"], row["at"]) for row in rows}
        return self._read

    def __getitem__(self, place: str) -> Latest:
        return self.read[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self.read)

    def __len__(self) -> int:
        return len(self.read)


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a draft that its note says."""
    added_to = data.get("addendum_of")
    return {
        "template": str(data.get("template", "")),
        "version": str(data.get("version", "")),
        "addendum_of": added_to if isinstance(added_to, str) else None,
    }


def _log(connection: Connection, draft: str, touched: Touched, made: Latest) -> None:
    told = {"draft": draft, "revision": made.revision, **signature(made.by), "tab": made.tab, "at": made.at}
    rows = [
        {**told, "place": storable(place), "before": written(before), "after": written(after)}
        for place, (before, after) in touched.items()
    ]
    if rows:
        connection.execute(draft_changes.insert(), rows)


def _place_change(row: Row) -> PlaceChange:
    same = {name: row[name] for name in ("revision", "place", "tab", "at")}
    return PlaceChange(**same, before=_read(row["before"]), after=_read(row["after"]), by=person(row))


def _point(row: Row) -> Point:
    return Point(row["id"], row["name"], row["revision"], person(row), row["at"])


def _read(words: str) -> Any:
    return json.loads(words)


def _is_over(since: str, span: timedelta, now: str) -> bool:
    return datetime.fromisoformat(now) - datetime.fromisoformat(since) > span
