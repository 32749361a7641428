"""What all tests share: a compiled template, an invented note, the program run in this process, how hard to search."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# `notes` is imported by name; under importlib mode the folder of the tests is not on the path by itself.
sys.path.insert(0, str(Path(__file__).parent))

import notes
import tiny
from running import Ran, run_program

from ci_notes import library
from ci_notes.template import Template

_QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile(
    "default",
    max_examples=60,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=_QUIET,
)
settings.register_profile("nightly", max_examples=2000, deadline=None, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_CACHE = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="Write the stored outputs anew in place of comparing them.")


def pytest_configure(config: pytest.Config) -> None:
    # Before anything is collected, since collecting the rules already compiles templates.
    worker = getattr(config, "workerinput", None)
    if worker is None:
        config.stash[_CACHE] = os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="ci-notes-tests-")
    else:  # its processes began with the folder of the run, which they share
        _compile_a_part(int(worker["workerid"].removeprefix("gw")), worker["workercount"])


def pytest_unconfigure(config: pytest.Config) -> None:
    if _CACHE in config.stash:
        shutil.rmtree(config.stash[_CACHE], ignore_errors=True)


def _compile_a_part(number: int, of: int) -> None:
    """Have all templates at hand, each process beginning with others, so that none compiles what another has."""
    names = sorted(library.catalogue())
    first = number * len(names) // of
    for name in [*names[first:], *names[:first]]:
        library.load_template(name)


@pytest.fixture(scope="session")
def accept(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--accept"))


@pytest.fixture(scope="session")
def assessment() -> Template:
    return library.load_template("assessment")


@pytest.fixture(scope="session")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The tiny template of `tiny.py`, without any of the shared rules."""
    root = tmp_path_factory.mktemp("templates")
    return library.compile_template(tiny.Pack().write(root), root)


@pytest.fixture
def note_data() -> dict[str, Any]:
    return notes.rich_note()


@pytest.fixture
def run() -> Callable[..., Ran]:
    return run_program
