"""Notes put into a record for the tests: drafts as the form would have left them, and signed ones."""

import json
from pathlib import Path
from typing import Any

from browsing import Browser
from httpx import Response
from starlette.applications import Starlette

from ci_notes.record.model import Draft, Person, Standing
from ci_notes.web import clock

Json = dict[str, Any]

TEMPLATES = Path(__file__).parents[2] / "templates"
EXAMPLES = sorted(TEMPLATES.glob("*/examples/*.note.json"))

SCAN: Json = {
    "id": "7f0c1a52-0000-4000-8000-000000000001",
    "template": "ultrasound",
    "version": "0.2.0",
    "date": "2026-11-20T10:00:00+00:00",
    "jurisdiction": "UK",
    "patient": {
        "name": "Ada Example",
        "birth_date": "1998-05-02",
        "gender": "female",
        "identifier_system": "https://hospital.example/patients",
        "identifier": "EX-0001",
    },
    "pregnancy": {"edd": "2027-03-08", "plurality": 1},
    "ultrasound": {"done": True, "lengths": [{"id": "a", "length": 22}]},
    "comment": {"text": "Seen with her sister."},
}


def example(name: str) -> Json:
    """An example of a template, as unsigned as a draft is: ultrasound/short."""
    template, _, note = name.partition("/")
    return unsigned(TEMPLATES / template / "examples" / f"{note}.note.json")


def unsigned(path: Path) -> Json:
    data = json.loads(path.read_text(encoding="utf-8"))
    return {key: value for key, value in data.items() if key not in ("status", "signed_at")}


def who(browser: Browser) -> Person:
    return Person(browser.account.id, browser.account.full_name)


def begin(app: Starlette, browser: Browser, data: Json = SCAN, /, **more: Any) -> Draft:
    """Begin a draft; `more` is put into its state, as `unread` and `conflicts`."""
    draft: Draft = app.state.record.drafts.begin(data, who(browser), clock.now())
    return change(app, browser, draft.id, **more) if more else draft


def change(app: Starlette, browser: Browser, name: str, **more: Any) -> Draft:
    """Change a draft: `data` is laid over its data, anything else takes its place in the state."""

    def apply(state: Json, _latest: Any) -> tuple[Json, Json]:
        data = {**state["data"], **more.get("data", {})}
        rest = {key: value for key, value in more.items() if key != "data"}
        return {**state, **rest, "data": data}, dict.fromkeys(more.get("data", {}), (None, 1))

    draft: Draft = app.state.record.drafts.change(name, apply, who(browser), "tab", clock.now())
    return draft


def post_signature(browser: Browser, draft: Draft, **more: str) -> Response:
    """Press the button of the review."""
    given = {"revision": str(draft.revision), "read": "yes", **more}
    return browser.post(f"/drafts/{draft.id}/sign", data={key: value for key, value in given.items() if value})


def sign(app: Starlette, browser: Browser, data: Json = SCAN) -> str:
    """Put a signed note into the record; returns its id."""
    draft = begin(app, browser, data)
    answer = post_signature(browser, draft)
    assert answer.status_code == 303, answer.text
    return draft.id


def amend(app: Starlette, browser: Browser, name: str, reason: str = "A remark was missing.", **data: Any) -> None:
    """Sign the next version of a note, with other data."""
    assert browser.post(f"/notes/{name}/amend").status_code == 303
    draft = change(app, browser, name, data=data)
    assert post_signature(browser, draft, reason=reason).status_code == 303


def standing(app: Starlette, name: str) -> Standing:
    found: Standing = app.state.record.ledger.standing(name)
    return found


def done(app: Starlette) -> list[tuple[str, str, str]]:
    """What the audit trail says was done: action, kind and entity."""
    return [(one.event.action, one.event.kind, one.event.entity) for one in app.state.record.audit.entries()]
