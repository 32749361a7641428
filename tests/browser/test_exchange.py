"""A bundle comes in through the page, and a signed note goes out to a FHIR server."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import small_server
from people import Open, Person, Ward, opened_ward
from playwright.sync_api import expect
from stocking import TEMPLATES, signed
from watching import Watch

BUNDLES = TEMPLATES / "ultrasound" / "examples"


@pytest.fixture(scope="module")
def server() -> Iterator[small_server.Store]:
    with small_server.serving() as store:
        yield store


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, server: small_server.Store) -> Iterator[Ward]:
    with opened_ward(tmp_path_factory.mktemp("ward"), "--fhir-server", f"ward={server.base}") as one:
        yield one


def test_our_bundle_comes_back_as_its_note(clinician: Person) -> None:
    page = clinician.page
    clinician.go("/import")
    page.get_by_label("File").set_input_files(BUNDLES / "short.bundle.json")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible()
    page.get_by_role("link", name="Open the").first.click()
    expect(page.locator("main")).to_contain_text("Cleo Example")


def test_what_others_wrote_becomes_a_draft_to_be_confirmed(clinician: Person) -> None:
    page = clinician.page
    clinician.go("/import")
    foreign = sorted((Path(__file__).parents[1] / "fhir" / "foreign").glob("*.json"))[0]
    page.get_by_label("or paste it here").fill(foreign.read_text())
    page.locator('input[name="template"][value="ultrasound"]').check()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="What was taken and what was left out")).to_be_visible()
    page.get_by_role("link", name="Open the draft").click()
    clinician.awake()
    expect(page.locator("#draft")).to_contain_text("not confirmed")


def test_something_that_is_no_bundle_is_refused_in_words(clinician: Person, watch: Watch) -> None:
    watch.expect("status of 422")
    clinician.go("/import")
    clinician.page.get_by_label("or paste it here").fill("Dear colleague,")
    clinician.page.get_by_role("button", name="Import").click()
    expect(clinician.page.get_by_role("alert")).to_be_visible()


def test_a_signed_note_is_sent_to_a_server_once_it_was_shown(
    ward: Ward, clinician: Person, server: small_server.Store
) -> None:
    note = signed(ward.record, json.loads((BUNDLES / "normal.note.json").read_text()))
    page = clinician.page
    clinician.go(f"/notes/{note}")
    page.get_by_role("link", name="Send to a FHIR server").click()
    page.get_by_role("button", name="Show what would be sent").click()
    expect(page.get_by_role("heading", name="What would be sent")).to_be_visible()
    assert not server.writes()
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_role("heading", name="What was done")).to_be_visible()
    assert [one["status"] for one in server.of("Composition")] == ["final"]


def test_what_is_downloaded_is_what_was_signed(
    clinician: Person, ward: Ward, open_context: Open, tmp_path: Path
) -> None:
    note = signed(ward.record, json.loads((BUNDLES / "open.note.json").read_text()))
    clinician.go(f"/notes/{note}")
    for name, part in {"note.json": '"final"', "bundle.json": "Composition", "narrative.txt": "mm"}.items():
        with clinician.page.expect_download() as download:
            clinician.page.locator(f'a[href*="/{name}"]').first.click()
        shutil.copy(download.value.path(), tmp_path / name)
        assert part in (tmp_path / name).read_text(), name
