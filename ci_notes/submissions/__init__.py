"""Notes as they are submitted: files, folders, patterns, NDJSON, compressed files, archives and standard input.

What comes out is bytes with their place, one record after the other, whatever they came in. Nothing is kept but the
record at hand, nothing is written to disk, and what cannot be read is a record with the reason in its place: the rest
of a run goes on.
"""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ci_notes.errors import InputError
from ci_notes.submissions.lines import records
from ci_notes.submissions.record import LARGEST, STANDARD_INPUT, Submission, placed
from ci_notes.submissions.unpacking import Opened, is_archive, members, unpacked

__all__ = [
    "LARGEST",
    "Submission",
    "may_hold_notes",
    "named",
    "names_within",
    "placed",
    "submissions",
    "submissions_in",
]


def named(paths: Iterable[str]) -> Iterator[str]:
    """Yield the files that paths name, in order: files, those in folders and below them, those that a pattern finds.

    Raises InputError for a pattern or a folder that has none, before anything is read of it.
    """
    for path in paths:
        if path == STANDARD_INPUT or os.path.isfile(path):  # noqa: PTH113  a name too long for a path is no file
            yield path
        elif os.path.isdir(path):  # noqa: PTH112
            yield from _some(_below(Path(path)), f"{path} is a folder without notes")
        elif glob.has_magic(path):
            yield from _some(_matching(path), f"no file is called {path}")
        else:
            yield path  # it is complained of when it is read, under its name


def submissions(paths: Iterable[str]) -> Iterator[Submission]:
    """Yield every record of some files, by name: each note of an NDJSON file, each file of an archive.

    Never raises for what is in a file: a record that cannot be read is yielded with its fault.
    """
    for path in paths:
        yield from _of_file(path)


def submissions_in(name: str, file: BinaryIO) -> Iterator[Submission]:
    """Yield every record of an open file, as `submissions` does of one on the disk."""
    yield from _of_stream(name, name, file)


def _of_file(path: str) -> Iterator[Submission]:
    if path == STANDARD_INPUT:
        yield from _of_stream(STANDARD_INPUT, "", sys.stdin.buffer)
        return
    try:
        with Path(path).open("rb") as file:
            yield from _of_stream(path, path, file)
    except OSError as error:
        yield Submission(path, fault=f"cannot be read: {(error.strerror or str(error)).lower()}")


def _of_stream(name: str, called: str, file: BinaryIO) -> Iterator[Submission]:
    """Yield the records of a file; `called` is the name that tells its kind, empty where there is none."""
    opened = unpacked(file, called)
    if isinstance(opened, str):
        yield Submission(name, fault=opened)
    elif is_archive(opened):
        yield from _of_archive(name, opened)
    else:
        yield from records(name, opened.called, opened.stream, opened.packed)


def _of_archive(name: str, archive: Opened) -> Iterator[Submission]:
    for member, content in members(archive):
        if member and (_is_hidden(member) or not may_hold_notes(member)):
            continue
        inside = f"{name}: {member}" if member else name
        if isinstance(content, str):
            yield Submission(inside, fault=content)
            continue
        opened = unpacked(content, member)
        if isinstance(opened, str) or is_archive(opened):
            fault = opened if isinstance(opened, str) else "is an archive within an archive; unpack it first"
            yield Submission(inside, fault=fault)
        else:
            for one in records(inside, opened.called, opened.stream, packed=True):
                yield replace(one, archive=name)


def names_within(path: str, file: BinaryIO | None = None) -> frozenset[str]:
    """Return the names of files in an archive, open or on the disk, as `submissions` says them; of all else none."""
    try:
        with file or Path(path).open("rb") as archive:
            opened = unpacked(archive, path)
            if isinstance(opened, str) or not is_archive(opened):
                return frozenset()
            return frozenset(f"{path}: {member}" for member, _ in members(opened))
    except OSError:
        return frozenset()


# --- which files ---------------------------------------------------------------------------------------------------

_NOTES = (".json", ".yaml", ".yml", ".ndjson", ".jsonl")
_PACKED = (".gz", ".zst", ".xz", ".bz2")
_ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tar.zst", ".zip", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".7z")
"""What cannot be unpacked here is among them: somebody hears of it."""


def may_hold_notes(name: str) -> bool:
    """Return whether a file in a folder or an archive may hold notes, by its name."""
    plain = name.lower()
    if plain.endswith(_ARCHIVES):
        return True
    for packed in _PACKED:
        plain = plain.removesuffix(packed)
    return plain.endswith(_NOTES)


def _is_hidden(name: str) -> bool:
    """Return whether a file, or a folder that it is in, is one of those that systems put beside what people keep."""
    parts = name.split("/")
    return "__MACOSX" in parts or any(part.startswith(".") and part.strip(".") for part in parts)


def _below(folder: Path) -> Iterator[str]:
    """Yield the files of a folder and those below it, by name; links to folders are not followed."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        notes = sorted(name for name in files if may_hold_notes(name) and not _is_hidden(name))
        yield from (os.path.join(root, name) for name in notes)  # noqa: PTH118


def _matching(pattern: str) -> Iterator[str]:
    return (path for path in sorted(glob.iglob(pattern, recursive=True)) if os.path.isfile(path))  # noqa: PTH113, PTH207


def _some(found: Iterator[str], otherwise: str) -> Iterator[str]:
    first = next(found, None)
    if first is None:
        raise InputError(otherwise)
    yield first
    yield from found
