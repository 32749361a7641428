"""The web form in a real Chromium, over a real server: as a person at a ward's computer meets it."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# `watching` and its neighbours are imported by name; importlib mode does not put this folder on the path by itself.
sys.path.insert(0, str(Path(__file__).parent))

from people import Open, Person, Ward, opened_ward
from watching import Watch

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "browser"
TRACED = "CI_NOTES_TRACE" in os.environ  # each step with the page as it was then; it takes as long as the test itself
PATIENCE_MS = (
    30_000  # a page answers in a tenth of a second, but not where others keep the disk and all processors busy
)
ORDINARY: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "reduced_motion": "reduce",  # a page that glides is still elsewhere when a test looks
}
LONGEST_TEST = 900
_OUTCOME = pytest.StashKey[bool]()
NO_CHROMIUM = "These tests drive Chromium, which is not here: apt-get install chromium"

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[_OUTCOME] = report.passed
    return report  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Let no test wait for ever, whatever it waits for."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"The test took longer than {LONGEST_TEST} s.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST_TEST)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CI_NOTES_CHROMIUM") or shutil.which("chromium")
    if program is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)(NO_CHROMIUM)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=program, args=arguments)
        yield one
        one.close()


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Ward]:
    """One server for the tests of a module, with an account of each role."""
    options = getattr(request.module, "SERVE", ())
    with opened_ward(tmp_path_factory.mktemp("ward"), *options) as one:
        yield one


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def open_context(browser: Browser, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Return what opens a browser of its own (its own cookies and store); its complaints fail the test."""
    opened: list[BrowserContext] = []

    def one(**options: Any) -> BrowserContext:
        context = browser.new_context(**{**ORDINARY, **options})
        context.set_default_timeout(PATIENCE_MS)
        if TRACED:
            context.tracing.start(snapshots=True)
        watch.over(context)
        opened.append(context)
        return context

    yield one
    passed = request.node.stash.get(_OUTCOME, False) and not watch.unexpected()
    for number, context in enumerate(opened):
        _close(context, None if passed else KEPT / f"{request.node.name}-{number}")
    assert not watch.unexpected(), "The browser complained:\n" + "\n".join(watch.unexpected())


def _close(context: BrowserContext, keep: Path | None) -> None:
    """Close a browser context; what it showed last is kept where a test failed."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(context.pages):
            _picture(page, keep / f"page-{number}.png")
        if TRACED:
            context.tracing.stop(path=keep / "trace.zip")
    context.close()


def _picture(page: Page, path: Path) -> None:
    try:
        page.screenshot(path=path, full_page=True, timeout=5000)
    except Exception as error:  # a page that crashed cannot be drawn; the test's own failure matters
        path.with_suffix(".txt").write_text(str(error))


@pytest.fixture
def clinician(ward: Ward, open_context: Open) -> Person:
    return ward.signed_in("clinician", open_context())


@pytest.fixture
def cosigner(ward: Ward, open_context: Open) -> Person:
    return ward.signed_in("co-signer", open_context())
