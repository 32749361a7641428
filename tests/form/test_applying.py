"""What each act makes of a draft, on the small template of `entry.py` and on real ones."""

from pathlib import Path
from typing import Any

import pytest
from bounded import at_most
from drafting import TODAY, Filling, group_of
from entry import EntryPack

from ci_notes import form, library
from ci_notes.errors import InputError
from ci_notes.form import ACTS, NONE, Change, State
from ci_notes.form.acts import _DONE
from ci_notes.template import Template


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Template:
    root: Path = tmp_path_factory.mktemp("templates")
    return library.compile_template(EntryPack().write(root), root)


@pytest.fixture
def draft(entry: Template) -> Filling:
    started: dict[str, Any] = {"id": "x", "template": entry.id, "version": entry.version, "status": "draft"}
    return Filling(entry, State({**started, "date": "2026-11-21T09:00:00+01:00", "jurisdiction": "UK"}))


def test_every_act_is_done_by_something() -> None:
    assert set(_DONE) == set(ACTS)


# --- typed -----------------------------------------------------------------------------------------------------------


def test_dates_are_typed_as_people_write_them(draft: Filling) -> None:
    assert draft.put("dates.lmp", "3/4/2026").said == "3 April 2026"
    assert draft.data["dates"]["lmp"] == "2026-04-03"
    assert draft.field("dates.lmp").text == "3 Apr 2026"


def test_a_date_is_read_and_shown_as_the_country_writes_it(draft: Filling) -> None:
    draft.choose("jurisdiction", "US")
    draft.put("dates.lmp", "3/4/2026")
    assert draft.data["dates"]["lmp"] == "2026-03-04"
    assert draft.field("dates.lmp").text == "Mar 4, 2026"


def test_a_year_of_two_digits_and_a_due_date_by_weeks_are_asked_back(assessment: Template) -> None:
    draft = Filling(assessment, State({"date": "2026-11-21T09:00:00Z", "jurisdiction": "UK"}))

    asked = draft.put("patient.birth_date", "3/4/94")
    assert (asked.kind, asked.message) == ("doubt", "3 April 1994. Record that?")
    assert draft.do("confirm", "patient.birth_date").said == "3 April 1994"

    asked = draft.put("pregnancy.edd", "22+3")
    assert (asked.kind, asked.wants_reason) == ("doubt", False)
    assert draft.do("confirm", "pregnancy.edd").kind == "taken"
    assert draft.data["pregnancy"]["edd"] == "2027-03-24"


def test_a_time_of_day_is_on_the_day_of_the_note(draft: Filling) -> None:
    draft.put("dates.seen_at", "14:20")
    assert draft.data["dates"]["seen_at"] == "2026-11-21T14:20:00+01:00"
    assert draft.field("dates.seen_at").text == "21 Nov 2026 14:20"


def test_a_moment_of_another_place_keeps_its_offset(draft: Filling) -> None:
    draft.put("dates.seen_at", "20 Nov 2026 14:20:05 -05:00")
    assert draft.data["dates"]["seen_at"] == "2026-11-20T14:20:05-05:00"
    assert draft.field("dates.seen_at").text == "20 Nov 2026 14:20:05 -05:00"


def test_text_that_cannot_be_taken_stays_as_it_was_typed(draft: Filling) -> None:
    draft.put("dates.lmp", "3 Apr 2026")
    done = draft.put("dates.lmp", "about Easter")
    assert done.kind == "unclear"
    shown = draft.field("dates.lmp")
    assert shown.text == "about Easter"
    assert shown.message.startswith("A date is wanted")
    assert shown.said == "3 April 2026"  # what is still recorded
    assert draft.data["dates"]["lmp"] == "2026-04-03"


def test_typing_it_right_takes_the_place_of_what_was_unclear(draft: Filling) -> None:
    draft.put("dates.lmp", "about Easter")
    assert draft.put("dates.lmp", "5 Apr 2026").kind == "taken"
    assert not draft.state.unread


def test_empty_text_clears(draft: Filling) -> None:
    draft.put("dates.lmp", "3 Apr 2026")
    draft.put("dates.lmp", "  ")
    assert draft.field("dates.lmp").state == "untouched"
    assert "lmp" not in draft.data["dates"]


def test_a_number_in_another_unit_is_asked_back(draft: Filling) -> None:
    done = draft.put("scan.lengths", "2.4")
    assert (done.kind, done.wants_reason) == ("doubt", False)
    assert "which is 24 mm" in done.message
    assert draft.field("scan.lengths").text == "2.4"
    assert draft.do("confirm", "scan.lengths").kind == "taken"
    assert [row["length"] for row in draft.data["scan"]["lengths"]] == [24]


def test_of_numbers_typed_together_all_that_a_yes_records_is_asked_back(assessment: Template) -> None:
    draft = Filling(assessment, State({"date": "2026-11-21T09:00:00Z", "jurisdiction": "UK"}))
    draft.choose("ultrasound.done", "yes")
    done = draft.put("ultrasound.lengths", "2.1 cm, 19 18")
    assert (done.kind, done.message) == ("doubt", "2.1 cm is 21 mm. Record 21, 19 and 18 mm?")
    draft.do("confirm", "ultrasound.lengths")
    assert [row["length"] for row in draft.data["ultrasound"]["lengths"]] == [21, 19, 18]
    assert draft.put("ultrasound.lengths", "2.1 cm").message == "2.1 cm is 21 mm. Record that?"


def test_as_many_rows_as_another_answer_says_are_suggested_and_none_is_refused(assessment: Template) -> None:
    draft = Filling(assessment, State({"date": "2026-11-21T09:00:00Z", "jurisdiction": "UK"}))
    assert draft.field("fetal.fetuses").suggestion == ""
    draft.put("pregnancy.plurality", "2")
    assert draft.field("fetal.fetuses").suggestion == "2"
    refused = draft.choose("fetal.fetuses", NONE)
    assert (refused.kind, refused.message) == ("refused", "«Fetuses» are not none: another answer says 2.")
    assert draft.do("suggest", "fetal.fetuses").kind == "taken"
    assert len(group_of(draft.form, "fetal.fetuses").rows) == 2
    assert draft.field("fetal.fetuses").suggestion == ""


def test_what_is_unusual_is_kept_with_a_reason_of_ten_characters(draft: Filling) -> None:
    done = draft.put("dates.temperature", "34")
    assert (done.kind, done.wants_reason) == ("doubt", True)
    short = draft.do("confirm", "dates.temperature", reason="cold")
    assert short.kind == "doubt"
    assert "ten characters" in short.message or "10 characters" in short.message
    assert draft.field("dates.temperature").reason == "cold"
    assert draft.do("confirm", "dates.temperature", reason="Measured twice, rectal.").kind == "taken"
    kept = [(row["rule"], row["at"], row["rationale"]) for row in draft.data["kept"]]
    assert kept == [("usual-range", "dates.temperature", "Measured twice, rectal.")]
    assert draft.field("dates.temperature").kept == "Measured twice, rectal."


def test_a_new_value_drops_the_reason_of_the_old_one(draft: Filling) -> None:
    draft.put("dates.temperature", "34")
    draft.do("confirm", "dates.temperature", reason="Measured twice, rectal.")
    draft.put("dates.temperature", "37")
    assert "kept" not in draft.data


def test_a_converted_value_may_be_unusual_too(draft: Filling) -> None:
    draft.put("scan.lengths", "0.8")
    second = draft.do("confirm", "scan.lengths")
    assert (second.kind, second.wants_reason) == ("doubt", True)
    draft.do("confirm", "scan.lengths", reason="Seen by two sonographers.")
    row = draft.data["scan"]["lengths"][0]
    assert row["length"] == 8
    assert draft.data["kept"][0]["at"] == f"scan.lengths[{row['id']}].length"


def test_a_doubt_that_was_typed_anew_is_asked_back_before_it_is_confirmed(draft: Filling) -> None:
    draft.put("scan.lengths", "2.4")
    done = draft.do("confirm", "scan.lengths", text="4.5")
    assert done.kind == "doubt"
    assert "45 mm" in done.message
    assert "scan" not in draft.data or "lengths" not in draft.data["scan"]


def test_two_numbers_typed_together_go_to_their_places(draft: Filling) -> None:
    assert draft.put("scan.upper", "112/70").kind == "taken"
    assert (draft.data["scan"]["upper"], draft.data["scan"]["lower"]) == (112, 70)


def test_of_two_numbers_the_one_that_is_unclear_stays_at_its_own_place(draft: Filling) -> None:
    done = draft.put("scan.upper", "112/low")
    assert (done.kind, done.place) == ("unclear", "scan.lower")
    assert draft.data["scan"] == {"upper": 112}
    assert draft.field("scan.lower").text == "low"


def test_a_list_of_numbers_keeps_its_rows(draft: Filling) -> None:
    draft.put("scan.lengths", "22, 24.5")
    first = draft.data["scan"]["lengths"][0]["id"]
    draft.put("scan.lengths", "23 24,5 26")
    assert [row["length"] for row in draft.data["scan"]["lengths"]] == [23, 24.5, 26]
    assert draft.data["scan"]["lengths"][0]["id"] == first
    assert draft.field("scan.lengths").text == "23, 24.5, 26"
    draft.put("scan.lengths", "none")
    assert draft.data["scan"]["lengths"] == []


@pytest.mark.parametrize("typed", ["1" + " " * 20_000 + "x", "22 " * 10_000, "9" * 310])
def test_a_list_without_end_is_left_as_it_was_typed(draft: Filling, typed: str) -> None:
    with at_most(1):
        assert draft.put("scan.lengths", typed).kind == "unclear"


def test_an_unprintable_character_is_not_recorded(draft: Filling) -> None:
    assert draft.put("prior.remark", "a\x00b").kind == "unclear"
    assert draft.state.unread["prior.remark"].typed == "a\x00b"


def test_a_long_list_is_answered_by_typing_a_title(assessment: Template) -> None:
    long = next(
        one for one in assessment.elements.values() if one.kind == "choice" and len(one.options) > 7 and not one.group
    )
    draft = Filling(assessment, State({"id": "x", "template": "assessment", "status": "draft",
                                       "date": "2026-11-21T09:00:00Z"}))  # fmt: skip
    assert draft.put(long.path, long.options[2].title.upper()).kind == "taken"
    section, _, name = long.path.partition(".")
    assert draft.data[section][name] == long.options[2].value
    number = draft.put(long.path, "2")
    assert number.kind == "unclear"  # nobody sees numbers in a form
    assert "number" not in number.message


# --- chosen and absent -----------------------------------------------------------------------------------------------


def test_buttons_choose_and_leave(draft: Filling) -> None:
    assert draft.choose("dates.threshold", "w24").said == "24 weeks"
    assert draft.field("dates.threshold").chosen == ("w24",)
    draft.choose("dates.threshold")
    assert draft.field("dates.threshold").chosen == ()
    assert draft.choose("dates.threshold", "w99").kind == "refused"
    assert draft.choose("dates.threshold", "w20", "w24").kind == "refused"


def test_several_options_keep_the_order_in_which_they_were_chosen(assessment: Template) -> None:
    several = next(one for one in assessment.elements.values() if one.kind == "choices" and not one.group)
    a, b, c = (one.value for one in several.options[:3])
    section, _, name = several.path.partition(".")
    draft = Filling(assessment, State({"id": "x", section: {name: [c, a]}}))
    draft.choose(several.path, a, b, c)  # as a page sends them
    assert draft.data[section][name] == [c, a, b]
    draft.choose(several.path, NONE)
    assert draft.data[section][name] == []


def test_absence_takes_one_act_and_a_reason(draft: Filling) -> None:
    draft.put("dates.temperature", "37")
    draft.do("absent", "dates.temperature", code="asked-declined", reason=" did not want it ")
    assert draft.data["dates"]["temperature"] == {"absent": "asked-declined", "reason": "did not want it"}
    shown = draft.field("dates.temperature")
    assert (shown.absent_title, shown.absent_reason) == ("declined", "did not want it")
    assert draft.do("absent", "dates.temperature", code="lazy").kind == "refused"


def test_what_is_signed_or_computed_is_set_by_nobody_here(draft: Filling) -> None:
    before = dict(draft.data)
    for place in (
        "status",
        "signed_at",
        "kept",
        "kept[k1].rationale",
        "scan.shortest",
        "addendum_of",
        "id",
        "note.date",
    ):
        assert draft.put(place, "final").kind == "refused", place
    assert draft.data == before
    assert draft.do("absent", "date", code="asked-unknown").kind == "refused"


def test_the_date_of_a_note_is_changed_and_never_taken_away(draft: Filling) -> None:
    draft.put("date", "31 Feb 2026")
    for done in (draft.put("date", " "), draft.do("clear", "date")):
        assert (done.kind, done.message) == ("refused", "A note has a date and time. 21 Nov 2026 09:00 stays.")
    assert draft.field("date").text == "21 Nov 2026 09:00"
    assert draft.put("date", "20 Nov 2026 10:15").kind == "taken"
    assert draft.data["date"] == "2026-11-20T10:15:00+01:00"


@pytest.mark.parametrize(
    "place", ["", "nowhere", "dates", "dates.nothing", "prior.rows[p1].nothing", "a[b", "dates.lmp[x]"]
)
def test_a_place_that_is_none_is_told_and_changes_nothing(draft: Filling, place: str) -> None:
    before = draft.state
    for act in ACTS:
        done = draft.do(act, place, text="x", values=["yes"], code="asked-unknown", rule="R1", side="mine")
        assert done.kind in ("refused", "unclear"), act
        assert done.message
    assert draft.state == before


# --- rows ------------------------------------------------------------------------------------------------------------


def test_rows_are_added_filled_and_removed(draft: Filling) -> None:
    first = draft.do("add-row", "prior.rows").place
    second = draft.do("add-row", "prior.rows", row="mine-1").place
    assert second == "prior.rows[mine-1]"
    draft.put(f"{second}.year", "2021")
    assert [row.title for row in group_of(draft.form, "prior.rows").rows] == ["Pregnancy 1", "Pregnancy 2"]
    draft.do("remove-row", first)
    assert draft.data["prior"]["rows"] == [{"id": "mine-1", "year": 2021}]


def test_a_row_sent_twice_is_one_row(draft: Filling) -> None:
    for _ in range(2):
        assert draft.do("add-row", "prior.rows", row="r1").kind == "taken"
    assert len(draft.data["prior"]["rows"]) == 1


def test_a_row_of_a_list_of_numbers_without_its_number_breaks_no_page() -> None:
    template = library.load_template("ultrasound")
    data = {"id": "x", "template": template.id, "version": template.version, "status": "draft"}
    draft = Filling(template, State({**data, "ultrasound": {"done": True, "lengths": [{"id": "a", "length": 22}]}}))
    draft.do("add-row", "ultrasound.lengths", row="empty")
    assert draft.field("ultrasound.lengths").said == "2"


def test_the_last_row_removed_leaves_the_question_open(draft: Filling) -> None:
    draft.do("add-row", "prior.rows", row="r1")
    draft.do("remove-row", "prior.rows[r1]")
    assert "rows" not in draft.data["prior"]
    draft.choose("prior.rows", NONE)
    assert draft.data["prior"]["rows"] == []


def test_none_at_all_does_not_throw_rows_away(draft: Filling) -> None:
    draft.do("add-row", "prior.rows", row="r1")
    draft.put("prior.rows[r1].place", "home")
    for done in (draft.choose("prior.rows", NONE), draft.do("clear", "prior.rows"), draft.put("prior.rows", "0"),
                 draft.do("absent", "prior.rows", code="asked-unknown")):  # fmt: skip
        assert done.kind != "taken"
    assert draft.data["prior"]["rows"] == [{"id": "r1", "place": "home"}]


def test_words_typed_into_a_row_that_is_gone_are_shown(draft: Filling) -> None:
    draft.do("add-row", "prior.rows", row="r1")
    draft.do("remove-row", "prior.rows[r1]")
    draft.put("prior.rows[r1].place", "at home")
    assert [(one.place, one.said, one.typed) for one in draft.form.left_over] == [
        ("prior.rows[r1].place", "«at home»", True)
    ]
    draft.do("discard")
    assert not draft.form.left_over


# --- blocks ----------------------------------------------------------------------------------------------------------


def test_a_block_is_answered_in_one_act(draft: Filling) -> None:
    draft.choose("dates.threshold", "w20")
    draft.choose("complaints.pressure", "yes")
    draft.do("block", "complaints.any")
    assert draft.data["complaints"] == {"pressure": True, "fever": False}  # bleeding does not apply
    draft.do("block", "complaints.met", values=["fasted"])
    assert (draft.data["complaints"]["consent"], draft.data["complaints"]["fasted"]) == (True, False)


def test_a_block_leaves_what_was_typed_and_not_understood(draft: Filling) -> None:
    draft.choose("dates.threshold", "w20")
    draft.put("complaints.fever", "a little")
    draft.do("block", "complaints.any")
    assert draft.field("complaints.fever").text == "a little"
    assert "fever" not in draft.data["complaints"]


def test_a_block_shows_what_is_open_and_what_its_button_says(draft: Filling) -> None:
    draft.choose("dates.threshold", "w20")

    def block() -> form.Block:
        parts = draft.form.section("complaints").parts  # type: ignore[union-attr]
        return next(one for one in parts if isinstance(one, form.Block) and one.place == "complaints.any")

    assert (block().open, block().all_title) == (2, "None of these")
    draft.choose("complaints.fever", "yes")
    assert (block().open, block().all_title) == (1, "None of the rest")


def test_a_block_in_a_row_is_that_of_the_row(draft: Filling) -> None:
    draft.do("add-row", "prior.rows", row="r1")
    draft.do("add-row", "prior.rows", row="r2")
    assert draft.do("block", "prior.rows[r2].how", values=["sudden"]).kind == "taken"
    assert draft.data["prior"]["rows"] == [{"id": "r1"}, {"id": "r2", "painless": False, "sudden": True}]
    assert draft.do("absent", "prior.rows[r1].how", code="asked-unknown").kind == "taken"
    assert draft.data["prior"]["rows"][0]["painless"] == {"absent": "asked-unknown"}


# --- suggestions, extras, what no longer applies ---------------------------------------------------------------------


def test_a_suggestion_is_shown_and_taken(draft: Filling) -> None:
    draft.put("dates.lmp", "1 Jun 2026")
    assert draft.field("dates.edd").suggestion == "8 March 2027"
    assert draft.do("suggest", "dates.edd").said == "8 March 2027"
    assert draft.do("suggest", "dates.edd").kind == "refused"


def test_a_suggestion_outside_the_usual_range_wants_its_reason(draft: Filling) -> None:
    draft.put("dates.temperature", "39")
    done = draft.do("suggest", "dates.fluid")
    assert done.wants_reason
    assert "fluid" not in draft.data["dates"]


def test_what_is_on_request_is_opened_by_hand(draft: Filling) -> None:
    section = draft.form.section("dates")
    assert section is not None
    assert [one.title for one in section.extras] == ["Comment", "Country of birth"]
    assert draft.form.field("dates.comment") is None
    draft.do("open", "dates.comment")
    assert draft.field("dates.comment").on_request
    draft.do("open", "dates.comment", take=False)
    assert draft.form.field("dates.comment") is None


def test_what_stops_applying_is_kept_shown_and_discarded(draft: Filling) -> None:
    draft.choose("dates.threshold", "w20")
    draft.choose("complaints.pressure", "yes")
    draft.put("complaints.pressure_since", "noon")
    draft.choose("complaints.pressure", "no")
    section = draft.form.section("complaints")
    assert section is not None
    assert [(one.title, one.said) for one in section.left_over] == [("Pressure since", "noon")]
    assert draft.data["complaints"]["pressure_since"] == "noon"
    assert draft.do("discard", "dates").kind == "refused"
    assert draft.do("discard", "complaints").kind == "taken"
    assert "pressure_since" not in draft.data["complaints"]
    assert draft.do("discard").kind == "refused"


def test_a_reason_of_absence_that_stops_applying_is_left_over_too(draft: Filling) -> None:
    draft.choose("dates.threshold", "w20")
    draft.choose("complaints.pressure", "yes")
    draft.do("absent", "complaints.pressure_since", code="asked-unknown")
    draft.choose("complaints.pressure", "no")
    assert [one.said for one in draft.form.left_over] == ["asked, not known"]


def test_typed_text_in_a_section_that_stops_applying_is_left_over(draft: Filling) -> None:
    draft.choose("dates.threshold", "w20")
    draft.put("complaints.fever", "a little")
    draft.choose("dates.threshold", "w20")
    draft.do("absent", "dates.threshold", code="asked-unknown")
    section = draft.form.section("complaints")
    assert section is not None
    assert not section.applies
    assert [one.said for one in section.left_over] == ["«a little»"]


# --- findings --------------------------------------------------------------------------------------------------------


def test_a_finding_is_kept_with_a_rationale_and_found_again(draft: Filling) -> None:
    draft.choose("dates.threshold", "w20")
    draft.do("open", "prior.remark")
    draft.put("prior.remark", "Painless. Painful contractions.")
    found = next((one for one in draft.beside.findings if one.rule == "required"), None)
    assert found is not None
    assert found.shown
    assert draft.do("keep", found.at, rule=found.rule, reason="short").kind == "unclear"
    assert draft.do("keep", found.at, rule=found.rule, reason="She will be asked tomorrow.").kind == "taken"
    again = next(one for one in draft.beside.findings if one.rule == "required")
    assert (again.outcome, again.rationale, again.at) == ("kept", "She will be asked tomorrow.", found.at)
    assert draft.do("unkeep", found.at, rule=found.rule).kind == "taken"
    assert "kept" not in draft.data


def test_the_shape_of_a_note_cannot_be_kept(draft: Filling) -> None:
    assert draft.do("keep", "dates.lmp", rule="shape", reason="It is right as it is.").kind == "refused"
    assert draft.do("keep", "", rule="R9999", reason="It is right as it is.").kind == "refused"


def test_a_finding_kept_wherever_it_is_found_names_no_place(draft: Filling) -> None:
    draft.do("keep", "", rule="required", reason="She will be asked tomorrow.")
    assert not draft.note.problems
    assert draft.data["kept"][0].keys() == {"id", "rule", "rationale"}


# --- what a file from elsewhere may hold -----------------------------------------------------------------------------


def test_a_value_of_the_wrong_type_is_shown_as_it_is(draft: Filling) -> None:
    draft.state = State(
        {**draft.data, "dates": {"lmp": "soon", "temperature": [1]}, "scan": "none", "prior": {"rows": {}}}
    )
    shown = draft.field("dates.lmp")
    assert (shown.text, shown.state) == ("soon", "wrong")
    assert "is a date" in shown.message
    assert draft.put("dates.lmp", "1 Jun 2026").kind == "taken"
    assert draft.put("scan.upper", "110").kind == "refused"
    assert draft.form.section("scan") is not None
    assert draft.beside.findings


def test_a_state_is_read_tolerantly() -> None:
    for held in (None, [], "x", {"data": [], "unread": {"a": 1}, "conflicts": {"a": "b"}, "opened": [1], "settled": 3}):
        assert State.from_json(held) == State()


@pytest.mark.parametrize(
    ("held", "named"),
    [
        ("put", "object"),
        ({}, "act"),
        ({"act": "sing"}, "sing"),
        ({"act": "put", "place": 3}, "place"),
        ({"act": "put", "text": None}, "text"),
        ({"act": "choose", "values": "yes"}, "values"),
        ({"act": "put", "seen": "1"}, "seen"),
        ({"act": "put", "extra": 1}, "extra"),
        ({"act": "carry", "take": "yes"}, "take"),
        ({"act": "put", "text": "\ud800"}, "text"),
    ],
)
def test_a_malformed_change_is_refused_with_its_field(held: Any, named: str) -> None:
    with pytest.raises(InputError, match=named):
        Change.from_json(held)


def test_a_change_survives_json() -> None:
    change = Change("choose", "a.b", values=("x",), seen=3, take=False)
    assert Change.from_json(change.to_json()) == change


def test_the_state_that_was_given_stays_as_it_was(draft: Filling) -> None:
    before = draft.state
    told = before.to_json()
    form.apply(draft.template, before, [Change("put", "dates.lmp", "1 Jun 2026")], today=TODAY, new_id=lambda: "n")
    assert before.to_json() == told


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("22+3", "22w3d", "22+3"),
        ("22", "22w", "22"),
        ("23-24", "23w-24w", "23-24"),
        ("23+2 to 24+1", "23w2d-24w1d", "23+2-24+1"),
    ],
)
def test_gestational_ages_stand_as_they_can_be_typed(assessment: Template, typed: str, kept: str, shown: str) -> None:
    draft = Filling(assessment, State({"id": "x", "template": "assessment", "date": "2026-11-21T09:00:00Z"}))
    assert draft.put("pregnancy.ga_stated", typed).kind == "taken"
    assert draft.data["pregnancy"]["ga_stated"] == kept
    assert draft.field("pregnancy.ga_stated").text == shown
    draft.do("clear", "pregnancy.ga_stated")
    draft.put("pregnancy.ga_stated", shown)
    assert draft.data["pregnancy"]["ga_stated"] == kept
