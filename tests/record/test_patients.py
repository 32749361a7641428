"""Patients are found by what they are called, told apart by identifiers, and their notes stand by pregnancy."""

from typing import Any

import pytest
from recording import BEA, CARL, amended, as_signed, at, begun, put, signed

from ci_notes.record import Record
from ci_notes.record.model import Entry, MissingError, State, Touched

SYSTEM = "https://hospital.example/patients"


def patient(identifier: str, name: str = "Ada Example", **more: Any) -> dict[str, Any]:
    return {"name": name, "identifier_system": SYSTEM, "identifier": identifier, **more}


def renamed(told: dict[str, Any]) -> Any:
    def apply(state: State, latest: Any) -> tuple[State, Touched]:
        before, state["data"]["patient"] = state["data"].get("patient"), told
        return state, {"patient.identifier": (before, told)}

    return apply


def test_two_notes_with_one_identifier_are_of_one_patient(record: Record) -> None:
    first, second = signed(record), begun(record)
    assert first.patient == second.patient
    (found,) = record.patients.listing()
    assert (found.name, found.keys) == ("Ada Example", ((SYSTEM, "EX-0001"),))
    assert [note.note for note in record.patients.notes(found.id)] == [first.note, second.id]


def test_the_same_number_of_another_hospital_is_another_patient(record: Record) -> None:
    signed(record)
    signed(record, patient={**patient("EX-0001"), "identifier_system": "https://other.example"})
    assert len(record.patients.listing()) == 2


NAMED = {"name": "Alma Testova", "birth_date": "1994-04-03", "identifier": "943"}


@pytest.mark.parametrize("query", ["testova", "1994-04-03", "943"])
def test_who_has_no_number_of_anybodys_is_a_patient_of_one_note(record: Record, query: str) -> None:
    note = signed(record, patient=NAMED)
    (found,) = record.patients.find(query)
    assert (found.id, found.name, found.keys) == (note.patient, "Alma Testova", ())
    ((only,),) = (one.notes for one in record.patients.pregnancies(found.id))
    assert only.note == note.note


def test_two_of_one_name_are_not_taken_for_one(record: Record) -> None:
    first, second = signed(record, patient=NAMED), signed(record, patient=NAMED)
    assert first.patient != second.patient
    assert len(record.patients.find("testova")) == 2


def test_a_draft_without_a_number_is_nobodys(record: Record) -> None:
    assert begun(record, patient=NAMED).patient is None
    assert record.patients.listing() == []


def test_an_amendment_gives_her_the_number_that_was_missing(record: Record) -> None:
    note = signed(record, patient=NAMED)
    draft = record.drafts.begin_amendment(note.note, CARL, at(20))
    for minute, typed in enumerate(("E", "EX-7")):
        draft = record.drafts.change(draft.id, renamed(patient(typed, "Alma Testova")), CARL, "t", at(21 + minute))
        assert draft.patient == note.patient
    entry = record.ledger.sign(draft.id, draft.revision, as_signed(draft, "the number was missing"), CARL, at(30))
    (found,) = record.patients.listing()
    assert (found.id, found.keys) == (note.patient, ((SYSTEM, "EX-7"),))
    assert entry.patient == signed(record, at(40), patient=patient("EX-7", "Alma Testova")).patient == found.id


def test_an_amendment_that_gives_a_number_known_here_brings_the_note_to_her(record: Record) -> None:
    known = signed(record, patient=patient("EX-7", "Alma Testova"))
    note = signed(record, patient=NAMED)
    draft = record.drafts.begin_amendment(note.note, CARL, at(20))
    draft = record.drafts.change(draft.id, renamed(patient("EX-7", "Alma Testova")), CARL, "t", at(21))
    record.ledger.sign(draft.id, draft.revision, as_signed(draft, "the number was missing"), CARL, at(30))
    assert [one.id for one in record.patients.find("testova")] == [known.patient]
    assert [one.id for one in record.patients.listing()] == [known.patient]
    assert {one.note for one in record.patients.notes(str(known.patient))} == {known.note, note.note}


def test_an_amendment_that_leaves_the_number_out_stays_with_the_same_patient(record: Record) -> None:
    note = signed(record, patient=NAMED)
    assert amended(record, note.note).patient == note.patient


def test_a_note_that_says_nothing_of_a_patient_is_of_none(record: Record) -> None:
    assert signed(record, patient={}).patient is None
    assert record.patients.listing() == []


def test_an_identifier_being_typed_leaves_one_patient(record: Record) -> None:
    draft = begun(record, patient={})
    assert draft.patient is None
    for minute, typed in enumerate(("E", "EX", "EX-0002")):
        draft = record.drafts.change(draft.id, renamed(patient(typed)), BEA, "t", at(minute))
    (found,) = record.patients.listing()
    assert (found.id, found.keys) == (draft.patient, ((SYSTEM, "EX-0002"),))
    record.drafts.change(draft.id, renamed({}), BEA, "t", at(9))
    assert record.patients.listing() == []


def test_an_identifier_on_its_way_to_another_leaves_the_other_patient_alone(record: Record) -> None:
    known = signed(record, patient=patient("EX-1", "Ada Example"))
    draft = begun(record, patient={})
    passing = record.drafts.change(draft.id, renamed(patient("EX-1", "Cleo Sample")), BEA, "t", at(1))
    assert passing.patient == known.patient
    arrived = record.drafts.change(draft.id, renamed(patient("EX-12", "Cleo Sample")), BEA, "t", at(2))
    assert arrived.patient != known.patient
    assert known.patient is not None
    assert record.patients.get(known.patient).name == "Ada Example"
    assert record.patients.get(known.patient).keys == ((SYSTEM, "EX-1"),)


def test_two_drafts_of_a_new_patient_are_of_one_and_part_again(record: Record) -> None:
    one, two = begun(record), begun(record)
    assert one.patient == two.patient
    two = record.drafts.change(two.id, renamed(patient("EX-0009", "Cleo Sample")), BEA, "t", at(1))
    assert one.patient != two.patient
    assert {found.name for found in record.patients.listing()} == {"Ada Example", "Cleo Sample"}


def test_a_signed_note_says_how_the_patient_is_called_and_known(record: Record) -> None:
    first = signed(record)
    second = signed(record, patient=patient("EX-0001", "Ada Newname", pseudonym="P-1", birth_date="1998-05-02"))
    assert first.patient == second.patient
    (found,) = record.patients.find("newname")
    assert (found.name, found.birth_date) == ("Ada Newname", "1998-05-02")
    assert found.keys == ((SYSTEM, "EX-0001"), ("pseudonym", "P-1"))
    assert signed(record, patient={"pseudonym": "P-1"}).patient == found.id


@pytest.mark.parametrize("query", ["zoe", "MULLER", "zoë m", "ller zo", "0042", "1990-01", "%", "\\", "_0042"])
def test_patients_are_found_by_parts_of_what_they_are_called(record: Record, query: str) -> None:
    signed(record)
    signed(record, patient=patient("A%\\_0042", "Zoë Müller", birth_date="1990-01-31"))
    assert [found.name for found in record.patients.find(query)] == ["Zoë Müller"]


def test_who_is_not_there_is_not_found(record: Record) -> None:
    signed(record)
    assert record.patients.find("nobody") == []
    assert len(record.patients.find("")) == 1
    for address in ("no-such", "\0", "\ud800"):
        with pytest.raises(MissingError, match="no patient under this address"):
            record.patients.get(address)


def test_patients_are_listed_the_last_changed_first_and_by_pages(record: Record) -> None:
    for number in range(5):
        signed(record, at(number), patient=patient(f"EX-{number}", f"Ada Example {number}"))
    assert [found.name[-1] for found in record.patients.listing(limit=2, offset=1)] == ["3", "2"]


# --- notes by pregnancy --------------------------------------------------------------------------------------------


def visit(record: Record, date: str, edd: str | None, **more: Any) -> Entry:
    dated = {} if edd is None else {"pregnancy": {"edd": edd}}
    return signed(record, date=f"{date}T09:00:00+00:00", **dated, **more)


def test_notes_stand_by_pregnancy_in_time_order(record: Record) -> None:
    late = visit(record, "2026-10-20", "2027-03-08")
    early = visit(record, "2026-08-20", "2027-03-09")
    before = visit(record, "2024-05-01", "2024-09-01")
    undated = visit(record, "2026-09-01", None)
    assert late.patient is not None
    first, second = record.patients.pregnancies(late.patient)
    assert (first.edd, [note.note for note in first.notes]) == ("2024-09-01", [before.note])
    assert (second.edd, [note.note for note in second.notes]) == ("2027-03-08", [early.note, undated.note, late.note])


def test_a_note_stands_there_as_it_is_now(record: Record) -> None:
    kept = visit(record, "2026-08-20", "2027-03-08", exam={"dilation": 2})
    wrong = visit(record, "2026-09-01", "2027-03-08")
    amended(record, kept.note)
    record.ledger.void(wrong.note, "another patient's note", BEA, at(30))
    draft = begun(record, date="2026-10-01T09:00:00+00:00", pregnancy={"edd": "2027-03-08"})
    record.drafts.begin_amendment(kept.note, CARL, at(40))
    assert kept.patient is not None
    (pregnancy,) = record.patients.pregnancies(kept.patient)
    assert [(note.note, note.status, note.number, note.draft, note.amending) for note in pregnancy.notes] == [
        (kept.note, "amended", 2, False, True),
        (wrong.note, "entered-in-error", 1, False, False),
        (draft.id, "draft", 0, True, False),
    ]
    assert pregnancy.notes[0].data["exam"] == {"dilation": 3}


def test_a_note_whose_patient_was_amended_stands_with_the_right_one(record: Record) -> None:
    entry = signed(record, patient=patient("EX-9", "Wrong Person"))
    draft = record.drafts.begin_amendment(entry.note, BEA, at(10))
    draft = record.drafts.change(draft.id, renamed(patient("EX-0001")), BEA, "t", at(11))
    second = record.ledger.sign(draft.id, draft.revision, as_signed(draft, "wrong patient chosen"), BEA, at(12))
    assert entry.patient is not None
    assert second.patient is not None
    assert record.patients.notes(entry.patient) == []
    assert [note.number for note in record.patients.notes(second.patient)] == [2]


def test_what_came_before_a_note_in_its_pregnancy(record: Record) -> None:
    visit(record, "2024-05-01", "2024-09-01")
    first = visit(record, "2026-08-20", "2027-03-08", exam={"dilation": 2})
    second = visit(record, "2026-09-20", "2027-03-08")
    wrong = visit(record, "2026-09-21", "2027-03-08")
    record.ledger.void(wrong.note, "another patient's note", BEA, at(30))
    amended(record, first.note)
    begun(record, date="2026-10-01T09:00:00+00:00", pregnancy={"edd": "2027-03-08"})
    now = begun(record, date="2026-11-01T09:00:00+00:00", pregnancy={"edd": "2027-03-08"})
    earlier = record.earlier(now.data)
    assert [note["id"] for note in earlier] == [first.note, second.note]
    assert earlier[0]["exam"] == {"dilation": 3}
    assert [note["id"] for note in record.earlier(second.data)] == [first.note]
    assert record.earlier(first.data) == []
    assert record.earlier({}) == []


def test_a_change_of_another_section_leaves_the_patient(record: Record) -> None:
    draft = begun(record)
    assert record.drafts.change(draft.id, put("exam", "dilation", 2), BEA, "t", at(1)).patient == draft.patient
