"""The lint finds what is wrong with a bundle, nothing in ours, and never falls over whatever it is given."""

import copy
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bundles import anonymous
from hypothesis import given
from hypothesis import strategies as st
from r4_definitions import CORE, TABLE, US_CORE, table
from running import run_program

from ci_notes import catalogue, load, load_template, render, to_fhir
from ci_notes.fhir.bundle import DETAILS, FORMS
from ci_notes.fhir.lint import CODES, Fault, Vocabulary, at_or_above, lint, narrative, vocabulary_of
from ci_notes.library import read_data

sys.path.append(str(Path(__file__).parents[1] / "interop"))

from faults import FAULTS, KINDS, Seeded, observation, one, sound

Json = dict[str, Any]

EXAMPLES = [
    pytest.param(path, id=f"{folder.name}-{path.name.removesuffix('.note.json')}")
    for folder in catalogue().values()
    for path in sorted((folder / "examples").glob("*.note.json"))
]
WAYS = [(form, detail) for form in FORMS for detail in DETAILS]


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return vocabulary_of(load_template(name) for name in catalogue())


def told(faults: list[Fault]) -> list[str]:
    return [str(fault) for fault in faults]


# --- what we write -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES)
def test_our_bundles_have_no_fault(path: Path, known: Vocabulary) -> None:
    data = read_data(path)
    note = load(data)
    for form, detail in WAYS:
        assert told(lint(to_fhir(note, render(note), form, detail), known)) == []
    for (form, detail), jurisdiction in zip(WAYS[1:5], ("US", "UK", "CA", "INTL"), strict=True):
        elsewhere = load({**data, "jurisdiction": jurisdiction})
        assert told(lint(to_fhir(elsewhere, render(elsewhere), form, detail), known)) == []


@pytest.mark.parametrize("status", ["draft", "amended", "entered-in-error"])
def test_nor_have_they_in_any_state_of_the_note(status: str, known: Vocabulary) -> None:
    data = read_data(catalogue()["assessment"] / "examples" / "complete.note.json")
    note = load({**data, "status": status})
    for form in FORMS:
        assert told(lint(to_fhir(note, render(note), form), known)) == []


def test_nor_has_an_amendment_that_takes_something_back(known: Vocabulary) -> None:
    data = read_data(catalogue()["assessment"] / "examples" / "complete.note.json")
    before, after = load(data), load({**data, "status": "amended", "ultrasound": {"done": False}})
    bundle = to_fhir(after, render(after), "transaction", previous=before)
    assert told(lint(bundle, known)) == []


def test_nor_has_a_bundle_with_its_lengths_in_centimetres(known: Vocabulary) -> None:
    note = load(catalogue()["ultrasound"] / "examples" / "complete.note.json")
    assert told(lint(to_fhir(note, render(note), length_unit="cm"), known)) == []


def test_what_a_server_gave_new_ids_is_not_faulted_for_that(known: Vocabulary) -> None:
    bundle = anonymous(sound("assessment/complete", "collection"))
    assert told(lint(bundle, known)) == []


def test_without_templates_the_lint_still_knows_fhir() -> None:
    assert told(lint(sound("assessment/complete", "document"))) == []
    bundle = copy.deepcopy(sound("assessment/complete", "document"))
    one(bundle, "Patient")["birthDate"] = "2026-02-30"
    assert [fault.code for fault in lint(bundle)] == ["value-format"]


# --- seeded faults -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seeded", [pytest.param(fault, id=fault.name) for fault in FAULTS if fault.lint])
def test_a_seeded_fault_is_found(seeded: Seeded, known: Vocabulary) -> None:
    bundle = seeded.bundle()
    assert bundle != sound(seeded.note, seeded.form)
    found = lint(bundle, known)
    assert seeded.lint in {fault.code for fault in found}, seeded.says
    fault = next(fault for fault in found if fault.code == seeded.lint)
    assert fault.where.startswith("Bundle")
    assert fault.message


@pytest.mark.parametrize("seeded", [pytest.param(fault, id=fault.name) for fault in FAULTS if not fault.lint])
def test_what_is_left_to_validators_is_not_found(seeded: Seeded, known: Vocabulary) -> None:
    assert seeded.left, "say in words why the lint leaves it"
    assert told(lint(seeded.bundle(), known)) == [], "the lint has learned to find it: say so in the list"


def test_the_seeded_faults_are_many() -> None:
    assert len(FAULTS) >= 75
    assert sum(bool(fault.lint) for fault in FAULTS) >= 65
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert {fault.kind for fault in FAULTS} == {*KINDS}
    assert {fault.lint for fault in FAULTS if fault.lint} <= {*CODES}


def test_every_code_of_the_lint_is_seeded_or_shown_below() -> None:
    shown_below = {"not-a-bundle", "too-deep"}
    assert {*CODES} - {fault.lint for fault in FAULTS} == shown_below


# --- what it says --------------------------------------------------------------------------------------------------


def damaged(**changes: Any) -> Json:
    bundle = copy.deepcopy(sound("assessment/complete", "document"))
    observation(bundle, "ultrasound.shortest").update(changes)
    return bundle


def test_a_fault_says_where_it_is_what_is_wrong_and_what_would_be_right(known: Vocabulary) -> None:
    amount = {"value": 21, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"}
    bundle = damaged(valueQuantity=amount)
    index = next(at for at, entry in enumerate(bundle["entry"]) if entry["resource"].get("valueQuantity") == amount)
    name = bundle["entry"][index]["resource"]["id"]
    assert told(lint(bundle, known)) == [
        f"error: Bundle.entry[{index}].resource.valueQuantity.value (Observation/{name}): "
        "21 cm is not possible: ultrasound.shortest is at least 0 and at most 80 mm [out-of-range]"
    ]


def test_a_number_that_is_possible_in_another_unit_is_explained(known: Vocabulary) -> None:
    bundle = copy.deepcopy(sound("assessment/complete", "document"))
    observation(bundle, "vitals.temp")["valueQuantity"]["value"] = 98.2
    assert "98.2 °F is 36.8 °C" in told(lint(bundle, known))[0]


def test_an_element_of_r5_is_named_as_such(known: Vocabulary) -> None:
    seeded = next(fault for fault in FAULTS if fault.name == "drug_as_in_r5")
    assert any("this is how R5 writes it" in line for line in told(lint(seeded.bundle(), known)))


def test_a_foreign_weight_of_a_child_is_only_worth_a_warning(known: Vocabulary) -> None:
    weight = {
        "resourceType": "Observation",
        "id": "w",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]},
        "subject": {"display": "a child"},
        "valueQuantity": {"value": 9, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": "urn:oid:1.2.3", "resource": weight}],
    }
    assert [(fault.code, fault.severity) for fault in lint(bundle, known)] == [("out-of-range", "warning")]


def test_faults_stand_in_the_order_of_their_severity(known: Vocabulary) -> None:
    bundle = damaged(subject=None, status="done")
    del bundle["identifier"]
    severities = [fault.severity for fault in lint(bundle, known)]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert at_or_above(lint(bundle, known), "never") == []
    assert len(at_or_above(lint(bundle, known), "error")) == severities.count("error")


# --- narratives ----------------------------------------------------------------------------------------------------

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Well.</p>",
        "<p>21 &lt; 25 mm &amp; stable, 22&#160;weeks</p>",
        '<table border="1"><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
        '<p><a href="https://example.org/leaflet">leaflet</a> <a href="#top">top</a></p>',
        '<p><img src="data:image/png;base64,AA==" alt="scan"/></p>',
        '<p style="color: red; background: url(data:image/png;base64,AA==)">x</p>',
    ],
)
def test_what_fhir_allows_in_a_narrative_is_left_alone(markup: str) -> None:
    assert narrative.problems(DIV.format(markup)) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<SCRIPT>x</SCRIPT>",
        '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x</script></svg>',
        '<p ONCLICK="x()">x</p>',
        '<a href=" java&#10;script:x()">x</a>',
        '<a href="data:text/html;base64,AA==">x</a>',
        '<img src="//example.org/p.gif"/>',
        '<p style="background: u\\72l(https://example.org)">x</p>',
        '<p style="width: expression(x())">x</p>',
        '<object data="x"/>',
        '<meta http-equiv="refresh" content="0"/>',
    ],
)
def test_no_way_to_run_or_fetch_something_passes(markup: str) -> None:
    assert "xhtml-unsafe" in {code for code, _ in narrative.problems(DIV.format(f"<p>x</p>{markup}"))}


def test_entities_are_never_expanded() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 1000}">' for n in range(12))
    found = narrative.problems(f"<!DOCTYPE div [{bomb}]>{DIV.format('&e11;')}")
    assert [code for code, _ in found] == ["xhtml"]
    assert "DOCTYPE" in found[0][1]


# --- anything at all -----------------------------------------------------------------------------------------------


def deep() -> Any:
    """Return lists and objects in one another, far deeper than Python itself can print."""
    held: Any = "x"
    for _ in range(5000):
        held = [{"reference": held, "system": held}]
    return held


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_WORDS = """
resourceType Bundle Observation Patient Composition type document entry resource fullUrl request code coding
system value valueQuantity valueRange low high unit reference subject component contained text div id
identifier date period start end section meta profile http://loinc.org http://unitsofmeasure.org urn:uuid: #
2026-02-30 mm
"""
WORDS = st.sampled_from(_WORDS.split())
JSON = st.recursive(
    LEAVES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4),
    max_leaves=25,
)
JUNK: list[Any] = [None, True, 0, -1, 10**400, 1e308, float("nan"), float("inf"), "", " ", "\x00", "\ud800", [], {}]
JUNK += [[None], [[]], [{}], {"": ""}, {"coding": [None, 3]}, {"reference": 7}, {"reference": "#"}]
JUNK += ["#", "urn:uuid:", "(((", "1.", 10**6000, deep()]


@given(data=JSON)
def test_it_reads_any_json(data: Any, known: Vocabulary) -> None:
    lint(data, known)
    lint({"resourceType": "Bundle", "type": "document", "entry": data}, known)
    lint({"resourceType": "Bundle", "entry": [{"resource": data}, {"resource": data, "request": data}]}, known)


def spots(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (holder, key) for every part of a JSON value."""
    held = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in held:
        yield node, key
        yield from spots(value)


@pytest.mark.parametrize("form", FORMS)
def test_it_reads_our_bundles_with_anything_anywhere(form: str, known: Vocabulary) -> None:
    chance = random.Random(7)
    whole = sound("cerclage/complete", form)
    # One resource of each type is enough: what is alike is read alike.
    kept = {entry["resource"]["resourceType"]: entry for entry in reversed(whole["entry"])}
    small = {**whole, "entry": [*kept.values()]}
    text = json.dumps(small)
    for _ in range(120):
        bundle = json.loads(text)
        for holder, key in chance.sample([*spots(bundle)], 3):
            holder[key] = chance.choice(JUNK)
        for fault in lint(bundle, known):
            assert fault.code in CODES
            str(fault)


def test_what_is_no_bundle_is_one_fault() -> None:
    for given_, said in [(3, "not this"), ({"resourceType": "Patient"}, "not a Patient"), ({}, "without resourceType")]:
        faults = lint(given_)
        assert [fault.code for fault in faults] == ["not-a-bundle"]
        assert said in faults[0].message


def test_depth_ends_somewhere(known: Vocabulary) -> None:
    inner: Json = {"linkId": "x"}
    for _ in range(300):
        inner = {"linkId": "x", "item": [inner]}
    answers = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [inner]}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": answers}]}
    assert "too-deep" in {fault.code for fault in lint(bundle, known)}


# --- the command ---------------------------------------------------------------------------------------------------


def test_the_command_prints_faults_and_exits_1(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(sound("assessment/complete", "document")))
    bad.write_text(json.dumps(damaged(status="done")))
    fine = run_program("lint", str(good))
    assert (fine.code, fine.out) == (0, f"{good}: no faults\n")
    found = run_program("lint", str(good), str(bad))
    assert found.code == 1
    assert f"{bad}: 1 fault\n" in found.out
    assert "[value-set]" in found.out
    assert run_program("lint", str(bad), "--fail-on", "never").code == 0


def test_the_command_writes_json(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(damaged(subject={"reference": "urn:uuid:0"})))
    (report,) = json.loads(run_program("lint", str(bad), "--format", "json").out)
    assert report["file"] == str(bad)
    assert [fault["code"] for fault in report["faults"]] == ["reference-unresolved"]
    assert {*report["faults"][0]} == {"code", "severity", "where", "message", "resource"}


def test_the_command_reads_standard_input() -> None:
    found = run_program("lint", "-", stdin=json.dumps(damaged(status="done")).encode())
    assert (found.code, found.out.splitlines()[0]) == (1, "standard input: 1 fault")


def test_the_command_says_what_it_cannot_read(tmp_path: Path) -> None:
    torn = tmp_path / "torn.json"
    torn.write_text('{"resourceType": "Bundle", "entry": [')
    found = run_program("lint", str(torn), str(tmp_path / "none.json"))
    assert found.code == 2
    assert "Traceback" not in found.err
    assert found.err.count("ci-notes: ") == 2


# --- where R4's types come from ------------------------------------------------------------------------------------


@pytest.mark.skipif(
    not (CORE.exists() and US_CORE.exists()),
    reason="~/.fhir/packages lacks hl7.fhir.r4.core#4.0.1 or hl7.fhir.us.core#6.1.0; a FHIR package server has them",
)
def test_the_table_of_types_is_that_of_hl7s_package() -> None:
    assert TABLE.read_text("utf-8") == table(), "run python tests/fhir/r4_definitions.py"
