"""A form asks what the terminal asks, and computes what we compute, for any answers: by the FHIRPath of others."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import forms
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inputs import SAMPLE
from test_read import EXAMPLES, TEMPLATES, notes_of, read

from ci_notes import derive, load
from ci_notes.fhir.forms.items import more, no_rows
from ci_notes.fhir.forms.questionnaire import not_calculated
from ci_notes.fhir.forms.response import response
from ci_notes.interview import Interview

Json = dict[str, Any]

SHOWN = EXAMPLES[::3] if SAMPLE else EXAMPLES
"""The examples whose answers a form is given; our own code is asked about all of them."""

_STARTED: dict[str, forms.Script] = {}


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    while _STARTED:
        _STARTED.popitem()[1].end()


def engine(template: str) -> forms.Script:
    if template not in _STARTED:
        _STARTED[template] = forms.Script("conditions.mjs")
        _STARTED[template].tell(forms.questionnaire(TEMPLATES[template]))
    return _STARTED[template]


def of_the_form(note: derive.Note, shown: set[str]) -> tuple[set[forms.Place], Json]:
    """Return what a form asks of a note's answers with more shown in some sections, and what it computes."""
    answered = response(note)
    for section in answered["item"][:]:
        name = section["linkId"]
        section["item"] = [item for item in section["item"] if item["linkId"] != more(name)]
        if name in shown:
            section["item"].append({"linkId": more(name), "answer": [{"valueBoolean": True}]})
    present = {section["linkId"] for section in answered["item"]}
    for name in shown - present:
        flag = {"linkId": more(name), "answer": [{"valueBoolean": True}]}
        answered["item"].append({"linkId": name, "item": [flag]})
    found = engine(note.template.id).ask(answered)
    # Where it is recorded that a group has no rows, its question is the one that says so.
    denied = {no_rows(path): path for path, one in note.template.elements.items() if one.kind == "group"}
    enabled = [(denied.get(path, path), row) for path, row in found["enabled"]]
    return forms.elements_of(note.template, enabled), found["calculated"]


def test_the_terminal_itself_asks_what_these_tests_compare_with() -> None:
    for case in EXAMPLES:
        note = load(case.values[0])
        # A section with values to be confirmed is one question there, until somebody said yes or no.
        data = {key: value for key, value in note.data.items() if key != "carried"}
        interview = Interview(note.template, data, lambda: "new")
        parts = [part for question in interview.questions() for part in question.parts() if part.element]
        listed = {(part.element.path, part.row) for part in parts if part.element}
        alone = {(f"{path}.{one.name}", row.row) for path, row_list in note.record.rows.items()
                 for row in row_list for one in [note.template.elements[path].rows[0]]
                 if len(note.template.elements[path].rows) == 1 and (path, "") in listed}  # fmt: skip
        # The terminal sets the date of a note by the clock, a form has no other way than to ask for it.
        assert forms.asked(note, set()) == listed | alone | {("note.date", "")}


@pytest.mark.parametrize("path", SHOWN)
def test_a_form_asks_what_the_terminal_asks_of_an_example(path: Any) -> None:
    note = load(path)
    for shown in (set(), {section.name for section in note.template.sections}):
        assert of_the_form(note, shown)[0] == forms.asked(note, shown)


@cache
def of_any_template() -> st.SearchStrategy[Any]:
    named = st.sampled_from(sorted(TEMPLATES))
    return named.flatmap(
        lambda name: st.tuples(notes_of(TEMPLATES[name]), st.sets(st.sampled_from(_sections_with_more(name))))
    )


def _sections_with_more(name: str) -> list[str]:
    return [section["linkId"] for section in forms.questionnaire(TEMPLATES[name])["item"]
            if any(item["linkId"] == more(section["linkId"]) for item in section["item"])]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(of_any_template())
def test_a_form_asks_what_the_terminal_asks_of_any_note(drawn: tuple[Json, set[str]]) -> None:
    data, shown = drawn
    note = read(data)
    assert of_the_form(note, shown)[0] == forms.asked(note, shown)


@pytest.mark.parametrize("path", SHOWN)
def test_a_form_computes_what_we_compute_of_an_example(path: Any) -> None:
    computes_the_same(load(path))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(of_any_template())
def test_a_form_computes_what_we_compute_of_any_note(drawn: tuple[Json, set[str]]) -> None:
    computes_the_same(read(drawn[0]))


def computes_the_same(note: derive.Note) -> None:
    _, calculated = of_the_form(note, set())
    unsaid = {element.path for element in not_calculated(note.template)}
    for path, _ in note.template.computed:
        if path in calculated:
            assert shown(calculated[path]) == ours(note, path), path
        else:
            section = note.template.section(path.partition(".")[0])
            assert path in unsaid or note.template.elements[path].asked or (section and section.asked), path


def shown(value: list[Any]) -> Any:
    if not value:
        return None
    text = str(value[0]).partition(" ")[0]
    return pytest.approx(float(text), rel=1e-9) if _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def ours(note: derive.Note, path: str) -> Any:
    value = note.record.values.get(path)
    return float(value) if isinstance(value, int | float) else value
