"""The notes of a run, each with those that came before it: kept in a temporary database, since a run may have millions.

SQLite keeps it in a file without a name, which is gone when the run ends, however it ends.
"""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ci_notes.series import Written, patients_of, preceding, written
from ci_notes.submissions.record import Submission

_CACHE_KB = 32_000
_TABLES = """
CREATE TABLE records (at INTEGER PRIMARY KEY, name TEXT, line INTEGER, fault TEXT, content BLOB);
CREATE TABLE patients (system TEXT, value TEXT, moment TEXT, rank INTEGER, id TEXT, at INTEGER);
CREATE INDEX of_patient ON patients (system, value);
"""


class Spool:
    """What was submitted in a run, in its order; it is filled first, then read."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(f"PRAGMA cache_size = -{_CACHE_KB}; PRAGMA journal_mode = OFF; {_TABLES}")
        self._database.execute("BEGIN")

    def add(self, one: Submission, data: Mapping[str, Any] | None) -> None:
        """Keep a record; `data` is the note that it holds, None where it could not be read."""
        row = (one.name, one.line, one.fault, zlib.compress(one.content, 1))
        at = self._database.execute(
            "INSERT INTO records (name, line, fault, content) VALUES (?, ?, ?, ?)", row
        ).lastrowid
        found = written(str(at), data) if data is not None else None
        if data is None or found is None:
            return
        moment = found.moment.astimezone(UTC).isoformat()
        self._database.executemany(
            "INSERT INTO patients VALUES (?, ?, ?, ?, ?, ?)",
            [(*patient, moment, found.rank, found.id, at) for patient in patients_of(data)],
        )

    def __iter__(self) -> Iterator[Submission]:
        """Yield what was submitted, in its order."""
        for row in self._database.execute("SELECT name, line, fault, content FROM records ORDER BY at"):
            yield _submission(row)

    def before(self, data: Mapping[str, Any]) -> list[Submission]:
        """Return the notes of a pregnancy before one of its notes, as `preceding` chooses them."""
        found = (self._record(int(at)) for at in preceding(self._known(data), data))
        return [one for one in found if one is not None]

    def _known(self, data: Mapping[str, Any]) -> Iterator[Written]:
        for patient in patients_of(data):
            query = "SELECT moment, rank, id, at FROM patients WHERE system = ? AND value = ?"
            for moment, rank, note, at in self._database.execute(query, patient):
                yield Written(datetime.fromisoformat(moment), rank, note, str(at))

    def _record(self, at: int) -> Submission | None:
        row = self._database.execute("SELECT name, line, fault, content FROM records WHERE at = ?", (at,)).fetchone()
        return _submission(row) if row else None

    def close(self) -> None:
        """Forget all of it."""
        self._database.close()


def _submission(row: tuple[str, int, str, bytes]) -> Submission:
    name, line, fault, content = row
    return Submission(name, line, zlib.decompress(content), fault)
