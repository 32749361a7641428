"""A signed note goes to a server that the settings name, and to no other."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import Browser, account, signed_in
from noting import amend, done, sign
from small_server import Store, Trouble, outcome, serving
from starlette.applications import Starlette

Json = dict[str, Any]


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
