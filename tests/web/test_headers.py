"""What every answer carries, what comes in at all, and what is said when the program itself fails."""

from typing import Any

import pytest
from browsing import PASSWORD, Browser, account, signed_in
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from test_access import path, walked

from ci_notes.web.access import public
from ci_notes.web.sessions import SESSION

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


def policy(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_every_answer_has_the_headers(app: Any, clinician: Browser) -> None:
    places = [path(there) for there, route in walked(app.routes) if "GET" in route.methods]
    for there in [*places, "/nowhere", "/static/form.css", "/static/missing.css"]:
        answer = clinician.get(there)
        assert ALWAYS.items() <= answer.headers.items(), there
        held = policy(answer)
        assert held["default-src"] == held["frame-ancestors"] == held["base-uri"] == "'none'", there
        assert held["script-src"] == held["style-src"] == "'self'", there
        assert "geolocation=()" in answer.headers["permissions-policy"], there
        assert answer.headers["cache-control"] == ("no-cache" if there == "/static/form.css" else "no-store"), there
        assert "strict-transport-security" not in answer.headers, there


def test_over_https_browsers_are_told_to_stay_there(build: Any) -> None:
    told = Browser(build(secure=True)).get("/health").headers["strict-transport-security"]
    assert told == "max-age=31536000"


def test_no_page_has_script_or_style_in_itself(app: Any, clinician: Browser, admin: Browser) -> None:
    for browser in (clinician, admin, Browser(app)):
        for there, route in walked(app.routes):
            if "GET" in route.methods:
                page = browser.get(path(there)).text
                for unsafe in ("<style", " style=", "<script>", " onclick=", "javascript:"):
                    assert unsafe not in page, there


def test_only_named_origins_embed_and_their_cookies_go_along(build: Any) -> None:
    app = build(allowed_ancestors=("https://ehr.example",), secure=True)
    account(app, "carla", "clinician", password=PASSWORD)
    browser = Browser(app, base_url="https://testserver")
    page = browser.get("/sign-in")
    assert policy(page)["frame-ancestors"] == "https://ehr.example"
    assert "x-frame-options" not in page.headers
    assert {"Secure", "HttpOnly", "SameSite=none", "Partitioned"} <= set(page.headers["set-cookie"].split("; "))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:8765", "[::1]:8765", "notes.hospital.example"])
def test_it_answers_to_its_own_names(build: Any, name: str) -> None:
    app = build(hosts=("127.0.0.1", "localhost", "[::1]", "notes.hospital.example"))
    assert Browser(app).get("/health", headers={"host": name}).status_code == 200


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8765", ""])
def test_it_answers_to_no_strange_name(build: Any, name: str) -> None:
    app = build(hosts=("127.0.0.1", "localhost", "[::1]"))
    refused = Browser(app).get("/sign-in", headers={"host": name})
    assert refused.status_code == 400
    assert "--host-name" in refused.text


def test_what_is_too_large_is_refused_in_words(clinician: Browser) -> None:
    refused = clinician.post("/sign-out", content=b"x" * (8 * 1024 * 1024 + 1))
    assert refused.status_code == 413
    assert "8 megabytes" in refused.text

    def pieces() -> Any:  # and where its length is not said before
        for _ in range(9):
            yield b"x" * 1024 * 1024

    assert clinician.post("/sign-out", content=pieces()).status_code == 413
    assert clinician.get("/password").status_code == 200


def test_a_form_that_cannot_be_read_is_refused_in_words(clinician: Browser) -> None:
    refused = clinician.post(
        "/sign-out", content=b"no boundary here", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert refused.status_code in (303, 400)
    assert clinician.post("/sign-out", content=b"", headers={"content-type": "multipart/form-data"}).status_code == 400


def test_an_address_that_is_too_long_is_refused(clinician: Browser) -> None:
    assert clinician.get("/password?x=" + "y" * 5000).status_code == 414


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(clinician: Browser, method: str) -> None:
    assert clinician.request(method, "/password").status_code == 405


def test_a_fault_of_ours_is_a_number_and_leaks_nothing(app: Any, clinician: Browser, caplog: Any) -> None:
    @public
    def broken(_request: Any) -> Any:
        raise ValueError("Ada Example, born 1994-04-11")

    app.router.routes.insert(0, Route("/broken", broken))
    answer = clinician.get("/broken")
    assert answer.status_code == 500
    number = caplog.records[-1].args[0]
    assert number in answer.text
    assert "Ada" not in answer.text + caplog.text
    assert "ValueError at test_headers.py" in caplog.text
    assert ALWAYS.items() <= answer.headers.items()
    assert clinician.get("/broken", headers=clinician.as_script()).json()["error"].startswith("Something went wrong")


def test_it_stands_under_a_prefix_in_another_application(build: Any) -> None:
    inner = build()
    outer = Starlette(routes=[Mount("/ehr/notes", inner)])
    who = account(inner, "carla", "clinician", password=PASSWORD)
    browser = Browser(outer)
    turned = browser.get("/ehr/notes/password")
    assert turned.headers["location"] == "/ehr/notes/sign-in?next=%2Fehr%2Fnotes%2Fpassword"
    page = browser.get(turned.headers["location"])
    assert 'href="/ehr/notes/static/form.css"' in page.text
    assert 'action="/ehr/notes/sign-in"' in page.text
    assert browser.get("/ehr/notes/static/form.css").status_code == 200
    assert browser.get("/ehr/notes/health").json() == {"status": "well"}
    link = inner.state.record.sign_ins.link(who.id, "2026-01-01T00:00:00+00:00", minutes=1e7)
    entered = browser.open(f"/ehr/notes/enter/{link}")
    assert entered.headers["location"] == "/ehr/notes/"
    assert "Path=/ehr/notes;" in entered.headers["set-cookie"]
    assert SESSION in browser.cookies
    assert browser.get("/ehr/notes/password").status_code == 200


def test_a_probe_needs_nobody_to_sign_in(client: Browser) -> None:
    assert client.get("/health").json() == {"status": "well"}
    assert "set-cookie" not in client.get("/health").headers


def test_a_program_gets_json_where_a_person_gets_a_page(app: Any) -> None:
    browser = signed_in(app, app, account(app, "quentin", "qa"))
    told = browser.get("/accounts", headers=browser.as_script())
    assert (told.status_code, told.json()["error"]) == (403, "Your account may not do this.")
    assert "<h1>Your account may not do this.</h1>" in browser.get("/accounts").text
