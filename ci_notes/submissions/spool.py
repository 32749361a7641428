"""The records of a run, and which notes came before which: a temporary database, since a run may have millions.

SQLite keeps it in a file without a name, which is gone when the run ends, however it ends.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ci_notes.series import Written, patients_of, preceding, written
from ci_notes.submissions.record import Submission

_CACHE_KB = 32_000
_TABLES = """
CREATE TABLE records (at INTEGER PRIMARY KEY, name TEXT, line INTEGER, fault TEXT, content BLOB, as_sent INTEGER);
CREATE TABLE patients (system TEXT, value TEXT, moment TEXT, rank INTEGER, id TEXT, at INTEGER);
CREATE INDEX of_patient ON patients (system, value);
"""
_RECORD = "SELECT name, line, fault, content, as_sent FROM records"

Kept = tuple[Submission, bool]
"""A record, and whether its content is as it was sent; else it is the note that was made of it, as JSON."""


class Spool:
    """What was submitted in a run, in its order; it is filled first, then read."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(f"PRAGMA cache_size = -{_CACHE_KB}; PRAGMA journal_mode = OFF; {_TABLES}")
        self._database.execute("BEGIN")

    def add(self, one: Submission, data: Mapping[str, Any] | None, made: bytes = b"", as_sent: bool = True) -> None:
        """Keep a record; `data` is the note that it holds, None where it could not be read."""
        row = (one.name, one.line, one.fault, zlib.compress(made or one.content, 1), as_sent)
        insert = "INSERT INTO records (name, line, fault, content, as_sent) VALUES (?, ?, ?, ?, ?)"
        at = self._database.execute(insert, row).lastrowid
        found = written(str(at), data) if data is not None else None
        if data is None or found is None:
            return
        moment = found.moment.astimezone(UTC).isoformat()
        self._database.executemany(
            "INSERT INTO patients VALUES (?, ?, ?, ?, ?, ?)",
            [(*patient, moment, found.rank, found.id, at) for patient in patients_of(data)],
        )

    def refuse(self, one: Submission, fault: str) -> None:
        """Keep that a record could not be read."""
        self.add(replace(one, content=b"", fault=fault), None)

    def __iter__(self) -> Iterator[Kept]:
        """Yield the records in their order."""
        return map(_kept, self._database.execute(f"{_RECORD} ORDER BY at"))

    def before(self, data: Mapping[str, Any]) -> list[Kept]:
        """Return the notes of a pregnancy before one of its notes, as `preceding` chooses them."""
        found = preceding(self._known(data), data)
        rows = (self._database.execute(f"{_RECORD} WHERE at = ?", (int(at),)).fetchone() for at in found)
        return [_kept(row) for row in rows]

    def _known(self, data: Mapping[str, Any]) -> Iterator[Written]:
        query = "SELECT moment, rank, id, at FROM patients WHERE system = ? AND value = ?"
        for patient in patients_of(data):
            for moment, rank, note, at in self._database.execute(query, patient):
                yield Written(datetime.fromisoformat(moment), rank, note, str(at))

    def close(self) -> None:
        """Forget all of it."""
        self._database.close()


def _kept(row: tuple[str, int, str, bytes, int]) -> Kept:
    name, line, fault, content, as_sent = row
    return Submission(name, line, zlib.decompress(content), fault), bool(as_sent)
