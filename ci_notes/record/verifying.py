"""Whether the database still says what was written into it."""

from sqlalchemy import Connection, text

from ci_notes.record import chain
from ci_notes.record.model import DatabaseError, Fault, Head, Verified
from ci_notes.record.tables import audit, entries


def verified(connection: Connection, kept: str | None) -> Verified:
    """Recompute the ledger and the audit trail; `kept` is the hash of a head that was written down elsewhere."""
    ledger_faults, in_ledger = chain.verify(connection, entries, kept)
    audit_faults, in_audit = chain.verify(connection, audit, kept)
    faults = [*ledger_faults, *audit_faults, *_unguarded(connection)]
    if kept is not None and not (in_ledger or in_audit):
        message = f"no entry has the hash {kept} that was kept elsewhere: what it ended was removed or rewritten"
        faults.append(Fault("entries", 0, "", message))
    return Verified(_head(connection, "entries"), _head(connection, "audit"), tuple(faults))


def _head(connection: Connection, name: str) -> Head:
    try:
        return chain.head(connection, {"entries": entries, "audit": audit}[name])
    except DatabaseError:
        return Head(0, "")


_GUARDS = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'",
        ("{}_no_update", "{}_no_delete"),
    ),
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal",
        ("{}_closed", "{}_kept"),
    ),
}
"""How each database tells which triggers are at work, and which there must be for a table."""


def _unguarded(connection: Connection) -> list[Fault]:
    """Say which tables the database would let somebody change."""
    query, names = _GUARDS[connection.dialect.name]
    at_work = set(connection.execute(text(query)).scalars())
    message = "the database no longer refuses to change {}: a trigger was removed; take the database back from a copy"
    return [
        Fault(table, 0, "", message.format(table))
        for table in ("entries", "audit")
        if not at_work.issuperset(name.format(table) for name in names)
    ]
