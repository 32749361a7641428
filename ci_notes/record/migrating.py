"""Brings a database to what this program needs; several that start at once do it once."""

import threading
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ci_notes.record.database import Database
from ci_notes.record.model import DatabaseError

_ALONE = threading.Lock()
"""Alembic keeps what it is about in a module, so that two threads of a process cannot migrate at once."""


def migrate(database: Database, revision: str = "head", create: bool = True) -> None:
    """Bring a database up to a revision; raises DatabaseError where it is newer than the program, or not ours.

    With `create` false an empty database is left empty, and refused.
    """
    with _ALONE, as_file(files("ci_notes.record") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        known = ScriptDirectory.from_config(config)
        with database.reading() as connection:
            standing = _standing(database, connection, known)
            if standing == known.get_current_head():
                return
            if standing is None and not create:
                raise DatabaseError(f"{database.place} holds no record: give the address of one with --db")
        with database.writing() as connection:
            database.queue(connection, "migrate")
            config.attributes["connection"] = connection
            command.upgrade(config, revision)  # nothing, where somebody else did it meanwhile


def _standing(database: Database, connection: Connection, known: ScriptDirectory) -> str | None:
    """Return the revision that a database stands at, None for an empty one."""
    standing = MigrationContext.configure(connection).get_current_revision()
    if standing is not None and standing not in {script.revision for script in known.walk_revisions()}:
        raise DatabaseError(
            f"{database.place} was written by a newer ci-notes (its revision {standing} is not known here): "
            "install that version, or name another database"
        )
    return standing
