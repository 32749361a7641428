"""Alembic's way in: it is given a connection whose transaction and lock are ours (`ci_notes.record.migrating`)."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
