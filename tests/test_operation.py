"""The operative note as it is filled: quick after an assessment, and complete all the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from test_prompts import fill, missing

EXAMPLES = Path(__file__).parent.parent / "templates/cerclage/examples"
Data = dict[str, Any]


def example(name: str) -> Data:
    data: Data = json.loads((EXAMPLES / f"{name}.note.json").read_text("utf-8"))
    return data


def assessed(operation: Data) -> Data:
    """Return the assessment two weeks before an operation: the same woman, the plan, what she was told."""
    same = ("patient", "author", "pregnancy", "history", "allergies", "medications", "diagnosis", "counselling", "plan")
    held = {name: dict(operation[name]) for name in same}
    held["counselling"].pop("benefits")
    screened = operation.get("fetal", {})
    held["fetal"] = {name: screened[name] for name in ("viability", "aneuploidy_screen") if name in screened}
    held["plan"]["choice"] = ["cerclage_TVC"]
    header = {"id": "earlier", "template": "assessment", "status": "final", "date": "2026-10-20T10:00:00+00:00"}
    return {**header, "jurisdiction": operation["jurisdiction"], **held, "cerclage": {"in_place": False}}


def test_an_elective_mcdonald_after_an_assessment_takes_at_most_sixty_questions() -> None:
    target = example("mcdonald")
    asked, data, open_ends = fill(target, assessed(target))
    assert open_ends == []
    assert missing(data) == []
    assert asked <= 60


def test_the_stitch_of_the_note_before_is_not_taken_for_the_new_one() -> None:
    target = example("mcdonald")
    earlier = assessed(target) | {"cerclage": {"in_place": True, "technique": "shirodkar", "placed_on": "2026-09-30"}}
    _, data, _ = fill(target, earlier)
    assert data["cerclage"]["technique"] == "mcdonald"
    assert data["cerclage"]["placed_on"] == target["date"][:10]


@pytest.mark.parametrize("name", ["rescue", "shirodkar", "twins", "not-placed", "laparoscopic"])
def test_what_is_asked_makes_a_complete_note(name: str) -> None:
    target = example(name)
    _, data, _ = fill(target, assessed(target))
    assert missing(data) == []
