"""Notes that go out as files or to a FHIR server, and bundles that come in."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser, account, signed_in
from noting import EXAMPLES, SCAN, amend, begin, done, post_signature, sign, standing, unsigned
from small_server import Store, Trouble, outcome, serving
from starlette.applications import Starlette

from ci_notes import load, render, to_fhir

Json = dict[str, Any]

FILES = {
    "narrative.txt": "text/plain",
    "narrative.html": "text/html",
    "narrative.pdf": "application/pdf",
    "note.json": "application/json",
    "bundle.json": "application/fhir+json",
}


def said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- download ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.name.partition('.')[0]}")
def test_every_example_is_signed_and_downloaded_whole(app: Starlette, clinician: Browser, path: Path) -> None:
    data = {key: value for key, value in unsigned(path).items() if key not in ("carried", "addendum_of")}
    draft = begin(app, clinician, data)
    answer = post_signature(clinician, draft)
    assert answer.status_code == 303, said(answer.text)[:2000]
    for name, media in FILES.items():
        file = clinician.get(f"/notes/{draft.id}/{name}")
        assert file.status_code == 200, (name, said(file.text)[-600:])
        assert file.headers["content-type"].startswith(media)
        how = "inline" if name.endswith((".html", ".pdf")) else "attachment"
        assert file.headers["content-disposition"].startswith(f"{how}; filename=")
    signed = clinician.get(f"/notes/{draft.id}/note.json").json()
    assert signed["status"] == "final"
    left = {key: value for key, value in signed.items() if key in data and key not in ("version", "author")}
    assert left == {key: data[key] for key in left}
    page, pdf = (clinician.get(f"/notes/{draft.id}/patient.{kind}") for kind in ("html", "pdf"))
    has_page = bool(standing(app, draft.id).latest.body["page"])
    assert (page.status_code, pdf.status_code) == ((200, 200) if has_page else (409, 409))
    assert has_page or "no page for the patient" in said(page.text)


def test_a_file_says_nothing_of_the_patient_in_its_name(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    for file in FILES:
        given = clinician.get(f"/notes/{name}/{file}").headers["content-disposition"]
        assert re.fullmatch(rf'(inline|attachment); filename="note-[0-9a-f]+-{re.escape(file)}"', given)


def test_a_printed_page_has_its_own_style_and_may_load_nothing_else(app: Starlette, clinician: Browser) -> None:
    answer = clinician.get(f"/notes/{sign(app, clinician)}/narrative.html")
    rules = dict(one.strip().partition(" ")[::2] for one in answer.headers["content-security-policy"].split(";"))
    style = re.search("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert rules["style-src"] == f"'self' 'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_narrative_carries_signatures_and_addenda(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    name = sign(app, clinician)
    cosigner.post(f"/notes/{name}/cosign", data={"number": "1", "read": "yes"})
    clinician.post(f"/notes/{name}/addendum", data={"text": "She rang: <no pain> since."})
    text = clinician.get(f"/notes/{name}/narrative.txt").text
    assert "Signed by Carla Example" in text
    assert "Co-signed by Cosima Example" in text
    assert "She rang: <no pain> since." in text
    assert "She rang: &lt;no pain&gt; since." in clinician.get(f"/notes/{name}/narrative.html").text


def test_an_old_version_is_downloaded_as_it_was(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician)
    amend(app, clinician, name, comment={"text": "Seen alone."})
    old, new = (clinician.get(f"/notes/{name}/narrative.txt?version={number}").text for number in (1, 2))
    assert "Seen with her sister." in old
    assert "Seen alone." not in old
    assert "Amended" not in old
    assert "Seen alone." in new
    assert "A remark was missing." in new
    assert clinician.get(f"/notes/{name}/patient.html?version=1").status_code == 409


def test_the_bundle_carries_the_signatures(app: Starlette, clinician: Browser, cosigner: Browser) -> None:
    name = sign(app, clinician)
    cosigner.post(f"/notes/{name}/cosign", data={"number": "1", "read": "yes"})
    bundle = clinician.get(f"/notes/{name}/bundle.json").json()
    assert bundle["type"] == "document"
    assert [one for one in bundle["entry"] if one["resource"]["resourceType"] == "Provenance"]
    assert "Cosima Example" in json.dumps(bundle)
    assert clinician.get(f"/notes/{name}/bundle.json?type=transaction").json()["type"] == "transaction"


def test_the_bundle_of_an_amendment_takes_back_what_was_removed(app: Starlette, clinician: Browser) -> None:
    name = sign(app, clinician, {**SCAN, "symptoms": {"back_pain": True}})
    amend(app, clinician, name, symptoms={})
    bundle = clinician.get(f"/notes/{name}/bundle.json").json()
    statuses = {one["resource"].get("status") for one in bundle["entry"]}
    assert {"amended", "entered-in-error"} <= statuses


# --- import --------------------------------------------------------------------------------------------------------


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


# --- push ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store() -> Iterator[Store]:
    with serving() as found:
        yield found


@pytest.fixture
def ward(build: Callable[..., Starlette], store: Store) -> Starlette:
    """An application that may send to one server."""
    return build(fhir_servers={"Ward server": store.base})


@pytest.fixture
def doctor(ward: Starlette) -> Browser:
    return signed_in(ward, ward, account(ward, "dora", "clinician"))


def push(browser: Browser, name: str, do: str, server: str = "Ward server", number: str = "1") -> Any:
    return browser.post(f"/notes/{name}/push", data={"server": server, "do": do, "number": number})


def test_the_plan_is_shown_first_and_nothing_is_sent(ward: Starlette, doctor: Browser, store: Store) -> None:
    name = sign(ward, doctor)
    assert "Ward server" in doctor.get(f"/notes/{name}/push").text
    page = push(doctor, name, "plan")
    assert page.status_code == 200
    assert "nothing was sent" in page.text
    assert "to create" in page.text
    assert store.writes() == []
    assert ("push", "note", name) not in done(ward)


def test_it_is_sent_told_and_written_down_and_a_repeat_changes_nothing(
    ward: Starlette, doctor: Browser, store: Store
) -> None:
    name = sign(ward, doctor)
    assert "Sent to" in push(doctor, name, "send").text
    assert store.of("Composition")
    versions = store.versions()
    assert ("push", "note", name) in done(ward)
    assert "has this note as it is" in push(doctor, name, "send").text
    assert store.versions() == versions


def test_an_amendment_follows(ward: Starlette, doctor: Browser, store: Store) -> None:
    name = sign(ward, doctor)
    push(doctor, name, "send")
    amend(ward, doctor, name, comment={"text": "Seen alone."})
    assert push(doctor, name, "send", number="1").status_code == 409
    assert push(doctor, name, "send", number="2").status_code == 200
    assert store.of("Composition")[0]["status"] == "amended"


def test_signatures_and_addenda_follow(ward: Starlette, doctor: Browser, store: Store) -> None:
    name = sign(ward, doctor)
    push(doctor, name, "send")
    doctor.post(f"/notes/{name}/addendum", data={"text": "She rang: no pain since."})
    second = signed_in(ward, ward, account(ward, "cosima", "co-signer"))
    second.post(f"/notes/{name}/cosign", data={"number": "1", "read": "yes"})
    assert push(doctor, name, "send").status_code == 200
    assert "She rang: no pain since." in json.dumps(store.of("Composition"))
    assert "Cosima Example" in json.dumps(store.of("Provenance"))
    versions = store.versions()
    assert "has this note as it is" in push(doctor, name, "send").text
    assert store.versions() == versions


def test_a_note_entered_in_error_is_taken_back(ward: Starlette, doctor: Browser, store: Store) -> None:
    name = sign(ward, doctor)
    push(doctor, name, "send")
    doctor.post(f"/notes/{name}/void", data={"reason": "It was another patient.", "read": "yes"})
    assert push(doctor, name, "send").status_code == 200
    assert store.of("Composition")[0]["status"] == "entered-in-error"
    told = store.of("Provenance")
    assert "It was another patient." in json.dumps(told)
    assert not [one for one in told if "status" in one]


def test_nobody_sends_to_an_address_of_their_own(ward: Starlette, doctor: Browser, store: Store) -> None:
    name = sign(ward, doctor)
    for server in ("", "http://169.254.169.254/latest", store.base, "Ward server\n"):
        assert push(doctor, name, "send", server).status_code == 422
    assert store.asked == []


def test_what_the_server_refuses_is_told(ward: Starlette, doctor: Browser, store: Store) -> None:
    name = sign(ward, doctor)
    store.trouble.append(Trouble("POST", 422, outcome("<script>no such code</script>")))
    page = push(doctor, name, "send")
    assert page.status_code == 502
    assert "no such code" in page.text
    assert "<script>no" not in page.text
    assert store.of("Composition") == []


def test_without_a_server_the_page_says_so(app: Starlette, clinician: Browser, qa: Browser) -> None:
    name = sign(app, clinician)
    assert "No server is set up" in clinician.get(f"/notes/{name}/push").text
    assert "/push" not in clinician.get(f"/notes/{name}").text
    assert qa.get(f"/notes/{name}/push").status_code == 403


def test_the_token_of_one_server_is_never_sent_to_another(
    build: Callable[..., Starlette], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build(fhir_servers={"one": store.base, "two": "https://two.example/fhir"})
    browser = signed_in(app, app, account(app, "dora", "clinician"))
    name = sign(app, browser)
    monkeypatch.setenv("CI_NOTES_TOKEN", "of-nobody")
    monkeypatch.setenv("CI_NOTES_TOKEN_TWO", "of-two")
    push(browser, name, "plan", "one")
    assert not [one for one in store.asked if "Authorization" in one.headers]
    monkeypatch.setenv("CI_NOTES_TOKEN_ONE", "of-one")
    push(browser, name, "plan", "one")
    assert store.asked[-1].headers["Authorization"] == "Bearer of-one"
