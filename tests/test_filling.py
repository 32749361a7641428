"""What a template says of how it is filled is held to itself while it loads: blocks, requests, suggestions, sources."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from entry import EntryPack, yes_no

from ci_notes import checks, derive, library, listing
from ci_notes.errors import TemplateError
from ci_notes.template import Template

Change = Callable[[EntryPack], Any]


def compiled(root: Path, change: Change | None = None) -> Template:
    pack = EntryPack()
    if change is not None:
        change(pack)
    return library.compile_template(pack.write(root, "entry"), root)


def about(section: str, name: str, **keys: Any) -> Change:
    """Return a change of what stands in x-ci of an element."""
    return lambda pack: pack.elements(section)[name].setdefault("x-ci", {}).update(keys)


def section(name: str, **keys: Any) -> Change:
    """Return a change of what stands in x-ci of a section."""
    return lambda pack: pack.schema["properties"][name].setdefault("x-ci", {}).update(keys)


def row(name: str, **keys: Any) -> Change:
    """Return a change of what stands in x-ci of an element of a row."""

    def change(pack: EntryPack) -> None:
        pack.elements("prior")["rows"]["items"]["properties"][name].setdefault("x-ci", {}).update(keys)

    return change


EMPTY = {"any": {"ask": "Any?"}, "met": {"ask": "Met?"}, "left": {"ask": "What is left?"}}

BREACHES: list[tuple[str, Change, list[str]]] = [
    ("block not declared", about("complaints", "fever", block="anny"), ["complaints.fever", "«anny»", "«any»"]),
    ("block of another holder", row("sudden", block="any"), ["prior.rows.sudden", "prior.rows", "«any»"]),
    ("block without members", section("complaints", blocks=EMPTY), ["complaints", "«left»", "no element"]),
    ("text in a block", about("complaints", "onset", block="any"), ["complaints.onset", "yes/no"]),
    ("blocks of an element", about("dates", "lmp", blocks={"a": {"ask": "A?"}}), ["dates.lmp", "repeating group"]),
    ("block without a question", section("dates", blocks={"a": {"normal": True}}), ["blocks", "ask"]),
    ("required on request", about("dates", "comment", required=True), ["dates.comment", "required"]),
    ("block on request", about("complaints", "fever", on_request=True), ["complaints.fever", "on request"]),
    ("computed on request", about("scan", "shortest", on_request=True), ["scan.shortest", "computed"]),
    ("suggestion misspelt", about("dates", "edd", suggested="dates.lpm + 280"), ["dates.edd", "«dates.lmp»"]),
    ("suggestion of another kind", about("dates", "edd", suggested="dates.temperature"), ["dates.edd", "date"]),
    ("suggestion for text", about("dates", "comment", suggested="'none'"), ["dates.comment", "suggested"]),
    ("suggestion of no option", about("dates", "threshold", suggested="'w22'"), ["dates.threshold", "«w22»"]),
    ("suggestion unquoted", about("dates", "threshold", suggested="w20"), ["dates.threshold", "'option'"]),
    ("suggestion in a row", row("year", suggested="row.year + 1"), ["prior.rows.year", "repeating group"]),
    ("condition misspelt", section("complaints", asked="dates.treshold is known"), ["«dates.threshold»"]),
    ("carried from nowhere", about("scan", "previous", carried="scan.shortes"), ["scan.previous", "«scan.shortest»"]),
    ("carried from another kind", about("scan", "previous", carried="dates.lmp"), ["scan.previous", "date"]),
    ("carried from a row", about("scan", "previous", carried="scan.lengths.length"), ["scan.previous", "group"]),
]


@pytest.mark.parametrize(("change", "parts"), [breach[1:] for breach in BREACHES], ids=[one[0] for one in BREACHES])
def test_what_contradicts_itself_is_refused_with_a_sentence(tmp_path: Path, change: Change, parts: list[str]) -> None:
    with pytest.raises(TemplateError) as refused:
        compiled(tmp_path, change)

    assert [part for part in parts if part not in str(refused.value)] == []


def test_the_condition_of_a_section_is_part_of_that_of_each_element(tmp_path: Path) -> None:
    template = compiled(tmp_path)

    assert template.elements["complaints.onset"].asked == "dates.threshold is known"
    assert template.elements["complaints.bleeding"].asked == "(dates.threshold is known) and (dates.temperature > 38)"


def test_what_is_recorded_in_a_section_that_does_not_apply_is_left_over_and_nothing_there_is_missing(
    tmp_path: Path,
) -> None:
    template = compiled(tmp_path)
    begun = {"id": "n", "template": "entry", "status": "draft", "date": "2026-11-03T10:00:00Z", "jurisdiction": "UK"}
    found = checks.check(derive.note(template, {**begun, "complaints": {"onset": "today"}}))

    assert [(one.rule, one.places) for one in found] == [("not-asked-for", ("complaints.onset",))]


def test_a_computed_value_is_never_left_over_in_a_section_that_does_not_apply(tmp_path: Path) -> None:
    template = compiled(tmp_path, section("scan", asked="dates.threshold is known"))

    assert template.elements["scan.shortest"].asked == ""


def test_a_reference_can_be_made_part_of_a_block_or_put_on_request(tmp_path: Path) -> None:
    def change(pack: EntryPack) -> None:
        pack.elements("complaints")["fever"] = {
            "$ref": "../_elements/shared.json#/$defs/fever",
            "x-ci": {"block": "any"},
        }
        (tmp_path / "_elements").mkdir()
        (tmp_path / "_elements" / "shared.json").write_text(
            '{"$defs": {"fever": {"title": "Fever", "type": "boolean"}}}', encoding="utf-8"
        )

    assert compiled(tmp_path, change).elements["complaints.fever"].block == "any"


def test_the_list_of_a_template_says_how_each_element_is_filled(tmp_path: Path) -> None:
    text = listing.template(compiled(tmp_path), "text")

    for words in (
        "applies if dates.threshold is known",
        "block met: All of these met? The others: yes",
        "in block met",
        "suggested: dates.lmp + 280",
        "carried forward from scan.shortest",
        "on request",
        "quantity in Cel, 30 to 43, usually 35 to 42",
        "asked if dates.temperature > 38",
        "w24: 24 weeks",
    ):
        assert words in text
    assert "(dates.threshold is known) and" not in text


def test_the_list_as_json_holds_the_whole_condition_and_the_block(tmp_path: Path) -> None:
    text = listing.template(compiled(tmp_path), "json")

    assert '"asked": "(dates.threshold is known) and (dates.temperature > 38)"' in text
    assert '"ask": "Any of these circumstances?"' in text
    assert '"carried": "scan.shortest"' in text


def test_a_block_of_one_member_is_allowed(tmp_path: Path) -> None:
    def change(pack: EntryPack) -> None:
        pack.elements("dates")["smoker"] = yes_no("Smoker", block="one")
        section("dates", blocks={"one": {"ask": "Any habit?"}})(pack)

    assert [block.key for block in compiled(tmp_path, change).sections[1].blocks] == ["one"]


def test_a_finding_names_the_unit_that_explains_an_impossible_value(tmp_path: Path) -> None:
    begun = {"id": "n", "template": "entry", "status": "draft", "date": "2026-11-03T10:00:00Z", "jurisdiction": "UK"}
    note = derive.note(compiled(tmp_path), {**begun, "dates": {"temperature": 100.4, "fluid": 60}})
    warm, fluid = (problem.message for problem in note.problems)

    assert warm == "Temperature: 100.4 °C is impossible, it is at most 43 °C (100.4 °F is 38 °C)"
    assert fluid == "Fluid: 60 °C is impossible, it is at most 43 °C"
