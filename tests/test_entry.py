"""What a person meets while filling: blocks, what can be added, suggestions, an earlier note; on a template of ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from entry import EntryPack

from ci_notes import derive, keyboard, library, terminal
from ci_notes.interview import Interview
from ci_notes.prompts import headline
from ci_notes.questions import Question
from ci_notes.template import Template

Data = dict[str, Any]
NOW = "2026-11-03T10:00:00+01:00"


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Template:
    root = tmp_path_factory.mktemp("templates")
    return library.compile_template(EntryPack().write(root, "entry"), root)


class Sitting:
    """A note being filled by somebody who answers the questions named, and leaves every other one open."""

    def __init__(self, template: Template, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.template = template
        self.path = path
        self.monkeypatch = monkeypatch
        self.shown: list[str] = []

    def fill(self, *answers: tuple[str, str], held: Data | None = None, earlier: Data | None = None) -> Data:
        """Answer in order: each time a question holds the first words, the second are typed."""
        begun = {"id": "n1", "template": "entry", "status": "draft", "date": NOW, "jurisdiction": "UK"}
        self.path.write_text(json.dumps({**begun, **(held or {})}), encoding="utf-8")
        waiting = [("Continue it", "y"), *answers]

        def line(prompt: str, keys: bool = True) -> str:
            self.shown.append(prompt)
            assert len(self.shown) < 200, f"asked without end: {prompt}"
            if waiting and waiting[0][0] in prompt.rpartition("\n")[2]:
                return waiting.pop(0)[1]
            if not waiting:
                raise EOFError
            return "-" if " suggested: " in prompt else ""

        self.monkeypatch.setattr(keyboard, "reader", lambda: line)
        before = [derive.note(self.template, earlier)] if earlier else []
        terminal.fill(self.template, str(self.path), before, "UK", NOW)
        assert not waiting, f"never asked: {waiting[0][0]}"
        data: Data = json.loads(self.path.read_text(encoding="utf-8"))
        return data

    def prompts(self, words: str) -> list[str]:
        return [prompt for prompt in self.shown if words in prompt]


@pytest.fixture
def sitting(entry: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sitting:
    return Sitting(entry, tmp_path / "a.note.json", monkeypatch)


def interview(entry: Template, held: Data | None = None, earlier: Data | None = None) -> Interview:
    ids = iter(f"r{number}" for number in range(100))
    begun = {"id": "n1", "template": "entry", "status": "draft", "date": NOW, "jurisdiction": "UK"}
    return Interview(entry, {**begun, **(held or {})}, lambda: next(ids), [earlier] if earlier else [])


def visited(one: Interview) -> Iterator[Question]:
    while (question := one.forward()) is not None:
        yield question


def titles(one: Interview) -> list[str]:
    return [question.title for question in one.questions()]


COMPLAINTS = {"dates": {"threshold": "w24"}}

# --- blocks --------------------------------------------------------------------------------------------------------


def test_blocks_stand_between_ordinary_questions_at_the_place_of_their_first_member(entry: Template) -> None:
    asked = [question.title for question in interview(entry, COMPLAINTS).questions() if question.section.name[0] == "c"]

    assert asked == ["Onset", "Any of these symptoms", "All of these met"]


def test_a_section_that_does_not_apply_asks_nothing(entry: Template) -> None:
    assert "Onset" not in titles(interview(entry))


def test_a_block_lists_only_what_applies_now(sitting: Sitting) -> None:
    sitting.fill(("Any of these", "n"), held=COMPLAINTS)
    warm = sitting.fill(("Any of these", "3"), held={"dates": {"threshold": "w24", "temperature": 39, "fluid": 36}})

    first, second = sitting.prompts("Any of these symptoms")
    assert "Bleeding" not in first
    assert "3 Bleeding" in second
    assert warm["complaints"] == {"pressure": False, "fever": False, "bleeding": True}


def test_numbers_in_a_block_are_yes_and_the_others_are_recorded_and_said_as_no(
    sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    data = sitting.fill(("Any of these", "2"), held=COMPLAINTS)

    assert data["complaints"] == {"pressure": False, "fever": True}
    assert "and not: pressure" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "kept"), [("y", (True, True)), ("all", (True, True)), ("2", (True, False))])
def test_numbers_in_a_block_that_is_normally_met_are_those_not_met(
    sitting: Sitting, typed: str, kept: tuple[bool, bool]
) -> None:
    data = sitting.fill(("All of these met", typed), held=COMPLAINTS)

    assert (data["complaints"]["consent"], data["complaints"]["fasted"]) == kept


@pytest.mark.parametrize(
    ("block", "typed"),
    [("All of these", "n"), ("Any of these", "y"), ("Any of these", "3"), ("Any of these", "²")],
)
def test_what_could_mean_the_opposite_is_asked_again(sitting: Sitting, block: str, typed: str) -> None:
    data = sitting.fill((block, typed), (block, "1"), held=COMPLAINTS)

    assert len(sitting.prompts(block)) == 2
    assert len(data["complaints"]) == 2


def test_a_block_asked_one_by_one_begins_with_its_first_member_and_can_be_left(sitting: Sitting) -> None:
    data = sitting.fill(("Any of these", "e"), ("Pressure", "y"), ("since", "noon"), ("Fever", "n"), held=COMPLAINTS)

    assert data["complaints"] == {"pressure": True, "pressure_since": "noon", "fever": False}


def test_details_of_a_member_are_asked_after_the_block(entry: Template) -> None:
    one = interview(entry, COMPLAINTS)
    block = next(question for question in visited(one) if question.kind == "block")

    one.put_block(block, {"pressure"})
    following = one.forward()

    assert following is not None
    assert following.title == "Pressure since"


def test_going_back_to_a_block_shows_what_it_holds_and_enter_keeps_it(sitting: Sitting) -> None:
    data = sitting.fill(
        ("Any of these", "2"), ("All of these", "<"), ("Any of these", ""), ("All", "y"), held=COMPLAINTS
    )

    assert "[fever]" in sitting.prompts("Any of these")[1]
    assert data["complaints"]["fever"] is True


def test_a_reason_of_absence_is_recorded_for_the_members_that_have_no_value(sitting: Sitting) -> None:
    held = {**COMPLAINTS, "complaints": {"onset": "today", "pressure": True}}
    data = sitting.fill(("Any of these", "?"), ("All of these", "; too ill"), ("All of these", "y"), held=held)

    assert "[held: pressure yes]" in sitting.prompts("Any of these")[0]
    assert data["complaints"]["pressure"] is True
    assert data["complaints"]["fever"] == {"absent": "asked-unknown", "reason": "too ill"}


WARM = {"dates": {"threshold": "w24", "temperature": 39, "fluid": 36}}


def test_a_block_that_is_partly_answered_asks_only_for_the_rest_and_names_what_is_held(
    sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    declined = {"absent": "asked-declined"}
    held = {**WARM, "complaints": {"onset": "today", "pressure": True, "fever": declined}}
    data = sitting.fill(("Any of these", "3"), ("Any of these", "1"), held=held)

    (asked, again) = sitting.prompts("Any of these")
    assert "1 Bleeding" in asked
    assert "[held: pressure yes, fever declined]" in asked
    assert asked == again
    assert data["complaints"] == {"onset": "today", "pressure": True, "fever": declined, "bleeding": True}
    assert "(1 to 1)" in capsys.readouterr().err


def test_a_reason_of_absence_for_the_rest_of_a_block_leaves_the_others_theirs(sitting: Sitting) -> None:
    declined = {"absent": "asked-declined", "reason": "tired"}
    held = {**COMPLAINTS, "complaints": {"onset": "today", "pressure": declined}}
    data = sitting.fill(("Any of these", "?"), ("All of these", "; too ill"), ("All of these", "y"), held=held)

    assert data["complaints"]["pressure"] == declined
    assert data["complaints"]["fever"] == {"absent": "asked-unknown", "reason": "too ill"}


def test_a_member_that_comes_to_apply_is_added_to_a_block_without_touching_the_others(entry: Template) -> None:
    one = interview(entry, {**COMPLAINTS, "complaints": {"pressure": True, "fever": True}})
    one.data["dates"] = WARM["dates"]
    block = next(question for question in one.questions() if question.kind == "block")

    one.put_block(block, set())

    assert one.data["complaints"] == {"pressure": True, "fever": True, "bleeding": False}


def test_a_block_with_all_its_answers_can_be_answered_anew_as_a_whole(sitting: Sitting) -> None:
    data = sitting.fill(
        ("Any of these", "2"), ("All of these", "<"), ("Any of these", "1"), ("All", "y"), held=COMPLAINTS
    )

    assert (data["complaints"]["pressure"], data["complaints"]["fever"]) == (True, False)


END = ("Answer that now", "y")


def test_one_by_one_in_the_last_round_asks_the_members_next(sitting: Sitting) -> None:
    data = sitting.fill(
        END, ("Any of these", "e"), ("Pressure", "y"), ("Pressure since", "noon"), ("Fever", "n"), held=COMPLAINTS
    )

    assert data["complaints"] == {"pressure": True, "pressure_since": "noon", "fever": False}


def test_what_was_passed_over_in_an_earlier_sitting_is_offered_once_at_the_end(
    sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    held = {"dates": {"temperature": 37}, "scan": {"lengths": [{"id": "a", "length": 30}]}}
    data = sitting.fill(END, ("Last period", "1/6/2026"), held=held)

    assert data["dates"]["lmp"] == "2026-06-01"
    assert "not required: Last period" in capsys.readouterr().err


def test_what_was_left_open_with_enter_in_this_sitting_is_not_offered_again(sitting: Sitting) -> None:
    lengths = ("Lengths", "30")
    sitting.fill(("Last period", ""), lengths)
    while_open = interview(sitting.template)
    seen = {question.key for question in visited(while_open)}

    assert while_open.never_seen(seen) == []
    assert len(sitting.prompts("Last period")) == 1


def test_a_block_half_answered_is_come_back_to(entry: Template) -> None:
    one = interview(entry, {**COMPLAINTS, "complaints": {"onset": "today", "pressure": True}})
    one.resume()
    following = one.forward()

    assert following is not None
    assert following.title == "Any of these symptoms"
    assert "Any of these symptoms" not in [question.title for question in one.unanswered()]


def test_a_required_member_brings_its_block_back_at_the_end(entry: Template) -> None:
    assert [question.title for question in interview(entry, COMPLAINTS).unanswered()] == ["Any of these symptoms"]


def test_clearing_a_block_takes_all_its_answers_back(sitting: Sitting) -> None:
    data = sitting.fill(
        ("Any of these", "2"), ("All of these", "<"), ("Any of these", ":clear"), ("Any of these", ""), held=COMPLAINTS
    )

    assert data.get("complaints", {}) == {}


ROWS = {"prior": {"rows": [{"id": "a", "year": 2012}, {"id": "b"}, {"id": "c"}]}}


def test_a_block_in_a_repeating_group_is_asked_for_each_row(sitting: Sitting) -> None:
    data = sitting.fill(("Pregnancy 1, any of these", "1"), ("Pregnancy 2, any of these", "n"), held=ROWS)

    assert data["prior"]["rows"][0] == {"id": "a", "year": 2012, "painless": True, "sudden": False}
    assert data["prior"]["rows"][1] == {"id": "b", "painless": False, "sudden": False}
    assert data["prior"]["rows"][2] == {"id": "c"}


def test_a_block_of_a_row_asked_one_by_one_stays_in_its_row(sitting: Sitting) -> None:
    sitting.fill(("Pregnancy 2, any", "e"), ("Pregnancy 2, painless", "y"), held=ROWS)

    assert len(sitting.prompts("Pregnancy 3, ")) == 0


# --- reasons for what is unusual ---------------------------------------------------------------------------------

UNUSUAL = (("unusual", "y"), ("Reason", "measured twice"))


def reasons(data: Data) -> list[str]:
    return [row["at"] for row in data.get("kept", [])]


def test_a_reason_is_kept_with_its_value_and_dropped_with_it(sitting: Sitting) -> None:
    first = sitting.fill(("Temperature", "43"), *UNUSUAL)
    assert reasons(first) == ["dates.temperature"]

    for typed in ("37", "?", ":clear"):
        changed = sitting.fill(("Fluid", "<"), ("Temperature", typed), ("Fluid", "36"), held=first)
        assert reasons(changed) == []


def test_measurements_keep_their_reasons_row_by_row(sitting: Sitting) -> None:
    data = sitting.fill(("Lengths", "30, 5 mm"), *UNUSUAL)
    rows = data["scan"]["lengths"]

    assert reasons(data) == [f"scan.lengths[{rows[1]['id']}].length"]


def test_a_reason_goes_with_the_row_it_belongs_to(entry: Template) -> None:
    kept = [{"id": "k", "rule": "usual-range", "at": "scan.lengths[b].length", "rationale": "measured twice"}]
    rows = [{"id": "a", "length": 30}, {"id": "b", "length": 5}]
    one = interview(entry, {"scan": {"lengths": rows}, "kept": kept})
    (lengths,) = (question for question in one.questions() if question.title == "Lengths")

    one.put_list(lengths, [31, 5])
    assert one.data["kept"] == kept
    one.put_list(lengths, [31, 25])
    assert "kept" not in one.data


def test_a_reason_for_another_rule_stays(entry: Template) -> None:
    kept = [{"id": "k", "rule": "R001", "at": "dates.temperature", "rationale": "measured twice"}]
    one = interview(entry, {"dates": {"temperature": 43}, "kept": kept})

    one.put(next(question for question in one.questions() if question.title == "Temperature"), 37)

    assert one.data["kept"] == kept


def test_of_two_numbers_none_is_kept_until_both_are_read(sitting: Sitting) -> None:
    data = sitting.fill(("Upper", "190/abc"), *UNUSUAL, ("Upper", "190/95"), *UNUSUAL, ("Length", ""))

    assert reasons(data) == ["scan.upper"]
    assert (data["scan"]["upper"], data["scan"]["lower"]) == (190, 95)

    sitting.fill(("Upper", "190/abc"), *UNUSUAL, ("Upper", ""))
    assert "kept" not in json.loads(sitting.path.read_text(encoding="utf-8"))


def test_a_number_that_another_unit_makes_unusual_needs_its_reason_too(sitting: Sitting) -> None:
    data = sitting.fill(("Lengths", "6.5 cm"), ("Record that", "y"), *UNUSUAL)

    assert data["scan"]["lengths"][0]["length"] == 65
    assert len(reasons(data)) == 1


# --- what is not asked in turn -------------------------------------------------------------------------------------


def test_what_is_on_request_is_never_asked_in_turn_but_named_above_its_section(
    sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    sitting.fill(("Last period", ""), ("Seen at", ""))

    assert not sitting.prompts("Comment")
    assert "Dates (1 of 4; + adds: comment, country of birth)" in capsys.readouterr().err


def test_above_a_section_stands_only_what_can_be_added_now(entry: Template) -> None:
    section = entry.section("scan")
    assert section is not None
    closed = headline(interview(entry), section)
    opened = headline(interview(entry, {"scan": {"upper": 120}}), section)

    assert closed == "Scan (4 of 4)"
    assert opened == "Scan (4 of 4; + adds: cuff)"


def test_plus_lists_what_can_be_added_and_returns_to_the_question(
    sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    data = sitting.fill(
        ("Temperature", "+"), ("Number", "2"), ("Country of birth", "Mali"), ("Temperature", "+"), ("Number", ""),
        ("Temperature", "37"),
    )  # fmt: skip

    assert data["dates"] == {"temperature": 37, "origin": "Mali"}
    shown = capsys.readouterr().err
    assert "1 Comment" in shown
    assert "2 Country of birth [Mali]" in shown


@pytest.mark.parametrize(
    "typed", ["+comment lives alone", "+ Comment: lives alone", "+ comm: lives alone", "+ 1 lives alone"]
)
def test_what_is_added_can_be_typed_at_once(sitting: Sitting, typed: str) -> None:
    assert sitting.fill(("Temperature", typed), ("Temperature", "37"))["dates"]["comment"] == "lives alone"


def test_part_of_a_title_opens_the_one_it_fits(sitting: Sitting) -> None:
    data = sitting.fill(("Temperature", "+ birth"), ("Country of birth", "Mali"), ("Temperature", ""))

    assert data["dates"] == {"origin": "Mali"}


@pytest.mark.parametrize("typed", ["+ c", "+ nothing", "+ 7", "+ count Mali"])
def test_what_cannot_be_told_apart_is_not_guessed(
    sitting: Sitting, typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = sitting.fill(("Temperature", typed), ("Temperature", "37"))

    assert data["dates"] == {"temperature": 37}
    shown = capsys.readouterr().err
    assert "comment or country of birth" in shown or "from 1 to 2" in shown


def test_in_a_row_its_own_extras_come_first(sitting: Sitting) -> None:
    data = sitting.fill(("Pregnancy 2, place", "+ remark twins"), ("Pregnancy 2, place", "Leeds"), held=ROWS)

    assert data["prior"]["rows"][1] == {"id": "b", "place": "Leeds", "remark": "twins"}


def test_a_repeating_group_on_request_asks_for_its_rows_at_once(sitting: Sitting) -> None:
    data = sitting.fill(
        ("how many", "+ other"), ("Other losses: how many", "2"), ("Loss 1, month", "3"), ("Loss 1, detail", ""),
        ("Loss 2, month", "5"), ("Loss 2, detail", "fever"), ("Prior pregnancies: how many", "0"),
    )  # fmt: skip

    losses = [{key: value for key, value in row.items() if key != "id"} for row in data["prior"]["losses"]]
    assert losses == [{"month": 3}, {"month": 5, "note": "fever"}]
    assert data["prior"]["rows"] == []


def test_a_plus_before_a_number_that_is_asked_for_is_its_sign(sitting: Sitting) -> None:
    assert sitting.fill(("Temperature", "+37"))["dates"]["temperature"] == 37


# --- suggestions ---------------------------------------------------------------------------------------------------


def test_enter_records_a_suggestion_and_shows_it(sitting: Sitting, capsys: pytest.CaptureFixture[str]) -> None:
    data = sitting.fill(("Last period", "1/6/2026"), ("Due date", ""))

    assert "[8 March 2027 suggested" in sitting.prompts("Due date")[0]
    assert data["dates"]["edd"] == "2027-03-08"
    assert "8 March 2027" in capsys.readouterr().err


def test_a_minus_leaves_a_suggestion_open_and_typing_answers_otherwise(sitting: Sitting) -> None:
    data = sitting.fill(("Last period", "1/6/2026"), ("Due date", "-"), ("Threshold", "1"))

    assert data["dates"] == {"lmp": "2026-06-01", "threshold": "w20"}


def test_a_suggestion_needs_what_it_is_computed_from(sitting: Sitting) -> None:
    sitting.fill(("Due date", ""))

    assert "suggested" not in sitting.prompts("Due date")[0]


@pytest.mark.parametrize(("place", "value"), [("UK", "w24"), ("US", "w20"), ("", None)])
def test_a_suggested_option_depends_on_what_is_recorded(entry: Template, place: str, value: str | None) -> None:
    one = interview(entry, {"jurisdiction": place} if place else None)
    if not place:
        del one.data["jurisdiction"]
    question = next(question for question in one.questions() if question.title == "Threshold")

    assert one.suggestion(question) == value


def test_a_suggestion_stands_back_behind_any_answer(entry: Template) -> None:
    one = interview(entry, {"dates": {"threshold": {"absent": "asked-declined"}}})
    question = next(question for question in one.questions() if question.title == "Threshold")

    assert one.suggestion(question) is None


def test_a_suggestion_is_held_to_the_usual_range(sitting: Sitting) -> None:
    data = sitting.fill(("Temperature", "40"), ("Fluid", ""), ("unusual", "n"), ("Fluid", "36"))

    assert data["dates"]["fluid"] == 36


def test_what_is_impossible_is_never_suggested(sitting: Sitting) -> None:
    sitting.fill(("Temperature", "43"), ("unusual", "y"), ("Reason", "measured twice"), ("Fluid", ""))

    assert "suggested" not in sitting.prompts("Fluid")[0]


def test_an_empty_line_from_a_pipe_accepts_nothing(
    entry: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter(["2026-06-01\n", *["\n"] * 40, ""])
    monkeypatch.setattr("sys.stdin.readline", lambda: next(lines, ""), raising=False)
    monkeypatch.setattr(keyboard, "reader", lambda: keyboard.piped)
    path = tmp_path / "a.note.json"

    terminal.fill(entry, str(path), [derive.note(entry, {"jurisdiction": "UK", "date": NOW})], "UK", NOW)

    assert json.loads(path.read_text(encoding="utf-8"))["dates"] == {"lmp": "2026-06-01"}


# --- times and units -----------------------------------------------------------------------------------------------


def test_fahrenheit_is_recorded_in_celsius_and_said_so(sitting: Sitting, capsys: pytest.CaptureFixture[str]) -> None:
    assert sitting.fill(("Temperature", "100.4°F"))["dates"]["temperature"] == 38
    assert "38 °C" in capsys.readouterr().err


def test_fahrenheit_without_its_unit_is_asked_back(sitting: Sitting) -> None:
    assert sitting.fill(("Temperature", "100.4"), ("Did you mean", "y"))["dates"]["temperature"] == 38


def test_a_time_of_day_belongs_to_the_day_of_the_note(sitting: Sitting, capsys: pytest.CaptureFixture[str]) -> None:
    assert sitting.fill(("Seen at", "14:20"))["dates"]["seen_at"] == "2026-11-03T14:20:00+01:00"
    assert "3 November 2026 at 14:20" in capsys.readouterr().err


# --- an earlier note -----------------------------------------------------------------------------------------------

EARLIER = {
    "id": "n0",
    "template": "entry",
    "status": "final",
    "date": "2026-10-06T09:00:00+01:00",
    "jurisdiction": "UK",
    "dates": {"comment": "lives alone", "temperature": 37},
    "scan": {"lengths": [{"id": "1", "length": 31}, {"id": "2", "length": 28}]},
}


def test_what_was_computed_before_is_confirmed_with_its_own_title_and_date(sitting: Sitting) -> None:
    data = sitting.fill(("Still right", "y"), ("Still right", "y"), ("Lengths", "24"), earlier=EARLIER)

    (shown,) = sitting.prompts("Previous length")
    assert "Previous length: 28 mm" in shown
    assert "Previous scan: 6 October 2026" in shown
    assert "From the note of 6 October 2026" in shown
    assert data["scan"]["previous"] == 28
    assert data["scan"]["previous_on"] == "2026-10-06"
    assert [row["length"] for row in data["scan"]["lengths"]] == [24]


def test_the_numbers_of_what_has_changed_are_asked_with_what_was_held_and_the_rest_stands(sitting: Sitting) -> None:
    data = sitting.fill(
        ("Still right", "y"), ("Still right", "2"), ("Previous scan", "7/10/2026"), ("Lengths", "24"), earlier=EARLIER
    )

    assert "[6 October 2026]" in sitting.prompts("Previous scan")[-1]
    assert data["scan"]["previous"] == 28
    assert data["scan"]["previous_on"] == "2026-10-07"


def test_what_can_be_added_and_has_changed_is_asked_though_it_is_not_asked_in_turn(sitting: Sitting) -> None:
    data = sitting.fill(("Still right", "1"), ("Comment", "lives with her sister"), earlier=EARLIER)

    assert data["dates"]["comment"] == "lives with her sister"


@pytest.mark.parametrize("typed", ["3", "0", "2 x", "some"])
def test_a_number_of_nothing_that_was_shown_takes_nothing(
    sitting: Sitting, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    data = sitting.fill(("Still right", "y"), ("Still right", typed), ("Still right", "n"), earlier=EARLIER)

    assert "the numbers of what has changed (1 to 2), or n to answer anew" in capsys.readouterr().err
    assert "scan" not in data


def test_what_was_not_there_before_is_not_carried(entry: Template) -> None:
    one = interview(entry, earlier={key: value for key, value in EARLIER.items() if key != "scan"})

    assert one.carried["scan"] == {"previous_on": "2026-10-06"}


def test_a_value_of_the_wrong_shape_is_not_carried(entry: Template) -> None:
    assert "dates" not in interview(entry, earlier={**EARLIER, "dates": {"comment": 7}}).carried


def test_what_is_carried_on_request_is_shown_when_it_is_added_to(
    sitting: Sitting, capsys: pytest.CaptureFixture[str]
) -> None:
    sitting.fill(("Still right", "y"), ("Temperature", "+"), ("Number", ""), ("Temperature", "37"), earlier=EARLIER)

    assert "1 Comment [lives alone]" in capsys.readouterr().err


def test_a_section_that_does_not_apply_offers_nothing_from_before(entry: Template) -> None:
    earlier = {**EARLIER, "complaints": {"onset": "in the night"}}
    offered = [question.section.name for question in interview(entry, earlier=earlier).questions()]
    applying = [question.section.name for question in interview(entry, COMPLAINTS, earlier).questions()]

    assert "complaints" not in offered
    assert applying.count("complaints") == 1
