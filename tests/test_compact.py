"""The compact form fits a text box of an electronic record: ASCII, 4,000 characters, whole sentences only."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ci_notes import derive, load, load_template, render
from ci_notes.compact import LONGEST, ascii_only, compact

EXAMPLES = Path(__file__).parent.parent / "templates/assessment/examples"
SHORT = ("sparse", "c1", "c6", "normal")


def read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def squeezed(data: dict[str, Any], longest: int = LONGEST) -> tuple[str, list[str]]:
    """Return the compact form of a note, and its sentences in full."""
    note = derive.note(load_template("assessment"), data)
    sentences = render(note, trace=True)
    return compact(note, sentences, longest), [one.text for one in sentences]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.note.json")), ids=lambda path: path.name.partition(".")[0])
def test_it_fits_and_is_ascii(path: Path) -> None:
    text, sentences = squeezed(read_json(path))
    assert len(text) <= LONGEST
    assert text.isascii()
    assert ascii_only(sentences[0]) in text


@pytest.mark.parametrize("name", SHORT)
def test_a_short_note_is_whole(name: str) -> None:
    text, sentences = squeezed(read_json(EXAMPLES / f"{name}.note.json"))
    assert [one for one in sentences if ascii_only(one) not in text] == []
    assert "LEFT OUT" not in text


@given(st.integers(700, 4000))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_left_out_is_left_out_whole_and_named(longest: int) -> None:
    text, sentences = squeezed(read_json(EXAMPLES / "complete.note.json"), longest)
    assert len(text) <= longest or longest < 1000
    told = text.partition("LEFT OUT HERE FOR LENGTH")[0]
    for sentence in sentences:
        told = told.replace(ascii_only(sentence), "", 1)
    # Nothing is left but headings, dashes and white space: no sentence stands there in part.
    assert all(line.strip(" -") == "" or line.partition(":")[0].isupper() for line in told.splitlines())
    assert "See the full note." in text


def test_a_long_comment_does_not_push_out_the_plan() -> None:
    data = read_json(EXAMPLES / "normal.note.json")
    data["plan"]["comment"] = "Told at length. " * 240
    data["history"]["comment"] = "Remembered in detail, " * 150
    text, _ = squeezed(data)
    assert len(text) <= LONGEST
    assert "Decided: transvaginal ultrasound surveillance and routine prenatal care." in text
    assert "LEFT OUT HERE FOR LENGTH" in text


def test_signs_that_would_mean_something_else_in_ascii() -> None:
    assert ascii_only("9.8 × 10⁹/L at 38.1 °C, ≥ 15 – Zoë Łukasz") == "9.8 x 10^9/L at 38.1 C, >= 15 - Zoe Lukasz"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("2½ cm", "2 1/2 cm"), ("¼, ¾, ⅓, ⅔", "1/4, 3/4, 1/3, 2/3"), ("1⅔", "1 2/3"), ("a ≠ b", "a != b"),
        ("10⁻³ and 10¹²", "10^-3 and 10^12"), ("5 µg, 5 μg", "5 ug, 5 ug"), ("3·5", "3.5"), ("−3 ± 1", "-3 +/- 1"),
        ("≮ 3, ≯ 4", "not < 3, not > 4"), ("20 → 15", "20 -> 15"), ("38 ºC", "38 C"),
    ],
)  # fmt: skip
def test_no_operator_and_no_digit_changes_its_meaning(written: str, plain: str) -> None:
    assert ascii_only(written) == plain


def test_signs_of_different_meaning_stay_different() -> None:
    signs = "=≠<>≤≥≮≯+-±×÷0123456789⁰¹²³⁴⁵⁶⁷⁸⁹⁻½¼¾⅓⅔µm"
    assert len({ascii_only(sign) for sign in signs}) == len(signs)
    assert all(ascii_only(f"2{one}") != ascii_only(f"2{other}") for one in signs for other in signs if one != other)


def test_a_draft_says_so_on_its_first_line() -> None:
    note = load(EXAMPLES / "rescue.note.json")
    assert compact(note, render(note, trace=True)).startswith("DRAFT - not signed\n")
