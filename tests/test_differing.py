"""What differs between two notes, as a person reads it: field by field, row by row, word by word."""

import copy
from typing import Any

import pytest
from bounded import at_most
from hypothesis import given
from hypothesis import strategies as st
from notes import rich_note

from ci_notes import library
from ci_notes.differing import Difference, differences, word_changes

Data = dict[str, Any]


def compared(before: Data, after: Data) -> list[Difference]:
    return differences(library.load(before), library.load(after))


def changed(change: Any) -> list[Difference]:
    """Return how a note differs from itself once something is done to its data."""
    after = copy.deepcopy(rich_note())
    change(after)
    return compared(rich_note(), after)


def told(found: list[Difference]) -> list[tuple[str, str, str, str]]:
    return [(one.title, one.change, one.before, one.after) for one in found if not one.computed]


def test_a_note_does_not_differ_from_itself() -> None:
    assert compared(rich_note(), rich_note()) == []


@pytest.mark.parametrize(
    ("section", "values", "seen"),
    [
        ("pregnancy", {"edd": "2027-03-15"}, ("Agreed due date", "changed", "8 March 2027", "15 March 2027")),
        ("symptoms", {"fever": True}, ("Fever or chills", "changed", "no", "yes")),
        ("cerclage", {"technique": "shirodkar"}, ("Technique", "changed", "McDonald", "Shirodkar")),
        ("vitals", {"temp": 38.1}, ("Temperature", "added", "", "38.1 °C")),
        ("removal", {"target": None}, ("Target gestation for removal", "removed", "37+0 weeks", "")),
        (
            "exam",
            {"dilation": {"absent": "asked-declined", "reason": "prefers rest"}},
            ("Cervical dilation", "changed", "declined (prefers the scan)", "declined (prefers rest)"),
        ),
        ("exam", {"dilation": 2}, ("Cervical dilation", "changed", "declined (prefers the scan)", "2 cm")),
        ("exam", {"dilation": "two"}, ("Cervical dilation", "changed", "declined (prefers the scan)", "not readable")),
    ],
)
def test_a_field_is_told_as_it_is_said(section: str, values: Data, seen: tuple[str, str, str, str]) -> None:
    def change(data: Data) -> None:
        held = data.setdefault(section, {}) | values
        data[section] = {name: value for name, value in held.items() if value is not None}

    (one,) = told(changed(change))
    assert one == seen


def test_fields_come_in_the_order_of_the_sections_with_their_places() -> None:
    def change(data: Data) -> None:
        data["comment"]["text"] = "Seen alone; leaflet given."
        data["date"] = "2026-11-04T14:20:00+00:00"
        data["symptoms"]["fever"] = True

    found = [one.place for one in changed(change) if not one.computed]
    assert found == ["date", "symptoms.fever", "comment.text"]


def test_what_follows_from_a_change_is_marked_as_computed() -> None:
    found = changed(lambda data: data["ultrasound"]["lengths"][0].update(length=19))
    assert [(one.place, one.computed) for one in found if one.place == "ultrasound.shortest"] == [
        ("ultrasound.shortest", True)
    ]
    assert ("ultrasound.lengths[a].length", False) in [(one.place, one.computed) for one in found]


def test_rows_are_matched_by_id_wherever_they_stand() -> None:
    assert changed(lambda data: data["history"]["prior"].reverse()) == []
    found = changed(lambda data: data["history"]["prior"][1].update(ga_end="29w"))
    assert [(one.place, one.row, one.before, one.after) for one in found] == [
        ("history.prior[p2].ga_end", "Prior pregnancy 2", "28 weeks", "29 weeks")
    ]


def test_a_row_that_came_or_went_is_told_with_all_it_holds() -> None:
    gone = [one for one in changed(lambda data: data["history"]["prior"].pop()) if not one.computed]
    assert {one.change for one in gone} == {"removed"}
    assert {one.row for one in gone} == {"Prior pregnancy 2"}
    assert [one.place for one in gone] == [f"history.prior[p2].{name}" for name in ("ga_end", "outcome", "onset")]
    (empty,) = (one for one in changed(lambda data: data["history"]["prior"].append({"id": "p3"})) if not one.computed)
    assert (empty.place, empty.row, empty.change) == ("history.prior[p3]", "Prior pregnancy 3", "added")


def test_a_group_that_became_none_says_so() -> None:
    found = told(changed(lambda data: data["ultrasound"].update(lengths=[])))
    assert ("Cervical length measurements", "changed", "2", "none") in found
    found = told(changed(lambda data: data["ultrasound"].update(lengths={"absent": "not-performed"})))
    assert ("Cervical length measurements", "changed", "2", "not done") in found


def test_a_moment_that_differs_in_seconds_alone_is_still_told() -> None:
    (one,) = told(changed(lambda data: data.update(date="2026-11-03T14:20:30+00:00")))
    assert one[2:] == ("2026-11-03T14:20:00+00:00", "2026-11-03T14:20:30+00:00")


def test_a_changed_text_shows_its_words() -> None:
    (one,) = changed(lambda data: data["comment"].update(text="Seen with her mother; leaflet given."))
    assert [(span.change, span.text) for span in one.words] == [
        ("kept", "Seen with her "),
        ("removed", "sister"),
        ("added", "mother"),
        ("kept", "; leaflet given."),
    ]


def test_notes_of_two_kinds_are_compared_where_they_record_alike() -> None:
    scan = {
        "id": "scan",
        "template": "ultrasound",
        "date": "2026-11-10T14:20:00+00:00",
        "status": "final",
        "pregnancy": {"edd": "2027-03-08"},
        "ultrasound": {"lengths": [{"id": "a", "length": 20}], "funnelling": True, "bladder": "empty"},
    }
    places = [one.place for one in compared(rich_note(), scan)]
    assert "ultrasound.lengths" in places
    assert "pregnancy.edd" not in places, "it is the same in both"
    assert "status" not in places
    assert "exam.dilation" not in places, "a scan has no such field"


def scan_with(lengths: Any, note: str) -> Data:
    return {
        "id": note,
        "template": "ultrasound",
        "date": "2026-11-10T14:20:00+00:00",
        "status": "final",
        "ultrasound": {} if lengths is None else {"lengths": lengths},
    }


def measured(prefix: str, *lengths: float) -> list[Data]:
    return [{"id": f"{prefix}{number}", "length": length} for number, length in enumerate(lengths)]


@pytest.mark.parametrize(
    ("before", "after", "told_as"),
    [
        (measured("a", 21, 19, 18), measured("b", 15, 16, 17), [("changed", "21, 19, 18 mm", "15, 16, 17 mm")]),
        (measured("a", 21, 19), measured("a", 21, 19.5, 18), [("changed", "21, 19 mm", "21, 19.5, 18 mm")]),
        (measured("a", 21, 19), measured("b", 21, 19), []),
        (None, measured("b", 21), [("added", "", "21 mm")]),
        (measured("a", 21), [], [("changed", "21 mm", "none")]),
        (measured("a", 21), {"absent": "not-performed"}, [("changed", "21 mm", "not done")]),
        ([{"id": "a"}], [{"id": "b", "length": {"absent": "not-performed"}}], [("changed", "1 recorded", "not done")]),
    ],
)
def test_numbers_measured_at_two_visits_are_compared_as_lists(
    before: Any, after: Any, told_as: list[tuple[str, str, str]]
) -> None:
    found = compared(scan_with(before, "first"), scan_with(after, "second"))
    lengths = [one for one in found if one.place.startswith("ultrasound.lengths")]
    assert [(one.change, one.before, one.after) for one in lengths] == told_as
    assert {one.place for one in lengths} <= {"ultrasound.lengths"}


def test_a_number_that_an_amendment_changes_is_told_by_its_row() -> None:
    found = compared(scan_with(measured("a", 21, 19), "scan"), scan_with(measured("a", 21, 18), "scan"))
    lengths = [one for one in found if one.place.startswith("ultrasound.lengths")]
    assert [(one.place, one.before, one.after) for one in lengths] == [
        ("ultrasound.lengths[a1].length", "19 mm", "18 mm")
    ]


def test_a_field_of_an_extension_that_is_not_here_is_not_passed_over() -> None:
    (one,) = changed(lambda data: data["exam"].update(ward_score=3))
    assert (one.place, one.change, one.after) == ("exam.ward_score", "added", "3")


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_spans_are_either_text_again(before: str, after: str) -> None:
    spans = word_changes(before, after)
    assert "".join(span.text for span in spans if span.change != "added") == before
    assert "".join(span.text for span in spans if span.change != "removed") == after


def test_long_texts_are_compared_while_somebody_waits() -> None:
    long = " ".join(f"word{number % 400} and the" for number in range(6000))
    with at_most(3):
        word_changes(long, long.replace("word7 ", "other ").replace("word9 ", ""))
