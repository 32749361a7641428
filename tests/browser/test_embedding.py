"""A form in a page of an EHR: shown to the origins that the ward allows, and to no others."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from neighbours import Ehr, ehr
from people import Open, Ward, opened_ward
from playwright.sync_api import expect
from stocking import TEMPLATES, drafted
from watching import Watch


@pytest.fixture(scope="module")
def allowed() -> Iterator[Ehr]:
    with ehr() as one:
        yield one


@pytest.fixture(scope="module")
def foreign() -> Iterator[Ehr]:
    with ehr() as one:
        yield one


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, allowed: Ehr) -> Iterator[Ward]:
    with opened_ward(tmp_path_factory.mktemp("ward"), "--allow-embedding", allowed.origin) as one:
        yield one


@pytest.fixture
def draft(ward: Ward) -> str:
    data = json.loads((TEMPLATES / "ultrasound" / "examples" / "scan.note.json").read_text())
    return f"{ward.served.address}/drafts/{drafted(ward.record, {**data, 'id': str(uuid4())})}"


def test_a_page_of_an_allowed_origin_shows_the_form_and_it_saves(
    ward: Ward, allowed: Ehr, open_context: Open, draft: str
) -> None:
    page = ward.signed_in("clinician", open_context()).page
    allowed.embeds(draft)
    page.goto(allowed.origin)
    form = page.frame_locator("iframe")
    expect(form.locator("#desk.scripted")).to_be_attached()
    control = form.locator('[name="v:patient.name"]')
    control.fill("Ida Madeup")
    control.press("Tab")
    expect(form.locator("#head")).to_contain_text("Ida Madeup")
    assert ward.record.drafts.get(draft.rpartition("/")[2]).data["patient"]["name"] == "Ida Madeup"


def test_a_page_of_another_origin_shows_nothing(
    ward: Ward, foreign: Ehr, open_context: Open, draft: str, watch: Watch
) -> None:
    watch.expect("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|chrome-error")
    page = ward.signed_in("clinician", open_context()).page
    foreign.embeds(draft)
    page.goto(foreign.origin)
    page.wait_for_timeout(500)
    expect(page.frame_locator("iframe").locator("#draft")).to_have_count(0)
    assert any("frame-ancestors" in one for one in watch.complaints), watch.complaints
