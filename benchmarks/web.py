"""The form: server time of one changed field, weight of a page, and fifty clinicians typing at once.

The peer is `bare`: Starlette that parses the same JSON and writes one row to the same kind of database, in one run.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message

from benchmarks import bare
from benchmarks.typing_clinicians import having
from ci_notes.record import Record, open_record
from ci_notes.record.model import Person
from ci_notes.web import clock
from ci_notes.web.app import create_app
from ci_notes.web.sessions import SESSION
from ci_notes.web.settings import Settings

ROOT = Path(__file__).parents[1]
NOTE = ROOT / "templates/assessment/examples/complete.note.json"
PLACE = "exam.dilation"
CLINICIANS, SECONDS, WORKERS = 50, 20, 2
CHANGES = 300


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    import postgresql  # noqa: PLC0415  the tests start a cluster of their own in the same way

    seconds = float(os.environ.get("CI_NOTES_BENCH_SECONDS", SECONDS))
    with tempfile.TemporaryDirectory() as folder:
        _one_field(Path(folder))
        _many(f"sqlite:///{folder}/many.db", f"sqlite:///{folder}/bare.db", "SQLite", seconds)
    if postgresql.programs() is None:
        print("PostgreSQL is not here, so it was not measured")
        return
    with postgresql.running() as cluster, ExitStack() as held:
        ours, peer = (held.enter_context(cluster.database()) for _ in range(2))
        _many(ours, peer, "PostgreSQL", seconds)


# --- one field -----------------------------------------------------------------------------------------------------


def _one_field(folder: Path) -> None:
    """Measure one changed field of a full assessment in this process, on one core, and the weight of its page."""
    db = f"sqlite:///{folder}/one.db"
    with _on_one_core():
        app = create_app(Settings(db))
        one = _draft(app.state.record, "carla")
        peer = bare.application(f"sqlite:///{folder}/peer.db")
        page = _asked(app, "GET", one["page"], one["headers"])
        have = having(page.decode())
        times: dict[str, list[float]] = {"as the script asks": [], "all of the page anew": [], "bare Starlette": []}
        work: dict[str, list[float]] = {name: [] for name in times}
        for number in range(CHANGES):
            for name, target, held in (
                ("as the script asks", app, have),
                ("all of the page anew", app, {}),
                ("bare Starlette", peer, have),
            ):
                change = {"act": "put", "place": PLACE, "text": str(1 + (number + len(name)) % 5)}
                body = {"changes": [change], "batch": f"{name}-{number}", "tab": "bench", "seen": 9999, "have": held}
                address = one["address"] if target is app else "/write"
                begun, worked = time.perf_counter(), time.process_time()
                _asked(target, "POST", address, one["headers"], json.dumps(body).encode())
                times[name].append((time.perf_counter() - begun) * 1e3)
                work[name].append((time.process_time() - worked) * 1e3)
        app.state.record.dispose()
    print(
        f"one changed field of a full assessment, {CHANGES} times, on one core; the page has {len(page) / 1e3:.0f} kB"
    )
    _told(times, times["bare Starlette"])
    print("of which the processor worked, whatever else this machine was doing:")
    _told(work, work["bare Starlette"])


@contextmanager
def _on_one_core() -> Iterator[None]:
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


_LOOP = asyncio.new_event_loop()


def _asked(app: ASGIApp, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return what an application answers, called as a server calls it; fails on anything but 200."""
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    given = {**headers, "host": "bench", "content-type": "application/json", "content-length": str(len(body))}
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "client": ("127.0.0.1", 1),
        "server": ("bench", 80), "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    _LOOP.run_until_complete(app(scope, receive, send))
    content = b"".join(one.get("body", b"") for one in told)
    if told[0]["status"] != 200:
        raise RuntimeError(f"{path} answered {told[0]['status']}: {content[:300]!r}")
    return content


def _draft(record: Record, login: str) -> dict[str, Any]:
    """Make an account, its session and its own full assessment; return what a browser of it needs."""
    now = clock.now()
    who = record.accounts.add(login, f"Dr {login.title()} Sample", ("clinician",), now)
    token = record.sessions.begin(who.id, "password", now, 12)
    session = record.sessions.find(token, now)
    if session is None:
        raise RuntimeError("the session that was just begun is not there")
    data = {key: value for key, value in json.loads(NOTE.read_text(encoding="utf-8")).items() if key != "id"}
    data["patient"] = {**data["patient"], "identifier": f"EX-{login}"}
    draft = record.drafts.begin(data, Person(who.id, who.full_name, "clinician"), now)
    return {
        "page": f"/drafts/{draft.id}",
        "address": f"/drafts/{draft.id}/changes",
        "place": PLACE,
        "headers": {"cookie": f"{SESSION}={token}", "x-csrf-token": session.csrf},
    }


# --- many clinicians -----------------------------------------------------------------------------------------------


def _many(db: str, peer: str, name: str, seconds: float) -> None:
    record = open_record(db)
    who = [_draft(record, f"clinician{number}") for number in range(CLINICIANS)]
    record.dispose()
    alone = [{**one, "page": "", "address": "/write"} for one in who]
    times: dict[str, list[float]] = {}
    failed = {}
    ours = ["-c", "from ci_notes.cli import main; main()", "serve", "--workers", str(WORKERS), "--db", db]
    uvicorn = ["-m", "uvicorn", "--factory", "benchmarks.bare:application", "--workers", str(WORKERS)]
    for label, command, clinicians in (("ci-notes", ours, who), ("bare Starlette", uvicorn, alone)):
        with _served([*command, "--log-level", "warning"] if command is uvicorn else command, peer) as address:
            times[label], failed[label] = _typed(address, clinicians, seconds)
    how = f"a change a second each, {seconds:g} s, {WORKERS} workers, {name}"
    print(f"\n{CLINICIANS} clinicians who begin within five seconds, {how}")
    _told(times, times["bare Starlette"])
    print("   not taken: " + ", ".join(f"{label} {number} of {len(times[label])}" for label, number in failed.items()))


@contextmanager
def _served(command: list[str], peer: str) -> Iterator[str]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    environment = {**os.environ, bare.ADDRESS: peer, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, cwd=ROOT
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _answers(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _answers(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _typed(address: str, who: list[dict[str, Any]], seconds: float) -> tuple[list[float], int]:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(who, file)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.typing_clinicians", address, file.name, str(seconds)]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=seconds + 300)
    told = json.loads(ran.stdout)
    return told["times"], told["failed"]


def _told(times: Mapping[str, list[float]], peer: list[float]) -> None:
    for name, found in times.items():
        middle, most = statistics.median(found), _p95(found)
        ratios = f"{middle / statistics.median(peer):6.1f} x {most / _p95(peer):6.1f} x"
        print(f"{middle:8.1f} ms p50  {most:8.1f} ms p95  {ratios} bare Starlette  {name}")


def _p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


if __name__ == "__main__":
    main()
