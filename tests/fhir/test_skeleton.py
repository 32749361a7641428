"""A skeleton is the resource as it will look: holes are filled, what stays empty vanishes, and it reads back."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from bundles import anonymous, resources

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
    "length": {"title": "Length", "type": "number", "x-ci": {"unit": "mm"}},
    "pulse": {"title": "Pulse", "type": "integer", "x-ci": {"unit": "/min"}},
    "count": {"title": "Count", "type": "integer"},
    "age": {"title": "Age", "type": "string", "format": "gestational-age"},
    "signs": {"title": "Signs", "type": "array", "items": {"type": "string", "oneOf": CHOICE}},
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
                "signs": {"title": "Signs", "type": "array", "items": {"type": "string", "oneOf": CHOICE}},
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
    back = from_fhir(anonymous(bundle), template, note_id="n1")
    assert without_row_ids(back) == without_row_ids(data)
    mistaken = data | {"status": "entered-in-error"}
    assert from_fhir(to_fhir(derive.note(template, mistaken)), template) == mistaken
    return resources(bundle, kind)


def without_row_ids(data: Json) -> Json:
    steps = data.get("visit", {}).get("steps")
    if not isinstance(steps, list):
        return data
    rows = [{key: value for key, value in row.items() if key != "id"} for row in steps]
    return data | {"visit": data["visit"] | {"steps": rows}}


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
        (
            {"resourceType": "Task", "code": {"$concept": "visit.words"}},
            "visit.words is a text; $concept is for choice",
        ),
        ({"resourceType": "Task", "code": {"$choose": "visit.side", "lfet": {"text": "x"}}}, "«lfet» is not an option"),
        ({"resourceType": "Task", "code": {"$choose": "visit.done", "yes": {"text": "x"}}}, "«yes» is not an option"),
        ({"resourceType": "Task", "code": {"$absent": "visit.day", "also": "x"}}, "«also» beside $absent"),
        ({"resourceType": "Task", "focus": {"$ref": "wrok"}}, "no resource «wrok»"),
        ({"resourceType": "Task", "$each": "visit.words"}, "«visit.words» does not repeat"),
        ({"resourceType": "Task", "$when": "visit.dnoe"}, "no element «visit.dnoe»"),
        ({"resourceType": "Task", "description": {"$": "row.label"}}, "no element"),
        ({"resourceType": "Task", "description": {"$": "visit.steps.label"}}, "no element «visit.steps.label»"),
        ({"resourceType": "Task", "code": {"coding": [{"$when": "visit.dnoe"}]}}, "no element «visit.dnoe»"),
        ({"resourceType": "Task", "code": {"$when": "row.size > 2"}}, "has no row here"),
        ({"resourceType": "Task", "code": {"$when": ["visit.done"]}}, "$when is a condition, as text"),
        ({"resourceType": "Task", "$when": "visit.day < today"}, "the same on every day"),
        ({"resourceType": "Task", "code": {"$each": "visit.steps"}}, "«$each» is no hole"),
        ({"resourceType": "Task", "code": {"$concept": "visit.side", "also": "x"}}, "«also» beside $concept"),
        ({"resourceType": "Task", "code": {"$concept": "visit.side", "text": "x"}}, "the words of a concept are those"),
        ({"resourceType": "Task", "code": {"$concept": "visit.side", "text": {"$": "visit.wrods"}}}, "«visit.wrods»"),
        ({"resourceType": "Task", "code": {"$choose": "visit.side", "left": {"$": "visit.words"}}}, "without holes"),
        ({"resourceType": "Task", "code": {"$concept": "visit.signs"}}, "visit.signs is a choices"),
        ({"resourceType": "Task", "code": {"$concepts": "visit.side"}}, "visit.side is a choice; $concepts is for"),
        ({"resourceType": "Task", "input": [{"$concepts": "visit.signs"}]}, "$concepts is a list by itself"),
        ({"resourceType": "Task", "input": {"$quantity": "visit.count"}}, "visit.count has no unit"),
        ({"resourceType": "Task", "input": {"$quantity": "visit.age"}}, "$quantity is for integer, quantity"),
        ({"resourceType": "Task", "description": {"$said": "visit.steps"}}, "visit.steps is a group"),
        ({"resourceType": "Task", "focus": {"$ref": "each"}}, "«each» repeats"),
        ({"resourceType": "Task", "$each": "visit.steps", "$when": "row.size * 2 > 3"}, "a row can be compared"),
        ({"status": "completed"}, "a resource has a resourceType"),
        ("Task", "a resource has a resourceType"),
    ],
)
def test_a_skeleton_that_could_not_be_filled_is_refused_when_it_is_loaded(
    tmp_path: Path, skeleton: Any, why: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        template_of(tmp_path / "tiny", {"odd": skeleton, "each": TASK | {"focus": {"$ref": "odd"}}})
    assert why in str(refused.value)
    assert "tiny/fhir.yaml, odd" in str(refused.value)


def test_a_template_without_skeletons_still_gives_back_every_note(tmp_path: Path) -> None:
    template = template_of(tmp_path / "tiny", {})
    visit = {"done": True, "day": "2026-11-02", "words": "x", "side": "left", "state": {"absent": "not-asked"}}
    assert len(observed(template, **visit, steps=[{"id": "a", "size": 1}])) == 6


# --- parts with a condition ----------------------------------------------------------------------------------------

US_ONLY = {"$when": "visit.done and visit.length < 25", "system": "http://x.invalid", "code": "short"}


@pytest.fixture
def conditional(tmp_path: Path) -> Template:
    code = {"coding": [{"system": "http://x.invalid", "code": "always"}, US_ONLY], "text": "A problem"}
    extra = {"severity": {"$when": "visit.length < 10", "text": "severe"}}
    stage = {"stage": [{"$when": "visit.length >= 25", "summary": {"$concept": "visit.side"}}]}
    return template_of(
        tmp_path / "tiny",
        {"problem": {"$when": "visit.done", "resourceType": "Condition", "code": code, **extra, **stage}},
    )


@pytest.mark.parametrize(
    ("length", "codes"),
    [({"length": 20}, ["always", "short"]), ({"length": 30}, ["always"]), ({}, ["always"])],
    ids=["holds", "fails", "undecided"],
)
def test_a_part_is_written_only_where_its_condition_surely_holds(
    conditional: Template, length: Json, codes: list[str]
) -> None:
    (problem,) = written(conditional, "Condition", done=True, **length)
    assert [code["code"] for code in problem["code"]["coding"]] == codes
    assert "severity" not in problem
    assert "$" not in json.dumps(problem)


def test_a_part_whose_condition_fails_leaves_what_it_would_have_held_to_an_observation(conditional: Template) -> None:
    visit = {"done": True, "side": "left"}
    (problem,) = written(conditional, "Condition", **visit, length=30)
    assert problem["stage"][0]["summary"]["text"] == "On the left"
    (problem,) = written(conditional, "Condition", **visit, length=5)
    assert "stage" not in problem
    assert problem["severity"] == {"text": "severe"}
    assert "tiny.visit.side" in observed(conditional, **visit, length=5)


def test_a_resource_is_known_by_its_code_whether_a_part_of_it_is_there_or_not(tmp_path: Path) -> None:
    more = {"extension": [{"$when": "visit.length < 10", "url": "http://x.invalid", "valueBoolean": True}]}
    codes = [{"coding": [{"system": "http://x.invalid", "code": code}], **more} for code in ("a", "b")]
    names = ("words", "day")
    shapes = {name: problem(code, f"visit.{name}") for name, code in zip(names, codes, strict=True)}
    template = template_of(tmp_path / "tiny", shapes)
    assert len(written(template, "Condition", words="Some", day="2026-11-02", length=30)) == 2
    assert len(written(template, "Condition", words="Some", day="2026-11-02", length=5)) == 2


def test_a_condition_may_ask_for_the_jurisdiction(tmp_path: Path) -> None:
    coding = [{"$when": "jurisdiction == 'US'", "system": "http://x.invalid", "code": "American"}]
    template = template_of(tmp_path / "tiny", {"work": PROCEDURE | {"code": {"coding": coding, "text": "Work"}}})
    for place, codes in {"US": [{"system": "http://x.invalid", "code": "American"}], "UK": None}.items():
        note = derive.note(template, data_of(template, done=True) | {"jurisdiction": place})
        (work,) = resources(to_fhir(note), "Procedure")
        assert work["code"].get("coding") == codes


def test_a_row_is_a_resource_only_where_its_condition_holds(tmp_path: Path) -> None:
    planned = TASK | {"$when": "row.side == 'left'", "focus": {"$ref": "work"}}
    template = template_of(tmp_path / "tiny", {"work": PROCEDURE, "step": planned})
    steps = [
        {"id": "a", "label": "x", "side": "right"},
        {"id": "b", "label": "y", "side": "left", "size": 3},
        {"id": "c", "label": "z"},
        {"id": "d", "label": "z", "side": "left"},
        {"id": "e", "label": "z", "side": {"absent": "not-asked"}},
    ]
    assert [task["description"] for task in written(template, "Task", steps=steps)] == ["y", "z"]
    assert len(written(template, "Observation", steps=steps)) == 4


def test_what_is_left_of_a_row_says_which_resource_it_belongs_to(tiny: Template) -> None:
    bundle = to_fhir(derive.note(tiny, data_of(tiny, steps=[{"id": "a", "label": "x", "size": 3}])))
    (task,), (rest,) = resources(bundle, "Task"), resources(bundle, "Observation")
    assert rest["focus"] == [{"reference": f"urn:uuid:{task['id']}"}]


# --- several answers, numbers with units, words for people ---------------------------------------------------------


def test_several_answers_stand_in_one_list(tmp_path: Path) -> None:
    work = PROCEDURE | {"complication": {"$concepts": "visit.signs"}}
    template = template_of(tmp_path / "tiny", {"work": work, "step": TASK | {"input": {"$concepts": "row.signs"}}})
    (found,) = written(template, "Procedure", done=True, signs=["right", "left"])
    assert [one["text"] for one in found["complication"]] == ["On the right", "On the left"]
    assert not observed(template, done=True, signs=["right"]) - {"tiny.visit.done"}
    (task,) = written(template, "Task", steps=[{"id": "a", "label": "x", "signs": ["left"]}])
    assert len(task["input"]) == 1


@pytest.mark.parametrize("signs", [[], {"absent": "not-asked"}])
def test_no_answers_at_all_are_observed(tmp_path: Path, signs: Any) -> None:
    work = PROCEDURE | {"complication": {"$concepts": "visit.signs"}}
    template = template_of(tmp_path / "tiny", {"work": work, "step": TASK | {"input": {"$concepts": "row.signs"}}})
    (found,) = written(template, "Procedure", done=True, signs=signs)
    assert "complication" not in found
    assert "tiny.visit.signs" in observed(template, done=True, signs=signs)
    written(template, "Task", steps=[{"id": "a", "label": "x", "signs": signs}])


def test_answers_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    work = PROCEDURE | {"complication": {"$concepts": "visit.signs"}}
    for skeletons in ({"work": work}, {}):
        template = template_of(tmp_path / "tiny", skeletons)
        bundle = json.dumps(to_fhir(derive.note(template, data_of(template, done=True, signs=["left"]))))
        back = from_fhir(json.loads(bundle.replace("visit.signs.left", "visit.signs.lost")), template)
        assert back["visit"] == {"done": True}


def test_a_number_of_a_row_that_cannot_be_read_is_left_out(tiny: Template) -> None:
    steps = [{"id": "a", "size": 3, "side": {"absent": "not-asked"}}]
    bundle = json.dumps(to_fhir(derive.note(tiny, data_of(tiny, steps=steps))))
    back = from_fhir(json.loads(bundle.replace('"valueInteger": 3', '"valueInteger": "three"')), tiny)
    assert back["visit"] == {"steps": [{"id": "a", "side": {"absent": "not-asked"}}]}


PANEL: Json = {
    "$when": "visit.length is known and visit.pulse is known",
    "resourceType": "Observation",
    "status": {"$choose": "note.status", "final": "final", "draft": "preliminary"},
    "code": {"coding": [{"system": "http://x.invalid", "code": "panel"}]},
    "component": [
        {"code": {"coding": [{"system": "http://x.invalid", "code": name}]}, "valueQuantity": {"$quantity": path}}
        for name, path in (("length", "visit.length"), ("pulse", "visit.pulse"))
    ],
}


@pytest.fixture
def panel(tmp_path: Path) -> Template:
    return template_of(tmp_path / "tiny", {"panel": PANEL})


def test_numbers_stand_in_a_panel_with_their_units(panel: Template) -> None:
    (found,) = written(panel, "Observation", length=22.5, pulse=80)
    amounts = [part["valueQuantity"] for part in found["component"]]
    assert [(amount["value"], amount["code"]) for amount in amounts] == [(22.5, "mm"), (80, "/min")]
    assert {amount["system"] for amount in amounts} == {"http://unitsofmeasure.org"}


def test_without_its_panel_a_number_is_observed_by_itself(panel: Template) -> None:
    assert observed(panel, length=22.5) == {"tiny.visit.length"}
    assert observed(panel, length=22, pulse={"absent": "not-performed"}) == {"tiny.visit.length", "tiny.visit.pulse"}


@pytest.mark.parametrize(("unit", "read"), [("cm", {"length": 225.0, "pulse": 80}), ("kg", {"pulse": 80})])
def test_a_number_of_a_panel_in_another_unit_is_converted_or_left(panel: Template, unit: str, read: Json) -> None:
    bundle = json.dumps(to_fhir(derive.note(panel, data_of(panel, length=22.5, pulse=80))))
    assert from_fhir(json.loads(bundle.replace('"mm"', f'"{unit}"')), panel)["visit"] == read


UNKNOWN = {"coding": [{"system": "http://x.invalid", "code": "unknown"}], "text": "Nobody said"}


@pytest.mark.parametrize(
    ("pulse", "held"),
    [
        (80, {"value": 80, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}),
        ({"absent": "not-performed"}, "not-performed"),
        ({"absent": "asked-declined", "reason": "Nobody said"}, "asked-declined"),
        (None, UNKNOWN),
    ],
)
def test_why_there_is_no_value_stands_in_its_place_and_is_read_there(tmp_path: Path, pulse: Any, held: Any) -> None:
    why = {"$absent": "visit.pulse", "$when": "not visit.pulse is known", "otherwise": UNKNOWN}
    part = PANEL["component"][1] | {"dataAbsentReason": why}
    panel = template_of(tmp_path / "tiny", {"panel": PANEL | {"$when": "visit.done", "component": [part]}})
    visit = {"done": True} if pulse is None else {"done": True, "pulse": pulse}
    (found,) = [one for one in written(panel, "Observation", **visit) if "component" in one]  # and comes back
    (part,) = found["component"]
    if isinstance(pulse, dict):
        reason = part["dataAbsentReason"]
        assert (reason["coding"][0]["code"], reason.get("text")) == (held, pulse.get("reason"))
        assert "tiny.visit.pulse" not in observed(panel, **visit)  # said once
    else:
        assert part["dataAbsentReason" if pulse is None else "valueQuantity"] == held


@pytest.mark.parametrize("done", [True, False])
def test_a_yes_or_no_chooses_among_fragments_and_is_read_from_them(tmp_path: Path, done: bool) -> None:
    shape = {"resourceType": "Flag", "$when": "visit.done is known", "code": {"text": "A flag"}}
    status = {"$choose": "visit.done", "true": "active", "false": "inactive"}
    template = template_of(tmp_path / "tiny", {"flag": shape | {"status": status}})
    (flag,) = written(template, "Flag", done=done)
    assert flag["status"] == ("active" if done else "inactive")
    assert "tiny.visit.done" not in observed(template, done=done)


def test_what_others_declare_does_not_claim_a_profile_of_ours(tiny: Template) -> None:
    bundle = to_fhir(derive.note(tiny, data_of(tiny, done=True, count=3)))
    claimed = {one["resourceType"] for one in resources(bundle) if "meta" in one}
    assert {"Observation", "Procedure"} <= {one["resourceType"] for one in resources(bundle)}
    assert claimed <= {"Composition", "QuestionnaireResponse"}


def test_words_for_people_are_written_and_never_read(tmp_path: Path) -> None:
    note = [{"text": {"$said": "visit.age"}}, {"text": {"$said": "visit.signs"}}]
    template = template_of(tmp_path / "tiny", {"work": PROCEDURE | {"note": note}})
    visit = {"done": True, "age": "37w0d", "signs": ["left", "right"]}
    (work,) = written(template, "Procedure", **visit)
    assert work["note"] == [{"text": "37+0 weeks"}, {"text": "on the left and on the right"}]
    assert {"tiny.visit.age", "tiny.visit.signs"} <= observed(template, **visit)
    bundle = to_fhir(derive.note(template, data_of(template, **visit)))
    rest = ("Observation", "QuestionnaireResponse")
    kept = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] not in rest]
    assert "visit" not in from_fhir(bundle | {"entry": kept}, template)


def test_words_for_people_may_have_words_before_them(tmp_path: Path) -> None:
    template = template_of(tmp_path / "tiny", {"work": PROCEDURE | {"note": [{"text": SAID}]}})
    (work,) = written(template, "Procedure", done=True, age="36w0d")
    assert work["note"] == [{"text": "until 36+0 weeks"}]
    (work,) = written(template, "Procedure", done=True)
    assert "note" not in work


SAID = {"$said": "visit.age", "before": "until "}


# --- concepts in the words of somebody, and what stands in for an answer -------------------------------------------


@pytest.mark.parametrize(
    ("step", "text", "codes"),
    [
        ({"side": "left", "label": "Far left"}, "Far left", 1),
        ({"side": "right"}, "On the right", 2),
        ({"side": "left", "label": "On the left"}, "On the left", 1),
        ({"label": "Nowhere"}, "Nowhere", 0),
        ({"label": "Nowhere", "side": {"absent": "asked-unknown"}}, "Nowhere", 0),
        ({"side": "left", "label": {"absent": "asked-unknown"}}, "On the left", 1),
    ],
)
def test_a_concept_is_in_the_words_recorded_for_it(tmp_path: Path, step: Json, text: str, codes: int) -> None:
    code = {"$concept": "row.side", "text": {"$": "row.label"}}
    template = template_of(tmp_path / "tiny", {"step": {"resourceType": "Task", "$each": "visit.steps", "code": code}})
    (task,) = written(template, "Task", steps=[{"id": "a", **step}])
    assert task["code"]["text"] == text
    assert len(task["code"].get("coding", ())) == codes


# As the ingredient of a medicine: the code of one answer, yet not that answer.
INSTEAD = {"coding": [{"system": "http://snomed.info/sct", "code": "71252005"}], "text": "Some side"}


@pytest.mark.parametrize("words", [{}, {"words": "Her own"}, {"words": "Some side"}])
def test_what_stands_in_for_an_answer_may_have_a_code(tmp_path: Path, words: Json) -> None:
    code = {"$concept": "visit.side", "otherwise": INSTEAD, "text": {"$": "visit.words"}}
    template = template_of(
        tmp_path / "tiny", {"work": {"resourceType": "Procedure", "$when": "visit.done", "code": code}}
    )
    (work,) = written(template, "Procedure", done=True, **words)
    assert work["code"] == INSTEAD | {"text": words.get("words", "Some side")}
    (work,) = written(template, "Procedure", done=True, side="left", **words)
    assert work["code"]["coding"][0]["code"] == "tiny.visit.side.left"


def test_a_choice_among_fragments_may_have_one_for_everything_else(tmp_path: Path) -> None:
    outcome = {"$choose": "visit.state", "left": {"text": "Left"}, "otherwise": {"text": "Unclear"}}
    template = template_of(tmp_path / "tiny", {"work": PROCEDURE | {"outcome": outcome}})
    for state, text in {"left": "Left", "right": "Unclear"}.items():
        (work,) = written(template, "Procedure", done=True, state=state)
        assert work["outcome"] == {"text": text}
    (work,) = written(template, "Procedure", done=True)
    assert work["outcome"] == {"text": "Unclear"}


# --- an answer that only chooses among fragments -------------------------------------------------------------------


def test_an_answer_that_its_fragment_does_not_tell_is_observed_too(tmp_path: Path) -> None:
    alike = {"$choose": "visit.state", "left": {"text": "The same"}, "right": {"text": "The same"}}
    template = template_of(tmp_path / "tiny", {"work": PROCEDURE | {"outcome": alike}})
    assert "tiny.visit.state" in observed(template, done=True, state="left")
    only = {"$choose": "visit.state", "left": {"text": "Left"}}
    template = template_of(tmp_path / "other", {"work": PROCEDURE | {"outcome": only}})
    assert "other.visit.state" in observed(template, done=True, state="right")
    assert "other.visit.state" not in observed(template, done=True, state="left")


def test_what_stands_in_a_status_survives_that_the_note_was_entered_in_error(tmp_path: Path) -> None:
    status = {"$choose": "row.side", "left": "completed", "right": "requested"}
    template = template_of(
        tmp_path / "tiny", {"step": {"resourceType": "Task", "$each": "visit.steps"} | {"status": status}}
    )
    tasks = written(template, "Task", steps=[{"id": "a", "side": "left"}, {"id": "b", "side": "right"}])
    assert [task["status"] for task in tasks] == ["completed", "requested"]


# --- resources of one type -----------------------------------------------------------------------------------------


def problem(code: Json, hole: str, **more: Any) -> Json:
    when = f"{hole} is known"
    return {"$when": when, "resourceType": "Condition", "code": code, "note": [{"text": {"$": hole}}], **more}


TWO_CODES = {
    "one": problem({"coding": [{"system": "http://x.invalid", "code": "1"}], "text": "Same"}, "visit.words"),
    "two": problem({"coding": [{"system": "http://x.invalid", "code": "2"}], "text": "Same"}, "visit.day"),
}
TWO_TEXTS = {"one": problem({"text": "First"}, "visit.words"), "two": problem({"text": "Second"}, "visit.day")}
ONE_WITHIN = {
    "one": problem({"coding": [{"system": "http://x.invalid", "code": "1"}]}, "visit.words"),
    "two": problem(
        {"coding": [{"system": "http://x.invalid", "code": c} for c in "12"]}, "visit.day", category=[{"text": "x"}]
    ),
}


@pytest.mark.parametrize("skeletons", [TWO_CODES, TWO_TEXTS, ONE_WITHIN], ids=["codes", "texts", "one within"])
def test_resources_of_one_type_are_told_apart_by_what_they_are_about(tmp_path: Path, skeletons: Json) -> None:
    for order in (skeletons, dict(reversed(skeletons.items()))):
        template = template_of(tmp_path / "tiny", order)
        assert len(written(template, "Condition", words="Some", day="2026-11-02")) == 2
        assert len(written(template, "Condition", words="2026-11-02")) == 1
        assert len(written(template, "Condition", day="2026-11-02")) == 1


def test_resources_whose_codes_are_answers_are_told_apart_by_whose_answers_they_are(tmp_path: Path) -> None:
    shapes = {
        name: {
            "$when": f"visit.{name} is known or visit.done",
            "resourceType": "Condition",
            "category": [{"text": "problem"}],
            "code": {"$concept": f"visit.{name}", "otherwise": f"Some {name}"},
        }
        for name in ("state", "side")
    }
    template = template_of(tmp_path / "tiny", shapes)
    assert len(written(template, "Condition", side="right")) == 1
    assert len(written(template, "Condition", done=True, side="right")) == 2
    assert len(written(template, "Condition", done=True, state="left")) == 2


def test_resources_that_look_the_same_are_told_apart_by_our_identifier(tmp_path: Path) -> None:
    alike = {name: problem({"text": "Same"}, f"visit.{name}") for name in ("words", "side")}
    alike["side"]["note"] = [{"text": {"$coding": "visit.side"}}]
    template = template_of(tmp_path / "tiny", alike)
    data = data_of(template, words="Some", side="left")
    assert from_fhir(to_fhir(derive.note(template, data)), template) == data


def test_two_answers_in_one_list_are_each_read_as_their_own(tmp_path: Path) -> None:
    reasons = {"reasonCode": [{"$concept": "visit.side"}, {"$concept": "visit.state"}]}
    template = template_of(tmp_path / "tiny", {"work": {**PROCEDURE, "bodySite": [], "outcome": {}} | reasons})
    for visit in ({"side": "left", "state": "left"}, {"state": "right"}, {"side": "right"}):
        (work,) = written(template, "Procedure", done=True, **visit)
        assert len(work["reasonCode"]) == len(visit)


def test_a_resource_of_constants_alone_stands_in_the_section_its_condition_names(tmp_path: Path) -> None:
    template = template_of(
        tmp_path / "tiny", {"problem": {"$when": "visit.done", "resourceType": "Condition", "code": {"text": "X"}}}
    )
    bundle = to_fhir(derive.note(template, data_of(template, done=True)))
    (problem,) = resources(bundle, "Condition")
    (section,) = [one for one in resources(bundle)[0]["section"] if one["title"] == "Visit"]
    assert {"reference": f"urn:uuid:{problem['id']}"} in section["entry"]


def test_a_list_of_references_to_nobody_is_not_written(tmp_path: Path) -> None:
    performer = [{"actor": {"$ref": "absent"}}]
    absent = {"$when": "visit.words is known", "resourceType": "Practitioner", "name": [{"text": {"$": "visit.words"}}]}
    template = template_of(tmp_path / "tiny", {"absent": absent, "work": PROCEDURE | {"performer": performer}})
    (work,) = written(template, "Procedure", done=True)
    assert "performer" not in work


# --- encounters and allergies --------------------------------------------------------------------------------------

ENCOUNTER: Json = {
    "$when": "visit.done",
    "resourceType": "Encounter",
    "identifier": [{"system": "https://hospital.example/visits", "value": {"$": "visit.words"}}],
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
}


@pytest.mark.parametrize(
    ("visit", "query"),
    [
        ({"words": "V7"}, "identifier=https%3A//hospital.example/visits|V7"),
        ({}, "identifier=https%3A//w3id.org/ci-notes/resource|n1%23encounter"),
    ],
    ids=["its own identifier", "none"],
)
def test_an_encounter_is_created_once_and_never_overwritten(tmp_path: Path, visit: Json, query: str) -> None:
    template = template_of(tmp_path / "tiny", {"encounter": ENCOUNTER})
    (encounter,) = written(template, "Encounter", done=True, day="2026-11-02", **visit)
    bundle = to_fhir(derive.note(template, data_of(template, done=True, **visit)), form="transaction")
    (request,) = [entry["request"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Encounter"]
    assert (request["method"], request["url"]) == ("POST", "Encounter")
    assert unquote(request["ifNoneExist"]) == unquote(query)
    reference = {"reference": f"urn:uuid:{encounter['id']}"}
    assert {one["encounter"]["reference"] for one in resources(bundle, "Observation")} <= {reference["reference"]}
    composition = resources(bundle, "Composition")[0]
    assert composition["encounter"] == reference
    assert reference not in [entry for section in composition["section"] for entry in section.get("entry", ())]


def test_the_encounter_of_a_note_entered_in_error_stays_as_it_was(tmp_path: Path) -> None:
    template = template_of(tmp_path / "tiny", {"encounter": ENCOUNTER})
    data = data_of(template, done=True) | {"status": "entered-in-error"}
    (encounter,) = resources(to_fhir(derive.note(template, data)), "Encounter")
    assert encounter["status"] == "finished"


def test_without_its_condition_nothing_refers_to_an_encounter(tmp_path: Path) -> None:
    template = template_of(tmp_path / "tiny", {"encounter": ENCOUNTER})
    bundle = to_fhir(derive.note(template, data_of(template, words="V7", done=False)), form="transaction")
    assert not resources(bundle, "Encounter")
    assert "encounter" not in json.dumps(bundle)


def test_an_allergy_entered_in_error_says_so_as_its_type_does(tmp_path: Path) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "$each": "visit.steps", "code": {"text": {"$": "row.label"}}}
    template = template_of(tmp_path / "tiny", {"allergy": allergy | {"clinicalStatus": {"text": "active"}}})
    data = data_of(template, steps=[{"id": "a", "label": "Latex"}]) | {"status": "entered-in-error"}
    (found,) = resources(to_fhir(derive.note(template, data)), "AllergyIntolerance")
    assert found["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert not {"status", "clinicalStatus"} & set(found)
