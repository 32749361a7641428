"""Files written whole or not at all: the content goes beside the file first and takes its place in one step."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ci_notes.errors import InputError


def save_text(path: Path, text: str) -> None:
    """Write a text file as `save_bytes` does; raises InputError where it cannot."""
    save_bytes(path, text.encode())


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one; raises InputError where it cannot."""
    with saving(path) as file, _said(path):
        file.write(content)


@contextmanager
def saving(path: Path, mark: str = "") -> Iterator[BinaryIO]:
    """Return a file to write to that takes the place of `path` when it is whole; raises InputError where it cannot.

    A device or a pipe takes the content itself, never a file in its place. With a `mark`, by which nobody else calls a
    file, the same file beside `path` is begun anew by whoever goes on after a power cut, so that none is left behind.
    """
    if path.exists() and not path.is_file():
        with _said(path):
            device = path.open("wb")
        with device:
            yield device
        return
    with _said(path):
        handle, name = _marked(path, mark) if mark else tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            with _said(path):
                file.flush()
                os.fsync(file.fileno())
        with _said(path):
            if path.exists():
                Path(name).chmod(path.stat().st_mode & 0o777)
            Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _marked(path: Path, mark: str) -> tuple[int, str]:
    name = str(path.with_name(f".{path.name}.{mark}"))
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600), name


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None


class Draft:
    """The file a draft is kept in; if somebody else changes it meanwhile, ours goes beside it and nothing is lost."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held = _bytes(path)

    def save(self, text: str) -> None:
        """Write the draft; `path` is another one afterwards if the file was changed by somebody else."""
        if _bytes(self.path) != self.held:
            name = self.path.name.removesuffix(".json")
            self.path = self.path.with_name(f"{name}.{uuid.uuid4().hex[:4]}.json")
        save_text(self.path, text)
        self.held = text.encode()


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
