"""A bundle gives back the note it was made from, and nothing that calls itself a bundle can do harm."""

import contextlib
import copy
import json
import math
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bundles import anonymous, discrete, resources, shuffled
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import (
    InputError,
    catalogue,
    check,
    dating,
    derive,
    from_fhir,
    load,
    load_template,
    read_fhir,
    render,
    to_fhir,
)
from ci_notes.element import ABSENCES, Element
from ci_notes.fhir.bundle import FORMS
from ci_notes.fhir.datatypes import RESOURCE
from ci_notes.fhir.reading.ours import template_in
from ci_notes.template import HEADER, Template

Json = dict[str, Any]

EXAMPLES = [
    pytest.param(path, id=f"{folder.name}-{path.name.removesuffix('.note.json')}")
    for folder in catalogue().values()
    for path in sorted((folder / "examples").glob("*.note.json"))
]
of_every_example = pytest.mark.parametrize("path", EXAMPLES)
in_every_form = pytest.mark.parametrize("form", FORMS)


# --- the notes of the examples -------------------------------------------------------------------------------------


@of_every_example
@in_every_form
def test_a_note_comes_back_as_it_was(path: Path, form: str) -> None:
    note = load(path)
    bundle = json.loads(json.dumps(to_fhir(note, render(note), form=form)))
    assert from_fhir(bundle, note.template) == note.data
    assert template_in(bundle) == note.template.id


@of_every_example
@in_every_form
def test_a_note_comes_back_from_its_resources_alone_in_any_order(path: Path, form: str) -> None:
    note = load(path)
    bundle = discrete(to_fhir(note, render(note), form=form))
    assert "QuestionnaireResponse" not in {one["resource"]["resourceType"] for one in bundle["entry"]}
    assert from_fhir(bundle, note.template) == note.data
    reading = read_fhir(shuffled(bundle), note.template)
    assert reading.data == note.data
    assert not reading.left, "all of it is ours, so nothing was left out"


@of_every_example
@in_every_form
def test_a_note_comes_back_when_a_server_gave_everything_new_ids(path: Path, form: str) -> None:
    note = load(path)
    bundle = anonymous(discrete(to_fhir(note, render(note), form=form)))
    assert RESOURCE not in json.dumps(bundle)
    as_it_was = renumbered(dict(note.data), note.template)
    back = from_fhir(bundle, note.template, note_id=note.id)
    assert renumbered(back, note.template) == as_it_was
    assert renumbered(from_fhir(shuffled(bundle), note.template, note_id=note.id), note.template) == as_it_was


@of_every_example
def test_the_order_of_the_entries_is_all_there_is_where_addresses_are_gone(path: Path) -> None:
    note = load(path)
    bundle = discrete(to_fhir(note))
    for entry in bundle["entry"]:
        del entry["fullUrl"], entry["resource"]["id"]
    assert from_fhir(bundle, note.template) == note.data
    by_id = {spot: sorted(rows, key=str) for spot, rows in rows_of(dict(note.data), note.template)}
    back = from_fhir(bundle | {"entry": bundle["entry"][::-1]}, note.template)
    assert {spot: sorted(rows, key=str) for spot, rows in rows_of(back, note.template)} == by_id
    assert without_rows(back, note.template) == without_rows(dict(note.data), note.template)


@of_every_example
@pytest.mark.parametrize("change", [dict, anonymous], ids=["as-sent", "anonymous"])
def test_a_lean_bundle_comes_back_by_what_was_answered(path: Path, change: Callable[[Json], Json]) -> None:
    note = load(path)
    bundle = change(to_fhir(note, render(note), detail="lean"))
    assert from_fhir(bundle, note.template, note_id=note.id) == note.data
    (answered,) = resources(bundle, "QuestionnaireResponse")
    assert read_fhir(answered, note.template, note_id=note.id).data == note.data


def rows_of(data: Json, template: Template) -> Iterator[tuple[str, list[Json]]]:
    for element in template:
        section, _, name = element.path.partition(".")
        rows = (data if section == HEADER else data.get(section, {})).get(name)
        if element.kind == "group" and isinstance(rows, list):
            yield element.path, rows


def renumbered(data: Json, template: Template) -> Json:
    """Return a note with its rows numbered, so that notes can be compared whose rows lost their ids."""
    data = copy.deepcopy(data)
    for _, rows in rows_of(data, template):
        for number, row in enumerate(rows):
            row["id"] = number
    return data


def without_rows(data: Json, template: Template) -> Json:
    data = copy.deepcopy(data)
    for _, rows in rows_of(data, template):
        rows.clear()
    return data


# --- any note at all -----------------------------------------------------------------------------------------------

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,12}", fullmatch=True)
PRINTABLE = st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"])
TEXTS = st.text(PRINTABLE, min_size=1, max_size=30).filter(str.strip)


def _matching(pattern: str) -> st.SearchStrategy[str]:
    """Return texts of a JSON Schema pattern, whose $ is the end; that of `re` stands before a last line break too."""
    strict = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    return st.from_regex(strict, alphabet=PRINTABLE)


@st.composite
def moments(draw: st.DrawFn) -> str:
    day = draw(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
    clock = draw(st.times()).isoformat("seconds")
    return f"{day}T{clock}{draw(st.sampled_from(['Z', '+00:00', '-05:00', '+05:45', '+14:00', '.250-11:00']))}"


@st.composite
def gestations(draw: st.DrawFn) -> str:
    low = draw(st.integers(0, 44 * 7))
    return dating.write_gestation((low, low + draw(st.sampled_from([0, 0, 6, 13, 3]))))


def values(element: Element) -> st.SearchStrategy[Any]:
    """Return the values that an element may have."""
    low, high = element.shape.get("minimum"), element.shape.get("maximum")
    options = st.sampled_from([option.value for option in element.options] or [""])
    least, most = low if low is not None else -100, high or 100
    tenths, whole = st.integers(math.ceil(10 * least), math.floor(10 * most)), (math.ceil(least), math.floor(most))
    made: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "text": lambda: _matching(element.shape["pattern"]) if "pattern" in element.shape else TEXTS,
        "boolean": st.booleans,
        "integer": lambda: st.integers(low, high),
        "quantity": lambda: tenths.map(lambda number: number / 10) | st.integers(*whole),
        "date": lambda: st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat),
        "datetime": moments,
        "gestational-age": gestations,
        "choice": lambda: options,
        "choices": lambda: st.lists(options, unique=True, max_size=len(element.options)),
        "group": lambda: rows(element),
    }
    return made[element.kind]()


def absences() -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"absent": st.sampled_from(list(ABSENCES))}, optional={"reason": TEXTS})


def recorded(elements: list[Element]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {}, optional={one.name: values(one) | absences() for one in elements if not one.computed}
    )


def rows(element: Element) -> st.SearchStrategy[list[Json]]:
    row = st.builds(lambda name, held: {"id": name, **held}, NAMES, recorded(list(element.rows)))
    return st.lists(row, max_size=4, unique_by=lambda one: one["id"])


@st.composite
def notes_of(draw: st.DrawFn, template: Template) -> Json:
    """Draw a note of a template: any of its elements, each with a value or with the reason why there is none."""
    data: Json = {"id": draw(NAMES), "template": template.id, "version": template.version}
    for section in template.sections:
        fixed = [one for one in section if one.path in (f"{HEADER}.status", f"{HEADER}.date")]
        held = {one.name: draw(values(one)) for one in fixed}
        held |= draw(recorded([one for one in section if one not in fixed]))
        if section.name == HEADER:
            data |= held
        elif held:
            data[section.name] = held
    return data


TEMPLATES = {name: load_template(name) for name in sorted(catalogue())}
ANY_NOTE = st.sampled_from(list(TEMPLATES)).flatmap(lambda name: notes_of(TEMPLATES[name]))


def read(data: Json) -> derive.Note:
    return derive.note(TEMPLATES[data["template"]], data)


@given(ANY_NOTE, st.sampled_from(FORMS))
def test_any_note_comes_back_as_it_was(data: Json, form: str) -> None:
    note = read(data)
    assert not note.problems
    assert from_fhir(json.loads(json.dumps(to_fhir(note, render(note), form=form))), note.template) == data


@given(ANY_NOTE)
def test_any_note_comes_back_from_its_resources_alone(data: Json) -> None:
    note = read(data)
    assert from_fhir(shuffled(discrete(to_fhir(note))), note.template) == data


@given(ANY_NOTE)
def test_any_note_comes_back_when_a_server_gave_everything_new_ids(data: Json) -> None:
    note = read(data)
    back = from_fhir(shuffled(anonymous(discrete(to_fhir(note)))), note.template, note_id=note.id)
    assert renumbered(back, note.template) == renumbered(data, note.template)


@given(ANY_NOTE)
def test_any_note_is_checked_and_told_alike_with_and_without_its_trace(data: Json) -> None:
    note = read(data)
    check(note, today="2026-11-21")
    plain, traced = render(note), render(note, trace=True)
    assert " ".join(one.text for one in plain) == " ".join(one.text for one in traced)


@given(ANY_NOTE)
def test_a_note_that_has_come_back_makes_the_same_bundle_again(data: Json) -> None:
    bundle = to_fhir(read(data))
    assert to_fhir(read(from_fhir(bundle, TEMPLATES[data["template"]]))) == bundle


# --- what is missing, foreign or hostile ---------------------------------------------------------------------------


def test_what_a_bundle_does_not_say_stays_untouched(assessment: Template, note_data: Json) -> None:
    bundle = to_fhir(derive.note(assessment, note_data))
    kept = [entry for entry in bundle["entry"] if "cervical" not in json.dumps(entry["resource"]).lower()]
    back = from_fhir(bundle | {"entry": kept}, assessment)
    assert "diagnosis" not in back
    assert back["patient"] == note_data["patient"]


def test_an_element_is_known_by_its_standard_code_alone(assessment: Template, note_data: Json) -> None:
    bundle = to_fhir(derive.note(assessment, note_data))
    gravida = next(
        one["resource"] for one in bundle["entry"] if "11996-6" in json.dumps(one["resource"].get("code", {}))
    )
    gravida["code"]["coding"] = [code for code in gravida["code"]["coding"] if code["system"] == "http://loinc.org"]
    assert from_fhir(bundle, assessment)["history"]["gravida"] == note_data["history"]["gravida"]


@pytest.mark.parametrize(
    ("unit", "read"), [("mm", {"dilation": 0.2}), ("[in_i]", {"dilation": 5.1}), ("kg", {}), ("", {})]
)
def test_a_quantity_in_another_unit_is_converted_or_left(
    assessment: Template, note_data: Json, unit: str, read: Json
) -> None:
    note_data["exam"] = {"dilation": 2}
    bundle = to_fhir(derive.note(assessment, note_data))
    written = json.dumps(bundle)
    assert '"code": "cm"' in written
    other = json.loads(written.replace('"code": "cm"', f'"code": "{unit}"'))
    assert from_fhir(other, assessment).get("exam", {}) == read


@pytest.mark.parametrize("first", [True, False])
def test_what_others_added_does_not_overrule_the_note(assessment: Template, note_data: Json, first: bool) -> None:
    note_data["vitals"] = {"weight": 68}
    bundle = to_fhir(derive.note(assessment, note_data))
    weighed = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
    theirs: Json = {"resourceType": "Observation", "status": "final", "code": weighed}
    theirs["valueQuantity"] = {"value": 99, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    entries = [{"resource": theirs}, *bundle["entry"]] if first else [*bundle["entry"], {"resource": theirs}]
    assert from_fhir({**bundle, "entry": entries}, assessment)["vitals"] == {"weight": 68}


def added(bundle: Json, *theirs: Json) -> Json:
    """Return a bundle to which somebody else added resources, before and after ours."""
    entries = [
        {"fullUrl": f"https://other.example/{one['resourceType']}/{one['id']}", "resource": one} for one in theirs
    ]
    return {**bundle, "entry": [*entries, *bundle["entry"], *entries[:0]]}


def of_the_patient(bundle: Json) -> Json:
    patient = next(one for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    return {"reference": patient["fullUrl"]}


@pytest.mark.parametrize("change", [dict, anonymous], ids=["as-sent", "anonymous"])
def test_what_others_added_is_not_of_the_note_and_is_told(
    assessment: Template, note_data: Json, change: Callable[[Json], Json]
) -> None:
    note_data["allergies"] = {"any": True, "list": [{"id": "a1", "substance": "latex"}]}
    note_data["medications"] = {"any": True, "list": [{"id": "m1", "drug": "nifedipine"}]}
    note = derive.note(assessment, note_data)
    bundle = change(discrete(to_fhir(note)))
    hers = of_the_patient(bundle)
    theirs: list[Json] = [
        {"resourceType": "AllergyIntolerance", "id": "x1", "patient": hers, "code": {"text": "Pollen"}},
        {"resourceType": "MedicationStatement", "id": "x2", "status": "active", "subject": hers,
         "medicationCodeableConcept": {"text": "Vitamin D"}},
        {"resourceType": "Observation", "id": "x3", "status": "final", "subject": hers,
         "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
         "valueQuantity": {"value": 90, "code": "/min"}},
        {"resourceType": "Practitioner", "id": "x4", "name": [{"text": "Dr Somebody Else"}]},
    ]  # fmt: skip
    reading = read_fhir(added(bundle, *theirs), assessment, note.id)
    assert renumbered(reading.data, assessment) == renumbered(note_data, assessment)
    told = {one.source: one.why for one in reading.left}
    assert told == dict.fromkeys(
        ["AllergyIntolerance/x1", "MedicationStatement/x2", "Observation/x3", "Practitioner/x4"], "not-of-the-note"
    )


def test_what_is_of_another_patient_is_not_taken_though_it_looks_like_ours(
    assessment: Template, note_data: Json
) -> None:
    note_data["vitals"] = {"weight": 68}
    bundle = discrete(to_fhir(derive.note(assessment, note_data)))
    weighed = next(
        one["resource"] for one in bundle["entry"] if "29463-7" in json.dumps(one["resource"].get("code", {}))
    )
    weighed["subject"] = {"reference": "Patient/somebody-else"}
    reading = read_fhir(bundle, assessment)
    assert "vitals" not in reading.data
    assert [(one.what, one.why) for one in reading.left] == [("Weight", "another-patient")]


def test_what_was_entered_in_error_is_told(assessment: Template, note_data: Json) -> None:
    note_data["vitals"] = {"weight": 68}
    bundle = discrete(to_fhir(derive.note(assessment, note_data)))
    weighed = next(
        one["resource"] for one in bundle["entry"] if "29463-7" in json.dumps(one["resource"].get("code", {}))
    )
    weighed["status"] = "entered-in-error"
    reading = read_fhir(bundle, assessment)
    assert "vitals" not in reading.data
    assert [(one.what, one.why) for one in reading.left] == [("Weight", "in-error")]


def test_where_answers_and_resources_differ_it_is_told(assessment: Template, note_data: Json) -> None:
    note_data["vitals"] = {"weight": 68}
    for detail, kept in (("full", 70), ("lean", 68)):
        bundle = to_fhir(derive.note(assessment, note_data), detail=detail)
        weighed = next(
            one["resource"] for one in bundle["entry"] if "29463-7" in json.dumps(one["resource"].get("code", {}))
        )
        weighed["valueQuantity"]["value"] = 70
        reading = read_fhir(bundle, assessment)
        assert reading.data["vitals"] == {"weight": kept}
        assert [(one.what, one.why) for one in reading.left] == [("vitals.weight", "contradiction")]


def test_two_patients_in_one_bundle_are_refused(assessment: Template, note_data: Json) -> None:
    bundle = to_fhir(derive.note(assessment, note_data))
    patient = next(one for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    with pytest.raises(InputError, match="2 patients"):
        from_fhir(bundle | {"entry": [*bundle["entry"], patient]}, assessment)


@pytest.mark.parametrize(
    "other", [None, 7, "Bundle", [], {}, {"resourceType": "Patient"}, {"resourceType": ["Bundle"]}]
)
def test_what_is_no_bundle_is_refused_in_words(assessment: Template, other: Any) -> None:
    with pytest.raises(InputError, match="Bundle is wanted"):
        from_fhir(other, assessment)
    with pytest.raises(InputError, match="Bundle is wanted"):
        template_in(other)


def test_a_bundle_of_somebody_else_says_that_it_is_not_ours() -> None:
    with pytest.raises(InputError, match="written by somebody else"):
        template_in(
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient"}}]}
        )


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


JUNK = st.sampled_from(
    [None, True, 0, -1, 1e308, 2.5, "", "x", [], {}, [None], [[]], [0], {"x": 1}, [{}], {"coding": 3}]
)


@given(
    path=st.sampled_from([each.values[0] for each in EXAMPLES]),
    changes=st.lists(st.tuples(st.integers(0, 10**6), JUNK, st.booleans()), min_size=1, max_size=4),
)
def test_a_damaged_bundle_is_refused_or_read_as_far_as_it_goes(path: Path, changes: list[Any]) -> None:
    note = load(path)
    bundle = to_fhir(note, render(note))
    for where, junk, everywhere in changes:
        spots = list(places(bundle))
        chosen = spots[where % len(spots)]
        alike = [one for one in spots if one[-1] == chosen[-1]] if everywhere else [chosen]
        for spot in reversed(alike):
            holder = bundle
            for step in spot[:-1]:
                holder = holder[step]
            holder[spot[-1]] = copy.deepcopy(junk)
    with contextlib.suppress(InputError):
        template_in(bundle)
        back = from_fhir(bundle, note.template)
        check(derive.note(note.template, back), today="2026-11-21")
