"""Every template and every example: what is in the note is in the form, and can be typed again as it stands there."""

from collections.abc import Iterator
from typing import Any

import pytest
from drafting import EXAMPLES, TODAY, Filling, example, filling, posted, rows_of, template_of

from ci_notes import form
from ci_notes.element import Element
from ci_notes.form import Field, State
from ci_notes.form.spots import SET_BY_OTHERS
from ci_notes.interview import Interview
from ci_notes.questions import standing
from ci_notes.template import HEADER

each_example = pytest.mark.parametrize("name", EXAMPLES)


def held_places(draft: Filling) -> Iterator[tuple[str, Element, Any]]:
    """Yield every recorded value with its place; the rows of a list stand in one control."""
    for element in draft.template:
        holder = (
            draft.data if element.path.startswith(f"{HEADER}.") else draft.data.get(element.path.partition(".")[0], {})
        )
        if element.path in SET_BY_OTHERS or element.name not in holder:
            continue
        at = element.path.removeprefix(f"{HEADER}.")
        value = holder[element.name]
        if element.kind != "group" or is_line(element, value):
            yield at, element, value
            continue
        for row in value if isinstance(value, list) else ():
            for inner in element.rows:
                if inner.name in row:
                    yield f"{at}[{row['id']}].{inner.name}", inner, row[inner.name]


def is_line(group: Element, value: Any) -> bool:
    """Return whether a group stands on one line: single numbers, none of them missing."""
    if isinstance(value, dict):
        return True
    return len(group.rows) == 1 and not any(isinstance(row[group.rows[0].name], dict) for row in value)


@each_example
def test_every_question_that_applies_has_a_control(name: str) -> None:
    draft = filling(name)
    asked = Interview(draft.template, dict(draft.data), lambda: "x").questions(draft.note)
    page = draft.form
    for question in asked:
        for one in question.parts():
            if one.element is None:
                continue
            path = one.element.path.removeprefix(f"{HEADER}.")
            at = f"{one.group}[{one.row}].{one.element.name}" if one.row else path
            assert page.field(at) is not None, at


@each_example
def test_every_recorded_value_stands_in_its_control_or_is_left_over(name: str) -> None:
    draft = filling(name)
    page = draft.form
    left = {one.place for one in page.left_over}
    for at, _, value in held_places(draft):
        shown = page.field(at)
        whole = at.partition("[")[0]
        if shown is None:
            assert at in left or whole in left, at
        elif isinstance(value, dict):
            assert (shown.absent, shown.absent_reason) == (value["absent"], value.get("reason", "")), at
        else:
            assert shown.text or shown.chosen, at
            assert shown.state == "known"


@each_example
def test_what_stands_in_a_control_can_be_typed_again(name: str) -> None:
    draft = filling(name)
    page = draft.form
    for at, element, value in held_places(draft):
        shown = page.field(at)
        if shown is None or isinstance(value, dict):
            continue
        other = Filling(draft.template, draft.state)
        if element.path != f"{HEADER}.date":
            other.do("clear", at)
        again(other, shown)
        assert dict(held(other, element, at)) == dict(held(draft, element, at)), f"{at}: «{shown.text}»"


def again(draft: Filling, shown: Field) -> None:
    """Answer a control as it stood, and confirm what is asked back."""
    done = draft.choose(shown.place, *shown.chosen) if shown.chosen else draft.put(shown.place, shown.text)
    while done.kind == "doubt":
        done = draft.do("confirm", shown.place, reason="Measured twice by two people.")
    assert done.kind == "taken", done


def held(draft: Filling, element: Element, at: str) -> Iterator[tuple[str, Any]]:
    """Yield a value without the ids of rows, which are made anew, and without the order of buttons pressed."""
    for place, one, value in held_places(draft):
        if place == at:
            plain = [row[one.rows[0].name] for row in value] if one.kind == "group" else value
            plain = sorted(value) if one.kind == "choices" else plain
            yield place, plain


@each_example
def test_typing_what_stands_there_changes_nothing(name: str) -> None:
    draft = filling(name)
    for one in [one for section in draft.form.sections for one in section.fields]:
        if one.text:
            assert draft.put(one.place, one.text).kind == "taken"
    seen = {**example(name)}
    seen.pop("carried", None)  # whoever types a value has looked at it
    assert draft.data == seen


@each_example
def test_a_form_that_nobody_touched_posts_no_change(name: str) -> None:
    page = filling(name).form
    assert form.changes_of_post(page, posted(page)) == []


@each_example
def test_each_control_has_a_name_of_its_own(name: str) -> None:
    page = filling(name).form
    names = [one.id for section in page.sections for one in section.fields]
    names += [one.id for one in page.sections]
    names += [row.id for section in page.sections for row in rows_of(section)]
    assert len(names) == len(set(names))


@each_example
def test_progress_counts_what_is_asked(name: str) -> None:
    page = filling(name).form
    assert 0 < page.answered <= page.asked
    assert page.required_open <= page.asked - page.answered


@each_example
def test_beside_tells_what_the_commands_tell(name: str) -> None:
    from ci_notes import checks, narrative  # noqa: PLC0415

    draft = filling(name)
    beside = draft.beside
    expected = [(one.rule, one.outcome) for one in checks.check(draft.note, TODAY.isoformat())]
    assert [(one.rule, one.outcome) for one in beside.findings] == expected
    told = [one.text for section in beside.narrative for one in section.sentences]
    assert told == [one.text for one in narrative.render(draft.note)]


@each_example
def test_sentences_and_findings_lead_to_controls(name: str) -> None:
    draft = filling(name)
    page, beside = draft.form, draft.beside
    rows = {row.place for section in page.sections for row in rows_of(section)}
    known = {one.place for section in page.sections for one in section.fields} | rows
    known |= {one.place for one in page.left_over} | {"status", "signed_at", "kept", "carried", "addendum_of"}
    said = {place for section in beside.narrative for one in section.sentences for place in one.says}
    astray = {one for one in said if one not in known and one.partition("[")[0] not in known}
    assert not astray


def test_a_new_note_of_each_kind_asks_for_its_first_answers() -> None:
    for name in sorted({one.partition("/")[0] for one in EXAMPLES}):
        template = template_of(name)
        started = {"id": "x", "template": template.id, "version": template.version, "status": "draft",
                   "date": "2026-11-21T09:00:00+00:00"}  # fmt: skip
        draft = Filling(template, State(started))
        assert draft.field("jurisdiction").open
        assert draft.choose("jurisdiction", "UK").kind == "taken"
        assert not draft.field("jurisdiction").open
        assert draft.field("date").text == "21 Nov 2026 09:00"
        assert standing(draft.note).note.jurisdiction == "UK"
