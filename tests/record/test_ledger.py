"""What was signed cannot change, and everything said about it since is kept in order."""

import postgresql
import pytest
from recording import BEA, CARL, amended, as_signed, at, begun, put, signed
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ci_notes.errors import InputError
from ci_notes.record import Record
from ci_notes.record.model import Event, GoneError, MissingError, MovedOnError, Signed


def test_signing_keeps_all_that_was_shown_and_ends_the_draft(record: Record) -> None:
    entry = signed(record, exam={"dilation": 2})
    assert (entry.kind, entry.number, entry.by, entry.at) == ("signed", 1, BEA, at(9))
    assert entry.body["sentences"][0]["text"] == "Cervix 2 cm."
    assert entry.body["no_page"] == "after a loss"
    assert entry.body["findings"] == [{"rule": "R001"}]
    assert (entry.body["template"], entry.body["version"]) == ("assessment", "0.2.0")
    assert record.ledger.standing(entry.note).data["exam"] == {"dilation": 2}
    with pytest.raises(GoneError):
        record.drafts.get(entry.note)


def test_nobody_signs_what_they_were_not_shown(record: Record) -> None:
    draft = begun(record)
    record.drafts.change(draft.id, put("exam", "dilation", 2), CARL, "two", at(5))
    with pytest.raises(MovedOnError, match="Dr Carl Placeholder changed this note at") as raised:
        record.ledger.sign(draft.id, draft.revision, as_signed(draft), BEA, at(6))
    assert (raised.value.latest.revision, raised.value.latest.tab) == (2, "two")
    assert record.ledger.head().count == 0
    assert record.drafts.get(draft.id).revision == 2


@pytest.mark.parametrize("wrong", [{"id": "another"}, {"status": "draft"}])
def test_nothing_but_the_drafts_own_note_is_signed(record: Record, wrong: dict[str, str]) -> None:
    draft = begun(record)
    with pytest.raises(ValueError, match="the draft's own note"):
        record.ledger.sign(draft.id, 1, Signed({**as_signed(draft).data, **wrong}, "f"), BEA, at(6))


def test_a_note_has_all_its_versions_and_the_last_one_counts(record: Record) -> None:
    first = signed(record, exam={"dilation": 2})
    record.ledger.cosign(first.note, CARL, at(10))
    record.ledger.addend(first.note, " Seen by Dr Carl. ", CARL, at(11))
    second = amended(record, first.note)
    standing = record.ledger.standing(first.note)
    assert [entry.kind for entry in standing.history] == ["signed", "cosigned", "addendum", "amended"]
    assert [entry.number for entry in standing.history] == [1, 1, 1, 2]
    assert [entry.data["exam"]["dilation"] for entry in record.ledger.versions(first.note)] == [2, 3]
    assert (standing.status, standing.latest, second.reason) == ("amended", second, "wrong side was noted")
    assert standing.of("addendum")[0].body["text"] == "Seen by Dr Carl."


def test_nobody_co_signs_a_version_that_they_did_not_read(record: Record) -> None:
    first = signed(record)
    amended(record, first.note)
    with pytest.raises(InputError, match="version 2 was signed meanwhile"):
        record.ledger.cosign(first.note, CARL, at(30), number=1)
    assert record.ledger.cosign(first.note, CARL, at(31), number=2).number == 2


def test_an_amendment_needs_a_reason_that_says_something(record: Record) -> None:
    first = signed(record)
    for reason in ("", "typo", "         x"):
        draft = record.drafts.begin_amendment(first.note, BEA, at(10))
        with pytest.raises(InputError, match="at least 10 characters"):
            record.ledger.sign(draft.id, draft.revision, as_signed(draft, reason), BEA, at(11))
        record.drafts.discard(draft.id, BEA, at(12))
        record.drafts.purge("2027-01-01T00:00:00+00:00")
    with pytest.raises(InputError, match="at least 10 characters"):
        record.ledger.void(first.note, "oops", BEA, at(13))


def test_a_note_entered_in_error_stays_and_cannot_be_amended(record: Record) -> None:
    first = signed(record)
    draft = record.drafts.begin_amendment(first.note, BEA, at(10))
    record.ledger.void(first.note, "another patient's note", CARL, at(11))
    standing = record.ledger.standing(first.note)
    assert (standing.status, standing.data["status"]) == ("entered-in-error", "entered-in-error")
    with pytest.raises(InputError, match="entered in error"):
        record.ledger.sign(draft.id, draft.revision, as_signed(draft, "a long enough reason"), BEA, at(12))
    for act in (record.ledger.cosign, record.drafts.begin_amendment):
        with pytest.raises(InputError, match="entered in error"):
            act(first.note, BEA, at(13))
    with pytest.raises(InputError, match="entered in error"):
        record.ledger.void(first.note, "once more, to be sure", BEA, at(13))
    assert record.ledger.verify().faults == ()


def test_an_addendum_can_be_a_note_of_its_own(record: Record) -> None:
    first = signed(record)
    second = signed(record, addendum_of=first.note)
    (addendum,) = record.ledger.standing(first.note).of("addendum")
    assert addendum.body == {"text": "", "note": second.note}
    assert second.body["addendum_of"] == first.note
    amended(record, second.note)
    assert len(record.ledger.standing(first.note).of("addendum")) == 1
    draft = begun(record, addendum_of="no-such")
    with pytest.raises(MissingError, match="no signed note"):
        record.ledger.sign(draft.id, draft.revision, as_signed(draft), BEA, at(9))
    assert record.drafts.get(draft.id)
    with pytest.raises(InputError, match="addendum is empty"):
        record.ledger.addend(first.note, "  ", BEA, at(9))


def test_nothing_can_be_said_about_a_note_that_nobody_signed(record: Record) -> None:
    draft = begun(record)
    for act in (lambda: record.ledger.cosign(draft.id, BEA, at(1)), lambda: record.ledger.latest(draft.id)):
        with pytest.raises(MissingError, match="no signed note"):
            act()
    assert record.ledger.history(draft.id) == []
    with pytest.raises(MissingError, match="no entry 7"):
        record.ledger.entry(7)


def test_what_was_signed_last_is_listed_first_as_it_stands_now(record: Record) -> None:
    notes = [signed(record, at(minute)).note for minute in range(3)]
    record.ledger.cosign(notes[1], CARL, at(10))
    amended(record, notes[0])
    assert [standing.note for standing in record.ledger.recent(2)] == [notes[0], notes[2]]
    assert record.ledger.recent(1)[0].status == "amended"


def test_entries_are_numbered_without_a_gap_and_hang_together(record: Record) -> None:
    notes = [signed(record).note for _ in range(3)]
    record.ledger.cosign(notes[1], CARL, at(10))
    entries = [record.ledger.entry(seq) for seq in range(1, 5)]
    assert [entry.previous for entry in entries] == ["0" * 64, *(entry.hash for entry in entries[:-1])]
    assert record.ledger.head().hash == entries[-1].hash
    assert record.ledger.head().count == 4


@pytest.mark.parametrize("table", ["entries", "audit"])
@pytest.mark.parametrize("act", ["UPDATE {} SET who = 'x'", "DELETE FROM {}", "UPDATE {} SET seq = seq"])
def test_the_database_itself_refuses_to_change_what_was_written(record: Record, table: str, act: str) -> None:
    signed(record)
    record.audit.add(Event("u", "U", "read"), at(1))
    with (
        pytest.raises(DBAPIError, match=f"rows of {table} are never changed or removed"),
        record.database.writing() as one,
    ):
        one.execute(text(act.format(table)))
    assert record.ledger.verify().faults == ()


@pytest.mark.parametrize("url", [postgresql.PARAMETER], indirect=True)
def test_postgresql_refuses_to_empty_the_ledger(record: Record) -> None:
    with pytest.raises(DBAPIError, match="never changed"), record.database.writing() as connection:
        connection.execute(text("TRUNCATE entries"))


def test_a_version_is_signed_once_even_where_the_program_would_not_notice(record: Record) -> None:
    entry = signed(record)
    with pytest.raises(DBAPIError), record.database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO entries SELECT 2, kind, note, number, patient, who, who_name, role, at, reason, body,"
                " previous, hash FROM entries"
            )
        )
    draft = record.drafts.begin_amendment(entry.note, BEA, at(10))
    with record.database.writing() as connection:
        connection.execute(text("UPDATE drafts SET amends = 3"))
    with pytest.raises(InputError, match="version 1 was signed meanwhile"):
        record.ledger.sign(draft.id, draft.revision, as_signed(draft, "a long enough reason"), BEA, at(12))
