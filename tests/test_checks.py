"""Findings: what is missing, unusual, left over or against a rule; what cannot be told; what somebody kept, and why."""

import json
from pathlib import Path
from typing import Any

import pytest
from notes import bare_note, rich_note
from tiny import Pack, rule, visit_note

from ci_notes import derive, library, render, reporting
from ci_notes.checks import BUILT_IN, SEVERITIES, Finding, at_or_above, check, is_asked
from ci_notes.template import Template

LONG_REASON = "seen together with the consultant"


def findings(template: Template, data: dict[str, Any], today: str = "", jurisdiction: str = "") -> list[Finding]:
    return check(derive.note(template, data, jurisdiction), today)


def by_rule(found: list[Finding], rule: str) -> list[Finding]:
    return [one for one in found if one.rule == rule]


def only(found: list[Finding], rule: str) -> Finding:
    (one,) = by_rule(found, rule)
    return one


# --- required ------------------------------------------------------------------------------------------------------


def test_required_is_said_where_it_is_untouched_and_silent_where_a_reason_is_given(visit: Template) -> None:
    data = visit_note()
    for recorded, missing in ((True, False), (False, False), ({"absent": "not-asked"}, False), (None, True)):
        data["visit"].pop("seen", None)
        if recorded is not None:
            data["visit"]["seen"] = recorded
        places = [one.places for one in by_rule(findings(visit, data), "required")]
        assert (("visit.seen",) in places) is missing, recorded


def test_required_is_asked_only_where_the_question_applies(visit: Template) -> None:
    for seen, expected in ((True, True), (False, False), ({"absent": "asked-declined"}, False)):
        data = visit_note(seen=seen)
        del data["visit"]["reason"]
        places = {one.places for one in by_rule(findings(visit, data), "required")}
        assert (("visit.reason",) in places) is expected


def test_required_in_a_row_names_the_row(visit: Template) -> None:
    rows = [{"id": "a", "size": 1}, {"id": "b", "size": 3}, {"id": "c", "size": 3, "flag": True}, {"id": "d"}]
    found = {(one.places, one.labels) for one in by_rule(findings(visit, visit_note(items=rows)), "required")}
    assert found == {(("visit.items[b].flag",), ("Item 2, flag",)), (("visit.items[c].why",), ("Item 3, why",))}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(True, {"visit.items[a].size", "visit.items[c].why"}), (False, set()), ({"absent": "asked-unknown"}, set())],
)
def test_rows_of_a_group_that_does_not_apply_require_nothing(tmp_path: Path, seen: Any, expected: set[str]) -> None:
    pack = Pack()
    pack.visit["items"]["x-ci"]["asked"] = "visit.seen"
    pack.visit["items"]["items"]["properties"]["size"]["x-ci"]["required"] = True
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    data = visit_note(seen=seen, items=[{"id": "a"}, {"id": "b", "size": 1}, {"id": "c", "size": 2, "flag": True}])
    places = {one.places[0] for one in by_rule(findings(template, data), "required")}
    assert places == expected


def test_what_is_required_never_stands_in_the_way_of_a_draft(assessment: Template) -> None:
    found = by_rule(findings(assessment, bare_note()), "required")
    assert found
    assert {one.severity for one in found} == {"warning"}


# --- usual range and leftovers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "said"),
    [(9.9, "9.9 mm is unusual (usually 10 to 60 mm)"), (10, ""), (60, ""), (60.5, "60.5 mm is unusual"), (80, "80 mm")],
)
def test_values_outside_the_usual_range_are_to_be_confirmed(visit: Template, length: float, said: str) -> None:
    found = by_rule(findings(visit, visit_note(length=length)), "usual-range")
    assert len(found) == bool(said)
    assert all(said in one.message and one.places == ("visit.length",) for one in found)


def test_usual_range_may_be_open_at_one_end_and_holds_in_rows(visit: Template) -> None:
    rows = [{"id": "a", "size": -5}, {"id": "b", "size": 10}]
    one = only(findings(visit, visit_note(items=rows)), "usual-range")
    assert "usually at most 9" in one.message
    assert one.places == ("visit.items[b].size",)


def test_nobody_is_asked_to_correct_what_is_computed(assessment: Template) -> None:
    note = bare_note() | {"vitals": {"weight": 40, "height": 190}}
    one = only(findings(assessment, note), "usual-range")
    assert one.places == ("vitals.bmi",)
    assert one.message.endswith("; check the measurements it comes from")


def test_impossible_is_not_also_called_unusual(visit: Template) -> None:
    found = findings(visit, visit_note(length=81))
    assert by_rule(found, "shape")
    assert not by_rule(found, "usual-range")


def test_what_stays_behind_when_its_question_no_longer_applies_is_shown(visit: Template) -> None:
    one = only(findings(visit, visit_note(seen=False)), "not-asked-for")
    assert one.places == ("visit.reason",)
    assert "pain" in one.message
    assert not by_rule(findings(visit, visit_note(seen=True)), "not-asked-for")


def test_value_is_not_left_over_as_long_as_it_cannot_be_told_whether_it_applies(visit: Template) -> None:
    for seen in ({"absent": "asked-unknown"}, "perhaps"):
        assert not by_rule(findings(visit, visit_note(seen=seen)), "not-asked-for")


def test_leftover_in_a_row_names_the_row(visit: Template) -> None:
    rows = [{"id": "a", "flag": True, "why": "x"}, {"id": "b", "flag": False, "why": "y"}]
    assert only(findings(visit, visit_note(items=rows)), "not-asked-for").places == ("visit.items[b].why",)


def test_whether_a_question_applies_is_three_valued(visit: Template) -> None:
    element = visit.elements["visit.reason"]
    for seen, expected in ((True, True), (False, False), ({"absent": "not-asked"}, None)):
        assert is_asked(derive.note(visit, visit_note(seen=seen)), element) is expected
    assert is_asked(derive.note(visit, visit_note()), visit.elements["visit.length"]) is True


# --- rules ---------------------------------------------------------------------------------------------------------


def test_rule_prints_the_values_it_is_about(visit: Template) -> None:
    found = findings(visit, visit_note(length=15, stitch=True))
    one = only(found, "T001")
    assert one.message == "Only 15 mm on 3 November 2026 at 14:20."
    assert one.places == ("visit.length", "visit.stitch")
    assert one.labels == ("Length", "Stitch")
    assert (one.outcome, one.severity, one.source) == ("found", "error", "data quality")


def test_rule_of_rows_fires_for_each_row_that_deserves_it(visit: Template) -> None:
    rows = [{"id": "a", "size": 7}, {"id": "b", "size": 5}, {"id": "c", "size": 6}]
    found = by_rule(findings(visit, visit_note(items=rows)), "T005")
    assert [(one.places, one.message) for one in found] == [
        (("visit.items[a].size",), "An item of 7."),
        (("visit.items[c].size",), "An item of 6."),
    ]


def test_message_counts_the_rows_of_a_group(tmp_path: Any) -> None:
    pack = Pack()
    pack.rules["rules"][0]["message"] = "Items: {visit.items}."
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    for items, said in (([{"id": "a"}, {"id": "b"}], "2"), ([], "0"), (None, "not recorded")):
        more = {} if items is None else {"items": items}
        data = visit_note(length=15, stitch=True, **more)
        assert only(findings(template, data), "T001").message == f"Items: {said}."


def test_rule_that_is_off_says_nothing(visit: Template) -> None:
    assert not by_rule(findings(visit, visit_note(stitch=True)), "T008")


POSITIONS = [
    {"jurisdictions": ["US"], "says": "less than 25 mm", "sources": ["S01"], "grade": "V1"},
    {"jurisdictions": ["UK", "INTL"], "says": "25 mm or less", "sources": ["S02"], "grade": "V2"},
]
SOURCES = {
    "S01": {"cite": "Ours (2014)", "document": "Ours", "year": 2014},
    "S02": {"cite": "Theirs (2022)", "document": "Theirs", "year": 2022},
}


def test_what_guidelines_say_stands_side_by_side_the_note_s_own_first(tmp_path: Path) -> None:
    pack = Pack()
    pack.rules["rules"] = [rule("T001", "visit.stitch", severity="info", grade="V1", positions=POSITIONS)]
    folder = pack.write(tmp_path)
    (tmp_path / "_rules").mkdir()
    (tmp_path / "_rules" / "sources.yaml").write_text(json.dumps(SOURCES), encoding="utf-8")
    template = library.compile_template(folder, tmp_path)
    theirs, ours = (
        only(findings(template, visit_note(stitch=True), jurisdiction=place), "T001").positions
        for place in ("INTL", "US")
    )
    assert ours == (
        "US: less than 25 mm · Ours (2014) (seen in the source's own text)",
        "UK, INTL: 25 mm or less · Theirs (2022) (as summarised by a secondary source)",
    )
    assert theirs == ours[::-1]
    note = derive.note(template, visit_note(stitch=True))
    printed = reporting.findings(note, check(note), "note.json")
    assert all(position in printed for position in ours)


def test_rule_of_other_note_kinds_is_left_out(tmp_path: Path) -> None:
    pack = Pack()
    pack.rules["rules"] = [
        rule("T001", "visit.stitch", templates=["visit", "elsewhere"]),
        rule("T002", "visit.stitch", templates=["elsewhere"]),
    ]
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    assert [one.id for one in template.rules] == ["T001"]


@pytest.mark.parametrize(
    ("recorded", "chosen", "fires"), [("UK", "", True), ("US", "", False), ("US", "CA", True), ("UK", "US", False)]
)
def test_guideline_set_decides_which_rules_are_looked_at(
    visit: Template, recorded: str, chosen: str, fires: bool
) -> None:
    data = visit_note(stitch=True) | {"jurisdiction": recorded}
    assert bool(by_rule(findings(visit, data, jurisdiction=chosen), "T004")) is fires


def test_rules_for_every_guideline_set_are_looked_at_without_one(visit: Template) -> None:
    data = visit_note(stitch=True, length=15)
    del data["jurisdiction"]
    found = findings(visit, data)
    assert by_rule(found, "T001")
    assert not by_rule(found, "T004")


def test_guideline_sets_disagree_on_the_same_history(assessment: Template) -> None:
    fired = {
        place: {one.rule for one in findings(assessment, rich_note(), jurisdiction=place) if one.outcome == "found"}
        for place in ("US", "UK", "CA", "INTL")
    }
    by_place = {place: {rule.id for rule in assessment.active_rules if place in rule.jurisdictions} for place in fired}
    for place, rules in fired.items():
        own = {rule.id for rule in assessment.active_rules if rule.jurisdictions}
        assert rules & own <= by_place[place]
    assert len({frozenset(rules) for rules in fired.values()}) > 1


# --- could not tell ------------------------------------------------------------------------------------------------


def test_undecided_is_shown_for_errors_and_contraindications_alone(visit: Template) -> None:
    undecided = {one.rule for one in findings(visit, visit_note(stitch=True)) if one.outcome == "could not tell"}
    assert undecided == {"T001", "T003", "T007"}


@pytest.mark.parametrize(
    ("recorded", "missing"),
    [
        ({"stitch": True}, ("Length",)),
        ({"length": 15}, ("Stitch",)),
        ({}, ("Length", "Stitch")),
        ({"stitch": True, "length": {"absent": "not-performed"}}, ("Length",)),
    ],
)
def test_undecided_names_what_would_decide_it(
    visit: Template, recorded: dict[str, Any], missing: tuple[str, ...]
) -> None:
    one = only(findings(visit, visit_note(**recorded)), "T001")
    assert one.outcome == "could not tell"
    assert one.missing == missing
    assert all(name in one.message for name in missing)
    assert one.places == tuple(f"visit.{name.lower()}" for name in missing)


@pytest.mark.parametrize("recorded", [{"stitch": False}, {"length": 30}])
def test_what_one_fact_decides_is_not_left_open_for_want_of_another(visit: Template, recorded: dict[str, Any]) -> None:
    assert not by_rule(findings(visit, visit_note(**recorded)), "T001")


def test_undecided_in_a_row_names_that_row(visit: Template) -> None:
    one = only(findings(visit, visit_note(items=[{"id": "a", "size": 1}, {"id": "b"}])), "T005")
    assert (one.outcome, one.missing, one.places) == ("could not tell", ("Item 2, size",), ("visit.items[b].size",))


def test_undecided_never_counts_as_found(visit: Template) -> None:
    found = findings(visit, visit_note(stitch=True), jurisdiction="US")
    assert [one for one in found if one.outcome == "could not tell"]
    assert not at_or_above(found, "info")


# --- today ---------------------------------------------------------------------------------------------------------


def test_date_in_the_future_is_found_with_today_and_could_not_be_told_without(visit: Template) -> None:
    data = visit_note(on="2026-11-04")
    assert only(findings(visit, data, today="2026-11-03"), "T007").outcome == "found"
    assert not by_rule(findings(visit, data, today="2026-11-04"), "T007")
    assert not [one for one in by_rule(findings(visit, data), "T007") if one.outcome == "found"]


def test_a_question_that_depends_on_today_is_asked_by_the_day_of_the_check(tmp_path: Path) -> None:
    pack = Pack()
    pack.visit["stitch"]["x-ci"] = {"asked": "visit.on < today"}
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    note = derive.note(template, visit_note(on="2026-11-03", stitch=True))
    narrated = [*render(note)]  # what is asked is found out here, without a day, and remembered
    for today, left_over in (("2026-11-04", False), ("2026-11-03", True), ("2026-11-05", False)):
        assert bool(by_rule(check(note, today=today), "not-asked-for")) == left_over
    assert narrated


def test_today_of_one_check_is_not_remembered_in_the_next(visit: Template) -> None:
    note = derive.note(visit, visit_note(on="2026-11-04"))
    before = check(note)
    check(note, today="2026-11-03")
    assert check(note) == before


def test_note_of_tomorrow_is_in_the_future(assessment: Template) -> None:
    data = bare_note(date="2026-11-04T00:30:00+14:00")
    assert only(findings(assessment, data, today="2026-11-03"), "R013").outcome == "found"
    assert not by_rule(findings(assessment, data, today="2026-11-04"), "R013")


# --- kept ----------------------------------------------------------------------------------------------------------


def keep(data: dict[str, Any], rule: str, rationale: Any = LONG_REASON, **more: str) -> dict[str, Any]:
    row = {"id": f"k{len(data.get('kept', []))}", "rule": rule, "rationale": rationale, **more}
    return {**data, "kept": [*data.get("kept", []), row]}


def test_kept_finding_stays_in_the_list_with_its_reason_and_no_longer_fails_a_check(visit: Template) -> None:
    data = visit_note(length=15, stitch=True)
    found = findings(visit, keep(data, "T001"))
    one = only(found, "T001")
    assert (one.outcome, one.rationale, one.severity) == ("kept", LONG_REASON, "error")
    assert not at_or_above(found, "error")
    assert {one.rule: one.outcome for one in found if one.rule in ("T002", "T003")} == {
        "T002": "found",
        "T003": "found",
    }
    assert found[-1].rule == "T001", "what is kept stands last"


@pytest.mark.parametrize("rationale", ["", "ok", "too short", "          x  "])
def test_keeping_without_a_reason_keeps_nothing_and_is_itself_an_error(visit: Template, rationale: str) -> None:
    found = findings(visit, keep(visit_note(length=15, stitch=True), "T001", rationale))
    assert only(found, "T001").outcome == "found"
    complaint = only(found, "R168")
    assert complaint.severity == "error"
    assert complaint.places == ("kept[k0].rationale",)


def test_reason_of_ten_characters_is_enough(visit: Template) -> None:
    found = findings(visit, keep(visit_note(length=15, stitch=True), "T001", "1234567890"))
    assert only(found, "T001").outcome == "kept"
    assert not by_rule(found, "R168")


def test_reason_that_is_absent_is_no_reason(visit: Template) -> None:
    found = findings(visit, keep(visit_note(length=15, stitch=True), "T001", {"absent": "asked-declined"}))
    assert only(found, "T001").outcome == "found"
    assert by_rule(found, "R168")


def test_keeping_one_place_leaves_the_others(visit: Template) -> None:
    data = visit_note(items=[{"id": "a", "size": 7}, {"id": "b", "size": 8}])
    found = by_rule(findings(visit, keep(data, "T005", at="visit.items[b].size")), "T005")
    assert {one.places[0]: one.outcome for one in found} == {
        "visit.items[a].size": "found",
        "visit.items[b].size": "kept",
    }
    assert {one.outcome for one in by_rule(findings(visit, keep(data, "T005")), "T005")} == {"kept"}


def test_built_in_findings_can_be_kept_but_not_a_wrong_shape_nor_the_want_of_a_reason(visit: Template) -> None:
    data = visit_note(seen=False, length=5, on="someday")
    for kept in ("usual-range", "not-asked-for", "shape"):
        data = keep(data, kept)
    data = keep(keep(data, "R168"), "T001", "short")
    outcomes = {one.rule: one.outcome for one in findings(visit, data)}
    assert outcomes["usual-range"] == outcomes["not-asked-for"] == "kept"
    assert outcomes["shape"] == outcomes["R168"] == "found"


def test_keeping_what_was_not_found_changes_nothing(visit: Template) -> None:
    data = visit_note(length=15, stitch=True)
    assert findings(visit, keep(data, "T999")) == findings(visit, data)


# --- the list ------------------------------------------------------------------------------------------------------


def test_findings_stand_by_outcome_and_then_by_severity(visit: Template) -> None:
    found = findings(visit, keep(visit_note(seen=False, length=15, stitch=True, items=[{"id": "a"}]), "T001"))
    order = ["found", "could not tell", "kept"]
    keys = [(order.index(one.outcome), SEVERITIES.index(one.severity)) for one in found]
    assert keys == sorted(keys)
    assert {key[0] for key in keys} == {0, 1, 2}


def test_fail_on_a_severity_takes_in_the_graver_ones(visit: Template) -> None:
    rows = [{"id": "a", "flag": True, "why": "x"}, {"id": "b", "flag": True, "why": "y"}]
    found = findings(visit, visit_note(length=15, stitch=True, items=rows), today="2026-11-03")
    counts = {severity: len(at_or_above(found, severity)) for severity in ("error", "warning", "info", "never")}
    assert counts["never"] == 0 < counts["error"] < counts["warning"] < counts["info"]


def test_each_finding_names_a_known_check_and_a_place_in_words(assessment: Template) -> None:
    found = findings(assessment, rich_note(), today="2026-11-03")
    known = {rule.id for rule in assessment.rules} | set(BUILT_IN)
    assert found
    for one in found:
        assert one.rule in known
        assert one.message.strip()
        assert "{" not in one.message
        assert len(one.places) == len(one.labels) or one.rule == "shape"
        assert one.source


def test_same_note_gives_the_same_findings(assessment: Template) -> None:
    assert findings(assessment, rich_note(), "2026-11-03") == findings(assessment, rich_note(), "2026-11-03")


def test_error_about_rows_that_are_listed_but_empty_still_says_that_it_could_not_tell(tmp_path: Any) -> None:
    pack = Pack()
    pack.rules["rules"][0]["when"] = "min(visit.items, row.size) > 3"
    pack.rules["rules"][0]["message"] = "Too large."
    template = library.compile_template(pack.write(tmp_path), tmp_path)
    one = only(findings(template, visit_note(items=[])), "T001")
    assert (one.outcome, one.missing) == ("could not tell", ("Items",))
