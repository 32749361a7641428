"""What a clinician types is understood in the forms people use, asked back where it could mean two things."""

from datetime import date, timedelta

import pytest
from bounded import at_most
from hypothesis import example, given
from hypothesis import strategies as st

from ci_notes import answers, dating, wording
from ci_notes.answers import Doubt, Unclear, Value
from ci_notes.element import Element
from ci_notes.library import load_template
from ci_notes.template import Template

TODAY = date(2026, 11, 3)


def read(assessment: Template, path: str, typed: str, jurisdiction: str = "UK") -> answers.Answer:
    return answers.read(assessment.elements[path], typed, jurisdiction, TODAY)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("22+3", "22w3d"),
        ("22w3d", "22w3d"),
        ("22 w 3 d", "22w3d"),
        ("22 weeks 3 days", "22w3d"),
        ("22 weeks, 3 days", "22w3d"),
        ("22 3/7", "22w3d"),
        ("22+0", "22w0d"),
        ("22w", "22w"),
        ("22 weeks", "22w"),
        ("23-24", "23w-24w"),
        ("23 to 24 weeks", "23w-24w"),
        ("9+6", "9w6d"),
    ],
)
def test_gestational_ages_are_read_as_people_write_them(assessment: Template, typed: str, kept: str) -> None:
    assert read(assessment, "removal.target", typed) == Value(kept)


def test_a_decimal_number_of_weeks_is_refused_with_the_way_to_write_it(assessment: Template) -> None:
    answer = read(assessment, "removal.target", "22.4")

    assert isinstance(answer, Unclear)
    assert "22+4" in answer.message


@pytest.mark.parametrize("typed", ["22+7", "24-23 weeks", "abc", "220", "22+3+1"])
def test_what_is_no_gestational_age_is_refused(assessment: Template, typed: str) -> None:
    assert isinstance(read(assessment, "removal.target", typed), Unclear)


@given(st.integers(0, 308))
def test_a_gestational_age_can_be_typed_as_it_is_printed(days: int) -> None:
    assessment = load_template("assessment")
    written = dating.write_gestation((days, days))
    printed = dating.say_gestation((days, days)).removesuffix(" weeks")

    assert read(assessment, "removal.target", printed) == Value(written)
    assert read(assessment, "removal.target", written) == Value(written)


@given(st.dates(date(1950, 1, 1), date(2030, 12, 31)), st.sampled_from(["UK", "US", "CA", "INTL"]))
def test_a_date_can_be_typed_as_it_is_printed_or_stored(day: date, jurisdiction: str) -> None:
    assessment = load_template("assessment")
    stored = day.isoformat()

    assert read(assessment, "pregnancy.lmp", stored, jurisdiction) == Value(stored)
    assert read(assessment, "pregnancy.lmp", wording.say_date(stored, jurisdiction), jurisdiction) == Value(stored)


def test_the_order_of_day_and_month_follows_the_country(assessment: Template) -> None:
    assert read(assessment, "pregnancy.lmp", "3/11/2026", "UK") == Value("2026-11-03")
    assert read(assessment, "pregnancy.lmp", "3/11/2026", "US") == Value("2026-03-11")


def test_today_and_yesterday_are_days(assessment: Template) -> None:
    assert read(assessment, "pregnancy.lmp", "today") == Value("2026-11-03")
    assert read(assessment, "pregnancy.lmp", "yesterday") == Value((TODAY - timedelta(days=1)).isoformat())


@pytest.mark.parametrize("typed", ["31/2/2026", "31/2/26", "1/6/926", "13", "June", "2026-13-01", "soon"])
def test_what_is_no_certain_date_is_refused_with_examples(assessment: Template, typed: str) -> None:
    answer = read(assessment, "pregnancy.lmp", typed)

    assert isinstance(answer, Unclear)
    assert "2026-11-03" in answer.message


def test_a_year_of_two_digits_is_asked_back_with_its_century(assessment: Template) -> None:
    assert read(assessment, "patient.birth_date", "3/4/94") == Doubt("3 April 1994. Record that?", "1994-04-03")
    assert read(assessment, "patient.birth_date", "3/4/94", "US") == Doubt("March 4, 1994. Record that?", "1994-03-04")
    assert read(assessment, "patient.birth_date", "3 Apr 01") == Doubt("3 April 2001. Record that?", "2001-04-03")
    assert read(assessment, "pregnancy.lmp", "18.6.26") == Doubt("18 June 2026. Record that?", "2026-06-18")
    assert read(assessment, "pregnancy.edd", "24/3/27") == Doubt("24 March 2027. Record that?", "2027-03-24")
    assert read(assessment, "pregnancy.lmp", "24/3/28") == Doubt("24 March 1928. Record that?", "1928-03-24")
    assert read(assessment, "pregnancy.lmp", "29/2/24") == Doubt("29 February 2024. Record that?", "2024-02-29")


def test_a_birth_date_of_nobody_who_could_be_meant_wants_its_whole_year(assessment: Template) -> None:
    answer = read(assessment, "patient.birth_date", "3/4/22")

    assert isinstance(answer, Unclear)
    assert "aged 10 to 60" in answer.message
    assert "four digits" in answer.message


def test_a_moment_with_a_year_of_two_digits_is_asked_back(assessment: Template) -> None:
    moment = next(one.path for one in assessment.elements.values() if one.kind == "datetime")

    assert read(assessment, moment, "3/11/26 14:20") == Doubt(
        "3 November 2026, 14:20. Record that?", "2026-11-03T14:20:00Z"
    )


def test_a_day_without_a_year_is_asked_back_with_the_year_nearest_to_the_note(assessment: Template) -> None:
    asked = Doubt("28 November 2026. Record that?", "2026-11-28")
    for typed in ("28 nov", "28 November", "nov 28", "28/11", "28.11.", "28-11"):
        assert read(assessment, "plan.cerclage_date", typed) == asked, typed
    assert read(assessment, "plan.cerclage_date", "11/28", "US") == Doubt(
        "November 28, 2026. Record that?", "2026-11-28"
    )
    assert read(assessment, "plan.cerclage_date", "4 jan") == Doubt("4 January 2027. Record that?", "2027-01-04")
    in_january = answers.read(assessment.elements["pregnancy.lmp"], "28/11", "UK", TODAY, "2027-01-04T09:00:00Z")
    assert in_january == asked, "it is the day of the note that counts, not today"


@pytest.mark.parametrize("typed", ["11/28", "31/4", "29/2", "28 soon", "22w", "7", "22 24", "in 7", "in 2 weeks ago"])
def test_what_is_no_day_of_a_year_is_still_refused(assessment: Template, typed: str) -> None:
    assert isinstance(read(assessment, "plan.cerclage_date", typed), Unclear)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("in 1 week", "2026-11-28"),
        ("in a week", "2026-11-28"),
        ("In 2 weeks", "2026-12-05"),
        ("1 week", "2026-11-28"),
        ("in 10 days", "2026-12-01"),
        ("+7", "2026-11-28"),
        ("+7d", "2026-11-28"),
        ("+2w", "2026-12-05"),
        ("2 weeks ago", "2026-11-07"),
        ("mon", "2026-11-23"),
        ("Monday", "2026-11-23"),
        ("sat", "2026-11-28"),
        ("sunday", "2026-11-22"),
    ],
)
def test_days_are_counted_from_the_day_of_the_note(assessment: Template, typed: str, kept: str) -> None:
    saturday = "2026-11-21T09:00:00Z"
    assert answers.read(assessment.elements["plan.cerclage_date"], typed, "UK", TODAY, saturday) == Value(kept)


@pytest.mark.parametrize("typed", ["28 nov", "28/11", "in 1 week", "2 weeks ago", "+7", "mon"])
def test_a_date_of_birth_is_never_counted_from_the_note(assessment: Template, typed: str) -> None:
    answer = read(assessment, "patient.birth_date", typed)

    assert isinstance(answer, Unclear)
    assert "in 2 weeks" not in answer.message


def test_who_types_no_date_is_told_what_one_looks_like_before_and_after_today(assessment: Template) -> None:
    answer = read(assessment, "pregnancy.lmp", "1")
    assert isinstance(answer, Unclear)
    assert answer.message == "A date is wanted: 2026-11-03, 3 Nov 2026 or 3/11/2026; 2 weeks ago, in 2 weeks."


def test_a_due_date_is_not_offered_as_a_day_that_is_past(assessment: Template) -> None:
    answer = read(assessment, "pregnancy.edd", "soon")
    assert isinstance(answer, Unclear)
    assert "in 12 weeks; weeks and days on the day of the note, 22+3" in answer.message
    assert "ago" not in answer.message


def test_weeks_in_a_due_date_are_how_far_she_is_and_not_how_long_from_now(assessment: Template) -> None:
    assert isinstance(read(assessment, "pregnancy.edd", "22 weeks"), Unclear)
    assert isinstance(read(assessment, "pregnancy.edd", "+3"), Unclear), "a slip of 22+3"
    assert read(assessment, "pregnancy.edd", "in 2 weeks") == Value("2026-11-17")


def test_the_day_of_a_moment_may_be_told_the_same_ways(assessment: Template) -> None:
    moment = next(one.path for one in assessment.elements.values() if one.kind == "datetime")

    assert read(assessment, moment, "2 oct 14:20") == Doubt(
        "2 October 2026, 14:20. Record that?", "2026-10-02T14:20:00Z"
    )
    assert read(assessment, moment, "sat at 14:20") == Value("2026-11-07T14:20:00Z")
    assert read(assessment, moment, "2026-11-03T14:20") == Value("2026-11-03T14:20:00Z")


def test_a_due_date_may_be_typed_as_the_gestational_age_on_the_day_of_the_note(assessment: Template) -> None:
    edd = assessment.elements["pregnancy.edd"]
    moment = "2026-11-21T09:00:00Z"

    asked = Doubt("22+3 on 21 November 2026 gives a due date of 24 March 2027. Record that?", "2027-03-24")
    assert answers.read(edd, "22+3", "UK", TODAY, moment) == asked
    assert answers.read(edd, "22w 3d", "UK", TODAY, moment) == asked
    assert dating.gestation_on(date(2026, 11, 21), date(2027, 3, 24)) == dating.days(22, 3)


@pytest.mark.parametrize(("typed", "said"), [("22w", "weeks and days"), ("22+7", "0 to 6"), ("22", "22+3")])
def test_what_gives_no_due_date_is_refused_with_what_would(assessment: Template, typed: str, said: str) -> None:
    answer = read(assessment, "pregnancy.edd", typed)

    assert isinstance(answer, Unclear)
    assert said in answer.message


def test_no_other_date_is_read_as_a_gestational_age(assessment: Template) -> None:
    assert isinstance(read(assessment, "pregnancy.lmp", "22+3"), Unclear)


def test_centimetres_in_a_millimetre_field_are_asked_back(assessment: Template) -> None:
    answer = read(assessment, "ultrasound.lengths.length", "1.8 cm")

    assert answer == Doubt("1.8 cm is 18 mm. Record that?", 18)


def test_a_bare_number_that_looks_like_centimetres_is_asked_back(assessment: Template) -> None:
    answer = read(assessment, "ultrasound.lengths.length", "1.8")

    assert isinstance(answer, Doubt)
    assert answer.value == 18
    assert "1.8 cm" in answer.question


@pytest.mark.parametrize("typed", ["2.0", "2,0"])
def test_a_whole_number_of_centimetres_is_asked_back_as_well(assessment: Template, typed: str) -> None:
    answer = read(assessment, "ultrasound.lengths.length", typed)
    assert answer == Doubt("2.0 mm would be very short. Did you mean 2.0 cm, which is 20 mm?", 20)
    assert read(assessment, "ultrasound.lengths.length", "2") == Value(2)


@pytest.mark.parametrize("typed", ["12,9,11", "9,8,10", "9,8", "22,5", "12,9, 11"])
def test_a_comma_that_may_part_two_lengths_or_be_a_decimal_sign_is_asked_back(typed: str) -> None:
    asked = answers.parts(typed)
    assert isinstance(asked, Unclear)
    assert "type a point in a decimal" in asked.message


@pytest.mark.parametrize("typed", ["22,5 24", "22,5; 24", "22,24,19", "22, 24", "22, 22.5", "17 18", "22,5 and 24"])
def test_a_comma_that_can_be_but_one_thing_is_not(typed: str) -> None:
    assert isinstance(answers.parts(typed), list)


def test_a_length_that_cannot_be_ten_times_as_much_is_taken_as_it_is() -> None:
    tape = Element("s.tape", "s.tape", "Width of the tape", "quantity", {"minimum": 1, "maximum": 10}, unit="mm")

    assert answers.read(tape, "2.5", "UK", TODAY) == Value(2.5)


@pytest.mark.parametrize("typed", ["18", "18 mm", "18mm", "18.0", "18,0 mm", "18 millimetres"])
def test_a_length_in_its_own_unit_is_taken_as_it_is(assessment: Template, typed: str) -> None:
    assert read(assessment, "ultrasound.lengths.length", typed) == Value(18)


@pytest.mark.parametrize("typed", ["18, 17.5, 19", "18,17,19", "18 - 17 19", "18; 17"])
def test_several_numbers_where_one_is_meant_are_not_taken_for_a_unit(assessment: Template, typed: str) -> None:
    assert read(assessment, "ultrasound.duration", typed) == Unclear("A number in minutes is wanted, such as 30.")


def test_a_unit_that_cannot_be_converted_is_refused_by_name(assessment: Template) -> None:
    answer = read(assessment, "ultrasound.lengths.length", "18 kg")

    assert isinstance(answer, Unclear)
    assert "mm" in answer.message


def test_the_impossible_is_refused_and_the_unusual_asked_back_with_a_reason(assessment: Template) -> None:
    assert isinstance(read(assessment, "exam.dilation", "-1"), Unclear)
    unusual = read(assessment, "exam.dilation", "6")

    assert isinstance(unusual, Doubt)
    assert unusual.kept
    assert unusual.value == 6


def test_options_are_taken_by_number_by_name_and_by_the_beginning_of_it(assessment: Template) -> None:
    for typed in ("1", "McDonald", "mcdonald", "mc"):
        assert read(assessment, "cerclage.technique", typed) == Value("mcdonald")


@pytest.mark.parametrize(
    ("path", "typed", "taken"),
    [("cerclage.suture", "mersilene", "polyester_tape"), ("cerclage.technique", "laparo", "tac_laparoscopic")],
)
def test_an_option_is_taken_by_a_word_within_its_title(path: str, typed: str, taken: str) -> None:
    assert read(load_template("cerclage"), path, typed) == Value(taken)


def test_a_dose_with_its_unit_is_told_to_be_typed_alone() -> None:
    answer = read(load_template("cerclage"), "operation.tocolytics.dose", "100mg")
    assert answer == Unclear("Type the number alone, without «mg».")


@pytest.mark.parametrize("typed", ["late miscarriage", "mid-trimester"])
def test_an_answer_is_taken_by_what_people_say_as_well(assessment: Template, typed: str) -> None:
    assert read(assessment, "history.prior.outcome", typed) == Value("loss_2T")


@pytest.mark.parametrize("typed", ["miscar", "Miscarriage"])
def test_what_people_say_of_two_answers_is_asked_back(assessment: Template, typed: str) -> None:
    answer = read(assessment, "history.prior.outcome", typed)

    assert isinstance(answer, Unclear)
    assert "First-trimester miscarriage or Second-trimester loss" in answer.message


def test_an_ambiguous_beginning_names_what_it_could_be(assessment: Template) -> None:
    answer = read(assessment, "pregnancy.dating_method", "last")

    assert isinstance(answer, Unclear)
    assert "Last menstrual period" in answer.message


def test_several_options_are_taken_in_one_line(assessment: Template) -> None:
    assert read(assessment, "removal.triggers", "1, 3") == Value(["labour", "infection"])
    assert read(assessment, "removal.triggers", "1 3") == Value(["labour", "infection"])
    assert read(assessment, "removal.triggers", "none") == Value([])


def test_text_that_does_not_fit_its_pattern_is_explained(assessment: Template) -> None:
    answer = read(assessment, "patient.identifier_system", "our hospital")

    assert isinstance(answer, Unclear)
    assert "URI" in answer.message


@given(st.text(max_size=40))
@example("²")  # a digit that is no number
def test_nothing_that_can_be_typed_breaks_the_reading(typed: str) -> None:
    assessment = load_template("assessment")
    for element in assessment.elements.values():
        answer = answers.read(element, typed, "UK", TODAY)
        assert isinstance(answer, Value | Doubt | Unclear)


ENDLESS = {
    "digits": "1" * 20_000, "feet": "1" * 400 + " ft 4", "inches": "5 ft " + "4" * 400, "exponent": "9" * 310,
    "blanks": "1" + " " * 20_000 + "x", "list": "1 " * 10_000, "names": "a," * 10_000, "choices": "1" * 5000 + ",a",
    "other digits": "\u0663" * 400, "decimals": "1." + "1" * 400,
}  # fmt: skip


@pytest.mark.parametrize("typed", ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_refused_at_once_and_never_infinite(assessment: Template, typed: str) -> None:
    """A number of four hundred digits is infinite to a computer; to look for its parts takes seconds."""
    kinds = {(one.kind, one.unit): path for path, one in assessment.elements.items() if one.kind != "text"}
    with at_most(1):
        for path in kinds.values():
            assert isinstance(read(assessment, path, typed), Unclear), path
