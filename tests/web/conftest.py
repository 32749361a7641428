"""An application over a fresh record, and a browser for each role."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# The tests of this folder import `browsing` by name, as those above import `notes`.
sys.path.insert(0, str(Path(__file__).parent))

from browsing import Browser, account, signed_in
from starlette.applications import Starlette

from ci_notes.record import open_record
from ci_notes.web.app import create_app
from ci_notes.web.settings import Settings


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with nothing in it, made once."""
    path = tmp_path_factory.mktemp("record") / "record.db"
    open_record(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def db(blank: Path, tmp_path: Path) -> str:
    """The address of a record of this test's own."""
    shutil.copy(blank, tmp_path / "record.db")
    return f"sqlite:///{tmp_path / 'record.db'}"


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
