"""What the evidence base wants in a note kind has a place or a reason, and the page that says so is true."""

import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ci_notes import library
from ci_notes.element import Element

ROOT = Path(__file__).parents[1]
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
    spec = importlib.util.spec_from_file_location("catalogue_page", ROOT / "docs/catalogue.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


page = _load()
NAMED = defaultdict(int, assessment=100)
"""How many elements the README of a template names at least."""
DATA = {kept: page.read(kept) for kept in page.KEPT}
TEMPLATES = {kept: library.load_template(kept) for kept in page.KEPT}
ELEMENTS = {kept: page.elements_of(template) for kept, template in TEMPLATES.items()}
FIELDS = [
    pytest.param(kept, section, field, id=f"{kept}-{field['field']}")
    for kept, data in DATA.items()
    for section in data["catalogue"]
    for field in section["fields"]
]
each_field = pytest.mark.parametrize(("kept", "section", "field"), FIELDS)
each_page = pytest.mark.parametrize("kept", page.KEPT)


def _fields(kept: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for section in DATA[kept]["catalogue"]:
        for field in section["fields"]:
            yield section, field


@each_page
def test_the_page_is_up_to_date(kept: str, accept: bool) -> None:
    fresh, path = page.page(TEMPLATES[kept], DATA[kept]), page.page_of(kept)
    if accept:
        path.write_text(fresh, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == fresh, f"docs/catalogue/{kept}.md is old: run make accept"


@each_field
def test_a_field_has_a_place_or_a_reason(kept: str, section: dict[str, Any], field: dict[str, Any]) -> None:
    assert set(field) <= KEYS
    assert ("at" in field) != ("reason" in field)
    assert len(field.get("reason", "a reason of that length")) > 20
    assert set(page.paths_of(field)) <= set(ELEMENTS[kept])
    assert set(field.get("rules", [])) <= {rule.id for rule in TEMPLATES[kept].rules}


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


def _unconditioned(kept: str, field: dict[str, Any], found: list[Element]) -> list[str]:
    """Return which parts of the catalogue's condition are in no condition of the elements of a field."""
    written = " ".join(f"{element.asked} {element.in_turn} {element.required}" for element in found)
    return [part for part in DATA[kept]["demands"].get(field.get("required"), ()) if part not in written]


@each_field
def test_an_element_is_required_on_the_condition_of_the_catalogue(
    kept: str, section: dict[str, Any], field: dict[str, Any]
) -> None:
    if section["binds"] and "at" in field and "required" not in field.get("differs", {}):
        assert _unconditioned(kept, field, [ELEMENTS[kept][path] for path in page.paths_of(field)]) == []


@each_page
def test_every_condition_of_the_catalogue_is_asked_of_some_field(kept: str) -> None:
    asked = {field.get("required") for section, field in _fields(kept) if section["binds"]}
    assert set(DATA[kept]["demands"]) <= asked


@each_page
def test_a_condition_that_is_lost_would_be_seen(kept: str) -> None:
    always = [ELEMENTS[kept]["author.name"]]
    assert all(_unconditioned(kept, {"required": words}, always) for words in DATA[kept]["demands"])


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


@each_field
def test_an_element_takes_what_the_catalogue_asks_or_says_why_not(
    kept: str, section: dict[str, Any], field: dict[str, Any]
) -> None:
    found = [ELEMENTS[kept][path] for path in page.paths_of(field)]
    said = set(field.get("differs", {}))
    assert set(_differences(section, field, found) if found else ()) ^ said <= _only_sayable(field) & said


def _only_sayable(field: dict[str, Any]) -> set[str]:
    """Return the differences that a person sees and a comparison does not, since the catalogue puts them in words."""
    return {aspect for aspect in ("hard", "soft", "required") if isinstance(field.get(aspect), str)}


@each_page
def test_every_element_is_in_the_catalogue_or_said_to_be_our_own(kept: str) -> None:
    elements = list(ELEMENTS[kept])
    of_catalogue = {path for _, field in _fields(kept) for path in page.paths_of(field)}
    own = [path for group in DATA[kept]["added"] for path in page.added(group, elements)]
    assert sorted([*own, *of_catalogue]) == sorted(elements)


@each_page
def test_what_is_our_own_is_still_there(kept: str) -> None:
    for group in DATA[kept]["added"]:
        for pattern in group["at"]:
            assert page.added({"at": [pattern]}, list(ELEMENTS[kept])), pattern


@each_page
def test_every_field_is_listed_once(kept: str) -> None:
    names = [field["field"] for _, field in _fields(kept)]
    assert len(set(names)) == len(names)


@each_page
def test_what_is_put_in_words_is_still_written_so(kept: str) -> None:
    conditions = " ".join(f"{element.asked} {element.required}" for element in ELEMENTS[kept].values())
    assert [written for written in DATA[kept]["phrases"] if written not in conditions] == []


@each_page
def test_the_readme_of_a_template_names_elements_and_answers_that_are_there(kept: str) -> None:
    elements = ELEMENTS[kept]
    sections = "|".join({path.partition(".")[0] for path in elements})
    text = (ROOT / "templates" / kept / "README.md").read_text(encoding="utf-8")
    named = re.findall(rf"`((?:{sections})\.[a-z_0-9.]+)(?:=([\w, ]+))?`", text)
    assert len(named) > NAMED[kept]
    for path, answers in named:
        assert path in elements
        for answer in filter(None, answers.split(", ")):
            assert elements[path].option(answer), f"{path}={answer}"
