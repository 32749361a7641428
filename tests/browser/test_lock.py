"""A session that nobody touches locks: the page shows nothing more of the patient, and nothing typed is lost."""

import json
import time

from people import PASSWORD, Person
from playwright.sync_api import Page, expect
from watching import Watch

IDLE_SECONDS = 6
SERVE = ("--idle-minutes", str(IDLE_SECONDS / 60))


def test_a_page_left_alone_locks_and_goes_on_after_unlocking(clinician: Person, watch: Watch) -> None:
    watch.expect(r"status of (401|423)")
    page = clinician.begin("ultrasound").page
    draft = clinician.draft
    clinician.fill({"patient.name": "Ada Example"})
    expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=(IDLE_SECONDS + 15) * 1000)
    assert "Ada" not in page.content()
    _unlock(page)
    expect(page.locator("#draft")).to_be_visible()
    assert draft in page.url
    expect(clinician.control("patient.name")).to_have_value("Ada Example")


def test_what_was_typed_as_it_locked_is_there_after_unlocking_and_unreadable_meanwhile(
    clinician: Person, watch: Watch
) -> None:
    watch.expect(r"status of (401|423)")
    page = clinician.begin("ultrasound").page
    clinician.fill({"patient.name": "Ada Example"})
    with watch.away():
        page.context.set_offline(True)
        clinician.put("patient.identifier", "EX-1001")
        expect(page.locator("#away")).to_contain_text("kept in this browser")
        time.sleep(IDLE_SECONDS + 1)
        page.context.set_offline(False)
        expect(page.locator("#locked")).to_be_visible(timeout=30_000)
    kept = page.evaluate("() => JSON.stringify(Object.entries(localStorage))")
    assert json.loads(kept)
    assert "EX-1001" not in kept
    assert "Sign out" not in _to_be_seen(page)
    for hidden in ("Ada", "EX-1001"):
        assert hidden not in _to_be_seen(page)
    with page.context.expect_page() as opened:
        page.locator("#unlock").click()
    _unlock(opened.value)
    opened.value.close()
    expect(page.locator("#locked")).to_be_hidden()
    expect(clinician.control("patient.identifier")).to_have_value("EX-1001")
    clinician.saved()
    assert clinician.patient() == {"name": "Ada Example", "identifier": "EX-1001"}


def test_somebody_else_who_signs_in_at_a_locked_page_finds_nothing(clinician: Person, watch: Watch) -> None:
    watch.expect(r"status of (401|423)")
    page = clinician.begin("ultrasound").page
    clinician.fill({"patient.name": "Ada Example"})
    with watch.away():
        page.context.set_offline(True)
        clinician.put("patient.identifier", "EX-1002")
        expect(page.locator("#away")).to_contain_text("kept in this browser")
        time.sleep(IDLE_SECONDS + 1)
        page.context.set_offline(False)
    page.goto(f"{clinician.ward.served.address}/unlock")
    page.get_by_role("button", name="Sign in as somebody else").click()
    page.wait_for_url("**/sign-in*")
    page.goto(clinician.ward.link("colleague"))
    assert page.evaluate("() => Object.keys(localStorage).length") == 0


def _to_be_seen(page: Page) -> str:
    """Return all that a page shows, the contents of its controls included."""
    return str(
        page.evaluate(
            """() => [document.body.innerText, ...[...document.querySelectorAll('input, textarea')]
            .filter(one => one.checkVisibility()).map(one => one.value)].join(' ')"""
        )
    )


def _unlock(page: Page) -> None:
    page.get_by_label("Password of").fill(PASSWORD)
    page.get_by_role("button", name="Go on where you were").click()
