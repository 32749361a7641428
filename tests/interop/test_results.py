"""Our SARIF has the shape of SARIF 2.1.0: its schema, as Microsoft's tools bring it, finds nothing against it."""

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import planting
import pytest
from installing import HERE, node

from ci_notes import check, load
from ci_notes.results import Unread, checked, sarif
from ci_notes.results.positions import Positions

TEMPLATES = sorted({path.parts[-3] for path in planting.EXAMPLES})


@pytest.fixture(scope="module")
def schema() -> Any:
    node()  # installs the packages
    text = (HERE / "node/node_modules/@microsoft/sarif-multitool-ts/assets/sarif-2.1.0.schema.json").read_text()
    found = json.loads(text)
    return jsonschema.validators.validator_for(found)(found)


def log(paths: list[Path]) -> Any:
    def results() -> Any:
        yield Unread("b c.ndjson", 3, "it is empty")
        for path in paths:
            note = load(path)
            yield checked(note, check(note, today=planting.TODAY), str(path), 0, Positions(path.read_text()))

    stream = io.StringIO()
    sarif.write(results(), stream, map(planting.template, TEMPLATES), "1.2.3")
    return json.loads(stream.getvalue())


@pytest.mark.parametrize("kind", TEMPLATES)
def test_sarif_has_its_shape(schema: Any, kind: str) -> None:
    found = log([path for path in planting.EXAMPLES if path.parts[-3] == kind])
    assert len(found["runs"][0]["results"]) > 10
    assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(found)] == []


def test_the_schema_sees_what_is_wrong(schema: Any) -> None:
    found = log([])
    found["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema.is_valid(found)
