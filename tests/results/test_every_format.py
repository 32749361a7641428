"""What holds of every format: nothing of a patient is in it, and many notes need no more memory than a few."""

import io
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import planting
import pytest
from notes import rich_note

from ci_notes.results import Checked, Unread, jsonl, junit, outcome, sarif, table
from ci_notes.results.model import Result

Written = Callable[[Iterator[Result], TextIO], None]
KINDS = sorted({path.parts[-3] for path in planting.EXAMPLES})


def as_sarif(results: Iterator[Result], stream: TextIO) -> None:
    sarif.write(results, stream, map(planting.template, KINDS), "1.2.3")


FORMATS: dict[str, Written] = {
    "jsonl": lambda results, stream: jsonl.write(results, stream, "1.2.3"),
    "csv": table.write,
    "sarif": as_sarif,
    "junit": junit.write,
    "fhir": outcome.write,
}


@pytest.fixture(scope="module")
def planted() -> list[Checked]:
    """One example of each kind of note, with values of patients and staff in every place that may identify them."""
    examples = [next(path for path in planting.EXAMPLES if path.parts[-3] == kind) for kind in KINDS]
    notes = [note for path in examples for note in planting.every_planting(planting.example(path))]
    # Who wrote the note is told on purpose; here the same name stands for the patient, and is left out even there.
    return [planting.results(note) for note in notes]


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_holds_anything_of_anybody(name: str, planted: list[Checked]) -> None:
    stream = io.StringIO()
    FORMATS[name](iter([replace(one, author="") for one in planted]), stream)
    text = stream.getvalue()
    assert len(text) > 10_000
    assert [sign for sign in planting.SIGNS if sign in text] == []
    assert "left out" in text


@pytest.mark.parametrize("name", FORMATS)
def test_memory_is_flat(name: str, tmp_path: Path) -> None:
    one = planting.results(rich_note())

    def many(number: int) -> Iterator[Result]:
        for line in range(number):
            yield replace(one, line=line) if line % 3 else Unread("a.ndjson", line, "it is empty " * 20)

    def highest(number: int) -> int:
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            tracemalloc.start()
            FORMATS[name](many(number), stream)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    few = highest(10)
    assert (tmp_path / name).stat().st_size > 0
    # Tests that are put by until they are counted stay in memory up to a megabyte for each suite.
    assert highest(1_000) - few < 3_000_000
    assert (tmp_path / name).stat().st_size > 3_500_000
