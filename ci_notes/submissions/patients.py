"""Whose the notes of a run are where each knows another part of it: a number, a pseudonym, or both."""

import sqlite3
from array import array
from collections.abc import Iterable

from ci_notes.series import foremost, ranked
from ci_notes.submissions.storing import restored, stored

Known = tuple[str, str]
"""What a patient is known by: a system and her number in it, or a pseudonym."""


class Patients:
    """Which numbers and pseudonyms are of one patient: some note has both, or others lead from one to the other.

    Only those that stand beside another one are kept, on disk, with eight bytes each in memory.
    """

    def __init__(self, notes: Iterable[set[Known]]) -> None:
        """Look at what each note knows its patient by."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode = OFF;"
            "CREATE TABLE known (at INTEGER PRIMARY KEY, system BLOB, value BLOB, UNIQUE (system, value)); BEGIN"
        )
        self._same_as = array("q", [0])
        """For each its number, or that of another one of the same patient which comes before it."""
        for known in notes:
            if len(known) > 1:
                self._join(known)

    def foremost(self, known: set[Known]) -> str:
        """Return as what the patient is known before all in the run; empty where the note does not say whose it is."""
        at = next(filter(None, map(self._at, known)), 0)
        return foremost([self._known(self._first(at))] if at else known)

    def _join(self, known: set[Known]) -> None:
        firsts = {self._first(self._at(one) or self._added(one)) for one in known}
        if len(firsts) > 1:
            least = min(firsts, key=lambda at: ranked(self._known(at)))
            for at in firsts:
                self._same_as[at] = least

    def _first(self, at: int) -> int:
        while self._same_as[at] != at:
            self._same_as[at] = at = self._same_as[self._same_as[at]]
        return at

    def _at(self, one: Known) -> int:
        found = self._database.execute("SELECT at FROM known WHERE system = ? AND value = ?", _stored(one)).fetchone()
        return int(found[0]) if found else 0

    def _added(self, one: Known) -> int:
        self._database.execute("INSERT INTO known (system, value) VALUES (?, ?)", _stored(one))
        self._same_as.append(len(self._same_as))
        return len(self._same_as) - 1

    def _known(self, at: int) -> Known:
        system, value = self._database.execute("SELECT system, value FROM known WHERE at = ?", (at,)).fetchone()
        return restored(system), restored(value)

    def close(self) -> None:
        """Forget all of it."""
        self._database.close()


def _stored(one: Known) -> tuple[bytes, bytes]:
    system, value = one
    return stored(system), stored(value)
