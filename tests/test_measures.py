"""Numbers in the units people type: converted where that is certain, asked back where it is not, otherwise refused."""

from datetime import date

import pytest

from ci_notes import answers, measures
from ci_notes.answers import Answer, Doubt, Unclear, Value
from ci_notes.element import Element
from ci_notes.kinds import is_moment

TODAY = date(2026, 11, 4)
NOTE = "2026-11-03T10:00:00+01:00"


def quantity(title: str, unit: str, limits: tuple[float, float], usual: tuple[float, float] | None = None) -> Element:
    shape = {"minimum": limits[0], "maximum": limits[1]}
    return Element("s.e", "s.e", title, "quantity", shape, unit=unit, usual=usual)


TEMPERATURE = quantity("Temperature", "Cel", (30, 43), (35, 42))
WEIGHT = quantity("Weight", "kg", (25, 350))
HEIGHT = quantity("Height", "cm", (100, 220), (140, 190))
LENGTH = quantity("Cervical length", "mm", (0, 80), (10, 60))
WHITE = quantity("White cell count", "10*9/L", (0.1, 100), (4, 20))
HAEMOGLOBIN = quantity("Haemoglobin", "g/L", (30, 220), (90, 170))
GLUCOSE = quantity("Glucose", "mg/dL", (20, 800))
PROTEIN = quantity("Protein", "mg/dL", (1, 800))
FEVER = quantity("Temperature", "Cel", (30, 43), (35.5, 37.9))
LEUCOCYTES = quantity("White cell count", "10*9/L", (0.1, 100), (4, 15))
FLUID_WHITE = quantity("White cells", "/mm3", (0, 100_000))


def read(element: Element, typed: str) -> Answer:
    return answers.read(element, typed, "UK", TODAY, NOTE)


@pytest.mark.parametrize(
    ("element", "typed", "kept", "said"),
    [
        (TEMPERATURE, "100.4 F", 38, "38 °C"),
        (TEMPERATURE, "100.4°F", 38, "38 °C"),
        (TEMPERATURE, "100,4 degF", 38, "38 °C"),
        (TEMPERATURE, "98.6 ° f", 37, "37 °C"),
        (WEIGHT, "150 lb", 68, "68 kg"),
        (WEIGHT, "151 lbs", 68.5, "68.5 kg"),
        (WEIGHT, "10 st 7", 66.7, "66.7 kg"),
        (WEIGHT, "10 stone 7 lb", 66.7, "66.7 kg"),
        (HEIGHT, "64 in", 162.6, "162.6 cm"),
        (HEIGHT, "5'4\"", 162.6, "162.6 cm"),
        (HEIGHT, "5 ft 4", 162.6, "162.6 cm"),
        (HEIGHT, "5ft 4in", 162.6, "162.6 cm"),
        (HEIGHT, "5′4″", 162.6, "162.6 cm"),
    ],
)
def test_units_that_nobody_types_by_mistake_are_recorded_at_once(
    element: Element, typed: str, kept: float, said: str
) -> None:
    assert read(element, typed) == Value(kept, said)


@pytest.mark.parametrize(
    ("element", "typed", "question", "kept"),
    [
        (HAEMOGLOBIN, "11.2 g/dL", "11.2 g/dL is 112 g/L. Record that?", 112),
        (WHITE, "12300 /uL", "12,300 /µL is 12.3 × 10⁹/L. Record that?", 12.3),
        (WHITE, "12,300/mm3", "12,300 per mm³ is 12.3 × 10⁹/L. Record that?", 12.3),
        (WHITE, "12.3 K/uL", "12.3 × 10³/µL is 12.3 × 10⁹/L. Record that?", 12.3),
        (GLUCOSE, "5.1 mmol/L", "5.1 mmol/L is 91.9 mg/dL. Record that?", 91.9),
        (LENGTH, "2.4 cm", "2.4 cm is 24 mm. Record that?", 24),
        (HEIGHT, "1.64 m", "1.64 m is 164 cm. Record that?", 164),
    ],
)
def test_other_units_are_confirmed(element: Element, typed: str, question: str, kept: float) -> None:
    assert read(element, typed) == Doubt(question, kept)


@pytest.mark.parametrize("typed", ["12.3", "12.3 x10^9/L", "12.3 × 10⁹/L", "12.3 10*9/L", "12,3 10^9/l"])
def test_one_unit_is_written_in_many_ways(typed: str) -> None:
    assert read(WHITE, typed) == Value(12.3)


@pytest.mark.parametrize(
    ("element", "typed"),
    [(TEMPERATURE, "38.1 °C"), (TEMPERATURE, "38.1 C"), (TEMPERATURE, "38.1 celsius"), (TEMPERATURE, "38.1cel")],
)
def test_its_own_unit_changes_nothing(element: Element, typed: str) -> None:
    assert read(element, typed) == Value(38.1)


def test_a_comma_among_thousands_is_no_decimal_sign_where_cells_are_counted() -> None:
    assert read(FLUID_WHITE, "1,200") == Value(1200)
    assert read(TEMPERATURE, "38,1") == Value(38.1)


def test_a_real_minus_sign_is_read_like_a_hyphen() -> None:
    assert measures.read("−6.5 mm") == measures.read("-6.5 mm") == measures.Measure(-6.5, "mm")


@pytest.mark.parametrize(
    ("element", "typed"), [(PROTEIN, "5.1 mmol/L"), (WEIGHT, "70 cm"), (LENGTH, "24 F"), (HEIGHT, "5 ft 4 lb")]
)
def test_what_cannot_be_converted_is_refused(element: Element, typed: str) -> None:
    assert isinstance(read(element, typed), Unclear)


@pytest.mark.parametrize(
    ("element", "typed", "question", "kept"),
    [
        (TEMPERATURE, "100.4", "100.4 °C is impossible here: 30 to 43 °C. Did you mean 100.4 °F, which is 38 °C?", 38),
        (HAEMOGLOBIN, "9.5", "9.5 g/L is impossible here: 30 to 220 g/L. Did you mean 9.5 g/dL, which is 95 g/L?", 95),
        (HEIGHT, "64", "64 cm is impossible here: 100 to 220 cm. Did you mean 64 in, which is 162.6 cm?", 162.6),
        (HEIGHT, "1.64", "1.64 cm is impossible here: 100 to 220 cm. Did you mean 1.64 m, which is 164 cm?", 164),
    ],
)  # fmt: skip
def test_the_impossible_is_asked_back_where_another_unit_explains_it(
    element: Element, typed: str, question: str, kept: float
) -> None:
    assert read(element, typed) == Doubt(question, kept)


@pytest.mark.parametrize(
    ("element", "typed", "asked", "kept"),
    [
        (FEVER, "100.4", "Did you mean 100.4 °F, which is 38 °C?", 38),
        (FEVER, "101.3", "Did you mean 101.3 °F, which is 38.5 °C?", 38.5),
        (LEUCOCYTES, "16200", "Did you mean 16,200 /µL, which is 16.2 × 10⁹/L?", 16.2),
        (WEIGHT, "500", "Did you mean 500 lb, which is 226.8 kg?", 226.8),
    ],
)
def test_a_unit_explains_what_is_possible_there_though_unusual(
    element: Element, typed: str, asked: str, kept: float
) -> None:
    answer = read(element, typed)

    assert isinstance(answer, Doubt)
    assert answer.question.endswith(asked)
    assert answer.value == kept


def test_of_several_possible_units_the_usual_is_meant_and_otherwise_none() -> None:
    assert measures.meant(quantity("Length", "m", (0.1, 2), (1, 2)), 150) == ("cm", 1.5)
    assert measures.meant(quantity("Length", "m", (0.1, 9)), 150) is None


@pytest.mark.parametrize(("element", "typed"), [(TEMPERATURE, "60"), (WEIGHT, "20000"), (HEIGHT, "90 kg")])
def test_the_impossible_that_no_unit_explains_is_refused(element: Element, typed: str) -> None:
    assert isinstance(read(element, typed), Unclear)


def test_what_was_converted_is_held_to_the_range_too() -> None:
    assert isinstance(read(TEMPERATURE, "200 F"), Unclear)
    assert isinstance(read(WEIGHT, "900 lb"), Unclear)


def test_another_unit_is_named_for_a_finding() -> None:
    assert measures.other_unit(TEMPERATURE, 100.4) == "100.4 °F is 38 °C"
    assert measures.other_unit(TEMPERATURE, 60) == ""
    assert measures.other_unit(quantity("Bishop score", "{score}", (0, 13), (0, 13)), 38) == ""


MOMENT = Element("s.m", "s.m", "Taken at", "datetime")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-11-02 14:20", "2026-11-02T14:20:00+01:00"),
        ("2026-11-02T14:20", "2026-11-02T14:20:00+01:00"),
        ("2 Nov 2026 14:20", "2026-11-02T14:20:00+01:00"),
        ("2/11/2026, 9.05", "2026-11-02T09:05:00+01:00"),
        ("2 November 2026 at 14:20", "2026-11-02T14:20:00+01:00"),
        ("14:20", "2026-11-03T14:20:00+01:00"),
        ("2:20 pm", "2026-11-03T14:20:00+01:00"),
        ("12:05 am", "2026-11-03T00:05:00+01:00"),
        ("yesterday 23:10", "2026-11-03T23:10:00+01:00"),
    ],
)
def test_a_date_and_time_is_read_as_people_write_it_with_the_offset_of_the_note(typed: str, kept: str) -> None:
    assert read(MOMENT, typed) == Value(kept)
    assert is_moment(kept)


@pytest.mark.parametrize(
    "typed", ["14", "25:00", "14:75", "13:10 pm", "31/2/2026 10:00", "2026-11-02", "soon 10:00", ""]
)
def test_what_is_no_certain_moment_is_refused_with_examples(typed: str) -> None:
    answer = read(MOMENT, typed)

    assert isinstance(answer, Unclear)
    assert "2026-11-03 14:20" in answer.message
