"""Two tabs, or two people, on one draft: each sees what the other does, and a conflict is settled in the open."""

from people import NAMES, Open, Person, Ward
from playwright.sync_api import expect
from watching import Watch


def test_two_tabs_see_each_other(clinician: Person) -> None:
    clinician.begin("ultrasound")
    other = clinician.another_tab()
    other.awake()
    clinician.fill({"patient.name": "Ada Example"})
    expect(other.control("patient.name")).to_have_value("Ada Example")
    other.fill({"patient.identifier": "EX-1001"})
    expect(clinician.control("patient.identifier")).to_have_value("EX-1001")
    assert clinician.patient() == {"name": "Ada Example", "identifier": "EX-1001"}


def test_two_people_see_each_other(ward: Ward, clinician: Person, open_context: Open) -> None:
    colleague = _beside(ward, clinician, open_context)
    expect(clinician.page.locator("#others")).to_contain_text(NAMES["colleague"])
    colleague.fill({"patient.name": "Ada Example"})
    expect(clinician.control("patient.name")).to_have_value("Ada Example")
    expect(clinician.page.locator(".theirs")).to_contain_text(f"changed by {NAMES['colleague']}")


def test_two_answers_to_one_question_are_both_shown_and_one_is_taken(
    ward: Ward, clinician: Person, open_context: Open, watch: Watch
) -> None:
    colleague = _beside(ward, clinician, open_context)
    with watch.away():
        _both(clinician, colleague)
    for person in (clinician, colleague):
        conflict = person.field("pregnancy.edd").locator(".conflict")
        expect(conflict).to_contain_text("25")
        expect(conflict).to_contain_text("27")
    clinician.field("pregnancy.edd").locator(".conflict button").last.click()
    for person in (clinician, colleague):
        expect(person.page.locator(".conflict")).to_have_count(0)
    settled = clinician.data()["pregnancy"]["edd"]
    assert settled in ("2027-03-25", "2027-03-27")
    expect(colleague.control("pregnancy.edd")).to_have_value(clinician.control("pregnancy.edd").input_value())


def _beside(ward: Ward, clinician: Person, open_context: Open) -> Person:
    """Return a colleague who has the same draft open."""
    clinician.begin("ultrasound")
    colleague = ward.signed_in("colleague", open_context())
    colleague.page.goto(clinician.page.url)
    colleague.awake()
    return colleague


def _both(one: Person, other: Person) -> None:
    """Let two people answer one question without having seen each other's answer."""
    other.page.route("**/drafts/*/*", lambda route: route.abort("internetdisconnected"))
    other.put("pregnancy.edd", "27 Mar 2027")
    one.fill({"pregnancy.edd": "25 Mar 2027"})
    other.page.unroute("**/drafts/*/*")
    expect(other.page.locator(".conflict")).to_be_visible(timeout=20_000)
    expect(one.page.locator(".conflict")).to_be_visible(timeout=20_000)
