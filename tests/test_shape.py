"""What has not the shape of its template is said at its place, in the template's words, and stops nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from bounded import at_most
from hypothesis import given
from hypothesis import strategies as st
from notes import bare_note, rich_note
from tiny import visit_note

from ci_notes import derive, library, reporting, shape
from ci_notes.checks import check
from ci_notes.element import ABSENCES
from ci_notes.template import Template


def problems(template: Template, data: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in shape.problems(template, data):
        found[problem.path] = " | ".join([*found.get(problem.path, "").split(" | "), problem.message]).removeprefix(
            " | "
        )
    return found


def test_invented_notes_have_the_shape_of_their_template(assessment: Template) -> None:
    assert problems(assessment, rich_note()) == {}
    assert problems(assessment, bare_note()) == {}


@pytest.mark.parametrize(
    ("more", "path", "sentence"),
    [
        ({"symptms": {}}, "symptms", "A note of the kind assessment has no field «symptms»; did you mean «symptoms»?"),
        (
            {"exam": {"dilatation": 2}},
            "exam.dilatation",
            "Examination has no field «dilatation»; did you mean «dilation»?",
        ),
        ({"history": {"prior": [{"id": "p1", "outcom": "loss_2T"}]}}, "history.prior[p1].outcom", "«outcome»?"),
        ({"exam": 5}, "exam", "Examination is a group of fields, not 5"),
        ({"exam": {"dilation": "3"}}, "exam.dilation", 'Cervical dilation is a number in cm, not "3"'),
        ({"exam": {"dilation": True}}, "exam.dilation", "Cervical dilation is a number in cm, not true"),
        ({"exam": {"dilation": None}}, "exam.dilation", "Cervical dilation is a number in cm, not null"),
        ({"exam": {"dilation": 11}}, "exam.dilation", "Cervical dilation: 11 cm is impossible, it is at most 10 cm"),
        ({"exam": {"dilation": -1}}, "exam.dilation", "−1 cm is impossible, it is at least 0 cm"),
        ({"symptoms": {"fever": "no"}}, "symptoms.fever", 'Fever or chills is true or false, not "no"'),
        ({"symptoms": {"fever": 0}}, "symptoms.fever", "Fever or chills is true or false, not 0"),
        ({"history": {"gravida": 2.5}}, "history.gravida", "Gravida is a whole number, not 2.5"),
        ({"history": {"prior": {}}}, "history.prior.absent", "Prior pregnancies has no «absent»"),
        ({"history": {"prior": "none"}}, "history.prior", "Prior pregnancies is a list of rows, [] for none"),
        ({"history": {"prior": [5]}}, "history.prior[#1]", "Prior pregnancy 1 is a group of fields, not 5"),
        ({"pregnancy": {"lmp": "03.11.2026"}}, "pregnancy.lmp", "is a date written 2026-11-03, not"),
        ({"pregnancy": {"lmp": "2026-02-29"}}, "pregnancy.lmp", "is a date written 2026-11-03, not"),
        ({"pregnancy": {"ga_stated": "22+3"}}, "pregnancy.ga_stated", "is a gestational age written 22w3d"),
        ({"date": "2026-11-03"}, "date", "is a date and time with its offset, written 2026-11-03T14:20:00+01:00"),
        (
            {"diagnosis": {"insufficiency": "supected"}},
            "diagnosis.insufficiency",
            "is not one of confirmed, suspected, history, not_present; did you mean «suspected»?",
        ),
        ({"removal": {"triggers": ["labor"]}}, "removal.triggers[#1]", "did you mean «labour»?"),
        ({"removal": {"triggers": ["labour", "labour"]}}, "removal.triggers", "lists an answer twice"),
        ({"comment": {"text": ""}}, "comment.text", "Comment is empty text; leave it out"),
        ({"comment": {"text": "x" * 20_001}}, "comment.text", "Comment has 20001 characters; at most "),
        ({"patient": {"identifier_system": "ours"}}, "patient.identifier_system", "is not written as it should be"),
        (
            {"pregnancy": {"ga": "22w0d"}},
            "pregnancy.ga",
            "Gestational age is computed from other entries; leave «ga» out",
        ),
        (
            {"exam": {"dilation": {"absent": "unknown"}}},
            "exam.dilation.absent",
            '"unknown" is not one of not-asked, asked-declined, asked-unknown, not-performed, not-applicable',
        ),
        ({"exam": {"dilation": {"value": 3}}}, "exam.dilation.value", "Cervical dilation has no field «value»"),
        ({"exam": {"dilation": {"reason": "x"}}}, "exam.dilation.absent", "Cervical dilation has no «absent»"),
        ({"status": "signed"}, "status", 'Status: "signed" is not one of draft, final, amended, entered-in-error'),
        ({"status": {"absent": "not-asked"}}, "status", "Status is one of its options, not"),
        ({"template": "asessment"}, "template", 'should be "assessment"'),
        ({"id": 5}, "id", "is text, not 5"),
        ({"version": 5}, "version", "is text, not 5"),
        ({"history": {"prior": [{"id": 5}]}}, "history.prior[#1].id", "is text, not 5"),
        ({"id": "a b"}, "id", "is not written as it should be"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_wrong_shape_is_said_at_its_place(assessment: Template, more: dict[str, Any], path: str, sentence: str) -> None:
    found = problems(assessment, bare_note(**more))
    assert path in found, found
    assert sentence in found[path]


@pytest.mark.parametrize("data", [{}, {"template": "assessment"}, {"id": "a", "date": "2026-11-03T14:20:00Z"}])
def test_everything_that_a_note_must_have_is_named_at_once(assessment: Template, data: dict[str, Any]) -> None:
    wanted = {"id", "template", "status", "date"} - data.keys()
    assert problems(assessment, data) == {name: f"The note has no «{name}»" for name in wanted}


@pytest.mark.parametrize("data", [[], "text", 5, None, True])
def test_what_is_no_note_at_all_is_one_problem(assessment: Template, data: Any) -> None:
    note = derive.note(assessment, data)
    assert len(note.problems) == 1
    assert note.record.values == {}


def test_rows_with_the_same_id_are_named(assessment: Template) -> None:
    rows = [{"id": "p1"}, {"id": "p2"}, {"id": "p1"}]
    found = problems(assessment, bare_note(history={"prior": rows}))
    assert found == {"history.prior": "Prior pregnancies: two rows have the id «p1»; each row has its own"}


def test_rows_without_an_id_are_told_so_and_are_not_called_doubles(assessment: Template) -> None:
    found = problems(assessment, bare_note(history={"prior": [{"outcome": "loss_2T"}, {"outcome": "loss_2T"}]}))
    assert found == {f"history.prior[#{number}].id": f"Prior pregnancy {number} has no «id»" for number in (1, 2)}


@pytest.mark.parametrize("name", [["p1"], {"": "p1"}, 7, "p]1", "p 1", "", "p" * 65, "p1\n"], ids=repr)
def test_a_row_whose_id_no_place_can_have_is_called_by_its_number(assessment: Template, name: Any) -> None:
    note = derive.note(assessment, bare_note(history={"prior": [{"id": "p1"}, {"id": name, "ga_end": "x"}]}))
    assert {one.path for one in note.problems} == {"history.prior[#2].id", "history.prior[#2].ga_end"}
    found = check(note, today="2026-11-03")
    assert "history.prior[#2].ga_end" in reporting.findings(note, found, "a note")
    assert "history.prior[#2].outcome" in {place for one in found for place in one.places}


@pytest.mark.parametrize("code", list(ABSENCES))
def test_any_element_can_be_absent_for_a_reason(assessment: Template, code: str) -> None:
    for element in assessment.elements.values():
        if element.computed or element.path in ("note.status", "note.date"):
            continue
        for absence in ({"absent": code}, {"absent": code, "reason": "as told"}):
            data = bare_note()
            put(data, assessment, element.path, absence)
            note = derive.note(assessment, data)
            assert not note.problems, element.path
            held = note.record.rows[element.group][0] if element.group else note.record
            assert held.state(element.path) == "absent"


def put(data: dict[str, Any], template: Template, path: str, value: Any) -> None:
    """Record a value at an element's path, in a row of its own where the element repeats."""
    section, *names = path.split(".")
    held = data if section == "note" else data.setdefault(section, {})
    if template.elements[path].group:
        row = {"id": "row"}
        held[names[0]] = [*(held[names[0]] if isinstance(held.get(names[0]), list) else []), row]
        held, names = row, names[1:]
    held[names[0]] = value


WRONG: dict[str, list[Any]] = {
    "text": [5, "", [], {}],
    "boolean": ["no", 0, None, {"value": True}],
    "integer": ["3", 2.5, True, {"value": 3}],
    "quantity": ["3 mm", False, [3], {"value": 3, "unit": "mm"}],
    "date": ["yesterday", 20261103, {"on": "2026-11-03"}],
    "datetime": ["2026-11-03", 5, {}],
    "gestational-age": ["22+3", 157, {"weeks": 22}],
    "choice": ["no such option", 5, {"value": "x"}],
    "choices": ["labour", ["no such option"], [5], [{"a": [1]}], {"value": []}],
    "group": ["none", 5, {"rows": []}],
}


def test_wrong_shape_at_one_element_makes_that_element_unknown_and_nothing_else(assessment: Template) -> None:
    for element in assessment.elements.values():
        if element.computed:
            continue
        for value in WRONG[element.kind]:
            data = bare_note(removal={"target": "19w"})
            put(data, assessment, element.path, value)
            note = derive.note(assessment, data)
            where = f"{element.path}: {value!r}"
            assert note.problems, where
            held = note.record.rows[element.group][0] if element.group else note.record
            assert held.state(element.path) == "wrong", where
            assert element.path not in held.values | held.spans, where
            assert "shape" in {one.rule for one in check(note) if one.outcome == "found"}, where


def test_wrong_shape_does_not_silence_the_other_rules(visit: Template) -> None:
    data = visit_note(length=15, stitch=True, on="someday", items=[{"id": "a", "size": "big"}, {"id": "b", "size": 7}])
    found = {(one.rule, one.places) for one in check(derive.note(visit, data)) if one.outcome == "found"}
    assert ("shape", ("visit.on",)) in found
    assert ("T001", ("visit.length", "visit.stitch")) in found
    assert ("T005", ("visit.items[b].size",)) in found


def test_rule_that_reads_a_wrong_value_cannot_tell(visit: Template) -> None:
    found = check(derive.note(visit, visit_note(length="15 mm", stitch=True)))
    (only,) = [one for one in found if one.rule == "T001"]
    assert only.outcome == "could not tell"
    assert only.missing == ("Length",)


def test_wrong_row_does_not_hide_the_others(assessment: Template) -> None:
    data = bare_note(ultrasound={"lengths": [{"id": "a", "length": "18 mm"}, {"id": "b", "length": 22}]})
    note = derive.note(assessment, data)
    assert note.record.values["ultrasound.shortest"] == 22
    assert [row.state("ultrasound.lengths.length") for row in note.record.rows["ultrasound.lengths"]] == [
        "wrong",
        "known",
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: bare_note(history={"prior": [{"id": str(number)} for number in range(30_000)]}),
        lambda: bare_note(history={"prior": [{"id": "same"}] * 30_000}),
        lambda: bare_note(exam={f"dilatoin{number}": 1 for number in range(30_000)}),
        lambda: bare_note(**{"x" * 500_000: 1}),
        lambda: bare_note(diagnosis={"insufficiency": "suspected" * 100_000}),
    ],
    ids=["rows", "same rows", "unknown fields", "long name", "long value"],
)
def test_very_large_notes_are_judged_in_bounded_time(assessment: Template, make: Callable[[], Any]) -> None:
    data = make()
    with at_most(20, "two to four in fact; what grows faster than the note takes minutes"):
        found = shape.problems(assessment, data)
    assert all(len(problem.message) < 1000 for problem in found)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["absent", "id", "x"]), inner),
    max_leaves=6,
)


ASSESSMENT = library.load_template("assessment")  # as a fixture, hypothesis would print all of it with a failure


@given(st.lists(st.tuples(st.sampled_from(sorted(ASSESSMENT.elements)), junk), min_size=1, max_size=3))
def test_any_value_anywhere_is_judged_without_an_accident(edits: list[tuple[str, Any]]) -> None:
    data = rich_note()
    for path, value in edits:
        put(data, ASSESSMENT, path, value)
    check(derive.note(ASSESSMENT, data), today="2026-11-03")


def test_schema_is_a_json_schema_that_asks_for_no_computed_element(assessment: Template) -> None:
    written = shape.schema(assessment)
    jsonschema.Draft202012Validator.check_schema(written)
    for element in assessment:
        section = element.path.partition(".")[0]
        fields = written["properties"] if section == "note" else written["properties"][section]["properties"]
        assert (element.name in fields) is (not element.computed)


EXAMPLES = sorted((Path(__file__).parents[1] / "templates").glob("*/examples/*.note.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_a_section_seen_before_gets_the_verdict_that_it_would_get_anew(path: Path) -> None:
    template = library.load_template(path.parent.parent.name)
    data = json.loads(path.read_text())
    for spoilt in [data, *_spoilt(data)]:
        plain = shape.problems(template, spoilt, anew=True)
        assert shape.problems(template, spoilt) == plain
        assert shape.problems(template, spoilt) == plain  # now it has been seen


def _spoilt(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return notes in which one section after the other is wrong in some way, the others as they were."""
    wrong: tuple[Any, ...] = (5, [], {"nothing": 1}, "x", None)
    sections = [name for name, held in data.items() if isinstance(held, dict)]
    notes = [{**data, name: wrong[number % len(wrong)]} for number, name in enumerate(sections)]
    notes += [
        {**data, name: dict.fromkeys(data[name], value)} for name in sections[:6] for value in (True, 1, 1.0, "1")
    ]
    notes += [{**data, "more": 1, "status": "signed", "date": None}, {"id": "x"}, {}]
    return notes


def test_what_looks_alike_and_is_not_the_same_is_told_apart(assessment: Template) -> None:
    for value in (1, True, "1", [1], (1,), 1.0, None, {"absent": "asked-unknown"}):
        data = bare_note(exam={"dilation": value})
        assert shape.problems(assessment, data) == shape.problems(assessment, data, anew=True)


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda one: st.lists(one) | st.dictionaries(st.text(), one),
)


@given(ANYTHING)
def test_any_section_gets_the_same_verdict(held: Any) -> None:
    template = library.load_template("assessment")
    data = bare_note(exam=held, vitals={"sbp": held})
    told = [repr(one) for one in shape.problems(template, data)]
    assert told == [repr(one) for one in shape.problems(template, data, anew=True)]
