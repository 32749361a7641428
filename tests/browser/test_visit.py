"""A visit for a short cervix, by somebody at the keyboard who has little time: what lasts is carried forward."""

import json

import pytest
from people import Person, Ward
from playwright.sync_api import expect
from stocking import TEMPLATES, signed
from typing_notes import Keyboard, wanted

from ci_notes.library import load_template

EXAMPLES = TEMPLATES / "ultrasound" / "examples"
MOST_KEYS = 260
"""Strokes of a key for the whole visit, what is typed into fields not counted."""


@pytest.fixture(scope="module")
def before(ward: Ward) -> str:
    """A signed scan of the same pregnancy two weeks ago."""
    data = json.loads((EXAMPLES / "short.note.json").read_text())
    data |= {"date": "2026-11-07T14:05:00+00:00", "signed_at": "2026-11-07T15:00:00+00:00", "kept": []}
    return signed(ward.record, data)


def test_a_surveillance_visit_is_recorded_with_few_keys(ward: Ward, clinician: Person, before: str) -> None:
    page, template = clinician.page, load_template("ultrasound")
    clinician.go("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("Cleo")
    page.keyboard.press("Enter")
    strokes = clinician.keys_to('main li a[href*="/patients/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/*")
    strokes += clinician.keys_to('button[name=template][value="ultrasound"]')
    page.keyboard.press("Enter")
    clinician.awake()
    strokes += _take_over(clinician)

    data = json.loads((EXAMPLES / "short.note.json").read_text())
    keyboard = Keyboard(page, wanted(template, data))
    for _ in range(80):
        if not page.locator(".f.open, .g.open").count():
            break
        page.keyboard.press("Alt+o")
        keyboard.answer_here()
        clinician.saved()
    strokes += len(keyboard.visited) * 2
    expect(page.locator(".f.open, .g.open")).to_have_count(0)

    clinician.review()
    note = clinician.sign()
    held = clinician.signed(note).data
    assert [one["length"] for one in held["ultrasound"]["lengths"]] == [17, 18, 17.5]
    assert held["pregnancy"]["edd"] == "2027-03-25"
    assert [one["outcome"] for one in held["history"]["prior"]] == ["loss_2T", "livebirth"]
    assert strokes < MOST_KEYS, strokes


def _take_over(person: Person) -> int:
    """Take over all that the last note hands on; return how many keys that took."""
    offers = person.page.locator('.offer button[value^="carry:"]')
    strokes = 0
    while offers.count():
        before = person.page.locator(".offer").all_inner_texts()
        strokes += person.keys_to('.offer button[value^="carry:"]') + 1
        person.page.keyboard.press("Enter")
        person.saved()
        assert person.page.locator(".offer").all_inner_texts() != before
    return strokes
