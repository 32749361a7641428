"""How much of each example comes back from the discrete resources of its bundle alone, with our ids and without.

The tests of reading look at each in every form; here the elements are counted, for the table.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bundles import anonymous
from installing import BUILD

from ci_notes import catalogue, from_fhir, load, render, to_fhir

Json = dict[str, Any]

WAYS: dict[str, Callable[[Json], Json]] = {"with_ids": lambda bundle: bundle, "without_ids": anonymous}


def elements(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield what is recorded, by path and number of the row; ids of rows are no elements."""
    rows = isinstance(node, list) and all(isinstance(one, dict) for one in node) and node
    if isinstance(node, dict) or rows:
        for key, value in enumerate(node) if rows else node.items():
            if key != "id":
                yield from elements(value, (*path, key))
    else:
        yield path, node


def discrete(bundle: Json) -> Json:
    """Return a bundle without its QuestionnaireResponse, which holds everything once more."""
    kept = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] != "QuestionnaireResponse"]
    return {**bundle, "entry": kept}


def recovered(example: Path, way: str) -> tuple[int, int]:
    """Return how many elements come back, of how many were recorded."""
    note = load(example)
    bundle = WAYS[way](discrete(to_fhir(note, render(note))))
    back = dict(elements(from_fhir(bundle, note.template, note_id=note.id)))
    recorded = dict(elements(note.data))
    return sum(path in back and back[path] == value for path, value in recorded.items()), len(recorded)


@pytest.mark.parametrize("template", sorted(catalogue()))
def test_every_element_comes_back(template: str) -> None:
    examples = sorted((catalogue()[template] / "examples").glob("*.note.json"))
    row: Json = {"template": template, "examples": len(examples)}
    for way in WAYS:
        counted = [recovered(example, way) for example in examples]
        row |= {way: sum(back for back, _ in counted), "recorded": sum(of for _, of in counted)}
    (BUILD / "roundtrip").mkdir(parents=True, exist_ok=True)
    (BUILD / "roundtrip" / f"{template}.json").write_text(json.dumps(row), encoding="utf-8")
    assert [row[way] for way in WAYS] == [row["recorded"]] * len(WAYS)
