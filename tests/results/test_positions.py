"""A finding leads to its line and column in the file, whoever wrote it and however."""

import json

import pytest
import yaml
from bounded import at_most
from notes import rich_note

from ci_notes.results.positions import Positions


def at(text: str, place: str, line: int = 0) -> str:
    """Return what stands in a text at the position of a place."""
    row, column = Positions(text, line)(place)
    return text.splitlines()[row - max(line, 1)][column - 1 :]


INDENTED = json.dumps(rich_note(), indent=2)
TABBED = json.dumps(rich_note(), indent="\t")
ON_ONE_LINE = json.dumps(rich_note())
TIGHT = json.dumps(rich_note(), separators=(",", ":"))
YAML = yaml.safe_dump(rich_note())


@pytest.mark.parametrize(
    "text", [INDENTED, TABBED, ON_ONE_LINE, TIGHT, YAML], ids=["json", "tabs", "line", "tight", "yaml"]
)
@pytest.mark.parametrize(
    ("place", "stands"),
    [
        ("exam.dilation", "dilation"),
        ("history.prior[p2].outcome", "outcome"),
        ("history.prior[#2].outcome", "outcome"),
        ("ultrasound.lengths[b].length", "length"),
        ("status", "status"),
        ("exam.nothing_there", "exam"),
        ("history.prior[p2].nothing_there", ""),
    ],
)
def test_a_place_is_found(text: str, place: str, stands: str) -> None:
    assert at(text, place).lstrip('"').startswith(stands)


@pytest.mark.parametrize("text", [INDENTED, ON_ONE_LINE, YAML])
def test_a_row_is_found_by_its_id_and_not_by_its_number(text: str) -> None:
    assert "28w" in at(text, "history.prior[p2].ga_end")
    assert Positions(text)("history.prior[p1].outcome") < Positions(text)("history.prior[p2].outcome")


def test_a_record_on_its_own_line_counts_from_there() -> None:
    line, column = Positions(ON_ONE_LINE, 17)("exam.dilation")
    assert (line, ON_ONE_LINE[column - 1 :].startswith('"dilation"')) == (17, True)


def test_columns_are_counted_in_characters_and_lines_as_editors_count_them() -> None:
    text = '{"comment": {"text": "\U0001f930 größer\u2028\x85 next"},\r\n  "date": 1}'
    assert Positions(text)("date") == (2, 3)
    same_line = '{"a": "\U0001f930\u2028", "date": 1}'
    assert Positions(same_line)("date") == (1, same_line.index('"date"') + 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 200_000,
        '{"a":' * 61 + "1" + "}" * 61,
        "a: [}",
        "\x00",
        "{} " + " " * 8_500_000,
        '{"a": "\\ud800"}',
    ],
    ids=["empty", "open", "deep", "61 levels", "no yaml", "nul", "large", "half"],
)
def test_what_cannot_be_read_has_the_position_of_the_record(text: str) -> None:
    with at_most(1):
        assert Positions(text, 5)("exam.dilation")[0] == 5


def test_keys_that_look_like_places_lead_nowhere_wrong() -> None:
    assert Positions('{"a.b": 1, "id": 2}')("a.b") == (1, 1)
    assert Positions('{"rows": [1, 2]}')("rows[#9].x") == (1, 2)
    assert Positions('{"rows": [1, 2]}')("rows[#2]") == (1, 14)


def _places(data: object, at: str = "") -> list[str]:
    """Return every field of a note, rows by their id."""
    found: list[str] = []
    for name, value in data.items() if isinstance(data, dict) else ():
        here = f"{at}.{name}" if at else str(name)
        found += [here, *_places(value, here)]
        for row in value if isinstance(value, list) else ():
            if isinstance(row, dict):
                found += _places(row, f"{here}[{row['id']}]")
    return found


@pytest.mark.parametrize("text", [INDENTED, TABBED, ON_ONE_LINE, TIGHT], ids=["json", "tabs", "line", "tight"])
def test_every_field_is_found(text: str) -> None:
    positions = Positions(text)
    lines = text.splitlines()
    for place in _places(rich_note()):
        line, column = positions(place)
        name = place.rpartition(".")[2]
        assert lines[line - 1][column - 1 :].startswith(f'"{name}"'), place
