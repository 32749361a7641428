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
    program.say("Noted: born at sea.*Age", ":stop")
    program.expect(pexpect.EOF)

    data = held(tmp_path / "a.note.json")
    assert data["patient"]["name"] == "Ada Example"
    assert data["patient"]["birth_date"] == {"absent": "asked-unknown", "reason": "born at sea"}


@pytest.mark.terminal
def test_centimetres_are_asked_back_and_a_draft_is_continued(typing: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.note.json"
    path.write_text(json.dumps({"id": "n1", "template": "assessment", "status": "draft", "jurisdiction": "UK",
                                "date": "2026-11-03T10:00:00+00:00", "exam": {"dilation": 0}}))  # fmt: skip
    program = typing()
    program.say("draft of 3 November 2026.*Continue", "y")
    program.say("measurements", "1.8 cm")
    program.say("1.8 cm is 18 mm. Record that", "y")
    program.expect("Shortest cervical length: 18 mm")
    program.expect("Funnelling")
    program.sendcontrol("d")
    program.expect("draft is kept")
    program.expect(pexpect.EOF)

    assert held(path)["ultrasound"]["lengths"][0]["length"] == 18


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


def test_a_note_filled_from_lines_passes_its_own_check(tmp_path: Path) -> None:
    answers = ["Ada Example", "2 May 1994", "1", "EX-1", "", "Dr Bea Sample", "2", "Sample Hospital", "1/6/2026",
               "8/3/2027", "1", "", "1", "0", "0", "0", "0", "2", "n", "0", "22, 24", "n", "4", "n", ""]  # fmt: skip
    result = fed(tmp_path / "a.note.json", "\n".join(answers) + "\n", "--jurisdiction", "UK")

    assert result.returncode == 0, result.stderr
    assert "Still open" not in result.stderr
    command = [*NEW[:3], "check", str(tmp_path / "a.note.json"), "--fail-on", "info"]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout


def test_a_value_outside_the_usual_range_is_kept_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.note.json"
    path.write_text(json.dumps({"id": "n1", "template": "assessment", "status": "draft", "jurisdiction": "UK",
                                "date": "2026-11-03T10:00:00+00:00", "symptoms": {"fever": False}}))  # fmt: skip
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
