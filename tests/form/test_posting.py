"""A form sent by a browser without scripts: what was touched changes, and nothing else."""

import pytest
from drafting import Filling, filling, posted

from ci_notes import form
from ci_notes.form import Change

NAME = "assessment/examples/complete.note.json"


@pytest.fixture(scope="module")
def draft() -> Filling:
    return filling(NAME)


@pytest.fixture(scope="module")
def page(draft: Filling) -> form.Form:
    return draft.form


def changes(page: form.Form, **touched: list[str]) -> list[Change]:
    return form.changes_of_post(page, {**posted(page), **touched})


def test_typed_text_is_a_change(page: form.Form) -> None:
    assert changes(page, **{"v:exam.dilation": ["3 cm"]}) == [Change("put", "exam.dilation", "3 cm")]


def test_emptied_text_clears(page: form.Form) -> None:
    assert changes(page, **{"v:exam.dilation": [""]}) == [Change("put", "exam.dilation", "")]


def test_options_are_chosen_and_left(page: form.Form) -> None:
    several = next(one for section in page.sections for one in section.fields if one.several and one.chosen)
    left = changes(page, **{f"v:{several.place}": [""]})
    assert left == [Change("choose", several.place, values=())]
    first = several.options[0].value
    made = changes(page, **{f"v:{several.place}": ["", first, "x"]})
    assert made == [Change("choose", several.place, values=(first, "x"))]


def test_what_is_not_sent_is_not_changed(page: form.Form) -> None:
    assert form.changes_of_post(page, {}) == []


def test_an_absence_is_chosen_with_its_reason(page: form.Form) -> None:
    made = changes(page, **{"a:exam.dilation": ["asked-declined"], "r:exam.dilation": ["prefers the scan"]})
    assert made == [Change("absent", "exam.dilation", code="asked-declined", reason="prefers the scan")]


def test_an_absence_is_taken_back() -> None:
    draft = filling(NAME)
    draft.do("absent", "exam.dilation", code="asked-declined")
    made = changes(draft.form, **{"a:exam.dilation": [""]})
    assert made == [Change("clear", "exam.dilation")]
    typed = changes(draft.form, **{"v:exam.dilation": ["3"]})
    assert typed == [Change("put", "exam.dilation", "3")]


def test_a_button_does_its_act_after_what_was_typed(page: form.Form) -> None:
    made = changes(page, **{"v:exam.dilation": ["3"], "do": ["add-row:history.prior"]})
    assert made == [Change("put", "exam.dilation", "3"), Change("add-row", "history.prior")]
    assert changes(page, do=["save"]) == []
    assert changes(page, do=["discard:"]) == [Change("discard", "")]


def test_a_finding_is_kept_with_the_words_beside_it(page: form.Form) -> None:
    made = changes(page, **{"do": ["keep:R031 cerclage.indication"], "k:R031 cerclage.indication": ["Agreed twice."]})
    assert made == [Change("keep", "cerclage.indication", rule="R031", reason="Agreed twice.")]


def test_only_a_doubt_that_was_shown_is_confirmed() -> None:
    draft = filling(NAME)
    draft.put("vitals.temp", "34")
    page = draft.form
    sent = {"do": ["confirm:vitals.temp"], "r:vitals.temp": ["Measured twice, rectal."]}
    assert changes(page, **sent) == [Change("confirm", "vitals.temp", reason="Measured twice, rectal.")]
    anew = changes(page, **sent, **{"v:vitals.temp": ["33"]})
    assert anew == [Change("put", "vitals.temp", "33")]


def test_a_change_says_which_revision_was_seen(page: form.Form) -> None:
    made = form.changes_of_post(page, {"v:exam.dilation": ["3"]}, seen=7)
    assert [one.seen for one in made] == [7]


def test_ends_of_lines_are_no_change() -> None:
    draft = filling(NAME)
    draft.put("comment.text", "One.\nTwo.")
    assert draft.field("comment.text").control == "long-text"
    assert changes(draft.form) == []
