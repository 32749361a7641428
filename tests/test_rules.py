"""Every rule fires, stays quiet and leaves open exactly where its own examples say so."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ci_notes import _data, derive, document, library
from ci_notes.checks import BUILT_IN, check
from ci_notes.expression import decide, undecided_by
from ci_notes.template import GRADES, Rule, Template, rule_condition

TEMPLATES = {name: library.load_template(path) for name, path in library.catalogue().items()}
RULES = [(template, rule) for template in TEMPLATES.values() for rule in template.rules]


def examples(key: str) -> list[Any]:
    return [
        pytest.param(template, rule, example, id=f"{template.id}-{rule.id}-{number}")
        for template, rule in RULES
        if not rule.off
        for number, example in written_for(template, rule, key)
    ]


def written_for(template: Template, rule: Rule, key: str) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the examples that this kind of note can hold; a shared rule may show what only another kind records."""
    return [pair for pair in enumerate(rule.examples.get(key, ())) if set(_named(pair[1])) <= set(template.elements)]


def _named(example: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """Yield the paths of all elements that an example names."""
    for key, value in example.items():
        path = f"{within}.{key}" if within else key
        if path == "earlier":
            yield from (one for note in (value if isinstance(value, list) else [value]) for one in _named(note))
        elif within:
            yield path
            yield from (one for row in _rows(value) for one in _named(row, path))
        elif isinstance(value, dict):
            yield from _named(value, path)


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def read(template: Template, example: Mapping[str, Any]) -> tuple[derive.Note, str]:
    """Return an example as a note with its earlier notes (one, or several in order), and the day it is checked on."""
    given = {key: value for key, value in example.items() if key not in ("today", "earlier", "page")}
    before = example.get("earlier", [])
    earlier = [read(template, one)[0] for one in (before if isinstance(before, list) else [before])]
    data = {
        "id": "example",
        "template": template.id,
        "status": "draft",
        "date": "2026-11-03T14:20:00+00:00",
        **{key: _with_ids(value) for key, value in given.items()},
    }
    note = derive.note(template, data, earlier=earlier)
    assert not note.problems, "an example is a note"
    note.record.values |= {"page": example["page"]} if "page" in example else {}
    return note, str(example.get("today", ""))


def _with_ids(part: Any) -> Any:
    if isinstance(part, list):
        rows = [_with_ids(item) for item in part]
        return [{"id": f"row{number}", **row} if isinstance(row, dict) else row for number, row in enumerate(rows, 1)]
    return {key: _with_ids(value) for key, value in part.items()} if isinstance(part, dict) else part


def outcomes(template: Template, rule: Rule, example: Mapping[str, Any]) -> list[str]:
    note, today = read(template, example)
    return [one.outcome for one in check(note, today) if one.rule == rule.id]


def verdicts(template: Template, rule: Rule, example: Mapping[str, Any]) -> Iterator[bool | None]:
    """Yield what the condition of a rule says, for each row where it speaks of rows."""
    note, today = read(template, example)
    check(note, today)
    node = rule_condition(rule, template.names).node
    for row in note.record.rows.get(rule.each, []) if rule.each else [None]:
        yield decide(node, note.record, row, rule.each)


def _could_be_recorded(template: Template, rule: Rule, example: Mapping[str, Any]) -> bool:
    """Return whether an element would decide it, and not only the day on which it is checked."""
    note, _ = read(template, example)
    node = rule_condition(rule, template.names).node
    rows = note.record.rows.get(rule.each, []) if rule.each else [None]
    return any(
        field.path in template.elements for row in rows for field in undecided_by(node, note.record, row, rule.each)
    )


@pytest.mark.parametrize(("template", "rule", "example"), examples("fires"))
def test_rule_fires_on_its_example(template: Template, rule: Rule, example: Mapping[str, Any]) -> None:
    assert "found" in outcomes(template, rule, example)


@pytest.mark.parametrize(("template", "rule", "example"), examples("quiet"))
def test_rule_stays_quiet_on_its_example(template: Template, rule: Rule, example: Mapping[str, Any]) -> None:
    assert outcomes(template, rule, example) == []


@pytest.mark.parametrize(("template", "rule", "example"), examples("cannot_tell"))
def test_rule_cannot_tell_on_its_example(template: Template, rule: Rule, example: Mapping[str, Any]) -> None:
    found = outcomes(template, rule, example)
    assert "found" not in found
    assert None in list(verdicts(template, rule, example))
    if (rule.severity == "error" or rule.contraindication) and _could_be_recorded(template, rule, example):
        assert set(found) == {"could not tell"}, "an error that cannot be told is shown"


def test_every_example_of_a_rule_is_tried_in_some_template() -> None:
    for key in ("fires", "quiet", "cannot_tell"):
        tried = {(rule.id, str(example)) for _, rule, example in (param.values for param in examples(key))}
        written = {(rule.id, str(one)) for _, rule in RULES if not rule.off for one in rule.examples.get(key, ())}
        assert written == tried


@pytest.mark.parametrize(("template", "rule"), [pytest.param(*one, id=f"{one[0].id}-{one[1].id}") for one in RULES])
def test_rule_says_what_it_rests_on(template: Template, rule: Rule) -> None:
    for key in () if rule.held else ("fires", "quiet"):
        assert written_for(template, rule, key), f"without an example that is «{key}», a rule could be lost unnoticed"
    assert rule.grade in GRADES
    assert rule.grade in ("D", "U") or rule.sources
    if rule.grade in ("U", "V3"):
        assert rule.severity == "info" or rule.off
    assert rule.statement.endswith(".")
    assert "wrong" not in rule.message.lower().split(), "guidelines differ; nobody is told to be wrong"


@pytest.mark.parametrize(
    ("template", "rule"),
    [pytest.param(*one, id=f"{one[0].id}-{one[1].id}") for one in RULES if one[1].category == "guideline"],
)
def test_rule_of_some_guideline_sets_is_quiet_in_all_others(template: Template, rule: Rule) -> None:
    for _, example in written_for(template, rule, "fires") if rule.jurisdictions else ():
        for place in {"US", "UK", "CA", "INTL"} - set(rule.jurisdictions):
            assert outcomes(template, rule, {**example, "jurisdiction": place}) == []


def test_every_example_can_be_written_in_some_kind_of_note() -> None:
    shown = {
        (rule.id, key, number)
        for of, rule in RULES
        for key in rule.examples
        for number, _ in written_for(of, rule, key)
    }
    assert shown == {
        (rule.id, key, number)
        for _, rule in RULES
        for key, all_ in rule.examples.items()
        for number in range(len(all_))
    }


def test_every_rule_of_the_shared_files_is_in_some_template() -> None:
    written = {record["id"] for record in _records()}
    assert written <= {rule.id for _, rule in RULES}
    assert written


def test_a_rule_that_is_for_some_kinds_of_note_is_in_each_of_them() -> None:
    named = {(one, record["id"]) for record in _records() for one in record.get("templates", ())}
    assert named <= {(template.id, rule.id) for template, rule in RULES}


def _records() -> list[dict[str, Any]]:
    files = (_data.folder("templates") / "_rules").glob("*.yaml")
    return [record for path in files for record in _rules_in(path.read_text(encoding="utf-8"))]


def _rules_in(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document.read_yaml(text, "rules.yaml").get("rules", [])
    return found


def test_first_cut_of_the_assessment_has_a_dozen_rules_and_some_that_differ_by_guideline_set() -> None:
    rules = TEMPLATES["assessment"].active_rules
    assert len(rules) >= 12
    assert {place for rule in rules for place in rule.jurisdictions} == {"US", "UK", "CA", "INTL"}


STATEMENTS = [f"R{number:03}" for number in range(1, 169)]
"""The numbered statements of the evidence base."""
VARIANTS = {
    "R002": "a",
    "R005": "a",
    "R011": "ab",
    "R012": "abcdefghijklmnopq",
    "R013": "a",
    "R014": "a",
    "R021": "a",
    "R022": "a",
    "R023": "ab",
    "R036": "ab",
    "R045": "a",
    "R046": "abc",
    "R054": "a",
    "R061": "a",
    "R062": "ab",
    "R066": "ab",
    "R069": "a",
    "R072": "a",
    "R076": "a",
    "R079": "a",
    "R082": "ab",
    "R092": "a",
    "R094": "a",
    "R101": "a",
    "R106": "abcdefgh",
    "R107": "ab",
    "R112": "a",
    "R117": "a",
    "R118": "a",
    "R119": "a",
    "R120": "a",
    "R121": "ab",
    "R122": "ab",
    "R123": "ab",
    "R124": "a",
    "R127": "abcde",
    "R132": "a",
    "R138": "a",
    "R141": "a",
    "R143": "a",
    "R144": "a",
    "R145": "a",
    "R146": "a",
    "R147": "a",
    "R148": "a",
}
"""The letters of what is stated in more than one rule."""


def test_every_statement_of_the_evidence_base_is_a_rule_or_built_in() -> None:
    written = {rule.id for _, rule in RULES if rule.id.startswith("R")}
    wanted = {*STATEMENTS, *(f"{number}{letter}" for number, letters in VARIANTS.items() for letter in letters)}
    assert written | {key for key in BUILT_IN if re.fullmatch(r"R\d{3}", key)} == wanted
    assert not written & set(BUILT_IN)


def test_only_what_a_program_can_hold_is_held_and_only_what_nobody_saw_is_off() -> None:
    assert {rule.id for _, rule in RULES if rule.held} == {
        *("R015", "R053", "R055", "R056", "R063", "R066a", "R099", "R100", "R165", "R166", "R167")
    }
    assert {rule.id for _, rule in RULES if rule.off} == {"R057"}


def test_every_rule_on_the_quality_of_the_data_is_there() -> None:
    numbers = [*range(1, 49), *range(80, 83), *range(101, 126), *range(201, 217)]
    wanted = {*(f"D{number:03}" for number in numbers), "D013a", "D018a", "D028a", "D036a", "D037a"}
    assert {rule.id for _, rule in RULES if not rule.id.startswith("R")} == wanted


def test_what_a_rule_of_completeness_names_is_not_said_a_second_time() -> None:
    template = TEMPLATES["cerclage"]
    note, _ = read(
        template, {"jurisdiction": "US", "cerclage": {"surgeon": "Dr Noa Invented", "technique": "mcdonald"}}
    )
    found = check(note)
    report = next(one for one in found if one.rule == "R086")
    missing = {place for one in found if one.rule == "required" for place in one.places}
    assert report.places == (
        "operation.assistants",
        "operation.description",
        "cerclage.operation_findings",
        "operation.postop_diagnosis",
    )
    assert not missing & set(report.places)
    assert "operation.timeout" in missing
