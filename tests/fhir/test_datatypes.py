"""Each kind of value is written in FHIR's own type and read back, and what is not of its kind is left alone."""

import string
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import dating
from ci_notes.element import ABSENCES, Coding, Element, Option
from ci_notes.fhir import datatypes

SNOMED = "http://snomed.info/sct"


def option(value: str, *codes: str) -> Option:
    return Option(value, value.title(), value, tuple(Coding(SNOMED, code, value) for code in codes))


def element(kind: str, unit: str | None = None, options: tuple[Option, ...] = ()) -> Element:
    return Element(id=f"exam.{kind}", path=f"exam.{kind}", title=kind, kind=kind, unit=unit, options=options)


def there_and_back(of: Element, value: Any) -> Any:
    return datatypes.read_values(of, datatypes.write_values(of, value))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(string.ascii_letters + "./"))
def test_the_id_of_a_resource_is_a_uuid_of_version_5(note_id: str, name: str) -> None:
    base = uuid.uuid5(uuid.NAMESPACE_URL, datatypes.BASE)
    assert datatypes.resource_id(note_id, name) == str(uuid.uuid5(base, f"{note_id}\n{name}"))


@given(st.floats(-1e6, 1e6) | st.integers(-1000, 1000), st.sampled_from(["mm", "cm", "Cel", "%", "10*9/L"]))
def test_a_length_comes_back_to_the_last_digit(value: float, unit: str) -> None:
    assert there_and_back(element("quantity", unit), value) == value


@given(st.integers(-1000, 1000), st.sampled_from([None, "a", "{#}"]))
def test_a_count_comes_back_as_a_whole_number(value: int, unit: str | None) -> None:
    back = there_and_back(element("integer", unit), value)
    assert back == value
    assert isinstance(back, int)


@given(st.integers(0, 330), st.integers(0, 40))
def test_a_gestational_age_comes_back_as_exact_as_it_was(low: int, width: int) -> None:
    written = dating.write_gestation((low, low + width))
    assert there_and_back(element("gestational-age"), written) == written


def test_a_gestational_age_is_sent_in_whole_days() -> None:
    (held,) = datatypes.write_values(element("gestational-age"), "22w3d")
    assert held == {"valueQuantity": {"value": 157, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}}


@given(st.text(min_size=1).filter(str.strip))
def test_text_comes_back_letter_by_letter(value: str) -> None:
    assert there_and_back(element("text"), value) == value


@given(st.lists(st.sampled_from(string.ascii_lowercase[:5]), unique=True))
def test_several_answers_come_back_in_their_order(answers: list[str]) -> None:
    several = element("choices", options=tuple(map(option, string.ascii_lowercase[:5])))
    assert there_and_back(several, answers) == answers


@pytest.mark.parametrize("code", ABSENCES)
@pytest.mark.parametrize("reason", ["", "No time: «later» & more"])
@pytest.mark.parametrize("kind", ["text", "boolean", "quantity", "choice", "choices", "group"])
def test_a_reason_of_absence_comes_back_whatever_is_missing(kind: str, code: str, reason: str) -> None:
    held = datatypes.write_absent(code, reason)
    expected = {"absent": code, "reason": reason} if reason else {"absent": code}
    assert datatypes.read_values(element(kind, "mm"), [held]) == expected


def test_a_reason_of_absence_that_notes_do_not_know_is_not_taken_for_another() -> None:
    held = {"dataAbsentReason": {"coding": [{"system": datatypes.ABSENT, "code": "masked"}]}}
    assert datatypes.read_absent(held) is None


@pytest.mark.parametrize(
    ("of", "held"),
    [
        (element("quantity", "mm"), {"valueQuantity": {"value": 2, "code": "kg"}}),
        (element("quantity", "mm"), {"valueQuantity": {"value": 2}}),
        (element("quantity", "mm"), {"valueQuantity": {"value": "2", "code": "mm"}}),
        (element("quantity", "mm"), {"valueQuantity": "2 mm"}),
        (element("quantity", "mm"), {"valueString": "2"}),
        (element("integer"), {"valueInteger": "2"}),
        (element("gestational-age"), {"valueQuantity": {"value": 22, "code": "wk"}}),
        (element("gestational-age"), {"valueQuantity": {"code": "d"}}),
        (element("gestational-age"), {"valueRange": {"low": {"value": 150, "code": "d"}}}),
        (element("gestational-age"), {"valueRange": [1]}),
        (element("boolean"), {"valueString": "yes"}),
        (element("boolean"), {"valueBoolean": "yes"}),
        (element("text"), {"valueString": 7}),
        (element("date"), {"valueDateTime": "last week"}),
        (element("choice", options=(option("a", "1"),)), {"valueCodeableConcept": {"coding": [{"code": "1"}]}}),
        (element("choice", options=(option("a", "1"),)), {"valueCodeableConcept": ["a"]}),
    ],
)
def test_a_value_of_another_kind_or_unit_is_not_taken(of: Element, held: dict[str, Any]) -> None:
    assert datatypes.read_values(of, [held]) is None


def test_an_answer_is_known_by_a_standard_code_that_only_it_has() -> None:
    choice = element("choice", options=(option("a", "1", "9"), option("b", "2", "9")))

    def answered(code: str) -> str | None:
        return datatypes.option_of(choice, {"coding": [{"system": SNOMED, "code": code}]})

    assert (answered("1"), answered("2")) == ("a", "b")
    assert answered("9") is None
    assert answered("7") is None


def test_our_own_code_decides_between_answers_that_share_a_standard_one() -> None:
    choice = element("choice", options=(option("a", "9"), option("b", "9")))
    assert [there_and_back(choice, answer) for answer in ("a", "b")] == ["a", "b"]


def test_an_element_says_its_standard_code_first_and_always_our_own() -> None:
    coded = Element("exam.x", "exam.x", "X", "boolean", codes=(Coding("http://loinc.org", "1-8", "One"),))
    systems = [code["system"] for code in datatypes.element_concept(coded)["coding"]]
    assert systems == ["http://loinc.org", datatypes.ELEMENTS]


@pytest.mark.parametrize("concept", [None, 1, "x", [], {"coding": None}, {"coding": "x"}, {"coding": [None, 3, {}]}])
def test_what_is_no_concept_has_no_code_of_ours(concept: Any) -> None:
    assert not {code for system, code in datatypes.codes_of(concept) if system}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date", "2026-11-03", "2026-02-30"),
        ("datetime", "2026-11-03T14:20:00Z", "2026-11-03"),
        ("gestational-age", "22w3d", "22 weeks"),
        ("text", "x", 7),
        ("choice", "a", "z"),
        ("boolean", True, "true"),
        ("integer", 3, "3"),
        ("quantity", 2.5, [2.5]),
    ],
)
def test_a_primitive_in_a_resource_is_taken_only_if_it_is_of_the_kind(kind: str, good: Any, bad: Any) -> None:
    of = element(kind, "mm", (option("a"),))
    assert datatypes.read_primitive(of, good) == good
    assert datatypes.read_primitive(of, bad) is None
