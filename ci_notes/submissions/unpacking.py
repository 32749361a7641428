"""What notes are packed in: gzip and zstd, tar and zip. It is read as it comes and never written to disk."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_TAR_AT, _TAR = 257, b"ustar"
_BUFFER = 1 << 16

NO_ZSTD = "is compressed with zstd: pip install 'ci-notes[bulk]' to read it, or unpack it first"


def _damaged() -> tuple[type[Exception], ...]:
    known: list[type[Exception]] = [gzip.BadGzipFile, zlib.error, EOFError, tarfile.TarError, zipfile.BadZipFile]
    try:
        import zstandard  # noqa: PLC0415  an extra
    except ImportError:
        return tuple(known)
    return (*known, zstandard.ZstdError)


DAMAGED = _damaged()
"""What is raised where a packed file is damaged."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it is read: `called` is its name without the endings of what it was packed in."""

    stream: BinaryIO
    called: str
    packed: bool
    archive: str = ""
    """tar or zip."""


def unpacked(file: Any, called: str) -> Opened | str:
    """Return a file unpacked, whatever its name says it is; or why it cannot be."""
    stream = _peekable(file)
    begin = _peek(stream, 4)
    if begin[:2] == _GZIP:
        inner = _peekable(gzip.GzipFile(fileobj=stream))
        return _opened(inner, _without(called, (".gz", ".tgz")), packed=True)
    if begin == _ZSTD:
        try:
            import zstandard  # noqa: PLC0415  an extra
        except ImportError:
            return NO_ZSTD
        reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        return _opened(_peekable(reader), _without(called, (".zst",)), packed=True)
    return _opened(stream, called, packed=False)


def _opened(stream: BinaryIO, called: str, packed: bool) -> Opened | str:
    try:
        begin = _peek(stream, _TAR_AT + len(_TAR))
    except DAMAGED:
        return Opened(stream, called, packed)  # it is told as its records are read
    if begin[:4] in (_ZIP, _EMPTY_ZIP):
        if packed or not stream.seekable():
            return "is a zip file that cannot be read as it comes; name the file itself"
        return Opened(stream, called, packed, "zip")
    is_tar = begin[_TAR_AT:] == _TAR
    return Opened(stream, called, packed, "tar" if is_tar else "")


def _peekable(file: Any) -> BinaryIO:
    return cast("BinaryIO", file if isinstance(file, io.BufferedReader) else io.BufferedReader(file, _BUFFER))


def _peek(stream: BinaryIO, size: int) -> bytes:
    return cast("io.BufferedReader", stream).peek(size)[:size]


def _without(called: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if called.lower().endswith(ending):
            return called[: -len(ending)]
    return called


def is_archive(opened: Opened) -> bool:
    """Return whether a file holds files."""
    return bool(opened.archive)


# --- archives ------------------------------------------------------------------------------------------------------

Member = tuple[str, BinaryIO | str]
"""The name of a file in an archive, and the file or why it cannot be read."""


def members(archive: Opened) -> Iterator[Member]:
    """Yield the files of an archive in its order; what is damaged is yielded as what cannot be read, at its end."""
    try:
        yield from (_of_zip if archive.archive == "zip" else _of_tar)(archive.stream)
    except DAMAGED as error:
        yield "", f"is damaged from here on ({str(error).lower() or 'its end is missing'}); send it again"


def _of_tar(stream: BinaryIO) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, cast("BinaryIO", file)
            elif not member.isdir():
                yield member.name, "is no file but a link or a device, and is not followed"
            archive.members = []  # type: ignore[attr-defined]  # a million of them would fill the memory


def _of_zip(stream: BinaryIO) -> Iterator[Member]:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            try:
                with archive.open(member) as file:
                    yield member.filename, cast("BinaryIO", file)
            except (RuntimeError, NotImplementedError):
                yield member.filename, "is encrypted, or packed in a way that is not known here; unpack it first"
