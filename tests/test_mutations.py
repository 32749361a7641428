"""The faults of benchmarks/mutations: each happens to some clean note, is single, and most are found."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from benchmarks.mutations.clean import Clean, clean_notes
from benchmarks.mutations.faults import CONTRADICT_NOTHING, FAULTS, KINDS, Data, places
from benchmarks.mutations.trying import Tally, findings, read, slips, touches, try_faults

PUBLISHED = 0.97
"""What docs/detection.md says over all kinds, less what a small sample may differ by."""
SAMPLE = 106
"""Each example as it is, and once varied."""


@pytest.fixture(scope="module")
def notes() -> list[Clean]:
    return list(clean_notes(SAMPLE))


def _leaves(held: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield what a note holds by place; rows by their id."""
    if isinstance(held, dict):
        for name, one in held.items():
            yield from _leaves(one, f"{at}.{name}" if at else name)
    elif isinstance(held, list) and held and isinstance(held[0], dict):
        for one in held:
            yield from _leaves(one, f"{at}[{one.get('id')}]")
    else:
        yield at, repr(held)


def test_there_are_at_least_forty_kinds_each_with_a_name_of_its_own() -> None:
    names = [fault.name for fault in KINDS]
    assert len(names) == len(set(names)) >= 40


def test_every_kind_happens_to_some_note_and_changes_its_places_alone(notes: list[Clean]) -> None:
    happened = set()
    for one in notes:
        before = set(_leaves(one.note))
        for fault in (*FAULTS, *CONTRADICT_NOTHING):
            for slip in slips(fault, one, Random(fault.name)):
                happened.add(fault.name)
                differ = {place for place, _ in before ^ set(_leaves(slip.note))}
                assert differ, f"{fault.name} changed nothing in {one.name}"
                assert all(any(touches(each, place) for place in slip.places) for each in differ), fault.name
                assert len(slip.places) == 1 or "copied forward" in fault.name or len(slip.places) == 2
    assert happened == {fault.name for fault in (*FAULTS, *CONTRADICT_NOTHING)}


def test_a_stitch_turned_to_another_day_is_counted_unless_nothing_tells_the_days_apart() -> None:
    counted = next(one for one in FAULTS if one.name == "cerclage with day and month exchanged")
    (uncounted,) = CONTRADICT_NOTHING

    def counts(placed_on: str, due: str, earlier: Data | None = None) -> bool:
        note = {"date": "2026-11-20T10:00:00Z", "pregnancy": {"edd": due}, "cerclage": {"placed_on": placed_on}}
        slips = [one.make(note, earlier, Random(1)) for one in (counted, uncounted)]
        assert slips.count(None) == 1
        return slips[0] is not None

    assert counts("2026-10-09", due="2027-03-01")
    assert counts("2025-03-08", due="2026-04-10"), "exchanged, it would have been placed in the pregnancy"
    assert counts("2025-10-09", due="2027-03-01", earlier={"cerclage": {"placed_on": "2025-10-09"}})
    assert not counts("2025-10-09", due="2027-03-01")


def test_a_row_is_found_by_its_id_and_an_absence_is_no_value() -> None:
    note = {"fetal": {"fetuses": [{"id": "f1", "fhr": 140}, {"id": "f2", "fhr": {"absent": "not-performed"}}]}}
    assert places(note, "fetal.fetuses[].fhr") == ["fetal.fetuses[f1].fhr"]


def test_clean_notes_have_no_error(notes: list[Clean]) -> None:
    wrong = [
        f"{one.name}: {found.rule} {found.message}"
        for one in notes[53::4]
        for found in findings(read(one.note, one.earlier))
        if found.severity == "error" and found.outcome == "found"
    ]
    assert wrong == []


def test_the_same_seed_gives_the_same_notes(notes: list[Clean]) -> None:
    assert [one.note for one in clean_notes(60)] == [one.note for one in notes[:60]]
    assert [one.note for one in clean_notes(60, seed=1)][53:] != [one.note for one in notes[53:60]]


def test_what_is_found_is_not_less_than_published(notes: list[Clean]) -> None:
    tallies = {fault.name: Tally() for fault in (*KINDS, *CONTRADICT_NOTHING)}
    for number, one in enumerate(notes[54::5]):
        try_faults(one, tallies, number)
    tried, found = (sum(getattr(tallies[one.name], name) for one in KINDS) for name in ("tried", "found"))
    assert found / tried >= PUBLISHED
