"""A note is read once: what was recorded, why something is missing, and what follows from it."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notes import bare_note, rich_note
from tiny import Pack, visit_note

from ci_notes import derive, library
from ci_notes.checks import check
from ci_notes.template import Template


def values(template: Template, data: dict[str, Any]) -> dict[str, Any]:
    return derive.note(template, data).record.values


def test_values_are_read_as_recorded_and_a_note_is_not_changed_by_reading_it(assessment: Template) -> None:
    data = rich_note()
    before = copy.deepcopy(data)
    note = derive.note(assessment, data)
    check(note, today="2026-11-03")
    assert data == before
    assert note.record.values["ultrasound.funnel_length"] == 8
    assert note.record.rows["ultrasound.lengths"][1].values["ultrasound.lengths.length"] == 24.5
    assert note.record.absent["exam.dilation"] == derive.Absence("asked-declined", "prefers the scan")


def test_computed_values_of_the_assessment(assessment: Template) -> None:
    found = values(assessment, rich_note())
    assert found["pregnancy.lmp_edd"] == "2027-03-08"
    assert found["pregnancy.ga"] == "22w1d"
    assert found["ultrasound.shortest"] == 22
    assert found["ultrasound.funnel_share"] == 27
    assert found["removal.target_date"] == "2027-02-15"


@pytest.mark.parametrize(
    ("lengths", "shortest"),
    [
        ([22, 18.5, 30], 18.5),
        ([22], 22),
        ([22, {"absent": "not-performed"}], 22),
        ([{"absent": "not-performed"}], None),
        ([], None),
        (None, None),
        ([0, 12], 0),
    ],
)
def test_shortest_length_is_the_least_that_was_recorded(
    assessment: Template, lengths: list[Any] | None, shortest: float | None
) -> None:
    rows = [{"id": f"m{number}", "length": length} for number, length in enumerate(lengths or ())]
    data = bare_note(ultrasound={} if lengths is None else {"lengths": rows})
    assert values(assessment, data).get("ultrasound.shortest") == shortest


@given(st.lists(st.integers(0, 80), min_size=1, max_size=6), st.randoms())
def test_order_of_rows_does_not_matter_to_what_is_computed(visit: Template, sizes: list[int], random: Any) -> None:
    rows = [{"id": f"r{number}", "size": size} for number, size in enumerate(sizes)]
    first = values(visit, visit_note(items=rows))["visit.total"]
    random.shuffle(rows)
    assert first == values(visit, visit_note(items=rows))["visit.total"] == sum(sizes)


def test_share_of_a_funnel_needs_both_lengths_and_is_not_computed_from_nothing(assessment: Template) -> None:
    measured = {"lengths": [{"id": "a", "length": 0}], "funnelling": True, "funnel_length": 0}
    assert "ultrasound.funnel_share" not in values(assessment, bare_note(ultrasound=measured))
    assert "ultrasound.funnel_share" not in values(assessment, bare_note(ultrasound={"funnel_length": 8}))


def test_planned_day_of_removal_is_computed_only_from_an_exact_target(assessment: Template) -> None:
    pregnancy = {"edd": "2027-03-08"}
    exact = bare_note(pregnancy=pregnancy, removal={"target": "36w0d"})
    vague = bare_note(pregnancy=pregnancy, removal={"target": "36w"})
    assert values(assessment, exact)["removal.target_date"] == "2027-02-08"
    assert "removal.target_date" not in values(assessment, vague)


def test_stated_age_in_weeks_stays_as_vague_as_it_was_stated(assessment: Template) -> None:
    note = derive.note(assessment, bare_note(pregnancy={"ga_stated": "22w-23w"}))
    assert note.record.values["pregnancy.ga"] == "22w-23w"
    assert note.record.spans["pregnancy.ga"] == (154, 167)


def test_age_before_the_pregnancy_began_is_not_printed_as_one(assessment: Template) -> None:
    assert "pregnancy.ga" not in values(assessment, bare_note(pregnancy={"lmp": "2026-12-24"}))


def test_computed_element_that_somebody_recorded_is_not_believed(assessment: Template) -> None:
    data = bare_note(pregnancy={"lmp": "2026-06-01", "ga": "12w0d"})
    note = derive.note(assessment, data)
    assert note.problems
    assert note.record.values["pregnancy.ga"] == "22w1d"


def test_states_of_an_element(assessment: Template) -> None:
    data = bare_note(exam={"dilation": {"absent": "not-asked"}, "membranes": "floating"}, history={"prior": []})
    record = derive.note(assessment, data).record
    assert record.state("exam.dilation") == "absent"
    assert record.state("exam.membranes") == "wrong"
    assert record.state("history.prior") == "known"
    assert record.state("history.gravida") == "untouched"
    assert record.state("note.date") == "known"


def test_rows_keep_their_ids_and_are_numbered_from_one(assessment: Template) -> None:
    rows = derive.note(assessment, rich_note()).record.rows["history.prior"]
    assert [(row.row, row.number) for row in rows] == [("p1", 1), ("p2", 2)]


def test_guidelines_given_from_outside_stand_in_for_those_of_the_note(assessment: Template) -> None:
    for given_set, expected in (("", "UK"), ("US", "US")):
        record = derive.note(assessment, rich_note(), given_set).record
        assert record.values["jurisdiction"] == expected
        assert record.values["note.jurisdiction"] == "UK", "what was recorded stays as it was recorded"


def test_computed_values_trace_back_to_what_was_recorded(assessment: Template) -> None:
    shortest = ("ultrasound.length_after_stress", "ultrasound.lengths")
    assert assessment.origins("ultrasound.funnel_share") == ("ultrasound.funnel_length", *shortest)
    assert assessment.origins("pregnancy.lmp") == ("pregnancy.lmp",)
    for element in assessment.elements.values():
        if element.computed:
            origins = assessment.origins(element.path)
            assert origins
            assert not [path for path in origins if assessment.elements[path].computed]


def test_without_what_it_traces_to_nothing_is_computed(assessment: Template) -> None:
    record = derive.note(assessment, bare_note()).record
    for element in assessment.elements.values():
        if element.computed and "note.date" not in assessment.origins(element.path):
            assert record.state(element.path) == "untouched"


@pytest.mark.parametrize(
    "computed",
    ["round(visit.length * 1e308)", "visit.length * 1e308", "round(visit.length / 1e-320)", "visit.length - 1e300"],
)
def test_numbers_out_of_all_measure_are_unknown_and_no_accident(tmp_path: Any, computed: str) -> None:
    pack = Pack()
    pack.visit["total"] = {
        "title": "Total",
        "type": "number",
        "readOnly": True,
        "x-ci": {"computed": computed, "unit": "mm"},
    }
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    assert "visit.total" not in values(template, visit_note(length=70.5))


def test_computed_elements_wait_for_those_they_need_whatever_their_order(tmp_path: Any) -> None:
    pack = Pack()
    chain = {"third": "visit.second + 1", "first": "visit.length + 1", "second": "visit.first + 1"}
    for name, source in chain.items():
        pack.visit[name] = {
            "title": name,
            "type": "number",
            "readOnly": True,
            "x-ci": {"computed": source, "unit": "mm"},
        }
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    found = values(template, visit_note(length=10))
    assert [found[f"visit.{name}"] for name in ("first", "second", "third")] == [11, 12, 13]
    assert template.origins("visit.third") == ("visit.length",)


def test_value_chosen_by_a_condition_waits_for_all_it_names_and_traces_to_them(tmp_path: Any) -> None:
    pack = Pack()
    chosen = {"chosen": "1 if visit.seen else visit.later", "later": "visit.length + 1"}
    for name, source in chosen.items():
        pack.visit[name] = {
            "title": name,
            "type": "integer",
            "readOnly": True,
            "x-ci": {"computed": source, "unit": "mm"},
        }
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    assert template.origins("visit.chosen") == ("visit.seen", "visit.length")
    for seen, expected in ((True, 1), (False, 11)):
        assert values(template, visit_note(seen=seen, length=10))["visit.chosen"] == expected
    undecided = derive.note(template, visit_note(seen={"absent": "not-asked"}, length=10)).record
    assert "visit.chosen" not in undecided.values
    assert undecided.spans["visit.chosen"] == (1, 11)


def test_computed_value_may_depend_on_whose_guidelines_are_followed(tmp_path: Any) -> None:
    pack = Pack()
    computed = {"computed": "24 if jurisdiction == 'UK' else 20", "unit": "wk"}
    pack.visit["threshold"] = {"title": "Threshold", "type": "integer", "readOnly": True, "x-ci": computed}
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    for recorded, asked_for, expected in (("UK", "", 24), ("US", "", 20), ("US", "UK", 24), ("UK", "US", 20)):
        note = derive.note(template, visit_note() | {"jurisdiction": recorded}, asked_for)
        assert note.record.values["visit.threshold"] == expected
    nobody_says = derive.note(template, visit_note() | {"jurisdiction": {"absent": "not-asked"}})
    assert "visit.threshold" not in nobody_says.record.values


def test_computed_number_of_days_is_a_whole_number_that_goes_with_dates(tmp_path: Any) -> None:
    pack = Pack()
    day = {"title": "Day", "type": "string", "format": "date", "readOnly": True}
    days = {"title": "Days", "type": "integer", "readOnly": True}
    pack.visit["wait"] = {**days, "x-ci": {"computed": "round((note.date - visit.on) / 2)", "unit": "d"}}
    pack.visit["next"] = {**day, "x-ci": {"computed": "visit.on + visit.wait"}}
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    found = values(template, visit_note(on="2026-10-04"))
    assert (found["visit.wait"], found["visit.next"]) == (15, "2026-10-19")


def test_what_is_computed_has_no_more_digits_than_were_measured(assessment: Template) -> None:
    scan = {"lengths": [{"id": "l1", "length": 18.1}], "previous_length": 24.3, "previous_date": "2026-10-20"}
    data = {**rich_note(), "ultrasound": {"done": True, "scan_date": "2026-11-03", **scan}}
    assert values(assessment, data)["ultrasound.change"] == -6.2
