"""What a form shows, and the narrative beside it, is the same whether its parts are made anew or taken as they were."""

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from drafting import EXAMPLES, TODAY, Filling, example, template_of
from hypothesis import given
from hypothesis import strategies as st
from test_any_change import changes

from ci_notes import derive, form
from ci_notes.form import Beside, Change, Conflict, Form, State, remembered
from ci_notes.narrative import parts


def forget() -> None:
    remembered.forget()
    parts.forget()


@pytest.fixture(autouse=True)
def _nothing_before() -> Iterator[None]:
    forget()
    yield
    forget()


def shown(draft: Filling, states: Sequence[State], each_anew: bool) -> list[tuple[Form, Beside]]:
    """Return what is shown of a draft in one state after the other."""
    found = []
    for one in states:
        if each_anew:
            forget()
        draft.state = one
        found.append((draft.form, draft.beside))
    return found


def same(draft: Filling, states: Sequence[State]) -> bool:
    """Return whether some states of a draft, seen one after the other, are as if each was seen alone."""
    return shown(draft, states, each_anew=False) == shown(draft, states, each_anew=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_field_taken_out_of_an_example_is_seen(name: str) -> None:
    draft = Filling(template_of(name), State({**example(name), "status": "draft"}))
    states = [before := draft.state]
    for field in [one for section in draft.form.sections for one in section.fields][::23]:
        draft.state = before
        draft.do("clear", field.place)
        states += [draft.state, before]
    assert same(draft, states)


@given(st.data())
def test_any_changes_are_seen(data: st.DataObject) -> None:
    name = "assessment/examples/complete.note.json"
    draft = Filling(template_of(name), State({**example(name), "status": "draft"}))
    places = [field.place for section in draft.form.sections for field in section.fields]
    typed = st.builds(Change, st.just("put"), st.sampled_from(places), text=st.sampled_from(["?", "9" * 30, "37"]))
    states = [draft.state]
    for change in data.draw(st.lists(typed | changes(draft.template), min_size=1, max_size=4)):
        draft.all([change])
        states.append(draft.state)
    assert same(draft, states)


def test_what_an_earlier_note_says_is_seen() -> None:
    name = "ultrasound/examples/short.note.json"
    name = name if name in EXAMPLES else next(one for one in EXAMPLES if one.startswith("ultrasound"))
    data = {**example(name), "status": "draft", "id": "later", "date": "2026-11-21T09:00:00Z"}
    draft = Filling(template_of(name), State(data))
    alone = draft.form
    draft.earlier = (derive.note(draft.template, example(name)),)
    after = draft.form
    assert after != alone
    forget()
    assert draft.form == after


def test_what_somebody_else_wrote_is_seen() -> None:
    name = "assessment/examples/complete.note.json"
    draft = Filling(template_of(name), State({**example(name), "status": "draft"}))
    place = next(iter(draft.form.sections[-1].fields)).place
    draft.state = State(
        draft.state.data, conflicts={place: Conflict("mine", "theirs", "Dr Ola Other", "Dr Bea Sample")}
    )
    assert draft.field(place).conflict is not None


def test_an_offer_that_was_refused_is_seen() -> None:
    name = next(one for one in EXAMPLES if one.startswith("ultrasound"))
    template = template_of(name)
    kept = ("id", "template", "version", "jurisdiction")
    started = {key: held for key, held in example(name).items() if key in kept}
    draft = Filling(template, State({**started, "date": "2026-11-21T09:00:00Z"}))
    draft.earlier = (derive.note(template, example(name)),)
    offers = [one.place for section in draft.form.sections for one in section.offers]
    draft.do("carry", offers[0], take=False)
    left = [one.place for section in draft.form.sections for one in section.offers]
    assert offers[0] not in left


def test_an_age_is_counted_from_the_day_of_the_note() -> None:
    name = next(one for one in EXAMPLES if one.startswith("ultrasound"))
    template, before = template_of(name), derive.note(template_of(name), example(name))
    data = {key: held for key, held in example(name).items() if key in ("id", "template", "version", "jurisdiction")}
    shown = [
        form.build(
            template, State(data), note=form.read(template, State(data), [before]), earlier=[before], today=day
        ).sections
        for day in (TODAY, date(2026, 12, 1))
    ]
    assert shown[0] != shown[1]
