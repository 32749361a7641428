"""What the evidence base wants in an assessment has a place or a reason, and the page that says so is true."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ci_notes.element import Element
from ci_notes.template import Template

ROOT = Path(__file__).parents[1]
README = ROOT / "templates/assessment/README.md"
KEYS = {"field", "at", "reason", "type", "unit", "hard", "usual", "soft", "options", "required", "rules", "differs"}
TYPES = {
    "n": {"integer", "quantity"},
    "x": {"quantity"},
    "b": {"boolean"},
    "enum": {"choice"},
    "multi": {"choices"},
    "text": {"text"},
    "date": {"date"},
    "dt": {"datetime"},
    "ga": {"gestational-age"},
    "group": {"group"},
}


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assessment_page", ROOT / "docs/assessment.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


page = _load()
DATA = page.read()
FIELDS = [(section, field) for section in DATA["catalogue"] for field in section["fields"]]


@pytest.fixture(scope="module")
def elements(assessment: Template) -> dict[str, Element]:
    return page.elements_of(assessment)


def test_the_page_is_up_to_date(assessment: Template, accept: bool) -> None:
    fresh = page.page(assessment, DATA)
    if accept:
        page.PAGE.write_text(fresh, encoding="utf-8")
    assert page.PAGE.read_text(encoding="utf-8") == fresh, "docs/assessment.md is old: run make accept"


@pytest.mark.parametrize(("section", "field"), FIELDS, ids=lambda value: value.get("field", ""))
def test_a_field_has_a_place_or_a_reason(
    section: dict[str, Any], field: dict[str, Any], elements: dict[str, Element], assessment: Template
) -> None:
    assert set(field) <= KEYS
    assert ("at" in field) != ("reason" in field)
    assert len(field.get("reason", "a reason of that length")) > 20
    assert set(page.paths_of(field)) <= set(elements)
    assert set(field.get("rules", [])) <= {rule.id for rule in assessment.rules}


def _differences(section: dict[str, Any], field: dict[str, Any], found: list[Element]) -> Iterator[str]:
    """Yield in which respects the elements of a field do not follow the catalogue."""
    kinds = TYPES.get(field.get("type", ""))
    alike = [element for element in found if kinds is None or element.kind in kinds]
    if not alike:
        yield "type"
        alike = found
    if "unit" in field and all(element.unit != field["unit"] for element in alike):
        yield "unit"
    yield from _ranges(field, alike)
    yield from _options(field, alike)
    asked = field.get("required", "optional")
    wanted = {"true"} if asked.startswith("always") else {element.required for element in found} - {""}
    held = any(element.computed or element.required in wanted for element in found)
    if section["binds"] and asked != "optional" and not held:
        yield "required"


def _unconditioned(field: dict[str, Any], found: list[Element]) -> list[str]:
    """Return which parts of the catalogue's condition are in no condition of the elements of a field."""
    written = " ".join(f"{element.asked} {element.in_turn} {element.required}" for element in found)
    return [part for part in DATA["demands"].get(field.get("required"), ()) if part not in written]


@pytest.mark.parametrize(("section", "field"), FIELDS, ids=lambda value: value.get("field", ""))
def test_an_element_is_required_on_the_condition_of_the_catalogue(
    section: dict[str, Any], field: dict[str, Any], elements: dict[str, Element]
) -> None:
    if section["binds"] and "at" in field and "required" not in field.get("differs", {}):
        assert _unconditioned(field, [elements[path] for path in page.paths_of(field)]) == []


def test_every_condition_of_the_catalogue_is_asked_of_some_field() -> None:
    asked = {field.get("required") for section, field in FIELDS if section["binds"]}
    assert set(DATA["demands"]) <= asked


def test_a_condition_that_is_lost_would_be_seen(elements: dict[str, Element]) -> None:
    always = [elements["visit.first"]]
    assert all(_unconditioned({"required": words}, always) for words in DATA["demands"])


def _ranges(field: dict[str, Any], alike: list[Element]) -> Iterator[str]:
    hard, usual = field.get("hard"), field.get("usual")
    possible = [[element.shape.get("minimum"), element.shape.get("maximum")] for element in alike]
    if (isinstance(hard, list) and hard not in possible) or (isinstance(hard, str) and "rules" not in field):
        yield "hard"
    if usual and usual not in [list(element.usual or ()) for element in alike]:
        yield "usual"
    spoken_for = usual and "soft" in field and "rules" not in field
    if spoken_for or (isinstance(field.get("soft"), str) and not usual and "rules" not in field):
        yield "soft"


def _options(field: dict[str, Any], alike: list[Element]) -> Iterator[str]:
    if "options" not in field:
        return
    named = [option if isinstance(option, dict) else {option: option} for option in field["options"]]
    wanted = {ours for option in named for ours in option.values() if ours}
    ours = {option.value for element in alike for option in element.options}
    if not wanted <= ours:
        yield "options"
    if ours - wanted:
        yield "added"


@pytest.mark.parametrize(("section", "field"), FIELDS, ids=lambda value: value.get("field", ""))
def test_an_element_takes_what_the_catalogue_asks_or_says_why_not(
    section: dict[str, Any], field: dict[str, Any], elements: dict[str, Element]
) -> None:
    found = [elements[path] for path in page.paths_of(field)]
    said = set(field.get("differs", {}))
    assert set(_differences(section, field, found) if found else ()) ^ said <= _only_sayable(field) & said


def _only_sayable(field: dict[str, Any]) -> set[str]:
    """Return the differences that a person sees and a comparison does not, since the catalogue puts them in words."""
    return {aspect for aspect in ("hard", "soft", "required") if isinstance(field.get(aspect), str)}


def test_every_element_is_in_the_catalogue_or_said_to_be_our_own(elements: dict[str, Element]) -> None:
    of_catalogue = {path for _, field in FIELDS for path in page.paths_of(field)}
    own = [path for group in DATA["added"] for path in page.added(group, list(elements))]
    assert sorted([*own, *of_catalogue]) == sorted(elements)


def test_what_is_our_own_is_still_there(elements: dict[str, Element]) -> None:
    for group in DATA["added"]:
        for pattern in group["at"]:
            assert page.added({"at": [pattern]}, list(elements)), pattern


def test_every_field_is_listed_once() -> None:
    names = [field["field"] for _, field in FIELDS]
    assert len(set(names)) == len(names)


def test_what_is_put_in_words_is_still_written_so(elements: dict[str, Element]) -> None:
    conditions = " ".join(f"{element.asked} {element.required}" for element in elements.values())
    assert [written for written in DATA["phrases"] if written not in conditions] == []


def test_the_readme_of_the_template_names_elements_and_answers_that_are_there(elements: dict[str, Element]) -> None:
    sections = "|".join({path.partition(".")[0] for path in elements})
    named = re.findall(rf"`((?:{sections})\.[a-z_0-9.]+)(?:=([\w, ]+))?`", README.read_text(encoding="utf-8"))
    assert len(named) > 100
    for path, answers in named:
        assert path in elements
        for answer in filter(None, answers.split(", ")):
            assert elements[path].option(answer), f"{path}={answer}"
