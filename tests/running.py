"""Runs the program in this process, with its own standard streams, and says how it ended."""

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path

from ci_notes import cli
from ci_notes.cli import options


@dataclass(frozen=True)
class Ran:
    """How the program ended and what it wrote."""

    code: int
    out: str
    err: str


def run_program(*arguments: str | Path, stdin: bytes = b"") -> Ran:
    """Run `ci-notes` in this process; what it raises beyond its exit status fails the test."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    before, code = (sys.argv, sys.stdin), 0
    sys.argv = ["ci-notes", *map(str, arguments)]
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv, sys.stdin = before
        options.FOLDERS.clear()
    ran = Ran(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))
    for stream in (out, err):
        stream.close()  # click remembers every standard output there was
    return ran
