"""A normal follow-up visit takes at most 30 questions once the note before it is carried forward."""

import json
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest
from test_prompts import answer, once_more

from ci_notes import check, derive, load_template
from ci_notes.interview import Interview

TEMPLATES = Path(__file__).parent.parent / "templates"
Data = dict[str, Any]


def example(name: str, template: str = "follow-up", **header: str) -> Data:
    data: Data = json.loads((TEMPLATES / template / "examples" / f"{name}.note.json").read_text("utf-8"))
    return {**data, **header}


def fill(target: Data, earlier: Data) -> tuple[int, Data]:
    """Return how many questions it took to fill a note like a finished one, and the note that came of it."""
    numbers = count()
    begun = {key: target[key] for key in ("id", "template", "version", "date")} | {"status": "draft"}
    interview = Interview(load_template("follow-up"), begun, lambda: f"r{next(numbers)}", [earlier])
    interview.settle(interview.template.sections[0], take=True)
    rows: dict[str, Data] = {}
    asked = [
        answer(interview, question, target, rows)
        for question in chain(iter(interview.forward, None), once_more(interview))
    ]
    return len(asked), interview.data


def missing(data: Data) -> list[str]:
    note = derive.note(load_template("follow-up"), data)
    return [one.message for one in check(note) if one.rule in ("required", "shape", "not-asked-for")]


@pytest.mark.parametrize("name", ["normal", "progesterone", "abdominal"])
def test_a_normal_visit_takes_at_most_thirty_questions(name: str) -> None:
    earlier = example(name, id="earlier", date="2026-11-05T10:00:00+00:00")
    asked, data = fill(example(name), earlier)
    assert asked <= 30
    assert missing(data) == []


def test_the_first_visit_after_an_assessment_takes_over_its_stitch_and_removal_plan() -> None:
    earlier = example("complete", "assessment")
    target = example("complete", date="2026-11-10T10:15:00+00:00")
    for section in ("cerclage", "removal"):
        target[section] = {}
    _, data = fill(target, earlier)
    assert data["cerclage"]["technique"] == earlier["cerclage"]["technique"]
    assert data["removal"]["target"] == earlier["removal"]["target"]
    assert data["ultrasound"]["previous_length"] == 21, "the shortest of the assessment, under fundal pressure too"
