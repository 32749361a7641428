"""How far a run is: on a terminal with rate and time left, nowhere else."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from ci_notes.cli.progress import Progress

AT_ONCE = "from ci_notes.cli import main, progress; progress._SHORT = 0; main()"
CHECK = [sys.executable, "-c", AT_ONCE, "check", "--format", "jsonl"]
NOTE = Path(__file__).parents[1] / "templates/ultrasound/examples/short.note.json"
MOST = 1_500


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many notes that it takes some seconds; one that cannot be read comes late."""
    path = tmp_path_factory.mktemp("many") / "many.ndjson"
    note = json.loads(NOTE.read_bytes()) | {"patient": {}}
    lines = [json.dumps(note | {"id": f"note-{number}"}) for number in range(MOST)]
    path.write_text("\n".join([*lines[: MOST - 100], "{", *lines[MOST - 99 :]]))
    return path


def on_a_terminal(command: str) -> str:
    """Return all that a terminal is sent while a command runs in it."""
    program = pexpect.spawn("/bin/sh", ["-c", command], encoding="utf-8", timeout=120, dimensions=(30, 110))
    program.expect(pexpect.EOF)
    return str(program.before)


def quoted(command: list[str]) -> str:
    return " ".join(map(shlex.quote, command))


@pytest.mark.terminal
def test_a_terminal_shows_how_far_a_run_is_how_fast_and_how_long_it_takes(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.jsonl"
    shown = on_a_terminal(quoted([*CHECK, str(many), "-o", str(out), "--jobs", "2"]))
    drawn = re.findall(rf"checking: +(\d+)%\|.*?\| *(\d+)/{MOST} \[[\d:]+<([\d:]+), *[\d.]+ records/s\]", shown)
    assert drawn
    assert [int(number) for _, number, _ in drawn] == sorted(int(number) for _, number, _ in drawn)
    # What is said meanwhile has a line of its own, and at the end the bar is gone.
    assert re.search(r"(?:\r|\n) *\r?ci-notes: [^\r\n]*many.ndjson, line 1401[^\r\n]*\r\n", shown)
    assert re.split(r"[\r\n]+", shown.rstrip())[-1] == f"written to {out}"
    assert json.loads(out.read_text().splitlines()[-1])["notes"] == MOST - 1


@pytest.mark.terminal
def test_a_bar_is_not_drawn_among_the_findings(many: Path) -> None:
    shown = on_a_terminal(quoted([*CHECK, str(many)]))
    assert "records/s" not in shown
    assert "checking" not in shown
    into_a_pipe = on_a_terminal(f"{quoted([*CHECK, str(many)])} | tail -1")
    assert "records/s" in into_a_pipe
    assert '"summary"' in into_a_pipe


def test_it_is_quiet_in_a_pipe(many: Path, tmp_path: Path) -> None:
    command = [*CHECK, str(many), "-o", str(tmp_path / "found.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == ""
    assert [line[:8] for line in done.stderr.splitlines()] == ["ci-notes", "written "]


def test_without_the_extra_that_draws_it_is_quiet(
    many: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    progress = Progress("file")
    assert [*progress.working(range(3), 3, "checking")] == [0, 1, 2]
    assert capsys.readouterr().err == ""
