"""A browser without JavaScript: the form is filled, checked, saved and signed all the same."""

import pytest
from people import Open, Person, Ward
from playwright.sync_api import expect

ANSWERS = {
    "patient.name": "Ada Example", "patient.birth_date": "2 May 1994", "patient.identifier": "EX-1001",
    "author.name": "Dr Nat Example", "pregnancy.us_date": "7 Sep 2026", "pregnancy.us_ga": "11+4",
    "pregnancy.edd": "25 Mar 2027", "pregnancy.plurality": "1", "history.gravida": "1",
    "ultrasound.lengths": "17, 18, 17.5", "ultrasound.image_fraction": "80", "ultrasound.duration": "5",
    "ultrasound.sonographer": "Rae Imaginary", "ultrasound.previous_length": "28", "plan.surveillance_end": "24+0",
    "ultrasound.previous_date": "2 Nov 2026", "ultrasound.threshold": "under 25 mm", "plan.next_scan": "5 Dec 2026",
}  # fmt: skip
CHOICES = {
    "jurisdiction": "UK", "author.role": "MFM", "cerclage.in_place": "no", "ultrasound.approach": "transvaginal",
    "ultrasound.impression": "short_11_20", "ultrasound.bladder": "empty", "fetal.placenta": "posterior",
    "pregnancy.dating_method": "US_CRL",
}  # fmt: skip


@pytest.fixture
def plain(ward: Ward, open_context: Open) -> Person:
    return ward.signed_in("clinician", open_context(java_script_enabled=False))


def test_a_note_is_filled_checked_saved_and_signed_without_a_script(plain: Person) -> None:
    _begin(plain)
    for _ in range(4):  # what an answer opens is there on the next page
        _fill(plain)
        _save(plain)
    for button in ("block:symptoms", "none:history.prior"):
        _press(plain, button)
    expect(plain.control("patient.name")).to_have_value("Ada Example")
    expect(plain.page.locator("#narrative")).to_contain_text("17 mm")
    expect(plain.page.locator("#findings")).to_contain_text("Findings")

    for _ in range(6):
        plain.page.locator('button[value="review"]').first.click()
        if not plain.page.locator("#obstacles").count():
            break
        _give_reasons(plain)
    note = plain.sign()
    assert [one["length"] for one in plain.signed(note).data["ultrasound"]["lengths"]] == [17, 18, 17.5]


def test_a_link_that_is_pressed_in_a_mail_signs_in_by_a_button(ward: Ward, open_context: Open) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(f"data:text/html,<title>Mail</title><a href='{ward.link('clinician')}'>Your notes</a>")
    page.get_by_role("link", name="Your notes").click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Patients")).to_be_visible()


def test_what_was_typed_wrong_comes_back_with_the_reason(plain: Person) -> None:
    _begin(plain)
    plain.control("patient.birth_date").fill("31/02/1994")
    plain.control("patient.name").fill("Ada Example")
    _save(plain)
    expect(plain.control("patient.birth_date")).to_have_value("31/02/1994")
    expect(plain.field("patient.birth_date").locator(".m")).to_be_visible()
    expect(plain.control("patient.name")).to_have_value("Ada Example")


def test_enter_in_a_field_signs_and_adds_nothing(plain: Person) -> None:
    _begin(plain)
    plain.control("patient.name").fill("Ada Example")
    plain.control("patient.name").press("Enter")
    plain.page.wait_for_timeout(500)
    expect(plain.page.locator("#draft")).to_be_visible()
    assert "/sign" not in plain.page.url
    assert not plain.data().get("history")


def test_two_people_without_scripts_lose_nothing_of_each_other(ward: Ward, plain: Person, open_context: Open) -> None:
    _begin(plain)
    other = ward.signed_in("colleague", open_context(java_script_enabled=False))
    other.page.goto(plain.page.url)
    plain.control("patient.name").fill("Ada Example")
    other.control("patient.identifier").fill("EX-1001")
    _save(plain)
    _save(other)
    assert plain.patient() == {"name": "Ada Example", "identifier": "EX-1001"}


def _begin(person: Person) -> None:
    person.go("/")
    person.page.locator('button[name=template][value="ultrasound"]').click()
    person.page.wait_for_url("**plain=1*")  # where a browser without script is sent as soon as the page is there
    expect(person.page.locator("#draft")).to_be_visible()


def _fill(person: Person) -> None:
    for place, text in ANSWERS.items():
        if person.control(place).count() and not person.control(place).input_value():
            person.control(place).fill(text)
    for place, value in CHOICES.items():
        control = person.control(place).first
        if not control.count():
            continue
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            person.choose(place, value)


def _save(person: Person) -> None:
    person.page.locator('button[value="save"]:visible').first.click()
    expect(person.page.locator("#draft")).to_be_visible()


def _press(person: Person, button: str) -> None:
    wanted = person.page.locator(f'button[value^="{button}"]').first
    if wanted.count():
        wanted.click()
        expect(person.page.locator("#draft")).to_be_visible()


def _give_reasons(person: Person) -> None:
    """Go back, and say of each required field that is still open that nobody asked."""
    person.page.get_by_role("link", name="back to the form").click()
    for field in person.page.locator(".f.open, .g.open").all():
        menu = field.locator("select.a").first
        if menu.count() and menu.is_visible() and not menu.input_value():
            menu.select_option("not asked")
    _save(person)
