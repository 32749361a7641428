"""The HTTP API as a program meets it: what it answers, what it refuses, and who may ask."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from asking import API, Description, Program, program, said, token_of
from browsing import Browser, account, signed_in
from running import Ran
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from ci_notes import load, render, to_fhir
from ci_notes.checks import Finding
from ci_notes.fhir.lint import Fault
from ci_notes.narrative import Sentence
from ci_notes.record.model import Person, Signed
from ci_notes.web import clock
from ci_notes.web.api import VERBS

TEMPLATES = Path(__file__).parents[2] / "templates"
SCAN = TEMPLATES / "ultrasound" / "examples" / "short.note.json"
EXAMPLES = sorted(TEMPLATES.glob("*/examples/*.note.json"))


def data_of(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


@pytest.fixture
def robot(app: Starlette) -> Program:
    return program(app, "clinician")


@pytest.fixture
def description(client: Browser) -> Description:
    return Description(client.get(f"{API}/openapi.json").json())


# --- the document --------------------------------------------------------------------------------------------------


def test_every_route_is_in_the_document_and_what_is_in_the_document_is_there(
    app: Starlette, description: Description
) -> None:
    mount = next(one for one in app.routes if isinstance(one, Mount) and one.path == API)
    routes = {(method, one.path) for one in mount.routes if isinstance(one, Route) for method in one.methods - {"HEAD"}}
    assert routes == set(description.operations())


def test_every_parameter_that_is_read_is_in_the_document_with_its_values(description: Description) -> None:
    for verb in VERBS:
        path = verb.path
        operation = description.operations()[verb.method, path]
        told = {one["name"]: one["schema"].get("enum", []) for one in description.parameters(path, operation)
                if one["in"] == "query"}  # fmt: skip
        assert {name: [*values] for name, values in verb.query.items()} == told, path
        assert [*operation.get("requestBody", {}).get("content", [])] in ([], [*verb.takes][:2]), path
        assert [*description.resolved(operation["responses"]["200"])["content"]] == [*verb.gives], path


def test_every_example_of_the_document_is_answered_as_the_document_says(
    robot: Program, description: Description
) -> None:
    asked = 0
    for (method, path), operation in description.operations().items():
        there, query = path, {}
        for one in description.parameters(path, operation):
            if one["in"] == "path":
                there = there.replace(f"{{{one['name']}}}", one["example"])
            else:
                query[one["name"]] = one["example"]
        contents = operation.get("requestBody", {}).get("content", {"": {}})
        for media, content in contents.items():
            for example in map(description.resolved, content.get("examples", {"": {}}).values()):
                if media and "value" not in example:
                    continue
                for wanted in description.resolved(operation["responses"]["200"])["content"]:
                    body = json.dumps(example["value"]) if media else ""
                    headers = {"accept": wanted, **({"content-type": media} if media else {})}
                    answer = robot.request(method, API + there, params=query, headers=headers, content=body)
                    description.hold(method, path, answer)
                    assert answer.status_code == (404 if "{note}" in path or "{patient}" in path else 200), answer.text
                    asked += 1
    assert asked > 20


def test_the_schema_of_a_note_kind_holds_its_examples_and_refuses_what_is_none(description: Description) -> None:
    complete = {"$ref": "#/components/schemas/CompleteNote"}
    for path in EXAMPLES:
        description.valid(data_of(path), complete)
    with pytest.raises(AssertionError):
        description.valid(data_of(SCAN) | {"status": "finished"}, complete)


@pytest.mark.parametrize(("schema", "kind"), [("Finding", Finding), ("Sentence", Sentence), ("Faults", Fault)])
def test_the_document_names_all_that_is_told_of_a_thing(description: Description, schema: str, kind: Any) -> None:
    told = description.told["components"]["schemas"][schema]
    told = told["properties"]["faults"]["items"] if schema == "Faults" else told
    more = {"jurisdictions"} if schema == "Finding" else set()
    assert set(told["properties"]) == set(told["required"]) == {one.name for one in fields(kind)} | more


def test_the_page_is_made_of_the_document_and_loads_nothing_from_elsewhere(
    clinician: Browser, description: Description
) -> None:
    page = clinician.get("/api")
    assert page.status_code == 200
    for method, path in description.operations():
        assert f"<code>{method} {path}</code>" in page.text
    assert "<script" not in page.text
    assert set(re.findall(r'(?:src|href)="([^"#]*)', page.text)) >= {"", "/api/v1/openapi.json"}
    assert "//" not in " ".join(re.findall(r'(?:src|href)="([^"]*)', page.text))


# --- what it answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES[::6], ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_check_answers_what_the_command_line_prints(robot: Program, run: Callable[..., Ran], path: Path) -> None:
    printed = json.loads(run("check", "--format", "json", "--fail-on", "never", path).out)
    answered = robot.post(f"{API}/check", json=data_of(path)).json()
    assert answered[0].pop("file") == "the note"
    assert printed[0].pop("file") == str(path)
    assert answered == printed


@pytest.mark.parametrize("day", [None, "the third of May", {"absent": "not-asked"}])
def test_check_answers_for_a_signed_note_without_a_date(robot: Program, day: object) -> None:
    note = {**data_of(EXAMPLES[0]), "status": "final", "date": day}
    answered = robot.post(f"{API}/check", json={key: value for key, value in note.items() if value is not None})
    assert answered.status_code == 200
    assert any(one["severity"] == "error" and "date" in one["places"] for one in answered.json()[0]["findings"])


def test_check_takes_yaml_another_jurisdiction_and_another_day(robot: Program) -> None:
    note = "template: ultrasound\nid: a\nstatus: draft\ndate: '2026-11-03T10:00:00Z'\njurisdiction: US\n"
    report = robot.post(
        f"{API}/check", params={"jurisdiction": "CA", "today": "2026-10-01"}, content=note,
        headers={"content-type": "application/yaml"},
    ).json()[0]  # fmt: skip
    assert report["jurisdiction"] == "CA"
    assert "R013" in {one["rule"] for one in report["findings"]}, "the note is dated after that day"


def test_notes_that_are_checked_together_are_held_against_one_another(robot: Program, description: Description) -> None:
    two = description.operations()["POST", "/check"]["requestBody"]["content"]["application/json"]["examples"][
        "several"
    ]
    first, second = robot.post(f"{API}/check", json=two["value"]).json()
    alone = robot.post(f"{API}/check", json=two["value"]["notes"][1]).json()[0]
    assert [first["file"], second["file"]] == ["notes[0]", "notes[1]"]
    added = {one["rule"] for one in second["findings"]} - {one["rule"] for one in alone["findings"]}
    assert "R009" in added, "another due date than before"


@pytest.mark.parametrize("form", ["text/plain", "text/markdown", "text/html"])
def test_render_answers_the_narrative_as_it_is_asked_for(robot: Program, run: Callable[..., Ran], form: str) -> None:
    to = {"text/plain": "text", "text/markdown": "markdown", "text/html": "html"}[form]
    answered = robot.post(f"{API}/render", json=data_of(SCAN), headers={"accept": f"{form}, application/json;q=0.2"})
    assert answered.headers["content-type"] == f"{form}; charset=utf-8"
    assert answered.text == run("render", "--to", to, SCAN).out


def test_render_answers_a_page_for_the_patient_of_a_signed_note_alone(robot: Program, run: Callable[..., Ran]) -> None:
    page = robot.post(f"{API}/render?for=patient", json=data_of(SCAN), headers={"accept": "text/plain"})
    assert page.text == run("render", "--for", "patient", SCAN).out
    refused = robot.post(f"{API}/render?for=patient", json=data_of(SCAN) | {"status": "draft"})
    assert refused.status_code == 422
    assert "only from a signed note" in said(refused)


def test_render_tells_the_trace_and_what_is_not_in_the_narrative(robot: Program) -> None:
    note = data_of(SCAN) | {"exam": {"dilation": 3}}
    told = robot.post(f"{API}/render", json=note, headers={"accept": "application/json"}).json()
    traced = render(load(note), trace=True)
    assert [one["text"] for one in told["sentences"]] == [one.text for one in traced]
    assert [one["says"] for one in told["sentences"]] == [[*one.says] for one in traced]
    assert [one["place"] for one in told["not_in_the_narrative"]] == ["exam"]


def test_fhir_answers_the_bundle_that_the_command_line_writes(robot: Program, run: Callable[..., Ran]) -> None:
    query = {"bundle": "transaction", "detail": "lean", "length-unit": "cm"}
    answered = robot.post(f"{API}/fhir", params=query, json=data_of(SCAN))
    assert answered.headers["content-type"] == "application/fhir+json"
    options = ("--bundle", "transaction", "--detail", "lean", "--length-unit", "cm")
    assert answered.json() == json.loads(run("fhir", *options, SCAN).out)


def test_fhir_retracts_what_an_amendment_removed(robot: Program) -> None:
    before = data_of(SCAN)
    after = {**before, "status": "amended", "plan": {}}
    bundle = robot.post(f"{API}/fhir", json={"note": after, "previous": before}).json()
    statuses = {one["resource"].get("status") for one in bundle["entry"]}
    assert "entered-in-error" in statuses
    assert bundle == to_fhir(load(after), render(load(after)), previous=load(before))


def test_import_gives_back_the_note_of_a_bundle_of_ours(robot: Program) -> None:
    bundle = robot.post(f"{API}/fhir", json=data_of(SCAN)).content
    told = robot.post(f"{API}/import", content=bundle, headers={"content-type": "application/fhir+json"}).json()
    assert told["note"] == data_of(SCAN)
    assert told["account"]["ours"]


def test_import_makes_a_draft_of_what_it_recognises(robot: Program, description: Description) -> None:
    bundle = description.told["components"]["examples"]["length"]["value"]
    told = robot.post(f"{API}/import?template=ultrasound&date=2026-11-03", json=bundle).json()
    assert told["note"]["ultrasound"]["lengths"][0]["length"] == 18
    assert told["note"]["status"] == "draft"
    assert {one["at"] for one in told["account"]["taken"]} >= {"patient.name", "patient.birth_date"}


def test_lint_tells_what_is_wrong_with_a_bundle(robot: Program) -> None:
    told = robot.post(f"{API}/lint", json={"resourceType": "Bundle", "type": "collection", "entri": []}).json()
    assert [one["code"] for one in told[0]["faults"]][:1] == ["unknown-element"]


def test_a_rule_is_found_by_its_id_by_its_name_and_among_all(robot: Program) -> None:
    by_id, every = robot.get(f"{API}/rules/R031").json(), robot.get(f"{API}/rules").json()
    assert robot.get(f"{API}/rules/{by_id['name']}").json() == by_id
    assert "R031" in [one["id"] for one in every]
    assert robot.get(f"{API}/rules/usual-range").json()["id"] == "usual-range"


# --- what it refuses -----------------------------------------------------------------------------------------------

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "words"),
    [
        ("/check", "{", {}, 400, "body: The body is not JSON: column 2"),
        ("/check", "a: &b c", {"content-type": "text/yaml"}, 400, "uses an alias or anchor"),
        ("/check", '{"template": "a", "template": "b"}', {}, 400, "«template» twice"),
        ("/check", '{"template": NaN}', {}, 400, "which is no number"),
        ("/check", '{"template": "\\ud800"}', {}, 400, "half a character"),
        ("/check", "[" * 100 + "]" * 100, {}, 400, "nested too deeply"),
        ("/check", b"\x1f\x8b\x08\x00", {}, 400, "is compressed (gzip)"),
        ("/check", b"\xff\xfe{\x00", {}, 400, "is UTF-16"),
        ("/check", "", {}, 400, "The body is empty."),
        ("/check", "3", {}, 422, "The note holds a number, not a group of fields."),
        ("/check", "{}", {}, 422, "does not name its template"),
        ("/check", '{"template": "asessment"}', {}, 422, "did you mean «assessment»?"),
        ("/check", '{"template": "../assessment"}', {}, 422, "a template is named by its id"),
        ("/check", '{"template": ["assessment"]}', {}, 422, "does not name its template"),
        ("/check", '{"resourceType": "Bundle"}', {}, 422, "is a FHIR Bundle, not a note"),
        ("/check", '{"notes": []}', {}, 422, "notes: Several notes are sent as"),
        ("/check", '{"notes": [{"template": "removal"}, 4, {}]}', {}, 422, "notes[2]: "),
        ("/check", '{"notes": [' + '{"template": "removal"},' * 1000 + "{}]}", {}, 413, "1001 notes are too many"),
        ("/check?today=tomorrow", "{}", {}, 400, "?today is a date such as"),
        (
            "/check?juridiction=US",
            "{}",
            {},
            400,
            "?juridiction: There is no ?juridiction here; there are ?jurisdiction",
        ),
        ("/check?jurisdiction=FR", "{}", {}, 400, "?jurisdiction is one of US, UK, CA, INTL, not «FR»."),
        ("/check?today=2026-11-03&today=2026-11-04", "{}", {}, 400, "?today is given twice"),
        ("/check", "{}", {"content-type": "text/plain"}, 415, "not text/plain"),
        ("/check", "{}", {"content-type": "application/json; charset=latin-1"}, 415, "UTF-8 text, not latin-1"),
        ("/check", "{}", {"content-encoding": "gzip"}, 415, "sent unpacked, not as gzip"),
        ("/check", "{}", {"accept": "text/html"}, 406, "Accept: This is answered as application/json"),
        ("/check", "{}", {"accept": "application/json;q=0"}, 406, "Accept"),
        ("/render", "{}", {"accept": "image/png"}, 406, "text/plain or text/markdown"),
        ("/fhir", "{", {}, 400, "at body: The body is not JSON"),
        ("/fhir", '{"template": "removal", "exam": 3}', {}, 422, "at body: "),
        ("/fhir", '{"note": 3, "previous": 4}', {}, 422, "The note holds a number"),
        ("/fhir?bundle=batch", "{}", {}, 400, "?bundle is one of document, transaction, collection"),
        ("/fhir", "{}", {"accept": "text/plain"}, 406, "application/fhir+json"),
        ("/import", "<Bundle xmlns='http://hl7.org/fhir'/>", {}, 400, "FHIR in XML"),
        ("/import", "[]", {}, 422, "a Bundle is wanted"),
        ("/import", '{"template": "removal"}', {}, 422, "this is a note already".capitalize()),
        ("/import", '{"resourceType": "Bundle"}', {}, 422, "with ?template= (assessment, "),
        ("/import", '{"resourceType": "Bumble"}', {}, 422, "FHIR R4 has no resource «Bumble»"),
        ("/import?template=xyz", '{"resourceType": "Bundle"}', {}, 422, "There is no template «xyz» (there are: "),
        ("/import?template=removal&date=now", '{"resourceType": "Bundle"}', {}, 400, "?date is a date such as"),
        ("/import?template=removal", '{"resourceType": "Bundle", "type": "collection"}', {}, 422, "at body: "),
        ("/lint", "nonsense", {}, 400, "The body is not JSON"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place_and_what_would_be_right(
    robot: Program, description: Description, path: str, body: Any, headers: dict[str, str], *, status: int, words: str
) -> None:
    answer = robot.post(API + path, content=body, headers={**JSON, **headers})
    assert (answer.status_code, words in said(answer)) == (status, True), said(answer)
    description.hold("POST", path.partition("?")[0], answer)
    if answer.headers["content-type"].startswith("application/problem"):
        assert answer.json()["status"] == status


def test_what_is_too_large_is_refused(robot: Program) -> None:
    for path in ("/check", "/fhir"):
        answer = robot.post(API + path, content=b" " * (8 * 2**20 + 1), headers=JSON)
        assert answer.status_code == 413
        assert "8" in said(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/check", 405),
        ("DELETE", "/templates", 405),
        ("GET", "/nothing", 404),
        ("GET", "/templates/nothing", 404),
        ("GET", "/rules/R0", 404),
        ("GET", "/notes/1", 404),
        ("GET", "/templates/..%2f..%2fetc/schema", 404),
    ],
)
def test_what_is_not_there_is_a_problem_too(robot: Program, method: str, path: str, status: int) -> None:
    answer = robot.request(method, API + path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert answer.headers["allow"]


# --- who may ask ---------------------------------------------------------------------------------------------------


def test_a_stranger_is_told_how_to_come_in(app: Starlette, description: Description) -> None:
    stranger = Program(app)
    for method, path in description.operations():
        if path == "/openapi.json":
            continue
        there = path.replace("{note}", "5ca00000-0000-4000-8000-000000000001").replace("{patient}", "5ca0" * 8)
        answer = stranger.request(method, API + there, headers={"authorization": "Bearer made-up"})
        assert (path, answer.status_code) == (path, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "API token" in said(answer)
        description.hold(method, path, answer)


def test_a_browser_that_is_signed_in_may_ask_with_the_csrf_token_alone(app: Starlette) -> None:
    browser = signed_in(app, app, account(app, "carla", "clinician"))
    assert browser.get(f"{API}/templates").status_code == 200
    assert browser.post(f"{API}/check", json=data_of(SCAN), headers={"accept": "*/*"}).status_code == 200
    del browser.headers["x-csrf-token"]
    for path, form in (("/check", "application/problem+json"), ("/fhir", "application/fhir+json")):
        refused = browser.post(f"{API}{path}", json=data_of(SCAN), headers={"accept": "*/*"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, form)
        assert "another site" in said(refused)


def test_the_token_of_an_account_that_was_disabled_lets_nobody_in(app: Starlette, robot: Program) -> None:
    assert robot.get(f"{API}/templates").status_code == 200
    app.state.record.accounts.change(robot.account.id, disabled_at=clock.now())
    assert robot.get(f"{API}/templates").status_code == 401


def test_the_token_of_an_account_is_no_session_of_a_browser(app: Starlette) -> None:
    browser = Browser(app)
    browser.hold(token_of(app, account(app, "carla", "clinician")))
    assert browser.get(f"{API}/templates", headers={"accept": "*/*"}).status_code == 401


# --- signed notes --------------------------------------------------------------------------------------------------


def signed(app: Starlette, note: dict[str, Any] | None = None) -> str:
    """The id of a note that was written and signed."""
    by = Person("u-bea", "Dr Bea Sample", "clinician")
    record, data = app.state.record, note or data_of(SCAN)
    draft = record.drafts.begin({key: data[key] for key in data if key != "id"}, by, clock.now())
    whole = {**draft.data, "id": draft.id, "status": "final", "signed_at": "2026-11-03T12:00:00+00:00"}
    sentences = [
        {"section": one.section, "text": one.text, "says": [*one.says], "because": [*one.because], "opens": one.opens}
        for one in render(load(whole), trace=True)
    ]
    record.ledger.sign(draft.id, draft.revision, Signed(whole, "f" * 64, sentences), by, clock.now())
    return str(draft.id)


def test_a_signed_note_is_given_as_it_stands_and_that_is_kept_in_the_audit_trail(
    app: Starlette, robot: Program, description: Description
) -> None:
    note = signed(app)
    answer = robot.get(f"{API}/notes/{note}")
    description.hold("GET", "/notes/{note}", answer)
    assert answer.json()["id"] == note
    assert answer.json()["ultrasound"] == data_of(SCAN)["ultrasound"]
    last = app.state.record.audit.entries()[-1].event
    assert (last.who, last.action, last.entity, bool(last.patient)) == (robot.account.id, "read", note, True)
    app.state.record.ledger.void(note, "of another patient", Person("u", "Dr Bea Sample", "clinician"), clock.now())
    again = robot.get(f"{API}/notes/{note}")
    assert again.json()["status"] == "entered-in-error"
    assert again.headers["etag"] != answer.headers["etag"]


def test_the_bundle_of_a_signed_note_has_the_narrative_that_was_signed(
    app: Starlette, robot: Program, description: Description
) -> None:
    note = signed(app)
    answer = robot.get(f"{API}/notes/{note}/bundle?bundle=collection")
    description.hold("GET", "/notes/{note}/bundle", answer)
    assert answer.json()["type"] == "collection"
    told = robot.post(f"{API}/import", json=answer.json()).json()
    assert told["note"] == robot.get(f"{API}/notes/{note}").json()


def test_the_notes_of_a_patient_are_listed_in_time_order_without_drafts(
    app: Starlette, robot: Program, description: Description
) -> None:
    later, sooner = signed(app), signed(app, data_of(SCAN) | {"date": "2026-10-01T10:00:00+00:00"})
    app.state.record.drafts.begin(data_of(SCAN), Person("u", "Dr Bea Sample", "clinician"), clock.now())
    patient = app.state.record.ledger.standing(later).latest.patient
    answer = robot.get(f"{API}/patients/{patient}/notes")
    description.hold("GET", "/patients/{patient}/notes", answer)
    assert [one["note"] for one in answer.json()] == [sooner, later]
    assert robot.get(answer.json()[0]["url"]).json()["id"] == sooner


def test_signed_notes_are_for_those_who_may_read_notes(app: Starlette) -> None:
    note = signed(app)
    patient = app.state.record.ledger.standing(note).latest.patient
    for roles, status in ((("admin",), 403), (("qa",), 200), (("admin", "clinician"), 200)):
        asking = program(app, *roles)
        for path in (f"/notes/{note}", f"/notes/{note}/bundle", f"/patients/{patient}/notes"):
            answer = asking.get(API + path)
            assert (roles, path, answer.status_code) == (roles, path, status)
    assert program(app, "admin", "co-signer").get(f"{API}/notes/{patient}").status_code == 404


# --- the page of the documentation ---------------------------------------------------------------------------------


def test_every_command_of_the_page_is_answered(robot: Program) -> None:
    """The commands are read as curl reads them, and sent without it."""
    page = (TEMPLATES.parent / "docs" / "http-api.md").read_text(encoding="utf-8")
    commands = [shlex.split(line[2:]) for line in page.splitlines() if line.startswith("$ curl")]
    for command in commands:
        headers = {
            name.lower(): value.strip()
            for name, _, value in (one.partition(":") for flag, one in pairwise(command) if flag == "--header")
        }
        assert headers.pop("authorization") == "Bearer $TOKEN"
        address = command[-1].removeprefix("$CI_NOTES")
        if "--data-binary" in command:
            body = (TEMPLATES.parent / command[command.index("--data-binary") + 1].removeprefix("@")).read_bytes()
            answer = robot.post(address, content=body, headers=headers)
        else:
            answer = robot.get(address, headers=headers)
        assert answer.status_code == 200, (command, answer.text)
    assert len(commands) > 8
