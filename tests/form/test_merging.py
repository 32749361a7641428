"""Two people on one draft: nobody's words are lost, and only a real difference is a conflict."""

from pathlib import Path
from typing import Any

import pytest
from drafting import TODAY, group_of
from entry import EntryPack

from ci_notes import form, library
from ci_notes.form import Author, Change, Latest, State
from ci_notes.template import Template

ADA, BEA = Author("Ada", "tab-1"), Author("Bea", "tab-2")


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Template:
    root: Path = tmp_path_factory.mktemp("templates")
    return library.compile_template(EntryPack().write(root), root)


class Shared:
    """A draft that two people change, with the record's log of who changed what."""

    def __init__(self, template: Template) -> None:
        data = {"id": "x", "template": template.id, "status": "draft", "date": "2026-11-21T09:00:00Z"}
        self.template = template
        self.state = State(data)
        self.revision = 0
        self.latest: dict[str, Latest] = {}

    def by(self, author: Author, act: str, place: str, seen: int | None = 0, **more: Any) -> form.Outcome:
        change = Change.from_json({"act": act, "place": place, "seen": seen, **more})
        done = form.merge(
            self.template, self.state, [change], latest=self.latest, author=author, today=TODAY, new_id=lambda: "n1"
        )
        self.state, self.revision = done.state, self.revision + 1
        self.latest |= {place: Latest(self.revision, author.by, author.tab) for place in done.touched}
        return done.outcomes[0]

    @property
    def form(self) -> form.Form:
        note = form.read(self.template, self.state)
        return form.build(self.template, self.state, note=note, today=TODAY)


@pytest.fixture
def shared(entry: Template) -> Shared:
    return Shared(entry)


def test_two_people_in_different_fields_do_not_disturb_each_other(shared: Shared) -> None:
    assert shared.by(ADA, "put", "dates.temperature", text="37").kind == "taken"
    assert shared.by(BEA, "put", "scan.upper", text="120").kind == "taken"
    assert not shared.state.conflicts


def test_two_answers_to_one_question_are_both_shown(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.temperature", text="37")
    done = shared.by(BEA, "put", "dates.temperature", text="38.5")
    assert (done.kind, done.said) == ("conflict", "37 °C")
    assert "Ada" in done.message
    assert shared.state.data["dates"]["temperature"] == 37
    field = shared.form.field("dates.temperature")
    assert field is not None
    assert field.conflict is not None
    assert (field.conflict.mine, field.conflict.theirs) == ("38.5", "37 °C")
    assert (field.conflict.by, field.conflict.mine_by) == ("Ada", "Bea")


def test_a_conflict_is_settled_either_way(shared: Shared) -> None:
    for side, value in (("theirs", 37), ("mine", 38.5)):
        shared.by(ADA, "put", "dates.temperature", seen=99, text="37")
        shared.by(BEA, "put", "dates.temperature", text="38.5")
        assert shared.by(BEA, "resolve", "dates.temperature", side=side).kind == "taken"
        assert shared.state.data["dates"]["temperature"] == value
        assert not shared.state.conflicts


def test_the_same_answer_given_twice_is_no_conflict(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.lmp", text="1 Jun 2026")
    assert shared.by(BEA, "put", "dates.lmp", text="2026-06-01").kind == "taken"
    assert not shared.state.conflicts


def test_whoever_has_seen_the_other_answer_may_change_it(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.temperature", text="37")
    assert shared.by(BEA, "put", "dates.temperature", seen=1, text="38.5").kind == "taken"
    assert shared.state.data["dates"]["temperature"] == 38.5


def test_ones_own_earlier_change_is_no_conflict(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.temperature", text="37")
    assert shared.by(ADA, "put", "dates.temperature", text="38").kind == "taken"


def test_a_second_tab_of_the_same_person_is_another(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.temperature", text="37")
    assert shared.by(Author("Ada", "tab-9"), "put", "dates.temperature", text="38").kind == "conflict"


def test_words_that_were_not_understood_are_in_conflict_too(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.lmp", text="about Easter")
    done = shared.by(BEA, "put", "dates.lmp", text="1 Jun 2026")
    assert (done.kind, done.said) == ("conflict", "about Easter")


def test_the_other_number_of_a_pair_is_looked_at(shared: Shared) -> None:
    shared.by(ADA, "put", "scan.lower", text="70")
    assert shared.by(BEA, "put", "scan.upper", text="112/80").kind == "conflict"
    assert shared.state.data["scan"] == {"lower": 70}
    shared.by(BEA, "resolve", "scan.upper", side="mine")
    assert shared.state.data["scan"] == {"lower": 80, "upper": 112}


def test_words_typed_into_a_row_that_another_removed_are_kept(shared: Shared) -> None:
    shared.by(ADA, "add-row", "prior.rows", row="r1")
    shared.by(ADA, "remove-row", "prior.rows[r1]")
    done = shared.by(BEA, "put", "prior.rows[r1].place", seen=1, text="at home")
    assert (done.kind, done.said) == ("conflict", "the row was removed")
    left = shared.form.left_over
    assert [(one.place, one.typed) for one in left] == [("prior.rows[r1].place", True)]
    assert "at home" in left[0].said
    shared.by(BEA, "resolve", "prior.rows[r1].place", side="mine")
    assert shared.state.data["prior"]["rows"] == [{"id": "r1", "place": "at home"}]


def test_a_row_that_another_filled_meanwhile_is_not_removed_unseen(shared: Shared) -> None:
    shared.by(ADA, "add-row", "prior.rows", row="r1")
    shared.by(BEA, "put", "prior.rows[r1].place", seen=1, text="at home")
    assert shared.by(ADA, "remove-row", "prior.rows[r1]", seen=1).kind == "conflict"
    assert group_of(shared.form, "prior.rows").rows[0].conflict is not None
    shared.by(ADA, "resolve", "prior.rows[r1]", side="mine")
    assert "rows" not in shared.state.data["prior"]


def test_two_people_may_each_add_a_row(shared: Shared) -> None:
    shared.by(ADA, "add-row", "prior.rows", row="r1")
    assert shared.by(BEA, "add-row", "prior.rows", row="r2").kind == "taken"
    assert [row["id"] for row in shared.state.data["prior"]["rows"]] == ["r1", "r2"]


def test_without_a_revision_nobody_asks(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.temperature", text="37")
    assert shared.by(BEA, "put", "dates.temperature", seen=None, text="38").kind == "taken"


def test_an_act_on_many_fields_waits_until_the_others_answer_was_seen(shared: Shared) -> None:
    shared.by(ADA, "put", "dates.threshold", text="20 weeks")
    shared.by(ADA, "choose", "complaints.fever", seen=1, values=["yes"])
    done = shared.by(BEA, "block", "complaints.any", seen=1, values=["pressure"])
    assert done.kind == "taken"  # what Ada answered is not among what was open
    assert shared.state.data["complaints"] == {"fever": True, "pressure": True}
    again = shared.by(ADA, "block", "complaints.any", seen=2, values=["pressure"])
    assert again.kind == "taken"  # the same answer
    other = shared.by(Author("Cy", "3"), "choose", "complaints.fever", seen=9, values=["no"])
    assert other.kind == "taken"
    late = shared.by(ADA, "block", "complaints.any", seen=4, values=["fever"])
    assert late.kind == "conflict"
    assert "Cy" in late.message
    assert shared.state.data["complaints"]["fever"] is False
    assert not shared.state.conflicts
