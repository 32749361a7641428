"""Where somebody begins, and a patient with her pregnancies."""

import re
from datetime import datetime, timedelta

import pytest
from browsing import Browser, said
from noting import SCAN, amend, begin, post_signature, sign, standing, who
from sqlalchemy import event
from starlette.applications import Starlette

from ci_notes.web import clock, patients


def part(page: str, heading: str) -> str:
    """The words of the section under a heading."""
    return said(page.partition(f">{heading}</h2>")[2].partition("</section>")[0])


# --- home ----------------------------------------------------------------------------------------------------------


def test_drafts_are_listed_with_whose_they_are_and_who_else_wrote(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    begin(app, clinician)
    mine, theirs = clinician.get("/").text, cosigner.get("/").text
    assert "Cervical length scan Ada Example born 2 May 1998" in part(mine, "Your drafts")
    assert "Carla Example" in part(theirs, "Drafts of others")
    assert "Ada" not in part(theirs, "Your drafts")


def test_a_draft_that_nobody_signed_for_a_day_is_marked(app: Starlette, clinician: Browser) -> None:
    begin(app, clinician)
    assert "over 24 hours" not in clinician.get("/").text
    long_ago = datetime.fromisoformat(clock.now()) - timedelta(hours=25)
    app.state.record.drafts.discard(SCAN["id"], who(clinician), clock.now())
    app.state.record.drafts.begin({**SCAN, "id": "old"}, who(clinician), long_ago.isoformat())
    assert "not signed for over 24 hours" in part(clinician.get("/").text, "Your drafts")


def test_a_registrars_note_waits_for_a_co_signature(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    name = sign(app, clinician, {**SCAN, "author": {"name": "Dr Bea Sample", "role": "registrar"}})
    waiting = "Waiting for a co-signature"
    assert "Ada Example" in part(cosigner.get("/").text, waiting)
    assert waiting not in clinician.get("/").text
    cosigner.post(f"/notes/{name}/cosign", data={"number": "1", "read": "yes"})
    assert waiting not in cosigner.get("/").text
    amend(app, clinician, name, comment={"text": "Another remark."})
    assert "Ada Example" in part(cosigner.get("/").text, waiting)


def test_a_consultants_note_waits_for_nobody(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    sign(app, clinician, {**SCAN, "author": {"name": "Dr Bea Sample", "role": "MFM"}})
    assert "Waiting for a co-signature" not in cosigner.get("/").text


@pytest.mark.parametrize("query", ["ada", "EX-0001", "1998-05-02", "Ada Exam", "exa 1998"])
def test_a_patient_is_found_by_name_number_or_birth_date(app: Starlette, clinician: Browser, query: str) -> None:
    name = sign(app, clinician)
    page = clinician.post("/patients/search", data={"q": query})
    assert page.status_code == 200
    assert "1 found" in said(page.text)
    assert f"/patients/{standing(app, name).latest.patient}" in page.text


def test_who_has_no_number_is_found_and_charted_and_her_page_says_that_she_stands_alone(
    app: Starlette, clinician: Browser
) -> None:
    name = sign(app, clinician, {**SCAN, "patient": {"name": "Alma Testova", "birth_date": "1994-04-03"}})
    found = re.search(
        r'/patients/[^"]+', clinician.post("/patients/search", data={"q": "testova"}).text.partition("1 found")[2]
    )
    assert found
    page = clinician.get(found[0]).text
    assert "This note stands on its own" in page
    assert "<svg" in page
    assert f'href="/notes/{name}/amend"' in page
    begun = clinician.post("/new", data={"template": "ultrasound", "patient": found[0].rpartition("/")[2]})
    assert begun.status_code == 409
    assert "Amend the note to give her number" in begun.text


def test_a_search_that_finds_nobody_says_so(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician)
    assert "Nobody in the record is called so" in clinician.post("/patients/search", data={"q": "zelda"}).text
    assert "at least two" in clinician.post("/patients/search", data={"q": "a"}).text
    assert "%" not in clinician.post("/patients/search", data={"q": "%%"}).text.partition("found")[0][-20:]


def test_what_was_sought_stands_in_no_address_and_in_no_audit_entry(app: Starlette, clinician: Browser) -> None:
    sign(app, clinician)
    assert clinician.get("/patients/search?q=ada").status_code in (404, 405)
    clinician.post("/patients/search", data={"q": "Ada Example"})
    event = app.state.record.audit.entries()[-1].event
    assert (event.action, event.kind) == ("search", "patient")
    assert "Ada" not in str(event)


def test_a_search_is_kept_in_the_trail_with_whom_it_showed(
    app: Starlette, clinician: Browser, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patients, "_FOUND_AT_MOST", 2)
    for number in range(3):
        told = {**SCAN["patient"], "identifier": f"EX-{number}"}
        begin(app, clinician, {**SCAN, "id": f"note-{number}", "patient": told})
    page = clinician.post("/patients/search", data={"q": "example"}).text
    shown = re.findall(r'href="[^"]*/patients/([0-9a-f-]{36})"', page.partition("found")[2].partition("</section>")[0])
    (searched,) = app.state.record.audit.entries(action="search")
    assert len(shown) == 2
    assert sorted(searched.event.entity.split()) == sorted(set(shown))
    assert searched.event.detail == "more were found than shown"
    assert "search" in said(admin.get(f"/audit?entity={shown[1]}").text)
    exported = admin.get(f"/audit.json?entity={shown[1]}").json()["entry"]
    told = [one["resource"] for one in exported if one["resource"]["type"]["code"] == "110112"]
    assert len(told) == 1
    assert {one["what"]["identifier"]["value"] for one in told[0]["entity"]} == set(shown)


def test_a_qa_reader_sees_signed_notes_and_no_drafts(app: Starlette, clinician: Browser, qa: Browser) -> None:
    name = sign(app, clinician)
    begin(app, clinician, {**SCAN, "id": "draft", "patient": {**SCAN["patient"], "name": "Zoe Sample"}})
    page = qa.get("/").text
    assert "Ada Example" in part(page, "Last signed")
    for words in ("Zoe Sample", "Your drafts", "New note", "Drafts of others"):
        assert words not in page
    patient = qa.get(f"/patients/{standing(app, name).latest.patient}").text
    assert "/drafts/" not in patient
    assert "New note" not in patient


def test_a_qa_reader_does_not_find_who_is_known_from_drafts_alone(
    app: Starlette, clinician: Browser, qa: Browser
) -> None:
    name = begin(app, clinician).id
    draft = app.state.record.drafts.get(name)
    for browser, found in ((clinician, True), (qa, False)):
        assert ("Ada Example" in browser.post("/patients/search", data={"q": "ada"}).text) is found
        assert (browser.get(f"/patients/{draft.patient}").status_code == 200) is found
        notes = browser.get(f"/api/v1/patients/{draft.patient}/notes", headers={"accept": "*/*"})
        assert (notes.status_code == 200) is found
    post_signature(clinician, draft)
    assert "Ada Example" in qa.post("/patients/search", data={"q": "ada"}).text
    assert qa.get(f"/patients/{draft.patient}").status_code == 200


def test_older_notes_and_many_drafts_stand_on_further_pages(
    app: Starlette, clinician: Browser, cosigner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patients, "_RECENT", 1)
    monkeypatch.setattr(patients, "_DRAFTS", 1)
    first, second = (sign(app, clinician, {**SCAN, "id": name}) for name in ("one", "two"))
    drafts = [begin(app, clinician, {**SCAN, "id": name}).id for name in ("three", "four")]
    page = cosigner.get("/").text
    assert (f"/notes/{second}" in page, f"/notes/{first}" in page) == (True, False)
    assert [f"/drafts/{name}" in page for name in drafts] == [False, True]
    older = cosigner.get("/?older=1").text
    assert 'href="/?older=1#recent">Older' in page
    assert (f"/notes/{second}" in older, f"/notes/{first}" in older) == (False, True)
    assert all(f"/drafts/{name}" in cosigner.get("/?drafts=all").text for name in drafts)
    assert "drafts=all" in page
    assert cosigner.get("/?older=999999999999").status_code == 200


@pytest.mark.parametrize("page", ["/", "/patients/{patient}", "/notes/n0/differences"])
def test_a_page_of_many_notes_asks_the_database_no_more_often(app: Starlette, cosigner: Browser, page: str) -> None:
    def asked() -> int:
        statements: list[str] = []
        engine = app.state.record.database.engine
        event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        path = page.format(patient=standing(app, "n0").latest.patient)
        assert cosigner.get(path).status_code == 200
        return len(statements)

    for number in range(2):
        sign(app, cosigner, {**SCAN, "id": f"n{number}", "date": f"2026-11-1{number}T10:00:00+00:00"})
    cosigner.get("/")
    few = asked()
    for number in range(2, 5):
        sign(app, cosigner, {**SCAN, "id": f"n{number}", "date": f"2026-11-1{number}T10:00:00+00:00"})
    assert asked() == few


def test_who_looks_after_accounts_alone_is_sent_there(admin: Browser) -> None:
    answer = admin.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    assert admin.post("/patients/search", data={"q": "ada"}).status_code == 403


# --- a patient -----------------------------------------------------------------------------------------------------


def course(app: Starlette, clinician: Browser) -> str:
    """Two pregnancies of one patient, signed in no order; returns the patient."""
    for name, day, edd, length in (
        ("third", "2026-11-18", "2027-03-08", 15),
        ("first", "2023-05-01", "2023-09-01", 30),
        ("second", "2026-11-01", "2027-03-08", 24),
    ):
        scan = {"done": True, "scan_date": day, "approach": "transvaginal", "lengths": [{"id": "a", "length": length}]}
        pregnancy = {"edd": edd, "plurality": 1}
        data = {**SCAN, "id": name, "date": f"{day}T10:00:00+00:00", "pregnancy": pregnancy, "ultrasound": scan}
        sign(app, clinician, data)
    return str(standing(app, "first").latest.patient)


def test_notes_stand_by_pregnancy_in_order_of_time(app: Starlette, clinician: Browser) -> None:
    page = clinician.get(f"/patients/{course(app, clinician)}").text
    assert re.findall(r"Pregnancy due [^<]*(?=</h2>)", page) == ["Pregnancy due 8 Mar 2027", "Pregnancy due 1 Sep 2023"]
    links = re.findall(r'data-label="Note"><a href="[^"]*/notes/(\w+)"', page)
    assert links == ["second", "third", "first"]
    assert "21+6 weeks" in said(page)


def test_the_cervical_length_is_a_picture_and_the_same_as_a_table(app: Starlette, clinician: Browser) -> None:
    page = clinician.get(f"/patients/{course(app, clinician)}").text
    assert page.count("<svg") == 4  # each of two pregnancies for a telephone and for a screen
    ids = re.findall(r'<svg[^>]* aria-labelledby="([^"]+)"', page)
    assert len(set(ids)) == 4
    assert 'style="' not in page  # the content security policy has no inline style
    table = said(page.partition("Cervical length and events as a table")[2].partition("</table>")[0])
    assert "24 mm" in table
    assert "15 mm" in table


def test_a_note_entered_in_error_is_struck_in_the_list_and_not_in_the_picture(
    app: Starlette, clinician: Browser
) -> None:
    patient = course(app, clinician)
    clinician.post("/notes/third/void", data={"reason": "It was another patient.", "read": "yes"})
    page = clinician.get(f"/patients/{patient}").text
    assert '<tr class="void">' in page
    assert "15 mm" not in said(page.partition("as a table")[2].partition("</table>")[0])


def test_a_new_note_of_a_patient_is_hers_and_nothing_else_is_taken_over_unasked(
    app: Starlette, clinician: Browser
) -> None:
    name = sign(app, clinician)
    patient = str(standing(app, name).latest.patient)
    answer = clinician.post("/new", data={"template": "follow-up", "patient": patient})
    assert answer.status_code == 303
    draft = app.state.record.drafts.get(answer.headers["location"].rpartition("/")[2])
    assert draft.patient == patient
    assert draft.data["patient"] == SCAN["patient"]
    assert draft.data["jurisdiction"] == "UK"
    assert "ultrasound" not in draft.data
    assert "pregnancy" not in draft.data


def test_a_new_note_of_somebody_new_says_nothing_of_them(app: Starlette, clinician: Browser) -> None:
    answer = clinician.post("/new", data={"template": "ultrasound"})
    draft = app.state.record.drafts.get(answer.headers["location"].rpartition("/")[2])
    assert set(draft.data) <= {"id", "template", "version", "status", "date", "author"}
    assert draft.patient is None


@pytest.mark.parametrize("given", [{}, {"template": "nonsense"}, {"template": "../assessment"}])
def test_a_new_note_has_a_kind(app: Starlette, clinician: Browser, given: dict[str, str]) -> None:
    assert clinician.post("/new", data=given).status_code == 422
    assert app.state.record.drafts.listing() == []


def test_a_new_note_of_nobody_is_refused(app: Starlette, clinician: Browser, qa: Browser) -> None:
    assert clinician.post("/new", data={"template": "ultrasound", "patient": "nobody"}).status_code == 404
    assert qa.post("/new", data={"template": "ultrasound"}).status_code == 403
    assert app.state.record.drafts.listing() == []


def author_of(app: Starlette, browser: Browser, **given: str) -> object:
    """The author in a draft that somebody begins."""
    made = browser.post("/new", data={"template": "ultrasound", **given})
    return app.state.record.drafts.get(made.headers["location"].rpartition("/")[2]).data["author"]


def test_a_new_note_names_whoever_begins_it(app: Starlette, clinician: Browser) -> None:
    assert author_of(app, clinician) == {"name": "Carla Example"}


def test_a_new_note_says_of_its_author_what_their_own_last_one_said(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    own = {"name": "Carla Example", "role": "MFM", "facility": "Sample Hospital", "identifier": "EX-7"}
    sign(app, clinician, {**SCAN, "author": own})
    begin(app, clinician, {**SCAN, "id": "scribed", "author": {"name": "Dr Bea Sample", "role": "registrar"}})
    assert author_of(app, clinician) == own
    assert author_of(app, cosigner) == {"name": "Cosima Example"}


def test_a_new_note_after_anothers_carries_no_name_of_theirs(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    theirs = {"name": "Carla Example", "role": "registrar", "facility": "Sample Hospital", "identifier": "EX-7"}
    patient = str(standing(app, sign(app, clinician, {**SCAN, "author": theirs})).latest.patient)
    made = cosigner.post("/new", data={"template": "ultrasound", "patient": patient}).headers["location"]
    carry = {"act": "carry", "place": "author"}
    assert cosigner.post(f"{made}/changes", json={"changes": [carry]}).status_code == 200
    held = app.state.record.drafts.get(made.rpartition("/")[2]).data["author"]
    assert held == {"name": "Cosima Example", "facility": "Sample Hospital"}


def test_a_look_at_a_patient_is_written_down(app: Starlette, clinician: Browser) -> None:
    patient = str(standing(app, sign(app, clinician)).latest.patient)
    clinician.get(f"/patients/{patient}")
    event = app.state.record.audit.entries()[-1].event
    assert (event.action, event.kind, event.entity, event.patient) == ("read", "patient", patient, patient)
