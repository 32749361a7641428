"""The patients of a record, found by the identifiers and pseudonyms that notes give, and their pregnancies."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from anyascii import anyascii
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, exists, select, update

from ci_notes import series
from ci_notes.record.database import Database
from ci_notes.record.model import VOID, Draft, MissingError, Patient, Pregnancy, Standing, Written
from ci_notes.record.rows import draft_of, standings_of
from ci_notes.record.tables import drafts, entries, patient_keys, storable
from ci_notes.record.tables import patients as table

Key = tuple[str, str]

_NOBODY = ""
"""What a search looks into of a patient whose only note turned out to be another's."""


class Patients:
    """The patients of a record."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, patient: str, unsigned: bool = True) -> Patient:
        """Return a patient; raises MissingError. With `unsigned` false she must have a signed note."""
        query = select(table).where(table.c.id == patient, *_seen(unsigned))
        with self.database.reading() as connection:
            found = _patients(connection, connection.execute(query).mappings())
        if not found:
            raise MissingError("there is no patient under this address")
        return found[0]

    def find(self, query: str, limit: int = 50, unsigned: bool = True) -> list[Patient]:
        """Return patients in whose name, birth date, identifiers or pseudonym each word of the query stands.

        With `unsigned` false those are left out who are known from drafts alone.
        """
        wanted = select(table).where(*_seen(unsigned)).order_by(table.c.updated_at.desc(), table.c.id).limit(limit)
        for word in _sought(query).split():
            wanted = wanted.where(table.c.sought.contains(word, autoescape=True))
        with self.database.reading() as connection:
            return _patients(connection, connection.execute(wanted).mappings())

    def listing(self, limit: int = 50, offset: int = 0) -> list[Patient]:
        """Return patients, the one with the last change first."""
        query = select(table).where(table.c.sought != _NOBODY)
        query = query.order_by(table.c.updated_at.desc(), table.c.id).limit(limit).offset(offset)
        with self.database.reading() as connection:
            return _patients(connection, connection.execute(query).mappings())

    def notes(self, patient: str) -> list[Written]:
        """Return the last versions of a patient's signed notes, and the drafts, in time order."""
        with self.database.reading() as connection:
            query = select(drafts).where((drafts.c.patient == patient) & drafts.c.discarded_at.is_(None))
            begun = [draft_of(row) for row in connection.execute(query).mappings()]
            standings = standings_of(connection, patient)
        amended = {draft.id for draft in begun if draft.amends is not None}
        signed = [_signed(standing, standing.note in amended) for standing in standings]
        unsigned = [_unsigned(draft) for draft in begun if draft.amends is None]
        return sorted([*signed, *unsigned], key=_moment)

    def pregnancies(self, patient: str) -> list[Pregnancy]:
        """Return a patient's notes by pregnancy, the first pregnancy first."""
        groups: list[list[Written]] = []
        for note in self.notes(patient):
            begun = series.begun(note.data, _moment(note))
            if groups and begun <= _moment(groups[-1][-1]):
                groups[-1].append(note)
            else:
                groups.append([note])
        return [Pregnancy(_due_date(group), tuple(group)) for group in groups]

    def earlier(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the signed notes of this pregnancy before this one, their last versions, in time order."""
        with self.database.reading() as connection:
            known = _known(connection, series.patients_of(data))
            standings = [standing for patient in known for standing in standings_of(connection, patient)]
        told = {
            standing.note: standing.data
            for standing in standings
            if standing.status != VOID and standing.note != data.get("id")
        }
        notes = series.Series()
        for note, one in told.items():
            notes.add(note, one)
        return [told[note] for note in notes.before(data)]


# --- who a note is about, within somebody's transaction ------------------------------------------------------------


def follow(
    database: Database, connection: Connection, data: Mapping[str, Any], present: str | None, now: str
) -> str | None:
    """Return the patient that a draft is about; one that only this draft knows is called what the draft says now.

    An identifier being typed is nobody's until it is signed: it adds nothing to a patient who is known otherwise.
    """
    keys, alone = _keys(data), _alone(connection, data)
    if not keys:
        return alone
    database.queue(connection, "patients")
    known = [one for one in _known(connection, keys) if one != present or not _is_of_one_draft(connection, one)]
    if known or alone:
        return known[0] if known else alone
    if present is None or not _is_of_one_draft(connection, present):
        return _make(connection, data, keys, now)
    connection.execute(delete(patient_keys).where(patient_keys.c.patient == present))
    _give(database, connection, present, keys)
    _call(connection, present, data, now)
    return present


def settle(
    database: Database, connection: Connection, data: Mapping[str, Any], present: str | None, now: str
) -> str | None:
    """Return the patient that a signed note is about, who is called and known from now on as it says.

    A note that says who it is about, but nothing by which she is known, is of a patient of its own: two of one name
    and birth date are not taken for one.
    """
    keys, alone = _keys(data), _alone(connection, data)
    if not keys and not any(_said(data, name) for name in ("name", "birth_date", "identifier")):
        return alone
    database.queue(connection, "patients")
    known = _known(connection, keys)
    first = present if present in known else next(iter(known), None)
    patient = first or alone or _make(connection, data, keys, now)
    _give(database, connection, patient, keys)
    _call(connection, patient, data, now)
    if alone not in (None, patient):
        connection.execute(update(table).where(table.c.id == alone).values(sought=_NOBODY))
    return patient


def forget_unused(database: Database, connection: Connection, patient: str | None) -> None:
    """Remove a patient whom no note and no draft is about any more."""
    if patient is None:
        return
    database.queue(connection, "patients")  # so that nobody begins a draft about them meanwhile
    if not _drafts_of(connection, patient) and not _is_signed(connection, patient):
        connection.execute(delete(table).where(table.c.id == patient))


def _keys(data: Mapping[str, Any]) -> list[Key]:
    """Return by what a patient is known, an identifier before a pseudonym."""
    found = {(storable(system), storable(value)) for system, value in series.patients_of(data)}
    return sorted(found, key=lambda key: (key[0] == "pseudonym", key))


def _known(connection: Connection, keys: Iterable[Key]) -> list[str]:
    """Return the patients with one of these keys, in the order of the keys."""
    found: dict[str, None] = {}
    for system, value in keys:
        same = (patient_keys.c.system == system) & (patient_keys.c.value == value)
        for patient in connection.execute(select(patient_keys.c.patient).where(same)).scalars():
            found[patient] = None
    return list(found)


def _alone(connection: Connection, data: Mapping[str, Any]) -> str | None:
    """Return the patient that a signed note has to itself: one without a key, whom no other note can be about."""
    query = select(entries.c.patient).where(entries.c.note == storable(str(data.get("id", ""))))
    patient = connection.execute(query.order_by(entries.c.seq.desc()).limit(1)).scalar()
    if patient is None:
        return None
    known = connection.execute(select(patient_keys.c.value).where(patient_keys.c.patient == patient).limit(1)).first()
    return None if known else str(patient)


def _drafts_of(connection: Connection, patient: str) -> int:
    return len(connection.execute(select(drafts.c.id).where(drafts.c.patient == patient).limit(2)).all())


def _is_signed(connection: Connection, patient: str) -> bool:
    return connection.execute(select(entries.c.seq).where(entries.c.patient == patient).limit(1)).first() is not None


def _is_of_one_draft(connection: Connection, patient: str) -> bool:
    return _drafts_of(connection, patient) <= 1 and not _is_signed(connection, patient)


def _make(connection: Connection, data: Mapping[str, Any], keys: list[Key], now: str) -> str:
    patient = str(uuid4())
    connection.execute(table.insert().values(id=patient, name="", birth_date="", sought="", updated_at=now))
    if keys:
        rows = [{"system": one, "value": two, "patient": patient} for one, two in keys]
        connection.execute(patient_keys.insert(), rows)
    _call(connection, patient, data, now)
    return patient


def _give(database: Database, connection: Connection, patient: str, keys: list[Key]) -> None:
    """Know a patient by these keys too, except those that are another's."""
    for system, value in keys:
        database.add(connection, patient_keys, {"system": system, "value": value, "patient": patient})


def _call(connection: Connection, patient: str, data: Mapping[str, Any], now: str) -> None:
    """Call a patient what a note says, and let searches find that."""
    name, birth_date, number = (_said(data, key) for key in ("name", "birth_date", "identifier"))
    keys = connection.execute(select(patient_keys.c.value).where(patient_keys.c.patient == patient)).scalars()
    sought = "\n".join(map(_sought, [name, birth_date, *(sorted(keys) or [number])]))
    values = {"name": name, "birth_date": birth_date, "sought": sought, "updated_at": now}
    connection.execute(update(table).where(table.c.id == patient).values(values))


def _said(data: Mapping[str, Any], name: str) -> str:
    """Return what a note says of its patient, where that is text."""
    told = data.get("patient")
    said = told.get(name) if isinstance(told, Mapping) else None
    return said if isinstance(said, str) else ""


def _sought(words: str) -> str:
    """Return words as a search compares them: without accents, in small letters."""
    return anyascii(words).casefold()


def _seen(unsigned: bool) -> list[ColumnElement[bool]]:
    """Return what must hold of patients who are shown: a signed note, where drafts are not for the one who asks."""
    return [] if unsigned else [exists(select(entries.c.seq).where(entries.c.patient == table.c.id))]


def _patients(connection: Connection, rows: Iterable[RowMapping]) -> list[Patient]:
    found = list(rows)
    query = select(patient_keys).where(patient_keys.c.patient.in_([row["id"] for row in found]))
    keys: dict[str, list[Key]] = {}
    for one in connection.execute(query).mappings():
        keys.setdefault(one["patient"], []).append((one["system"], one["value"]))
    told = ("id", "name", "birth_date", "updated_at")
    return [Patient(**{name: row[name] for name in told}, keys=tuple(sorted(keys.get(row["id"], ())))) for row in found]


# --- notes in time order -------------------------------------------------------------------------------------------


def _signed(standing: Standing, amending: bool) -> Written:
    last = standing.latest
    told = tuple(last.body.get("sentences", ()))
    return Written(
        last.note, standing.data, standing.status, last.number, last.at, last.by, False, amending, sentences=told
    )


def _unsigned(draft: Draft) -> Written:
    return Written(draft.id, draft.data, "draft", 0, draft.updated_at, draft.updated_by, draft=True)


def _moment(note: Written) -> datetime:
    """Return when a note was written; where it does not say, when it was signed or last changed."""
    return series.moment_of(note.data) or datetime.fromisoformat(note.at)


def _due_date(group: list[Written]) -> str | None:
    """Return the due date that the last note of a pregnancy gives."""
    for note in reversed(group):
        pregnancy = note.data.get("pregnancy")
        edd = pregnancy.get("edd") if isinstance(pregnancy, Mapping) else None
        if isinstance(edd, str):
            return edd
    return None
