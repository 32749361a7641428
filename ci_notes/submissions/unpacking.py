"""What notes are packed in: gzip and zstd, tar and zip. It is read as it comes and never written to disk."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_TAR_AT, _TAR = 257, b"ustar"
_BUFFER = 1 << 16
_PIECE = 1 << 10
"""Bytes that are unpacked at once: as many are lost before damage in the middle of a file."""

PASSED_OVER = 256 << 20
"""Bytes that are passed over in a packed file: more that holds no note is an attack, or a mistake."""

_FOREIGN = {b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2", b"7z\xbc\xaf": "7z"}
"""How files begin that are packed in ways that are not unpacked here, and what these are called."""

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
    begin = _peek(stream, 6)
    foreign = next((name for sign, name in _FOREIGN.items() if begin.startswith(sign)), "")
    if foreign:
        return f"is compressed with {foreign}, which is not read here; unpack it first, or send gzip or zstd"
    if begin[:2] == _GZIP:
        inner = _until_damage(gzip.GzipFile(fileobj=stream))
        return _opened(inner, _without(called, (".gz", ".tgz")), packed=True)
    if begin[:4] == _ZSTD:
        try:
            import zstandard  # noqa: PLC0415  an extra
        except ImportError:
            return NO_ZSTD
        frames = _Frames(stream, zstandard.ZstdDecompressor().decompressobj)
        return _opened(_until_damage(frames), _without(called, (".zst",)), packed=True)
    return _opened(stream, called, packed=False)


def _opened(stream: BinaryIO, called: str, packed: bool) -> Opened:
    try:
        begin = _peek(stream, _TAR_AT + len(_TAR))
    except DAMAGED:
        return Opened(stream, called, packed)  # it is told as its records are read
    if begin[:4] in (_ZIP, _EMPTY_ZIP):
        return Opened(stream, called, packed, "zip")
    is_tar = begin[_TAR_AT:] == _TAR
    return Opened(stream, called, packed, "tar" if is_tar else "")


def _peekable(file: Any) -> BinaryIO:
    return cast("BinaryIO", file if isinstance(file, io.BufferedReader) else io.BufferedReader(file, _BUFFER))


_FED = 1 << 7
"""Bytes of zstd that are unpacked at once: they become four megabytes at most."""


class _Frames:
    """The frames of zstd, one after the other; raises EOFError where the last one breaks off.

    The library's own reader takes that for the end of the file, so that nobody would learn what is missing.
    """

    def __init__(self, stream: BinaryIO, begun: Callable[[], Any]) -> None:
        self._stream, self._begun = stream, begun
        self._frame: Any = None
        self._rest, self._ready = b"", io.BytesIO()

    def read1(self, size: int) -> bytes:
        while not (piece := self._ready.read(size)):
            packed = self._rest or self._stream.read(_FED)
            if not packed and self._frame is None:
                return b""
            if not packed:
                raise EOFError
            self._unpack(packed)
        return piece

    def _unpack(self, packed: bytes) -> None:
        frame = self._frame or self._begun()
        self._ready = io.BytesIO(frame.decompress(packed))
        self._frame, self._rest = (None, frame.unused_data) if frame.eof else (frame, b"")


class _UntilDamage(io.RawIOBase):
    """What is unpacked as far as it is whole; only then the damage is raised, with nothing before it lost."""

    def __init__(self, unpacking: Any) -> None:
        self._unpacking = unpacking
        self._damage: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if self._damage is not None:
            raise self._damage
        filled = 0
        try:
            while filled < len(into) and (piece := self._unpacking.read1(min(_PIECE, len(into) - filled))):
                into[filled : filled + len(piece)] = piece
                filled += len(piece)
        except DAMAGED as error:
            if not filled:
                raise
            self._damage = error
        return filled


def _until_damage(unpacking: Any) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_UntilDamage(unpacking), _BUFFER))


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
        yield from (_of_zip if archive.archive == "zip" else _of_tar)(archive.stream, archive.packed)
    except DAMAGED as error:
        yield "", f"is damaged from here on ({str(error).lower() or 'its end is missing'}); send it again"


def _of_tar(stream: BinaryIO, packed: bool) -> Iterator[Member]:
    left = PASSED_OVER
    with tarfile.open(fileobj=cast("Any", _AsItComes(stream)), mode="r|") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member.name, _until_damage(file)
            elif not member.isdir():
                yield member.name, "is no file but a link or a device, and is not followed"
            left -= member.size - (file.tell() if file else 0)
            if packed and left < 0:
                yield "", "holds hundreds of megabytes that are no notes, so the rest of it is not read"
                return
            archive.members = []  # type: ignore[attr-defined]  # a million of them would fill the memory


class _AsItComes:
    """A stream that gives what is at hand when more is asked for, so that damage behind it takes nothing with it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = cast("io.BufferedReader", stream)

    def read(self, size: int) -> bytes:
        return self._stream.read1(size)


def _of_zip(stream: BinaryIO, packed: bool) -> Iterator[Member]:
    if packed or not stream.seekable():
        yield "", "is a zip file that cannot be read as it comes; name the file itself"
        return
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            try:
                with archive.open(member) as file:
                    yield member.filename, _until_damage(file)
            except (RuntimeError, NotImplementedError):
                yield member.filename, "is encrypted, or packed in a way that is not known here; unpack it first"
