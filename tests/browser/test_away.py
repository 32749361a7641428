"""The server goes away in the middle, or the browser does: nothing that was typed is lost."""

import json
from contextlib import suppress

from conftest import Open
from people import Person, Ward
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect
from watching import Watch


def test_what_is_typed_while_the_network_is_away_arrives_afterwards(clinician: Person, watch: Watch) -> None:
    page = clinician.begin("ultrasound").page
    clinician.fill({"patient.name": "Ada Example"})
    with watch.away():
        page.context.set_offline(True)
        clinician.put("patient.identifier", "EX-1001")
        clinician.put("ultrasound.lengths", "17, 18")
        clinician.choose("ultrasound.done", "yes")
        expect(page.locator("#away")).to_contain_text("kept in this browser")
        over = page.locator("#away").bounding_box()
        assert over, "the message is not shown"
        assert over["height"] < 100, "the message hides the form"
        expect(page.locator("#saved")).to_contain_text("Not saved")
        assert "identifier" not in clinician.data()["patient"]
        page.context.set_offline(False)
        clinician.saved()
    expect(page.locator("#away")).to_be_hidden()
    assert clinician.patient() == {"name": "Ada Example", "identifier": "EX-1001"}
    assert [one["length"] for one in clinician.data()["ultrasound"]["lengths"]] == [17, 18]


def test_the_server_itself_is_stopped_and_started_again(clinician: Person, watch: Watch) -> None:
    page = clinician.begin("ultrasound").page
    with watch.away():
        clinician.ward.served.kill()
        clinician.put("patient.name", "Ada Example")
        clinician.put("patient.identifier", "EX-1002")
        expect(page.locator("#away")).to_contain_text("kept in this browser")
        clinician.ward.served.start()
        page.wait_for_function("() => document.querySelector('#away').hidden", timeout=30_000)
        clinician.saved()
    assert clinician.patient() == {"name": "Ada Example", "identifier": "EX-1002"}


def test_what_others_did_meanwhile_is_merged_by_field(
    ward: Ward, clinician: Person, open_context: Open, watch: Watch
) -> None:
    page = clinician.begin("ultrasound").page
    colleague = ward.signed_in("colleague", open_context())
    colleague.page.goto(page.url)
    colleague.awake()
    with watch.away():
        page.context.set_offline(True)
        clinician.put("patient.name", "Ada Example")
        colleague.fill({"patient.identifier": "EX-1003"})
        page.context.set_offline(False)
        clinician.saved()
    assert clinician.patient() == {"name": "Ada Example", "identifier": "EX-1003"}
    expect(clinician.control("patient.identifier")).to_have_value("EX-1003")
    expect(colleague.control("patient.name")).to_have_value("Ada Example")


def test_a_page_that_is_loaded_again_after_the_crash_of_its_tab_has_everything(clinician: Person, watch: Watch) -> None:
    page = clinician.begin("ultrasound").page
    clinician.fill({"patient.name": "Ada Example"})
    with watch.away():
        page.context.set_offline(True)
        clinician.put("patient.identifier", "EX-1004")
        clinician.put("author.name", "Seen twice")
        expect(page.locator("#away")).to_contain_text("kept in this browser")
        address, fresh = page.url, page.context.new_page()
        _crash(page)
        page.close()
        fresh.context.set_offline(False)
        fresh.goto(address)
        again = Person(clinician.ward, fresh)
        again.awake()
        expect(again.control("patient.identifier")).to_have_value("EX-1004")
        again.saved()
    assert again.patient() == {"name": "Ada Example", "identifier": "EX-1004"}
    assert again.data()["author"]["name"] == "Seen twice"


def _crash(page: Page) -> None:
    """End the process of a tab, as when the browser dies."""
    with page.expect_event("crash"), suppress(PlaywrightError):  # there is no page left to answer
        page.goto("chrome://crash", timeout=5000)


def test_what_the_browser_keeps_cannot_be_read_there_and_goes_at_signing_out(clinician: Person, watch: Watch) -> None:
    page = clinician.begin("ultrasound").page
    with watch.away():
        page.context.set_offline(True)
        clinician.put("patient.name", "Ada Example")
        expect(page.locator("#away")).to_contain_text("kept in this browser")
        kept = page.evaluate("() => JSON.stringify(Object.entries(localStorage))")
        assert json.loads(kept), "Nothing is kept in this browser."
        assert "Ada" not in kept
        assert "patient" not in kept
        page.context.set_offline(False)
        clinician.saved()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    assert page.evaluate("() => Object.keys(localStorage).length") == 0
