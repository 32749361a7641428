"""What earlier notes hand on: shown with its day and age, taken or refused, in one act or field by field."""

from pathlib import Path
from typing import Any

import pytest
from drafting import TODAY, Filling, example, template_of
from entry import EntryPack

from ci_notes import derive, form, library
from ci_notes.form import Change, State
from ci_notes.template import Template

EARLIER = "follow-up/examples/complete.note.json"


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Template:
    root: Path = tmp_path_factory.mktemp("templates")
    return library.compile_template(EntryPack().write(root), root)


def started(template: Template, **more: Any) -> dict[str, Any]:
    return {"id": "x", "template": template.id, "version": template.version, "status": "draft",
            "date": "2026-11-21T09:00:00Z", "jurisdiction": "UK", **more}  # fmt: skip


def before(template: Template, day: str = "2026-11-07", **more: Any) -> derive.Note:
    return derive.note(template, {**started(template), "id": "w", "date": f"{day}T09:00:00Z", **more})


@pytest.fixture
def draft(entry: Template) -> Filling:
    held = {
        "dates": {"threshold": "w20", "temperature": 37, "comment": "lives alone"},
        "complaints": {"onset": "after lunch", "fever": True},
        "scan": {"upper": 120, "lengths": [{"id": "a", "length": 31}, {"id": "b", "length": 29}]},
    }
    return Filling(entry, State(started(entry)), [before(entry, **held)])


def test_the_last_value_of_every_field_is_shown_with_its_day_and_age(draft: Filling) -> None:
    last = draft.field("dates.temperature").last
    assert last is not None
    assert (last.said, last.day, last.age, last.ago) == ("37 °C", "7 Nov 2026", 14, "14 days ago")
    line = draft.field("scan.lengths").last
    assert line is not None
    assert (line.said, line.age) == ("31, 29", 14)
    assert draft.field("dates.lmp").last is None


def test_what_lasts_is_offered_with_its_age(draft: Filling) -> None:
    section = draft.form.section("scan")
    assert section is not None
    told = {one.place: (one.said, one.day, one.age, one.unconfirmed) for one in section.offers}
    assert told == {
        "scan.previous": ("29 mm", "7 Nov 2026", 14, False),
        "scan.previous_on": ("7 November 2026", "7 Nov 2026", 14, False),
    }
    assert draft.field("scan.previous").offer is not None


def test_a_section_is_taken_over_in_one_act(draft: Filling) -> None:
    assert draft.do("carry", "scan").kind == "taken"
    assert draft.data["scan"] == {"previous": 29, "previous_on": "2026-11-07"}
    section = draft.form.section("scan")
    assert section is not None
    assert not section.offers
    assert draft.do("carry", "scan").kind == "refused"


def test_one_field_is_taken_over_alone(draft: Filling) -> None:
    draft.do("carry", "scan.previous")
    assert draft.data["scan"] == {"previous": 29}
    assert draft.field("scan.previous_on").offer is not None


def test_what_somebody_typed_is_not_overwritten(draft: Filling) -> None:
    draft.put("scan.previous", "33")
    draft.do("carry", "scan")
    assert draft.data["scan"]["previous"] == 33


def test_what_is_refused_is_not_offered_again(draft: Filling) -> None:
    draft.do("carry", "scan", take=False)
    assert draft.field("scan.previous").offer is None
    assert "scan" not in draft.data


def test_what_does_not_apply_is_neither_offered_nor_taken(draft: Filling) -> None:
    section = draft.form.section("complaints")
    assert section is None or not [one for one in section.offers if one.place == "complaints.onset"]
    draft.do("carry", "")
    assert "onset" not in draft.data.get("complaints", {})
    draft.choose("dates.threshold", "w20")
    assert draft.field("complaints.onset").offer is not None


def test_the_latest_note_with_a_value_counts(entry: Template) -> None:
    notes = [before(entry, "2026-11-01", dates={"temperature": 38}), before(entry, "2026-11-14", scan={"upper": 110})]
    draft = Filling(entry, State(started(entry)), notes)
    last = draft.field("dates.temperature").last
    assert last is not None
    assert (last.said, last.age) == ("38 °C", 20)


def test_rows_taken_over_are_copies() -> None:
    template = template_of("assessment/examples/complete.note.json")
    earlier = derive.note(template, example("assessment/examples/complete.note.json"))
    draft = Filling(template, State(started(template)), [earlier])
    offer = next(one for one in draft.form.section("history").offers if one.place == "history.prior")  # type: ignore[union-attr]
    assert offer.lines
    row = earlier.data["history"]["prior"][0]["id"]
    typed = Change("put", f"history.prior[{row}].comment", "seen again")
    draft.all([Change("carry", "history"), typed])  # at once: one draft on the desk
    assert draft.data["history"]["prior"][0]["comment"] == "seen again"
    other = Filling(template, State(started(template)), [earlier])
    other.do("carry", "history")
    assert other.data["history"]["prior"][0].get("comment") != "seen again"


def test_what_an_answer_that_was_taken_over_rules_out_is_not_taken_with_it() -> None:
    template = template_of(EARLIER)
    stitch = before(template, "2026-11-01", cerclage={"in_place": True, "technique": "mcdonald"})
    removed = before(template, "2026-11-14", cerclage={"in_place": False})
    draft = Filling(template, State(started(template)), [stitch, removed])
    assert {one.place for one in draft.form.section("cerclage").offers} >= {"cerclage.in_place", "cerclage.technique"}  # type: ignore[union-attr]
    draft.do("carry", "cerclage")
    assert draft.data["cerclage"] == {"in_place": False}
    assert not draft.form.left_over


def test_a_note_of_another_kind_hands_on_what_both_have() -> None:
    template = template_of("assessment/examples/complete.note.json")
    earlier = derive.note(template, example("assessment/examples/complete.note.json"))
    follow_up = template_of(EARLIER)
    draft = Filling(follow_up, State(started(follow_up)), [earlier])
    offers = [one for section in draft.form.sections for one in section.offers]
    assert offers
    assert all(one.age is not None for one in offers)
    draft.do("carry")
    assert not draft.note.problems
    assert not draft.form.left_over


# --- brought by a bundle ---------------------------------------------------------------------------------------------

MARK = {
    "id": "c1",
    "at": "dates.lmp",
    "what": "Last period",
    "source": "Observation/lmp: 2026-06-01",
    "on": "2026-11-11",
}


@pytest.fixture
def brought(entry: Template) -> Filling:
    other = {"id": "c2", "at": "scan.upper", "what": "Upper", "source": "Observation/bp"}
    data = started(entry, dates={"lmp": "2026-06-01"}, scan={"upper": 120}, carried=[MARK, other])
    return Filling(entry, State(data))


def test_what_came_from_elsewhere_says_so_until_it_is_confirmed(brought: Filling) -> None:
    offer = brought.field("dates.lmp").offer
    assert offer is not None
    assert (offer.unconfirmed, offer.source, offer.day, offer.age) == (True, MARK["source"], "11 Nov 2026", 10)
    brought.do("carry", "dates.lmp")
    assert brought.field("dates.lmp").offer is None
    assert brought.data["dates"] == {"lmp": "2026-06-01"}
    assert [one["id"] for one in brought.data["carried"]] == ["c2"]


def test_confirm_does_the_same(brought: Filling) -> None:
    assert brought.do("confirm", "dates.lmp").kind == "taken"
    assert [one["id"] for one in brought.data["carried"]] == ["c2"]


def test_answering_it_oneself_confirms_it(brought: Filling) -> None:
    brought.put("dates.lmp", "2 Jun 2026")
    brought.put("scan.upper", "120")
    assert "carried" not in brought.data
    assert brought.data["dates"]["lmp"] == "2026-06-02"


def test_refusing_it_takes_it_out(brought: Filling) -> None:
    brought.do("carry", "dates", take=False)
    assert brought.data["dates"] == {}
    assert brought.data["scan"] == {"upper": 120}
    assert [one["id"] for one in brought.data["carried"]] == ["c2"]


def test_all_of_it_is_confirmed_at_once(brought: Filling) -> None:
    brought.do("carry")
    assert "carried" not in brought.data
    assert not form.build(brought.template, brought.state, note=brought.note, today=TODAY).left_over


def test_what_is_opened_by_what_was_taken_over_is_taken_in_the_same_act() -> None:
    template = template_of("assessment/")
    dated = {
        "current": True, "dating_method": "US_CRL", "us_date": "2026-09-01", "us_ga": "11w0d", "edd": "2027-03-23",
        "plurality": 1,
    }  # fmt: skip
    draft = Filling(template, State(started(template)), [before(template, pregnancy=dated)])
    draft.do("carry", "pregnancy")
    section = draft.form.section("pregnancy")
    assert section is not None
    assert not section.offers
    assert draft.data["pregnancy"]["us_ga"] == "11w0d"
