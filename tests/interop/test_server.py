"""Notes pushed to HAPI's JPA server: found again, never doubled, amended exactly, brought to an end, explained."""

import base64
import json
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import installing
import pytest
import urllib3
from inputs import SAMPLE
from running import Ran, run_program

from ci_notes import catalogue, load, load_template, printing, render
from ci_notes.fhir.skeleton import resources
from ci_notes.library import read_data
from ci_notes.pushing import sending

Json = dict[str, Any]
Push = Callable[..., Ran]

EXAMPLES = [
    (template, path)
    for template, folder in sorted(catalogue().items())
    for path in sorted((folder / "examples").glob("*.note.json"))
]
WAYS = {
    "transaction, full": ("--detail", "full"),
    "transaction, lean": ("--detail", "lean"),
    "us-core": ("--way", "us-core"),
}
KINDS = sorted(
    {shape["resourceType"] for template in catalogue() for shape in resources(load_template(template)).values()}
    | {"Composition", "Observation", "QuestionnaireResponse", "DocumentReference"}
)
PATIENTS, STAFF, VISITS = (f"https://hospital.example/{name}" for name in ("patients", "staff", "visits"))


class Hapi:
    """The running server, and what is asked of it beside a push."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._http = urllib3.PoolManager()

    def get(self, path: str, **query: str) -> Json:
        url = f"{self.base}/{path}?{urlencode(query)}" if query else f"{self.base}/{path}"
        found: Json = self._http.request("GET", url, headers={"Cache-Control": "no-cache"}).json()
        return found

    def put(self, resource: Json) -> Json:
        url = f"{self.base}/{resource['resourceType']}/{resource['id']}"
        headers = {"Content-Type": "application/fhir+json"}
        kept: Json = self._http.request("PUT", url, body=json.dumps(resource).encode(), headers=headers).json()
        return kept

    def search(self, kind: str, **query: str) -> list[Json]:
        return [one["resource"] for one in self.get(kind, _count="200", **query).get("entry", ())]

    def versions(self) -> int:
        """Return how many versions of resources there are on the whole server."""
        return int(self.get("_history", _summary="count")["total"])

    def resources(self) -> int:
        """Return how many resources there are on the whole server, of the kinds that a push can bring."""
        return sum(int(self.get(kind, _summary="count")["total"]) for kind in KINDS)

    def of(self, note_id: str, patient: str) -> dict[str, Json]:
        """Return what the server has of a note, by address: all of a patient's resources that bear our identifier."""
        found = {}
        for link in _entries(self.get(f"Patient/{patient}/$everything", _count="500")):
            one = link["resource"]
            if note_id in json.dumps(one.get("identifier", "")):
                found[f"{one['resourceType']}/{one['id']}"] = one
        return found


def _entries(bundle: Json) -> list[Json]:
    found: list[Json] = bundle.get("entry", [])
    return found


@pytest.fixture(scope="module")
def hapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hapi]:
    command = installing.server()
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with (
        log.open("w") as told,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, text=True) as running,
    ):
        try:
            base = running.stdout.readline().strip() if running.stdout else ""
            assert base, f"the server did not start:\n{log.read_text()[-2000:]}"
            yield Hapi(base)
        finally:
            running.terminate()


@pytest.fixture
def push(tmp_path: Path, hapi: Hapi) -> Push:
    def pushed(data: Json, *options: str, to: str = "") -> Ran:
        path = tmp_path / "visit.note.json"
        path.write_text(json.dumps(data))
        draft = ["--draft"] if data["status"] == "draft" else []
        return run_program("push", path, "--to", to or hapi.base, *draft, *options)

    return pushed


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WAIT", 0)


@pytest.fixture
def note() -> Json:
    """A note of its own for each test: another patient, another visit."""
    number = uuid.uuid4().hex[:8]
    return {
        "id": str(uuid.uuid4()),
        "template": "assessment",
        "version": "0.2.0",
        "status": "final",
        "date": "2026-10-05T09:30:00+02:00",
        "jurisdiction": "US",
        "patient": {
            "name": "Ida Madeup",
            "birth_date": "1997-03-04",
            "gender": "female",
            "identifier_system": PATIENTS,
            "identifier": f"P-{number}",
        },
        "author": {"name": "Dr Fay Madeup", "identifier_system": STAFF, "identifier": f"S-{number}"},
        "visit": {"reason": "history", "encounter": f"V-{number}", "encounter_system": VISITS},
        "pregnancy": {"current": True, "plurality": 1, "ga_stated": "21w2d"},
        "history": {
            "gravida": 3,
            "preterm": 2,
            "prior": [{"id": "p1", "ga_end": "23w"}, {"id": "p2", "ga_end": "28w"}],
        },
        "vitals": {"sbp": 112, "dbp": 70},
        "ultrasound": {"done": True, "scan_date": "2026-10-05", "lengths": [{"id": "m1", "length": 22}]},
        "cerclage": {"in_place": True},
    }


def patient_of(hapi: Hapi, data: Json) -> Json:
    (found,) = hapi.search("Patient", identifier=f"{PATIENTS}|{data['patient']['identifier']}")
    return found


# --- every example, three times ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counts() -> Iterator[list[Json]]:
    """What each example left on the server, written down for the docs once all ran."""
    rows: list[Json] = []
    yield rows
    installing.BUILD.mkdir(parents=True, exist_ok=True)
    (installing.BUILD / "push.json").write_text(json.dumps(rows, indent=2) + "\n")


def _cases() -> Iterator[Any]:
    for number, (template, path) in enumerate(EXAMPLES):
        name = path.name.removesuffix(".note.json")
        for turn, way in enumerate(WAYS):
            lean = way == "transaction, lean"  # the same road as full, with less on it
            if name == "complete" or (number % (3 * len(WAYS)) == turn if SAMPLE else not lean):
                yield pytest.param(template, path, way, id=f"{template}-{name}-{way}")


@pytest.mark.parametrize(("template", "path", "way"), [*_cases()])
def test_pushed_three_times_each_example_leaves_what_one_push_left(
    hapi: Hapi, push: Push, counts: list[Json], template: str, path: Path, way: str
) -> None:
    data = _of_its_own(read_data(path))
    before = hapi.resources(), hapi.versions()
    once, thrice = (_left(hapi, before, [push(data, *WAYS[way]) for _ in range(times)]) for times in (1, 2))
    assert once == thrice
    assert once[0] == once[1]  # each in one version
    assert data["status"] == "entered-in-error" or once[0] > 0
    row = {"template": template, "example": path.name.removesuffix(".note.json"), "way": way}
    for pushes, (number, versions) in (("one push", once), ("three pushes", thrice)):
        row |= {f"resources after {pushes}": number, f"versions after {pushes}": versions}
    counts.append(row)


def _of_its_own(data: Json) -> Json:
    """Return an example with ids of its own for note, people and visit, so that no case finds those of another."""
    own = uuid.uuid4()
    for section, key in (("patient", "identifier"), ("author", "identifier"), ("visit", "encounter")):
        if isinstance(data.get(section, {}).get(key), str):
            data[section][key] += f"-{own.hex[:8]}"
    return {**data, "id": str(own)}


def _left(hapi: Hapi, before: tuple[int, int], pushes: list[Ran]) -> tuple[int, int]:
    """Return how many resources and versions there are more than before."""
    assert [ran.code for ran in pushes] == [0] * len(pushes), pushes[-1].err
    return hapi.resources() - before[0], hapi.versions() - before[1]


# --- found again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_what_was_pushed_is_found_by_code_patient_and_date(hapi: Hapi, push: Push, note: Json, way: str) -> None:
    assert push(note, *WAYS[way]).code == 0
    patient = patient_of(hapi, note)["id"]
    found = hapi.search("Observation", patient=patient, code="http://loinc.org|85354-9", date="2026-10-05")
    assert len(found) == 1
    assert [part["valueQuantity"]["value"] for part in found[0]["component"]] == [112, 70]
    assert not hapi.search("Observation", patient=patient, code="http://loinc.org|85354-9", date="2026-10-06")
    assert hapi.search("Procedure", patient=patient)


def test_the_composition_is_found_and_read_as_a_document(hapi: Hapi, push: Push, note: Json) -> None:
    assert push(note).code == 0
    (composition,) = hapi.search("Composition", identifier=f"https://w3id.org/ci-notes/resource|{note['id']}")
    document = hapi.get(f"Composition/{composition['id']}/$document")
    kinds = [one["resource"]["resourceType"] for one in _entries(document)]
    assert kinds[0] == "Composition"
    assert {"Patient", "Practitioner", "Observation"} <= {*kinds}


def test_the_document_of_the_us_core_way_carries_the_narrative(hapi: Hapi, push: Push, note: Json) -> None:
    assert push(note, "--way", "us-core").code == 0
    (found,) = hapi.search("DocumentReference", patient=patient_of(hapi, note)["id"], category="clinical-note")
    held = {one["attachment"]["contentType"].split(";")[0]: one["attachment"]["data"] for one in found["content"]}
    loaded = load(note)
    assert base64.b64decode(held["text/plain"]).decode() == printing.text(loaded, render(loaded))
    assert "<script" not in base64.b64decode(held["application/xhtml+xml"]).decode()


# --- other people's records ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_nobodys_demographics_are_touched(hapi: Hapi, push: Push, note: Json, way: str) -> None:
    theirs = [
        {
            "resourceType": "Patient",
            "identifier": [{"system": PATIENTS, "value": note["patient"]["identifier"]}],
            "name": [{"family": "Newname", "given": ["Ida", "Marie"]}],
            "birthDate": "1997-03-04",
            "telecom": [{"system": "phone", "value": "555-0100"}],
        },
        {
            "resourceType": "Encounter",
            "identifier": [{"system": VISITS, "value": note["visit"]["encounter"]}],
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        },
    ]
    before = [hapi.put({**one, "id": str(uuid.uuid4())}) for one in theirs]
    for _ in range(2):
        assert push(note, *WAYS[way]).code == 0
    assert push(_amended(note), *WAYS[way]).code == 0
    after = [hapi.get(f"{one['resourceType']}/{one['id']}") for one in before]
    assert after == before
    patient = before[0]["id"]
    assert patient_of(hapi, note)["id"] == patient
    assert {one["subject"]["reference"] for one in hapi.of(note["id"], patient).values()} == {f"Patient/{patient}"}


def test_two_patients_with_one_identifier_stop_the_push(hapi: Hapi, push: Push, note: Json) -> None:
    identifier = [{"system": PATIENTS, "value": note["patient"]["identifier"]}]
    twice = [hapi.put({"resourceType": "Patient", "id": str(uuid.uuid4()), "identifier": identifier}) for _ in range(2)]
    before = hapi.versions()
    ran = push(note)
    assert ran.code == 2
    assert all(f"Patient/{one['id']}" in ran.err for one in twice)
    assert hapi.versions() == before


# --- an amended note -----------------------------------------------------------------------------------------------


def _amended(data: Json) -> Json:
    """Return a note with another length, and without its stitch."""
    changed = deepcopy(data) | {"status": "amended"}
    changed["ultrasound"]["lengths"] = [{"id": "m1", "length": 18}]
    del changed["cerclage"]
    return changed


@pytest.mark.parametrize("way", WAYS)
def test_an_amended_note_replaces_exactly_what_changed(hapi: Hapi, push: Push, note: Json, way: str) -> None:
    note["status"] = "amended"  # so that nothing changes but what the amendment changes
    assert push(note, *WAYS[way]).code == 0
    patient = patient_of(hapi, note)["id"]
    before = hapi.of(note["id"], patient)
    assert push(_amended(note), *WAYS[way]).code == 0
    after = hapi.of(note["id"], patient)
    touched = {address for address in before if after[address]["meta"]["versionId"] != "1"}
    gone = {address for address in touched if after[address].get("status") == "entered-in-error"}
    assert any("Procedure/" in address for address in gone)
    added = {*after} - {*before}
    assert {address.partition("/")[0] for address in added} == ({"DocumentReference"} if way == "us-core" else set())
    for address in {*before} - touched:
        assert before[address] == after[address]
    for address in touched - gone:
        assert _said(before[address]) != _said(after[address])
    whole = {"Composition", "QuestionnaireResponse", "DocumentReference"}
    lengths = [
        one for address, one in after.items() if address in touched - gone and address.split("/")[0] not in whole
    ]
    assert lengths
    assert all("18" in json.dumps(one) for one in lengths)
    assert "nothing was sent" in push(_amended(note), *WAYS[way]).err


def _said(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key != "meta"}


def test_what_somebody_changed_in_between_is_seen_and_not_overwritten_unseen(
    hapi: Hapi, push: Push, note: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    note["status"] = "amended"
    assert push(note).code == 0
    patient = patient_of(hapi, note)["id"]
    (procedure,) = hapi.search("Procedure", patient=patient)
    carry_out, meddled = sending.carry_out, []

    def meddling(steps: Any, server: Any) -> Any:
        if not meddled:
            meddled.append(hapi.put({**procedure, "note": [{"text": "seen by the ward"}]}))
        return carry_out(steps, server)

    monkeypatch.setattr(sending, "carry_out", meddling)
    ran = push(_amended(note))
    assert ran.code == 0, ran.err
    assert "planned anew" in ran.err
    after = hapi.get(f"Procedure/{procedure['id']}")
    assert after["status"] == "entered-in-error"
    assert after["note"] == [{"text": "seen by the ward"}]
    assert after["meta"]["versionId"] == "3"


@pytest.mark.parametrize("way", WAYS)
def test_a_note_entered_in_error_is_taken_back(hapi: Hapi, push: Push, note: Json, way: str) -> None:
    assert push(note, *WAYS[way]).code == 0
    patient = patient_of(hapi, note)["id"]
    before = hapi.of(note["id"], patient)
    assert push({**note, "status": "entered-in-error"}, *WAYS[way]).code == 0
    after = hapi.of(note["id"], patient)
    assert {*after} == {*before}
    for one in after.values():
        assert "entered-in-error" in json.dumps([one.get("status"), one.get("verificationStatus")]), one


def test_sent_both_ways_a_note_is_there_once(hapi: Hapi, push: Push, note: Json) -> None:
    assert push(note).code == 0
    patient = patient_of(hapi, note)["id"]
    before = hapi.of(note["id"], patient)
    assert push(note, "--way", "us-core").code == 0
    added = {*hapi.of(note["id"], patient)} - {*before}
    assert [address.partition("/")[0] for address in added] == ["DocumentReference"]


# --- cut off -------------------------------------------------------------------------------------------------------


@contextmanager
def cutting(base: str, when: str, number: int) -> Iterator[str]:
    """Pass requests on to a server, and cut the connection at the write of this number, before or after it was done."""
    writes: list[str] = []
    http = urllib3.PoolManager()
    server_at, _, folder = base.removeprefix("http://").partition("/")

    class Passing(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._pass_on("GET")

        def do_POST(self) -> None:
            self._pass_on("POST")

        def do_PUT(self) -> None:
            self._pass_on("PUT")

        def _pass_on(self, method: str) -> None:
            length = int(self.headers.get("Content-Length", 0))
            writes.extend([method] if method != "GET" else [])
            cut = method != "GET" and len(writes) == number
            body = self.rfile.read(length // 2 if cut and when == "in the middle" else length)
            if cut and when != "after":
                return
            headers = {key: value for key, value in self.headers.items() if key.lower() != "content-length"}
            got = http.request(method, f"http://{server_at}{self.path}", body=body or None, headers=headers)
            if cut:
                return
            self.send_response(got.status)
            for name in ("Content-Type", "Location", "ETag"):
                if name in got.headers:
                    self.send_header(name, got.headers[name])
            self.send_header("Content-Length", str(len(got.data)))
            self.end_headers()
            self.wfile.write(got.data)

    passing = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    thread = threading.Thread(target=passing.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{passing.server_port}/{folder}"
    finally:
        passing.shutdown()
        passing.server_close()


@pytest.mark.parametrize("when", ["before", "in the middle", "after"])
@pytest.mark.parametrize(("way", "number"), [("transaction, full", 1), ("us-core", 1), ("us-core", 4), ("us-core", 8)])
def test_a_push_that_was_cut_off_comes_to_its_end_without_doubling(
    hapi: Hapi, push: Push, note: Json, when: str, way: str, number: int
) -> None:
    before = hapi.versions()
    with cutting(hapi.base, when, number) as base:
        ran = push(note, *WAYS[way], to=base)
    assert ran.code == 0, ran.err
    assert "looked at the server again" in ran.err
    interrupted = hapi.versions() - before
    undisturbed = {**deepcopy(note), "id": str(uuid.uuid4())}
    undisturbed["patient"]["identifier"] += "-2"
    undisturbed["author"]["identifier"] += "-2"
    undisturbed["visit"]["encounter"] += "-2"
    before = hapi.versions()
    assert push(undisturbed, *WAYS[way]).code == 0
    assert hapi.versions() - before == interrupted
    assert "nothing was sent" in push(note, *WAYS[way]).err


# --- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["transaction", "us-core"])
def test_a_refusal_of_the_server_is_told_with_what_it_is_about(
    hapi: Hapi, push: Push, note: Json, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    assert push(note, "--way", way).code == 0
    patient = patient_of(hapi, note)
    looked_up = sending.planning.only

    def gone_meanwhile(kind: str, query: str, found: Any) -> Any:
        there = looked_up(kind, query, found)
        return {**there, "id": "gone-meanwhile"} if there and there["id"] == patient["id"] else there

    monkeypatch.setattr(sending.planning, "only", gone_meanwhile)
    changed = deepcopy(note) | {"id": str(uuid.uuid4())}
    changed["visit"].pop("encounter", None)  # the server has it of the patient who is still there
    before = hapi.versions()
    ran = push(changed, "--way", way)
    assert ran.code == 2
    assert "refused (status 4" in ran.err
    assert "Patient/gone-meanwhile" in ran.err
    assert ran.err.count("\n") == 1
    assert note["patient"]["identifier"] not in ran.err
    assert hapi.versions() == before


def test_a_server_that_is_none_of_fhir(hapi: Hapi, push: Push, note: Json) -> None:
    ran = push(note, to=hapi.base.removesuffix("/fhir"))
    assert ran.code == 2
    assert "there is no FHIR server at" in ran.err
