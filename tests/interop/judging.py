"""Runs the validators of others over files of FHIR: each started for all files of a call, HL7's for those of all calls.

`python tests/interop/judging.py hl7 FILE...` prints what one of them finds (hl7, medplum, schema, ucum).
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from inputs import SAMPLE
from installing import BUILD, HERE, ROOT, home, java, node, package

from ci_notes import __version__, packaging

Json = dict[str, Any]


@dataclass(frozen=True)
class Issue:
    """One thing that a validator says. `id` is the validator's own name for messages of this kind."""

    severity: str
    id: str
    where: str
    text: str

    @property
    def wrong(self) -> bool:
        return self.severity in ("error", "fatal")

    @property
    def warned(self) -> bool:
        return self.severity == "warning"


Verdicts = dict[Path, list[Issue]]


def hl7(files: Iterable[Path]) -> Verdicts:
    """Return what HL7's validator finds, with R4, US Core and our profiles."""
    return _verdicts(_hl7("validate", files))


@cache
def ours() -> Path:
    """Return our own FHIR package, as `ci-notes package` writes it, unpacked.

    Its Questionnaires are without the conditions under which they ask: a note keeps what was recorded when these held,
    and HL7's validator, which knows no variables of SDC, takes much for not asked that is.
    """
    place = BUILD / "ci-notes.fhir"
    shutil.rmtree(place, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(packaging.package(__version__))) as archive:
        archive.extractall(place, filter="data")
    for path in (place / "package").glob("Questionnaire-*.json"):
        path.write_text(json.dumps(_unconditional(json.loads(path.read_bytes()))), encoding="utf-8")
    return place


def _unconditional(node: Any) -> Any:
    """Return a Questionnaire, or a part of one, that asks everything."""
    if isinstance(node, list):
        kept = [one for one in node if not (isinstance(one, dict) and "enableWhen" in str(one.get("url", "")))]
        return [_unconditional(one) for one in kept]
    if not isinstance(node, dict):
        return node
    made = {key: _unconditional(value) for key, value in node.items() if not key.startswith("enable")}
    return {key: value for key, value in made.items() if value != []}


@cache
def snapshots() -> Path:
    """Return a file of our profiles with their snapshots, {file: profile}, as HL7's validator makes them.

    It writes the version behind each address of R4, where Medplum looks for the address alone.
    """
    path = BUILD / "snapshots.json"
    made = json.dumps(_hl7("snapshot", sorted((ours() / "package").glob("StructureDefinition-*.json"))))
    path.write_text(re.sub(r'("http://hl7.org/fhir/[^"|]+)\|4\.0\.1"', r'\1"', made), encoding="utf-8")
    return path


def medplum(files: Iterable[Path]) -> Verdicts:
    """Return what Medplum's validator finds, with R4, US Core and our profiles."""
    known = [package("core") / "package", package("us-core") / "package", snapshots()]
    return _verdicts(_node("medplum.mjs", known, files))


def schema(files: Iterable[Path]) -> Verdicts:
    """Return what the JSON schema of R4 finds."""
    return _verdicts(_node("schema.mjs", [package("core") / "package" / "openapi" / "fhir.schema.json"], files))


def ucum(files: Iterable[Path]) -> Verdicts:
    """Return the units that are not UCUM."""
    return _verdicts(_node("ucum.mjs", [], files))


VALIDATORS: dict[str, Callable[[Iterable[Path]], Verdicts]] = {
    "hl7": hl7,
    "medplum": medplum,
    "schema": schema,
    "ucum": ucum,
}


def _verdicts(found: Json) -> Verdicts:
    return {Path(file): [Issue(**issue) for issue in issues] for file, issues in found.items()}


class Hl7:
    """HL7's validator while it runs: it takes a third of a minute to start, and less for each file the more it saw."""

    def __init__(self, made: Path, log: Path) -> None:
        launcher, *rest = java()
        # Code that runs for a minute or two is not worth the compiler's better half.
        quick = ["-XX:TieredStopAtLevel=1"] if SAMPLE else []
        known = [*map(package, ("extensions", "terminology", "sdc", "us-core")), ours()]
        command = [launcher, f"-Duser.home={made}", *quick, *rest, *map(str, known)]
        self._log = log
        with log.open("w") as told:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, cwd=ROOT, text=True
            )

    def ask(self, mode: str, file: Path) -> Any:
        """Return what it answers of a file; raises RuntimeError where it has ended."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{mode} {file}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"HL7's validator ended at {file}: {self._log.read_text('utf-8')[-3000:]}")
        return json.loads(answer)

    def end(self) -> None:
        with self._process as ending:
            assert ending.stdin
            ending.stdin.close()


STARTED = ExitStack()
"""Ends the processes of HL7's validator that are running."""


@cache
def _validator(number: int) -> Hl7:
    (BUILD / "found").mkdir(parents=True, exist_ok=True)
    started = Hl7(STARTED.enter_context(home()), BUILD / "found" / f"hl7-{number}.txt")
    STARTED.callback(started.end)
    return started


def _hl7(mode: str, files: Iterable[Path]) -> Json:
    """Return what HL7's validator answers of files, asked in as many processes as there are cores, at most two.

    More than two want more memory than they save time; a sample is too small for two to warm up.
    """
    java()  # what is installed or written for both is so before they start
    ours()
    waiting = [*files]
    left = iter(waiting)
    found: Json = {}

    def ask(number: int) -> None:
        for file in left:
            found[str(file)] = _validator(number).ask(mode, file)

    with ThreadPoolExecutor() as pool:
        [*pool.map(ask, range(min(1 if SAMPLE else 2, os.cpu_count() or 1, len(waiting))))]
    return {str(file): found[str(file)] for file in waiting}


def _node(script: str, arguments: Sequence[Path], files: Iterable[Path]) -> Json:
    command = [node(), str(HERE / "node" / script), "OUT", *map(str, arguments), "--"]
    return _run(command, [*files], script.removesuffix(".mjs"))


def _run(command: Sequence[str], files: Sequence[Path], name: str) -> Json:
    """Run a validator; OUT among its arguments stands for the file that it writes."""
    out = BUILD / "found" / f"{name}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    words = [str(out) if word == "OUT" else word for word in command]
    ran = subprocess.run([*words, *map(str, files)], check=False, cwd=ROOT, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(f"{name} did not run: {(ran.stdout + ran.stderr)[-3000:]}")
    found: Json = json.loads(out.read_text(encoding="utf-8"))
    return found


def main(validator: str, *names: str) -> int:
    """Print what a validator finds in files, alike messages once with their number; return 1 if it found an error."""
    with STARTED:
        found = VALIDATORS[validator](Path(name).resolve() for name in names)
    issues = [issue for issues in found.values() for issue in issues if issue.wrong or issue.warned]
    for (severity, name), number in Counter((issue.severity, issue.id) for issue in issues).most_common():
        first = next(issue for issue in issues if (issue.severity, issue.id) == (severity, name))
        print(f"{number:6} {severity} {name}\n       {first.where}\n       {first.text}")
    return int(any(issue.wrong for issue in issues))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
