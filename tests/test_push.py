"""Notes pushed to a FHIR server: a repeat changes nothing, nobody else's record is touched, failures are explained."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from running import Ran, run_program
from small_server import Store, Trouble, outcome, serving

from ci_notes.pushing import comparing
from ci_notes.pushing import sending as pushing
from ci_notes.pushing import server as talking

Json = dict[str, Any]
Push = Callable[..., Ran]

NOTE: Json = {
    "id": "3f3c8f0e-5a1d-4a52-9a6e-2d9d1c5b7a01",
    "template": "assessment",
    "version": "0.2.0",
    "status": "final",
    "date": "2026-10-05T09:30:00+02:00",
    "jurisdiction": "INTL",
    "patient": {
        "name": "Ida Madeup",
        "birth_date": "1997-03-04",
        "gender": "female",
        "identifier_system": "https://hospital.example/patients",
        "identifier": "EX-4711",
    },
    "author": {
        "name": "Dr Fay Madeup",
        "identifier_system": "https://hospital.example/staff",
        "identifier": "ST-1",
        "facility": "Sample Hospital",
    },
    "visit": {"reason": "history", "encounter": "V-9", "encounter_system": "https://hospital.example/visits"},
    "pregnancy": {"current": True, "plurality": 1, "ga_stated": "14w2d"},
    "history": {"gravida": 3, "preterm": 2, "prior": [{"id": "p1", "ga_end": "23w"}, {"id": "p2", "ga_end": "28w"}]},
    "ultrasound": {"done": True, "scan_date": "2026-10-05", "lengths": [{"id": "m1", "length": 22}]},
    "cerclage": {"in_place": True},
}

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "hospital-1",
    "identifier": [{"system": "https://hospital.example/patients", "value": "EX-4711"}],
    "name": [{"family": "Madeup-Newname", "given": ["Ida"]}],
    "birthDate": "1997-03-04",
    "telecom": [{"system": "phone", "value": "555-0100"}],
}

TOKEN = "secret-Token.123"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "WAIT", 0)
    monkeypatch.setattr(talking, "WAIT", 0)
    monkeypatch.delenv("CI_NOTES_TOKEN", raising=False)


@pytest.fixture
def server() -> Iterator[Store]:
    with serving() as store:
        yield store


@pytest.fixture
def push(tmp_path: Path, server: Store) -> Push:
    def pushed(note: Json = NOTE, *options: str, to: str = "") -> Ran:
        path = tmp_path / "visit.note.json"
        path.write_text(json.dumps(note))
        return run_program("push", path, "--to", to or server.base, *options)

    return pushed


def changed(**sections: Any) -> Json:
    """Return the note as it was amended: sections in the place of those it had, None for none."""
    note = {**NOTE, "status": "amended", **sections}
    return {key: value for key, value in note.items() if value is not None}


def sent(server: Store) -> list[Json]:
    """Return the entries of the last transaction."""
    entries: list[Json] = (server.writes()[-1].body or {})["entry"]
    return entries


# --- a repeat changes nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("detail", ["lean", "full"])
def test_a_push_brings_the_note_and_a_repeat_changes_nothing(push: Push, server: Store, detail: str) -> None:
    first = push(NOTE, "--detail", detail)
    assert first.code == 0, first.err
    assert len(server.of("Composition")) == len(server.of("Patient")) == 1
    before = server.versions()
    for _ in range(2):
        again = push(NOTE, "--detail", detail)
        assert again.code == 0
        assert "nothing was sent" in again.err
    assert server.versions() == before
    assert {*before.values()} == {"1"}
    assert len(server.writes()) == 1


def test_nothing_on_the_server_refers_to_what_is_not_there(push: Push, server: Store) -> None:
    push()
    text = json.dumps(server.resources)
    assert "urn:uuid:" not in text
    found = [part.split('"')[0] for part in text.split('"reference": "')[1:]]
    assert found
    assert {*found} <= {*server.resources}


def test_people_places_and_encounters_of_the_server_are_referred_to_and_never_changed(
    push: Push, server: Store
) -> None:
    server.put(PATIENT)
    assert push().code == 0
    assert push(changed(ultrasound={"done": False})).code == 0
    (patient,) = server.of("Patient")
    assert patient == {**PATIENT, "meta": {"versionId": "1"}}
    assert server.of("Composition")[0]["subject"] == {"reference": "Patient/hospital-1"}


@pytest.mark.parametrize("way", ["transaction", "us-core"])
def test_two_patients_with_one_identifier_stop_the_push_and_are_named(push: Push, server: Store, way: str) -> None:
    server.put(PATIENT)
    server.put({**PATIENT, "id": "hospital-2"})
    ran = push(NOTE, "--way", way)
    assert ran.code == 2
    assert "Patient/hospital-1 and Patient/hospital-2" in ran.err
    assert "EX-4711" not in ran.err
    assert not server.writes()


def test_a_patient_of_another_birth_date_stops_the_push(push: Push, server: Store) -> None:
    server.put({**PATIENT, "birthDate": "1979-04-03"})
    ran = push()
    assert ran.code == 2
    assert "Patient/hospital-1 on the server has the note's identifier and another birth date" in ran.err
    assert "1979" not in ran.err
    assert not server.writes()


def test_a_patient_that_was_merged_into_another_stops_the_push(push: Push, server: Store) -> None:
    link = [{"type": "replaced-by", "other": {"reference": "Patient/hospital-7"}}]
    server.put({**PATIENT, "active": False, "link": link})
    ran = push()
    assert ran.code == 2
    assert "merged into Patient/hospital-7" in ran.err
    assert not server.writes()


def test_an_encounter_of_another_patient_stops_the_push(push: Push, server: Store) -> None:
    server.put(PATIENT)
    server.put(
        {
            "resourceType": "Encounter",
            "id": "visit-9",
            "identifier": [{"system": "https://hospital.example/visits", "value": "V-9"}],
            "status": "finished",
            "subject": {"reference": "Patient/hospital-8"},
        }
    )
    ran = push()
    assert ran.code == 2
    assert "Encounter/visit-9 on the server has the note's number of the encounter and is of another patient" in ran.err
    assert not server.writes()


# --- an amended note -----------------------------------------------------------------------------------------------


def test_an_amended_note_replaces_what_changed_and_takes_back_what_is_gone(push: Push, server: Store) -> None:
    ultrasound = {**NOTE["ultrasound"], "funnelling": True}
    push({**NOTE, "status": "amended", "ultrasound": ultrasound}, "--detail", "full")
    before = server.versions()
    gone = {one["id"] for one in server.of("Observation") if "unnelling" in one["code"]["text"]}
    assert gone
    amended = changed(ultrasound={**NOTE["ultrasound"], "lengths": [{"id": "m1", "length": 18}]})
    ran = push(amended, "--detail", "full")
    assert ran.code == 0, ran.err
    after = server.versions()
    assert {*after} == {*before}
    touched = {address for address in after if after[address] != before[address]}
    retracted = {one["id"] for one in server.of("Observation") if one["status"] == "entered-in-error"}
    assert retracted == gone
    lengths = {f"Observation/{one['id']}" for one in server.of("Observation") if "18" in json.dumps(one)}
    composition = {f"Composition/{one['id']}" for one in server.of("Composition")}
    response = {f"QuestionnaireResponse/{one['id']}" for one in server.of("QuestionnaireResponse")}
    assert (
        composition | response <= touched <= lengths | composition | response | {f"Observation/{one}" for one in gone}
    )
    assert touched & lengths
    assert {*(entry["request"]["ifMatch"] for entry in sent(server))} == {'W/"1"'}
    again = push(amended, "--detail", "full")
    assert "nothing was sent" in again.err
    assert server.versions() == after


@pytest.mark.parametrize("way", ["transaction", "us-core"])
def test_what_an_amendment_leaves_alone_stays_final_and_is_not_sent(push: Push, server: Store, way: str) -> None:
    push(NOTE, "--way", way)
    before = server.versions()
    amended = changed(ultrasound={**NOTE["ultrasound"], "lengths": [{"id": "m1", "length": 18}]})
    ran = push(amended, "--way", way)
    assert ran.code == 0, ran.err
    lengths = {one["id"] for one in server.of("Observation") if '"value": 18' in json.dumps(one)}
    assert lengths
    for one in server.of("Observation"):
        assert one["status"] == ("amended" if one["id"] in lengths else "final"), one["code"]["text"]
        assert (server.versions()[f"Observation/{one['id']}"] != before.get(f"Observation/{one['id']}")) == (
            one["id"] in lengths
        )
    after = server.versions()
    assert "nothing was sent" in push(amended, "--way", way).err
    assert server.versions() == after


@pytest.mark.parametrize("way", ["transaction", "us-core"])
@pytest.mark.parametrize("later", ["amended", "entered-in-error"])
def test_an_earlier_version_does_not_go_over_a_later_one(push: Push, server: Store, way: str, later: str) -> None:
    push(NOTE, "--way", way)
    push({**changed(cerclage=None), "status": later}, "--way", way)
    before = server.versions()
    ran = push(NOTE, "--way", way)
    assert ran.code == 2
    assert f"before it was {'amended' if later == 'amended' else 'marked as entered in error'}" in ran.err
    assert "nothing was sent" in ran.err
    assert server.versions() == before


@pytest.mark.parametrize("way", ["transaction", "us-core"])
def test_a_note_that_was_in_the_wrong_chart_moves_to_the_right_one(push: Push, server: Store, way: str) -> None:
    system = {"identifier_system": "https://hospital.example/other"}
    server.put(PATIENT)
    server.put(
        {**PATIENT, "id": "hospital-2", "identifier": [{"system": system["identifier_system"], "value": "EX-4711"}]}
    )
    without_visit = changed(visit=None)
    push(without_visit, "--way", way)
    ran = push({**without_visit, "patient": {**NOTE["patient"], **system}}, "--way", way)
    assert ran.code == 0, ran.err
    subjects = {one["subject"]["reference"] for one in server.resources.values() if "subject" in one}
    assert subjects == {"Patient/hospital-2"}


def test_what_was_taken_back_comes_again_when_the_note_says_it_again(push: Push, server: Store) -> None:
    push(changed())
    push(changed(cerclage=None, date="2026-10-06T09:30:00+02:00"))
    procedure = server.of("Procedure")[0]
    assert procedure["status"] == "entered-in-error"
    push(changed(date="2026-10-07T09:30:00+02:00"))
    assert server.of("Procedure")[0]["status"] != "entered-in-error"
    assert len(server.of("Procedure")) == 1


def test_what_somebody_changed_on_the_server_is_left_while_the_note_is_what_it_was(push: Push, server: Store) -> None:
    push()
    one = server.of("Procedure")[0]
    server.put({**one, "note": [{"text": "Seen again by the ward."}]})
    ran = push()
    assert ran.code == 0
    assert "1 left as somebody changed it there" in ran.err
    assert "note" in server.of("Procedure")[0]
    assert len(server.writes()) == 1


def test_a_note_sent_in_full_is_not_taken_back_by_a_lean_push(push: Push, server: Store) -> None:
    push(NOTE, "--detail", "full")
    ran = push(NOTE, "--detail", "lean")
    assert "in full" in ran.err
    assert len(server.writes()) == 1


@pytest.mark.parametrize("way", ["transaction", "us-core"])
def test_a_note_entered_in_error_is_taken_back(push: Push, server: Store, way: str) -> None:
    push(NOTE, "--way", way)
    resources = {*server.resources}
    in_error = {**NOTE, "status": "entered-in-error"}
    ran = push(in_error, "--way", way)
    assert ran.code == 0, ran.err
    assert {*server.resources} == resources
    for one in server.resources.values():
        if one["resourceType"] not in ("Patient", "Practitioner", "Organization", "Encounter"):
            assert "entered-in-error" in json.dumps([one.get("status"), one.get("verificationStatus")]), one
    before = server.versions()
    push(in_error, "--way", way)
    assert server.versions() == before


@pytest.mark.parametrize("way", ["transaction", "us-core"])
def test_a_note_entered_in_error_that_was_never_sent_is_not_sent(push: Push, server: Store, way: str) -> None:
    ran = push({**NOTE, "status": "entered-in-error"}, "--way", way)
    assert ran.code == 0, ran.err
    assert not server.resources


# --- interrupted, busy, changed in between -------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before it was done", "after it was done"])
@pytest.mark.parametrize("status", [0, 500, 502, 504], ids=["cut", "500", "502", "504"])
def test_a_push_without_an_answer_is_brought_to_its_end_without_doubling(
    push: Push, server: Store, after: bool, status: int
) -> None:
    server.trouble.append(Trouble("POST", status, after=after))
    ran = push()
    assert ran.code == 0, ran.err
    assert "looked at the server again" in ran.err
    assert {*server.versions().values()} == {"1"}
    assert len(server.of("Patient")) == len(server.of("Composition")) == 1
    assert len(server.writes()) == (1 if after else 2)


def test_a_push_that_is_never_answered_says_that_it_may_be_repeated(push: Push, server: Store) -> None:
    server.trouble += [Trouble("POST", 0) for _ in range(9)]
    ran = push()
    assert ran.code == 2
    assert "was cut before the answer came; whether the note arrived is not known: push it again" in ran.err
    server.trouble.clear()
    assert push().code == 0
    assert {*server.versions().values()} == {"1"}


def test_a_server_slower_than_the_timeout_is_asked_again(push: Push, server: Store) -> None:
    let_go = threading.Event()
    server.trouble.append(Trouble("POST", 0, after=True, wait=let_go))
    ran = push(NOTE, "--timeout", "0.3")
    let_go.set()
    assert ran.code == 0, ran.err
    assert "did not answer within 0.3 seconds" in ran.err
    assert len(server.of("Composition")) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_reading_is_tried_again(push: Push, server: Store, status: int) -> None:
    server.trouble.append(Trouble("GET", status, path="Patient"))
    server.trouble.append(Trouble("GET", 0, path="metadata"))
    assert push().code == 0


@pytest.mark.parametrize("when", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"])
def test_a_busy_server_is_asked_again_when_it_says(push: Push, server: Store, when: str) -> None:
    server.trouble.append(Trouble("POST", 503, headers={"Retry-After": when}))
    assert push().code == 0
    assert len(server.writes()) == 2


def test_a_server_that_wants_much_patience_is_left_alone(push: Push, server: Store) -> None:
    server.trouble += [Trouble("POST", 503, headers={"Retry-After": "3600"}) for _ in range(9)]
    ran = push()
    assert ran.code == 2
    assert "it asks to be left alone for 3600 seconds" in ran.err
    assert len(server.writes()) == 1


@pytest.mark.parametrize("status", [409, 412])
def test_a_resource_changed_in_between_is_planned_anew(push: Push, server: Store, status: int) -> None:
    server.trouble.append(Trouble("POST", status))
    ran = push()
    assert ran.code == 0
    assert "planned anew" in ran.err


def test_resources_that_keep_changing_end_the_push(push: Push, server: Store) -> None:
    server.trouble += [Trouble("POST", 412, outcome("Version conflict")) for _ in range(9)]
    ran = push()
    assert ran.code == 2
    assert "keep changing" in ran.err
    assert "Version conflict" in ran.err
    assert len(server.writes()) == pushing.ROUNDS


# --- refused -------------------------------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (Trouble("GET", 401), "asks who you are; put a token into the environment variable CI_NOTES_TOKEN"),
        (Trouble("POST", 401), "asks who you are"),
        (Trouble("GET", 403), "does not allow this with the access you have"),
        (Trouble("POST", 403, outcome("No scope for Procedure.write")), "No scope for Procedure.write"),
        (Trouble("GET", 404), "there is no FHIR server at"),
        (Trouble("GET", 200, HTML), "a web page, not with FHIR"),
        (Trouble("POST", 200, HTML), "a web page, not with FHIR"),
        (Trouble("POST", 400, HTML), "status 400 and a web page"),
        (Trouble("GET", 200, b"<Patient/>"), "XML, not with FHIR in JSON"),
        (Trouble("GET", 200, b'{"resourceType": "Capab'), "something unreadable, not with FHIR"),
        (Trouble("GET", 200, b"[" * 9999), "something unreadable, not with FHIR"),
        (Trouble("GET", 200, b"[]"), "something unreadable, not with FHIR"),
        (Trouble("GET", 200, b""), "answered with nothing"),
        (Trouble("GET", 200, b'{"resourceType": "Patient"}'), "is it a FHIR server?"),
        (Trouble("GET", 200, b'{"resourceType": "Patient"}', path="Patient"), "no list of results"),
        (
            Trouble("GET", 200, b'{"resourceType": "Composition", "section": 3}', path="Composition"),
            "in a shape that is not FHIR's",
        ),
        (Trouble("POST", 200, b'{"resourceType": "Bundle", "entry": [7]}'), "does not confirm"),
        (Trouble("POST", 200, b""), "does not confirm"),
        (Trouble("GET", 307, headers={"Location": "https://elsewhere.example/fhir?x=1"}), "https://elsewhere.example/fhir"),
        (Trouble("POST", 301, headers={"Location": "http://[bad"}), "is not followed"),
    ],
    ids=lambda value: "" if isinstance(value, Trouble) else value[:30],
)  # fmt: skip
def test_a_refusal_is_one_sentence(push: Push, server: Store, trouble: Trouble, said: str) -> None:
    server.trouble.append(Trouble(**vars(trouble)))
    ran = push()
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert ran.err.count("\n") == 1
    assert ran.out == ""


def test_an_operation_outcome_is_told_with_the_part_of_the_note_that_it_is_about(push: Push, server: Store) -> None:
    number = next(
        number for number, one in enumerate(_would_send(push, server)) if one["resource"]["resourceType"] == "Procedure"
    )
    text = "Unknown code for <b>EX-4711</b> Ida Madeup\x1b[31m"
    server.trouble.append(Trouble("POST", 422, outcome(text, f"Bundle.entry[{number}].resource.code")))
    ran = push()
    assert ran.code == 2
    assert "Procedure" in ran.err
    assert f": Unknown code for … … [31m (at Bundle.entry[{number}].resource.code)" in ran.err
    assert "\x1b" not in ran.err


def _would_send(push: Push, server: Store) -> list[Json]:
    """Return the entries that a push sends, which the server refuses."""
    server.trouble.append(Trouble("POST", 422))
    push()
    return sent(server)


def test_a_complaint_that_names_a_resource_by_its_id_is_told_by_its_title(push: Push, server: Store) -> None:
    entries = _would_send(push, server)
    length = next(
        one["resource"] for one in entries if "ervical length" in one["resource"].get("code", {}).get("text", "")
    )
    server.trouble.append(Trouble("POST", 400, outcome(f"Observation/{length['id']}: no such unit")))
    assert f"Observation «{length['code']['text']}»: " in push().err


def test_many_complaints_are_cut_short(push: Push, server: Store) -> None:
    issue = [{"severity": "error", "diagnostics": f"Fault {number}"} for number in range(30)]
    body = json.dumps({"resourceType": "OperationOutcome", "issue": issue}).encode()
    server.trouble.append(Trouble("POST", 422, body))
    ran = push()
    assert "Fault 4; and 25 more" in ran.err
    assert "Fault 5" not in ran.err


@pytest.mark.parametrize(
    ("stated", "options", "said"),
    [
        ({"fhirVersion": "5.0.0"}, (), "speaks FHIR 5.0.0, and a note is sent as R4"),
        ({"fhirVersion": "4.6.0"}, ("--way", "us-core"), "speaks FHIR 4.6.0"),
        ({"rest": [{"interaction": [{"code": "search-system"}]}]}, (), "send the note with --way us-core"),
    ],
)
def test_a_server_that_cannot_take_the_note_is_told(
    push: Push, server: Store, stated: Json, options: tuple[str, ...], said: str
) -> None:
    server.stated |= stated
    ran = push(NOTE, *options)
    assert ran.code == 2
    assert said in ran.err
    assert not server.writes()


def test_a_server_that_is_not_there(push: Push) -> None:
    ran = push(NOTE, to="http://127.0.0.1:1/fhir")
    assert ran.code == 2
    assert "127.0.0.1:1 cannot be reached" in ran.err


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("hospital.example/fhir", "write it as https://host/fhir"),
        ("ftp://hospital.example", "write it as https://host/fhir"),
        ("https://", "write it as https://host/fhir"),
        ("https://host:99999/fhir", "write it as https://host/fhir"),
        ("https://[::1/fhir", "write it as https://host/fhir"),
        ("https://ann:pa55@hospital.example/fhir", "CI_NOTES_TOKEN"),
        ("https://hospital.example/fhir?token=pa55", "give https://hospital.example/fhir"),
    ],
)
def test_an_address_that_is_none(push: Push, base: str, said: str) -> None:
    ran = push(NOTE, to=base)
    assert ran.code == 2
    assert said in ran.err
    assert "pa55" not in ran.err


def test_results_on_another_server_are_not_asked_for(push: Push, server: Store) -> None:
    link = [{"relation": "next", "url": "https://elsewhere.example/page2"}]
    page = json.dumps({"resourceType": "Bundle", "type": "searchset", "link": link}).encode()
    server.trouble.append(Trouble("GET", 200, page, path="Patient"))
    ran = push()
    assert ran.code == 2
    assert "elsewhere.example/page2, another server; nothing was asked there" in ran.err


# --- the token, and what is sent in the clear ----------------------------------------------------------------------


def test_the_token_of_the_environment_is_sent_and_never_printed(
    push: Push, server: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_NOTES_TOKEN", TOKEN + "\n")
    ran = push()
    assert ran.code == 0
    assert {one.headers.get("Authorization") for one in server.asked} == {f"Bearer {TOKEN}"}
    server.trouble.append(Trouble("GET", 401, outcome(f"Bearer {TOKEN} has expired")))
    refused = push()
    assert "does not accept the token in CI_NOTES_TOKEN" in refused.err
    server.trouble.append(Trouble("GET", 400, outcome(f"Bearer {TOKEN} is strange"), path="Patient"))
    strange = push()
    assert "is strange" in strange.err
    server.trouble.append(Trouble("POST", 400, outcome(f"Bearer {TOKEN} is odd")))
    odd = push(changed())
    assert "is odd" in odd.err
    for one in (ran, refused, strange, odd):
        assert TOKEN not in one.out + one.err


def test_a_token_does_not_go_over_an_unencrypted_line(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_NOTES_TOKEN", TOKEN)
    ran = push(NOTE, to="http://hospital.example/fhir")
    assert ran.code == 2
    assert "use https" in ran.err
    assert TOKEN not in ran.err


def test_a_note_does_not_go_over_an_unencrypted_line_unasked(push: Push) -> None:
    ran = push(NOTE, to="http://hospital.example/fhir")
    assert ran.code == 2
    assert "is not encrypted" in ran.err
    assert "--unencrypted" in ran.err


def test_what_cannot_be_a_token_is_not_sent(push: Push, server: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_NOTES_TOKEN", "two words\r\nX-Evil: 1")
    ran = push()
    assert ran.code == 2
    assert "no token has" in ran.err
    assert "Evil" not in ran.err
    assert not server.asked


def test_there_is_no_option_for_the_token() -> None:
    assert "--token" not in run_program("push", "--help").out


def test_a_certificate_must_be_trusted(push: Push, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_NOTES_TOKEN", TOKEN)
    authority = trustme.CA()
    pair, trusted = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pair)
    authority.cert_pem.write_to_path(trusted)
    with serving(pair) as secured:
        ran = push(NOTE, to=secured.base)
        assert ran.code == 2
        assert "cannot be trusted" in ran.err
        assert "--ca-file" in ran.err
        assert not secured.asked
        assert push(NOTE, "--ca-file", str(trusted), to=secured.base).code == 0
        assert secured.of("Composition")
        trusted.write_text("no certificate")
        assert "cannot be trusted" in push(NOTE, "--ca-file", str(trusted), to=secured.base).err
    assert "there is no file" in push(NOTE, "--ca-file", str(tmp_path / "none.pem")).err


# --- what a person sees --------------------------------------------------------------------------------------------


def test_a_dry_run_shows_the_plan_and_sends_nothing(push: Push, server: Store) -> None:
    ran = push(NOTE, "--dry-run")
    assert ran.code == 0
    assert "create" in ran.out
    assert "1 Composition" in ran.out
    assert "nothing was sent (--dry-run)" in ran.err
    assert not server.writes()


def test_the_outcome_as_data(push: Push) -> None:
    first, second = (json.loads(push(NOTE, "--format", "json").out) for _ in range(2))
    assert first["counts"]["create"] == len(first["resources"]) > 5
    assert {one["version"] for one in first["resources"]} == {"1"}
    assert not any(one["address"].startswith("urn:") for one in first["resources"])
    assert second["counts"]["create"] == 0
    assert second["counts"]["unchanged"] + second["counts"]["reference"] == len(second["resources"])


def test_neither_plan_nor_messages_hold_the_patient(push: Push) -> None:
    for options in ([], ["--format", "json"], ["--dry-run"]):
        ran = push(NOTE, *options)
        for told in ("Ida", "EX-4711", "1997"):
            assert told not in ran.out + ran.err


def test_a_draft_is_sent_only_when_that_is_said(push: Push, server: Store) -> None:
    draft = {**NOTE, "status": "draft"}
    ran = push(draft)
    assert ran.code == 2
    assert "--draft" in ran.err
    assert not server.asked
    assert push(draft, "--draft").code == 0
    assert server.of("Composition")[0]["status"] == "preliminary"


def test_a_note_without_its_templates_shape_is_not_sent(push: Push, server: Store) -> None:
    ran = push({**NOTE, "cerclage": {"in_place": "perhaps"}})
    assert ran.code == 2
    assert "cerclage.in_place" in ran.err
    assert not server.writes()


def test_without_the_library_push_says_how_to_get_it(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith(("ci_notes.pushing", "ci_notes.cli.push")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "urllib3", None)
    ran = push()
    assert ran.code == 2
    assert "pip install 'ci-notes[push]'" in ran.err


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://ann:pa55@127.0.0.1:1", "http://h:x", "socks9://h:1"])
def test_a_proxy_of_the_environment_is_used_and_not_told(
    push: Push, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in [one for one in os.environ if one.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("https_proxy", proxy)
    ran = push(NOTE, to="https://hospital.example/fhir")
    assert ran.code == 2
    assert "hospital.example cannot be" in ran.err or "no address of one" in ran.err
    assert "pa55" not in ran.err


# --- one by one, as US Core servers want it ------------------------------------------------------------------------


def test_one_by_one_each_resource_is_sent_on_a_condition_and_the_document_last(push: Push, server: Store) -> None:
    ran = push(NOTE, "--way", "us-core")
    assert ran.code == 0, ran.err
    assert {one.method for one in server.writes()} == {"POST"}
    for one in server.writes():
        assert len(server.found(one.path, one.headers["If-None-Exist"])) == 1
    assert "urn:uuid:" not in json.dumps([server.resources[one]["subject"] for one in server.resources if "Obs" in one])
    assert server.writes()[-1].path == "DocumentReference"
    (document,) = server.of("DocumentReference")
    assert [one["attachment"]["contentType"].split(";")[0] for one in document["content"]] == [
        "text/plain",
        "application/xhtml+xml",
    ]
    related = {one["reference"] for one in document["context"]["related"]}
    assert related <= {*server.resources}
    before = server.versions()
    for _ in range(2):
        assert "nothing was sent" in push(NOTE, "--way", "us-core").err
    assert server.versions() == before


def test_one_by_one_an_amended_note_replaces_the_document_and_takes_back_what_is_gone(
    push: Push, server: Store
) -> None:
    push(changed(), "--way", "us-core")
    amended = changed(cerclage=None, ultrasound={**NOTE["ultrasound"], "lengths": [{"id": "m1", "length": 18}]})
    ran = push(amended, "--way", "us-core")
    assert ran.code == 0, ran.err
    by_status = {one["status"]: one for one in server.of("DocumentReference")}
    assert {*by_status} == {"current", "superseded"}
    replaced = {"code": "replaces", "target": {"reference": f"DocumentReference/{by_status['superseded']['id']}"}}
    assert by_status["current"]["relatesTo"] == [replaced]
    assert server.of("Procedure")[0]["status"] == "entered-in-error"
    before = server.versions()
    again = push(amended, "--way", "us-core")
    assert "nothing was sent" in again.err
    assert server.versions() == before
    # and back to what was said at first: the document of then is current again
    push(changed(), "--way", "us-core")
    assert [one["status"] for one in server.of("DocumentReference")] == ["current", "superseded"]
    assert server.of("Procedure")[0]["status"] != "entered-in-error"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("path", ["Patient", "Observation", "DocumentReference"])
def test_one_by_one_a_cut_connection_doubles_nothing(push: Push, server: Store, path: str, after: bool) -> None:
    server.trouble.append(Trouble("POST", 0, path=path, after=after))
    ran = push(NOTE, "--way", "us-core")
    assert ran.code == 0, ran.err
    with serving() as other:
        push(NOTE, "--way", "us-core", to=other.base)
        assert len(server.resources) == len(other.resources)
    assert {*server.versions().values()} == {"1"}


def test_one_by_one_a_refusal_in_the_middle_says_how_far_it_came(push: Push, server: Store) -> None:
    server.trouble.append(Trouble("POST", 422, outcome("No such category"), path="Observation"))
    ran = push(NOTE, "--way", "us-core")
    assert ran.code == 2
    assert "at Observation «" in ran.err
    assert "will not be doubled when you push again" in ran.err
    assert "No such category" in ran.err
    assert push(NOTE, "--way", "us-core").code == 0
    assert {*server.versions().values()} == {"1"}


# --- when two resources say the same -------------------------------------------------------------------------------

BASE = "https://host.example/fhir"


@pytest.mark.parametrize(
    ("theirs", "equal"),
    [
        ({}, True),
        ({"meta": {"versionId": "7", "profile": ["x"]}}, True),
        ({"text": {"status": "generated", "div": "<div>made by the server</div>"}}, True),
        ({"subject": {"reference": f"{BASE}/Patient/1"}}, True),
        ({"subject": {"reference": "Patient/1/_history/4", "display": "Ida"}}, True),
        ({"subject": {"reference": "Patient/2"}}, False),
        ({"valueQuantity": {"value": 22.0, "unit": "mm"}}, True),
        ({"valueQuantity": {"value": 22.5, "unit": "mm"}}, False),
        ({"effectiveDateTime": "2026-10-05T09:30:00+00:00"}, True),
        ({"effectiveDateTime": "2026-10-05T09:31:00Z"}, False),
        ({"note": [{"text": "by the ward"}]}, False),
        ({"section": [{"text": {"div": "<div xmlns='x'>\n<p>A &#38; B</p></div>"}}]}, True),
        ({"section": [{"text": {"div": "<div><p>A</p></div>"}}]}, False),
    ],
)
def test_a_resource_is_compared_by_what_it_says(theirs: Json, equal: bool) -> None:
    ours = {
        "resourceType": "Observation",
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2026-10-05T09:30:00Z",
        "valueQuantity": {"value": 22, "unit": "mm"},
        "section": [{"text": {"div": "<div><p>A &amp; B</p></div>"}}],
    }
    assert comparing.same(ours, {**ours, **theirs}, BASE) is equal
