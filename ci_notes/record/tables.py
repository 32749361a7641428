"""The tables as the program uses them; the migrations make them."""

from typing import Any

from sqlalchemy import Column, Dialect, ForeignKey, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.types import TypeDecorator


def storable(words: str) -> str:
    """Return text that both databases can hold: no NUL, no half of a surrogate pair."""
    return words.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class Words(TypeDecorator[str]):
    """Text from outside, made storable, so that no character that somebody sends is an error of the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002  SQLAlchemy's signature
        return None if value is None else storable(value)


metadata = MetaData()


def _draft() -> Column[str]:
    return Column("draft", Words, ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True)


def _who(prefix: str = "") -> list[Column[str]]:
    """Return by whom: the account's id, and the name and role at that moment."""
    return [Column(f"{prefix}{name}", Words, nullable=False) for name in ("who", "who_name", "role")]


about = Table(
    "about",
    metadata,
    Column("name", Words, primary_key=True),  # id: that of the record, made with it
    Column("value", Words, nullable=False),
)

patients = Table(
    "patients",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("birth_date", Words, nullable=False),
    Column("sought", Words, nullable=False),  # what a search looks into: plain small letters
    Column("updated_at", Words, nullable=False),
    Index("patients_updated", "updated_at"),
)

patient_keys = Table(
    "patient_keys",
    metadata,
    Column("system", Words, primary_key=True),
    Column("value", Words, primary_key=True),
    Column("patient", Words, ForeignKey("patients.id", ondelete="CASCADE"), nullable=False),
    Index("patient_keys_patient", "patient"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("template", Words, nullable=False),
    Column("version", Words, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("patient", Words, ForeignKey("patients.id")),
    Column("amends", Integer),
    Column("addendum_of", Words),
    *_who("created_"),
    Column("created_at", Words, nullable=False),
    *_who("updated_"),
    Column("updated_at", Words, nullable=False),
    Column("discarded_at", Words),
    Index("drafts_patient", "patient"),
    Index("drafts_created", "created_who"),
)

draft_changes = Table(
    "draft_changes",
    metadata,
    _draft(),
    Column("place", Words, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    *_who(),
    Column("tab", Words, nullable=False),
    Column("at", Words, nullable=False),
)

draft_points = Table(
    "draft_points",
    metadata,
    Column("id", Words, primary_key=True),
    Column("draft", Words, ForeignKey("drafts.id", ondelete="CASCADE"), nullable=False),
    Column("name", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    *_who(),
    Column("at", Words, nullable=False),
    Index("draft_points_draft", "draft"),
)

draft_tabs = Table(
    "draft_tabs",
    metadata,
    _draft(),
    Column("tab", Words, primary_key=True),
    *_who(),
    Column("seen", Words, nullable=False),
)

draft_batches = Table(
    "draft_batches",
    metadata,
    Column("draft", Words, primary_key=True),  # outlives the draft: a browser that was away may send it once more
    Column("batch", Words, primary_key=True),
    Column("at", Words, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("number", Integer, nullable=False),
    Column("patient", Words),
    *_who(),
    Column("at", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("entries_note", "note"),
    Index("entries_patient", "patient"),
)
Index(
    "entries_version",
    entries.c.note,
    entries.c.number,
    unique=True,
    sqlite_where=text("kind IN ('signed', 'amended')"),
    postgresql_where=text("kind IN ('signed', 'amended')"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("who_name", Words, nullable=False),
    Column("session", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("entity", Words, nullable=False),
    Column("patient", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_patient", "patient"),
    Index("audit_who", "who"),
)

heads = Table(
    "heads",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)
