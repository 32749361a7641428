"""A PostgreSQL of our own for the tests: Debian's programs, a folder of its own, stopped at the end."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

HOW = "PostgreSQL's programs are missing: apt-get install postgresql"
QUICK = "-c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=200"
"""What a crash of the machine would lose matters to no test; what a crash of a client loses is the same."""

PARAMETER = pytest.param("postgresql", marks=pytest.mark.postgresql)
"""The database as a parameter of a test, which `make postgresql` runs."""


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True, timeout=30)
        folders.insert(0, Path(told.stdout.strip()))
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Cluster:
    """A running cluster; each database of it is made when it is asked for."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Make a database, return its address, and remove it at the end."""
        name = f"test_{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Cluster]:
    """Start a cluster, as another user where this one is root; skips without PostgreSQL's programs, fails in CI."""
    folder = programs()
    if folder is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(HOW)
    assert folder is not None
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: the path of a socket has 107 characters at most
    user = _user(home)
    try:
        _call(user, folder / "initdb", "-D", home / "data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
        port = _free_port()
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 {QUICK}"
        control = folder / "pg_ctl"
        _call(user, control, "-D", home / "data", "-l", home / "log", "-w", "-t", "60", "-o", options, "start")
        try:
            yield Cluster(port)
        finally:
            _call(user, control, "-D", home / "data", "-w", "-t", "60", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _user(home: Path) -> str | None:
    """Return who runs the cluster: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    shutil.chown(home, user)
    return user


def _call(user: str | None, *words: str | Path) -> None:
    """Run one of the programs to its end; what it starts keeps no pipe of ours open."""
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            list(map(str, words)),
            user=user,
            extra_groups=None if user is None else [],
            cwd="/",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        said.seek(0)
        assert done.returncode == 0, said.read().decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
