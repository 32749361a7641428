"""Java, Node and HL7's packages for the tests with software of others: found, installed into build/, or asked for.

What is missing skips a test with a sentence that says how to get it; in CI (the variable CI is set) it fails instead.
"""

import functools
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "interop"

PACKAGES = {
    "core": "hl7.fhir.r4.core#4.0.1",
    "us-core": "hl7.fhir.us.core#6.1.0",
    "terminology": "hl7.terminology.r4#7.0.1",
    "extensions": "hl7.fhir.uv.extensions.r4#5.3.0-ballot-tc1",
    "sdc": "hl7.fhir.uv.sdc#4.0.0-ballot",
}
GIVEN = "CI_NOTES_FHIR_PACKAGES"
"""Names a folder of packages, each NAME#VERSION.tgz, for machines that reach no FHIR package server."""

_EXTENSIONS_OF_R5 = "hl7.fhir.xver-extensions#0.1.0"
"""The validator does not start without it; we use no extension of it, so an empty one will do."""


def missing(what: str, how: str) -> NoReturn:
    """Skip the test, or fail it in CI, with what is missing and how to get it."""
    sentence = f"{what} is missing: {how}"
    if "CI" in os.environ:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def program(name: str, how: str) -> str:
    """Return the path of a program on this machine."""
    return shutil.which(name) or missing(name, how)


_UNPACKING = threading.Lock()


def package(name: str) -> Path:
    """Return where an HL7 package stands for us: the folder that holds its `package` folder."""
    full = PACKAGES[name]
    ours = BUILD / "packages" / full
    with _UNPACKING:  # validators are started side by side
        if not ours.exists():
            ours.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=ours.parent) as half:
                _unpack(full, Path(half) / full)
                (Path(half) / full).rename(ours)  # whole or not at all: the tests may be stopped at any time
    return ours


def _unpack(full: str, folder: Path) -> None:
    given, theirs = os.environ.get(GIVEN, ""), Path.home() / ".fhir" / "packages" / full
    if (theirs / "package" / "package.json").exists():
        shutil.copytree(theirs, folder)
    elif given and (archive := Path(given) / f"{full}.tgz").exists():
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    else:
        missing(
            f"the FHIR package {full}",
            f"a FHIR package server has it; unpack its .tgz into {theirs}, "
            f"or name in the variable {GIVEN} a folder of files NAME#VERSION.tgz",
        )


_JDK = "install a JDK of version 17 or later, and Maven (packages default-jdk-headless and maven of Debian)"


def _libraries(name: str) -> Path:
    """Return the folder of the jars that a pom.xml here names; `mvn` fetches them where that has not been done."""
    maven = program("mvn", _JDK)
    program("javac", _JDK)
    pom, libraries = HERE / name / "pom.xml", BUILD / name
    done = libraries / "pom.xml"
    if not done.exists() or done.read_bytes() != pom.read_bytes():
        shutil.rmtree(libraries, ignore_errors=True)
        fetch = ["-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={libraries}"]
        _install([maven, "-f", str(pom), *fetch], HERE)
        shutil.copy(pom, done)
    return libraries


@functools.cache
def server() -> list[str]:
    """Return the command that runs HAPI's JPA server; it prints its base address once it answers."""
    launcher, libraries = program("java", _JDK), _libraries("server")
    return [launcher, "-Xmx1500m", "-cp", f"{libraries}/*", str(HERE / "server" / "Server.java")]


@functools.cache
def java() -> list[str]:
    """Return the command that runs HL7's validator; `mvn` fetches it where that has not been done."""
    launcher, libraries = program("java", _JDK), _libraries("java")
    source = HERE / "java" / "Validate.java"
    return [
        launcher,
        "-Xmx3g",
        "-XX:+UseSerialGC",
        "-cp",
        f"{libraries}/*",
        str(source),
    ]


@functools.cache
def accessible() -> list[str]:
    """Return the command that holds PDF files against PDF/UA-1 with veraPDF."""
    launcher, libraries = program("java", _JDK), _libraries("pdf")
    return [launcher, "-cp", f"{libraries}/*", str(HERE / "pdf" / "Accessible.java")]


@contextmanager
def home() -> Iterator[Path]:
    """Make a home folder for one start of HL7's validator, with the packages it starts with, and told of no network.

    One for each start: the validator empties a cache of packages that it finds out of date, and of two starts over one
    folder the second can find it so, because the first is about to write down how new it is.
    """
    core = package("core")
    with tempfile.TemporaryDirectory(prefix="home-", dir=BUILD) as made:
        packages = Path(made) / ".fhir" / "packages"
        shutil.copytree(core, packages / core.name, copy_function=os.link)
        stub = packages / _EXTENSIONS_OF_R5 / "package"
        stub.mkdir(parents=True)
        name, version = _EXTENSIONS_OF_R5.split("#")
        empty = {"name": name, "version": version, "fhirVersions": ["4.0.1"], "type": "Conformance", "dependencies": {}}
        (stub / "package.json").write_text(json.dumps({**empty, "canonical": "http://hl7.org/fhir/xver"}))
        (packages.parent / "fhir-settings.json").write_text(json.dumps({"prohibitNetworkAccess": True}))
        yield Path(made)


@functools.cache
def node() -> str:
    """Return Node 22, which is one of the packages in tests/interop/node; `npm ci` installs them where that is due."""
    npm = program("npm", "install Node with npm (packages nodejs and npm of Debian); any version from 18 on will do")
    lock, modules = HERE / "node" / "package-lock.json", HERE / "node" / "node_modules"
    done = modules / ".installed.json"
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        _install([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], HERE / "node")
        shutil.copy(lock, done)
    return str(modules / ".bin" / "node")


def _install(command: Sequence[str], folder: Path) -> None:
    ran = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=900)
    if ran.returncode:
        missing(f"what {Path(command[0]).name} installs", f"it failed with {(ran.stdout + ran.stderr)[-1500:]}")
