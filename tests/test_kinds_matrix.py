"""Every kind of element works in every output: a new kind, or a new output, is red here until nothing is missing."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ci_notes import _data, check, derive, from_fhir, kinds, render, shape, to_fhir, wording
from ci_notes.fhir import datatypes
from ci_notes.library import compile_template
from ci_notes.template import Template

ORDERED = {"integer", "quantity", "date", "datetime", "gestational-age"}

TABLES: dict[str, tuple[Mapping[str, Any], set[str]]] = {
    "the shape of a value": (kinds.SHAPES, set()),
    "what a wrong value should have been": (shape._WANTED, set()),
    "how a value is said": (wording.SAY, set()),
    # Several answers are components of one Observation, and rows are Observations of their own.
    "the value[x] of an Observation": (datatypes.VALUES, {"choices", "group"}),
    "the place on the number line": (kinds.SPANS, set(kinds.KINDS) - ORDERED),
    # A moment is recorded, never computed.
    "what is computed": (kinds.UNSPAN, {*(set(kinds.KINDS) - ORDERED), "datetime"}),
}
"""Each table with the kinds it rightly lacks."""

OPTIONS = [{"const": "one", "title": "First answer"}, {"const": "two", "title": "Second answer"}]

ELEMENTS: dict[str, dict[str, Any]] = {
    "text": {"title": "Text", "type": "string"},
    "boolean": {"title": "Yes or no", "type": "boolean"},
    "integer": {"title": "Count", "type": "integer"},
    "quantity": {"title": "Length", "type": "number", "x-ci": {"unit": "mm"}},
    "date": {"title": "Day", "type": "string", "format": "date"},
    "datetime": {"title": "Moment", "type": "string", "format": "moment"},
    "gestational-age": {"title": "Gestation", "type": "string", "format": "gestational-age"},
    "choice": {"title": "Choice", "type": "string", "oneOf": OPTIONS},
    "choices": {"title": "Choices", "type": "array", "items": {"type": "string", "oneOf": OPTIONS}},
    "group": {
        "title": "Rows",
        "type": "array",
        "items": {"type": "object", "properties": {"inside": {"title": "Inside", "type": "integer"}}},
    },
}

SAMPLES: list[tuple[str, Any, str]] = [
    ("text", "Dr. O'Neil <x> & Co. said: «no»", "Dr. O'Neil <x> & Co. said: «no»"),
    ("boolean", True, "yes"),
    ("boolean", False, "no"),
    ("integer", 0, "0"),
    ("integer", 3, "3"),
    ("quantity", 0, "0 mm"),
    ("quantity", 22, "22 mm"),
    ("quantity", 22.5, "22.5 mm"),
    ("quantity", 0.1, "0.1 mm"),
    ("date", "2028-02-29", "29 February 2028"),
    ("datetime", "2026-11-03T23:59:59+01:00", "3 November 2026 at 23:59"),
    ("datetime", "2026-11-03T00:00:00Z", "3 November 2026 at 00:00"),
    ("datetime", "2026-11-03T14:20:00.125-05:00", "3 November 2026 at 14:20"),
    ("gestational-age", "22w3d", "22+3 weeks"),
    ("gestational-age", "22w", "22 weeks"),
    ("gestational-age", "22w-23w", "22 to 23 weeks"),
    ("gestational-age", "22w1d-23w5d", "22+1 to 23+5 weeks"),
    ("choice", "two", "second answer"),
    ("choices", ["one"], "first answer"),
    ("choices", ["two", "one"], "second answer and first answer"),
    ("group", [{"id": "r1", "inside": 4}, {"id": "r2", "inside": 4}], "2"),
]


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Return a template with one element of each kind, alone and inside rows."""
    folder = tmp_path_factory.mktemp("pack") / "every-kind"
    folder.mkdir()
    alone = {kind.replace("-", "_"): element for kind, element in ELEMENTS.items()}
    inside = {name: element for name, element in alone.items() if name != "group"}
    rows = {"title": "Rows of every kind", "type": "array", "items": {"type": "object", "properties": inside}}
    schema = {
        "title": "Every kind",
        "x-ci": {"version": "0.1.0"},
        "properties": {
            "one": {"title": "One of each", "type": "object", "properties": alone},
            "many": {"title": "Rows", "type": "object", "properties": {"rows": rows}},
        },
    }
    lines = [f"{{% if one.{name} is known %}}«{{{{ one.{name} }}}}».{{% endif %}}" for name in alone]
    rowed = [f"{{% if row.{name} is known %}}«{{{{ row.{name} }}}}».{{% endif %}}" for name in inside]
    narrative = "\n\n".join(
        ["{% block one %}", *lines, "{{ one | gaps }}\n{% endblock %}{% block many %}{% for row in many.rows %}"]
    ) + "\n\n".join([*rowed, "{{ row | gaps }}\n{% endfor %}{% endblock %}"])
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "narrative.en.j2").write_text(narrative)
    return compile_template(folder, _data.folder("templates"))


def holding(template: Template, **sections: Any) -> dict[str, Any]:
    return {
        "id": "n1",
        "template": template.id,
        "version": "0.1.0",
        "status": "final",
        "date": "2026-11-03T14:20:00+00:00",
        **sections,
    }


def came_through(template: Template, data: dict[str, Any]) -> str:
    """Return the text of a note, after every station has read it and FHIR has given it back unchanged."""
    note = derive.note(template, data)
    assert not note.problems
    assert not [finding for finding in check(note) if finding.rule not in ("required", "R168")]
    assert from_fhir(to_fhir(note), template) == data
    return " ".join(sentence.text for sentence in render(note))


@pytest.mark.parametrize("output", TABLES)
def test_an_output_has_a_row_for_every_kind(output: str) -> None:
    table, without = TABLES[output]
    assert set(table) == set(kinds.KINDS) - without


def test_every_kind_has_an_element_and_a_sample_here() -> None:
    assert set(ELEMENTS) == {kind for kind, _, _ in SAMPLES} == set(kinds.KINDS)


@pytest.mark.parametrize(("kind", "value", "words"), SAMPLES)
def test_a_value_of_every_kind_is_told_and_comes_back_from_fhir(
    every_kind: Template, kind: str, value: Any, words: str
) -> None:
    data = holding(every_kind, one={kind.replace("-", "_"): value})
    assert f"«{words}»" in came_through(every_kind, data)


@pytest.mark.parametrize(("kind", "value", "words"), [sample for sample in SAMPLES if sample[0] != "group"])
def test_a_value_of_every_kind_is_told_and_comes_back_from_a_row(
    every_kind: Template, kind: str, value: Any, words: str
) -> None:
    name = kind.replace("-", "_")
    data = holding(every_kind, many={"rows": [{"id": "a"}, {"id": "b", name: value}, {"id": "c", name: value}]})
    assert came_through(every_kind, data).count(f"«{words}»") == 2


@pytest.mark.parametrize("kind", kinds.KINDS)
@pytest.mark.parametrize("absence", [{"absent": "asked-declined"}, {"absent": "not-performed", "reason": "No time"}])
def test_the_reason_why_a_value_of_any_kind_is_missing_is_told_and_comes_back(
    every_kind: Template, kind: str, absence: dict[str, str]
) -> None:
    name = kind.replace("-", "_")
    text = came_through(every_kind, holding(every_kind, one={name: absence}))
    assert wording_of(every_kind, f"one.{name}") in text.lower()
    assert absence.get("reason", "") in text
    if kind != "group":
        text = came_through(every_kind, holding(every_kind, many={"rows": [{"id": "a", name: absence}]}))
        assert absence.get("reason", "") in text


def wording_of(template: Template, path: str) -> str:
    return template.elements[path].say.lower()


@pytest.mark.parametrize("kind", ["choices", "group"])
def test_an_empty_list_is_an_answer_and_not_a_gap(every_kind: Template, kind: str) -> None:
    note = derive.note(every_kind, holding(every_kind, one={kind: []}))
    assert from_fhir(to_fhir(note), every_kind)["one"] == {kind: []}


@pytest.mark.parametrize("kind", kinds.KINDS)
@pytest.mark.parametrize("wrong", [None, {}, {"absent": "perhaps"}, [None], [{"id": "a"}, 7], "", -0.5])
def test_a_value_of_the_wrong_kind_is_a_finding_in_words_and_hides_nothing_else(
    every_kind: Template, kind: str, wrong: Any
) -> None:
    name, witness = kind.replace("-", "_"), "text" if kind != "text" else "date"
    known = {"text": "Still here", "date": "2026-02-03"}[witness]
    note = derive.note(every_kind, holding(every_kind, one={name: wrong, witness: known}))
    if kind == "quantity" and isinstance(wrong, float):
        return  # a number, if an odd one
    assert [finding for finding in check(note) if finding.rule == "shape"]
    text = " ".join(sentence.text for sentence in render(note))
    assert "Still here" in text or "3 February 2026" in text
