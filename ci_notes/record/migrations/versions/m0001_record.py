"""Drafts, patients, the ledger and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GENESIS = "0" * 64


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _who(prefix: str = "") -> list[sa.Column[str]]:
    return _text(*(f"{prefix}{name}" for name in ("who", "who_name", "role")))


def _draft() -> sa.Column[str]:
    return sa.Column("draft", sa.Text, sa.ForeignKey("drafts.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    """Make the tables, and close those that nobody may change."""
    _patients()
    _drafts()
    _chains()
    close("entries", "audit")


def _patients() -> None:
    op.create_table(
        "patients",
        sa.Column("id", sa.Text, primary_key=True),
        *_text("name", "birth_date", "sought", "updated_at"),
    )
    op.create_index("patients_updated", "patients", ["updated_at"])
    op.create_table(
        "patient_keys",
        *_text("system", "value"),
        sa.Column("patient", sa.Text, sa.ForeignKey("patients.id", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("system", "value"),
    )
    op.create_index("patient_keys_patient", "patient_keys", ["patient"])


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text, primary_key=True),
        *_text("template", "version", "state"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("patient", sa.Text, sa.ForeignKey("patients.id")),
        sa.Column("amends", sa.Integer),
        sa.Column("addendum_of", sa.Text),
        *_who("created_"),
        *_text("created_at"),
        *_who("updated_"),
        *_text("updated_at"),
        sa.Column("discarded_at", sa.Text),
    )
    op.create_index("drafts_patient", "drafts", ["patient"])
    op.create_index("drafts_created", "drafts", ["created_who"])
    op.create_table(
        "draft_changes",
        _draft(),
        *_text("place"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_text("before", "after"),
        *_who(),
        *_text("tab", "at"),
        sa.PrimaryKeyConstraint("draft", "place", "revision"),
    )
    op.create_table(
        "draft_points",
        sa.Column("id", sa.Text, primary_key=True),
        _draft(),
        *_text("name"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_text("state"),
        *_who(),
        *_text("at"),
    )
    op.create_index("draft_points_draft", "draft_points", ["draft"])
    op.create_table(
        "draft_tabs", _draft(), *_text("tab"), *_who(), *_text("seen"), sa.PrimaryKeyConstraint("draft", "tab")
    )
    op.create_table("draft_batches", *_text("draft", "batch", "at"), sa.PrimaryKeyConstraint("draft", "batch"))


def _chains() -> None:
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *_text("kind", "note"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("patient", sa.Text),
        *_who(),
        *_text("at", "reason", "body", "previous", "hash"),
    )
    op.create_index("entries_note", "entries", ["note"])
    op.create_index("entries_patient", "entries", ["patient"])
    versions = sa.text("kind IN ('signed', 'amended')")
    op.create_index(
        "entries_version", "entries", ["note", "number"], unique=True, sqlite_where=versions, postgresql_where=versions
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        *_text("at", "who", "who_name", "session", "action", "kind", "entity", "patient", "outcome", "detail"),
        *_text("previous", "hash"),
    )
    op.create_index("audit_patient", "audit", ["patient"])
    op.create_index("audit_who", "audit", ["who"])
    heads = op.create_table(
        "heads",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        *_text("hash"),
    )
    op.bulk_insert(heads, [{"chain": chain, "count": 0, "hash": GENESIS} for chain in ("entries", "audit")])


def close(*tables: str) -> None:
    """Let the database itself refuse to change or remove what is in these tables."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(
            "CREATE FUNCTION ci_notes_closed() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME; END $$"
        )
    for table in tables:
        for statement in _sqlite_triggers(table) if sqlite else _postgresql_triggers(table):
            op.execute(statement)


def _sqlite_triggers(table: str) -> list[str]:
    refuse = f"SELECT RAISE(ABORT, 'rows of {table} are never changed or removed')"
    return [
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN {refuse}; END"
        for act in ("UPDATE", "DELETE")
    ]


def _postgresql_triggers(table: str) -> list[str]:
    call = "EXECUTE FUNCTION ci_notes_closed()"
    return [
        f"CREATE TRIGGER {table}_closed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
        f"CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    ]
