"""A record opens where it should, is brought up to date once, and says in a sentence why it cannot be opened."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from postgresql import Cluster
from recording import amended, begun, signed
from sqlalchemy import event, inspect, text

from ci_notes import record as package
from ci_notes.errors import InputError
from ci_notes.record import Record, default_url, open_record
from ci_notes.record.database import Database
from ci_notes.record.migrating import migrate
from ci_notes.record.tables import metadata

SCRIPTS = Path(package.__file__).parent / "migrations"


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def test_the_tables_are_as_the_program_takes_them_to_be(record: Record) -> None:
    ours = set(metadata.tables)

    def is_ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or name in ours

    with record.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": False})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("revision", revisions())
def test_a_record_of_an_earlier_program_is_brought_up_to_date(empty: str, revision: str) -> None:
    database = Database(empty)
    migrate(database, revision)
    old = Record(database)
    entry = signed(old, exam={"dilation": 2})
    draft = begun(old)
    old.dispose()
    record = open_record(empty)
    assert record.ledger.entry(1) == entry
    assert record.drafts.get(draft.id) == draft
    amended(record, entry.note)
    assert record.ledger.verify().faults == ()
    with record.database.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == revisions()[-1]
    record.dispose()


def test_a_database_without_a_record_stays_so_where_one_is_looked_for(empty: str) -> None:
    Database(empty).dispose()
    with pytest.raises(InputError, match="holds no record: give the address of one with --db"):
        open_record(empty, create=False)
    database = Database(empty)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == []
    database.dispose()


def test_opening_again_changes_nothing(record: Record, url: str) -> None:
    entry = signed(record)
    again = open_record(url)
    assert again.ledger.history(entry.note) == [entry]
    again.dispose()


START = """
import sys
from ci_notes.record import open_record
print("ready", flush=True)
sys.stdin.readline()
open_record(sys.argv[1]).dispose()
"""


def test_workers_that_start_at_once_migrate_once(empty: str) -> None:
    call = [sys.executable, "-W", "error", "-c", START, empty]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    starting = [subprocess.Popen(call, **pipes) for _ in range(4)]
    for one in starting:
        assert one.stdout is not None
        assert one.stdout.readline() == b"ready\n"
    for one in starting:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    said = [one.communicate(timeout=60)[1].decode() for one in starting]
    assert ([one.returncode for one in starting], said) == ([0] * 4, [""] * 4)
    record = open_record(empty)
    assert record.ledger.verify().faults == ()
    record.dispose()


def test_a_database_of_a_newer_program_is_left_alone(record: Record, url: str) -> None:
    with record.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match=r"newer ci-notes \(its revision 9999 is not known here\)"):
        open_record(url)


def test_migrations_follow_one_another_in_one_line() -> None:
    assert revisions()[0] == "0001"
    assert len(revisions()) == len(list((SCRIPTS / "versions").glob("m*.py")))


def test_a_migration_that_fails_leaves_nothing_behind(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise InputError("stopped in the middle")

    database = Database(empty)
    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.bulk_insert", fail)
        with pytest.raises(InputError, match="in the middle"):
            migrate(database)
    with database.reading() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    migrate(database)
    database.dispose()


# --- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("record.db", "cannot be read: give sqlite:///FILE or postgresql://"),
        ("", "cannot be read"),
        ("postgresql://u:secret@h:port/x", "cannot be read"),
        ("mysql://u:secret@h/x", "cannot be kept in mysql: give sqlite:///FILE or postgresql://"),
        ("sqlite://", "kept in a file"),
        ("sqlite:///:memory:", "kept in a file"),
        ("postgresql://u:secret@127.0.0.1:1/wards", "the database wards on 127.0.0.1 does not answer"),
        ("postgres://u:secret@127.0.0.1:1/wards?password=secret", "the database wards on 127.0.0.1 does not answer"),
        ("postgresql://u:secret@127.0.0.1:1/wards?nonsense=secret", "an option that PostgreSQL does not know"),
        ("sqlite:////proc/none/record.db", "cannot write /proc/none/record.db"),
        ("sqlite:////", "cannot"),
    ],
)
def test_what_cannot_be_opened_is_said_without_the_password(address: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        open_record(address)
    assert words in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear colleague, " * 100)
    with pytest.raises(InputError, match="is not a database: name another file"):
        open_record(f"sqlite:///{letter}")
    assert letter.read_text() == "Dear colleague, " * 100


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    record = open_record(f"sqlite:///{tmp_path / 'record.db'}")
    event.listen(
        record.database.engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA query_only = 1")
    )
    with pytest.raises(InputError, match="cannot be written: give the program the right"):
        begun(record)
    record.dispose()


def test_a_database_that_is_busy_for_too_long_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ci_notes.record.database.BUSY_SECONDS", 0.1)
    one, other = (open_record(f"sqlite:///{tmp_path / 'record.db'}") for _ in range(2))
    with one.database.writing(), pytest.raises(InputError, match="is busy: others have been writing"):
        begun(other)
    begun(other)
    for record in (one, other):
        record.dispose()


@pytest.mark.postgresql
def test_a_database_that_is_not_there_is_said(cluster: Cluster) -> None:
    with pytest.raises(InputError, match=r"the database no_such on 127\.0\.0\.1 does not exist"):
        open_record(cluster.url("no_such"))


def test_the_default_is_in_the_data_folder_of_the_user_and_for_them_alone(tmp_path: Path) -> None:
    assert default_url({"XDG_DATA_HOME": "/data"}) == "sqlite:////data/ci-notes/record.db"
    url = default_url({"XDG_DATA_HOME": str(tmp_path / "new")})
    before = os.umask(0)
    try:
        record = open_record(url)
        begun(record)
        files = list((tmp_path / "new" / "ci-notes").iterdir())
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert stat.S_IMODE((tmp_path / "new" / "ci-notes").stat().st_mode) == 0o700
        assert len(files) > 1
        record.dispose()
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("platform", "environ", "end"),
    [
        ("linux", {}, "/.local/share/ci-notes/record.db"),
        ("darwin", {}, "/Library/Application Support/ci-notes/record.db"),
        ("win32", {"LOCALAPPDATA": "/local"}, "sqlite:////local/ci-notes/record.db"),
    ],
)
def test_each_platform_has_its_data_folder(
    platform: str, environ: dict[str, str], end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert default_url(environ).endswith(end)
