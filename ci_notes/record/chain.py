"""A chain of rows: each carries the hash of the one before, so that what is changed later does not fit any more."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select, update

from ci_notes.record.model import DatabaseError, Fault, Head
from ci_notes.record.tables import heads, storable

GENESIS = "0" * 64
"""What stands before the first row."""


def canonical(value: Any) -> str:
    """Return a value as JSON in the one way that is hashed: sorted, without spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def written(value: Any) -> str:
    """Return a value as JSON as it is kept: in the order in which somebody wrote it, ASCII; it fits any database."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def digest(row: RowMapping | Mapping[str, Any]) -> str:
    """Return the hash of a row: of the hash before it and of everything in it."""
    held = {name: _plain(value) for name, value in row.items() if name not in ("previous", "hash")}
    return hashlib.sha256(f"{row['previous']}\n{canonical(held)}".encode("ascii", "replace")).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value of a column as JSON has it; what is none of ours was put there by somebody else."""
    return value if value is None or isinstance(value, (str, int)) else repr(value)


def append(connection: Connection, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Append a row and return it; whoever appends to the same chain waits for the end of the transaction."""
    end = head(connection, table, locked=True)
    held = {name: storable(value) if isinstance(value, str) else value for name, value in values.items()}
    row = {"seq": end.count + 1, **held, "previous": end.hash}
    row["hash"] = digest(row)
    connection.execute(table.insert(), row)
    connection.execute(update(heads).where(heads.c.chain == table.name), {"count": row["seq"], "hash": row["hash"]})
    return row


def head(connection: Connection, table: Table, locked: bool = False) -> Head:
    """Return where a chain ends; raises DatabaseError where the database does not know."""
    query = select(heads.c.count, heads.c.hash).where(heads.c.chain == table.name)
    found = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise DatabaseError(f"the database does not know where the chain of {table.name} ends: run `ci-notes verify`")
    count, last = found
    return Head(count, last)


def verify(connection: Connection, table: Table, kept: str | None = None) -> tuple[list[Fault], bool]:
    """Recompute a chain; return what does not fit, and whether the hash kept elsewhere stands in it."""
    walk = _Walk(table, kept)
    rows = connection.execute(select(table).order_by(table.c.seq), execution_options={"yield_per": 500})
    faults = [fault for row in rows.mappings() for fault in walk.take(row)]
    return [*faults, *walk.end(connection)], walk.met


class _Walk:
    """A walk along a chain from its first row, which says where it does not hold."""

    def __init__(self, table: Table, kept: str | None) -> None:
        self.table = table
        self.kept = kept
        self.met = kept == GENESIS
        self.seq, self.hash = 0, GENESIS

    def take(self, row: RowMapping) -> list[Fault]:
        """Hold a row against the one before it, and against its own hash."""
        faults = self.missing(row["seq"])
        if row["previous"] != self.hash and row["seq"] == self.seq + 1:
            faults.append(self.fault(row, f"does not follow {self.name(self.seq)}: one of the two was changed"))
        if digest(row) != row["hash"]:
            faults.append(self.fault(row, "was changed after it was written"))
        self.seq, self.hash = row["seq"], row["hash"]
        self.met = self.met or row["hash"] == self.kept
        return faults

    def missing(self, following: int) -> list[Fault]:
        """Say what should stand between the last row and the one that follows it."""
        first, last = self.seq + 1, following - 1
        if last < first:
            return []
        gone = f"{self.name(first)} is missing" if first == last else f"{self.name(first)} to {last} are missing"
        return [Fault(self.table.name, first, "", gone)]

    def end(self, connection: Connection) -> list[Fault]:
        """Hold the last row against what the database says was appended last."""
        try:
            end = head(connection, self.table)
        except DatabaseError as error:
            return [Fault(self.table.name, self.seq, "", str(error))]
        faults = self.missing(end.count + 1)
        if end.count < self.seq or (end.count == self.seq and end.hash != self.hash):
            message = f"{self.name(self.seq)} is the last, but not the one that the program appended last"
            faults.append(Fault(self.table.name, self.seq, "", message))
        return faults

    def fault(self, row: RowMapping, message: str) -> Fault:
        """Return a fault of a row, with what tells a person which one it is."""
        note = str(row["note"] if "note" in row else row["entity"])
        about = f"note {note}, {row['kind']}" if "note" in row else row["action"]
        return Fault(self.table.name, row["seq"], note, f"{self.name(row['seq'])} ({about}, {row['at']}) {message}")

    def name(self, seq: int) -> str:
        """Return how a row is called in a message."""
        chain = "ledger" if self.table.name == "entries" else "audit"
        return f"{chain} entry {seq}" if seq else f"the beginning of the {chain}"
