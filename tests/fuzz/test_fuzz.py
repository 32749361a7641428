"""Whatever is given to the program, it answers in a second and without a traceback.

Each kind of input gets an equal part of CI_NOTES_FUZZ_SECONDS. What fails is made small by hypothesis and kept in
build/fuzz; the failure says how to try it again.
"""

import json
import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from mutating import BUNDLES, INPUTS, NOTES, ROOT, Input
from running import run_program

pytestmark = pytest.mark.fuzz

SECONDS = float(os.environ.get("CI_NOTES_FUZZ_SECONDS", "60"))
FIRST = int(os.environ.get("CI_NOTES_FUZZ_SEED", "0")) or time.time_ns() % 1_000_000_000
"""The seed of the first batch; given again, the same inputs come again."""

KEPT = ROOT / "build" / "fuzz"
LONGEST = 1.0
"""Seconds of processor, for one verb over one input."""

VERBS = [
    ["check"], ["check", "--format", "sarif"], ["check", "--format", "html"], ["render"],
    ["render", "--to", "html", "--trace"], ["fhir"], ["import"], ["import", "--template", "assessment"], ["lint"],
]  # fmt: skip

AMONG = [["check", "--format", "jsonl"], ["deidentify", "--key", "KEY", "--text", "scrub"]]
"""What is run over a folder: the input and a sound note, which comes through whatever lies beside it."""

SOUND = ROOT / "templates/ultrasound/examples/short.note.json"

_BATCH = 40


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Have every template read and every module loaded: what is measured is the input, not the start."""
    for path in [*NOTES[::7], BUNDLES[0], BUNDLES[-1]]:
        for verb in VERBS:
            run_program(*verb, path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sound note, and a key beside it."""
    run_program("deidentify", "--make-key", tmp_path / "key")
    (tmp_path / "notes").mkdir()
    shutil.copy(SOUND, tmp_path / "notes")
    return tmp_path / "notes"


def tried(sent: Input, verb: list[str], folder: Path) -> float:
    """Run a verb over an input; return the seconds it took, the shorter of two tries where the first was long."""
    path = folder / f"input{sent.ending}"
    path.write_bytes(sent.content)
    if verb in AMONG:
        verb, path = [str(folder.parent / "key") if word == "KEY" else word for word in verb], folder
    took = LONGEST
    for _ in range(2):
        begun = time.process_time()
        ran = run_program(*verb, path)
        assert ran.code in (0, 1, 2), ran.err
        assert "Traceback" not in ran.err
        assert ran.code == 0 or ran.out or ran.err, "nothing was said"
        assert path is not folder or '"template":"ultrasound"' in ran.out.replace(" ", ""), "the run was ended"
        took = min(took, time.process_time() - begun) if took < LONGEST else time.process_time() - begun
        if took < LONGEST:
            return took
    return took


@pytest.mark.parametrize("kind", INPUTS)
def test_every_input_is_answered(kind: str, folder: Path) -> None:
    until = time.monotonic() + SECONDS / len(INPUTS)
    for number in _batches(until):
        _try_some(kind, number, folder, until)


def _batches(until: float) -> Iterator[int]:
    number = FIRST
    while time.monotonic() < until:
        yield number
        number += 1


def _try_some(kind: str, number: int, folder: Path, until: float) -> None:
    @seed(number)
    @settings(
        max_examples=_BATCH, deadline=None, database=None, verbosity=Verbosity.quiet, print_blob=False,
        phases=[Phase.generate, Phase.shrink], suppress_health_check=[*HealthCheck],
    )  # fmt: skip
    @given(INPUTS[kind])
    def try_one(sent: Input) -> None:
        for verb in [*VERBS, *AMONG]:
            if time.monotonic() > until and not failed:
                return
            try:
                took = tried(sent, verb, folder)
                assert took < LONGEST, f"{took:.1f} seconds"
            except Exception as error:
                failed[:] = [_kept(kind, sent, verb, error)]
                raise

    failed: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try_one()
    except Exception as error:
        if not failed:
            raise
        raise AssertionError(f"{failed[0]}\nSeed of the batch: CI_NOTES_FUZZ_SEED={number}") from error


def _kept(kind: str, sent: Input, verb: list[str], error: Exception) -> str:
    """Keep an input that fails, in place of a longer one that was found before it; return how to try it again."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{kind.replace(' ', '-')}-{'-'.join(verb).replace('--', '')}{sent.ending}"
    path.write_bytes(sent.content)
    among = f", in a folder with {SOUND.name}" if verb in AMONG else ""
    again = f"ci-notes {' '.join(verb)} {path.relative_to(ROOT)}{among}"
    return f"{type(error).__name__}: {str(error)[:300]}\nTry it again with: {again}"


def test_what_fails_is_kept_and_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness itself: a program that falls over one word is found, and the input is small."""
    monkeypatch.setattr(sys.modules[__name__], "KEPT", ROOT / "build" / "fuzz" / "harness")

    answers = run_program

    def falls(*arguments: object) -> object:
        data = json.loads(Path(str(arguments[-1])).read_bytes())
        if "comment" in data:
            raise RuntimeError("fell over")
        return answers("rule", "R001")

    monkeypatch.setattr(sys.modules[__name__], "run_program", falls)
    monkeypatch.setattr(sys.modules[__name__], "AMONG", [])
    with pytest.raises(AssertionError, match=r"(?s)fell over.*ci-notes check build/fuzz/harness/notes-check"):
        _try_some("notes", 1, folder, time.monotonic() + 60)
