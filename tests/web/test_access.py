"""Every route, and who may use it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from browsing import Browser, account, signed_in
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ci_notes.web import clock
from ci_notes.web.access import ANYBODY, CLINICIAN, COSIGNER, QA

PUBLIC = {"sign_in", "sign_out", "unlock", "enter", "provider", "provider_back", "health", "api", "openapi"}
"""What a stranger reaches: nothing that shows or changes a note."""

WRITING = {
    *(
        "draft",
        "changes",
        "new",
        "review",
        "addendum",
        "amend",
        "void",
        "import",
        "push",
        "cosign",
        "discard",
        "points",
    ),
}
"""What changes a note or a draft: never for those who only read, or only look after accounts."""

AS = {"clinician": (CLINICIAN,), "co-signer": (COSIGNER,), "qa": (QA,), "admin": ("admin",)}


def walked(routes: Any, before: str = "") -> Iterator[tuple[str, Route]]:
    for route in routes:
        if isinstance(route, Mount):
            if isinstance(route.app, StaticFiles):
                continue
            yield from walked(route.routes, before + route.path)
        else:
            yield before + route.path, route


def path(template: str) -> str:
    """A path of a route, with an id that nobody has."""
    for name in ("{number:int}", "{number}"):
        template = template.replace(name, "1")
    for name in ("{file}", "{file:path}"):
        template = template.replace(name, "note.json")
    while "{" in template:
        before, _, rest = template.partition("{")
        template = f"{before}{uuid4()}{rest.partition('}')[2]}"
    return template


def methods(route: Route) -> list[str]:
    return sorted((route.methods or set()) - {"HEAD"})


def asked(browser: Browser, route: Route, there: str) -> list[int]:
    script = browser.as_script()
    return [browser.request(method, path(there), headers=script).status_code for method in methods(route)]


def test_every_route_says_who_may_use_it(app: Any) -> None:
    for there, route in walked(app.routes):
        roles = getattr(route.endpoint, "roles", None)
        assert roles is not None, f"{there} is neither `allowed` to somebody nor `public`"
        assert (route.name in PUBLIC) == (roles == ()), there
        assert set(roles) <= set(ANYBODY), there


def test_who_only_reads_or_only_looks_after_accounts_changes_no_note(app: Any) -> None:
    for there, route in walked(app.routes):
        if route.name in WRITING:
            assert not {"qa", "admin"} & set(route.endpoint.roles), there


@pytest.mark.parametrize("role", AS)
def test_nobody_gets_where_their_role_does_not_lead(app: Any, role: str) -> None:
    browser = signed_in(app, app, account(app, "robin", *AS[role]))
    for there, route in walked(app.routes):
        if route.name in PUBLIC:
            continue
        let = bool(set(AS[role]) & set(route.endpoint.roles))
        for status in asked(browser, route, there):
            assert (status == 403) is not let, f"{role} at {there}: {status}"
            assert status != 401, there
            assert status < 500, f"{there}: {status}"


def test_a_stranger_gets_nowhere(app: Any, client: Browser) -> None:
    client.headers["x-csrf-token"] = "guessed"
    for there, route in walked(app.routes):
        if route.name not in PUBLIC:
            assert set(asked(client, route, there)) <= {401, 403}, there


def test_a_locked_session_gets_nowhere(app: Any, clinician: Browser) -> None:
    record = app.state.record
    record.sessions.lock(record.sessions.find(clinician.token, clock.now()).id, clock.now())
    for there, route in walked(app.routes):
        if route.name not in PUBLIC:
            assert set(asked(clinician, route, there)) == {401}, there


def test_what_changes_something_needs_the_token_of_the_session(app: Any, clinician: Browser) -> None:
    del clinician.headers["x-csrf-token"]
    for there, route in walked(app.routes):
        for method in set(methods(route)) - {"GET"}:
            for headers in ({}, {"x-csrf-token": "forged"}):
                refused = clinician.request(method, path(there), headers=headers)
                assert refused.status_code == 403, there
                assert "out of date" in refused.text, there
    assert clinician.get("/password").status_code == 200  # and nobody was signed out


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_changes_nothing_even_with_the_token(clinician: Browser, headers: dict[str, str]) -> None:
    assert clinician.post("/sign-out", headers=headers).status_code == 403
    assert clinician.post("/sign-out", headers={"origin": "http://testserver"}).status_code == 303


def test_the_token_may_stand_in_the_form(clinician: Browser) -> None:
    token = clinician.headers.pop("x-csrf-token")
    assert clinician.post("/sign-out", data={"csrf": token}).status_code == 303


def test_the_token_of_somebody_else_is_none(app: Any, clinician: Browser, qa: Browser) -> None:
    clinician.headers["x-csrf-token"] = qa.headers["x-csrf-token"]
    assert clinician.post("/sign-out").status_code == 403


def test_a_program_signs_in_with_a_token_and_a_browser_does_not(app: Any, client: Browser) -> None:
    who = account(app, "carla", "clinician")
    token = app.state.record.sessions.begin(who.id, "token", clock.now(), 1)
    bearer = {"authorization": f"Bearer {token}", "accept": "application/json"}
    assert client.get("/api/v1/templates", headers=bearer).status_code == 200
    assert client.get("/api/v1/templates", headers=client.as_script()).status_code == 401
    client.hold(token)
    assert client.get("/api/v1/templates", headers=client.as_script()).status_code == 401


def test_a_token_of_a_program_opens_no_page_and_signs_nothing(app: Any, client: Browser) -> None:
    """No page, and so no signature: what lies in a file is not the person."""
    who = account(app, "carla", *ANYBODY)
    client.headers["authorization"] = f"Bearer {app.state.record.sessions.begin(who.id, 'token', clock.now(), 1)}"
    before = app.state.record.audit.head()
    for there, route in walked(app.routes):
        if not there.startswith("/api/v1/") and route.name != "health":
            for method in methods(route):
                answer = client.request(method, path(there))
                assert (answer.status_code, "token is for the API" in answer.text) == (403, True), (method, there)
    assert app.state.record.audit.head() == before


def test_what_a_browser_holds_is_no_token_of_a_program(clinician: Browser, client: Browser) -> None:
    bearer = {"authorization": f"Bearer {clinician.token}", "accept": "application/json"}
    assert client.get("/api/v1/templates", headers=bearer).status_code == 401


def test_a_disabled_account_is_out_at_once(app: Any, clinician: Browser) -> None:
    app.state.record.accounts.change(clinician.account.id, disabled_at=clock.now())
    assert clinician.get("/password").headers["location"].startswith("/sign-in")
