"""Signing in and out, as a person and a browser meet it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from bounded import at_most
from browsing import BY_HAND, PASSWORD, Browser, account, said, signed_in
from sqlalchemy import select

from ci_notes.record.tables import metadata
from ci_notes.shape import LONGEST_TEXT
from ci_notes.web import clock, passwords
from ci_notes.web.saying import moment
from ci_notes.web.sessions import SESSION

Headers = dict[str, str]
LOOKS: list[Headers] = [
    {},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-user": "?1"},
    {"sec-fetch-site": "none", "sec-fetch-mode": "no-cors"},
    {**BY_HAND, "sec-purpose": "prefetch;prerender"},
    {**BY_HAND, "purpose": "prefetch"},
    {**BY_HAND, "x-moz": "prefetch"},
]
"""A scanner of mail, a click in webmail, a script, and a browser that loads an address before it is asked for."""


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
    assert app.state.record.sessions.find(first, clock.now()) is None


def test_the_cookie_is_out_of_reach(build: Any) -> None:
    app = build(secure=True)
    account(app, "carla", "clinician", password=PASSWORD)
    browser = Browser(app, base_url="https://testserver")
    cookie = sign_in(browser, "carla").headers["set-cookie"]
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split(",")[0].split("; "))


def test_a_one_time_link_is_good_once(app: Any, client: Browser) -> None:
    who = account(app, "carla", "clinician")
    token = app.state.record.sign_ins.link(who.id, clock.now())
    assert client.open(f"/enter/{token}").headers["location"] == "/"
    assert client.get("/password").status_code == 200
    other = Browser(app)
    refused = other.open(f"/enter/{token}")
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
    who = account(app, "carla", "clinician")
    app.state.record.accounts.change(who.id, password=PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD))
    assert sign_in(client, "carla").status_code == 303
    assert not passwords.outdated(app.state.record.accounts.get(who.id).password)


def test_looking_whether_a_link_is_there_does_not_use_it_up(app: Any, client: Browser) -> None:
    token = app.state.record.sign_ins.link(account(app, "carla", "clinician").id, clock.now())
    assert client.head(f"/enter/{token}").status_code == 405
    for seen in LOOKS:
        looked = client.get(f"/enter/{token}", headers=seen)
        assert looked.status_code == 200, seen
        assert "Carla" not in looked.text
        assert SESSION not in client.cookies
    assert client.open(f"/enter/{token}").status_code == 303


@pytest.mark.parametrize("first", LOOKS)
def test_whoever_follows_a_link_from_a_page_goes_on_by_a_button(app: Any, client: Browser, first: Headers) -> None:
    who = account(app, "carla", "clinician")
    path = f"/enter/{app.state.record.sign_ins.link(who.id, clock.now())}"
    page = client.get(path, headers=first).text
    assert "<button" in page
    assert re.findall(r'action="([^"]*)"', page) == [path]
    assert Browser(app).post(path).status_code == 403  # not of a page of ours
    pressed = client.post(path, data=dict(re.findall(r'name="(csrf)" value="([^"]*)"', page)))
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/")
    assert client.get("/password").status_code == 200


def test_a_link_is_too_old_after_ten_minutes(app: Any, client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    token = app.state.record.sign_ins.link(account(app, "carla", "clinician").id, "2026-11-03T08:00:00+00:00")
    monkeypatch.setattr(clock, "now", lambda: "2026-11-03T08:10:00.1+00:00")
    assert client.open(f"/enter/{token}").status_code == 403


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that are compared without the time that argon2 takes."""
    monkeypatch.setattr(passwords, "fits", lambda held, password: bool(held) and password == PASSWORD)
    monkeypatch.setattr(passwords, "outdated", lambda _held: False)


def failures(browser: Browser, login: str, number: int) -> list[int]:
    hidden = fields(browser)
    return [
        browser.post("/sign-in", data={**hidden, "login": login, "password": "wrong"}).status_code
        for _ in range(number)
    ]


@pytest.mark.parametrize("login", ["carla", "nobody"])
def test_after_five_failures_a_name_waits(app: Any, client: Browser, quick: None, login: str) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    assert failures(client, login, 5) == [403] * 5
    refused = sign_in(client, login)
    assert refused.status_code == 429
    assert "Try again in 15 minutes" in refused.text
    assert 880 < int(refused.headers["retry-after"]) <= 901
    assert sign_in(client, "somebody").status_code == 403  # the others do not wait


def test_the_wait_ends_and_a_success_forgets_the_failures(
    app: Any, client: Browser, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    monkeypatch.setattr(clock, "now", lambda: "2026-11-03T08:00:00+00:00")
    assert failures(client, "carla", 6)[-1] == 429
    monkeypatch.setattr(clock, "now", lambda: "2026-11-03T08:15:01+00:00")
    assert failures(client, "carla", 4) == [403] * 4
    assert sign_in(client, "carla").status_code == 303
    assert failures(Browser(app), "carla", 4) == [403] * 4


def test_after_twenty_failures_an_address_waits_whatever_the_name(app: Any, client: Browser, quick: None) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    assert [failures(client, f"name{number}", 1)[0] for number in range(20)] == [403] * 20
    assert sign_in(client, "carla").status_code == 429
    assert client.open("/enter/guessed").status_code == 429


def test_the_trail_keeps_the_first_that_has_to_wait_and_not_every_one(
    app: Any, client: Browser, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> int:
        return sum("too many attempts" in one.event.detail for one in app.state.record.audit.entries())

    account(app, "carla", "clinician", password=PASSWORD)
    for minute, number in (("00", 1), ("16", 2)):
        monkeypatch.setattr(clock, "now", lambda minute=minute: f"2026-11-03T08:{minute}:00+00:00")
        assert failures(client, "carla", 9) == [403] * 5 + [429] * 4
        assert kept() == number
    failures(client, "nora", 7)
    assert kept() == 3  # of another name it is told too


def test_two_applications_over_one_record_count_together(build: Any, quick: None) -> None:
    one, other = build(), build()
    assert failures(Browser(one), "carla", 3) == [403] * 3
    assert failures(Browser(other), "carla", 3) == [403, 403, 429]


def test_a_form_to_sign_in_is_taken_from_the_browser_that_was_given_it(app: Any, client: Browser) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    hidden = fields(client)
    assert Browser(app).post("/sign-in", data={**hidden, "login": "carla", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("short", "at least 12"),
        ("carla-carla1", "name of the account"),
        ("Carla Example 1", "name of the account"),
        ("password12345", "first passwords"),
        ("aaaaaaaaaaaaaa", "first passwords"),
        ("123456789012", "first passwords"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(clinician: Browser, new: str, why: str) -> None:
    refused = clinician.post("/password", data={"new": new, "again": new})
    assert refused.status_code == 422
    assert why in refused.text


def test_a_new_password_ends_the_other_sessions(app: Any, clinician: Browser) -> None:
    elsewhere = signed_in(app, app, clinician.account)
    done = clinician.post("/password", data={"new": PASSWORD, "again": PASSWORD})
    assert "The new password is set" in done.text
    assert clinician.get("/password").status_code == 200
    assert elsewhere.get("/password").status_code == 303
    wrong = clinician.post("/password", data={"old": "no", "new": PASSWORD, "again": PASSWORD})
    assert "present password is not right" in wrong.text


def test_no_password_or_token_stands_in_the_record_or_its_trail(app: Any, client: Browser) -> None:
    account(app, "carla", "clinician", password=PASSWORD)
    sign_in(client, PASSWORD, "oops, fields mixed up")
    sign_in(client, "carla")
    with app.state.record.database.reading() as connection:
        kept = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    raw = repr(kept).encode()
    assert PASSWORD.encode() not in raw
    assert client.cookies[SESSION].encode() not in raw


def test_what_nobody_can_use_any_more_is_removed(app: Any, client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    record, who = app.state.record, account(app, "carla", "clinician")
    record.sessions.begin(who.id, "link", "2026-11-01T08:00:00+00:00", 12)
    token = record.sign_ins.link(who.id, "2026-11-03T08:00:00+00:00")
    monkeypatch.setattr(clock, "now", lambda: "2026-11-03T08:01:00+00:00")
    assert client.open(f"/enter/{token}").status_code == 303
    with app.state.record.database.reading() as connection:
        assert len(connection.execute(select(metadata.tables["sessions"])).all()) == 1


# --- tokens of programs ---------------------------------------------------------------------------------------------


def test_an_owner_sees_what_tokens_are_for_and_when_they_were_used_and_revokes_one(
    app: Any, clinician: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, record = clinician.account.id, app.state.record
    assert "Tokens of programs" not in clinician.get("/password").text
    made = [record.sessions.begin(who, "token", clock.now(), 24, purpose=one) for one in ("waiting list", "registry")]
    page = clinician.get("/password").text
    assert "waiting list Made on" in said(page)
    assert said(page).count("never used") == 2
    assert not any(one in page for one in made)
    later = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    monkeypatch.setattr(clock, "now", lambda: later)
    program = {"authorization": f"Bearer {made[0]}", "accept": "*/*"}
    assert Browser(app).get("/api/v1/templates", headers=program).status_code == 200
    page = clinician.get("/password").text
    assert f"last used on {moment(later)}" in said(page)
    named = re.findall(r'name="token" value="([^"]*)"', page)[0]
    assert clinician.post("/password/tokens", data={"token": named}).headers["location"] == "/password"
    assert "waiting list" not in clinician.get("/password").text
    assert Browser(app).get("/api/v1/templates", headers=program).status_code == 401
    assert Browser(app).get("/api/v1/templates", headers={**program, "authorization": f"Bearer {made[1]}"}).is_success
    last = app.state.record.audit.entries()[-1].event
    assert (last.action, last.entity, last.detail) == ("token revoked", who, "waiting list")


def test_nobody_revokes_the_token_of_another_or_a_session_as_a_token(app: Any, clinician: Browser) -> None:
    record, other = app.state.record, account(app, "nora", "clinician")
    token = record.sessions.begin(other.id, "token", clock.now(), 24)
    own = record.sessions.find(clinician.token, clock.now()).id
    for named in (record.sessions.tokens(other.id, clock.now())[0].id, own, ""):
        clinician.post("/password/tokens", data={"token": named})
    assert record.sessions.find(token, clock.now())
    assert clinician.get("/password").status_code == 200
    assert "token revoked" not in [one.event.action for one in app.state.record.audit.entries()]


# --- what is sent to stop the server, by somebody whom nobody knows -------------------------------------------------


def test_no_password_is_long_enough_to_stop_the_server(app: Any, client: Browser) -> None:
    """Accents in the wrong order are put right in a time that grows with the square of their number."""
    account(app, "carla", "clinician", password=PASSWORD)
    with at_most(6):
        assert sign_in(client, "carla", "\u0301\u0323" * 60_000).status_code == 403
    assert sign_in(client, "carla").status_code == 303


def test_a_long_password_is_refused_and_not_cut_unsaid() -> None:
    assert "at most" in passwords.fault("seven green umbrellas " * 500, "carla")
    assert "at most" in passwords.fault("e\u0301" * 2500, "carla")


def test_who_sends_a_form_does_not_choose_how_slowly_it_is_read(client: Browser) -> None:
    slow = b"a" * 60_000 + b"-" + b"9999a" * 12_000  # punycode takes a time that grows with the square
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--b--'
    for charset in ("punycode", "unicode_escape", "utf-16", "no-such-thing"):
        kind = {"content-type": f"multipart/form-data; boundary=b; charset={charset}"}
        with at_most(1, charset):
            for name, value in ((b"csrf", b"\\ud800"), (b"login", slow)):
                assert client.post("/sign-in", content=part % (name, value), headers=kind).status_code == 400
    as_ever = {"content-type": "multipart/form-data; boundary=b; charset=UTF-8"}
    assert client.post("/sign-in", content=part % (b"login", b"carla"), headers=as_ever).status_code == 403


def test_a_form_of_nothing_but_separators_is_not_read(client: Browser) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=b"&" * 1_000_000, headers=kind).status_code == 400


def test_a_form_is_as_long_as_the_longest_note_and_no_longer(client: Browser) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    with at_most(1):
        refused = client.post("/sign-in", content=b"login=" + b"%41" * 2_600_000, headers=kind)
    assert (refused.status_code, "at most 1 megabyte" in refused.text) == (413, True)
    longest = {**fields(client), **{f"v:comment-{number}": "a" * LONGEST_TEXT for number in range(23)}}
    assert client.post("/sign-in", data={**longest, "login": "carla", "password": PASSWORD}).status_code == 403
