"""Where the caret goes: in with Enter, to what an answer opens or asks, and never away from somebody who types."""

import re
from collections.abc import Callable

import pytest
from people import Person
from playwright.sync_api import expect
from watching import Watch

ADD = 'button[value="add-row:history.prior"]'
SLOW = """() => {
  const real = window.fetch;
  window.fetch = async (...asked) => {
    await new Promise(done => setTimeout(done, 600));
    return real(...asked);
  };
}"""


@pytest.fixture
def at_a_slow_server(clinician: Person) -> Callable[[str], Person]:
    """Begin a note; from then on every change is answered late."""

    def begin(template: str) -> Person:
        clinician.begin(template).page.evaluate(SLOW)
        return clinician

    return begin


def comes_to(person: Person, name: str) -> None:
    """Wait until the focus is at a control, in sight."""
    person.page.wait_for_function(
        """name => {
          const one = document.activeElement, control = one.closest('.combo')?.nextElementSibling ?? one;
          const box = one.getBoundingClientRect();
          const bar = document.querySelector('.draft-head').getBoundingClientRect().bottom;
          return (control.matches('button') ? control.value : control.name ?? '').match(new RegExp(name))
            && box.top >= bar - 1 && box.bottom <= innerHeight;
        }""",
        arg=name,
    )


def test_a_new_note_begins_in_its_first_open_field(clinician: Person) -> None:
    clinician.begin("ultrasound")
    comes_to(clinician, "^v:jurisdiction$")
    clinician.page.keyboard.press("2")
    clinician.saved()
    assert clinician.data()["jurisdiction"] == "UK"
    clinician.page.reload()
    clinician.awake()
    comes_to(clinician, "^v:patient.name$")


def test_what_is_typed_right_after_adding_a_row_stands_in_it(at_a_slow_server: Callable[[str], Person]) -> None:
    person = at_a_slow_server("ultrasound")
    person.page.locator(ADD).focus()
    person.page.keyboard.press("Enter")
    person.page.keyboard.type("19+4\n")
    comes_to(person, r"^v:history.prior\[.*\].outcome$")
    person.saved()
    assert [row["ga_end"] for row in person.data()["history"]["prior"]] == ["19w4d"]


def test_a_new_row_takes_nobody_away_from_where_they_type(at_a_slow_server: Callable[[str], Person]) -> None:
    person = at_a_slow_server("ultrasound")
    person.page.locator(ADD).click()
    person.control("patient.name").click()
    person.page.keyboard.type("Ada ")
    expect(person.page.locator(".row").first).to_be_visible()
    person.page.keyboard.type("Example")
    person.saved()
    expect(person.control("patient.name")).to_have_value("Ada Example")
    expect(person.control("patient.name")).to_be_focused()


def test_enter_in_a_list_goes_on_to_what_the_answer_opens(at_a_slow_server: Callable[[str], Person]) -> None:
    person = at_a_slow_server("ultrasound")
    person.page.locator(ADD).focus()
    person.page.keyboard.press("Enter")
    person.page.keyboard.type("19+4\n")
    comes_to(person, "outcome$")
    person.page.keyboard.type("second\n")
    comes_to(person, "onset$")
    person.saved()
    assert person.data()["history"]["prior"][0]["outcome"] == "loss_2T"


def test_a_list_offers_every_answer_and_marks_none_that_may_be_meant_otherwise(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    page.locator(ADD).click()
    comes_to(clinician, "ga_end$")
    combo = page.locator(".row .combo input")
    combo.click()
    page.keyboard.type("miscar")
    options = page.locator(".row [role=option]")
    expect(options.first).to_have_text("First-trimester miscarriage")
    expect(options.nth(1)).to_have_text("Second-trimester loss")  # a late miscarriage, as people say
    expect(page.locator(".row [role=option]:not(.other)")).to_have_count(2)
    expect(options).to_have_count(8)
    expect(page.locator(".row [role=option][aria-selected=true]")).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.locator(".row .combo .m")).to_have_text("«miscar» is not recorded: choose one of the list.")
    expect(combo).to_have_value("miscar")
    combo.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("second")
    page.keyboard.press("Tab")
    clinician.saved()
    expect(page.locator(".row .combo .m")).to_have_count(0)
    assert clinician.data()["history"]["prior"][0]["outcome"] == "loss_2T"


def test_enter_stops_at_what_adds_a_row_and_at_what_answers_a_block(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    clinician.control("history.gravida").click()
    page.keyboard.type("2\n")
    comes_to(clinician, "^add-row:history.prior$")
    page.keyboard.press("ArrowDown")
    comes_to(clinician, "^v:cerclage.in_place$")
    page.keyboard.press("Enter")
    comes_to(clinician, "^block:symptoms")
    page.keyboard.press("Enter")
    comes_to(clinician, "^v:ultrasound.done$")
    clinician.saved()
    assert clinician.data()["symptoms"]["bleeding"] is False


def test_enter_goes_to_the_question_that_an_answer_raises_and_on_from_it(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    clinician.choose("ultrasound.done", "yes")
    clinician.control("ultrasound.lengths").click()
    page.keyboard.type("2.1 cm, 19 18\n")
    comes_to(clinician, "^confirm:ultrasound.lengths$")
    expect(clinician.field("ultrasound.lengths").locator(".m")).to_contain_text("Record 21, 19 and 18 mm?")
    page.keyboard.press("Enter")
    comes_to(clinician, "^block:ultrasound.findings$")
    clinician.saved()
    assert [one["length"] for one in clinician.data()["ultrasound"]["lengths"]] == [21, 19, 18]


def test_what_is_added_on_request_has_the_caret(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    page.locator("#s-patient .more > summary").click()
    wanted = page.locator("#s-patient .more button").last
    place = str(wanted.get_attribute("value")).removeprefix("open:")
    wanted.click()
    comes_to(clinician, f"^v:{place}$")


def test_while_the_server_is_away_a_new_row_is_announced_and_nothing_old_looks_new(
    clinician: Person, watch: Watch
) -> None:
    page = clinician.begin("ultrasound").page
    with watch.away():
        page.context.set_offline(True)
        page.locator(ADD).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".rows", has=page.locator(ADD))).to_contain_text("Appears when the server is back.")
        expect(page.locator("#stale")).to_have_text(re.compile(r"Not brought up to date since \d\d:\d\d:\d\d\."))
        page.locator("#review").click()
        expect(page.locator("#away")).to_contain_text("checked and signed as soon as the server answers")
        assert _apart(page.locator("#away").bounding_box(), page.locator(".draft-head").bounding_box())
        page.locator(ADD).focus()
        page.context.set_offline(False)
        clinician.saved()
    comes_to(clinician, "ga_end$")
    expect(page.locator(".to-come")).to_have_count(0)
    expect(page.locator("#stale")).to_be_hidden()


def _apart(one: dict[str, float] | None, other: dict[str, float] | None) -> bool:
    assert one
    assert other
    return one["y"] >= other["y"] + other["height"] - 1 or other["y"] >= one["y"] + one["height"] - 1


def test_a_section_in_which_nothing_is_asked_takes_one_line(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    box = page.locator("#s-visit").bounding_box()
    assert box
    assert box["height"] < 50


def test_the_star_of_what_is_required_stands_beside_its_last_word(clinician: Person) -> None:
    page = clinician.begin("assessment").page
    alone = page.evaluate(
        """() => [...document.querySelectorAll('.f > :is(label, legend) > b')].filter(star => {
          const words = star.previousSibling, range = document.createRange();
          range.setStart(words, words.data.trimEnd().length - 1);
          range.setEnd(words, words.data.trimEnd().length);
          return star.getBoundingClientRect().top > range.getBoundingClientRect().bottom - 1;
        }).map(star => star.parentElement.textContent)"""
    )
    assert alone == []


def test_save_points_are_listed_by_the_names_they_were_given(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    page.locator(".point > summary").click()
    page.get_by_label("Name of the save point").fill("before the scan")
    page.get_by_label("Name of the save point").press("Enter")
    expect(page.locator(".point li").first).to_contain_text("before the scan")
    expect(page.get_by_label("Name of the save point")).to_have_value("")
    page.get_by_role("button", name="Save point", exact=True).click()
    expect(page.locator(".point li")).to_have_count(2)
    unnamed = r"[Ss]ave point, \d+ \w+ 2026, \d\d:\d\d, Dr Nat Example\sBack to this$"
    assert re.match(unnamed, page.locator(".point li").first.inner_text())
