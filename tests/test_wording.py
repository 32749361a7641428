"""Values are said as they were recorded: no digit lost, dates by country, our own words spelled for their reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import wording
from ci_notes.element import Element, Option


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**18), 10**18))
def test_number_that_is_said_is_the_number_that_was_recorded(number: float) -> None:
    assert type(number)(wording.say_number(number).replace("−", "-", 1)) == number


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (22, "mm", "22 mm"),
        (22.0, "mm", "22 mm"),
        (24.5, "mm", "24.5 mm"),
        (38.1, "Cel", "38.1 °C"),
        (50, "%", "50%"),
        (3, None, "3"),
        (3, "1", "3"),
        (120, "mm[Hg]", "120 mmHg"),
        (0, "cm", "0 cm"),
        (-6.5, "mm/wk", "−6.5 mm a week"),
        (-0.0, "mm", "0 mm"),
    ],
)
def test_quantity_is_said_with_its_unit(value: float, unit: str | None, said: str) -> None:
    assert wording.say_quantity(value, unit) == said


def test_date_is_said_with_the_month_in_letters_in_the_order_of_the_country() -> None:
    assert wording.say_date("2026-11-03", "UK") == "3 November 2026"
    assert wording.say_date("2026-11-03", "US") == "November 3, 2026"
    assert wording.say_date("2026-11-03T23:30:00-05:00", "") == "3 November 2026"
    assert wording.say_time("2026-11-03T23:30:00-05:00", "US") == "November 3, 2026 at 23:30"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "first"),
        (2, "second"),
        (10, "tenth"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (22, "22nd"),
        (23, "23rd"),
        (30, "30th"),
        (111, "111th"),
    ],
)
def test_ordinals(number: int, said: str) -> None:
    assert wording.ordinal(number) == said


@given(st.lists(st.text("abc ", min_size=1), min_size=0, max_size=5))
def test_list_in_a_sentence_keeps_every_part_in_order(parts: list[str]) -> None:
    said = wording.listed(parts)
    place = 0
    for part in parts:
        place = said.index(part, place) + len(part)
    assert said.count(" and ") >= (1 if len(parts) > 1 else 0)


def test_list_in_a_sentence_reads_as_one_would_say_it() -> None:
    assert wording.listed([]) == ""
    assert wording.listed(["pain"]) == "pain"
    assert wording.listed(["pain", "fever"]) == "pain and fever"
    assert wording.listed(["pain", "fever", "bleeding"], "or") == "pain, fever or bleeding"


def test_our_words_are_spelled_for_american_readers_alone() -> None:
    text = "Labour began with haemorrhage; the labourer left. Funnelling."
    assert wording.spelled(text, "US") == "Labor began with hemorrhage; the labourer left. Funneling."
    for elsewhere in ("UK", "CA", "INTL", ""):
        assert wording.spelled(text, elsewhere) == text


def test_typed_text_is_never_respelled_but_the_words_of_an_option_are() -> None:
    option = Option("labour", "Labour", "labour")
    typed = Element(id="t.a", path="t.a", title="A", kind="text")
    chosen = Element(id="t.b", path="t.b", title="B", kind="choices", options=(option,))
    assert wording.say(typed, "Dr Labour", "US") == "Dr Labour"
    assert wording.say(chosen, ["labour"], "US") == "labor"
    assert wording.say(chosen, ["labour"], "UK") == "labour"


def test_what_is_called_otherwise_in_america_is_called_so_there() -> None:
    text = "In theatre; the theatre. On the labour ward. Your waters have broken. Counts of swabs; a swab. Labour."
    assert wording.spelled(text, "US") == (
        "In the operating room; the operating room. On the labor and delivery unit. Your water has broken. "
        "Counts of sponges; a swab. Labor."
    )
    assert wording.spelled(text, "UK") == text
    for british, american in wording.AMERICAN_NAMES.items():
        assert wording.spelled(british, "US") == american
        assert wording.spelled(american, "US") == american


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("22+1 weeks", "22 weeks and 1 day"),
        ("22+6 weeks", "22 weeks and 6 days"),
        ("37+0 weeks", "37 weeks"),
        ("37 weeks", "37 weeks"),
        ("14 to 15 weeks", "14 to 15 weeks"),
        ("14+2 to 15+1 weeks", "14+2 to 15+1 weeks"),
    ],
)
def test_weeks_are_said_to_the_patient_without_a_plus(said: str, plain: str) -> None:
    assert wording.plain_weeks(said) == plain


def test_every_american_word_is_another_spelling_and_not_itself_respelled() -> None:
    for british, american in wording.AMERICAN.items():
        assert british != american
        assert wording.spelled(american, "US") == american
        assert wording.spelled(british.capitalize(), "US") == american.capitalize()
