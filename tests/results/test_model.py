"""What a check gave: ids that stay, a version of the rules, and nothing of a patient."""

import dataclasses
import random
import unicodedata

import planting
import pytest
from notes import bare_note, rich_note

from ci_notes.checks import Finding, check
from ci_notes.results import Checked, Unread, checked, described, rule_set
from ci_notes.results.discreet import Discretion
from ci_notes.results.model import told


def found_in(note: dict[str, object], findings: list[Finding] | None = None) -> Checked:
    read = planting.read(note)
    return checked(read, check(read, today=planting.TODAY) if findings is None else findings, "one.json")


def test_a_result_says_whose_note_it_is_and_what_it_was_held_to() -> None:
    result = found_in(rich_note())
    assert (result.note, result.template, result.jurisdiction, result.status) == (
        "note-1",
        "assessment",
        "UK",
        "draft",
    )
    assert (result.author, result.site, result.month) == ("Dr Bea Sample", "Sample Hospital", "2026-11")
    assert result.rules > 100
    assert result.rules >= result.rules_not_reviewed > 0
    assert result.findings


def test_ids_stay_in_another_order_and_in_other_words() -> None:
    read = planting.read(rich_note())
    found = check(read, today=planting.TODAY)
    reworded = [dataclasses.replace(one, message=f"Quite otherwise: {one.message}", labels=()) for one in found]
    random.Random(7).shuffle(reworded)
    one, other = checked(read, found, "a.json"), checked(read, reworded, "b/c.json", 7)
    assert {told.id: (told.finding.rule, told.finding.places) for told in one.findings} == {
        told.id: (told.finding.rule, told.finding.places) for told in other.findings
    }
    assert len({told.id for told in one.findings}) == len(found)


def test_two_findings_of_one_rule_at_one_place_have_two_ids() -> None:
    twice = [Finding("R162", "R162", "warning", "conformance", words, ("comment.text",)) for words in ("one", "other")]
    ids = [told.id for told in found_in(rich_note(), twice).findings]
    assert ids[1] == f"{ids[0]}-2"


def test_an_id_is_of_one_note_one_rule_and_its_places() -> None:
    here = Finding("R001", "R001", "error", "guideline", "said", ("exam.dilation",))
    others = [dataclasses.replace(here, rule="R002"), dataclasses.replace(here, places=("exam.membranes",))]
    ids = [told.id for told in found_in(rich_note(), [here, *others]).findings]
    ids += [told.id for told in found_in(bare_note(), [here]).findings]
    assert len(set(ids)) == 4


def test_the_rule_set_changes_with_what_can_be_found_alone() -> None:
    template = planting.template("assessment")
    first, *others = template.rules

    def of(**changed: object) -> str:
        return rule_set(dataclasses.replace(template, rules=(dataclasses.replace(first, **changed), *others)))

    assert rule_set(template) == of() == of(statement="In other words.", message="So", reviewed={"by": "Dr Bea Sample"})
    assert len({rule_set(template), of(severity="info"), of(when="true"), of(grade="U"), of(off="not now")}) == 5


def test_a_record_that_could_not_be_read_is_an_error_with_an_id() -> None:
    one, other = Unread("a.ndjson", 3, "it is empty"), Unread("a.ndjson", 4, "it is empty")
    (found,) = told(one)
    assert (found.finding.rule, found.finding.severity, found.line) == ("unreadable", "error", 3)
    assert found.id != told(other)[0].id
    assert found.id == told(dataclasses.replace(one, reason="it has no content"))[0].id


def test_every_finding_has_a_description() -> None:
    known = described([planting.template("assessment")])
    assert known["R163"].statement
    assert {one.finding.rule for one in found_in(rich_note()).findings} <= {*known}
    assert "unreadable" in known


@pytest.mark.parametrize("path", planting.EXAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.name.partition('.')[0]}")
def test_nothing_identifying_is_in_a_result(path: object) -> None:
    assert planting.results(planting.planted(planting.example(path), 7)).findings  # type: ignore[arg-type]
    for data in planting.every_planting(planting.example(path)):  # type: ignore[arg-type]
        result = planting.results(data)
        apart_from_the_author = repr(dataclasses.replace(result, author=""))
        assert [sign for sign in planting.SIGNS if sign in apart_from_the_author] == []


def test_the_patient_is_no_author() -> None:
    note = rich_note()
    note["author"] = {"name": "Ada Example", "facility": "Home of Ada Example"}
    result = found_in(note)
    assert (result.author, result.site) == ("[left out]", "Home of [left out]")


def test_what_says_nothing_of_anybody_is_told_as_it_is() -> None:
    note = rich_note()
    note["exam"]["dilation"] = 200
    note["exam"]["bleeding"] = "spoting"
    note["patient"]["birth_date"] = "02.05.98"
    said = [told.finding.message for told in found_in(note).findings if told.finding.rule == "shape"]
    assert any("200 cm is impossible" in one for one in said)
    assert any('"spoting" is not one of' in one and "did you mean «spotting»" in one for one in said)
    assert any("left out" in one for one in said)
    assert not any("98" in one for one in said)


@pytest.mark.parametrize(
    "typed",
    ["ask Mrs Jane Doe", 'she said "no", Jane', {"absent": "Jane Doe"}, ["Jane"], "x" * 70, "Jane: did you mean 3?"],
)
def test_words_of_the_wrong_shape_are_not_told_since_nobody_knows_what_they_are(typed: object) -> None:
    note = rich_note()
    note["exam"]["dilation"] = typed
    (said,) = (told.finding.message for told in found_in(note).findings if told.finding.rule == "shape")
    assert said.startswith("Cervical dilation")
    assert "Jane" not in said
    assert "xxx" not in said


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("Zoë Müller", unicodedata.normalize("NFD", "Zoë Müller agreed"), "[left out] agreed"),
        (unicodedata.normalize("NFD", "Zoë Müller"), "Told Zoë Müller so", "Told [left out] so"),
        ("Bo Li", "Li was told, Bo agreed to a limit", "[left out] was told, [left out] agreed to a limit"),
        ("Ada Ng-Ødegård", "Ødegård wishes it so", "[left out] wishes it so"),
        ("May Example", "It may stay, as May said", "It may stay, as [left out] said"),
    ],
)
def test_a_name_is_left_out_however_its_letters_were_typed(name: str, typed: str, told: str) -> None:
    note = rich_note()
    note["patient"]["name"] = name
    assert Discretion(planting.read(note)).typed(typed) == told


@pytest.mark.parametrize("value", [["Zq"], {"Zq": "Zq"}, ["Zq " * 40]], ids=["short", "fields", "long"])
def test_a_value_too_short_to_look_for_or_cut_off_is_not_told_either(value: object) -> None:
    note = rich_note()
    note["patient"]["name"] = note["patient"]["birth_date"] = value
    assert "Zq" not in repr(found_in(note))


def test_a_value_is_left_out_as_it_is_said_and_as_it_is_written() -> None:
    quoting = Finding(
        "R164", "R164", "error", "conformance", "«2 May 1998», «1998-05-02», «ada example»", ("exam.dilation",)
    )
    (one,) = found_in(rich_note(), [quoting]).findings
    assert one.finding.message == "«[left out]», «[left out]», «[left out]»"


def test_words_that_are_like_a_value_stay() -> None:
    note = rich_note()
    note["instructions"] = {"given_to": "Partner"}
    quoting = Finding("R164", "R164", "error", "conformance", "Partner, Adamant Examples", ("exam.dilation",))
    kept = dataclasses.replace(quoting, outcome="kept", rationale="Adamant, for example; Ada agreed")
    one, other = found_in(note, [quoting, kept]).findings
    assert one.finding.message == "Partner, Adamant Examples"
    assert other.finding.rationale == "Adamant, for example; [left out] agreed"


@pytest.mark.parametrize("named", ["EX-2044_scan3", "scanEX-2044", "Cleo.Example-3", "cleo_1", "ex2044"])
def test_a_note_or_row_that_is_called_by_the_patient_is_not(named: str) -> None:
    note = rich_note()
    note["patient"].update(identifier="EX-2044", name="Cleo Example")
    note["id"] = note["history"]["prior"][0]["id"] = named
    finding = Finding("R001", "R001", "error", "guideline", "Too late", (f"history.prior[{named}].ga_end",))
    result = found_in(note, [finding])
    assert named not in repr(result)
    assert result.findings[0].finding.places == ("history.prior[#1].ga_end",)


def test_the_line_of_a_finding_is_that_of_its_row_whatever_the_row_is_called() -> None:
    note = rich_note()
    note["patient"].update(identifier="EX-2044")
    note["history"]["prior"][0]["id"] = "EX-2044"
    place = "history.prior[EX-2044].ga_end"
    read = planting.read(note)
    finding = Finding("R001", "R001", "error", "guideline", "Too late", (place,))
    (told_of,) = checked(read, [finding], "one.json", 0, lambda asked: (7, 3) if asked == place else (0, 0)).findings
    assert (told_of.line, told_of.column) == (7, 3)
