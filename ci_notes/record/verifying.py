"""Whether the database still says what was written into it."""

from sqlalchemy import Connection

from ci_notes.record import chain
from ci_notes.record.model import DatabaseError, Fault, Head, Verified
from ci_notes.record.tables import audit, entries


def verified(connection: Connection, kept: str | None) -> Verified:
    """Recompute the ledger and the audit trail; `kept` is the hash of a head that was written down elsewhere."""
    ledger_faults, in_ledger = chain.verify(connection, entries, kept)
    audit_faults, in_audit = chain.verify(connection, audit, kept)
    faults = [*ledger_faults, *audit_faults]
    if kept is not None and not (in_ledger or in_audit):
        message = f"no entry has the hash {kept} that was kept elsewhere: what it ended was removed or rewritten"
        faults.append(Fault("entries", 0, "", message))
    return Verified(_head(connection, "entries"), _head(connection, "audit"), tuple(faults))


def _head(connection: Connection, name: str) -> Head:
    try:
        return chain.head(connection, {"entries": entries, "audit": audit}[name])
    except DatabaseError:
        return Head(0, "")
