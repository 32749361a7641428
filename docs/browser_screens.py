"""Draws the web form for the README in Chromium, from a record of invented patients: `make screens`."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from people import Ward, opened_ward  # noqa: E402  # what the tests use
from running import run_program  # noqa: E402
from stocking import TEMPLATES, drafted, stocked  # noqa: E402

from benchmarks.mutations.clean import clean_notes  # noqa: E402

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def draw(images: Path) -> None:
    """Draw the form (and dark, on a telephone), the record, a note, the page for the patient, and a report."""
    with tempfile.TemporaryDirectory() as work, opened_ward(Path(work)) as ward, sync_playwright() as playwright:
        program = os.environ.get("CI_NOTES_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] * (os.geteuid() == 0))
        held = stocked(ward.record)
        short = drafted(
            ward.record, json.loads((TEMPLATES / "ultrasound" / "examples" / "short.note.json").read_text())
        )
        _form(_page(ward, browser, f"/drafts/{short}"), images / "form.png")
        dark = _page(ward, browser, f"/drafts/{short}", color_scheme="dark", viewport=NARROW)
        _form(dark, images / "form-narrow-dark.png")
        _page(ward, browser, f"/patients/{held['patient']}").screenshot(path=images / "record.png")
        _page(ward, browser, f"/notes/{held['note']}").screenshot(path=images / "note.png")
        _patient(ward, browser, held["note"], images / "patient.png")
        report(browser, Path(work), images / "report.png")
        browser.close()


def _page(ward: Ward, browser: Browser, path: str, **look: object) -> Page:
    person = ward.signed_in("clinician", browser.new_context(**{"viewport": WIDE, "locale": "en-GB", **look}))
    person.go(path)
    return person.page


def _form(page: Page, image: Path) -> None:
    """Draw the form at the scan, with the findings and the narrative beside it."""
    page.locator("#desk.scripted").wait_for()
    page.locator('[name="v:ultrasound.duration"]').evaluate("one => one.scrollIntoView({block: 'center'})")
    page.locator('[name="v:ultrasound.lengths"]').focus()
    page.wait_for_timeout(1000)  # the page glides
    page.screenshot(path=image, clip={"x": 0, "y": 0, "width": page.viewport_size["width"], "height": 700})


def _patient(ward: Ward, browser: Browser, note: str, image: Path) -> None:
    """Draw the page for the patient."""
    page = _page(ward, browser, f"/notes/{note}/patient.html", viewport={"width": 800, "height": 900})
    page.screenshot(path=image)


def report(browser: Browser, work: Path, image: Path) -> None:
    """Draw the report of some hundred clean notes, those from the examples that are not whole among them."""
    notes = [one.note | {"patient": {}} for one in clean_notes(300)]
    notes += [
        json.loads(path.read_text()) | {"patient": {}} for path in sorted(TEMPLATES.glob("*/examples/*.note.json"))
    ]
    (work / "year.ndjson").write_text("\n".join(map(json.dumps, notes)))
    run_program("check", work / "year.ndjson", "--format", "html", "-o", work / "report.html")
    page = browser.new_page(viewport=WIDE)
    page.goto((work / "report.html").as_uri())
    page.evaluate("document.getElementById('rules').scrollIntoView()")
    page.screenshot(path=image)
