"""What all tests share: a compiled template, an invented note, the program run in this process, how hard to search."""

import os
import sys
import time
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
    max_examples=40,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=_QUIET,
)
settings.register_profile("nightly", max_examples=2000, deadline=None, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_COMPILED = Path(__file__).parents[1] / "build" / "tests" / "compiled"
"""Where templates stay compiled from one run to the next, under a hash of all they are made from, our code included."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="Write the stored outputs anew in place of comparing them.")


def pytest_configure(config: pytest.Config) -> None:
    # Before anything is collected, since collecting the rules already compiles templates.
    os.environ["XDG_CACHE_HOME"] = str(_COMPILED)
    worker = getattr(config, "workerinput", None)
    if worker is None:
        _forget_yesterday()
    else:
        _compile_a_part(int(worker["workerid"].removeprefix("gw")), worker["workercount"])


_PLACES = {
    "browser": ("browser",),
    "fuzz": ("fuzz",),
    "interop": ("interop",),
    "kills": ("kills", "record"),
    "packaging": ("test_packaging.py",),
    "postgresql": ("kills", "record", "web"),  # in the first by `make kills`
    "spark": ("spark",),
}
"""Where the commands of the Makefile look for tests that have one of their own: to look through all takes longer."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        top = item.path.relative_to(Path(__file__).parent).parts[0]
        for name, places in _PLACES.items():
            if item.get_closest_marker(name) and top not in places:
                raise pytest.UsageError(f"{item.nodeid}: `make {name}` looks in {', '.join(places)} alone")


def _forget_yesterday() -> None:
    """Remove what earlier versions of the code left: each change compiles all anew."""
    for path in _COMPILED.glob("*/*"):
        if path.stat().st_mtime < time.time() - 24 * 3600:
            path.unlink(missing_ok=True)


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
