"""Signing in and out, as a person and a browser meet it."""

import re
from typing import Any

import pytest
from browsing import PASSWORD, Browser, account, signed_in

from ci_notes.web import clock, passwords
from ci_notes.web.sessions import SESSION


def fields(browser: Browser, path: str = "/sign-in") -> dict[str, str]:
    """The hidden fields of the first form of a page."""
    page = browser.get(path)
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))


def sign_in(browser: Browser, login: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/sign-in", data={**fields(browser), "login": login, "password": password, **more})


def test_a_stranger_is_led_to_the_sign_in_and_back_to_where_they_were_going(app: Any, client: Browser) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    turned = client.get("/password")
    assert turned.status_code == 303
    assert turned.headers["location"] == "/sign-in?next=%2Fpassword"
    page = client.get(turned.headers["location"])
    assert 'name="next" value="/password"' in page.text
    entered = sign_in(client, "Carla", next="/password")
    assert (entered.status_code, entered.headers["location"]) == (303, "/password")
    assert client.get("/password").status_code == 200


def test_a_wrong_password_and_an_unknown_name_are_told_in_the_same_words(app: Any, client: Browser) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    wrong, unknown = sign_in(client, "carla", "seven red umbrellas"), sign_in(client, "nobody")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text.replace("carla", "nobody") == unknown.text
    assert "do not belong together" in wrong.text
    assert SESSION not in client.cookies


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_sign_in_leads_to_no_other_site(app: Any, client: Browser, path: str) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    assert sign_in(client, "carla", next=path).headers["location"] == "/"


def test_a_new_sign_in_has_a_new_token_and_ends_the_session_before(app: Any, client: Browser) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    client.hold("planted")
    sign_in(client, "carla")
    first = client.cookies[SESSION]
    assert first != "planted"
    again = client.post("/sign-in", data={**fields(client, "/password"), "login": "carla", "password": PASSWORD})
    assert again.status_code == 303
    assert client.cookies[SESSION] != first
    assert app.state.record.accounts.session(first, clock.now()) is None


def test_the_cookie_is_out_of_reach(build: Any) -> None:
    app = build(secure=True)
    account(app, "carla", "clinician", password=PASSWORD)
    browser = Browser(app, base_url="https://testserver")
    cookie = sign_in(browser, "carla").headers["set-cookie"]
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split(",")[0].split("; "))


def test_a_one_time_link_is_good_once(app: Any, client: Browser) -> None:
    who = account(app, "carla", "clinician")
    token = app.state.record.accounts.link(who.id, clock.now())
    assert client.get(f"/enter/{token}").headers["location"] == "/"
    assert client.get("/password").status_code == 200
    other = Browser(app)
    refused = other.get(f"/enter/{token}")
    assert refused.status_code == 403
    assert "used already" in refused.text
    assert SESSION not in other.cookies


def test_after_signing_out_the_token_is_worth_nothing(app: Any) -> None:
    browser = signed_in(app, app, account(app, "carla", "clinician"))
    token = browser.token
    left = browser.post("/sign-out")
    assert left.headers["clear-site-data"] == '"storage"'
    thief = Browser(app)
    thief.hold(token)
    assert thief.get("/password").headers["location"].startswith("/sign-in")


def test_a_password_kept_with_weaker_parameters_is_kept_anew(app: Any, client: Browser) -> None:
    from argon2 import PasswordHasher

    who = account(app, "carla", "clinician")
    app.state.record.accounts.change(who.id, password=PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD))
    assert sign_in(client, "carla").status_code == 303
    assert not passwords.outdated(app.state.record.accounts.get(who.id).password)
