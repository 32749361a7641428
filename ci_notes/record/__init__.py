"""The record: drafts, the ledger of signed notes, patients and the audit trail, in SQLite or PostgreSQL.

`open_record` is the door. No clock stands here: `now` (text, ISO 8601, UTC) is an argument wherever it matters.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import select

from ci_notes.record.accounts import Accounts
from ci_notes.record.audit import Audit
from ci_notes.record.database import Database, default_url
from ci_notes.record.drafts import Drafts
from ci_notes.record.ledger import Ledger
from ci_notes.record.migrating import migrate
from ci_notes.record.patients import Patients
from ci_notes.record.sessions import Sessions
from ci_notes.record.sign_ins import SignIns
from ci_notes.record.tables import about

__all__ = ["Record", "default_url", "open_record"]


class Record:
    """A database that is open, and what is kept in it; safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.drafts = Drafts(database)
        self.ledger = Ledger(database)
        self.patients = Patients(database)
        self.audit = Audit(database)
        self.accounts = Accounts(database)
        self.sessions = Sessions(database)
        self.sign_ins = SignIns(database)

    def earlier(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the signed notes of this pregnancy before this one, for carrying forward and the series' rules."""
        return self.patients.earlier(data)

    @cached_property
    def system(self) -> str:
        """The record's own system of patients' numbers, a URI that no other record has."""
        with self.database.reading() as connection:
            return f"urn:uuid:{connection.execute(select(about.c.value).where(about.c.name == 'id')).scalar_one()}"

    def dispose(self) -> None:
        """Close all connections."""
        self.database.dispose()


def open_record(url: str, create: bool = True) -> Record:
    """Open the record at "sqlite:///FILE" or "postgresql://...", bringing it up to date; raises DatabaseError.

    With `create` false a file that is not there, or a database without a record, is refused, where one would otherwise
    be made.
    """
    database = Database(url, create)
    try:
        migrate(database, create=create)
    except BaseException:
        database.dispose()
        raise
    return Record(database)
