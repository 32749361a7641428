"""Whatever is sent: nothing raises, nothing typed is lost, and what is recorded has the shape of its template."""

import json
from pathlib import Path
from typing import Any

import pytest
from drafting import TODAY, Filling, rows_of, template_of
from entry import EntryPack
from hypothesis import given
from hypothesis import strategies as st

from ci_notes import form, library
from ci_notes.element import ABSENCES
from ci_notes.form import ACTS, Author, Change, Latest, State
from ci_notes.template import Template

NAME = "assessment/examples/complete.note.json"
WORDS = ("37", "34", "120/70", "112/x", "22+3", "22, 24 and 2.6", "3/4/2026", "yesterday", "none", "y", "20 weeks", "2",
         "31 Feb 2026", "14:20", "\u200b", "1e9", "9" * 400, "--", "a\x00b", "[x]")  # fmt: skip


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Template:
    root: Path = tmp_path_factory.mktemp("templates")
    return library.compile_template(EntryPack().write(root), root)


def places(template: Template) -> list[str]:
    found = [path.removeprefix("note.") for path, one in template.elements.items() if not one.group]
    found += [
        f"{one.group}[{row}].{one.name}" for one in template.elements.values() if one.group for row in ("r1", "r2")
    ]
    found += [f"{one.path}[{row}]" for one in template if one.kind == "group" for row in ("r1", "r2")]
    found += [f"{one.name}.{block.key}" for one in template.sections for block in one.blocks]
    return [*found, *(one.name for one in template.sections), "", "nowhere", "a[b].c", "[", "prior.rows[].x"]


def changes(template: Template) -> st.SearchStrategy[Change]:
    typed = st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
    options = [one.value for element in template.elements.values() for one in element.options]
    chosen = st.sampled_from(["yes", "no", "[]", "", "x", *options[:40]])
    return st.builds(
        Change,
        act=st.sampled_from([*ACTS, "put", "put", "choose", "add-row"]),
        place=st.sampled_from(places(template)),
        text=typed,
        values=st.lists(chosen, max_size=3).map(tuple),
        code=st.sampled_from([*ABSENCES, "x"]),
        reason=typed | st.just("Measured twice, rectal."),
        rule=st.sampled_from(["required", "usual-range", "shape", "R999", ""]),
        row=st.sampled_from(["r1", "r2", "", "no row"]),
        take=st.booleans(),
        side=st.sampled_from(["mine", "theirs", ""]),
        seen=st.none() | st.integers(0, 3),
    )


def found(state: State, typed: str) -> bool:
    """Return whether typed words are somewhere in a draft as they were typed."""
    held = state.to_json()
    return typed.strip() in json.dumps(held, ensure_ascii=False) or typed.strip() in _texts(held)


def _texts(held: Any) -> set[str]:
    if isinstance(held, dict):
        return {text for one in held.values() for text in _texts(one)}
    if isinstance(held, list):
        return {text for one in held for text in _texts(one)}
    return {held} if isinstance(held, str) else set()


@pytest.fixture(params=["entry", "assessment"])
def template(request: pytest.FixtureRequest, entry: Template) -> Template:
    return entry if request.param == "entry" else template_of(NAME)


@given(st.data())
def test_no_change_raises_and_what_is_recorded_has_its_shape(template: Template, data: st.DataObject) -> None:
    started = {"id": "x", "template": template.id, "version": template.version, "status": "draft",
               "date": "2026-11-21T09:00:00Z", "jurisdiction": "UK"}  # fmt: skip
    draft = Filling(template, State(started))
    for change in data.draw(st.lists(changes(template), min_size=1, max_size=12)):
        (done,) = draft.all([change])
        assert done.kind in ("taken", "unclear", "doubt", "refused")
        assert done.kind == "taken" or done.message
        assert not draft.note.problems, (change, draft.note.problems)
        if change.act == "put" and done.kind in ("unclear", "doubt"):
            kept = [one.typed.strip() for one in draft.state.unread.values()]
            parts = [change.text.strip(), *(part.strip() for part in change.text.split("/"))]
            assert any(one in kept for one in parts), (change, kept)
    assert draft.form.asked >= 0
    assert draft.beside.findings is not None


@given(st.data())
def test_what_was_typed_and_not_taken_is_on_the_page(template: Template, data: st.DataObject) -> None:
    started = {"id": "x", "template": template.id, "status": "draft", "date": "2026-11-21T09:00:00Z"}
    draft = Filling(template, State(started))
    draft.all(data.draw(st.lists(changes(template), min_size=1, max_size=10)))
    page = draft.form
    shown = {one.place: one.text for section in page.sections for one in section.fields}
    left = {one.place: one.said for one in page.left_over}
    for place, unread in draft.state.unread.items():
        assert shown.get(place) == unread.typed or unread.typed in left.get(place, ""), (place, unread)


@given(st.data())
def test_two_people_lose_nothing(entry: Template, data: st.DataObject) -> None:
    state = State({"id": "x", "template": entry.id, "status": "draft", "date": "2026-11-21T09:00:00Z"})
    latest: dict[str, Latest] = {}
    for revision in range(1, 8):
        author = data.draw(st.sampled_from([Author("Ada", "1"), Author("Bea", "2")]))
        change = data.draw(changes(entry))
        done = form.merge(entry, state, [change], latest=latest, author=author, today=TODAY, new_id=lambda: "n1")
        if done.outcomes[0].kind == "conflict" and change.place in done.state.conflicts:
            assert done.state.data == state.data
            assert done.state.conflicts[change.place].mine == change.words
        state = done.state
        latest |= {place: Latest(revision, author.by, author.tab) for place in done.touched}
    page = form.build(entry, state, note=form.read(entry, state), today=TODAY)
    shown = {one.place for section in page.sections for one in section.fields if one.conflict}
    shown |= {row.place for section in page.sections for row in rows_of(section) if row.conflict}
    shown |= {one.place for one in page.left_over}
    assert shown >= set(state.conflicts)
