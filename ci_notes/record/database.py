"""The database itself: its address, its connections, and transactions that are the same on SQLite and PostgreSQL."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as BusyError

from ci_notes.errors import plain
from ci_notes.record.model import DatabaseError

BUSY_SECONDS = 10
"""How long SQLite waits for another process that writes."""

_ATTEMPTS = 200
"""How often it is tried meanwhile where SQLite does not wait by itself."""

_PAUSE = 0.002
"""Seconds from one try to begin to write to the next: a transaction takes a few times as long."""

_EXAMPLES = "give sqlite:///FILE or postgresql://USER@HOST/NAME"


def default_url(environ: Mapping[str, str]) -> str:
    """Return the address of the record in the user's data folder, which may not exist yet."""
    return f"sqlite:///{_data_folder(environ) / 'ci-notes' / 'record.db'}"


def _data_folder(environ: Mapping[str, str]) -> Path:
    if named := environ.get("XDG_DATA_HOME"):
        return Path(named)
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path.home() / ".local" / "share"


class Database:
    """The connections of one process to one database; raises DatabaseError where it cannot be used."""

    def __init__(self, address: str, create: bool = True) -> None:
        self.url = _read(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url, create) if self.is_sqlite else _postgresql(self.url)
        # SQLite lets waiting writers in by chance; in one process they queue here, so that none waits long.
        self._queue: AbstractContextManager[Any] = threading.RLock() if self.is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return a connection to read from."""
        with self._said(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Return a connection whose changes are all kept at the end, or none of them."""
        with self._said(), self._queue, self.engine.connect() as connection:
            connection.execution_options(writing=True)
            with connection.begin():
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Return a connection that sees the database as it is now, whatever is written meanwhile."""
        with self._said(), self.engine.connect() as connection:
            if not self.is_sqlite:  # SQLite's readers always do
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def put(self, connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
        """Insert a row, or give the row with the same key these values."""
        keys = [column.name for column in table.primary_key]
        values = {name: value for name, value in row.items() if name not in keys}
        connection.execute(self._insert(table).values(row).on_conflict_do_update(index_elements=keys, set_=values))

    def add(self, connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
        """Insert a row unless there is one with its key; return whether it was inserted."""
        statement = self._insert(table).values(row).on_conflict_do_nothing()
        return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1

    def _insert(self, table: Table) -> Any:
        """Return an INSERT that knows ON CONFLICT, which both databases spell alike and SQLAlchemy keeps apart."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def queue(self, connection: Connection, name: str) -> None:
        """Wait until nobody else is in the queue of this name; SQLite has one writer anyway."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"ci-notes {name}"})

    @property
    def place(self) -> str:
        """Where the database is, for a message: without user and password."""
        return f"the database {self.url.database}" + (f" on {self.url.host}" if self.url.host else "")

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say in a sentence what is wrong with the database; what is wrong with the program stays an error of it."""
        try:
            yield
        except BusyError:
            raise DatabaseError(f"{self.place} {_BUSY}") from None
        except DBAPIError as error:
            trouble = _trouble(error)
            if trouble is None:
                raise
            raise DatabaseError(f"{self.place} {trouble}") from None

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _read(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseError(f"the address of the database cannot be read: {_EXAMPLES}") from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite":
        raise DatabaseError(f"a record cannot be kept in {plain(url.drivername)}: {_EXAMPLES}")
    if not url.database or url.database == ":memory:":
        raise DatabaseError("a record is kept in a file, so that it outlives the program: give sqlite:///FILE")
    return url


def _sqlite(url: URL, create: bool) -> Engine:
    _make(Path(str(url.database)), create)
    engine = create_engine(
        url,
        hide_parameters=True,  # what is recorded has no place in a message
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=20,
        max_overflow=40,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make(path: Path, create: bool) -> None:
    """Make the file and its folder, for the user alone; what is there already is left as it is."""
    if path.exists():
        return
    if not create:
        raise DatabaseError(f"there is no record at {path}: give its address with --db")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DatabaseError(f"cannot write {path}: {reason}; name a file that can be written") from None


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    _keep_log(connection)
    connection.execute("PRAGMA synchronous = FULL")  # what was acknowledged outlives a power cut
    connection.execute("PRAGMA foreign_keys = ON")


def _keep_log(connection: Any) -> None:
    """Let readers and the writer not wait for each other; the first connection of all turns that on for good."""
    for attempt in range(_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except connection.OperationalError as error:
            if "locked" not in str(error) or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(BUSY_SECONDS / _ATTEMPTS)  # SQLite itself does not wait here
        else:
            return


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("writing"):
        connection.exec_driver_sql("BEGIN")
    elif not _begun(connection.connection.dbapi_connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begun(connection: Any) -> bool:
    """Begin to write as soon as other processes let us: SQLite asks ever more seldom, until others overtake it."""
    connection.execute("PRAGMA busy_timeout = 0")
    until = time.monotonic() + BUSY_SECONDS
    try:
        while time.monotonic() < until:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except connection.OperationalError as error:
                if "locked" not in str(error):
                    return False
                time.sleep(_PAUSE)
            else:
                return True
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        connect_args={"connect_timeout": BUSY_SECONDS},
        pool_size=10,
        max_overflow=30,
        pool_pre_ping=True,  # the server may have been restarted since
    )


_BUSY = "is busy: others have been writing to it for too long; try again"

_TROUBLES = {
    "is locked": _BUSY,
    "deadlock": _BUSY,
    "readonly": "cannot be written: give the program the right to write it and its folder",
    "read-only": "cannot be written: it is read only",
    "permission denied": "cannot be written: give this user the right to make and write tables in it",
    "is full": "cannot be written: the disk is full",
    "not a database": "is not a database: name another file",
    "malformed": "is damaged: take it back from a copy",
    "unable to open": "cannot be opened: name a file that can be read and written",
    "no password supplied": "asks for a password: give it in the address or in ~/.pgpass",
    "authentication failed": "does not let this user in: look at the user and password in its address",
    "invalid connection option": "cannot be reached: its address has an option that PostgreSQL does not know",
    "does not exist": "does not exist, or its user does not: create it first, or look at the address",
}


def _trouble(error: DBAPIError) -> str | None:
    """Return what is wrong with the database, None where the program asked for something that it cannot do."""
    said = str(error.orig).lower()
    away = isinstance(error, (OperationalError, InterfaceError))
    refused = isinstance(error, (IntegrityError, DataError, ProgrammingError))
    if refused and not any(sign in said for sign in ("permission denied", "invalid connection option")):
        return None
    known = next((trouble for sign, trouble in _TROUBLES.items() if sign in said), None)
    return known or ("does not answer: look at the address, and whether the server runs" if away else None)
