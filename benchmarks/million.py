"""A nation's notes through `ci-notes check --jobs 2`: how many in a second, and how much memory all its processes have.

    python -m benchmarks.million [--notes 1000000] [--jobs 2] [--most 300]

The notes are made on the fly and go in through a pipe: every example in turn, each time of another patient and another
author, so that nothing is the same twice. Memory is what Linux counts as the processes' own share (PSS), added up over
the whole tree twice a second. Exit status 1 where it was more than --most megabytes at any time.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

TEMPLATES = Path(__file__).parents[1] / "templates"


def notes(number: int) -> Iterator[bytes]:
    """Yield notes as lines: each patient has as many as there are examples, of another week each time."""
    examples = [json.loads(path.read_bytes()) for path in sorted(TEMPLATES.glob("*/examples/*.note.json"))]
    for made in range(number):
        data = dict(examples[made % len(examples)])
        data["id"] = f"note-{made}"
        data["patient"] = {
            **data.get("patient", {}),
            "pseudonym": f"Example {made // 4}",
            "identifier_system": "https://hospital.example/patients",
            "identifier": f"EX-{made // 4}",
        }
        data["author"] = {**data.get("author", {}), "name": f"Dr Bea Sample {made % 997}"}
        if "comment" in data:
            data["comment"] = {**data["comment"], "text": f"Seen in room {made} at the end of the corridor."}
        yield json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def processes(root: int) -> list[int]:
    """Return a process and all that it began, and these began."""
    found = [root]
    for one in found:
        for tasks in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, tasks.read_text().split())
            except OSError:  # it has ended meanwhile
                continue
    return found


def megabytes(root: int) -> list[float]:
    """Return the memory of each process of a tree, the first before those it began, what they share counted once."""
    found = []
    for one in processes(root):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        found.append(sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024)
    return found


Sample = tuple[float, list[float]]
"""Seconds since the begin, and the memory of each process."""


def sampled(root: int, began: float, into: list[Sample], done: threading.Event) -> None:
    while not done.wait(0.5):
        into.append((time.monotonic() - began, megabytes(root)))


def _fed(process: "subprocess.Popen[bytes]", number: int) -> None:
    assert process.stdin
    with process.stdin:
        for line in notes(number):
            process.stdin.write(line)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--notes", type=int, default=100_000)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--format", default="jsonl")
    options.add_argument("--most", type=float, default=300, help="megabytes")
    given = options.parse_args()

    command = [sys.executable, "-c", "from ci_notes.cli import main; main()", "check", "-", "--fail-on", "never"]
    command += ["--jobs", str(given.jobs), "--format", given.format]
    samples: list[Sample] = []
    began, done = time.monotonic(), threading.Event()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        watch = threading.Thread(target=sampled, args=(process.pid, began, samples, done))
        watch.start()
        try:
            _fed(process, given.notes)
            read = time.monotonic() - began
            process.wait()
        finally:
            done.set()
            watch.join()
    took = time.monotonic() - began
    if process.returncode:
        sys.exit(f"the run ended with {process.returncode}: what was measured is not what was meant")
    return _told(samples, given.notes, read, took, given.most)


def _told(samples: list[Sample], number: int, read: float, took: float, most: float) -> int:
    peak = max(sum(memory) for _, memory in samples)
    print(f"{number:,} notes in {took:.0f} s: {number / took:,.0f} a second (read in the first {read:.0f} s)")
    print(f"memory of all processes: {peak:.0f} MB at most; by tenths of the run, and of each process:")
    for tenth in range(10):
        held = [memory for at, memory in samples if tenth <= at / took * 10 < tenth + 1]
        if held:
            largest = max(held, key=sum)
            print(f"  {tenth * 10:3d} % {sum(largest):6.0f} MB: {', '.join(f'{one:.0f}' for one in largest)}")
    return int(peak > most)


if __name__ == "__main__":
    sys.exit(main())
