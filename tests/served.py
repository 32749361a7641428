"""`ci-notes serve` as a process of its own: started, stopped, killed and started again on the same port."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from ci_notes.cli import main; main()"]
STARTS_WITHIN = 60.0
STOPS_WITHIN = 15.0
_LINK = re.compile(r"https?://\S+/enter/\S+")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Served:
    """The server over one record. `said` holds what it wrote, of every start."""

    db: str
    said: Path
    options: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    program: Sequence[str | Path] = tuple(PROGRAM)
    folder: Path | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *arguments: str) -> list[str | Path]:
        return [*self.program, *arguments]

    def start(self) -> None:
        """Start the server, and return when it answers."""
        arguments = ["serve", "--db", self.db, "--port", str(self.port), *self.options]
        with self.said.open("ab") as out:
            self.process = subprocess.Popen(
                self.command(*arguments), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment}, start_new_session=True, cwd=self.folder,
            )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise AssertionError(f"The server did not start:\n{self.said.read_text()}")
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """Ask the server to end, as a ward's computer does when it is switched off."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server, and its workers, with no chance to tidy up."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        with_workers = how is signal.SIGKILL
        if process.poll() is None:
            os.killpg(process.pid, how) if with_workers else process.send_signal(how)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOPS_WITHIN)

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run another verb of the program, as `verify`, and return what it wrote."""
        ran = subprocess.run(
            self.command(*arguments), check=False, input=stdin, capture_output=True, text=True, timeout=120,
            env={**os.environ, **self.environment},
        )  # fmt: skip
        assert ran.returncode == 0, f"{arguments}: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout + ran.stderr

    def link(self) -> str:
        """Return the link, good for one use, that the server gave when it last started."""
        found = _LINK.findall(self.said.read_text())
        assert found, f"The server gave no link:\n{self.said.read_text()}"
        return str(found[-1])


@contextmanager
def serving(db: str, folder: Path, *options: str, **environment: str) -> Iterator[Served]:
    """Run the server for as long as somebody needs it."""
    folder.mkdir(parents=True, exist_ok=True)
    served = Served(db, folder / "server.txt", options, environment)
    served.start()
    try:
        yield served
    finally:
        served.stop()
