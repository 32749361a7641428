"""Several at once, threads and processes: every change is kept, one signature wins."""

import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgresql import Cluster
from recording import BEA, CARL, as_signed, at, begun, put, signed

from ci_notes.errors import InputError
from ci_notes.record import Record, open_record
from ci_notes.record.model import Draft, GoneError, Person

HERE = Path(__file__).parent


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Do all of it at once; return what was raised."""
    raised: list[BaseException] = []
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        ready.wait(30)
        try:
            act()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


Typed = list[tuple[int, str, int]]
"""Who, which place, which value."""


@settings(max_examples=10)
@given(typed=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 9)), min_size=4, max_size=24))
def test_whatever_four_people_type_at_once_is_kept_in_one_order(record: Record, typed: Typed) -> None:
    draft = begun(record)

    def typing(who: int) -> Callable[[], None]:
        def act() -> None:
            for number, (_, name, value) in enumerate(one for one in typed if one[0] == who):
                apply = put("exam", name, [who, number, value])
                record.drafts.change(draft.id, apply, Person(f"u{who}", ""), f"t{who}", at(1), f"{who}-{number}")

        return act

    assert at_once(*map(typing, range(4))) == []
    found, changes = record.drafts.get(draft.id), record.drafts.since(draft.id, 1)
    assert found.revision == 1 + len(typed)
    assert [change.revision for change in changes] == list(range(2, found.revision + 1))
    stood: dict[str, object] = {}
    for change in changes:
        assert change.before == stood.get(change.place)
        stood[change.place] = change.after
    assert stood == {f"exam.{name}": value for name, value in found.data.get("exam", {}).items()}


def test_one_batch_sent_by_two_tabs_is_applied_once(record: Record) -> None:
    draft = begun(record)

    def act() -> None:
        record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "t", at(1), batch="same")

    assert at_once(*[act] * 6) == []
    assert record.drafts.get(draft.id).revision == 2


def test_of_two_who_sign_or_amend_one_wins(record: Record) -> None:
    draft = begun(record)
    errors = at_once(*[lambda: _sign(record, draft.id)] * 4)
    assert [type(error) for error in errors] == [GoneError] * 3
    errors = at_once(*[lambda: _begin(record, draft.id)] * 4)
    assert [str(error) for error in errors] == ["this note is being written already: open its draft"] * 3
    assert record.ledger.verify().faults == ()


def _sign(record: Record, note: str) -> None:
    draft = record.drafts.get(note)
    record.ledger.sign(note, draft.revision, as_signed(draft), BEA, at(9))


def _begin(record: Record, note: str) -> None:
    record.drafts.begin_amendment(note, CARL, at(10))


def test_new_patients_of_several_drafts_are_one(record: Record) -> None:
    assert at_once(*[lambda: _new(record)] * 6) == []
    assert len(record.patients.listing()) == 1
    assert len(record.drafts.listing()) == 6


def _new(record: Record) -> None:
    begun(record)


def test_a_patient_is_not_forgotten_while_somebody_begins_a_note_about_them(record: Record) -> None:
    for number in range(12):
        told = {"pseudonym": f"P-{number}"}
        draft = begun(record, patient=told)
        assert at_once(partial(_clear, record, draft), partial(begun, record, patient=told)) == []
    assert len(record.patients.listing()) == 12


def _clear(record: Record, draft: Draft) -> None:
    """Take the patient out of a draft."""
    data = {**draft.data, "patient": {}}
    record.drafts.change(draft.id, lambda state, _: ({**state, "data": data}, {}), BEA, "t", at(1))


def test_all_kinds_of_work_at_once_end_without_a_deadlock(record: Record) -> None:
    first = signed(record)

    def work() -> None:
        for minute in range(4):
            entry = signed(record, at(minute))
            record.ledger.addend(entry.note, "more", CARL, at(minute))
            record.ledger.cosign(first.note, CARL, at(minute))
            begun(record)
            record.ledger.verify()

    assert at_once(*[work] * 4) == []
    assert record.ledger.head().count == 1 + 4 * 4 * 3
    assert record.ledger.verify().faults == ()


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from recording import BEA, as_signed, at
from ci_notes.errors import InputError
from ci_notes.record import open_record
record = open_record(sys.argv[2])
draft = record.drafts.get(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
try:
    record.ledger.sign(draft.id, draft.revision, as_signed(draft), BEA, at(9))
    print("signed")
except InputError as error:
    print(error)
record.dispose()
"""


def test_of_two_processes_that_sign_one_draft_one_wins(record: Record, url: str) -> None:
    draft = begun(record)
    call = [sys.executable, "-c", PROGRAM, str(HERE), url, draft.id]
    both = [subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = sorted(one.communicate(timeout=60)[0].strip() for one in both)
    assert said[1] == "signed"
    assert said[0].startswith("Dr Bea Sample signed this note at")
    assert record.ledger.head().count == 1


def test_a_reader_does_not_wait_for_a_writer(record: Record, url: str) -> None:
    draft = begun(record)
    other = open_record(url)
    with record.database.writing():
        assert other.drafts.get(draft.id) == draft
        assert other.ledger.verify().faults == ()
    other.dispose()


def test_a_look_that_fails_gives_its_connection_back(record: Record) -> None:
    for _ in range(70):
        with pytest.raises(InputError):
            record.drafts.get("no-such")
    assert begun(record).revision == 1


@pytest.mark.postgresql
def test_a_server_that_cut_its_connections_is_asked_again(cluster: Cluster, template: str) -> None:
    with cluster.database(template) as url:
        record = open_record(url)
        draft = begun(record)
        name = url.rpartition("/")[2]
        cluster.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert record.drafts.get(draft.id) == draft
        record.dispose()
