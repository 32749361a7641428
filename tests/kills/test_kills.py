"""`kill -9` of the server in the middle of a write load: what it acknowledged is there, what was signed is signed."""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import postgresql
import pytest
from served import Served, serving

from ci_notes.errors import InputError
from ci_notes.record import Record, open_record
from ci_notes.record.model import Person

pytestmark = pytest.mark.kills

KILLS = int(os.environ.get("CI_NOTES_KILLS", "20"))
TYPISTS = 4
MOST_WORDS = 5
EXAMPLE = Path(__file__).parents[2] / "templates" / "ultrasound" / "examples" / "normal.note.json"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'record.db'}"
        return
    with postgresql.running() as cluster, cluster.database() as url:
        yield url


@dataclass
class Told:
    """What the server acknowledged of one note: the last number typed into it, and that it was signed."""

    note: str
    typed: int = -1
    signed: bool = False


@dataclass
class Typist:
    """Somebody who types into drafts and signs them, as fast as the server answers, until it is gone."""

    served: Served
    record: Record
    by: Person
    told: list[Told] = field(default_factory=list)

    def work(self) -> None:
        try:
            with httpx.Client(base_url=self.served.address, follow_redirects=True, timeout=20) as client:
                by_hand = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}
                client.get(f"/enter/{self.record.sign_ins.link(self.by.id, _now())}", headers=by_hand)
                while True:
                    self._note(client)
        except (httpx.TransportError, ConnectionError):
            return  # it was killed

    def _note(self, client: httpx.Client) -> None:
        told = Told(_begun(self.record, self.by))
        self.told.append(told)
        page = client.get(f"/drafts/{told.note}").text
        token = page.partition('name="csrf" content="')[2].partition('"')[0]
        for number in range(random.randint(1, MOST_WORDS)):
            change = {"act": "put", "place": "patient.comment", "text": f"word {number}"}
            batch = {"batch": str(uuid4()), "tab": "t", "changes": [change], "seen": number, "have": {}}
            answer = client.post(f"/drafts/{told.note}/changes", json=batch, headers={"X-CSRF-Token": token})
            assert answer.status_code == 200, answer.text
            told.typed = number
        revision = self.record.drafts.get(told.note).revision
        signing = {"csrf": token, "revision": str(revision), "read": "yes"}
        answer = client.post(f"/drafts/{told.note}/sign", data=signing)
        assert answer.status_code == 200, answer.text
        assert "/notes/" in str(answer.url), answer.text
        told.signed = True


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(db: str, tmp_path: Path) -> None:
    record = open_record(db)
    by = [_account(record, number) for number in range(TYPISTS)]
    known: list[Told] = []
    with serving(db, tmp_path / "server") as served:
        for number in range(KILLS):
            # However slow the machine is, once it is killed when something has been signed.
            known += _killed_at_work(served, record, by, after="signed" if number == 0 else "typed")
            served.start()
            _hold(record, known)
            served.run("verify", "--db", db)
    record.dispose()
    assert any(one.signed for one in known), "Nobody had the time to sign."


def _killed_at_work(served: Served, record: Record, by: list[Person], after: str) -> list[Told]:
    """Let people work, end the server in the middle, and return what it had told them."""
    faults: list[BaseException] = []
    typists = [Typist(served, record, one) for one in by]
    threads = [threading.Thread(target=_careful, args=(one, faults)) for one in typists]
    for thread in threads:
        thread.start()
    _until_something_is(after, typists)
    time.sleep(random.uniform(0, 2))
    served.kill()
    for thread in threads:
        thread.join(30)
    assert not faults, faults
    return [told for one in typists for told in one.told]


def _until_something_is(what: str, typists: list[Typist]) -> None:
    """Wait until the server acknowledged to somebody that something is typed, or that it is signed."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        told = [told for one in typists for told in one.told]
        if any(one.signed if what == "signed" else one.typed >= 0 for one in told):
            return
        time.sleep(0.02)


def _careful(typist: Typist, faults: list[BaseException]) -> None:
    try:
        typist.work()
    except BaseException as fault:  # told by the test, not by the thread
        faults.append(fault)


def _hold(record: Record, known: list[Told]) -> None:
    """Hold the record against what was acknowledged: each note is a whole draft or a whole signed note."""
    for told in known:
        versions = record.ledger.versions(told.note)
        data = versions[-1].data if versions else record.drafts.get(told.note).data
        comment = str(data["patient"].get("comment", "word -1"))
        assert int(comment.removeprefix("word ")) >= told.typed, (told, comment)
        assert len(versions) == 1 if told.signed else len(versions) <= 1, told
        if versions:
            assert data["status"] == "final"
            with pytest.raises(InputError):
                record.drafts.get(told.note)


def _account(record: Record, number: int) -> Person:
    account = record.accounts.add(f"typist{number}", f"Typist {number} Example", ("clinician",), _now())
    return Person(account.id, account.full_name, "clinician")


def _begun(record: Record, by: Person) -> str:
    data: dict[str, Any] = json.loads(EXAMPLE.read_text())
    held = {key: value for key, value in data.items() if key not in ("id", "status", "signed_at")}
    held["patient"] = {key: value for key, value in held["patient"].items() if key != "comment"}
    return record.drafts.begin(held, by, _now()).id


def _now() -> str:
    return datetime.now(UTC).isoformat()
