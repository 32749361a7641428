"""Every page as others see it: axe-core finds nothing, light, dark or narrow, and nothing scrolls from side to side."""

from typing import Any

import pytest
from looking import too_wide, violations
from people import PASSWORD, Open, Person, Ward
from playwright.sync_api import Page
from sampling import NIGHTLY
from stocking import stocked

KINDS = ("assessment", "cerclage", "follow-up", "removal", "ultrasound")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}},
    "zoomed": {"viewport": {"width": 320, "height": 256}},  # 1280 by 1024 at 400 %
}
"""How a page is looked at."""

SEEN = [
    (kind, look)
    for number, kind in enumerate(KINDS)
    for other, look in enumerate(LOOKS)
    if NIGHTLY or (number + other) % len(LOOKS) == 0
]
"""Which form is looked at how: by day each in one way, so that each way has a form."""


@pytest.fixture(scope="module")
def stock(ward: Ward) -> dict[str, str]:
    """A record with something on every page: the id of a note, of a patient, of a draft of each kind."""
    return stocked(ward.record)


@pytest.fixture(params=LOOKS)
def page(request: pytest.FixtureRequest, ward: Ward, open_context: Open) -> Page:
    return ward.signed_in("co-signer", open_context(**LOOKS[request.param])).page


@pytest.mark.parametrize(("kind", "page"), SEEN, indirect=["page"])
def test_the_form_of_each_note_kind(ward: Ward, stock: dict[str, str], page: Page, kind: str) -> None:
    page.goto(f"{ward.served.address}/drafts/{stock[kind]}")
    Person(ward, page).awake()
    _hold(page)
    page.evaluate("for (const one of [...document.querySelectorAll('main details')].slice(0, 40)) one.open = true")
    _hold(page)


def test_the_pages_of_the_record(ward: Ward, stock: dict[str, str], page: Page) -> None:
    note, patient = stock["note"], stock["patient"]
    acts = [f"/notes/{note}/{act}" for act in ("cosign", "addendum", "amend", "void", "differences", "push")]
    faults: list[str] = []
    for path in [
        "/",
        f"/patients/{patient}",
        f"/notes/{note}",
        *acts,
        f"/drafts/{stock['ultrasound']}/sign",
        "/import",
        "/password",
    ]:
        page.goto(f"{ward.served.address}{path}")
        faults += [f"{path}: {one}" for one in _faults(page)]
    assert not faults, "\n".join(faults)


def test_the_pages_of_those_who_look_after_accounts(ward: Ward, open_context: Open, stock: dict[str, str]) -> None:
    faults: list[str] = []
    for look in LOOKS.values():
        page = ward.signed_in("admin", open_context(**look)).page
        for path in ("/accounts", "/audit"):
            page.goto(f"{ward.served.address}{path}")
            faults += [f"{path}: {one}" for one in _faults(page)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", LOOKS)
def test_the_door(ward: Ward, open_context: Open, look: str) -> None:
    page = open_context(**LOOKS[look]).new_page()
    page.goto(f"{ward.served.address}/sign-in")
    _hold(page)
    page.get_by_label("Name").fill("clinician")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{ward.served.address}/")


def _hold(page: Page) -> None:
    faults = _faults(page)
    assert not faults, "\n".join(faults)


def _faults(page: Page) -> list[str]:
    return [*violations(page), *too_wide(page)]
