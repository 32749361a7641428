"""What came of each rule in a note: it agrees with what the check found, and silence is told apart."""

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import planting
import pytest
import tiny
from hypothesis import given
from notes import rich_note
from test_read import ANY_NOTE

from ci_notes import derive, library
from ci_notes.checks import BUILT_IN, Finding, check, prepared
from ci_notes.results.verdicts import VERDICTS, ruled, verdicts
from ci_notes.series import Series
from ci_notes.template import Template

Json = dict[str, Any]
PREGNANCIES = sorted((Path(__file__).parents[1] / "pregnancy").rglob("*.json"))


def told(data: Json, earlier: Sequence[derive.Note] = (), page: str = "") -> tuple[dict[str, str], list[Finding]]:
    note = derive.note(library.load_template(data["template"]), data, earlier=earlier)
    found = check(note, today=planting.TODAY, page=page)
    letters = verdicts(prepared(note, planting.TODAY, page), found)
    words = [VERDICTS[letter] for letter in letters]
    return dict(zip(ruled(note.template), words, strict=True)), found


def holds(told: tuple[dict[str, str], list[Finding]]) -> None:
    """Fail unless rules have the verdict that the findings give, and those without a finding another one."""
    by_rule: dict[str, set[str]] = {}
    for one in told[1]:
        by_rule.setdefault(one.rule, set()).add(one.outcome)
    for rule, verdict in told[0].items():
        outcomes = by_rule.get(rule, set())
        if outcomes:
            first = next(one for one in ("found", "could not tell", "kept") if one in outcomes)
            assert (rule, verdict) == (rule, {"found": "fired", "kept": "overridden"}.get(first, first))
        else:
            assert (rule, verdict) not in ((rule, "fired"), (rule, "overridden"))
            assert verdict != "could not tell" or not shown_undecided(rule)


def shown_undecided(rule: str) -> bool:
    return rule in BUILT_IN or RULES[rule].shown_undecided


TEMPLATES = [library.load_template(name) for name in sorted(library.catalogue())]
RULES = {rule.id: rule for template in TEMPLATES for rule in template.active_rules}


@pytest.mark.parametrize("path", planting.EXAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.name.partition('.')[0]}")
def test_every_example_has_the_verdicts_of_its_findings(path: Path) -> None:
    holds(told(planting.example(path)))


def test_the_notes_of_a_pregnancy_have_the_verdicts_of_their_findings() -> None:
    notes = {str(path): json.loads(path.read_bytes()) for path in PREGNANCIES}
    series = Series()
    for path, data in notes.items():
        series.add(path, data)
    assert any(series.before(data) for data in notes.values())
    for data in notes.values():
        earlier = [library.load(notes[path]) for path in series.before(data)]
        holds(told(data, earlier))
        assert told(data, earlier)[0]["R163"] == ("passed" if earlier else "not applicable")
        holds(told(data, earlier, page="Do not come to hospital. Call 0."))


@given(ANY_NOTE)
def test_any_note_has_the_verdicts_of_its_findings(data: Json) -> None:
    holds(told(data))
    holds(told(data | {"kept": [{"id": str(n), "rule": rule, "rationale": "Known since autumn"} for n, rule in KEPT]}))


KEPT = [*enumerate(list(RULES)[::3])]


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Template:
    pack, root = tiny.Pack(), tmp_path_factory.mktemp("templates")
    longer = "visit.length < earlier.visit.length"
    pack.rules["rules"] += [tiny.rule("T101", longer), tiny.rule("T102", f"{longer} and visit.on < earlier.visit.on")]
    pack.rules["rules"] += [
        tiny.rule("T103", "visit.stitch and (not earlier.visit.length is known or visit.seen is absent)")
    ]
    return library.compile_template(pack.write(root), root)


def of_visit(visit: Template, rule: str, earlier: Json | None = None, **held: Any) -> str:
    before = [derive.note(visit, {"visit": earlier})] if earlier is not None else []
    note = derive.note(visit, {"visit": held}, earlier=before)
    letters = verdicts(prepared(note, planting.TODAY), check(note, today=planting.TODAY))
    return VERDICTS[letters[ruled(visit).index(rule)]]


def test_what_is_missing_leaves_a_rule_open_whatever_its_severity(visit: Template) -> None:
    assert [of_visit(visit, rule, length=15) for rule in ("T001", "T002", "T003")] == ["could not tell"] * 3
    assert [of_visit(visit, rule, length=15, stitch=False) for rule in ("T001", "T002")] == ["passed"] * 2
    assert [of_visit(visit, rule, length=15, stitch=True) for rule in ("T001", "T002")] == ["fired"] * 2


def test_where_nothing_of_it_is_recorded_only_an_error_or_a_contraindication_is_open(visit: Template) -> None:
    told = [of_visit(visit, rule) for rule in ("T001", "T002", "T003")]
    assert told == ["could not tell", "not applicable", "could not tell"]


def test_what_is_held_against_an_earlier_note_does_not_apply_where_that_does_not_say(visit: Template) -> None:
    assert of_visit(visit, "T101", length=15) == "not applicable"
    assert of_visit(visit, "T101", {"stitch": True}, length=15) == "not applicable"
    assert of_visit(visit, "T102", {"length": 20}, length=15, on="2026-11-03") == "not applicable"
    assert of_visit(visit, "T102", {"length": 20}, length=15) == "could not tell"
    assert of_visit(visit, "T101", {"length": 10}, length=15) == "passed"
    assert of_visit(visit, "T101", {"length": 20}, length=15) == "fired"


def test_a_rule_that_an_earlier_note_only_excuses_applies_without_one(visit: Template) -> None:
    assert of_visit(visit, "T103", stitch=True) == "fired"
    assert of_visit(visit, "T103", stitch=False) == "passed"
    assert of_visit(visit, "T103", {"length": 20}, stitch=True) == "passed"


def test_one_row_is_enough_to_fire(visit: Template) -> None:
    small, large, unknown = {"id": "a", "size": 1}, {"id": "b", "size": 7}, {"id": "c"}
    assert of_visit(visit, "T005", items=[small, large, unknown]) == "fired"
    assert of_visit(visit, "T005", items=[unknown, small]) == "could not tell"
    assert of_visit(visit, "T005", items=[small]) == "passed"
    assert of_visit(visit, "T005", items=[]) == "not applicable"


def test_a_rule_of_other_guidelines_does_not_apply() -> None:
    data = rich_note()
    of_uk = [rule.id for rule in RULES.values() if rule.jurisdictions == ("UK",)]
    here = told(data)[0]
    there = told(data | {"jurisdiction": "US"})[0]
    assert {there[rule] for rule in of_uk if rule in there} == {"not applicable"}
    assert {here[rule] for rule in of_uk if rule in here} > {"not applicable"}


def test_a_rule_on_rows_does_not_apply_where_there_are_none() -> None:
    of_prior = [rule.id for rule in RULES.values() if rule.each == "history.prior"]
    data = rich_note()
    assert {told(data)[0][rule] for rule in of_prior} - {"not applicable"}
    data["history"]["prior"] = []
    assert {told(data)[0][rule] for rule in of_prior} == {"not applicable"}


def test_a_rule_of_which_nothing_is_recorded_does_not_apply_and_one_that_holds_passes() -> None:
    data = rich_note()
    assert verdict_of("R054", data) == "not applicable"
    assert verdict_of("R054", changed(data, duration=5)) == "passed"
    assert verdict_of("R054", changed(data, duration=1)) == "fired"
    assert verdict_of("R054", changed(data, duration={"absent": "not-performed"})) == "passed"


def changed(data: Json, **scan: Any) -> Json:
    return data | {"ultrasound": data["ultrasound"] | scan}


def verdict_of(rule: str, data: Json) -> str:
    return told(copy.deepcopy(data))[0][rule]
