"""Our FHIR package as a validator takes it: the archive that `ci-notes package` writes, and HL7's validator with it."""

import functools
import io
import json
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from installing import BUILD, java, package
from judging import Issue, Verdicts

from ci_notes import __version__, packaging


@functools.cache
def archive() -> Path:
    """Return the file of our package."""
    path = BUILD / "ci-notes.fhir.tgz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packaging.package(__version__))
    return path


@functools.cache
def unpacked() -> Path:
    """Return the folder that holds the `package` folder of our package."""
    folder = BUILD / "ci-notes.fhir"
    with tarfile.open(fileobj=io.BytesIO(archive().read_bytes())) as opened:
        opened.extractall(folder, filter="data")
    return folder


def judged(files: Sequence[Path]) -> Verdicts:
    """Return what HL7's validator finds in files, started once with our package and those it may name."""
    out = BUILD / "found" / "hl7-package.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    known = [str(package(name)) for name in ("extensions", "terminology", "us-core")]
    command = [*java(), "validate", str(out), *known, str(archive()), "--", *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
    found = json.loads(out.read_text(encoding="utf-8"))
    return {Path(file): [Issue(**issue) for issue in issues] for file, issues in found.items()}
