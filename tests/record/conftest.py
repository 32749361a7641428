"""A record on each database: what holds on one must hold on the other."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

# The tests of this folder import `recording` by name, as those above import `notes`.
sys.path.insert(0, str(Path(__file__).parent))

import postgresql

from ci_notes.record import Record, open_record

DATABASES = ["sqlite", postgresql.PARAMETER]


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    with postgresql.running() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def template(cluster: postgresql.Cluster) -> Iterator[str]:
    """The name of a database that is up to date, for each test to copy."""
    with cluster.database() as url:
        open_record(url).dispose()
        yield url.rpartition("/")[2]


@contextmanager
def _fresh(request: pytest.FixtureRequest, tmp_path: Path, ready: bool) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'record.db'}"
        return
    cluster: Any = request.getfixturevalue("cluster")
    template = request.getfixturevalue("template") if ready else "template0"
    with cluster.database(template) as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with nothing in it."""
    with _fresh(request, tmp_path, ready=False) as url:
        yield url


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database for a record."""
    with _fresh(request, tmp_path, ready=True) as url:
        yield url


@pytest.fixture
def record(url: str) -> Iterator[Record]:
    record = open_record(url)
    yield record
    record.dispose()
