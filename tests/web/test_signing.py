"""From a draft to a signed note, and what may be done to one afterwards."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from browsing import PASSWORD, Browser, account, said, signed_in
from noting import SCAN, amend, begin, change, done, example, post_signature, sign, standing
from starlette.applications import Starlette

from ci_notes.web import clock

# --- looked through ------------------------------------------------------------------------------------------------


def test_the_review_shows_the_note_as_it_will_be_signed(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician)
    page = clinician.get(f"/drafts/{draft.id}/sign")
    words = said(page.text)
    assert page.status_code == 200
    assert "The cervical length measured 22 mm" in words
    assert "This note is final" in words
    assert "not been signed" not in words
    assert "Sign this note" in words
    assert ("read", "draft", draft.id) in done(app)


def test_errors_stand_before_warnings_and_what_is_open_is_listed(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician, {**SCAN, "date": "2026-11-20T10:00:00+00:00", "pregnancy": {"edd": "2020-01-01"}})
    page = clinician.get(f"/drafts/{draft.id}/sign").text
    headings = re.findall(r"<summary>(Errors|Warnings|Required and not recorded|Remarks) \(\d+\)", page)
    assert headings == sorted(headings, key=["Errors", "Warnings", "Required and not recorded", "Remarks"].index)
    assert "Required and not recorded" in headings


OBSTACLES: dict[str, dict[str, Any]] = {
    "half a bladder": {"unread": {"ultrasound.bladder": {"typed": "half a bladder"}}},
    "choose which of the two is right": {
        "conflicts": {"comment.text": {"mine": "a", "theirs": "b", "by": "Dr Bea Sample"}}
    },
    "discard it": {"data": {"ultrasound": {"done": False, "lengths": [{"id": "a", "length": 22}]}}},
    "has no field «nonsense»": {"data": {"nonsense": 1}},
    "brought from elsewhere": {"data": {"carried": [{"id": "c", "at": "patient.name", "what": "Name"}]}},
}


@pytest.mark.parametrize("words", OBSTACLES)
def test_what_is_unsettled_stands_in_the_way_and_nothing_is_lost(
    app: Starlette, clinician: Browser, words: str
) -> None:
    draft = begin(app, clinician, SCAN, **OBSTACLES[words])
    page = clinician.get(f"/drafts/{draft.id}/sign").text
    assert words in said(page)
    assert "Sign this note" not in page
    answer = post_signature(clinician, draft)
    assert answer.status_code == 422
    assert "cannot be signed yet" in answer.text
    assert app.state.record.drafts.get(draft.id).state == draft.state


def test_what_is_only_open_does_not_stand_in_the_way(app: Starlette, clinician: Browser) -> None:
    bare = {key: SCAN[key] for key in ("id", "template", "version", "date")}
    assert sign(app, clinician, bare) == SCAN["id"]


def test_an_obstacle_leads_to_its_field(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician, SCAN, unread={"ultrasound.bladder": {"typed": "half"}})
    assert f'/drafts/{draft.id}#f-ultrasound-bladder"' in clinician.get(f"/drafts/{draft.id}/sign").text


def test_a_finding_leads_to_its_field(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician, {**SCAN, "pregnancy": {"edd": "2020-01-01"}})
    page = clinician.get(f"/drafts/{draft.id}/sign").text
    assert re.search(rf'<span class="said"><a href="/drafts/{draft.id}#f-pregnancy-edd">', page)
    for field in re.findall(rf'href="/drafts/{draft.id}#([^"]+)"', page):
        form = clinician.get(f"/drafts/{draft.id}").text
        assert re.search(rf"id=[\"']?{field}[\"' >]", form), field


def test_back_to_the_form_is_back_to_the_field(app: Starlette, clinician: Browser) -> None:
    path = f"/drafts/{begin(app, clinician).id}"
    assert f'href="{path}#f-comment-text">back to the form' in clinician.get(f"{path}/sign?at=f-comment-text").text
    assert f'href="{path}">back to the form' in clinician.get(f'{path}/sign?at="><script>').text


def test_the_name_is_the_way_to_her_page(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician)
    way = f'<a href="/patients/{draft.patient}">Ada Example</a>'
    assert way in clinician.get(f"/drafts/{draft.id}").text
    assert way in clinician.get(f"/drafts/{draft.id}/sign").text
    post_signature(clinician, draft)
    assert way in clinician.get(f"/notes/{draft.id}").text
    assert way in clinician.get(f"/notes/{draft.id}/void").text
    assert way in clinician.get(f"/notes/{draft.id}/differences").text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"identifier": "EX-0001"}, "does not say whose number it is"),
        ({}, "has no patient identifier and no pseudonym"),
    ],
)
def test_who_has_no_number_of_anybodys_stands_alone_and_that_is_said_before(
    app: Starlette, clinician: Browser, told: dict[str, str], words: str
) -> None:
    draft = begin(app, clinician, {**SCAN, "patient": {"name": "Alma Testova", **told}})
    page = said(clinician.get(f"/drafts/{draft.id}/sign").text)
    assert words in page
    assert "her other notes will not be found together with it" in page
    assert "will not be found together" not in clinician.get(f"/drafts/{begin(app, clinician, OTHER).id}/sign").text


OTHER = {**SCAN, "id": "other"}


def test_what_the_patients_page_lacks_is_named(app: Starlette, clinician: Browser) -> None:
    data = {**example("assessment/complete"), "id": "page"}
    assert "Not on the patient" not in clinician.get(f"/drafts/{begin(app, clinician, data).id}/sign").text
    bare = {**data, "id": "bare", "instructions": {}}
    page = said(clinician.get(f"/drafts/{begin(app, clinician, bare).id}/sign").text)
    assert "since nobody recorded it: Phone, day and night; Where to go." in page


def test_of_an_amendment_the_differences_stand_first(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    clinician.post(f"/notes/{name}/amend")
    change(app, clinician, name, data={"comment": {"text": "Seen alone."}})
    page = said(clinician.get(f"/drafts/{name}/sign").text)
    assert page.index("What differs from version 1") < page.index("The note as it will be signed")
    assert re.search(r"What differs from version 1\W+1 field\b", page)


def test_the_form_of_an_amendment_says_what_it_amends(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    clinician.post(f"/notes/{name}/amend")
    assert re.search(
        r"Amends version 1, signed by Carla Example, \d+ \w+ 20\d\d", clinician.get(f"/drafts/{name}").text
    )
    assert "Amends version" not in clinician.get(f"/drafts/{begin(app, clinician, OTHER).id}").text


def test_what_differs_from_the_last_note_is_shown(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician, {**SCAN, "id": "first", "date": "2026-11-01T10:00:00+00:00"})
    now = {**SCAN, "ultrasound": {"done": True, "lengths": [{"id": "a", "length": 17}]}}
    page = said(clinician.get(f"/drafts/{begin(app, clinician, now).id}/sign").text)
    assert "What differs from Cervical length scan of 1 Nov 2026" in page
    assert "17 mm" in page.partition("What differs from")[2]


# --- signed --------------------------------------------------------------------------------------------------------


def test_a_signed_note_says_by_whom_and_when_and_is_no_draft_any_more(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician)
    answer = post_signature(clinician, draft)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/notes/{draft.id}")
    data = standing(app, draft.id).data
    assert data["status"] == "final"
    assert datetime.fromisoformat(data["signed_at"]) <= datetime.fromisoformat(clock.now())
    assert data["author"]["name"] == "Carla Example"
    assert app.state.record.drafts.listing() == []
    assert ("sign", "note", draft.id) in done(app)
    assert "Signed by Carla Example" in said(clinician.get(f"/notes/{draft.id}").text)


def test_a_recorded_author_stays(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician, {**SCAN, "author": {"name": "Dr Bea Sample"}})
    assert standing(app, SCAN["id"]).data["author"]["name"] == "Dr Bea Sample"


@pytest.mark.parametrize(("hours", "late"), [(23, None), (25, True)])
def test_a_note_signed_more_than_a_day_later_is_a_late_entry(
    app: Starlette, clinician: Browser, hours: int, late: bool | None
) -> None:
    visit = datetime.fromisoformat(clock.here()) - timedelta(hours=hours)
    sign(app, clinician, {**SCAN, "date": visit.isoformat()})
    assert standing(app, SCAN["id"]).data.get("late_entry") is late


def test_a_note_that_is_called_no_late_entry_stays_so(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician, {**SCAN, "date": "2026-01-03T10:00:00+00:00", "late_entry": False})
    assert standing(app, SCAN["id"]).data["late_entry"] is False


def test_the_ledger_keeps_all_that_was_shown(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician, example("ultrasound/short"))
    body = standing(app, example("ultrasound/short")["id"]).latest.body
    assert any("15 mm" in one["text"] for one in body["sentences"])
    assert body["page"]
    assert any(one["title"] == "Shortest cervical length" and one["value"] == "15 mm" for one in body["computed"])
    assert re.fullmatch("[0-9a-f]{64}", body["fingerprint"])


def test_a_draft_that_moved_on_is_not_signed_and_who_changed_what_is_told(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    seen = begin(app, clinician)
    change(app, cosigner, seen.id, data={"comment": {"text": "Changed meanwhile."}})
    answer = post_signature(clinician, seen)
    words = said(answer.text)
    assert answer.status_code == 409
    assert "was not signed. Nothing is lost" in words
    assert "by Cosima Example" in words
    assert "Changed meanwhile." in words
    now = app.state.record.drafts.get(seen.id)
    assert post_signature(clinician, now).status_code == 303


@pytest.mark.parametrize("revision", ["", "0", "-1", "x", "9" * 30, "１"])
def test_a_revision_that_was_never_seen_signs_nothing(app: Starlette, clinician: Browser, revision: str) -> None:
    draft = begin(app, clinician)
    answer = clinician.post(f"/drafts/{draft.id}/sign", data={"revision": revision, "read": "yes"})
    assert answer.status_code == 409
    assert app.state.record.ledger.history(draft.id) == []


def test_a_note_is_signed_once_however_often_the_button_is_pressed(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician)
    first, second = post_signature(clinician, draft), post_signature(clinician, draft)
    assert first.headers["location"] == second.headers["location"]
    assert len(app.state.record.ledger.versions(draft.id)) == 1


def test_the_tick_is_asked_for(app: Starlette, clinician: Browser) -> None:
    answer = post_signature(clinician, begin(app, clinician), read="")
    assert answer.status_code == 422
    assert "Tick that you have read the note" in answer.text


def test_who_has_a_password_gives_it_again(app: Starlette) -> None:
    browser = signed_in(app, app, account(app, "paula", "clinician", password=PASSWORD))
    draft = begin(app, browser)
    assert 'type="password"' in browser.get(f"/drafts/{draft.id}/sign").text
    for wrong in ("", "seven red umbrellas"):
        refused = post_signature(browser, draft, password=wrong)
        assert refused.status_code == 422
        assert "not the password" in refused.text
    assert post_signature(browser, draft, password=PASSWORD).status_code == 303


def test_who_came_in_by_a_link_of_somebody_with_a_password_does_not_sign_for_them(app: Starlette) -> None:
    """An admin can make a link for anybody: it lets in, and signs nothing."""
    paula = account(app, "paula", "clinician", "co-signer", password=PASSWORD)
    browser = signed_in(app, app, paula)
    draft, note = begin(app, browser, {**SCAN, "id": "draft-of-hers"}), sign(app, cosimas(app))
    token = app.state.record.sessions.begin(paula.id, "link", clock.now(), 1)
    browser.hold(token)
    browser.headers["x-csrf-token"] = app.state.record.sessions.find(token, clock.now()).csrf
    assert 'type="password"' in browser.get(f"/drafts/{draft.id}/sign").text
    assert post_signature(browser, draft).status_code == 422
    assert cosign(browser, note).status_code == 422
    assert post_signature(browser, draft, password=PASSWORD).status_code == 303


def test_a_token_signs_nothing_even_with_the_password(app: Starlette) -> None:
    paula = account(app, "paula", "clinician", "co-signer", password=PASSWORD)
    browser = signed_in(app, app, paula)
    draft, note = begin(app, browser, {**SCAN, "id": "draft-of-hers"}), sign(app, cosimas(app))
    browser.cookies.clear()
    browser.headers["authorization"] = f"Bearer {app.state.record.sessions.begin(paula.id, 'token', clock.now(), 1)}"
    assert browser.get(f"/drafts/{draft.id}/sign").status_code == 403
    assert post_signature(browser, draft, password=PASSWORD).status_code == 403
    assert cosign(browser, note).status_code == 403
    assert app.state.record.drafts.get(draft.id).id == draft.id


def cosimas(app: Starlette) -> Browser:
    return signed_in(app, app, account(app, "coralie", "clinician"))


def test_strangers_who_guess_her_password_do_not_keep_her_from_signing(app: Starlette) -> None:
    browser = signed_in(app, app, account(app, "paula", "clinician", password=PASSWORD))
    draft, stranger = begin(app, browser), Browser(app)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', stranger.get("/sign-in").text))
    for name in ["paula"] * 6 + [f"name{number}" for number in range(16)]:
        last = stranger.post("/sign-in", data={**hidden, "login": name, "password": "wrong"})
    assert last.status_code == 429
    assert post_signature(browser, draft, password=PASSWORD).status_code == 303


def test_guessing_the_password_while_signing_ends_soon(app: Starlette) -> None:
    browser = signed_in(app, app, account(app, "paula", "clinician", password=PASSWORD))
    draft = begin(app, browser)
    answers = [post_signature(browser, draft, password="seven red umbrellas") for _ in range(7)]
    assert "too many attempts" in answers[-1].text
    assert "too many attempts" in post_signature(browser, draft, password=PASSWORD).text


# --- co-signed, added to -------------------------------------------------------------------------------------------


def cosign(browser: Browser, name: str, number: str = "1") -> Any:
    return browser.post(f"/notes/{name}/cosign", data={"number": number, "read": "yes"})


def test_somebody_else_co_signs(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    name = sign(app, clinician)
    assert f"/notes/{name}/cosign" in cosigner.get(f"/notes/{name}").text
    assert cosigner.get(f"/notes/{name}/cosign").status_code == 200
    assert cosign(cosigner, name).status_code == 303
    page = cosigner.get(f"/notes/{name}").text
    assert "Co-signed by Cosima Example" in said(page)
    assert f"/notes/{name}/cosign" not in page
    assert cosign(cosigner, name).status_code == 409
    assert ("cosign", "note", name) in done(app)


def test_nobody_co_signs_their_own_note(app: Starlette, cosigner: Browser) -> None:
    name = sign(app, cosigner)
    refused = cosign(cosigner, name)
    assert refused.status_code == 409
    assert "somebody else co-signs" in refused.text


@pytest.mark.parametrize("act", ["cosign", "addendum", "amend", "void"])
def test_a_page_that_shows_the_note_is_in_the_audit_trail(app: Starlette, cosigner: Browser, act: str) -> None:
    name, before = sign(app, cosimas(app)), len(done(app))
    assert "22 mm" in cosigner.get(f"/notes/{name}/{act}").text
    assert done(app)[before:] == [("read", "note", name)]


def test_a_draft_that_is_shown_where_it_is_not_signed_is_in_the_audit_trail(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician)
    for given in ({"revision": "0"}, {"read": ""}):
        before = len(done(app))
        assert "22 mm" in post_signature(clinician, draft, **given).text
        assert done(app)[before:] == [("read", "draft", draft.id)]


def test_a_clinician_who_may_not_co_sign_cannot(app: Starlette, clinician: Browser) -> None:
    other = signed_in(app, app, account(app, "dora", "clinician"))
    assert cosign(other, sign(app, clinician)).status_code == 403


def test_what_was_amended_since_it_was_read_is_not_co_signed(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    name = sign(app, clinician)
    amend(app, clinician, name, comment={"text": "Another remark."})
    refused = cosign(cosigner, name, "1")
    assert refused.status_code == 409
    assert "amended since you read it" in refused.text
    assert cosign(cosigner, name, "2").status_code == 303


def test_an_addendum_stands_beneath_and_changes_nothing_above(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    before = standing(app, name).latest
    answer = clinician.post(f"/notes/{name}/addendum", data={"text": "She rang:\r\nno pain since."})
    assert answer.status_code == 303
    page = clinician.get(f"/notes/{name}").text
    assert "She rang:\nno pain since." in page
    assert "Carla Example" in said(page.partition('id="addenda"')[2])
    assert standing(app, name).latest == before
    assert ("addend", "note", name) in done(app)


def test_a_note_that_is_an_addendum_is_led_to_from_the_other(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician, {**SCAN, "id": "first"})
    sign(app, clinician, {**SCAN, "id": "second", "addendum_of": "first"})
    assert "/notes/second" in clinician.get("/notes/first").text.partition('id="addenda"')[2]


@pytest.mark.parametrize(("other", "words"), [("nobody", "not in the record"), ("hers", "of another patient")])
def test_a_note_adds_to_none_that_is_not_there_or_of_somebody_else(
    app: Starlette, clinician: Browser, other: str, words: str
) -> None:
    patient = {**SCAN["patient"], "identifier": "EX-0002"}
    sign(app, clinician, {**SCAN, "id": "hers", "patient": patient})
    draft = begin(app, clinician, {**SCAN, "addendum_of": other})
    assert words in clinician.get(f"/drafts/{draft.id}/sign").text
    assert post_signature(clinician, draft).status_code == 422
    assert standing(app, "hers").of("addendum") == ()


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001])
def test_an_empty_or_endless_addendum_is_refused(app: Starlette, clinician: Browser, text: str) -> None:
    name = sign(app, clinician)
    assert clinician.post(f"/notes/{name}/addendum", data={"text": text}).status_code == 422
    assert standing(app, name).of("addendum") == ()


# --- amended -------------------------------------------------------------------------------------------------------


def test_an_amendment_keeps_both_versions_and_says_why(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    first = clinician.get(f"/notes/{name}").text
    amend(app, clinician, name, "The remark was another patient's.", comment={"text": "Seen alone."})
    page = said(clinician.get(f"/notes/{name}").text)
    assert "signed, amended" in page
    assert "version 2 of 2" in page
    assert "Seen alone." in page
    assert "The remark was another patient&#39;s." in page
    old = clinician.get(f"/notes/{name}/versions/1").text
    assert "Seen with her sister." in old
    assert "This is not the last version" in old
    narrative = re.compile(r'<div class="narrative.*?</div>\s*</div>', re.DOTALL)
    assert narrative.search(old)
    assert narrative.search(first)
    assert narrative.search(old)[0] == narrative.search(first)[0]  # type: ignore[index]


def test_an_amendment_keeps_the_time_of_the_first_signature(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    first = standing(app, name).data
    amend(app, clinician, name, comment={"text": "Seen alone."})
    now = standing(app, name).data
    assert (now["status"], now["signed_at"]) == ("amended", first["signed_at"])


@pytest.mark.parametrize("reason", ["", "short", " " * 40])
def test_an_amendment_without_a_reason_is_refused(app: Starlette, clinician: Browser, reason: str) -> None:
    name = sign(app, clinician)
    clinician.post(f"/notes/{name}/amend")
    draft = change(app, clinician, name, data={"comment": {"text": "Seen alone."}})
    refused = post_signature(clinician, draft, reason=reason)
    assert refused.status_code == 422
    assert "Say why the note is amended" in refused.text
    assert standing(app, name).latest.number == 1


def test_while_an_amendment_is_written_the_signed_version_stands(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    answer = clinician.post(f"/notes/{name}/amend")
    assert answer.headers["location"] == f"/drafts/{name}"
    change(app, clinician, name, data={"comment": {"text": "Seen alone."}})
    page = said(clinician.get(f"/notes/{name}").text)
    assert "Seen with her sister." in page
    assert "An amendment of this note is being written" in page
    assert clinician.post(f"/notes/{name}/amend").headers["location"] == f"/drafts/{name}"
    assert "Seen alone." in said(clinician.get(f"/drafts/{name}/sign").text)


# --- entered in error ----------------------------------------------------------------------------------------------


def void(browser: Browser, name: str, reason: str = "It was another patient.") -> Any:
    return browser.post(f"/notes/{name}/void", data={"reason": reason, "read": "yes"})


def test_a_note_entered_in_error_is_struck_and_never_valid(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    name = sign(app, clinician)
    assert clinician.get(f"/notes/{name}/void").status_code == 200
    assert void(clinician, name).status_code == 303
    page = clinician.get(f"/notes/{name}").text
    assert "Entered in error" in page
    assert 'class="narrative void"' in page
    assert "It was another patient." in page
    assert "Amend" not in said(page)
    assert clinician.get(f"/notes/{name}/patient.html").status_code == 409
    assert clinician.get(f"/notes/{name}/patient.pdf").status_code == 409
    assert "ENTERED IN ERROR" in clinician.get(f"/notes/{name}/narrative.txt").text
    assert clinician.get(f"/notes/{name}/note.json").json()["status"] == "entered-in-error"
    for act in ("amend", "addendum", "void"):
        assert clinician.post(f"/notes/{name}/{act}", data={"text": "x", "read": "yes"}).status_code == 409
    assert cosign(cosigner, name).status_code == 409


def test_why_it_was_entered_in_error_must_be_said(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    assert void(clinician, name, "wrong").status_code == 422
    assert standing(app, name).status == "final"


# --- who may -------------------------------------------------------------------------------------------------------

ACTS: list[tuple[str, Callable[[Browser, str], Any]]] = [
    ("cosign", cosign),
    ("addendum", lambda browser, name: browser.post(f"/notes/{name}/addendum", data={"text": "x"})),
    ("amend", lambda browser, name: browser.post(f"/notes/{name}/amend")),
    ("void", void),
]


@pytest.mark.parametrize(("act", "do"), ACTS)
def test_a_qa_reader_changes_nothing(
    app: Starlette, clinician: Browser, qa: Browser, act: str, do: Callable[[Browser, str], Any]
) -> None:
    name = sign(app, clinician)
    before = standing(app, name)
    assert do(qa, name).status_code == 403
    assert qa.get(f"/notes/{name}/{act}").status_code == 403
    assert standing(app, name) == before
    assert f"/notes/{name}/{act}" not in qa.get(f"/notes/{name}").text


def test_a_draft_is_seen_by_those_who_write_and_by_nobody_else(
    app: Starlette, clinician: Browser, cosigner: Browser, qa: Browser, admin: Browser
) -> None:
    draft = begin(app, clinician)
    assert cosigner.get(f"/drafts/{draft.id}/sign").status_code == 200
    for browser in (qa, admin):
        assert browser.get(f"/drafts/{draft.id}/sign").status_code == 403
        assert post_signature(browser, draft).status_code == 403


def test_what_is_not_there_is_not_there(clinician: Browser, cosigner: Browser) -> None:
    assert clinician.get("/drafts/nobody/sign").status_code == 404
    for act in ("addendum", "amend", "void"):
        assert clinician.get(f"/notes/nobody/{act}").status_code == 404
        assert clinician.post(f"/notes/nobody/{act}").status_code == 404
    assert cosigner.get("/notes/nobody/cosign").status_code == 404


def test_a_draft_of_a_template_that_is_gone_is_kept(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician, {**deepcopy(SCAN), "template": "elsewhere"})
    assert clinician.get(f"/drafts/{draft.id}/sign").status_code == 409
    assert post_signature(clinician, draft).status_code == 409
    assert app.state.record.drafts.get(draft.id)
