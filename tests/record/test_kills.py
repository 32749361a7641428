"""kill -9 at random moments of a write load: what was acknowledged is there, and nothing is half there.

CI_NOTES_KILLS says how many kills, half of them on each database; `make nightly` asks for two hundred.
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from recording import begun
from sqlalchemy import text

from ci_notes.record import Record, open_record
from ci_notes.record.model import SIGNED, GoneError

HERE = Path(__file__).parent
KILLS = int(os.environ.get("CI_NOTES_KILLS", "20"))
SEED = int(os.environ.get("CI_NOTES_SEED", random.randrange(10**6)))

pytestmark = [
    pytest.mark.kills,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks and kills"),
]

Load = subprocess.Popen[str]


@pytest.fixture
def load(url: str) -> Iterator[Load]:
    call = [sys.executable, str(HERE / "writing_load.py"), url]
    path = os.pathsep.join([str(HERE), *filter(None, sys.path)])
    with subprocess.Popen(
        call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as load:
        yield load
        assert load.stdin is not None
        load.stdin.close()
        assert load.wait(30) == 0


def killed(load: Load, chance: random.Random) -> list[list[str]]:
    """Let two workers write, kill one after the other, and return what they acknowledged.

    A kill comes a moment after a random acknowledgement, so that a slow machine has as much done as a fast one.
    """
    assert load.stdin is not None
    load.stdin.write("go\n")
    load.stdin.flush()
    told = _lines(load)
    word, *workers = next(told)
    assert word == "working"
    lines: list[list[str]] = []
    for worker in workers:
        lines += itertools.islice(told, chance.randint(1, 30))
        time.sleep(chance.uniform(0, 0.02))
        os.kill(int(worker), signal.SIGKILL)
    lines += itertools.takewhile(lambda line: line != ["end"], told)
    assert [line for line in lines if line[0] == "gone"] == [["gone", "-9"]] * 2
    return [line for line in lines if line[0] != "gone"]


def _lines(load: Load) -> Iterator[list[str]]:
    """Return what the load says, which must not be silent for long: who was killed holds nobody else up."""
    assert load.stdout is not None
    while True:
        watch = threading.Timer(60, load.kill)
        watch.start()
        line = load.stdout.readline()
        watch.cancel()
        assert line, "the load ended by itself, or a worker waited for one that was killed"
        yield line.split()


def test_what_was_acknowledged_survives_and_nothing_is_half_written(url: str, load: Load) -> None:
    chance = random.Random(SEED)
    acknowledged = 0
    for kill in range(-(-KILLS // 4)):  # two kills each, half of them on each database
        lines = killed(load, chance)
        acknowledged += len(lines)
        record = open_record(url)
        try:
            hold_acknowledged(record, lines)
            hold_whole(record)
            begun(record)
        except BaseException as error:
            error.add_note(f"kill {kill}, CI_NOTES_SEED={SEED}")
            raise
        finally:
            record.dispose()
    assert acknowledged > KILLS


def hold_acknowledged(record: Record, lines: list[list[str]]) -> None:
    revisions: dict[str, int] = {}
    for word, *told in lines:
        if word == "entered":
            assert record.ledger.entry(int(told[0])).hash == told[1]
        elif word in ("begun", "changed"):
            revisions[told[0]] = int(told[1]) if word == "changed" else 1
    for note, revision in revisions.items():
        try:
            assert record.drafts.get(note).revision >= revision
        except GoneError:
            assert record.ledger.latest(note).body["revision"] >= revision
    trail = {one.hash for one in record.audit.entries()}
    assert trail.issuperset(told[0] for word, *told in lines if word == "audited")


def hold_whole(record: Record) -> None:
    """Hold that each draft, entry and patient is whole: all that one transaction wrote, or nothing of it."""
    assert record.ledger.verify().faults == ()
    for draft in record.drafts.listing():
        changes = record.drafts.since(draft.id, 1)
        assert [change.revision for change in changes] == list(range(2, draft.revision + 1))
        assert draft.data.get("exam", {}).get("dilation") == (changes[-1].after if changes else None)
        assert record.ledger.history(draft.id) == []
        assert _count(record, f"draft_batches WHERE draft = '{draft.id}'") == len(changes)
    for patient in record.patients.listing(limit=1000):
        assert patient.keys
        assert record.patients.notes(patient.id)
    assert _count(record, "draft_changes WHERE draft NOT IN (SELECT id FROM drafts)") == 0
    assert _count(record, f"entries WHERE kind = '{SIGNED}'") == _count(
        record, "entries WHERE number = 1 AND body LIKE '%sentences%'"
    )
    if record.database.is_sqlite:
        with record.database.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def _count(record: Record, rows: str) -> int:
    with record.database.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {rows}")).scalar_one())
