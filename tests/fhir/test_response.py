"""A note as a QuestionnaireResponse: all of it is there, and comes back."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_read import ANY_NOTE, JUNK, TEMPLATES, of_every_example, places, read

from ci_notes import InputError, check, derive, load, to_fhir
from ci_notes.fhir.forms.answered import gestation, read_response, template_of
from ci_notes.fhir.forms.response import response
from ci_notes.template import Template

Json = dict[str, Any]


def items_of(answered: Json, link_id: str) -> list[Json]:
    inner = [found for item in answered.get("item", []) for found in items_of(item, link_id)]
    return inner + [item for item in answered.get("item", []) if item["linkId"] == link_id]


@of_every_example
def test_a_note_comes_back_as_it_was(path: Path) -> None:
    note = load(path)
    answered = json.loads(json.dumps(response(note)))
    assert read_response(note.template, answered) == note.data
    assert template_of(answered) == note.template.id


@given(ANY_NOTE)
def test_any_note_comes_back_as_it_was(data: Json) -> None:
    note = read(data)
    back = read_response(note.template, json.loads(json.dumps(response(note))))
    assert back == data
    assert [*back] == [*read_response(note.template, response(read(back)))]


def test_what_an_earlier_note_says_is_not_answered() -> None:
    given = [{"id": "a1", "drug": "cefazolin", "dose": 2, "unit": "g", "at": "2026-10-03T09:00:00.000Z"}]
    head = {"template": "cerclage", "status": "draft", "date": "2026-11-03T10:00:00+00:00"}
    before = read({**head, "id": "before", "operation": {"antibiotics": given}})
    alone = {**head, "id": "after", "operation": {"counts_correct": True}}
    assert response(derive.note(TEMPLATES["cerclage"], alone, earlier=[before])) == response(read(alone))


def test_a_bundle_carries_it_and_its_composition_leads_to_it(assessment: Template, note_data: Json) -> None:
    for form, detail in (("document", "full"), ("transaction", "lean")):
        bundle = to_fhir(derive.note(assessment, note_data), form=form, detail=detail)
        (entry,) = [one for one in bundle["entry"] if one["resource"]["resourceType"] == "QuestionnaireResponse"]
        composed = bundle["entry"][0]["resource"]
        assert {"reference": entry["fullUrl"]} in [one for part in composed["section"] for one in part["entry"]]
        assert entry["resource"]["subject"] == composed["subject"]
        assert entry["resource"]["author"] == composed["author"][0]
        assert read_response(assessment, entry["resource"]) == note_data


@pytest.mark.parametrize(("vitals", "shown"), [({"temp": 37}, False), ({"rr": 16}, True), ({}, False)])
def test_what_is_asked_on_request_alone_is_shown_where_it_was_answered(
    assessment: Template, note_data: Json, vitals: Json, shown: bool
) -> None:
    note_data["vitals"] = vitals
    assert bool(items_of(response(derive.note(assessment, note_data)), "vitals-more")) is shown


def test_what_is_computed_is_shown_and_not_read(assessment: Template, note_data: Json) -> None:
    answered = response(derive.note(assessment, note_data))
    (item,) = items_of(answered, "ultrasound.shortest")
    assert item["answer"] == [
        {"valueQuantity": {"value": 22, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}}
    ]
    assert "shortest" not in read_response(assessment, answered)["ultrasound"]


def test_a_form_that_knows_no_ids_of_rows_has_its_rows_numbered(assessment: Template, note_data: Json) -> None:
    answered = response(derive.note(assessment, note_data))
    for row in items_of(answered, "history.prior"):
        row["item"] = [item for item in row["item"] if item["linkId"] != "history.prior.id"]
    back = read_response(assessment, answered)["history"]["prior"]
    assert [row["id"] for row in back] == ["r1", "r2"]


def test_an_absence_in_a_row_can_name_the_row_by_its_number(assessment: Template, note_data: Json) -> None:
    note_data["history"]["prior"] = [{"id": "x", "ga_end": "20w"}, {"id": "y", "onset": {"absent": "asked-unknown"}}]
    answered = response(derive.note(assessment, note_data))
    rows = items_of(answered, "absent.row")
    assert [row["answer"] for row in rows] == [[{"valueString": "y"}]]
    rows[0]["answer"] = [{"valueString": "2"}]
    assert read_response(assessment, answered)["history"]["prior"] == note_data["history"]["prior"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("23w4d", "23w4d"), ("23+4", "23w4d"), ("23 w", "23w"), ("23w0d-23w6d", "23w"), ("23+0-24+6", "23w-24w"),
     ("23.5", None), ("soon", None), (None, None), (23, None)],
)  # fmt: skip
def test_a_gestational_age_is_read_as_clinicians_type_it(typed: Any, kept: str | None) -> None:
    assert gestation(typed) == kept


@pytest.mark.parametrize(
    ("offset", "exported", "kept"),
    [
        ("-05:00", "2026-11-04T02:40:00.000Z", "2026-11-03T21:40:00-05:00"),
        ("+05:45", "2026-11-03T20:00:00.000Z", "2026-11-04T01:45:00+05:45"),
        ("Z", "2026-11-03T20:00:00.000Z", "2026-11-03T20:00:00Z"),
        ("-05:00", "2026-11-03T20:00:00Z", "2026-11-03T20:00:00Z"),
        ("soon", "2026-11-03T20:00:00.000Z", "2026-11-03T20:00:00.000Z"),
    ],
)
def test_a_moment_that_a_form_wrote_in_utc_is_read_as_the_clock_at_the_place_showed_it(
    assessment: Template, note_data: Json, offset: str, exported: str, kept: str
) -> None:
    answered = response(derive.note(assessment, note_data))
    items_of(answered, "note.offset")[0]["answer"] = [{"valueString": offset}]
    items_of(answered, "note.date")[0]["answer"] = [{"valueDateTime": exported}]
    assert read_response(assessment, answered)["date"] == kept


def test_a_length_in_centimetres_is_read_in_millimetres_and_in_grams_not_at_all(assessment: Template) -> None:
    quantity = {"value": 2.2, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"}
    answered = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://w3id.org/ci-notes/Questionnaire/assessment",
        "status": "completed",
        "item": [
            {"linkId": "ultrasound", "item": [
                {"linkId": "ultrasound.funnel_length", "answer": [{"valueQuantity": quantity}]},
                {"linkId": "ultrasound.length_after_stress", "answer": [{"valueQuantity": {**quantity, "code": "g"}}]},
            ]},
        ],
    }  # fmt: skip
    assert read_response(assessment, answered)["ultrasound"] == {"funnel_length": 22}


@pytest.mark.parametrize(
    ("answered", "message"),
    [
        (None, "a QuestionnaireResponse is wanted"),
        ({"resourceType": "Bundle"}, "a QuestionnaireResponse is wanted"),
        ({"questionnaire": "https://w3id.org/ci-notes/Questionnaire/removal|1"}, "not that of assessment"),
        ({"questionnaire": "https://other.example/Questionnaire/assessment"}, "under https://w3id.org/ci-notes"),
    ],
)
def test_what_answers_something_else_is_refused_in_words(assessment: Template, answered: Any, message: str) -> None:
    if answered and "questionnaire" in answered:
        answered = {"resourceType": "QuestionnaireResponse", **answered}
    with pytest.raises(InputError, match=message):
        read_response(assessment, answered)


@given(ANY_NOTE, st.lists(st.tuples(st.integers(0, 10**6), JUNK), min_size=1, max_size=5))
def test_a_damaged_response_is_refused_or_read_as_far_as_it_goes(noted: Json, changes: list[Any]) -> None:
    answered = response(read(noted))
    for where, junk in changes:
        spots = list(places(answered))
        *steps, last = spots[where % len(spots)]
        holder: Any = answered
        for step in steps:
            holder = holder[step]
        holder[last] = junk
    try:
        back = read_response(TEMPLATES[noted["template"]], answered)
    except InputError:
        return
    check(derive.note(TEMPLATES[noted["template"]], back), today="2026-11-21")
