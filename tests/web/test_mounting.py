"""The application inside another one, under a prefix, and a form inside the page of an EHR."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from asking import Program, token_of
from browsing import Browser, account, signed_in
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

EHR = "https://ehr.example"


@pytest.fixture
def inner(build: Callable[..., Starlette]) -> Starlette:
    return build(allowed_ancestors=(EHR,))


@pytest.fixture
def outer(inner: Starlette) -> Starlette:
    """An application of somebody else, with ours under /ci."""
    return Starlette(routes=[Route("/", lambda _: PlainTextResponse("theirs")), Mount("/ci", inner)])


@pytest.fixture
def browser(outer: Starlette, inner: Starlette) -> Browser:
    return signed_in(outer, inner, account(inner, "carla", "clinician", "admin"))


def addresses(page: str) -> Iterator[tuple[bool, str]]:
    """Every address in a page, and whether it is read: a form is posted to."""
    for name, address in re.findall(r'(href|src|action|formaction)="([^"#]+)', page):
        if not address.startswith(("data:", "mailto:")):
            yield name in ("href", "src"), address.replace("&amp;", "&").removeprefix("http://testserver")


def test_every_link_and_file_of_every_page_stands_under_the_prefix(browser: Browser) -> None:
    begun = browser.post("/ci/new", data={"template": "ultrasound"})
    waiting, seen = ["/ci/", begun.headers["location"]], set()
    assert waiting[1].startswith("/ci/drafts/")
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = browser.get(path)
        assert (path, answer.status_code < 400) == (path, True)
        if "text/html" in answer.headers.get("content-type", ""):
            for read, given in addresses(answer.text):
                address = urljoin(path, given)
                assert address.startswith("/ci/"), (path, address)
                waiting += [address] if read else []
    assert {"/ci/static/form.css", "/ci/import", "/ci/audit"} <= seen


def test_a_script_of_ours_asks_under_the_prefix_too(browser: Browser) -> None:
    page = browser.get(browser.post("/ci/new", data={"template": "ultrasound"}).headers["location"]).text
    for source in re.findall(r'<script[^>]*src="([^"]+)"', page):
        script = browser.get(source)
        assert script.status_code == 200
        assert not re.search(r"""fetch\(\s*["'`]/|from ["'`]/|import\(["'`]/""", script.text), source


def test_a_stranger_is_led_to_our_sign_in_and_the_outer_application_stays_as_it_is(outer: Starlette) -> None:
    stranger = Browser(outer)
    assert stranger.get("/").text == "theirs"
    assert "content-security-policy" not in stranger.get("/").headers
    assert stranger.get("/ci/").headers["location"] == "/ci/sign-in?next=%2Fci%2F"


def test_the_session_is_for_our_prefix_alone(outer: Starlette, inner: Starlette, browser: Browser) -> None:
    answer = browser.post("/ci/sign-out", data={})
    assert answer.status_code == 303
    assert all("Path=/ci" in one for one in answer.headers.get_list("set-cookie"))


def test_the_api_knows_where_it_is_and_refuses_in_its_own_way(outer: Starlette, inner: Starlette) -> None:
    robot = Program(outer, token_of(inner, account(inner, "robot", "clinician")))
    told = robot.get("/ci/api/v1/openapi.json").json()
    assert told["servers"] == [{"url": "/ci/api/v1"}]
    assert robot.get(f"{told['servers'][0]['url']}/templates").status_code == 200
    refused = robot.post("/ci/api/v1/fhir", content=b" " * (8 * 2**20 + 1))
    assert (refused.status_code, refused.headers["content-type"]) == (413, "application/fhir+json")


def test_a_form_is_embedded_by_the_origins_that_are_allowed_and_by_no_other(browser: Browser, app: Starlette) -> None:
    draft = browser.post("/ci/new", data={"template": "ultrasound"}).headers["location"]
    for path in (draft, "/ci/", "/ci/api", "/ci/nothing", "/ci/static/form.css"):
        headers = browser.get(path).headers
        assert f"frame-ancestors {EHR}" in headers["content-security-policy"].split("; ")
        assert "x-frame-options" not in headers
    alone: Any = Browser(app).get("/sign-in").headers
    assert "frame-ancestors 'none'" in alone["content-security-policy"].split("; ")
    assert alone["x-frame-options"] == "DENY"
