"""JUnit XML as junitparser reads it: a test a note, with what failed, what could not be told and what was not read."""

import io
from dataclasses import replace

import junitparser
import planting
import pytest
from notes import bare_note, rich_note

from ci_notes.checks import Finding
from ci_notes.results import Checked, Unread, checked, junit
from ci_notes.results.model import Result

FAULT = Finding("R001", "R001", "error", "guideline", "Too short", ("exam.dilation",))
REMARK = replace(FAULT, rule="R002", severity="warning", message="Rather short")
KEPT = replace(FAULT, rule="R003", outcome="kept", rationale="Seen and meant")
OPEN = replace(FAULT, rule="R004", outcome="could not tell", missing=("Dilation",))


def note(*found: Finding, name: str = "a.json", line: int = 0) -> Checked:
    return checked(planting.read(bare_note()), found, name, line)


def read(results: list[Result], fail_on: str = "error") -> list[junitparser.TestSuite]:
    stream = io.StringIO()
    junit.write(results, stream, fail_on)
    return [*junitparser.JUnitXml.fromstring(stream.getvalue().encode())]


def case(*found: Finding, fail_on: str = "error") -> junitparser.TestCase:
    ((one,),) = read([note(*found)], fail_on)
    return one


def test_a_suite_is_a_note_kind_with_its_rule_set_and_its_totals() -> None:
    scan = planting.results(planting.example(planting.EXAMPLES[-1]))
    unread = Unread("b.ndjson", 4, "it is empty")
    unreadable, one, other = read([note(FAULT), scan, unread, note(), note(OPEN), note(FAULT, name="c.json")])
    assert (unreadable.name, unreadable.tests, unreadable.errors) == ("unreadable", 1, 1)
    assert (one.name, one.tests, one.failures, one.skipped, one.errors) == ("assessment", 4, 2, 1, 0)
    assert other.name == "ultrasound"
    facts = {one.name: one.value for one in one.properties()}
    assert facts["rule_set"] == note().rule_set
    assert int(facts["rules_not_reviewed"]) > 0


def test_a_note_fails_with_all_that_was_found_at_the_severity() -> None:
    (failure,) = case(FAULT, replace(FAULT, rule="R009", message="Too long")).result
    assert (failure.type, failure.message) == ("R001", "Too short (and 1 more)")
    assert [part in failure.text for part in ("R001", "R009", "exam.dilation", "Too long")] == [True] * 4


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 0), ("warning", 1), ("info", 1), ("never", 0)])
def test_what_fails_is_what_was_asked_for(fail_on: str, failures: int) -> None:
    one = case(REMARK, fail_on=fail_on)
    assert len(one.result) == failures
    assert ("Rather short" in (one.system_out or "")) == (not failures)


def test_what_was_kept_fails_nothing_and_is_told() -> None:
    one = case(KEPT)
    assert one.is_passed
    assert "Kept because: Seen and meant" in one.system_out


def test_what_could_not_be_told_has_not_passed() -> None:
    one = case(OPEN)
    assert [type(result) for result in one.result] == [junitparser.Skipped]
    assert case(OPEN, fail_on="never").is_passed


def test_what_could_not_be_read_is_an_error() -> None:
    ((one,),) = read([Unread("b.ndjson", 4, "it is empty")])
    (error,) = one.result
    assert isinstance(error, junitparser.Error)
    assert (error.message, one.name) == ("it is empty", "b.ndjson, line 4")


def test_tests_have_names_of_their_own() -> None:
    suite = read([note(), note(line=2), note(name="b.json")])[0]
    assert len({(one.classname, one.name) for one in suite}) == 3


def test_what_xml_cannot_hold_is_left_out() -> None:
    nasty = '\x00\x1b[31m\ud800\uffff<b> & "so" ]]> 🤰'
    ((one,),) = read([checked(planting.read(rich_note()), [replace(FAULT, message=nasty)], nasty)])
    assert one.result[0].message == '[31m<b> & "so" ]]> 🤰'
    assert "]]> 🤰" in one.result[0].text


def test_a_run_without_notes_is_a_file() -> None:
    assert read([]) == []
