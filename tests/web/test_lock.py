"""A session that was left alone: locked on the server, and unlocked by its owner alone."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from browsing import PASSWORD, Browser, account, signed_in
from noting import SCAN, begin
from sqlalchemy import text

from ci_notes.record.model import Draft
from ci_notes.web import clock

BEGIN = datetime.fromisoformat("2026-11-03T08:00:00.5+00:00")


class Clock:
    def __init__(self) -> None:
        self.minutes = 0.0

    def __call__(self) -> str:
        return (BEGIN + timedelta(minutes=self.minutes)).isoformat()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock_ = Clock()
    monkeypatch.setattr(clock, "now", clock_)
    return clock_


@pytest.fixture
def carla(app: Any, time: Clock) -> Browser:
    return signed_in(app, app, account(app, "carla", "clinician", password=PASSWORD))


def key(app: Any, browser: Browser) -> str:
    return str(app.state.record.sessions.find(browser.token, clock.now()).storage_key)


def test_it_locks_when_idle_and_its_owner_goes_on_where_they_were(app: Any, carla: Browser, time: Clock) -> None:
    before, first = key(app, carla), carla.token
    time.minutes = 10.5
    locked = carla.get("/password?from=menu")
    assert (locked.status_code, locked.headers["location"]) == (303, "/unlock")
    assert "Carla Example" in carla.get("/unlock").text
    assert carla.post("/unlock", data={"password": "not the password"}).status_code == 403
    entered = carla.post("/unlock", data={"password": PASSWORD})
    assert (entered.status_code, entered.headers["location"]) == (303, "/password?from=menu")
    assert carla.get("/password").status_code == 200
    assert carla.token != first
    assert len(key(app, carla)) == 64
    assert key(app, carla) != before


def test_a_script_is_told_in_json_where_to_unlock(carla: Browser, time: Clock) -> None:
    time.minutes = 11
    told = carla.get("/password", headers=carla.as_script())
    assert (told.status_code, told.json()["error"], told.json()["go"]) == (401, "locked", "/unlock")


def test_what_a_person_does_keeps_it_open_and_what_the_script_does_by_itself_does_not(
    carla: Browser, time: Clock
) -> None:
    for minutes in (6, 12, 18):
        time.minutes = minutes
        assert carla.get("/password").status_code == 200
    for minutes in (20, 22, 24, 26):
        time.minutes = minutes
        assert carla.get("/password", headers={"x-background": "1"}).status_code == 200
    time.minutes = 28.5
    assert carla.get("/password").status_code == 303


def test_it_stays_locked_though_the_clock_goes_back(carla: Browser, time: Clock) -> None:
    time.minutes = 11
    carla.get("/password")
    time.minutes = 1
    assert carla.get("/password").status_code == 303


def test_the_password_of_another_does_not_unlock_it(app: Any, carla: Browser, time: Clock) -> None:
    account(app, "nora", "clinician", password="nine yellow buckets")
    time.minutes = 11
    assert carla.post("/unlock", data={"login": "nora", "password": "nine yellow buckets"}).status_code == 403


def test_a_link_of_the_same_person_unlocks_and_of_another_begins_anew(app: Any, carla: Browser, time: Clock) -> None:
    record, other = app.state.record, account(app, "nora", "clinician")
    time.minutes = 11
    carla.get("/password")
    unlocked = carla.open(f"/enter/{record.sign_ins.link(carla.account.id, clock.now())}")
    assert unlocked.headers["location"] == "/password"
    time.minutes = 22
    carla.get("/password")
    held = carla.token
    anew = carla.open(f"/enter/{record.sign_ins.link(other.id, clock.now())}")
    assert anew.headers["location"] == "/"
    assert anew.headers["clear-site-data"] == '"storage"'
    assert record.sessions.find(held, clock.now()) is None


def test_somebody_else_may_sign_the_locked_one_out(carla: Browser, time: Clock) -> None:
    time.minutes = 11
    assert carla.post("/sign-out").status_code == 303
    assert carla.get("/unlock").headers["location"] == "/sign-in"


def test_it_ends_after_a_shift_however_busy(carla: Browser, time: Clock) -> None:
    for minutes in range(0, 720, 9):
        time.minutes = minutes
        assert carla.get("/password").status_code == 200
    time.minutes = 720.5
    assert carla.get("/password").headers["location"].startswith("/sign-in")


def test_the_audit_trail_has_the_lock_and_the_unlocking(app: Any, carla: Browser, time: Clock) -> None:
    time.minutes = 11
    carla.get("/password")
    carla.get("/password")
    carla.post("/unlock", data={"password": "wrong"})
    carla.post("/unlock", data={"password": PASSWORD})
    carla.post("/sign-out")
    told = [(each.event.action, each.event.outcome) for each in app.state.record.audit.entries()]
    assert told == [("lock", "done"), ("sign-in", "refused"), ("unlock", "done"), ("sign-out", "done")]


def test_strangers_who_guess_do_not_keep_the_owner_locked_out(app: Any, carla: Browser, time: Clock) -> None:
    carla.get("/")
    time.minutes = 11
    assert carla.get("/").headers["location"] == "/unlock"
    stranger = Browser(app)
    stranger.get("/sign-in")
    hidden = re.findall(r'name="csrf" value="([^"]*)"', stranger.get("/sign-in").text)[0]
    for _ in range(6):
        last = stranger.post("/sign-in", data={"csrf": hidden, "login": "carla", "password": "wrong"})
    assert last.status_code == 429
    guesses = [carla.post("/unlock", data={"password": "wrong"}).status_code for _ in range(6)]
    assert guesses == [403] * 5 + [429]
    time.minutes = 27
    assert carla.post("/unlock", data={"password": PASSWORD}).status_code == 303


def test_a_form_that_was_sent_too_late_may_be_left_out(app: Any, carla: Browser, time: Clock) -> None:
    time.minutes = 11
    late = carla.post("/new", data={"template": "removal"}, headers={"referer": "http://testserver/?page=2"})
    assert late.headers["location"] == "/unlock"
    assert carla.post("/unlock", data={"password": PASSWORD}).headers["location"] == "/unlock/held"
    left = carla.post("/unlock/held", data={"held": "/new", "act": "leave"})
    assert left.headers["location"] == "/?page=2"
    assert app.state.record.drafts.listing() == []
    assert carla.get("/unlock/held").headers["location"] == "/?page=2"


@pytest.fixture
def sent_late(app: Any, carla: Browser, time: Clock) -> Draft:
    """A draft whose form, without script, was sent after the session had locked."""
    draft = begin(app, carla)
    time.minutes = 11
    typed = {"csrf": "", "seen": "1", "v:comment.text": "Pressure since Monday.", "do": "save"}
    assert carla.post(f"/drafts/{draft.id}", data=typed).headers["location"] == "/unlock"
    return draft


def hidden(page: str) -> dict[str, str]:
    """The fields of the first form of a page that sends something on."""
    first = page.partition('action="/unlock/held"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="([^"]+)" value="([^"]*)"', first))


def test_what_was_typed_without_script_waits_for_its_owner_and_is_recorded(
    app: Any, carla: Browser, sent_late: Draft
) -> None:
    assert "waits" in carla.get("/unlock").text
    unlocked = carla.post("/unlock", data={"password": PASSWORD})
    assert unlocked.headers["location"] == "/unlock/held"
    page = carla.get("/unlock/held").text
    assert "Pressure since Monday." in page
    assert app.state.record.drafts.get(sent_late.id).data["comment"] == SCAN["comment"]
    again = hidden(page)
    on = carla.post("/unlock/held", data=again)
    assert (on.status_code, on.headers["location"]) == (307, f"/drafts/{sent_late.id}")
    assert carla.post(on.headers["location"], data=again).status_code == 303
    assert app.state.record.drafts.get(sent_late.id).data["comment"] == {"text": "Pressure since Monday."}
    assert carla.get("/unlock/held").status_code == 303


def test_the_database_alone_does_not_tell_what_waits(app: Any, carla: Browser, sent_late: Draft) -> None:
    with app.state.record.database.reading() as connection:
        kept = connection.execute(text("SELECT sealed FROM held_forms")).scalars().all()
    assert len(kept) == 1
    assert "Pressure" not in kept[0]
    carla.post("/unlock", data={"password": PASSWORD})
    with app.state.record.database.reading() as connection:
        assert connection.execute(text("SELECT sealed FROM held_forms")).scalar_one() != kept[0]


@pytest.mark.parametrize("how", ["sign out", "another person", "the end of the shift"])
def test_what_waits_goes_with_the_session(app: Any, carla: Browser, sent_late: Draft, time: Clock, how: str) -> None:
    record, other = app.state.record, account(app, "nora", "clinician")
    assert len(record.sessions.held(record.sessions.find(carla.token, clock.now()).id)) == 1
    if how == "sign out":
        carla.post("/sign-out")
    elif how == "another person":
        carla.open(f"/enter/{record.sign_ins.link(other.id, clock.now())}")
        assert "Pressure" not in carla.get("/unlock/held", follow_redirects=True).text
    else:
        time.minutes = 721
        record.sessions.clear(clock.now())
    with app.state.record.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM held_forms")).scalar_one() == 0


def test_a_password_a_file_and_what_is_too_large_do_not_wait(app: Any, carla: Browser, time: Clock) -> None:
    time.minutes = 11
    carla.post("/password", data={"old": PASSWORD, "new": "eight purple chairs", "again": "eight purple chairs"})
    carla.post("/import", data={"act": "read"}, files={"file": ("a.json", b"{}")})
    carla.post("/new", data={"template": "x" * 1_100_000})
    assert carla.post("/unlock", data={"password": PASSWORD}).headers["location"] != "/unlock/held"


def test_without_the_token_of_a_form_nothing_waits(carla: Browser, time: Clock) -> None:
    time.minutes = 11
    assert carla.post("/new", data={"template": "removal"}, headers={"x-csrf-token": "no"}).status_code == 403
    assert carla.post("/unlock", data={"password": PASSWORD}).headers["location"] == "/"
