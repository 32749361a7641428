"""The form, without a browser: what it shows, what it takes, and what two people on one draft get."""

import html
import json
import re
import uuid
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser, account, signed_in
from noting import SCAN, begin
from starlette.applications import Starlette

from ci_notes.record.model import Draft, Person
from ci_notes.web import clock

EXAMPLES = Path(__file__).parents[2] / "templates"
KINDS = ("assessment", "cerclage", "follow-up", "removal", "ultrasound")
HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>{{ 7 * 7 }}"


def begun(app: Starlette, by: Browser, data: dict[str, Any]) -> Draft:
    """Begin a draft of a note."""
    who = Person(by.account.id, by.account.full_name, "clinician")
    held = {key: value for key, value in data.items() if key != "signed_at"} | {"id": str(uuid.uuid4())}
    made: Draft = app.state.record.drafts.begin(held, who, clock.now())
    return made


def empty(app: Starlette, by: Browser, kind: str = "ultrasound") -> Draft:
    """Begin a draft with nothing in it."""
    version = app.state.templates[kind].version
    start = {"template": kind, "version": version, "date": "2026-11-21T10:00:00+00:00", "jurisdiction": "UK"}
    return begun(app, by, start)


def example(path: str) -> dict[str, Any]:
    """Return an example note of a template."""
    found: dict[str, Any] = json.loads((EXAMPLES / path).read_text("utf-8"))
    return found


def sent(by: Browser, draft: str, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Send changes as the script does."""
    body = {"batch": str(uuid.uuid4()), "tab": "tab-1", "changes": list(changes), **more}
    answer = by.post(f"/drafts/{draft}/changes", json=body, headers=by.as_script())
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def put(place: str, text: str, **more: Any) -> dict[str, Any]:
    """Return a change that types something."""
    return {"act": "put", "place": place, "text": text, **more}


def have(page: str) -> dict[str, Any]:
    """Return the marks of a page, as the script sends them."""
    sections = re.findall(r"<section class=s id=(\S+) data-v=(\w+)(.*?)</section>", page, re.DOTALL)
    marks = {name: " ".join([mark, *re.findall(r"data-v=(\w+)", rest)]) for name, mark, rest in sections}
    parts = dict(re.findall(r'id="(head|strip|progress|computed|findings|narrative)" data-v="(\w+)"', page))
    return {"sections": marks, "parts": parts}


def filled(page: str) -> dict[str, list[str]]:
    """Return what a browser without script posts of a page that nobody touched."""
    posted: dict[str, list[str]] = {}
    for tag, name, value in _controls(page):
        if name in ("act", "point", "sure", "do") or name.startswith("k:"):
            continue
        if ("type=radio" not in tag and "type=checkbox" not in tag) or re.search(r"\bchecked\b", tag):
            posted.setdefault(name, []).append(value)
    return posted


def _controls(page: str) -> list[tuple[str, str, str]]:
    sheet = page[page.index('id="draft"') :]
    found = [(tag, _named(tag, "name"), _named(tag, "value")) for tag in re.findall(r"<input[^>]*>", sheet)]
    for tag, body in re.findall(r"(<select[^>]*>)(.*?)</select>", sheet, re.DOTALL):
        chosen = re.search(r"<option([^>]*) selected>([^<]*)", body)
        value = (_named(f"<option{chosen[1]}>", "value") or html.unescape(chosen[2])) if chosen else ""
        found.append((tag, _named(tag, "name"), value))
    for tag, body in re.findall(r"(<textarea[^>]*>)(.*?)</textarea>", sheet, re.DOTALL):
        found.append((tag, _named(tag, "name"), html.unescape(body.removeprefix("\n"))))
    return [one for one in found if one[1]]


def _named(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}=(?:"([^"]*)"|([^\s>]*))', tag)
    return html.unescape(found[1] if found and found[1] is not None else found[2]) if found else ""


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_note_has_a_form_with_all_that_is_asked(app: Starlette, clinician: Browser, kind: str) -> None:
    page = clinician.get(f"/drafts/{empty(app, clinician, kind).id}")
    assert page.status_code == 200
    asked = app.state.templates[kind]
    for section in asked.sections:
        assert f"<section class=s id=s-{section.name} " in page.text or section.asked
    assert "DRAFT" in page.text
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_note_of_each_kind_is_a_page_under_200_kb(app: Starlette, clinician: Browser, kind: str) -> None:
    draft = begun(app, clinician, example(f"{kind}/examples/complete.note.json"))
    page = clinician.get(f"/drafts/{draft.id}")
    assert len(page.content) < 200_000


def test_names_in_a_page_are_unique(app: Starlette, clinician: Browser) -> None:
    for query in ("", "?plain=1"):
        draft = begun(app, clinician, example("assessment/examples/complete.note.json"))
        page = clinician.get(f"/drafts/{draft.id}{query}").text
        ids = re.findall(r'\sid=(?:"([^"]*)"|([^\s>]*))', page)
        names = [one or other for one, other in ids]
        assert len(names) == len(set(names))
        described = re.findall(r'aria-describedby="([^"]*)"', page)
        assert {name for one in described for name in one.split()} <= set(names)


def test_a_stranger_and_a_reader_reach_no_draft(
    app: Starlette, clinician: Browser, qa: Browser, client: Browser
) -> None:
    draft = empty(app, clinician)
    assert client.get(f"/drafts/{draft.id}").status_code in (303, 401)
    assert qa.get(f"/drafts/{draft.id}").status_code == 403
    for path in ("changes", "points", "discard"):
        assert qa.post(f"/drafts/{draft.id}/{path}").status_code == 403


def test_a_draft_that_is_not_there_is_said_to_be_so(clinician: Browser) -> None:
    assert clinician.get(f"/drafts/{uuid.uuid4()}").status_code == 404


def test_a_new_note_knows_its_author_and_where_they_last_wrote(app: Starlette, clinician: Browser) -> None:
    first = empty(app, clinician)
    sent(clinician, first.id, put("author.facility", "Sample Maternity Hospital"))
    made = clinician.post("/new", data={"template": "assessment"}).headers["location"].rpartition("/")[2]
    told = app.state.record.drafts.get(made).data["author"]
    assert told == {"name": clinician.account.full_name, "facility": "Sample Maternity Hospital"}


# --- without script ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_sent_back_untouched_changes_nothing(app: Starlette, clinician: Browser, kind: str) -> None:
    draft = begun(app, clinician, example(f"{kind}/examples/complete.note.json"))
    page = clinician.get(f"/drafts/{draft.id}?plain=1").text
    answer = clinician.post(f"/drafts/{draft.id}", data={**filled(page), "do": "save"})
    assert answer.status_code == 303
    assert app.state.record.drafts.get(draft.id).data == draft.data


@pytest.mark.parametrize("kind", KINDS)
def test_without_script_a_note_is_filled_saved_and_checked(app: Starlette, clinician: Browser, kind: str) -> None:
    draft = empty(app, clinician, kind)
    page = clinician.get(f"/drafts/{draft.id}?plain=1").text
    form = filled(page) | {
        "v:patient.name": ["Ada Example"],
        "v:author.name": ["Bea Sample"],
        "a:patient.age": ["declined"],
    }
    clinician.post(f"/drafts/{draft.id}", data={**form, "do": "save"})
    kept = app.state.record.drafts.get(draft.id).data
    assert kept["patient"] == {"name": "Ada Example", "age": {"absent": "asked-declined"}}
    assert kept["author"] == {"name": "Bea Sample"}
    again = clinician.get(f"/drafts/{draft.id}?plain=1").text
    assert "Ada Example" in again[again.index('id="narrative"') :]
    review = clinician.post(f"/drafts/{draft.id}", data={**filled(again), "do": "review"})
    assert review.headers["location"].endswith(f"/drafts/{draft.id}/sign")


def test_without_script_what_is_unclear_stays_with_its_message(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    form = filled(clinician.get(f"/drafts/{draft.id}?plain=1").text) | {"v:patient.birth_date": ["soon"]}
    answer = clinician.post(f"/drafts/{draft.id}", data={**form, "do": "review"})
    assert answer.headers["location"].endswith("#f-patient-birth_date")
    page = clinician.get(answer.headers["location"].partition("#")[0]).text
    field = page[page.index("id=f-patient-birth_date ") :][:900]
    assert "soon" in field
    assert "A date is wanted" in field
    assert "aria-invalid=true" in field


def test_without_script_a_save_says_at_the_top_what_was_taken(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)

    def save(**typed: str) -> str:
        form = filled(clinician.get(f"/drafts/{draft.id}?plain=1").text)
        form |= {f"v:patient.{name}": [text] for name, text in typed.items()}
        answer = clinician.post(f"/drafts/{draft.id}", data={**form, "do": "save"}).headers["location"]
        assert answer.endswith("#taken")
        page = clinician.get(answer.partition("#")[0]).text
        return page[page.index('id="taken"') : page.index('id="draft"')]

    assert "✓ 2 answers were saved." in save(name="Ada Example", identifier="EX-1001")
    told = save(name="Ada Madeup", birth_date="soon", age="very")
    assert "✓ 1 answer was saved." in told
    assert "! 2 were not taken." in told
    assert '<a href="#f-patient-birth_date">To the first: Date of birth</a>' in told
    assert 'id="taken"' not in clinician.get(f"/drafts/{draft.id}?plain=1").text


def test_what_an_address_says_of_a_save_is_no_markup(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    page = clinician.get(f"/drafts/{draft.id}", params={"plain": "1", "saved": HOSTILE, "left": "1", "first": HOSTILE})
    assert "alert(1)" not in page.text


def test_without_script_buttons_work(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician, "assessment")

    def press(button: str) -> dict[str, Any]:
        form = filled(clinician.get(f"/drafts/{draft.id}?plain=1").text)
        clinician.post(f"/drafts/{draft.id}", data={**form, "do": button})
        data: dict[str, Any] = app.state.record.drafts.get(draft.id).data
        return data

    assert len(press("add-row:history.prior")["history"]["prior"]) == 1
    row = app.state.record.drafts.get(draft.id).data["history"]["prior"][0]["id"]
    assert "prior" not in press(f"remove-row:history.prior[{row}]").get("history", {})
    assert press("none:allergies.list")["allergies"]["list"] == []
    assert press("block:symptoms.symptoms")["symptoms"]["spotting"] is False


def test_without_script_an_answer_can_be_taken_back(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    sent(clinician, draft.id, {"act": "choose", "place": "ultrasound.approach", "values": ["transvaginal"]})
    form = filled(clinician.get(f"/drafts/{draft.id}?plain=1").text) | {"a:ultrasound.approach": ["clear"]}
    clinician.post(f"/drafts/{draft.id}", data={**form, "do": "save"})
    assert "approach" not in app.state.record.drafts.get(draft.id).data.get("ultrasound", {})


def test_without_script_an_old_page_takes_back_nothing_that_others_wrote(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    draft = empty(app, clinician)
    old = filled(clinician.get(f"/drafts/{draft.id}?plain=1").text)
    sent(cosigner, draft.id, put("author.facility", "North", seen=1), tab="other")
    clinician.post(f"/drafts/{draft.id}", data={**old, "v:patient.name": ["Ada Example"], "do": "save"})
    kept = app.state.record.drafts.get(draft.id)
    assert kept.data["author"]["facility"] == "North"
    assert kept.data["patient"]["name"] == "Ada Example"
    assert not kept.state["conflicts"]


# --- with script ---------------------------------------------------------------------------------------------------


def test_a_change_is_saved_and_answered_with_what_differs_alone(app: Starlette, clinician: Browser) -> None:
    draft = begun(app, clinician, example("assessment/examples/complete.note.json"))
    page = clinician.get(f"/drafts/{draft.id}").text
    told = sent(clinician, draft.id, put("ultrasound.lengths", "18"), have=have(page), seen=draft.revision)
    assert told["revision"] == draft.revision + 1
    assert "f-ultrasound-lengths" in told["fields"]
    assert len(told["fields"]) < 6
    assert not any(drawn for _, drawn in told["sections"])
    assert {"findings", "narrative"} <= set(told["parts"])
    lengths = app.state.record.drafts.get(draft.id).data["ultrasound"]["lengths"]
    assert [one["length"] for one in lengths] == [18]


def test_a_page_that_is_up_to_date_is_sent_nothing(app: Starlette, clinician: Browser) -> None:
    draft = begun(app, clinician, example("assessment/examples/complete.note.json"))
    told = sent(clinician, draft.id, have=have(clinician.get(f"/drafts/{draft.id}").text))
    assert told["fields"] == {}
    assert told["parts"] == {}
    assert not any(drawn for _, drawn in told["sections"])


def test_a_field_whose_change_was_refused_is_sent_as_it_stays(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    page = clinician.get(f"/drafts/{draft.id}").text
    told = sent(clinician, draft.id, put("date", ""), have=have(page), seen=draft.revision)
    assert [one["kind"] for one in told["outcomes"]] == ["refused"]
    assert list(told["fields"]) == ["f-date"]
    assert "2026" in told["fields"]["f-date"]


def test_a_section_whose_fields_are_others_now_comes_whole(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    page = clinician.get(f"/drafts/{draft.id}").text
    change = {"act": "choose", "place": "cerclage.in_place", "values": ["yes"]}
    told = sent(clinician, draft.id, change, have=have(page))
    drawn = dict(told["sections"])["s-cerclage"]
    assert drawn is not None
    assert "cerclage.technique" in drawn


def test_a_batch_that_is_sent_again_is_applied_once(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician, "assessment")
    change, name = {"act": "add-row", "place": "history.prior", "row": "p1"}, str(uuid.uuid4())
    first = sent(clinician, draft.id, change, batch=name)
    again = sent(clinician, draft.id, change, batch=name)
    assert first["revision"] == again["revision"]
    assert len(app.state.record.drafts.get(draft.id).data["history"]["prior"]) == 1


def test_two_tabs_that_answer_one_field_see_both_answers(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    sent(clinician, draft.id, put("author.facility", "North", seen=1), tab="one")
    told = sent(clinician, draft.id, put("author.facility", "South", seen=1), tab="two", seen=1)
    shown = told["sections"][2][1]
    assert "North" in shown
    assert "South" in shown
    assert "Two answers" in shown
    assert [one["kind"] for one in told["outcomes"]] == ["conflict"]
    settled = {"act": "resolve", "place": "author.facility", "side": "mine"}
    sent(clinician, draft.id, settled, tab="two")
    assert app.state.record.drafts.get(draft.id).data["author"]["facility"] == "South"


def test_two_people_on_different_fields_lose_nothing_and_see_each_other(
    app: Starlette, clinician: Browser, cosigner: Browser
) -> None:
    draft = empty(app, clinician)
    sent(clinician, draft.id, put("author.facility", "North", seen=1), tab="one")
    told = sent(cosigner, draft.id, put("patient.name", "Ada Example", seen=1), tab="two", seen=1)
    assert told["theirs"] == {"f-author-facility": clinician.account.full_name}
    clinician.get(f"/drafts/{draft.id}/since?tab=one")
    here = cosigner.get(f"/drafts/{draft.id}/since?tab=two").json()
    assert here["others"] == f"{clinician.account.full_name} has this open too"
    clinician.post(f"/drafts/{draft.id}/since?tab=one")
    assert cosigner.get(f"/drafts/{draft.id}/since?tab=two").json()["others"] == ""


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[]", b"{}", b'{"changes": 3}', b'{"changes": [3]}', b'{"changes": [{"act": "fly"}]}',
     b'{"changes": [{"act": "put", "place": 3}]}'],
)  # fmt: skip
def test_what_is_no_change_is_refused_in_words(app: Starlette, clinician: Browser, body: bytes) -> None:
    draft = empty(app, clinician)
    headers = clinician.as_script() | {"content-type": "application/json"}
    answer = clinician.post(f"/drafts/{draft.id}/changes", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["message"]
    assert app.state.record.drafts.get(draft.id).revision == 1


def test_a_wrong_place_is_told_and_harms_nothing(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    told = sent(clinician, draft.id, put("no.such.place", "x"), put("patient.name", "Ada Example"))
    assert [one["kind"] for one in told["outcomes"]] == ["refused", "taken"]
    assert app.state.record.drafts.get(draft.id).data["patient"]["name"] == "Ada Example"


def test_text_that_is_meant_to_do_harm_is_text(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician, "assessment")
    texts = [one for one in app.state.templates["assessment"].elements.values() if one.kind == "text" and not one.group]
    changes = [put(one.path.removeprefix("note."), HOSTILE) for one in texts]
    told = sent(clinician, draft.id, *changes, put("patient.birth_date", HOSTILE), put("exam.dilation", HOSTILE))
    pages = [clinician.get(f"/drafts/{draft.id}{query}").text for query in ("", "?plain=1")]
    for shown in (*pages, *told["parts"].values(), *(drawn or "" for _, drawn in told["sections"])):
        assert not _Armed(shown).found
    assert "&lt;script&gt;" in pages[0]


class _Armed(HTMLParser):
    """Finds what a browser would run or load in a page, but for our own script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag in ("img", "iframe", "object", "embed", "svg") or (tag == "script" and not held.get("src")):
            self.found.append(tag)
        self.found += [name for name in held if name.startswith("on") or not re.fullmatch(r"[a-z-]+", name)]
        if str(held.get("href", "")).startswith("javascript:"):
            self.found.append("href")


# --- save points ---------------------------------------------------------------------------------------------------


def test_one_goes_back_to_a_save_point(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    sent(clinician, draft.id, put("patient.name", "Ada Example"))
    clinician.post(f"/drafts/{draft.id}/points", data={"act": "mark", "name": "before the scan"})
    sent(clinician, draft.id, put("patient.name", "Somebody Else"))
    assert "before the scan" in clinician.get(f"/drafts/{draft.id}").text
    point = app.state.record.drafts.points(draft.id)[0].id
    clinician.post(f"/drafts/{draft.id}/points", data={"act": "back", "point": point})
    assert app.state.record.drafts.get(draft.id).data["patient"]["name"] == "Ada Example"


def test_a_draft_is_discarded_only_on_purpose(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    page = clinician.get(f"/drafts/{draft.id}").text
    assert page.index("I do not need this draft") > page.index('id="draft"'), "behind the form, not beside Save"
    assert clinician.post(f"/drafts/{draft.id}/discard").status_code == 422
    assert clinician.post(f"/drafts/{draft.id}/discard", data={"sure": "yes"}).status_code == 303
    assert clinician.get(f"/drafts/{draft.id}").status_code != 200


@pytest.mark.parametrize("seen", [10**30, -(10**30), 2**31, -1])
def test_a_revision_that_cannot_be_is_no_fault_of_the_server(app: Starlette, clinician: Browser, seen: int) -> None:
    draft = empty(app, clinician)
    sent(clinician, draft.id, put("patient.name", "Ada Example", seen=seen), seen=seen)


# --- the audit trail -----------------------------------------------------------------------------------------------


def test_who_read_and_wrote_is_in_the_audit_trail_once_a_sitting(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    clinician.get(f"/drafts/{draft.id}")
    for name in ("Ada", "Ada Example"):
        sent(clinician, draft.id, put("patient.name", name))
    told = [one.event.action for one in app.state.record.audit.entries() if one.event.entity == draft.id]
    assert sorted(told) == ["read", "write"]


def test_another_person_who_goes_on_is_in_the_audit_trail(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    other = signed_in(app, app, account(app, "dora", "clinician"))
    for by in (clinician, other):
        sent(by, draft.id, put("patient.name", by.account.full_name), tab=by.account.id)
    who = {one.event.who for one in app.state.record.audit.entries() if one.event.action == "write"}
    assert who == {clinician.account.id, other.account.id}


def test_who_asks_for_the_whole_form_without_its_page_is_in_the_audit_trail(app: Starlette, clinician: Browser) -> None:
    draft = empty(app, clinician)
    sent(clinician, draft.id, put("patient.name", "Ada Example"))
    other = signed_in(app, app, account(app, "dora", "clinician"))
    for _ in range(3):
        assert "Ada Example" in sent(other, draft.id, tab="theirs")["parts"]["head"]
    found = [one.event for one in app.state.record.audit.entries() if one.event.who == other.account.id]
    assert [(one.action, one.kind, one.entity) for one in found] == [("read", "draft", draft.id)]


# --- whose number it is ----------------------------------------------------------------------------------------------


def numbered(app: Starlette, browser: Browser, *others: dict[str, Any]) -> dict[str, Any]:
    """Who the patient of a new note is, once her number was typed."""
    made = browser.post("/new", data={"template": "ultrasound"}).headers["location"].rpartition("/")[2]
    sent(browser, made, put("patient.name", "Ada Example"))
    assert "identifier_system" not in app.state.record.drafts.get(made).data["patient"]
    told = sent(browser, made, put("patient.identifier", "EX-0001"), *others)
    assert len(told["outcomes"]) == 1 + len(others)
    held: dict[str, Any] = app.state.record.drafts.get(made).data["patient"]
    return held


def test_a_number_has_the_system_of_the_record_so_that_visits_are_found_together(
    app: Starlette, clinician: Browser
) -> None:
    held = numbered(app, clinician)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", held["identifier_system"])
    assert numbered(app, clinician) == held
    first, second = app.state.record.drafts.listing()
    assert first.patient == second.patient is not None


def test_a_number_has_the_first_system_that_is_set_up_unless_somebody_says_another(
    build: Callable[..., Starlette],
) -> None:
    hospital, nation = "urn:oid:2.999.20.1", "https://nation.example/id"
    app = build(identifier_systems={"Sample Hospital": hospital, "Sample Nation": nation})
    browser = signed_in(app, app, account(app, "nora", "clinician"))
    assert numbered(app, browser)["identifier_system"] == hospital
    assert numbered(app, browser, put("patient.identifier_system", nation))["identifier_system"] == nation


def test_a_system_that_a_note_has_stays_as_it_came(app: Starlette, clinician: Browser) -> None:
    draft = begin(app, clinician)
    sent(clinician, draft.id, put("patient.identifier", "EX-0002"))
    held = app.state.record.drafts.get(draft.id).data["patient"]
    assert held == {**SCAN["patient"], "identifier": "EX-0002"}


def test_a_system_is_chosen_by_its_name_and_another_is_typed(build: Callable[..., Starlette]) -> None:
    hospital, nation = "urn:oid:2.999.20.1", "https://nation.example/id"
    app = build(identifier_systems={"Sample Hospital": hospital, "Sample Nation": nation})
    browser = signed_in(app, app, account(app, "nora", "clinician"))
    draft = empty(app, browser)
    sent(browser, draft.id, put("patient.identifier", "EX-0001"))
    page = browser.get(f"/drafts/{draft.id}").text
    assert re.search(rf'value="?{hospital}"? checked><span>Sample Hospital</span>', page)
    assert "Sample Nation" in page

    chosen = {"act": "choose", "place": "patient.identifier_system", "values": [nation]}
    assert sent(browser, draft.id, chosen)["outcomes"][0]["kind"] == "taken"
    assert app.state.record.drafts.get(draft.id).data["patient"]["identifier_system"] == nation
    posted = filled(browser.get(f"/drafts/{draft.id}?plain=1").text) | {"v:patient.identifier_system": [hospital]}
    assert browser.post(f"/drafts/{draft.id}", data=posted).status_code == 303
    assert app.state.record.drafts.get(draft.id).data["patient"]["identifier_system"] == hospital

    sent(browser, draft.id, {"act": "clear", "place": "patient.identifier_system"})
    sent(browser, draft.id, put("patient.identifier_system", "urn:oid:2.999.99"))
    page = browser.get(f"/drafts/{draft.id}").text
    assert 'value="urn:oid:2.999.99"' in page
    assert "Sample Nation" not in page
