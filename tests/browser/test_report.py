"""The report of a bulk run, opened as a file: nothing is fetched, axe-core finds nothing, and links lead somewhere."""

import json
from pathlib import Path

import pytest
from looking import too_wide, violations
from people import Open
from playwright.sync_api import Page, expect
from running import run_program
from sampling import sample
from test_seen import LOOKS

EXAMPLES = sorted((Path(__file__).parents[2] / "templates").glob("ultrasound/examples/*.note.json"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of one note kind, some notes often enough to have a row of their own, and of what is no note.

    It looks the same for all kinds, but axe-core takes minutes over so many rows.
    """
    folder = tmp_path_factory.mktemp("report")
    notes = [json.loads(path.read_text()) | {"patient": {}} for path in EXAMPLES]
    lines = [json.dumps(one) for one in notes * 5]
    (folder / "year.ndjson").write_text("\n".join([*lines, "{", "[]"]))
    page = folder / "report.html"
    assert run_program("check", folder / "year.ndjson", "--format", "html", "-o", page).code == 2
    return page


def opened(report: Path, open_context: Open, look: str) -> tuple[Page, list[str]]:
    page, asked = open_context(**LOOKS[look]).new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    return page, asked


@pytest.mark.parametrize("look", sample(LOOKS, 2))
def test_a_report_can_be_read_by_everybody_and_asks_nobody(report: Path, open_context: Open, look: str) -> None:
    page, asked = opened(report, open_context, look)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    faults = [*violations(page), *too_wide(page)]
    assert not faults, "\n".join(faults)
    assert asked == [report.as_uri()]


def test_its_style_is_that_of_the_page_and_a_rule_leads_to_its_text(report: Path, open_context: Open) -> None:
    page, _ = opened(report, open_context, "light")
    assert page.locator("rect.bar").first.evaluate("one => getComputedStyle(one).fill") == "rgb(11, 90, 138)"
    expect(page.get_by_role("img", name="Notes by shortest cervical length")).to_be_visible()
    page.get_by_role("table", name="Rules that had something to say").get_by_role("link", name="R065").click()
    expect(page.locator("#rule-R065")).to_be_in_viewport()
