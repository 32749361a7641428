"""What becomes of a draft's data when it is signed, and that what was signed can be read without its template."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from notes import Note, rich_note

from ci_notes import printing, signing
from ci_notes.signing import Moment
from ci_notes.template import Template

NOW = Moment("2026-11-03T15:00:00+00:00", "Dr Cy Sample")


def state(data: Note, **more: Any) -> dict[str, Any]:
    return {"data": data, "unread": {}, "conflicts": {}, **more}


def test_nothing_stands_in_the_way_of_a_note_that_is_settled(assessment: Template) -> None:
    found = signing.signing(assessment, state(rich_note()), NOW)
    assert found.obstacles == ()
    assert found.note.status == "final"
    assert found.page
    assert not found.no_page


def test_the_draft_itself_stays_as_it_was(assessment: Template) -> None:
    data = rich_note()
    signing.signing(assessment, state(data), NOW)
    assert data == rich_note()


@pytest.mark.parametrize(
    ("hours", "recorded", "expected"),
    [(24, None, None), (24.1, None, True), (48, False, False), (1, True, True), (-5, None, None)],
)
def test_a_late_entry_is_one_after_a_day_unless_somebody_says_otherwise(
    assessment: Template, hours: float, recorded: bool | None, expected: bool | None
) -> None:
    data = rich_note() if recorded is None else {**rich_note(), "late_entry": recorded}
    at = datetime.fromisoformat(data["date"]) + timedelta(hours=hours)
    signed = signing.signed_data(assessment, data, Moment(at.isoformat(), ""))
    assert signed.get("late_entry") is expected


@pytest.mark.parametrize("visit", [None, "yesterday", 7, "2026-11-01", {"absent": "unknown"}])
def test_a_date_that_is_none_makes_no_late_entry_and_stands_in_the_way(assessment: Template, visit: Any) -> None:
    data = {**rich_note(), "date": visit}
    found = signing.signing(assessment, state(data), NOW)
    assert "late_entry" not in found.note.data
    assert [one for one in found.obstacles if one.kind == "shape"]


def test_an_amendment_keeps_the_first_signature_and_is_no_late_entry_for_it(assessment: Template) -> None:
    before = {**rich_note(), "signed_at": "2026-11-03T15:00:00+00:00"}
    signed = signing.signed_data(assessment, rich_note(), Moment("2026-12-24T15:00:00+00:00", ""), before)
    assert (signed["status"], signed["signed_at"]) == ("amended", before["signed_at"])
    assert "late_entry" not in signed


def test_an_author_who_was_not_recorded_is_whoever_signs(assessment: Template) -> None:
    data = {**rich_note(), "author": {"role": "MFM"}}
    assert signing.signed_data(assessment, data, NOW)["author"] == {"role": "MFM", "name": "Dr Cy Sample"}
    for author in ({"name": "Dr Bea Sample"}, {"name": {"absent": "asked-declined"}}):
        assert signing.signed_data(assessment, {**data, "author": author}, NOW)["author"] == author


def test_obstacles_name_their_place_in_words(assessment: Template) -> None:
    data = {**rich_note(), "carried": [{"id": "c", "at": "patient.rh_d", "what": "Rh D"}], "nonsense": 1}
    data["cerclage"] = {**data["cerclage"], "in_place": False}
    unread = {"history.prior[p1].ga_end": {"typed": "twenty three"}, "exam.dilation": "two"}
    found = signing.signing(assessment, state(data, unread=unread, conflicts={"vitals.pulse": {}}), NOW).obstacles
    told = {one.kind: one for one in reversed(found)}
    assert {"unread", "conflict", "shape", "left-over", "unconfirmed"} <= set(told)
    assert told["unread"].message.startswith("Gestation at its end: «twenty three»")
    assert "«two»" in [one for one in found if one.kind == "unread"][1].message
    assert "Rh D" in told["unconfirmed"].message
    assert set(told) <= set(signing.OBSTACLES)


def test_what_an_extension_that_is_not_here_recorded_stands_in_the_way(assessment: Template) -> None:
    data = {**rich_note(), "version": f"{assessment.version}+hospital.1", "exam": {"hospital_score": 3}}
    found = signing.signing(assessment, state(data), NOW).obstacles
    assert [one.kind for one in found] == ["extension"]
    assert "exam.hospital_score belongs to the extension «hospital.1»" in found[0].message


def test_what_is_stored_reads_as_what_was_rendered_even_without_the_template(assessment: Template) -> None:
    found = signing.signing(assessment, state(rich_note()), NOW)
    kept = signing.stored(found.note, found.sentences)
    assert signing.told(kept) == list(found.sentences)
    before = printing.text(found.note, found.sentences)
    same = signing.as_signed(assessment, found.note.data, kept)
    bare = signing.as_signed(None, found.note.data, kept)
    assert printing.text(same, signing.told(kept)) == before
    assert printing.text(bare, signing.told(kept), assessment.title) == before
    assert bare.status == "final"


def test_a_fingerprint_is_the_same_for_the_same_template_and_differs_with_its_prose(assessment: Template) -> None:
    from dataclasses import replace  # noqa: PLC0415

    changed = replace(assessment, narratives={**assessment.narratives, "narrative.en.j2": "Something else."})
    assert signing.fingerprint(assessment) == signing.fingerprint(replace(assessment))
    assert signing.fingerprint(assessment) != signing.fingerprint(changed)
