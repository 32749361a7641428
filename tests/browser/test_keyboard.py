"""A whole note without a mouse: filled, signed, amended, printed."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from people import PASSWORD, Person
from playwright.sync_api import expect
from sampling import NIGHTLY
from typing_notes import Keyboard, same, wanted

from ci_notes.library import load_template

TEMPLATES = Path(__file__).parents[2] / "templates"
WHOLE = ("follow-up", "assessment") if NIGHTLY else ("follow-up",)
"""The notes that are filled whole: the longest of all takes minutes."""
AMENDED = "Her sister and her mother came with her."


def example(template: str, name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((TEMPLATES / template / "examples" / f"{name}.note.json").read_text())
    return data


@pytest.mark.parametrize("kind", WHOLE)
def test_a_full_note_is_filled_signed_amended_and_printed_with_keys_alone(clinician: Person, kind: str) -> None:
    template, data = load_template(kind), example(kind, "complete")
    clinician.begin(kind)

    wants = {(one["rule"], one["at"]): one["rationale"] for one in data["kept"]}

    def missing() -> set[str]:
        clinician.saved()
        kept = {(one["rule"], one["at"]): one["rationale"] for one in clinician.data().get("kept", [])}
        sections = {_section(one) for one in same(template, clinician.data(), data)}
        return sections | ({"beside"} if kept != wants else set())

    Keyboard(clinician.page, wanted(template, data)).fill(missing)
    assert same(template, clinician.data(), data) == []
    assert missing() == set()

    note = _signed_by_keys(clinician)
    held, whole = ({**one, "late_entry": None} for one in (clinician.signed(note).data, data))  # signed weeks later
    assert same(template, held, whole) == []

    _amended_by_keys(clinician)
    latest = clinician.signed(note)
    assert (latest.number, latest.reason) == (2, "The placenta was looked at again.")
    assert latest.data["visit"]["comment"] == AMENDED

    _printed(clinician)


def _section(difference: str) -> str:
    """Return the section of a difference: history, of history.prior[0].outcome: ..."""
    return difference.partition(":")[0].partition(".")[0].replace("jurisdiction", "note").replace("date", "note")


def _signed_by_keys(person: Person, reason: str = "") -> str:
    person.keys_to("#review")
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("heading", name="Review and sign")).to_be_visible()
    if reason:
        person.keys_to("#reason")
        person.page.keyboard.type(reason)
    person.keys_to("input[name=password]")
    person.page.keyboard.type(PASSWORD)
    person.keys_to("input[name=read]")
    person.page.keyboard.press("Space")
    person.keys_to("button:text('Sign this note')")
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/notes/*")
    return person.page.url.rpartition("/")[2].partition("?")[0]


def _amended_by_keys(person: Person) -> None:
    person.keys_to("a:text-is('Amend')")
    person.page.keyboard.press("Enter")
    person.keys_to("button:text('Begin the amendment')")
    person.page.keyboard.press("Enter")
    person.awake()
    person.keys_to('[name="v:visit.comment"]')
    person.page.keyboard.press("Control+a")
    person.page.keyboard.type(AMENDED)
    person.page.keyboard.press("Tab")
    person.saved()
    _signed_by_keys(person, "The placenta was looked at again.")


def _printed(person: Person) -> None:
    """The page prints without its menus; and the PDFs of the record come from the same page."""
    expect(person.page.get_by_role("article").first).to_contain_text("Ada Example")
    assert person.page.pdf().startswith(b"%PDF")
    person.page.emulate_media(media="print")
    expect(person.page.get_by_role("heading", name="What you can do")).to_be_hidden()
    person.page.emulate_media(media="screen")
    for name in ("narrative.pdf", "patient.pdf"):
        address = person.page.locator(f'a[href*="/{name}"]').first.get_attribute("href")
        assert person.page.request.get(urljoin(person.page.url, str(address))).body().startswith(b"%PDF"), name


@pytest.mark.parametrize("key", ["Enter", "Shift+Enter"])
def test_enter_never_sends_the_form(clinician: Person, key: str) -> None:
    clinician.begin("ultrasound")
    address = clinician.page.url
    for place in ("patient.name", "patient.birth_date", "pregnancy.us_ga", "visit.referred_by"):
        if clinician.control(place).count():
            clinician.control(place).press(key)
    clinician.page.locator('[name="v:cerclage.in_place"]').first.press(key)
    clinician.control("ultrasound.lengths").press(key)
    clinician.page.locator(".combo input").first.press(key)
    assert clinician.page.url == address
    expect(clinician.page.locator("#draft")).to_be_visible()
    clinician.saved()
    assert "patient" not in clinician.data()


def test_the_focus_is_seen_wherever_it_goes_and_goes_down_the_page(clinician: Person) -> None:
    clinician.begin("ultrasound")
    clinician.page.locator("#main").focus()
    unseen, tops = [], []
    for _ in range(60):
        clinician.page.keyboard.press("Tab")
        told = clinician.page.evaluate(_SEEN)
        if not told["seen"]:
            unseen.append(told["what"])
        if told["field"] is not None:
            tops.append(told["field"])
    assert unseen == []
    assert tops == sorted(tops)


_SEEN = """() => {
  const one = document.activeElement;
  const near = [one, one.nextElementSibling, one.closest('label'), one.parentElement].filter(Boolean);
  const marked = near.some(each => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
  });
  const box = (one.closest('label') ?? one).getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  const bar = document.querySelector('.draft-head').getBoundingClientRect().bottom;
  const field = one.closest('#draft .f');
  const hidden = field && box.top < bar - 1;
  return {
    seen: marked && inside && !hidden,
    what: `${one.outerHTML.slice(0, 100)} marked ${marked} inside ${inside} under the bar ${hidden}`,
    field: field ? Math.round(field.getBoundingClientRect().top + scrollY) : null,
  };
}"""
