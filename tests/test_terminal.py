"""`ci-notes new` as a person meets it: in a real terminal, and fed with lines."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from ci_notes import keyboard, terminal
from ci_notes.library import load_template

NEW = [sys.executable, "-c", "from ci_notes.cli import main; main()", "new", "assessment"]


def fed(path: Path, lines: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*NEW, "-o", str(path), *options]
    return subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60, check=False)


def held(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


@pytest.fixture
def typing(tmp_path: Path) -> Callable[..., Any]:
    """Start the program in a pseudo-terminal; `say(expected, typed)` waits for a prompt and types a line."""

    def start(*options: str) -> Any:
        environment = {**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        program: Any = pexpect.spawn(NEW[0], [*NEW[1:], "-o", str(tmp_path / "a.note.json"), *options],
                                     encoding="utf-8", dimensions=(50, 110), env=environment, timeout=20)  # fmt: skip

        def say(expected: str, typed: str) -> None:
            program.expect(expected)
            program.sendline(typed)

        program.say = say
        return program

    return start


@pytest.mark.terminal
def test_one_key_goes_back_and_one_records_why_there_is_no_value(typing: Callable[..., Any], tmp_path: Path) -> None:
    program = typing("--jurisdiction", "UK")
    program.say("Name", "Ada Example")
    program.expect("Date of birth")
    program.send("<")
    program.say("Name.*Ada Example", "")
    program.expect("Date of birth")
    program.send("?")
    program.say("Age", "; born at sea")
    program.say("Noted for date of birth: born at sea.*Age", ":stop")
    program.expect(pexpect.EOF)

    data = held(tmp_path / "a.note.json")
    assert data["patient"]["name"] == "Ada Example"
    assert data["patient"]["birth_date"] == {"absent": "asked-unknown", "reason": "born at sea"}


@pytest.mark.terminal
def test_a_draft_is_continued_after_its_last_answer(typing: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.note.json"
    path.write_text(json.dumps({"id": "n1", "template": "assessment", "status": "draft", "jurisdiction": "UK",
                                "date": "2026-11-03T10:00:00+00:00", "patient": {"name": "Ada Example"}}))  # fmt: skip
    program = typing()
    program.say("Continue it", "y")
    program.say("Date of birth", "2 May 1994")
    program.expect("gender")
    program.sendcontrol("d")
    program.expect("draft is kept")
    program.expect(pexpect.EOF)

    assert held(path)["patient"] == {"name": "Ada Example", "birth_date": "1994-05-02"}


@pytest.mark.terminal
def test_interrupting_keeps_what_was_answered(typing: Callable[..., Any], tmp_path: Path) -> None:
    program = typing("--jurisdiction", "US")
    program.say("Name", "Ada Example")
    program.expect("Date of birth")
    program.sendcontrol("c")
    program.expect(pexpect.EOF)

    assert held(tmp_path / "a.note.json")["patient"] == {"name": "Ada Example"}


@pytest.mark.terminal
def test_a_killed_program_leaves_the_draft_of_the_last_answer(typing: Callable[..., Any], tmp_path: Path) -> None:
    program = typing("--jurisdiction", "UK")
    program.say("Name", "Ada Example")
    program.expect("Date of birth")
    program.kill(signal.SIGKILL)
    program.expect(pexpect.EOF)

    assert held(tmp_path / "a.note.json")["patient"]["name"] == "Ada Example"


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Fill a note with answers found by a word of their prompt; what is not named is left open with Enter."""

    def fill(answers: dict[str, str]) -> Path:
        def line(prompt: str, keys: bool = True) -> str:
            asked = prompt.rpartition("\n")[2]
            return next((answer for words, answer in answers.items() if words in asked), "")

        monkeypatch.setattr(keyboard, "reader", lambda: line)
        path = tmp_path / "answered.note.json"
        now = "2026-11-03T10:00:00+00:00"
        terminal.fill(load_template("assessment"), str(path), [], "UK", now)
        return path

    return fill


def test_centimetres_are_asked_back_before_they_are_recorded_as_millimetres(answering: Callable[..., Path]) -> None:
    path = answering({"measurements": "1.8 cm, 2.2", "1.8 cm is 18 mm. Record that?": "y", "Did you mean 2.2 cm": "y"})

    assert [row["length"] for row in held(path)["ultrasound"]["lengths"]] == [18, 22]


def test_a_date_of_two_digits_and_a_due_date_by_weeks_are_asked_back(answering: Callable[..., Path]) -> None:
    path = answering({
        "3 April 1994. Record that?": "y", "Date of birth": "3/4/94",
        "22+3 on 3 November 2026 gives a due date of 6 March 2027. Record that?": "y", "Agreed due date": "22+3",
        "Pregnant now": "y",
    })  # fmt: skip

    assert held(path)["patient"]["birth_date"] == "1994-04-03"
    assert held(path)["pregnancy"]["edd"] == "2027-03-06"


def test_dates_are_typed_as_people_write_them_and_said_back(
    answering: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = answering(
        {"1 June 2026. Record that?": "y", "Last menstrual": "1 jun", "Pregnant now": "y", "Next visit": "+7"}
    )

    assert held(path)["pregnancy"]["lmp"] == "2026-06-01"
    assert held(path)["plan"]["followup"] == "2026-11-10"
    assert "10 November 2026" in capsys.readouterr().err


FIRST_PREGNANCY = {
    "Name": "Ada Example", "Date of birth": "2 May 1994", "gender": "1", "Patient identifier": "EX-1", "Rh D": "1",
    "Author:": "Dr Bea Sample", "role": "2", "Facility": "Sample Hospital", "Reason for the visit": "2",
    "First assessment": "y",
    "Pregnant now": "y", "Last menstrual": "1/6/2026", "Certainty": "1", "Agreed due date": "8/3/2027",
    "Dating method": "1", "Number of fetuses": "1", "Gravida": "1", "risk factors": "n", "Any allergies": "n",
    "Any medicines": "n", "Systolic": "110", "Diastolic": "70", "Any of these symptoms": "n", "Cervical dilation": "0",
    "Fetuses: how many": "1", "movements": "n", "heart": "140", "scan today": "y", "Indication for the scan": "2",
    "Bladder": "1", "good image": "y", "measurements": "22, 24", "Any of these seen": "n", "Impression of": "3",
    "Cerclage in place": "n", "Cervical insufficiency": "4", "Category": "4", "Criteria": "6", "as a diagnosis": "y",
    "Options": "2", "to call for": "1, 2, 3, 4", "Plan (": "2, 3", "Activity": "1", "Next visit": "17/11/2026",
    "Surveillance from": "16+0", "Surveillance until": "24+0", "Interval": "7", "Progesterone from": "22+1",
    "Weight": "70", "Height": "168", "Urine culture": "1", "Vaginal swab": "1",
    "Progesterone:": "1", "Dose": "200", "Route": "1", "Progesterone until": "36+0",
}  # fmt: skip


def test_enter_takes_as_many_fetuses_as_the_pregnancy_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown: list[str] = []

    def line(prompt: str, keys: bool = True) -> str:
        shown.append(prompt)
        return {"Number of fetuses": "2"}.get(prompt.strip().partition(" (")[0], "")

    monkeypatch.setattr(keyboard, "reader", lambda: line)
    path = tmp_path / "twins.note.json"
    terminal.fill(load_template("ultrasound"), str(path), [], "UK", "2026-11-03T10:00:00+00:00")

    assert any("how many [2 suggested: Enter takes it, - leaves it open]" in one for one in shown)
    assert len(held(path)["fetal"]["fetuses"]) == 2


def test_a_note_with_every_question_answered_passes_its_own_check(answering: Callable[..., Path]) -> None:
    path = answering(FIRST_PREGNANCY)
    command = [*NEW[:3], "check", str(path), "--fail-on", "info"]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert checked.returncode == 0, checked.stdout


def test_a_value_outside_the_usual_range_is_kept_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.note.json"
    path.write_text(json.dumps({"id": "n1", "template": "assessment", "status": "draft", "jurisdiction": "UK",
                                "date": "2026-11-03T10:00:00+00:00", "exam": {"speculum": True}}))  # fmt: skip
    fed(path, "y\n6\ny\nseen at caesarean in labour ward\n")

    data = held(path)
    assert data["exam"]["dilation"] == 6
    assert data["kept"][0]["rule"] == "usual-range"
    assert data["kept"][0]["at"] == "exam.dilation"


def test_an_earlier_note_is_carried_forward_with_its_date_after_one_confirmation_a_block(tmp_path: Path) -> None:
    earlier = Path(__file__).parents[1] / "templates/assessment/examples/complete.note.json"
    result = fed(tmp_path / "a.note.json", "y\n\ny\n", "--from", str(earlier))

    assert "From the note of 3 November 2026" in result.stderr
    data = held(tmp_path / "a.note.json")
    assert data["patient"]["name"] == "Ada Example"
    assert data["id"] != held(earlier)["id"]
    assert data["status"] == "draft"
    assert "ultrasound" not in data


def test_a_finished_note_is_never_continued_or_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.note.json"
    before = json.dumps({"id": "n1", "template": "assessment", "status": "final", "date": "2026-11-03T10:00:00+00:00"})
    path.write_text(before)

    result = fed(path, "y\n")

    assert result.returncode == 2
    assert "not a draft" in result.stderr
    assert path.read_text() == before


def test_an_unknown_template_is_refused_with_the_nearest_name() -> None:
    result = subprocess.run([*NEW[:-1], "asessment"], capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert "did you mean «assessment»" in result.stderr


@pytest.mark.terminal
def test_enter_typed_from_habit_behind_a_single_key_passes_over_nothing(
    typing: Callable[..., Any], tmp_path: Path
) -> None:
    program = typing("--jurisdiction", "UK")
    program.say("Name", "Ada Example")
    program.expect("Date of birth")
    program.send("?")
    program.expect("Age")
    program.sendline("")
    program.say("Age", "31")
    program.say("gender", ":stop")
    program.expect(pexpect.EOF)

    assert held(tmp_path / "a.note.json")["patient"]["age"] == 31


def test_what_was_left_open_and_is_required_is_asked_once_more_at_the_end(answering: Callable[..., Path]) -> None:
    path = answering({**FIRST_PREGNANCY, "Gravida": "", "Answer that now": "y"})
    assert "gravida" not in held(path).get("history", {})
    again = answering({"Continue it": "y", "Answer that now": "y", "Gravida": "1"})
    assert held(again)["history"]["gravida"] == 1


def test_two_sittings_on_one_draft_lose_nothing_of_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.note.json"

    def line(prompt: str, keys: bool = True) -> str:
        if "gender" in prompt:
            other = held(path)
            other["patient"]["birth_date"] = "1994-05-02"
            path.write_text(json.dumps(other))
            return "female"
        return "Ada Example" if "  Name" in prompt else ""

    monkeypatch.setattr(keyboard, "reader", lambda: line)
    terminal.fill(load_template("assessment"), str(path), [], "UK", "2026-11-03T10:00:00+00:00")

    (aside,) = (one for one in tmp_path.glob("*.json") if one != path)
    assert held(path)["patient"] == {"name": "Ada Example", "birth_date": "1994-05-02"}
    assert held(aside)["patient"] == {"name": "Ada Example", "gender": "female"}


@pytest.mark.parametrize(("answer", "left"), [("y", {"in_place": False}), ("", {"in_place": False, "suture": "nylon"})])
def test_what_no_longer_applies_is_discarded_only_on_purpose(
    answering: Callable[..., Path], answer: str, left: dict[str, Any]
) -> None:
    first = answering({"Cerclage in place": "y", "Suture": "nylon", "Answer that now": "n"})
    assert held(first)["cerclage"] == {"in_place": True, "suture": "nylon"}
    data = held(first)
    data["cerclage"]["in_place"] = False
    first.write_text(json.dumps(data))

    answering({"Answer that now": "n", "Discard that?": answer})

    assert held(first)["cerclage"] == left
