"""A template as a Questionnaire: everything that can be recorded has its item, with unit, answers and limits."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from bounded import at_most
from test_read import TEMPLATES, of_every_example

from ci_notes import load, load_template, to_questionnaire
from ci_notes.fhir.datatypes import own_code
from ci_notes.fhir.forms.questionnaire import not_calculated
from ci_notes.fhir.forms.response import response
from ci_notes.template import Template

Json = dict[str, Any]

FORMS = {name: to_questionnaire(template) for name, template in TEMPLATES.items()}
of_every_template = pytest.mark.parametrize("name", sorted(TEMPLATES))

ANSWERS = {
    "string": "valueString", "text": "valueString", "boolean": "valueBoolean", "integer": "valueInteger",
    "quantity": "valueQuantity", "date": "valueDate", "dateTime": "valueDateTime", "choice": "valueCoding",
}  # fmt: skip


def items(holder: Json) -> Iterator[Json]:
    for item in holder.get("item", []):
        yield item
        yield from items(item)


def item_of(name: str, link_id: str) -> Json:
    return next(item for item in items(FORMS[name]) if item["linkId"] == link_id)


def extensions(item: Json, name: str) -> list[Any]:
    found = [one for one in item.get("extension", []) if one["url"].rpartition("/")[2].endswith(name)]
    return [value for one in found for key, value in one.items() if key.startswith("value")]


def codes_of(answers: list[Json]) -> set[tuple[str, str]]:
    return {(one["valueCoding"]["system"], one["valueCoding"]["code"]) for one in answers if "valueCoding" in one}


@of_every_template
def test_it_is_a_questionnaire_of_r4_by_the_models_of_others(name: str) -> None:
    from fhir.resources.R4B.questionnaire import Questionnaire  # noqa: PLC0415

    Questionnaire.model_validate(json.loads(json.dumps(FORMS[name])))


@of_every_template
def test_everything_that_can_be_recorded_has_one_item_with_its_own_code(name: str) -> None:
    found = {item["linkId"]: item for item in items(FORMS[name])}
    assert max(Counter(item["linkId"] for item in items(FORMS[name])).values()) == 1
    for path, element in TEMPLATES[name].elements.items():
        codes = [(code["system"], code["code"]) for code in found[path]["code"]]
        assert own_code(element) in codes
        assert {(code.system, code.code) for code in element.codes} <= set(codes)


@of_every_template
def test_what_others_answers_depend_on_is_in_the_form(name: str) -> None:
    found = {item["linkId"] for item in items(FORMS[name])}
    for item in items(FORMS[name]):
        assert {one["question"] for one in item.get("enableWhen", [])} <= found
        assert not (item.get("enableWhen") and extensions(item, "enableWhenExpression"))
        assert len(item.get("enableWhen", [])) < 2 or "enableBehavior" in item


@of_every_template
def test_a_number_with_a_unit_is_a_quantity_in_that_unit_and_nothing_is_a_decimal(name: str) -> None:
    assert "decimal" not in {item["type"] for item in items(FORMS[name])}
    for path, element in TEMPLATES[name].elements.items():
        item = item_of(name, path)
        if element.unit is not None:
            assert item["type"] == "quantity"
            assert [unit["code"] for unit in extensions(item, "unitOption")] == [element.unit]
            limits = [one["code"] for word in ("minQuantity", "maxQuantity") for one in extensions(item, word)]
            assert set(limits) <= {element.unit}


@of_every_template
def test_what_is_computed_cannot_be_typed_and_is_worked_out_or_listed(name: str) -> None:
    listed = {element.path for element in not_calculated(TEMPLATES[name])}
    for path, element in TEMPLATES[name].elements.items():
        item = item_of(name, path)
        assert item.get("readOnly", False) == bool(element.computed)
        if element.computed:
            assert bool(extensions(item, "calculatedExpression")) != (path in listed)
    assert listed <= {"history.formula_gravida", "operation.duration"}


@of_every_example
def test_a_response_answers_its_questionnaire_item_by_item(path: Any) -> None:
    note = load(path)
    answered, form = response(note), FORMS[note.template.id]
    assert answered["questionnaire"] == f"{form['url']}|{form['version']}"

    def compare(held: Json, asked: Json) -> None:
        order = [item["linkId"] for item in asked.get("item", [])]
        given = [item["linkId"] for item in held["item"]]
        assert [order.index(link_id) for link_id in given] == sorted(map(order.index, given))
        for item in held["item"]:
            own = asked["item"][order.index(item["linkId"])]
            if own["type"] == "group":
                compare(item, own)
            else:
                assert {key for answer in item["answer"] for key in answer} == {ANSWERS[own["type"]]}
                assert codes_of(item["answer"]) <= codes_of(own.get("answerOption", []))
                assert own.get("repeats") or len(item["answer"]) == 1

    compare(answered, form)


def test_a_length_has_its_unit_its_limits_its_codes_and_its_help() -> None:
    item = item_of("assessment", "exam.dilation")
    assert item["type"] == "quantity"
    assert extensions(item, "unitOption") == [{"system": "http://unitsofmeasure.org", "code": "cm", "display": "cm"}]
    assert extensions(item, "maxQuantity")[0]["value"] == 10
    assert [one["type"] for one in item["item"]] == ["display"]


def test_several_answers_can_be_given_or_none_of_them() -> None:
    item = item_of("assessment", "plan.choice")
    assert item["repeats"] is True
    assert item["answerOption"][-1]["valueCoding"]["display"] == "None of these"
    assert extensions(item["answerOption"][-1], "optionExclusive") == [True]


def test_an_answer_carries_the_standard_codes_beside_ours() -> None:
    known = [
        (element.path, option) for element in TEMPLATES["assessment"] for option in element.options
        if option.codes and element.kind == "choice"
    ]  # fmt: skip
    path, option = known[0]
    codings = [one["valueCoding"] for one in item_of("assessment", path)["answerOption"]]
    own = next(one for one in codings if one["code"].endswith(f".{option.value}"))
    (same,) = extensions(own, "alternate-codes")
    assert same["coding"][0]["code"] == option.codes[0].code


def test_a_condition_that_enablewhen_can_say_is_said_by_it_and_the_rest_in_fhirpath() -> None:
    in_place = {"question": "cerclage.in_place", "operator": "=", "answerBoolean": True}
    assert item_of("assessment", "cerclage.technique")["enableWhen"] == [in_place]
    (written,) = extensions(item_of("assessment", "symptoms.reduced_movements"), "enableWhenExpression")
    assert "%pregnancyGa" in written["expression"]


def test_only_the_date_of_the_note_must_be_answered_whatever_else_is() -> None:
    for form in FORMS.values():
        assert [item["linkId"] for item in items(form) if item.get("required")] == ["note.date"]


def test_the_biggest_one_is_written_within_a_second() -> None:
    template: Template = load_template("assessment")
    with at_most(1):
        to_questionnaire(template)
