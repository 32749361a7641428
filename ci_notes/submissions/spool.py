"""The records of a run, and which notes came before which: a temporary database, since a run may have millions.

SQLite keeps it in a file without a name, which is gone when the run ends, however it ends.
"""

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from itertools import product
from typing import Any

from ci_notes.series import MOST_EARLIER, Written, begun, moment_of, patients_of, preceding, told_by, written
from ci_notes.submissions.record import Submission
from ci_notes.submissions.storing import restored, stored

_CACHE_KB = 32_000
_OF_ONE_ID = 8
"""Records with one id that another is held against: more are no versions but a mistake that is told by then."""
_TABLES = """
CREATE TABLE records
    (at INTEGER PRIMARY KEY, name BLOB, line INTEGER, fault BLOB, content BLOB, as_sent INTEGER, follows TEXT);
CREATE TABLE patients
    (system TEXT, value TEXT, signed INTEGER, moment TEXT, rank INTEGER, id TEXT, at INTEGER,
     PRIMARY KEY (system, value, signed, moment, rank, id, at)) WITHOUT ROWID;
CREATE TABLE ids (id BLOB, made_of BLOB, at INTEGER, PRIMARY KEY (id, made_of)) WITHOUT ROWID;
CREATE INDEX ids_in_order ON ids (id, at);
"""
_LATEST = (
    "SELECT moment, rank, id, at FROM patients"
    " WHERE system = ? AND value = ? AND signed = ? AND moment >= ? AND moment < ?"
    " ORDER BY moment DESC, rank DESC, id DESC, at DESC LIMIT ?"
)
_RECORD = "SELECT name, line, fault, content, as_sent, follows FROM records"


@dataclass(frozen=True, slots=True)
class Kept:
    """A record, and whether its content is as it was sent; else it is the note that was made of it, as JSON.

    `follows` is what of a note tells which others come before it, as JSON; empty for what is none.
    """

    record: Submission
    as_sent: bool
    follows: str

    @property
    def known_by(self) -> set[tuple[str, str]]:
        """By what its patient can be told from others."""
        return patients_of(json.loads(self.follows)) if self.follows else set()


class Spool:
    """What was submitted in a run, in its order; it is filled first, then read."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(f"PRAGMA cache_size = -{_CACHE_KB}; PRAGMA journal_mode = OFF; {_TABLES}")
        self._database.execute("BEGIN")
        self._pack, self._unpack = _packing()
        self.crowded = 0
        """How many notes were found to have more than `MOST_EARLIER` before them."""

    def add(self, one: Submission, data: Mapping[str, Any] | None, made: bytes = b"", as_sent: bool = True) -> None:
        """Keep a record; `data` is the note that it holds, None where it could not be read."""
        follows = json.dumps(told_by(data)) if data is not None else ""
        row = (stored(one.name), one.line, stored(one.fault), self._pack(made or one.content), as_sent, follows)
        insert = "INSERT INTO records (name, line, fault, content, as_sent, follows) VALUES (?, ?, ?, ?, ?, ?)"
        at = self._database.execute(insert, row).lastrowid
        found = written(str(at), data) if data is not None else None
        if data is None or found is None:
            return
        standing = (found.rank > 0, _sortable(found.moment), found.rank, found.id, at)
        self._database.executemany(
            "INSERT INTO patients VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*patient, *standing) for patient in patients_of(data)],
        )

    def refuse(self, one: Submission, fault: str) -> None:
        """Keep that a record could not be read."""
        self.add(replace(one, content=b"", fault=fault), None)

    def of_id(self, identifier: str, content: bytes) -> list[Kept] | None:
        """Return the earlier records whose note has the id of the last one, the first few of many.

        None if one of them is the same to the byte.
        """
        key, made_of = _digest(stored(identifier)), _digest(content)
        if self._database.execute("SELECT 1 FROM ids WHERE id = ? AND made_of = ?", (key, made_of)).fetchone():
            return None
        first = "SELECT at FROM ids WHERE id = ? ORDER BY at LIMIT ?"
        found = self._database.execute(f"{_RECORD} WHERE at IN ({first}) ORDER BY at", (key, _OF_ONE_ID)).fetchall()
        self._database.execute("INSERT INTO ids SELECT ?, ?, max(at) FROM records", (key, made_of))
        return [self._kept(row) for row in found]

    def __iter__(self) -> Iterator[Kept]:
        """Yield the records in their order."""
        return map(self._kept, self._database.execute(f"{_RECORD} ORDER BY at"))

    def known_by(self) -> Iterator[set[tuple[str, str]]]:
        """Yield of each note by what its patient is known."""
        return (
            patients_of(json.loads(told)) for (told,) in self._database.execute("SELECT follows FROM records") if told
        )

    def before(self, one: Kept) -> list[Kept]:
        """Return the notes of a pregnancy before one of its notes, as `preceding` chooses them."""
        data = json.loads(one.follows) if one.follows else {}
        known = {*self._known(data)}
        self.crowded += len([one for one in known if one.rank] or known) > MOST_EARLIER
        found = preceding(known, data)
        rows = (self._database.execute(f"{_RECORD} WHERE at = ?", (int(at),)).fetchone() for at in found)
        return [self._kept(row) for row in rows]

    def _known(self, data: Mapping[str, Any]) -> Iterator[Written]:
        """Yield the latest notes of a patient before a note in its pregnancy, signed ones and drafts, one too many."""
        until = moment_of(data)
        if until is None:
            return
        times = _sortable(begun(data, until)), _sortable(until)
        for patient, signed in product(patients_of(data), (True, False)):
            for moment, rank, note, at in self._database.execute(_LATEST, (*patient, signed, *times, MOST_EARLIER + 1)):
                yield Written(datetime.fromisoformat(moment), rank, note, f"{at:012}")  # in the order of the records

    def _kept(self, row: tuple[bytes, int, bytes, bytes, int, str]) -> Kept:
        name, line, fault, content, as_sent, follows = row
        return Kept(Submission(restored(name), line, self._unpack(content), restored(fault)), bool(as_sent), follows)

    def close(self) -> None:
        """Forget all of it."""
        self._database.close()


def _sortable(moment: datetime) -> str:
    """Return a moment as text that has the order of time."""
    return moment.astimezone(UTC).isoformat()


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=8).digest()


_Packs = Callable[[bytes], bytes]


def _packing() -> tuple[_Packs, _Packs]:
    """Return what makes bytes small, and whole again: zstd where it is installed, since it is four times as fast."""
    try:
        import zstandard  # noqa: PLC0415  an extra
    except ImportError:
        return partial(zlib.compress, level=1), zlib.decompress
    return zstandard.ZstdCompressor(level=1).compress, zstandard.ZstdDecompressor().decompress
