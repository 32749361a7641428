"""Signing in at a department's OpenID provider, which may be honest or not."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import small_provider
import urllib3
from browsing import Browser
from noting import SCAN
from small_provider import CLIENT, SECRET, Provider

from ci_notes.record.model import Person
from ci_notes.web import clock, limiting


@pytest.fixture
def provider() -> Iterator[Provider]:
    with small_provider.running() as provider:
        yield provider


@pytest.fixture
def browser(provider: Provider, build: Callable[..., Any]) -> Browser:
    oidc = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "role-clinician": "clinician"}
    oidc |= {"role-qa": "readers", "role-co-signer": "seniors"}
    return Browser(build(oidc=oidc))


def sent_back(browser: Browser, begin: str = "/sign-in/provider") -> str:
    """Leave for the provider, sign in there, and return the address that it sends back to."""
    away = browser.get(begin)
    assert away.status_code == 303
    answer = urllib3.request("GET", away.headers["location"], redirect=False)
    return answer.headers["location"].removeprefix("http://testserver")


def test_somebody_of_the_department_signs_in(browser: Browser, provider: Provider) -> None:
    assert "department" in browser.get("/sign-in").text
    entered = browser.get(sent_back(browser, "/sign-in/provider?next=/password"))
    assert (entered.status_code, entered.headers["location"]) == (303, "/password")
    assert "Nora Example" in browser.get("/").text
    assert provider.asked["code_challenge_method"] == "S256"
    accounts = browser.app.state.record.accounts
    (one,) = accounts.all()
    assert (one.full_name, one.roles, one.issuer, one.subject) == (
        "Nora Example", ("clinician",), provider.issuer, "248289761001",
    )  # fmt: skip


def test_the_second_time_it_is_the_same_account_with_the_roles_of_today(browser: Browser, provider: Provider) -> None:
    browser.get(sent_back(browser))
    provider.claims |= {"roles": "readers seniors", "name": "Nora New-Example"}
    browser.get(sent_back(browser))
    (one,) = browser.app.state.record.accounts.all()
    assert (one.full_name, one.roles) == ("Nora New-Example", ("co-signer", "qa"))


def test_once_a_role_is_mapped_only_what_is_mapped_counts(browser: Browser, provider: Provider) -> None:
    provider.claims["roles"] = ["clinician", "admin", "qa"]  # a directory may have groups of these names of its own
    browser.get(sent_back(browser))
    assert browser.app.state.record.accounts.all()[0].roles == ("clinician",)


def test_where_no_role_is_mapped_their_own_names_count(build: Any, provider: Provider) -> None:
    browser = Browser(build(oidc={"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET}))
    provider.claims["roles"] = ["admin", "co-signer", "staff"]
    browser.get(sent_back(browser))
    assert browser.app.state.record.accounts.all()[0].roles == ("co-signer", "admin")


def test_without_a_role_nobody_comes_in(browser: Browser, provider: Provider) -> None:
    provider.claims["roles"] = ["staff"]
    refused = browser.get(sent_back(browser))
    assert refused.status_code == 403
    assert "has no role here" in refused.text
    assert browser.app.state.record.accounts.all() == []


def test_who_lost_the_role_loses_what_is_open(browser: Browser, provider: Provider) -> None:
    browser.get(sent_back(browser))
    provider.claims["roles"] = []
    browser.get(sent_back(browser))
    assert browser.get("/password", headers=browser.as_script()).status_code == 403


def test_roles_may_be_told_apart_from_the_token(browser: Browser, provider: Provider) -> None:
    provider.claims["roles"] = None
    provider.told = {"sub": "248289761001", "roles": ["staff", "readers"]}
    browser.get(sent_back(browser))
    assert browser.app.state.record.accounts.all()[0].roles == ("qa",)
    provider.told["sub"] = "somebody-else"
    assert "somebody else" in browser.get(sent_back(browser)).text


def test_a_locked_session_is_unlocked_there(browser: Browser) -> None:
    browser.get(sent_back(browser))
    record = browser.app.state.record
    held = record.sessions.find(browser.token, clock.now())
    record.sessions.lock(held.id, clock.now())
    assert browser.get("/password").headers["location"] == "/unlock"
    assert "department" in browser.get("/unlock").text
    assert browser.get(sent_back(browser)).headers["location"] == "/password"
    assert record.sessions.find(browser.token, clock.now()).id == held.id


def signing_asks_again(browser: Browser) -> bool:
    app: Any = browser.app
    (one,) = app.state.record.accounts.all()
    draft = app.state.record.drafts.begin(SCAN, Person(one.id, one.full_name), clock.now())
    page = browser.get(f"/drafts/{draft.id}/sign").text
    session = app.state.record.sessions.find(browser.token, clock.now())
    headers = {"x-csrf-token": session.csrf}
    given = {"revision": str(draft.revision), "read": "yes"}
    signed = browser.post(f"/drafts/{draft.id}/sign", data=given, headers=headers)
    assert ("Sign in again" in page) is (signed.status_code == 422)
    return "Sign in again" in page


def test_who_signs_has_signed_in_there_lately_or_does_so_again(browser: Browser, provider: Provider) -> None:
    provider.claims["auth_time"] = int(time.time()) - 3600
    browser.get(sent_back(browser))
    held = browser.app.state.record.sessions.find(browser.token, clock.now()).id
    assert signing_asks_again(browser)
    assert "prompt" not in provider.asked
    again = sent_back(browser, "/sign-in/provider?again=yes&next=/drafts/x/sign")
    assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
    provider.claims["auth_time"] = int(time.time())
    back = browser.get(again)
    assert back.headers["location"] == "/drafts/x/sign"
    assert browser.app.state.record.sessions.find(browser.token, clock.now()).id == held


def test_a_note_is_signed_right_after_signing_in_there(browser: Browser, provider: Provider) -> None:
    provider.claims["auth_time"] = int(time.time())
    browser.get(sent_back(browser))
    assert not signing_asks_again(browser)


def test_a_provider_that_does_not_tell_when_is_asked_to_ask_again(browser: Browser) -> None:
    browser.get(sent_back(browser))
    assert signing_asks_again(browser)


def test_a_provider_that_tells_of_an_old_sign_in_did_not_ask_again(browser: Browser, provider: Provider) -> None:
    provider.claims["auth_time"] = int(time.time()) - 3600
    browser.get(sent_back(browser))
    browser.get(sent_back(browser, "/sign-in/provider?again=yes"))
    assert signing_asks_again(browser)


def test_who_was_asked_again_signs(browser: Browser) -> None:
    browser.get(sent_back(browser, "/sign-in/provider?again=yes"))
    assert not signing_asks_again(browser)


HOSTILE: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "of another sign-in"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another-program"},
    "meant for several": {"aud": [CLIENT, "another-program"], "azp": "another-program"},
    "too old": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "no subject": {"sub": None},
    "another access token": {"at_hash": "bm90IHRoaXMgb25l"},
}


@pytest.mark.parametrize("claims", HOSTILE.values(), ids=HOSTILE)
def test_a_token_with_wrong_claims_lets_nobody_in(browser: Browser, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    refused = browser.get(sent_back(browser))
    assert refused.status_code == 403
    assert "cannot be trusted" in refused.text
    assert browser.app.state.record.accounts.all() == []


@pytest.mark.parametrize(
    "sign",
    [small_provider.by_a_strange_key, small_provider.by_nobody, small_provider.by_the_public_key, lambda _: "x.y.z"],
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(browser: Browser, provider: Provider, sign: Any) -> None:
    provider.sign = sign
    refused = browser.get(sent_back(browser))
    assert refused.status_code == 403
    assert "cannot be trusted" in refused.text


def test_coming_back_works_once_and_in_the_same_browser(browser: Browser) -> None:
    back = sent_back(browser)
    thief = Browser(browser.app)
    thief.get("/sign-in")
    assert "begun elsewhere" in thief.get(back).text
    assert browser.get(back).status_code == 403  # what a stranger tried is used up
    back = sent_back(browser)
    assert browser.get(back).status_code == 303
    assert Browser(browser.app).get(back).status_code == 403


def test_another_state_or_issuer_is_refused(browser: Browser) -> None:
    back = sent_back(browser)
    assert browser.get(f"{back}x").status_code == 403
    assert browser.get(f"{sent_back(browser)}&iss=https://evil.example").status_code == 403
    assert browser.get("/sign-in/back?error=access_denied").status_code == 403


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"issuer": "https://evil.example"}, "another name"),
        ({"authorization_endpoint": "javascript:x"}, "no safe address"),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_refused(
    browser: Browser, provider: Provider, metadata: dict[str, str], words: str
) -> None:
    provider.metadata = metadata
    assert words in browser.get("/sign-in/provider").text


def test_a_provider_that_is_away_is_said_to_be(build: Callable[..., Any]) -> None:
    oidc = {"issuer": "http://127.0.0.1:1", "client_id": CLIENT, "client_secret": SECRET}
    answer = Browser(build(oidc=oidc)).get("/sign-in/provider")
    assert answer.status_code == 403
    assert "does not answer" in answer.text


def test_who_comes_back_without_having_left_is_kept_in_the_trail_once(browser: Browser) -> None:
    for number in range(4):
        assert browser.get(f"/sign-in/back?state={number}&code=y").status_code == 403
    told = [one.event.detail for one in browser.app.state.record.audit.entries()]
    assert [one.partition(",")[0] for one in told] == ["at the provider"]


def test_without_a_provider_there_is_none(client: Browser) -> None:
    assert client.get("/sign-in/provider").status_code == 404
    assert client.get("/sign-in/back?state=x&code=y").status_code == 404


def test_a_stranger_is_not_sent_to_the_provider_without_end(browser: Browser, provider: Provider) -> None:
    answers = [browser.get("/sign-in/provider") for _ in range(limiting.OF_ADDRESS + 1)]
    assert [one.status_code for one in answers] == [303] * limiting.OF_ADDRESS + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "too many attempts" in answers[-1].text


def test_who_comes_back_from_the_provider_counts_against_nobody(browser: Browser, provider: Provider) -> None:
    for _ in range(limiting.OF_ADDRESS + 1):  # a ward behind one address
        browser.cookies.clear()
        assert browser.get(sent_back(browser)).status_code == 303
