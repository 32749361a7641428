"""The audit trail: complete, in order, and found again by who, whom and when."""

import threading

import pytest
from recording import at

from ci_notes.record import Record
from ci_notes.record.model import Event


def test_events_come_back_in_order_as_they_were_written(record: Record) -> None:
    event = Event("u-bea", "Dr Bea Sample", "read", "note", "n-1", "p-1", "refused", "another's \0 note", "s-1")
    first = record.audit.add(event, at(0))
    second = record.audit.add(Event("u-carl", "Dr Carl Placeholder", "sign-in"), at(1))
    assert record.audit.entries() == [first, second]
    assert first.event.detail == "another's \ufffd note"
    assert (first.seq, second.seq, second.previous) == (1, 2, first.hash)
    assert record.audit.head().hash == second.hash


def test_events_are_found_by_who_whom_and_when(record: Record) -> None:
    for minute in range(6):
        record.audit.add(Event(f"u{minute % 2}", "", "read", patient=f"p{minute % 3}"), at(minute))
    assert [one.seq for one in record.audit.entries(who="u1")] == [2, 4, 6]
    assert [one.seq for one in record.audit.entries(who="u1", patient="p0")] == [4]
    assert [one.seq for one in record.audit.entries(since=at(2), until=at(4))] == [3, 4]
    assert [one.seq for one in record.audit.entries(after=1, limit=2)] == [2, 3]
    with pytest.raises(TypeError, match="no colour"):
        record.audit.entries(colour="x")


def test_many_who_look_at_once_leave_one_chain(record: Record) -> None:
    def look(name: str) -> None:
        for minute in range(20):
            record.audit.add(Event(name, name, "read"), at(minute))

    looking = [threading.Thread(target=look, args=(f"u{number}",)) for number in range(6)]
    for one in looking:
        one.start()
    for one in looking:
        one.join(60)
    assert [one.seq for one in record.audit.entries()] == list(range(1, 121))
    assert record.ledger.verify().faults == ()
