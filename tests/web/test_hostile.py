"""Hostile input against the whole application: no 500, nothing of it becomes markup, nobody is let in by it.

Routes are taken from the application, so that what is added to it is tried as well.
"""

import gzip
import json
import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
from asking import API, Program, token_of
from browsing import Browser, account, signed_in
from sampling import sample
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from ci_notes import checks, derive, library
from ci_notes.record.accounts import Account
from ci_notes.record.model import Person
from ci_notes.template import HEADER, Template
from ci_notes.web import clock
from ci_notes.web.access import ADMIN, CLINICIAN, COSIGNER, QA
from ci_notes.web.downloading import FILES

ROOT = Path(__file__).parents[2]
ROLES = (CLINICIAN, COSIGNER, QA, ADMIN)
SECRETS = ("root:x:0", "[build-system]", "import sqlalchemy", "SQLite format 3")
"""What stands in files that nobody is to have."""


def routes_of(routes: list[BaseRoute], before: str = "") -> Iterator[tuple[str, Route]]:
    """Every route of the application with its whole path."""
    for one in routes:
        if isinstance(one, Mount) and one.name != "static":
            yield from routes_of([*one.routes], before + one.path)
        elif isinstance(one, Route):
            yield before + one.path, one


def parameters(path: str) -> list[str]:
    return re.findall(r"{(\w+)(?::\w+)?}", path)


def filled(path: str, values: dict[str, str]) -> str:
    return re.sub(r"{(\w+)(?::\w+)?}", lambda name: values.get(name[1], "x"), path)


@pytest.fixture
def everybody(app: Starlette) -> Account:
    """An account that may do everything, so that every handler is reached."""
    return account(app, "erika", *ROLES)


@pytest.fixture
def begin(app: Starlette, everybody: Account) -> Any:
    """Sign in anew, since a handler may have ended the session."""
    return lambda: signed_in(app, app, everybody)


# --- paths ---------------------------------------------------------------------------------------------------------

TRICKS = [
    "..", "../../etc/passwd", "%2e%2e", "..%2f..%2f..%2fpyproject.toml", "%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..\\..\\etc\\passwd", "....%2f%2f", "%252e%252e%252f", "a%00b", "%00", "%ff%fe", "%ed%a0%80", "a" * 3000,
    "%0d%0aSet-Cookie:%20a=b", "<script>", "'%20OR%201=1;--", "-1", "0", "9" * 30, "1e309", "%F0%9F%92%A9", "null",
    "%E2%80%AE", "{{7*7}}", "__class__", "con", "record.db", ".", "%20", "~root",
]  # fmt: skip


def tricked(app: Starlette) -> Iterator[tuple[str, Route]]:
    """Yield addresses with a trick in the place of a name, and the routes that they are of."""
    for path, route in routes_of(app.routes):
        for trick in sample(TRICKS, 5, of=path):
            yield from ((filled(path, {name: trick}), route) for name in parameters(path))


def test_no_name_in_an_address_leads_out_of_the_record_or_breaks_it(app: Starlette, begin: Any) -> None:
    wrong = []
    for there, route in tricked(app):
        browser = begin()
        for method in sorted(route.methods or ()):
            answer = browser.request(method, there)
            if answer.status_code >= 500 or any(one in answer.text for one in SECRETS) or "a=b" in answer.cookies:
                wrong.append((method, there[:80], answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("trick", TRICKS)
def test_no_file_is_served_but_those_that_are_meant(client: Browser, trick: str) -> None:
    for path in (f"/static/{trick}", f"/static/..{trick}", f"/{trick}", f"/.//{trick}"):
        answer = client.get(path)
        assert answer.status_code < 500
        assert not any(one in answer.text for one in SECRETS)


def test_ids_that_were_made_up_and_ids_of_other_things_are_not_there(app: Starlette, begin: Any) -> None:
    browser = begin()
    known = stored(app, browser, "ultrasound")
    forged = [str(uuid.uuid4()), *known.values()]
    wrong = []
    for path, route in routes_of(app.routes):
        for name in {"draft", "note", "patient"} & set(parameters(path)):
            for one in forged:
                right = {known["note"], known["draft"]} if name in ("note", "draft") else {known["patient"]}
                if one in right:
                    continue
                for method in sorted(route.methods or ()):
                    there = filled(path, {name: one, "number": "1", "file": "note.json"})
                    answer = browser.request(method, there)
                    leaving = (method, route.name) == ("POST", "since")  # that a tab was closed asks for nothing
                    if answer.status_code not in (400, 404, 405, 415) and not (leaving and answer.status_code == 204):
                        wrong.append((method, path, answer.status_code))
    assert wrong == []


# --- bodies --------------------------------------------------------------------------------------------------------

DEEP = 20_000
JSON_BODIES = [
    b"", b"{", b'{"changes": [', b"[]", b"3", b'"x"', b"null", b"NaN", b"[" * DEEP, b'{"a":' * DEEP,
    b'{"changes": 3}', b'{"changes": [3, null, [], "x", {}]}', b'{"changes": [{"act": "put"}], "have": 3, "tab": []}',
    b'{"changes": [{"act": "put", "place": 3, "text": [], "values": "x", "seen": 1e400, "row": {}}]}',
    b'{"changes": [{"act": "put", "place": "history.prior[", "text": "\\ud800"}], "batch": "\\u0000"}',
    b'{"changes": [{"act": "add-row", "place": "__class__"}, {"act": "remove-row", "place": "patient", "row": "x"}]}',
    b'{"changes": [{"act": "put", "place": "patient.name", "text": "' + b"a" * 100_000 + b'"}], "seen": -1}',
    b'{"changes": [{"act": "put", "place": "patient.name", "text": "a\\u0000b\\ud800"}], "seen": 99999999999999999999}',
    b'{"changes": [{"act": "keep", "rule": "R001", "place": "x", "reason": null}, {"act": "resolve", "side": 3}]}',
    b"\xff\xfe\x00", b"\x1f\x8b\x08\x00\x00", b'{"notes": [[]]}', b'{"template": {}}', b'{"resourceType": []}',
]  # fmt: skip
NAMES = sorted(
    {
        name
        for path in (ROOT / "ci_notes" / "web").rglob("*.py")
        for name in re.findall(r'(?:get|getlist)\("([\w-]+)"|\["(\w+)"\]', path.read_text(encoding="utf-8"))
        for name in name
        if name
    }
)
"""What handlers look for in a form."""

TEXTS = ["", "\0", "x" * 100_000, "-1", "9" * 5000, "../..", "<script>", "\u202e", "plan", "back", "yes", "2026-02-30"]


def bodies() -> Iterator[tuple[dict[str, str], bytes]]:
    for body, kind in product(
        JSON_BODIES, ("application/json", "application/fhir+json", "application/yaml", "text/plain")
    ):
        yield {"content-type": kind}, body
    for text in TEXTS:
        form = "&".join(f"{name}={json.dumps(text)[1:-1] if text == chr(0) else text}" for name in NAMES)
        yield {"content-type": "application/x-www-form-urlencoded"}, form.encode("utf-8", "surrogatepass")
    yield (
        {"content-type": "application/x-www-form-urlencoded"},
        b"&".join(b"%s=%%00%%ff%%ed%%a0%%80" % n.encode() for n in NAMES),
    )
    yield (
        {"content-type": "application/x-www-form-urlencoded"},
        b"&".join(b"a%d=b" % number for number in range(30_000)),
    )
    yield from (({"content-type": kind}, body) for kind, body in multipart())


def multipart() -> Iterator[tuple[str, bytes]]:
    """Forms of parts: files where text is meant, and what is no form at all."""
    kind = "multipart/form-data; boundary=b"
    file = (
        'Content-Disposition: form-data; name="%s"; filename="../../x.json"\r\nContent-Type: text/html\r\n\r\n<script>'
    )
    yield kind, ("".join(f"--b\r\n{file % name}\r\n" for name in NAMES) + "--b--\r\n").encode()
    yield kind, b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{"resourceType": "Bundle'
    yield kind, b"nonsense"
    yield kind, b"--b\r\n\r\n\r\n--b--"
    yield kind, b'--b\r\nContent-Disposition: form-data; name="\xff\xfe"\r\n\r\n\xff\r\n--b--'
    yield "multipart/form-data", b"--b--"
    yield "multipart/form-data; boundary=" + "b" * 5000, b"--b--"


def test_no_body_breaks_a_handler(app: Starlette, begin: Any) -> None:
    known = stored(app, begin(), "ultrasound")
    wrong = []
    for path, route in routes_of(app.routes):
        if "POST" not in (route.methods or ()):
            continue
        browser, there = begin(), filled(path, {**known, "template": "ultrasound", "rule": "R001", "file": "note.json"})
        for headers, body in sample(bodies(), 5, of=path):
            answer = browser.post(there, content=body, headers=headers)
            if answer.status_code >= 500:
                wrong.append((path, headers, body[:80], answer.status_code))
            if path in ("/sign-out", "/password", "/unlock", "/sign-in"):
                browser = begin()
    assert wrong == []


def test_what_is_too_large_is_refused_everywhere(app: Starlette, begin: Any) -> None:
    browser, body = begin(), b"a=" + b"x" * (8 * 2**20)
    for path, route in routes_of(app.routes):
        if "POST" in (route.methods or ()):
            answer = browser.post(filled(path, {}), content=body, headers={"content-type": "application/json"})
            assert (path, answer.status_code) == (path, 413)


def test_what_is_packed_is_not_unpacked(app: Starlette, begin: Any) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    browser = begin()
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    for path, route in routes_of(app.routes):
        if "POST" in (route.methods or ()):
            assert browser.post(filled(path, {}), content=bomb, headers=headers).status_code < 500


# --- who is asking -------------------------------------------------------------------------------------------------


def test_every_route_says_whom_it_is_for_and_lets_nobody_else_in(app: Starlette, begin: Any) -> None:
    known = stored(app, begin(), "ultrasound")
    browsers = {role: signed_in(app, app, account(app, f"only-{role}", role)) for role in ROLES}
    stranger, wrong = Browser(app), []
    for path, route in routes_of(app.routes):
        roles = getattr(route.endpoint, "roles", None)
        assert roles is not None, f"{path} does not say whom it is for"
        there = filled(path, {**known, "number": "1", "file": "note.json", "template": "ultrasound", "rule": "R001"})
        for method in sorted(route.methods or ()):
            who = {**{role: browsers[role] for role in ROLES if role not in roles}, "nobody": stranger}
            for name, browser in who.items() if roles else ():
                answer = browser.request(method, there)
                if answer.status_code not in ((303, 401, 403) if name == "nobody" else (403,)):
                    wrong.append((name, method, path, answer.status_code))
    assert wrong == []


def test_nothing_is_changed_without_the_csrf_token_or_from_another_site(app: Starlette, begin: Any) -> None:
    known, wrong = stored(app, begin(), "ultrasound"), []
    for path, route in routes_of(app.routes):
        for method in (route.methods or set()) - {"GET", "HEAD"}:
            for headers in ({"x-csrf-token": ""}, {"x-csrf-token": "x" * 43}, {"origin": "https://evil.example"},
                            {"origin": "null"}, {"sec-fetch-site": "cross-site"}):  # fmt: skip
                answer = begin().request(method, filled(path, known), headers=headers)
                if answer.status_code != 403:
                    wrong.append((method, path, headers, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "GET/POST", "OPTIONS", "X" * 300])
def test_a_method_that_is_not_meant_does_nothing(app: Starlette, begin: Any, method: str) -> None:
    browser = begin()
    known = stored(app, browser, "ultrasound")
    before = app.state.record.audit.head().count
    for path, _ in routes_of(app.routes):
        answer = browser.request(method, filled(path, known), headers={"x-http-method-override": "POST"})
        assert answer.status_code in (400, 403, 404, 405), (path, answer.status_code)
    assert app.state.record.audit.head().count == before


def test_a_form_is_not_taken_by_an_address_that_is_read(app: Starlette, begin: Any) -> None:
    browser = begin()
    known = stored(app, browser, "ultrasound")
    before = json.dumps(app.state.record.ledger.standing(known["note"]).data)
    for path, route in routes_of(app.routes):
        if route.methods and "GET" in route.methods and route.name not in ("enter", "sign_out"):
            browser.get(f"{filled(path, known)}?_method=POST&do=send&sure=yes&read=yes&reason=because+of+this")
    assert json.dumps(app.state.record.ledger.standing(known["note"]).data) == before


def test_whose_account_is_disabled_is_out_at_once(app: Starlette) -> None:
    who = account(app, "gone", *ROLES)
    browser, asking = signed_in(app, app, who), Program(app, token_of(app, who))
    assert browser.get("/").status_code == asking.get(f"{API}/templates").status_code == 200
    app.state.record.accounts.change(who.id, disabled_at=clock.now())
    for path, route in routes_of(app.routes):
        if getattr(route.endpoint, "roles", ()):
            there = filled(path, {"number": "1"})
            assert browser.get(there).status_code in (303, 401, 405)
            assert asking.get(there).status_code in (401, 403, 405)


def test_qa_reads_and_changes_nothing(app: Starlette, begin: Any, qa: Browser) -> None:
    known = stored(app, begin(), "ultrasound")
    held = app.state.record.drafts.get(known["draft"]).state
    change = {"changes": [{"act": "put", "place": "patient.name", "text": "Eve Example"}], "batch": "b", "tab": "t"}
    assert qa.post(f"/drafts/{known['draft']}/changes", json=change).status_code == 403
    assert app.state.record.drafts.get(known["draft"]).state == held
    assert qa.get(f"/notes/{known['note']}").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "[::1", "x" * 500, ""])
def test_an_answer_to_another_name_is_refused_where_names_are_given(build: Any, host: str) -> None:
    app = build(hosts=("testserver",))
    answer = Browser(app).get("/sign-in", headers={"host": host})
    assert answer.status_code == 400
    assert host not in answer.text or not host


# --- markup --------------------------------------------------------------------------------------------------------

PAYLOADS = [
    "<script>xss()</script>", '"><img src=x onerror=xss()>', "'><svg/onload=xss()>", "</textarea><xss-mark onclick=1>",
    "javascript:xss()", "xss{{7*7}}${7*7}#{7*7}{%print(7*7)%}", "\u202exss<b xss=1>", "<!--<xss-mark>-->",
    '<a href="javascript:xss()">xss</a>', "</script><xss-mark>", "</title><xss-mark>", "]]><xss-mark>",
    '" autofocus onfocus=xss() xss="', "<style>*{display:none}</style><xss-mark style=x>",
    "</option></select><xss-mark>",
    "&lt;xss-mark&gt;&#60;xss-mark&#62;",
]  # fmt: skip
RUNS = ("href", "src", "action", "formaction", "data", "xlink:href", "srcdoc", "poster")


class Markup(HTMLParser):
    """What stands in a page that only input can have brought there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = f"<{tag} {attrs}>"[:200]
        if (
            tag.startswith("xss")
            or (tag == "script" and not dict(attrs).get("src"))
            or tag in ("base", "iframe", "object")
        ):
            self.wrong.append(told)
        for name, value in attrs:
            leads = re.sub(r"[\s\0]", "", value or "").lower() if name in RUNS else ""
            if name.startswith("on") or "xss" in name or leads.startswith(("javascript:", "data:text", "vbscript:")):
                self.wrong.append(told)

    handle_startendtag = handle_starttag


def unmarked(text: str) -> list[str]:
    """What is wrong with a page, or with a part of one."""
    wrong = Markup(text).wrong
    return [*wrong, "7*7 was worked out"] if "xss49" in text else wrong


def parts_of(answer: Any) -> Iterator[str]:
    """Every piece of HTML in an answer: a page, the parts of one in JSON, the narratives in a bundle."""
    media = answer.headers.get("content-type", "")
    if "html" in media or "svg" in media:
        yield answer.text
    elif "json" in media:
        yield from fragments(answer.json())


PARTS = ("sections", "fields", "parts")
"""Where the answer to a change has HTML."""


def fragments(data: Any, key: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from fragments(value, key if key in PARTS else name)
    elif isinstance(data, list):
        for value in data:
            yield from fragments(value, key)
    elif isinstance(data, str) and key in (*PARTS, "div"):
        yield data


def poisoned(template: Template) -> dict[str, Any]:
    """A note with markup in every text of its kind, rows among them."""
    examples = sorted((ROOT / "templates" / template.id / "examples").glob("complete*.note.json"))
    data: dict[str, Any] = json.loads(examples[0].read_text(encoding="utf-8"))
    payload = map(PAYLOADS.__getitem__, (number % len(PAYLOADS) for number in count()))
    for element in template.elements.values():
        if element.kind != "text" or element.computed or {"pattern", "maxLength", "format"} & set(element.shape):
            continue
        section, _, rest = element.path.partition(".")
        if element.group:
            group = element.group.partition(".")[2]
            for row in data.get(section, {}).get(group, []):
                row[element.name] = next(payload)
        elif section == HEADER:
            data[element.name] = next(payload)
        elif section in data:
            data[section][rest] = next(payload)
    return applying(
        template, {key: data[key] for key in data if key not in ("id", "status", "signed_at", "addendum_of")}
    )


def applying(template: Template, data: dict[str, Any]) -> dict[str, Any]:
    """A note without what does not apply beside its other answers, so that it can be signed."""
    while left := [*checks.left_over(derive.note(template, data | {"id": "x", "status": "draft"}))]:
        for element, row, _ in left:
            section, _, _name = element.path.rpartition(".")
            holder: Any = data
            for part in section.split(".") if section != HEADER else ():
                holder = holder[part]
            holder = next(one for one in holder if one["id"] == row.row) if row is not None else holder
            holder.pop(element.name)
    return data


def stored(app: Starlette, browser: Browser, kind: str, data: dict[str, Any] | None = None) -> dict[str, str]:
    """A signed note and a draft of the same patient, through the pages: their ids and that of the patient."""
    examples = sorted((ROOT / "templates" / kind / "examples").glob("complete*.note.json"))
    given = data or json.loads(examples[0].read_text(encoding="utf-8"))
    given = {key: value for key, value in given.items() if key not in ("id", "status", "signed_at", "addendum_of")}
    drafts, by = app.state.record.drafts, Person(browser.account.id, "Erika Example", CLINICIAN)
    first, second = (drafts.begin(given, by, clock.now()) for _ in range(2))
    signed = browser.post(f"/drafts/{first.id}/sign", data={"revision": first.revision, "read": "yes"})
    assert (signed.status_code, signed.headers.get("location")) == (303, f"/notes/{first.id}"), signed.text
    return {"note": first.id, "draft": second.id, "patient": str(second.patient)}


@pytest.mark.parametrize("kind", [*library.catalogue()])
def test_nothing_that_was_typed_becomes_markup(app: Starlette, begin: Any, kind: str) -> None:
    browser, template = begin(), app.state.templates[kind]
    data = poisoned(template)
    known = stored(app, browser, kind, data)
    changed(browser, template, known["draft"])
    acted(browser, known["note"])
    shown = 0
    wrong = []
    for path, route in routes_of(app.routes):
        if "GET" not in (route.methods or ()) or route.name == "enter":
            continue
        for file, query in product(FILES if "{file}" in path else [""], ["", "?with=" + known["note"]]):
            there = filled(path, {**known, "file": file, "number": "1", "template": kind, "rule": "R001"}) + query
            answer = browser.get(there)
            assert answer.status_code < 500, (there, answer.text[:300])
            shown += "xss" in answer.text
            wrong += [(there, one) for part in parts_of(answer) for one in unmarked(part)]
    assert wrong == []
    assert shown > 8, "the pages show what was typed"


def changed(browser: Browser, template: Template, draft: str) -> None:
    """Type markup into every text of a draft, with script and without, and hold each answer."""
    texts = [one for one in template.elements.values() if one.kind == "text" and not one.group and not one.computed]
    places = [one.path.removeprefix(f"{HEADER}.") for one in texts]
    for payload in (*PAYLOADS, "\0xss<b xss=1>", "\ud800xss", "<b xss=1>" * 12_000):
        changes = [
            {"act": "put", "place": place, "text": payload} for place in places[:: 1 if payload is PAYLOADS[0] else 9]
        ]
        body = json.dumps({"changes": changes, "batch": str(uuid.uuid4()), "tab": "t", "seen": 0, "have": {}})
        answer = browser.post(f"/drafts/{draft}/changes", content=body, headers={"content-type": "application/json"})
        assert answer.status_code < 500, answer.text[:300]
        assert [one for part in parts_of(answer) for one in unmarked(part)] == []
    posted = browser.post(f"/drafts/{draft}", data={f"v:{place}": PAYLOADS[3] for place in places} | {"do": "save"})
    assert posted.status_code < 500
    browser.post(f"/drafts/{draft}/points", data={"name": PAYLOADS[1]})


def acted(browser: Browser, note: str) -> None:
    """Add markup to a signed note by every act on one."""
    assert browser.post(f"/notes/{note}/addendum", data={"text": "\n".join(PAYLOADS), "read": "yes"}).status_code == 303
    for act in ("cosign", "addendum", "void", "amend"):
        answer = browser.post(f"/notes/{note}/{act}", data={"reason": PAYLOADS[0], "text": "", "number": PAYLOADS[1]})
        assert unmarked(answer.text) == [], act


@pytest.mark.parametrize("kind", [*library.catalogue()])
def test_the_api_and_an_import_make_no_markup_either(app: Starlette, begin: Any, kind: str) -> None:
    template = app.state.templates[kind]
    data = {**poisoned(template), "id": "hostile", "status": "final", "signed_at": clock.here()}
    browser = begin()
    for path, accept in (("/render", "text/html"), ("/render?for=patient", "text/html"), ("/fhir", "*/*")):
        answer = browser.post(API + path, json=data, headers={"accept": accept})
        assert answer.status_code in (200, 422)
        assert [one for part in parts_of(answer) for one in unmarked(part)] == [], path
    bundle = browser.post(f"{API}/fhir", json=data, headers={"accept": "*/*"})
    imported = browser.post("/import", data={"bundle": bundle.text, "template": kind})
    assert imported.status_code < 500
    assert unmarked(imported.text) == []
    foreign = re.sub("ci-notes", "cx-notes", bundle.text)
    imported = browser.post("/import", data={"bundle": foreign, "template": kind})
    assert imported.status_code < 500
    assert unmarked(imported.text) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_search_a_name_and_a_place_to_go_make_no_markup(app: Starlette, admin: Browser, payload: str) -> None:
    browser = signed_in(app, app, account(app, "carla", "clinician"))
    pages = [
        browser.post("/patients/search", data={"query": payload, "q": payload}),
        Browser(app).get("/sign-in", params={"next": payload}),
        admin.post("/accounts", data=dict.fromkeys(NAMES, payload)),
        admin.get("/audit", params=dict.fromkeys(NAMES, payload)),
        browser.get("/" + payload.replace("/", "%2f").replace("?", "%3f").replace("#", "%23")),
        browser.post("/new", data={"template": payload}),
    ]
    for page in pages:
        assert page.status_code < 500
        assert unmarked(page.text) == []


def test_the_check_of_markup_finds_some() -> None:
    """A page as it would be if nothing were escaped."""
    for payload in PAYLOADS:
        if "<" in payload and "&lt;" not in payload and "<!--" not in payload:
            assert unmarked(f'<p title="{payload}">{payload}</p>') != [], payload
    assert unmarked("<p>&lt;script&gt;xss()&lt;/script&gt;</p>") == []
