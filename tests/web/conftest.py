"""An application over a fresh record, and a browser for each role."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from pathlib import Path

import pytest

# The tests of this folder import `browsing` by name, as those above import `notes`.
sys.path.insert(0, str(Path(__file__).parent))

import postgresql
from browsing import Browser, account, signed_in
from starlette.applications import Starlette

from ci_notes.record import open_record
from ci_notes.web.app import create_app
from ci_notes.web.settings import Settings

DATABASE = os.environ.get("CI_NOTES_DB", "sqlite")
"""The tests of this folder are the same on sqlite and postgresql: once more with CI_NOTES_DB=postgresql."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if DATABASE == "postgresql" and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.postgresql)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """What makes a record with nothing in it and returns its address; brought up to date once for all tests."""
    folder = tmp_path_factory.mktemp("records")
    if DATABASE == "sqlite":
        open_record(f"sqlite:///{folder / 'blank.db'}").dispose()
        number = count()

        def copied() -> AbstractContextManager[str]:
            path = folder / str(next(number)) / "record.db"
            path.parent.mkdir()
            shutil.copy(folder / "blank.db", path)
            return nullcontext(f"sqlite:///{path}")

        yield copied
        return
    with postgresql.running() as cluster, cluster.database() as url:
        open_record(url).dispose()
        yield lambda: cluster.database(url.rpartition("/")[2])


@pytest.fixture
def db(databases: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The address of a record of this test's own."""
    with databases() as url:
        yield url


@pytest.fixture
def build(db: str) -> Iterator[Callable[..., Starlette]]:
    """Make an application over the record, with settings of the test's own."""
    made: list[Starlette] = []

    def inner(**settings: object) -> Starlette:
        made.append(create_app(Settings(**{"db": db, **settings})))
        return made[-1]

    yield inner
    for app in made:
        app.state.record.dispose()


@pytest.fixture
def app(build: Callable[..., Starlette]) -> Starlette:
    return build()


@pytest.fixture
def client(app: Starlette) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def clinician(app: Starlette) -> Browser:
    return signed_in(app, app, account(app, "carla", "clinician"))


@pytest.fixture
def cosigner(app: Starlette) -> Browser:
    return signed_in(app, app, account(app, "cosima", "clinician", "co-signer"))


@pytest.fixture
def qa(app: Starlette) -> Browser:
    return signed_in(app, app, account(app, "quentin", "qa"))


@pytest.fixture
def admin(app: Starlette) -> Browser:
    return signed_in(app, app, account(app, "ada", "admin"))
