"""A ward for the tests: its server and accounts; and people who do at a page what a person does."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import postgresql
from playwright.sync_api import BrowserContext, Locator, Page, expect
from served import Served, serving

from ci_notes.record import Record, open_record
from ci_notes.record.model import Entry
from ci_notes.web import passwords

Open = Callable[..., BrowserContext]

PASSWORD = "a long walk beside the river"
PEOPLE = {
    "clinician": ("clinician",),
    "colleague": ("clinician",),
    "co-signer": ("co-signer",),
    "qa": ("qa",),
    "admin": ("admin",),
}
NAMES = {
    "clinician": "Dr Nat Example",
    "colleague": "Dr Fay Madeup",
    "co-signer": "Dr Una Pretend",
    "qa": "Rae Imaginary",
    "admin": "Max Fictional",
}

_EVERYWHERE = {"TZ": "UTC", "XDG_CACHE_HOME": str(Path(__file__).parents[2] / "build" / "tests" / "compiled")}
"""Where the ward is, and where its templates stay compiled from one run to the next."""

_SYSTEMS = (
    "--identifier-system", "Sample Hospital=urn:oid:2.999.20.1",
    "--identifier-system", "Example Perinatal Center=urn:oid:2.999.1",
)  # fmt: skip
"""Whose numbers patients have in the examples."""


@dataclass
class Ward:
    """A server over a record, and who has an account there."""

    served: Served
    record: Record
    accounts: dict[str, str]

    def link(self, who: str) -> str:
        """Return a link that lets somebody in, once."""
        token = self.record.sign_ins.link(self.accounts[who], datetime.now(UTC).isoformat())
        return f"{self.served.address}/enter/{token}"

    def signed_in(self, who: str, context: BrowserContext) -> "Person":
        """Return a person before the first page."""
        page = context.new_page()
        page.goto(self.link(who))
        return Person(self, page, who)


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """Return the address of an empty database of the kind that the run is for."""
    if os.environ.get("CI_NOTES_DB", "sqlite") == "sqlite":
        yield f"sqlite:///{folder / 'record.db'}"
        return
    with postgresql.running() as cluster, cluster.database() as url:
        yield url


@contextmanager
def opened_ward(folder: Path, *options: str, **environment: str) -> Iterator[Ward]:
    """Open a ward in a folder."""
    with ExitStack() as stack:
        db = stack.enter_context(database(folder))
        record = open_record(db)
        stack.callback(record.dispose)
        accounts = {who: _account(record, who, roles) for who, roles in PEOPLE.items()}
        served = stack.enter_context(serving(db, folder, *_SYSTEMS, *options, **{**_EVERYWHERE, **environment}))
        yield Ward(served, record, accounts)


def _account(record: Record, who: str, roles: tuple[str, ...]) -> str:
    """Add an account; those of the first two people have a password."""
    held = passwords.kept(PASSWORD) if who in ("clinician", "colleague") else ""
    return str(record.accounts.add(who, NAMES[who], roles, datetime.now(UTC).isoformat(), password=held).id)


@dataclass
class Person:
    """Somebody signed in, before one page of the browser."""

    ward: Ward
    page: Page
    who: str = "clinician"

    @property
    def record(self) -> Record:
        return self.ward.record

    def go(self, path: str) -> None:
        self.page.goto(f"{self.ward.served.address}{path}")

    def another_tab(self) -> "Person":
        """Return the same person before a second page of the same browser, at the same place."""
        page = self.page.context.new_page()
        page.goto(self.page.url)
        return Person(self.ward, page, self.who)

    def begin(self, template: str) -> "Person":
        """Begin a note for a patient who is not in the record yet."""
        self.go("/")
        self.page.locator(f'button[name=template][value="{template}"]').click()
        expect(self.page.locator("#draft")).to_be_visible()
        self.awake()
        return self

    def awake(self) -> None:
        """Wait until the script has the form in hand."""
        expect(self.page.locator("#desk.scripted")).to_be_attached()

    @property
    def draft(self) -> str:
        """The id of the draft at hand."""
        found = re.search(r"/drafts/([0-9a-f-]{36})", self.page.url)
        assert found, self.page.url
        return found[1]

    # --- the form ---

    def control(self, place: str) -> Locator:
        return self.page.locator(f'[name="v:{place}"]')

    def field(self, place: str) -> Locator:
        """Return the whole field: its control, its absence, its messages."""
        return self.page.locator(".f, .g").filter(has=self.page.locator(f'[name="v:{place}"], [name="a:{place}"]')).last

    def put(self, place: str, text: str) -> None:
        """Type into a control and leave it."""
        control = self.control(place)
        control.click()
        control.press("Control+a")
        control.press_sequentially(text)
        control.press("Tab")

    def choose(self, place: str, value: str) -> None:
        """Click the button of an answer."""
        self.page.locator(f'label:has([name="v:{place}"][value="{value}"])').click()

    def fill(self, answers: dict[str, str]) -> None:
        """Answer fields, typed or clicked, whichever a field has."""
        for place, answer in answers.items():
            kind = self.control(place).first.get_attribute("type")
            (self.choose if kind in ("radio", "checkbox") else self.put)(place, answer)
        self.saved()

    def saved(self) -> None:
        """Wait until all that was typed is on the server."""
        self.page.wait_for_function(_NOTHING_UNSENT)
        expect(self.page.locator("#saved")).to_have_text(re.compile("^Saved|^Save point"))

    def data(self) -> dict[str, Any]:
        """Return the draft as the server has it."""
        return self.record.drafts.get(self.draft).data

    def keys_to(self, selector: str, most: int = 700) -> int:
        """Press Tab until something has the focus; return how often."""
        wanted = self.page.locator(selector).first
        expect(wanted).to_be_attached()
        for pressed in range(most):
            if wanted.evaluate("one => one === document.activeElement"):
                return pressed
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}.")

    def patient(self) -> dict[str, Any]:
        """Return who the patient is, as the server has it; whose number it is comes by itself."""
        return {key: value for key, value in self.data()["patient"].items() if key != "identifier_system"}

    # --- signing ---

    def review(self) -> None:
        self.page.locator("#review").click()
        expect(self.page.get_by_role("heading", name="Review and sign")).to_be_visible()

    def sign(self, reason: str = "") -> str:
        """Read the note as it will be signed, sign it, and return its id."""
        if reason:
            self.page.get_by_label("Why the note is amended").fill(reason)
        if (asked := self.page.get_by_label("Your password")).count():
            asked.fill(PASSWORD)
        self.page.get_by_label("I have read the note").check()
        self.page.get_by_role("button", name="Sign this note").click()
        self.page.wait_for_url("**/notes/*")
        return self.page.url.rpartition("/")[2].partition("?")[0]

    def signed(self, note: str) -> Entry:
        """Return the last version of a note as the record has it."""
        return self.record.ledger.latest(note)


_NOTHING_UNSENT = """() => !document.querySelector('#saved.waiting, #saved.away')
  && !Object.keys(localStorage).some(one => one.startsWith('ci-notes:'))"""

PATIENT = {
    "patient.name": "Ada Example",
    "patient.birth_date": "1994-05-02",
    "patient.identifier": "EX-1001",
}
"""Somebody plainly invented."""
