"""Notes being written: nothing typed is lost, and who changed what is known."""

from typing import Any

import pytest
from recording import BEA, CARL, as_signed, at, begun, note, put, signed

from ci_notes.errors import InputError
from ci_notes.record import Record, open_record
from ci_notes.record.model import DiscardedError, GoneError, MissingError, State, Touched
from ci_notes.record.places import undone


def test_a_change_is_there_for_the_next_who_opens_the_record(record: Record, url: str) -> None:
    draft = begun(record)
    record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "tab", at(1))
    again = open_record(url)
    found = again.drafts.get(draft.id)
    again.dispose()
    assert found.data["exam"] == {"dilation": 2}
    assert (found.revision, found.updated_by, found.updated_at) == (2, BEA, at(1))


def test_a_note_keeps_its_own_id_and_the_order_in_which_it_was_written(record: Record) -> None:
    draft = record.drafts.begin(note(id="n-1", zebra={"z": 1, "a": 2}), BEA, at(0))
    assert draft.id == "n-1"
    assert list(record.drafts.get("n-1").data)[-3:] == ["id", "zebra", "status"]
    assert list(draft.data["zebra"]) == ["z", "a"]
    with pytest.raises(InputError, match="being written already"):
        record.drafts.begin(note(id="n-1"), CARL, at(1))


def test_a_draft_is_a_draft_whatever_it_came_as(record: Record) -> None:
    assert begun(record, status="final").data["status"] == "draft"


def test_what_was_changed_since_a_revision_is_told_with_who_and_when(record: Record) -> None:
    draft = begun(record)
    record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "one", at(1))
    record.drafts.change(draft.id, put("exam", "dilation", {"absent": "not-performed"}), CARL, "two", at(2))
    (change,) = record.drafts.since(draft.id, 2)
    assert (change.place, change.before, change.after) == ("exam.dilation", 2, {"absent": "not-performed"})
    assert (change.revision, change.by, change.tab, change.at) == (3, CARL, "two", at(2))
    assert len(record.drafts.since(draft.id, 1)) == 2


def test_a_change_is_shown_who_changed_each_place_last(record: Record) -> None:
    draft = begun(record)
    record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "one", at(1))
    record.drafts.change(draft.id, put("exam", "effacement", 50), BEA, "one", at(2))
    record.drafts.change(draft.id, put("exam", "dilation", 3), CARL, "two", at(3))
    seen = {}

    def look(state: State, latest: Any) -> tuple[State, Touched]:
        seen.update(latest)
        return state, {}

    record.drafts.change(draft.id, look, BEA, "one", at(4))
    assert {place: (last.revision, last.by, last.tab) for place, last in seen.items()} == {
        "exam.dilation": (4, CARL, "two"),
        "exam.effacement": (3, BEA, "one"),
    }


def test_what_changes_nothing_makes_no_revision(record: Record) -> None:
    draft = begun(record)
    assert record.drafts.change(draft.id, lambda state, _: (state, {}), BEA, "tab", at(1)).revision == 1


def test_yes_in_the_place_of_one_is_a_change(record: Record) -> None:
    draft = begun(record, exam={"dilation": 1})

    def apply(state: State, latest: Any) -> tuple[State, Touched]:
        state["data"]["exam"]["dilation"] = True
        return state, {}

    point = record.drafts.mark(draft.id, "one", BEA, at(0))
    assert record.drafts.change(draft.id, apply, BEA, "tab", at(1)).revision == 2
    record.drafts.back_to(draft.id, point.id, BEA, "tab", at(2))
    (change,) = record.drafts.since(draft.id, 2)
    assert (change.before, change.after) == (True, 1)


def test_a_change_that_fails_leaves_the_draft_as_it_was(record: Record) -> None:
    draft = begun(record)

    def fail(state: State, latest: Any) -> tuple[State, Touched]:
        state["data"].clear()
        raise InputError("no")

    with pytest.raises(InputError, match=r"^no$"):
        record.drafts.change(draft.id, fail, BEA, "tab", at(1), batch="b")
    assert record.drafts.get(draft.id) == draft
    assert record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "tab", at(2), batch="b").revision == 2


def test_a_batch_that_is_sent_twice_is_applied_once(record: Record) -> None:
    draft = begun(record)
    record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "tab", at(1), batch="b1")
    record.drafts.change(draft.id, put("exam", "dilation", 3), CARL, "other", at(2), batch="b2")
    again = record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "tab", at(3), batch="b1")
    assert again.data["exam"]["dilation"] == 3
    assert again.revision == 3


def test_a_browser_that_comes_back_to_a_signed_note_is_told_so(record: Record) -> None:
    draft = begun(record)
    draft = record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "tab", at(1), batch="b1")
    record.ledger.sign(draft.id, draft.revision, as_signed(draft), BEA, at(2))
    with pytest.raises(GoneError, match=r"Dr Bea Sample signed this note at 2026-11-03T10:02") as known:
        record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "tab", at(3), batch="b1")
    with pytest.raises(GoneError) as unknown:
        record.drafts.change(draft.id, put("exam", "dilation", 9), BEA, "tab", at(3), batch="b2")
    assert (known.value.applied, unknown.value.applied) == (True, False)


def test_back_to_a_save_point_and_what_came_since_can_be_had_back(record: Record) -> None:
    rows = [{"id": "a", "length": 22}, {"id": "b", "length": 24}]
    draft = begun(record, exam={"dilation": 2}, ultrasound={"lengths": rows[:1]})
    point = record.drafts.mark(draft.id, "before the scan", BEA, at(1))

    def scanned(state: State, latest: Any) -> tuple[State, Touched]:
        state["data"].update(exam={"effacement": 50}, ultrasound={"lengths": [{"id": "a", "length": 21}, rows[1]]})
        state["unread"]["exam.station"] = "low?"
        return state, {"exam.dilation": (2, None)}

    after = record.drafts.change(draft.id, scanned, CARL, "two", at(2))
    back = record.drafts.back_to(draft.id, point.id, BEA, "one", at(3))
    assert back.state == draft.state
    assert back.revision == 3
    assert {change.place: (change.before, change.after) for change in record.drafts.since(draft.id, 2)} == {
        "exam.dilation": (None, 2),
        "exam.effacement": (50, None),
        "exam.station": ("low?", None),
        "ultrasound.lengths[a].length": (21, 22),
        "ultrasound.lengths[b]": (True, None),
        "ultrasound.lengths[b].length": (24, None),
    }
    assert after.data["exam"] == {"effacement": 50}


def test_save_points_are_listed_the_last_first_and_belong_to_their_draft(record: Record) -> None:
    draft, other = begun(record), begun(record)
    first = record.drafts.mark(draft.id, "one", BEA, at(1))
    draft = record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "t", at(2))
    record.drafts.mark(draft.id, " two ", CARL, at(3))
    assert [(point.name, point.revision, point.by) for point in record.drafts.points(draft.id)] == [
        ("two", 2, CARL),
        ("one", 1, BEA),
    ]
    with pytest.raises(MissingError, match="no such save point"):
        record.drafts.back_to(other.id, first.id, BEA, "t", at(4))


def test_who_else_has_the_draft_open(record: Record) -> None:
    draft = begun(record)
    record.drafts.present(draft.id, BEA, "one", at(0))
    record.drafts.present(draft.id, CARL, "two", at(1))
    here = record.drafts.present(draft.id, BEA, "one", at(1))
    assert [(one.tab, one.by) for one in here] == [("one", BEA), ("two", CARL)]
    record.drafts.leave(draft.id, "two")
    assert [one.tab for one in record.drafts.present(draft.id, BEA, "one", at(2))] == ["one"]
    assert [one.tab for one in record.drafts.present(draft.id, CARL, "two", at(9))] == ["two"]


def test_a_discarded_draft_can_be_restored_for_thirty_days(record: Record) -> None:
    draft = begun(record)
    record.drafts.discard(draft.id, CARL, at(0, day=1))
    assert record.drafts.listing() == []
    with pytest.raises(DiscardedError, match="Dr Carl Placeholder discarded this draft"):
        record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "t", at(1))
    assert record.drafts.purge(at(0, day=30)) == 0
    assert record.drafts.restore(draft.id, BEA, at(0, day=30)).data == draft.data
    record.drafts.discard(draft.id, CARL, at(0, day=1))
    late = "2026-12-02T00:00:00+00:00"
    with pytest.raises(MissingError, match="thirty days"):
        record.drafts.restore(draft.id, BEA, late)
    assert record.drafts.purge(late) == 1
    assert record.drafts.listing(discarded=True) == []
    assert record.drafts.purge(late) == 0
    assert record.patients.listing() == []


def test_a_discarded_amendment_is_restored_and_not_begun_again(record: Record) -> None:
    first = signed(record)
    record.drafts.begin_amendment(first.note, CARL, at(10))
    record.drafts.discard(first.note, CARL, at(11))
    with pytest.raises(DiscardedError, match="restore it first"):
        record.drafts.begin_amendment(first.note, BEA, at(12))
    assert record.drafts.restore(first.note, BEA, at(13)).amends == 1


def test_drafts_are_listed_by_who_began_them_and_by_patient(record: Record) -> None:
    mine = begun(record)
    other = record.drafts.begin(note(patient={"pseudonym": "P-2"}), CARL, at(5))
    assert [draft.id for draft in record.drafts.listing()] == [other.id, mine.id]
    assert [draft.id for draft in record.drafts.listing(by=BEA.id)] == [mine.id]
    assert [draft.id for draft in record.drafts.listing(patient=other.patient)] == [other.id]


def test_an_amendment_begins_from_what_was_signed_and_counts_on(record: Record) -> None:
    first = signed(record, exam={"dilation": 2})
    draft = record.drafts.begin_amendment(first.note, CARL, at(10))
    assert (draft.id, draft.amends, draft.created_by) == (first.note, 1, CARL)
    assert draft.revision > first.body["revision"]
    assert draft.data["exam"] == {"dilation": 2}
    assert "signed_at" not in draft.data
    with pytest.raises(InputError, match="being written already"):
        record.drafts.begin_amendment(first.note, BEA, at(11))
    with pytest.raises(InputError, match="signed already"):
        record.drafts.begin(note(id=first.note), BEA, at(11))


def test_there_is_nothing_under_an_address_that_somebody_made_up(record: Record) -> None:
    for address in ("no-such", "\0", "\ud800", "' OR 1=1 --"):
        with pytest.raises(MissingError, match="no draft under this address"):
            record.drafts.get(address)
    with pytest.raises(MissingError):
        record.drafts.begin_amendment("no-such", BEA, at(0))


def test_any_text_can_be_typed(record: Record) -> None:
    hostile = "\0 \ud800 \u202e <b>'\"; DROP TABLE drafts; -- \U0001f600"
    draft = begun(record, id=None, template="x\0y")
    draft = record.drafts.change(draft.id, put("comment", hostile, hostile), BEA, hostile, at(1), batch=hostile)
    assert record.drafts.get(draft.id).data["comment"] == {hostile: hostile}
    assert record.drafts.since(draft.id, 1)[0].after == hostile
    record.drafts.mark(draft.id, hostile, BEA, at(2))
    assert signed(record, id=hostile, patient={"name": hostile, "pseudonym": hostile}).patient is not None
    assert record.patients.find(hostile)[0].name.endswith("\U0001f600")


def test_a_draft_is_had_as_it_was_before_any_of_its_changes(record: Record) -> None:
    draft = begun(record)
    seen = [record.drafts.get(draft.id)]
    for number, (place, value) in enumerate([("dilation", 2), ("effacement", 50), ("dilation", 3)]):
        record.drafts.change(draft.id, put("exam", place, value), BEA, "tab", at(number))
        seen.append(record.drafts.get(draft.id))
    for before in seen:
        since = record.drafts.since(draft.id, before.revision)
        assert (undone(seen[-1].state, since)["data"].get("exam") or {}) == before.data.get("exam", {})
