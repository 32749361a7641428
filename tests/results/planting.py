"""Notes in which every identifying element holds an unmistakable value, rightly and wrongly written."""

import copy
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from ci_notes import library
from ci_notes.checks import check
from ci_notes.derive import Note
from ci_notes.results import Checked, checked

TODAY = "2026-11-21"
EXAMPLES = sorted(Path("templates").glob("*/examples/*.note.json"))
PLANTED = "Zyxwa Qvortex"
"""A name that stands nowhere else; its parts are looked for too."""
DAY, DAY_SAID = "1987-06-05", "5 June 1987"
SIGNS = ("Zyxwa", "Qvortex", DAY, DAY_SAID, "June 5, 1987", "8765432109")

WRONG: list[Any] = [
    8765432109,
    ["Zyxwa Qvortex"],
    {"first": "Zyxwa", "last": "Qvortex"},
    {"Zyxwa Qvortex": 1},
    {"absent": "Zyxwa Qvortex"},
    {"absent": "asked-declined", "reason": "Zyxwa Qvortex does not like to say"},
    "Zyxwa Qvortex\u0001",
    "",
]


@lru_cache
def template(name: str) -> Any:
    return library.load_template(name)


def example(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text())
    return data


def planted(data: dict[str, Any], value: Any = PLANTED) -> dict[str, Any]:
    """Return a note with a value in each identifying element, be it asked for or not; dates of birth are dates."""
    note = copy.deepcopy(data)
    for element in template(data["template"]).elements.values():
        if element.identifying:
            section, name = element.path.split(".")
            is_date = element.kind == "date" and value == PLANTED
            note.setdefault(section, {})[name] = DAY if is_date else value
    return note


def every_planting(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a note with values rightly planted, and wrongly in each way that somebody may think of."""
    yield planted(data) | {
        "kept": [{"id": "k", "rule": "required", "rationale": f"Told {PLANTED} of it; Qvortex agreed"}]
    }
    yield planted(data) | {
        "id": "8765432109",
        "patient": {"identifier": "8765432109", "pseudonym": "p", "name": PLANTED},
    }
    yield planted(data) | {"history": {"prior": [{"id": PLANTED, "outcome": "none of these"}] * 2}}
    for value in WRONG:
        yield planted(data, value)
    yield data | {"patient": PLANTED, "author": [PLANTED]}
    yield planted(data) | {"comment": {"text": f"{PLANTED} is painless and has painful contractions"}}


def results(data: dict[str, Any], name: str = "notes.ndjson", line: int = 1) -> Checked:
    note = read(data)
    return checked(note, check(note, today=TODAY), name, line)


def read(data: dict[str, Any]) -> Note:
    return library.load(data)
