"""Questions come in the order of the template, only those that apply; one can go back, and carry forward."""

import itertools
from collections.abc import Iterator
from typing import Any

from ci_notes.interview import Interview, computed_values
from ci_notes.questions import Question
from ci_notes.template import Template

Data = dict[str, Any]


def started(assessment: Template, data: Data | None = None, earlier: Data | None = None) -> Interview:
    ids = (f"r{number}" for number in itertools.count(1))
    begun = {"id": "n1", "template": "assessment", "status": "draft", "date": "2026-11-03T10:00:00+00:00"}
    return Interview(assessment, {**begun, **(data or {})}, lambda: next(ids), [earlier] if earlier else [])


def go_to(interview: Interview, path: str) -> Question:
    """Step forward, leaving everything open, to the question about an element or a section."""
    while (question := interview.forward()) is not None:
        if path in (question.key[1], question.section.name if question.kind != "element" else ""):
            return question
    raise AssertionError(f"{path} is never asked")


def walked(interview: Interview) -> Iterator[Question]:
    """Step forward to the end, leaving everything open."""
    while (question := interview.forward()) is not None:
        yield question


def paths(interview: Interview) -> list[str]:
    return [question.key[1] for question in interview.questions()]


def test_what_does_not_apply_is_not_asked(assessment: Template) -> None:
    interview = started(assessment)
    assert "ultrasound.funnel_length" not in paths(interview)

    interview.put_block(go_to(interview, "ultrasound.findings"), {"funnelling"})

    assert "ultrasound.funnel_length" in paths(interview)


def test_as_many_fetuses_as_were_counted_are_suggested_until_somebody_says_how_many(assessment: Template) -> None:
    interview = started(assessment, {"pregnancy": {"plurality": 2}})
    question = go_to(interview, "fetal.fetuses")

    assert interview.suggestion(question) == 2
    interview.put_rows(question, 1)
    assert interview.suggestion(question) is None
    assert started(assessment).suggestion(question) is None


def test_changing_an_answer_takes_its_questions_away_and_keeps_the_value_in_the_draft(assessment: Template) -> None:
    interview = started(assessment, {"cerclage": {"in_place": True, "technique": "mcdonald"}})
    question = go_to(interview, "cerclage.in_place")

    interview.put(question, False)

    assert "cerclage.technique" not in paths(interview)
    assert interview.data["cerclage"]["technique"] == "mcdonald"


def test_going_back_and_forward_visits_the_same_questions(assessment: Template) -> None:
    interview = started(assessment)
    visited = [interview.forward() for _ in range(6)]
    returned = [interview.back() for _ in range(5)]

    assert returned == visited[-2::-1]


def test_the_first_question_has_none_before_it(assessment: Template) -> None:
    interview = started(assessment)
    interview.forward()

    assert interview.back() is None


def test_a_block_answered_in_one_act_is_stored_for_each_element(assessment: Template) -> None:
    interview = started(assessment)
    question = go_to(interview, "symptoms")

    interview.put_block(question, {"pelvic_pressure"})

    assert interview.data["symptoms"]["pelvic_pressure"] is True
    assert interview.data["symptoms"]["fever"] is False
    assert len(interview.data["symptoms"]) == len(question.members)


def test_a_block_opened_is_asked_one_by_one(assessment: Template) -> None:
    interview = started(assessment)
    question = go_to(interview, "symptoms")

    interview.open_block(question)
    following = interview.forward()

    assert following is not None
    assert following.key[1] == "symptoms.pelvic_pressure"


def test_rows_are_made_with_ids_of_their_own_and_keep_them(assessment: Template) -> None:
    interview = started(assessment, {"history": {"gravida": 3}})
    question = go_to(interview, "history.prior")
    interview.put_rows(question, 2)
    first = [row["id"] for row in interview.data["history"]["prior"]]

    interview.put_rows(question, 3)

    ids = [row["id"] for row in interview.data["history"]["prior"]]
    assert ids[:2] == first
    assert len(set(ids)) == 3


def test_no_rows_is_recorded_as_none_not_as_untouched(assessment: Template) -> None:
    interview = started(assessment, {"history": {"gravida": 2}})

    interview.put_rows(go_to(interview, "history.prior"), 0)

    assert interview.data["history"]["prior"] == []


def test_details_of_a_row_are_asked_by_its_own_answers(assessment: Template) -> None:
    interview = started(assessment, {"history": {"gravida": 3, "prior": [
        {"id": "a", "ga_end": "20w0d"}, {"id": "b", "ga_end": "39w0d"}]}})  # fmt: skip
    asked = {question.row for question in interview.questions() if question.key[1] == "history.prior.onset"}

    assert asked == {"a"}


def test_measurements_are_typed_in_one_line_and_kept_one_row_each(assessment: Template) -> None:
    interview = started(assessment)
    question = go_to(interview, "ultrasound.lengths")
    assert question.kind == "list"

    interview.put_list(question, [22, 24])

    assert [row["length"] for row in interview.data["ultrasound"]["lengths"]] == [22, 24]
    assert computed_values(interview.note())["Shortest cervical length"] == "22 mm"


def test_computed_values_appear_as_they_become_known(assessment: Template) -> None:
    interview = started(assessment)
    assert "Gestational age" not in computed_values(interview.note())

    interview.put(go_to(interview, "pregnancy.edd"), "2027-03-08")

    assert computed_values(interview.note())["Gestational age"] == "22+1 weeks"


def test_an_absence_can_be_given_a_reason(assessment: Template) -> None:
    interview = started(assessment)
    question = go_to(interview, "exam.dilation")

    interview.put_absent(question, "asked-declined")

    assert interview.add_reason(question, "no examination wished")
    assert interview.data["exam"]["dilation"] == {"absent": "asked-declined", "reason": "no examination wished"}


def test_a_resumed_note_goes_on_after_the_last_answer(assessment: Template) -> None:
    interview = started(assessment, {"patient": {"name": "Ada Example"}, "pregnancy": {"edd": "2027-03-08"}})

    interview.resume()
    following = interview.forward()

    assert following is not None
    assert following.key[1] == "pregnancy.plurality"


EARLIER = {
    "template": "assessment",
    "date": "2026-10-01T10:00:00+00:00",
    "patient": {"name": "Ada Example"},
    "pregnancy": {"edd": "2027-03-08", "ga_stated": "17w3d"},
    "history": {"gravida": 2, "prior": [{"id": "p1", "outcome": "loss_2T"}]},
    "exam": {"dilation": 1},
}


def test_only_what_lasts_is_carried_forward_and_only_after_a_confirmation(assessment: Template) -> None:
    interview = started(assessment, earlier=EARLIER)
    assert "patient" not in interview.data

    question = go_to(interview, "pregnancy")
    assert question.kind == "carry"
    interview.settle(question.section, take=True)

    assert interview.data["pregnancy"] == {"edd": "2027-03-08"}
    assert "exam" not in interview.carried


def test_what_was_confirmed_is_not_asked_again_and_what_was_not_carried_is(assessment: Template) -> None:
    interview = started(assessment, earlier=EARLIER)
    interview.settle(go_to(interview, "history").section, take=True)
    following = interview.forward()

    assert following is not None
    assert following.key[1] == "history.formula"
    assert "history.gravida" not in [question.key[1] for question in walked(interview)]


def test_what_was_refused_is_asked_anew(assessment: Template) -> None:
    interview = started(assessment, earlier=EARLIER)
    interview.settle(go_to(interview, "history").section, take=False)
    following = interview.forward()

    assert following is not None
    assert "history.gravida" in [question.key[1] for question in walked(interview)]
    assert "history" not in interview.data


def test_of_what_is_taken_only_what_has_changed_is_asked_again_and_unconfirmed_until_then(assessment: Template) -> None:
    interview = started(assessment, earlier=EARLIER)
    interview.settle(go_to(interview, "history").section, take=True, but={"gravida"})

    assert [row["at"] for row in interview.data["carried"]] == ["history.gravida"]
    asked = go_to(interview, "history.gravida")
    assert interview.value(asked) == EARLIER["history"]["gravida"]  # type: ignore[index]
    interview.put(asked, 4)
    assert "carried" not in interview.data
    assert "history.prior" not in [question.key[1] for question in walked(interview)]


def test_what_was_to_change_and_did_not_is_confirmed_by_passing_on(assessment: Template) -> None:
    interview = started(assessment, earlier=EARLIER)
    interview.settle(go_to(interview, "history").section, take=True, but={"gravida"})
    interview.confirm(go_to(interview, "history.gravida"))

    assert "carried" not in interview.data
    assert interview.data["history"] == EARLIER["history"]


def test_a_note_left_before_what_has_changed_was_asked_offers_it_again_as_not_confirmed(assessment: Template) -> None:
    first = started(assessment, earlier=EARLIER)
    first.settle(go_to(first, "history").section, take=True, but={"gravida"})

    later = started(assessment, first.data, earlier=EARLIER)

    assert later.unconfirmed == {"history": {"gravida": EARLIER["history"]["gravida"]}}  # type: ignore[index]
    assert go_to(later, "history").kind == "carry"


def test_what_was_changed_before_a_note_was_left_is_not_taken_from_the_earlier_one_again(assessment: Template) -> None:
    first = started(assessment, earlier=EARLIER)
    first.settle(go_to(first, "history").section, take=True, but={"gravida", "prior"})
    first.put(go_to(first, "history.gravida"), 4)

    later = started(assessment, first.data, earlier=EARLIER)
    later.settle(go_to(later, "history").section, take=True)

    assert later.data["history"]["gravida"] == 4
    assert "carried" not in later.data


def test_what_was_refused_is_offered_once_more_to_who_goes_back_to_it(assessment: Template) -> None:
    interview = started(assessment, earlier=EARLIER)
    interview.settle(go_to(interview, "history").section, take=False)
    interview.forward()
    offered = interview.back()

    assert offered is not None
    assert offered.kind == "carry"
    interview.settle(offered.section, take=True)
    assert interview.data["history"] == EARLIER["history"]
    assert "carry" not in [question.kind for question in interview.questions() if question.section.name == "history"]


def test_the_earlier_note_itself_never_changes(assessment: Template) -> None:
    interview = started(assessment, earlier=EARLIER)
    interview.settle(go_to(interview, "history").section, take=True)

    interview.data["history"]["prior"][0]["outcome"] = "livebirth"

    assert EARLIER["history"]["prior"][0]["outcome"] == "loss_2T"  # type: ignore[index]


def test_a_second_trimester_loss_is_asked_about_though_nobody_knows_at_which_week(assessment: Template) -> None:
    prior = [
        {"id": "p1", "ga_end": {"absent": "asked-unknown"}, "outcome": "loss_2T"},
        {"id": "p2", "outcome": "livebirth"},
    ]
    interview = started(assessment, {"history": {"gravida": 3, "prior": prior}})
    asked = {(part.element.name, part.row) for one in interview.questions() for part in one.parts() if part.element}
    assert {(name, "p1") for name in ("onset", "painless", "cerclage")} <= asked
    assert not {(name, "p2") for name in ("onset", "painless", "cerclage")} & asked
