"""Accounts, their sessions, one-time links, attempts to sign in, and sign-ins at a provider."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _account() -> sa.Column[str]:
    return sa.Column("account", sa.Text, sa.ForeignKey("accounts.id"), nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        _key("id"),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        *_text("full_name", "roles", "password", "made_at"),
        *_text("issuer", "subject", "disabled_at", nullable=True),
        sa.UniqueConstraint("issuer", "subject", name="accounts_subject"),
    )
    op.create_table(
        "sessions",
        _key("id"),
        sa.Column("token", sa.Text, nullable=False, unique=True),
        _account(),
        *_text("way", "csrf", "storage_key", "made_at", "seen_at", "ends_at", "left_at"),
        *_text("locked_at", "ended_at", nullable=True),
    )
    op.create_index("sessions_account", "sessions", ["account"])
    op.create_table("links", _key("token"), _account(), *_text("made_at", "ends_at"), *_text("used_at", nullable=True))
    op.create_table("attempts", _key("id"), *_text("key", "at"))
    op.create_index("attempts_key", "attempts", ["key"])
    op.create_table("errands", _key("state"), *_text("visitor", "nonce", "verifier", "left_at", "ends_at"))
