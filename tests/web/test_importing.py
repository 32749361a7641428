"""FHIR comes in: ours, others', the same twice, rubbish."""

import json
import re
from typing import Any

import pytest
from browsing import Browser, said
from noting import SCAN, done, post_signature, sign, standing
from pdf_reading import artifacts, parts
from starlette.applications import Starlette

from ci_notes import load, render, to_fhir

Json = dict[str, Any]


def bundle_of(data: Json) -> Json:
    note = load(data)
    return to_fhir(note, render(note))


def bring(browser: Browser, bundle: Any, **more: str) -> Any:
    text = bundle if isinstance(bundle, str) else json.dumps(bundle)
    return browser.post("/import", data={"bundle": text, **more})


FINAL: Json = {**SCAN, "status": "final", "signed_at": "2026-11-20T11:00:00+00:00", "author": {"name": "Dr Bea Sample"}}


def test_a_draft_of_ours_goes_on_being_written(app: Starlette, clinician: Browser) -> None:
    answer = bring(clinician, bundle_of({**SCAN, "status": "draft"}))
    assert answer.status_code == 200
    assert f"/drafts/{SCAN['id']}" in answer.text
    assert app.state.record.drafts.get(SCAN["id"]).data["ultrasound"] == SCAN["ultrasound"]
    assert ("import", "draft", SCAN["id"]) in done(app)


def test_a_file_is_as_good_as_what_is_pasted(app: Starlette, clinician: Browser) -> None:
    file = ("bundle.json", json.dumps(bundle_of({**SCAN, "status": "draft"})).encode(), "application/json")
    assert clinician.post("/import", files={"file": file}).status_code == 200
    assert app.state.record.drafts.get(SCAN["id"])


def test_a_signed_note_of_ours_comes_in_as_what_it_is_and_nobody_is_said_to_have_signed_it_here(
    app: Starlette, clinician: Browser
) -> None:
    assert bring(clinician, bundle_of(FINAL)).status_code == 200
    found = standing(app, SCAN["id"])
    assert (found.status, found.data["signed_at"]) == ("final", FINAL["signed_at"])
    page = said(clinician.get(f"/notes/{SCAN['id']}").text)
    assert "Brought into the record by Carla Example" in page
    assert "signed by Dr Bea Sample on 20 Nov 2026; that signature was not made here" in page
    assert "Signed by Carla" not in page
    text = clinician.get(f"/notes/{SCAN['id']}/narrative.txt").text
    assert "Brought into the record by Carla Example" in text
    assert "Signed by Carla" not in text
    printed = clinician.get(f"/notes/{SCAN['id']}/narrative.pdf").content
    on_paper = artifacts(printed) + " ".join(words for _, words in parts(printed))
    assert "Brought into the record by Carla Example" in on_paper
    assert "Signed by" not in on_paper
    bundle = clinician.get(f"/notes/{SCAN['id']}/bundle.json").json()
    assert "Provenance" not in {one["resource"]["resourceType"] for one in bundle["entry"]}
    assert ("import", "note", SCAN["id"]) in done(app)


def test_the_same_twice_makes_no_second_one(app: Starlette, clinician: Browser) -> None:
    for data in ({**SCAN, "status": "draft", "id": "a-draft"}, FINAL):
        bring(clinician, bundle_of(data))
        again = bring(clinician, bundle_of(data))
        assert "Nothing was changed" in again.text
    assert len(app.state.record.drafts.listing()) == 1
    assert len(app.state.record.ledger.history(SCAN["id"])) == 1


def test_a_note_that_says_something_else_than_the_record_changes_nothing(app: Starlette, clinician: Browser) -> None:
    bring(clinician, bundle_of(FINAL))
    other = {**FINAL, "ultrasound": {"done": True, "lengths": [{"id": "a", "length": 41}]}}
    page = bring(clinician, bundle_of(other)).text
    assert "says something else" in page
    assert re.search(r"<ins>41\s*mm</ins>", page)
    assert standing(app, SCAN["id"]).data["ultrasound"] == SCAN["ultrasound"]


def test_what_was_signed_here_comes_back_as_what_is_there(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    bundle = clinician.get(f"/notes/{name}/bundle.json").text
    assert "the bundle says the same" in bring(clinician, bundle).text


def test_a_note_entered_in_error_is_not_brought_in(app: Starlette, clinician: Browser) -> None:
    answer = bring(clinician, bundle_of({**FINAL, "status": "entered-in-error"}))
    assert answer.status_code == 422
    assert "entered in error" in answer.text
    assert app.state.record.ledger.history(SCAN["id"]) == []


FOREIGN: Json = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "id": "p",
                "identifier": [{"system": "https://other.example/patients", "value": "EX-77"}],
                "name": [{"text": "Ida Madeup"}],
                "birthDate": "1997-03-04",
            }
        },
        {
            "resource": {
                "resourceType": "Observation",
                "id": "o",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "11778-8"}]},
                "subject": {"reference": "Patient/p"},
                "effectiveDateTime": "2026-11-10T09:00:00+00:00",
                "valueDateTime": "2027-03-08",
            }
        },
        {
            "resource": {
                "resourceType": "Observation",
                "id": "x",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "0000-0"}], "text": "<b>Shoe size</b>"},
                "subject": {"reference": "Patient/p"},
                "effectiveDateTime": "2026-11-10T09:00:00+00:00",
                "valueQuantity": {"value": 39},
            }
        },
    ],
}


def test_what_others_wrote_becomes_a_draft_to_be_confirmed_with_an_account(app: Starlette, clinician: Browser) -> None:
    page = bring(clinician, FOREIGN, template="ultrasound")
    assert page.status_code == 200
    (draft,) = app.state.record.drafts.listing()
    assert draft.data["patient"]["name"] == "Ida Madeup"
    assert draft.data["carried"]
    assert "Ida Madeup" in page.text
    assert "Left out" in page.text
    assert "&lt;b&gt;Shoe size" in page.text
    assert "<b>Shoe" not in page.text
    refused = post_signature(clinician, draft)
    assert refused.status_code == 422
    assert "brought from elsewhere" in refused.text
    again = bring(clinician, FOREIGN, template="ultrasound")
    assert "being written here already" in again.text
    assert len(app.state.record.drafts.listing()) == 1


def test_what_was_discarded_is_not_brought_in_unsaid(app: Starlette, clinician: Browser) -> None:
    bring(clinician, FOREIGN, template="ultrasound")
    (draft,) = app.state.record.drafts.listing()
    clinician.post(f"/drafts/{draft.id}/discard", data={"sure": "yes"})
    assert "was discarded" in bring(clinician, FOREIGN, template="ultrasound").text


RUBBISH: dict[str, tuple[str, dict[str, str]]] = {
    "choose a file": ("", {}),
    "not JSON": ("hello", {}),
    "JSON is wanted": ("<Bundle xmlns='http://hl7.org/fhir'/>", {}),
    "FHIR Bundle is wanted": ("[]", {}),
    "no resource": ('{"resourceType": "Nonsense"}', {}),
    "choose the kind of note": (json.dumps(FOREIGN), {}),
    "there is no kind of note": (json.dumps(FOREIGN), {"template": "nonsense"}),
    "note already": (json.dumps(SCAN), {}),
    "cut off": (json.dumps(FOREIGN)[:200], {"template": "ultrasound"}),
}


@pytest.mark.parametrize("words", RUBBISH)
def test_rubbish_is_refused_in_words(app: Starlette, clinician: Browser, words: str) -> None:
    text, more = RUBBISH[words]
    answer = bring(clinician, text, **more)
    assert answer.status_code == 422
    refusal = said(answer.text.partition('role="alert"')[2].partition("</p>")[0])
    assert words.lower() in refusal.lower()
    assert app.state.record.drafts.listing() == []


def test_readers_and_strangers_bring_nothing_in(clinician: Browser, qa: Browser, admin: Browser) -> None:
    for browser in (qa, admin):
        assert browser.get("/import").status_code == 403
        assert bring(browser, FOREIGN, template="ultrasound").status_code == 403
