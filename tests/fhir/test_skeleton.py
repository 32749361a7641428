"""A skeleton is the resource as it will look: holes are filled, what stays empty vanishes, and it reads back."""

import json
from pathlib import Path
from typing import Any

import pytest

from ci_notes import TemplateError, _data, derive, from_fhir, to_fhir
from ci_notes.library import compile_template
from ci_notes.template import Template

Json = dict[str, Any]

CHOICE = [
    {"const": "left", "title": "On the left"},
    {
        "const": "right",
        "title": "On the right",
        "x-ci": {"codes": [{"system": "http://snomed.info/sct", "code": "71252005", "display": "Cervix"}]},
    },
]
ELEMENTS: Json = {
    "done": {"title": "Done", "type": "boolean"},
    "day": {"title": "Day", "type": "string", "format": "date"},
    "words": {"title": "Words", "type": "string"},
    "side": {"title": "Side", "type": "string", "oneOf": CHOICE},
    "state": {"title": "State", "type": "string", "oneOf": CHOICE},
    "steps": {
        "title": "Steps",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "label": {"title": "Label", "type": "string"},
                "side": {"title": "Side of the step", "type": "string", "oneOf": CHOICE},
                "size": {"title": "Size", "type": "integer"},
            },
        },
    },
}

PROCEDURE: Json = {
    "resourceType": "Procedure",
    "$when": "visit.done",
    "status": "completed",
    "code": {"text": "A made-up procedure"},
    "performedDateTime": {"$": "visit.day"},
    "bodySite": [{"$concept": "visit.side"}],
    "note": [{"text": {"$": "visit.words"}}],
    "outcome": {
        "$choose": "visit.state",
        "left": {"coding": [{"system": "http://x.invalid", "code": "L"}]},
        "right": {"coding": [{"system": "http://x.invalid", "code": "R"}]},
    },
}
TASK: Json = {
    "resourceType": "Task",
    "$each": "visit.steps",
    "status": "completed",
    "intent": "order",
    "description": {"$": "row.label"},
    "code": {"$concept": "row.side", "otherwise": "Some step"},
    "focus": {"$ref": "work"},
}


def template_of(folder: Path, skeletons: Json) -> Template:
    folder.mkdir(exist_ok=True)
    schema = {
        "title": "Tiny",
        "x-ci": {"version": "0.1.0"},
        "properties": {"visit": {"title": "Visit", "type": "object", "properties": ELEMENTS}},
    }
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "narrative.en.j2").write_text("{% block visit %}{{ visit | gaps }}{% endblock %}")
    (folder / "fhir.yaml").write_text(json.dumps(skeletons))  # JSON is YAML
    return compile_template(folder, _data.folder("templates"))


@pytest.fixture
def tiny(tmp_path: Path) -> Template:
    return template_of(tmp_path / "tiny", {"work": PROCEDURE, "step": TASK})


def data_of(template: Template, **visit: Any) -> Json:
    header = {"id": "n1", "template": template.id, "version": "0.1.0", "status": "final"}
    return {**header, "date": "2026-11-03T14:20:00+00:00", "visit": visit}


def written(template: Template, kind: str, **visit: Any) -> list[Json]:
    data = data_of(template, **visit)
    bundle = to_fhir(derive.note(template, data))
    assert from_fhir(bundle, template) == data
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def observed(template: Template, **visit: Any) -> set[str]:
    """Return which elements became Observations of their own."""
    return {one["code"]["coding"][-1]["code"] for one in written(template, "Observation", **visit)}


def test_holes_are_filled_with_what_was_recorded(tiny: Template) -> None:
    (work,) = written(tiny, "Procedure", done=True, day="2026-11-02", words="All <well>", side="right", state="left")
    assert work["performedDateTime"] == "2026-11-02"
    assert work["note"] == [{"text": "All <well>"}]
    assert work["bodySite"][0]["text"] == "On the right"
    assert {"system": "http://snomed.info/sct", "code": "71252005", "display": "Cervix"} in work["bodySite"][0][
        "coding"
    ]
    assert work["outcome"] == {"coding": [{"system": "http://x.invalid", "code": "L"}]}
    assert work["code"] == {"text": "A made-up procedure"}


def test_what_stays_empty_leaves_no_trace(tiny: Template) -> None:
    (work,) = written(tiny, "Procedure", done=True)
    assert set(work) == {"resourceType", "id", "identifier", "status", "code"}
    assert "$" not in json.dumps(work)


def test_a_constant_beside_an_empty_hole_goes_with_it(tmp_path: Path) -> None:
    part = [{"type": {"text": "Remark"}, "valueString": {"$": "visit.words"}}]
    template = template_of(tmp_path / "tiny", {"work": PROCEDURE | {"extra": part}})
    (work,) = written(template, "Procedure", done=True)
    assert "extra" not in work


@pytest.mark.parametrize("visit", [{"done": False}, {"done": {"absent": "not-asked"}}, {}])
def test_a_resource_is_written_only_where_its_condition_surely_holds(tiny: Template, visit: Json) -> None:
    assert not written(tiny, "Procedure", day="2026-11-02", **visit)


def test_what_a_resource_that_is_not_written_would_have_held_is_observed(tiny: Template) -> None:
    visit = {"day": "2026-11-02", "side": "left"}
    assert observed(tiny, done=False, **visit) == {"tiny.visit.done", "tiny.visit.day", "tiny.visit.side"}
    assert observed(tiny, done=True, **visit) == {"tiny.visit.done"}


def test_why_a_hole_is_empty_is_observed(tiny: Template) -> None:
    visit = {"done": True, "day": {"absent": "asked-unknown", "reason": "Long ago"}}
    assert observed(tiny, **visit) == {"tiny.visit.done", "tiny.visit.day"}


def test_a_resource_for_each_row_keeps_the_rows_apart(tiny: Template) -> None:
    steps = [
        {"id": "b", "label": "First", "side": "left"},
        {"id": "a", "label": "Second"},
        {"id": "c", "label": "Second"},
    ]
    tasks = written(tiny, "Task", done=True, steps=steps)
    assert [task["description"] for task in tasks] == ["First", "Second", "Second"]
    assert [task["code"]["text"] for task in tasks] == ["On the left", "Some step", "Some step"]
    assert len({task["id"] for task in tasks}) == 3


@pytest.mark.parametrize(
    "steps",
    [
        [{"id": "a", "label": "x", "size": 3}, {"id": "b", "label": "y", "size": 3}],
        [{"id": "a", "size": 3}, {"id": "b", "label": "y"}],
        [{"id": "a"}, {"id": "b", "label": "y"}],
        [{"id": "a", "label": {"absent": "not-asked"}, "side": "left"}, {"id": "b"}],
        [],
        {"absent": "asked-declined"},
    ],
)
def test_rows_that_a_skeleton_holds_in_part_come_back_whole_and_in_order(tiny: Template, steps: Any) -> None:
    written(tiny, "Task", steps=steps)


def test_a_reference_is_written_only_to_a_resource_that_is(tiny: Template) -> None:
    step = [{"id": "a", "label": "x"}]
    (task,) = written(tiny, "Task", done=True, steps=step)
    (work,) = written(tiny, "Procedure", done=True, steps=step)
    assert task["focus"] == {"reference": f"urn:uuid:{work['id']}"}
    (lonely,) = written(tiny, "Task", done=False, steps=step)
    assert "focus" not in lonely


def test_fragments_that_look_alike_are_read_by_all_of_them_together(tmp_path: Path) -> None:
    # As for a Condition: neither its clinical nor its verification status alone tells the answer.
    options = [{"const": name, "title": name} for name in ("now", "maybe", "once")]
    status = {"now": "active", "maybe": "active", "once": "inactive"}
    certainty = {"now": "sure", "maybe": "unsure", "once": "sure"}
    holes = {
        key: {"$choose": "visit.state"} | {name: {"coding": [{"code": word}]} for name, word in words.items()}
        for key, words in (("clinicalStatus", status), ("verificationStatus", certainty))
    }
    folder = tmp_path / "tiny"
    template_of(folder, {})
    schema = json.loads((folder / "schema.json").read_text())
    schema["properties"]["visit"]["properties"]["state"]["oneOf"] = options
    (folder / "schema.json").write_text(json.dumps(schema))
    skeleton = {"$when": "visit.state is known", "resourceType": "Condition", "code": {"text": "X"}, **holes}
    (folder / "fhir.yaml").write_text(json.dumps({"problem": skeleton}))
    template = compile_template(folder, _data.folder("templates"))
    for name in status:
        assert len(written(template, "Condition", state=name)) == 1


@pytest.mark.parametrize(
    ("skeleton", "why"),
    [
        ({"resourceType": "Task", "description": {"$": "visit.wrods"}}, "no element «visit.wrods»; did you mean"),
        ({"resourceType": "Task", "description": {"$text": "visit.words"}}, "«$text» is no hole"),
        ({"resourceType": "Task", "description": {"$": "visit.words", "$ref": "x"}}, "is no hole"),
        ({"resourceType": "Task", "code": {"$concept": "visit.words"}}, "visit.words has no options"),
        ({"resourceType": "Task", "code": {"$choose": "visit.side", "lfet": {"text": "x"}}}, "«lfet» is not an option"),
        ({"resourceType": "Task", "focus": {"$ref": "wrok"}}, "no resource «wrok»"),
        ({"resourceType": "Task", "$each": "visit.words"}, "«visit.words» does not repeat"),
        ({"resourceType": "Task", "$when": "visit.dnoe"}, "no element «visit.dnoe»"),
        ({"resourceType": "Task", "description": {"$": "row.label"}}, "no element"),
        ({"resourceType": "Task", "description": {"$": "visit.steps.label"}}, "no element «visit.steps.label»"),
        ({"status": "completed"}, "a resource has a resourceType"),
        ("Task", "a resource has a resourceType"),
    ],
)
def test_a_skeleton_that_could_not_be_filled_is_refused_when_it_is_loaded(
    tmp_path: Path, skeleton: Any, why: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        template_of(tmp_path / "tiny", {"odd": skeleton})
    assert why in str(refused.value)
    assert "tiny/fhir.yaml, odd" in str(refused.value)


def test_a_template_without_skeletons_still_gives_back_every_note(tmp_path: Path) -> None:
    template = template_of(tmp_path / "tiny", {})
    visit = {"done": True, "day": "2026-11-02", "words": "x", "side": "left", "state": {"absent": "not-asked"}}
    assert len(observed(template, **visit, steps=[{"id": "a", "size": 1}])) == 6
