"""Whoever changes the database behind the program's back is found out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import postgresql
import pytest
from recording import CARL, amended, at, behind, signed, tamper
from running import Ran
from sqlalchemy import Table

from ci_notes.record import Record, chain, open_record
from ci_notes.record.model import Event
from ci_notes.record.tables import audit, entries

Run = Callable[..., Ran]

COLUMNS = [column.name for column in entries.columns if column.name not in ("seq", "number")]
AUDITED = [column.name for column in audit.columns if column.name != "seq"]


@pytest.fixture
def full(record: Record) -> Record:
    """A record with six entries in the ledger and five in the audit trail."""
    first = signed(record, exam={"dilation": 2})
    record.ledger.cosign(first.note, CARL, at(10))
    amended(record, first.note)
    for minute in range(30, 33):
        signed(record, at(minute))
    for minute in range(5):
        record.audit.add(Event("u-bea", "Dr Bea Sample", "read", "note", first.note, "p", "done", "d", "s"), at(minute))
    assert record.ledger.verify().faults == ()
    return record


def said(record: Record, kept: str | None = None) -> list[str]:
    return [str(fault) for fault in record.ledger.verify(kept).faults]


@pytest.mark.parametrize(("table", "columns"), [(entries, COLUMNS), (audit, AUDITED)], ids=["entries", "audit"])
def test_a_change_of_any_column_is_found(full: Record, table: Table, columns: list[str]) -> None:
    this = table.c.seq == 3
    with full.database.reading() as connection:
        row = dict(connection.execute(table.select().where(this)).mappings().one())
    for column in columns:
        with behind(full) as connection:
            connection.execute(table.update().where(this).values({column: "x"}))
        faults = full.ledger.verify().faults
        assert {(fault.chain, fault.seq) for fault in faults} <= {(table.name, 3), (table.name, 4)}, column
        assert any("entry 3 (" in str(fault) for fault in faults), column
        with behind(full) as connection:
            connection.execute(table.update().where(this).values(row))
    assert said(full) == []


def test_one_figure_in_a_signed_note_is_enough(full: Record) -> None:
    note = full.ledger.entry(1).note
    tamper(full, """UPDATE entries SET body = replace(body, '"dilation":2', '"dilation":4') WHERE seq = 1""")
    assert full.ledger.entry(1).data["exam"] == {"dilation": 4}
    assert said(full) == [f"ledger entry 1 (note {note}, signed, {at(9)}) was changed after it was written"]


def test_a_number_of_a_version_that_was_changed_is_found(full: Record) -> None:
    tamper(full, "UPDATE entries SET number = 7 WHERE seq = 3")
    assert any("ledger entry 3" in words and "was changed" in words for words in said(full))


@pytest.mark.parametrize(
    ("where", "words"),
    [("seq = 2", "ledger entry 2 is missing"), ("seq IN (2, 3, 4)", "ledger entry 2 to 4 are missing")],
)
def test_a_missing_row_is_found(full: Record, where: str, words: str) -> None:
    tamper(full, f"DELETE FROM entries WHERE {where}")
    assert said(full) == [words]


def test_a_tail_that_was_cut_off_is_found(full: Record) -> None:
    tamper(full, "DELETE FROM entries WHERE seq > 4", "DELETE FROM audit WHERE seq > 4")
    assert said(full) == ["ledger entry 5 to 6 are missing", "audit entry 5 is missing"]


def test_an_empty_ledger_that_had_entries_is_found(full: Record) -> None:
    tamper(full, "DELETE FROM entries")
    assert said(full) == ["ledger entry 1 to 6 are missing"]


def test_rows_that_changed_places_are_found(full: Record) -> None:
    tamper(
        full,
        "UPDATE entries SET seq = 99 WHERE seq = 4",
        "UPDATE entries SET seq = 4 WHERE seq = 5",
        "UPDATE entries SET seq = 5 WHERE seq = 99",
    )
    assert {fault.seq for fault in full.ledger.verify().faults} >= {4, 5}


def test_a_row_that_was_put_in_is_found(full: Record) -> None:
    row = "7, kind, note, 9, patient, who, who_name, role, at, reason, body, hash, hash"
    tamper(full, f"INSERT INTO entries SELECT {row} FROM entries WHERE seq = 6")
    words = "\n".join(said(full))
    assert "ledger entry 7 is the last, but not the one that the program appended last" in words
    assert "was changed after it was written" in words


def rewrite(record: Record, first: int) -> None:
    """Change an entry and mend every hash after it, as somebody would who knows how the chain is made."""
    with behind(record) as connection:
        previous = ""
        for row in connection.execute(entries.select().order_by(entries.c.seq)).mappings().all():
            values = dict(row)
            if row["seq"] >= first:
                values["reason"] = "rewritten" if row["seq"] == first else row["reason"]
                values["previous"] = previous or row["previous"]
                values["hash"] = chain.digest(values)
                connection.execute(entries.update().where(entries.c.seq == row["seq"]).values(values))
            previous = values["hash"]


def test_an_entry_whose_own_hash_was_mended_does_not_fit_the_next(full: Record) -> None:
    with behind(full) as connection:
        row = dict(connection.execute(entries.select().where(entries.c.seq == 3)).mappings().one())
        row["reason"] = "rewritten"
        row["hash"] = chain.digest(row)
        connection.execute(entries.update().where(entries.c.seq == 3).values(row))
    (words,) = said(full)
    assert words.startswith("ledger entry 4 ")
    assert words.endswith("does not follow ledger entry 3: one of the two was changed")


def test_a_chain_that_was_mended_up_to_its_end_does_not_fit_its_head(full: Record) -> None:
    rewrite(full, 2)
    assert said(full) == ["ledger entry 6 is the last, but not the one that the program appended last"]


def test_a_head_kept_elsewhere_finds_what_was_rewritten_with_everything_after_it(full: Record) -> None:
    kept, middle = full.ledger.head().hash, full.ledger.entry(4).hash
    signed(full, at(50))
    assert said(full, kept) == said(full, middle) == said(full, full.audit.head().hash) == []
    rewrite(full, 2)
    tamper(full, "UPDATE heads SET hash = (SELECT hash FROM entries WHERE seq = 7) WHERE chain = 'entries'")
    assert said(full) == []
    assert "was removed or rewritten" in said(full, kept)[0]
    assert "was removed or rewritten" in said(full, middle)[0]


def test_a_database_that_lost_its_heads_is_told(full: Record) -> None:
    tamper(full, "DELETE FROM heads")
    assert len(said(full)) == 2
    assert "does not know where the chain of entries ends" in said(full)[0]


def test_a_database_that_no_longer_refuses_changes_is_told(full: Record) -> None:
    with full.database.writing() as connection:
        if full.database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER entries_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE entries DISABLE TRIGGER entries_closed")
    (words,) = said(full)
    assert words.startswith("the database no longer refuses to change entries")


@pytest.mark.parametrize("url", [postgresql.PARAMETER], indirect=True)
def test_a_guard_that_is_on_for_replicas_alone_guards_nothing(full: Record) -> None:
    with full.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit ENABLE REPLICA TRIGGER audit_closed")
    (words,) = said(full)
    assert words.startswith("the database no longer refuses to change audit")


def test_what_is_signed_while_the_chain_is_walked_is_no_fault(
    full: Record, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, find_head = open_record(url), chain.head
    late: list[str] = []

    def head(*asked: Any, **how: Any) -> Any:
        if not late:  # the rows are read, their end is not yet
            late.append("begun")
            late.append(signed(other, at(50)).note)
        return find_head(*asked, **how)

    monkeypatch.setattr(chain, "head", head)
    assert said(full) == []
    assert full.ledger.latest(late[1]).seq == 7
    other.dispose()


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_command_prints_what_it_verified(full: Record, url: str, run: Run) -> None:
    ran = run("verify", "--db", url)
    assert ran.code == 0
    assert f"ledger: 6 entries, head {full.ledger.head().hash}" in ran.out
    assert f"audit trail: 5 entries, head {full.audit.head().hash}" in ran.out
    assert "nothing was changed" in ran.out


def test_the_command_names_what_was_changed(full: Record, url: str, run: Run) -> None:
    note = full.ledger.entry(1).note
    tamper(full, "UPDATE entries SET who_name = 'Dr Nobody' WHERE seq = 1")
    ran = run("verify", "--db", url)
    assert ran.code == 1
    assert f"ledger entry 1 (note {note}, signed, {at(9)}) was changed after it was written\n" in ran.out
    assert "1 fault: somebody changed the database" in ran.out


def test_the_command_holds_the_chain_against_a_head_kept_elsewhere(full: Record, url: str, run: Run) -> None:
    assert run("verify", "--db", url, "--head", full.ledger.entry(2).hash.upper()).code == 0
    assert run("verify", "--db", url, "--head", chain.GENESIS).code == 0  # kept before anything was signed
    ran = run("verify", "--db", url, "--head", "1" * 64)
    assert (ran.code, "no entry has the hash 1111" in ran.out) == (1, True)


def test_where_there_is_no_record_none_is_made(tmp_path: Path, run: Run) -> None:
    ran = run("verify", "--db", f"sqlite:///{tmp_path}/none.db")
    assert ran.code == 2
    assert "there is no record at" in ran.err
    assert list(tmp_path.iterdir()) == []
