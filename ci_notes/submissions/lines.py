"""Records of one stream: one document, or one on each line. No line is held that is longer than a record may be."""

import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from ci_notes.submissions.record import LARGEST, Submission
from ci_notes.submissions.unpacking import DAMAGED, PASSED_OVER

_BY_LINE = (".ndjson", ".jsonl")
_NO_CONTENT = b" \t\r\n\x1e"  # RFC 7464 parts records with a sign of its own
_CHUNK = 1 << 20
_EMPTY = 64
"""Bytes for which an empty line counts: to read one takes as long."""
_NO_END = "has no end of line, so the rest of the file is not read"
_ALL_BLANK = "and before has nothing but empty lines, so the rest of the file is not read"
_NO_RECORD = "is empty: there is no record in it"
_ONLY_BLANK = "has nothing but empty lines: there is no record in it"
_TOO_LARGE = f"is too large: a note or bundle has at most {LARGEST // 1_000_000} MB"


def records(name: str, called: str, stream: BinaryIO, packed: bool) -> Iterator[Submission]:
    """Yield the records of a stream: of NDJSON each line, else the whole.

    `called` tells by its ending which it is. Without one, a stream whose first line is a whole object is NDJSON.
    """
    lines = _Lines(name, stream, packed)
    try:
        first = lines.next()
        if first is None:
            yield Submission(name, fault=_NO_RECORD)
        elif called.lower().endswith(_BY_LINE) or (not _says_its_kind(called) and _is_whole(first)):
            yield from lines.all_from(first)
        else:
            yield lines.whole(first)
    except DAMAGED as error:
        fault = f"is damaged from here on ({_reason(error)}); send it again"
        yield Submission(name, lines.number + 1 if lines.parted else 0, fault=fault)


def _says_its_kind(called: str) -> bool:
    return called.lower().endswith((".json", ".yaml", ".yml"))


def _is_whole(line: bytes) -> bool:
    plain = line.strip(b" \t\r\n\x1e\xef\xbb\xbf")
    return plain.startswith(b"{") and plain.endswith(b"}")


class _Lines:
    """The lines of a stream, counted; each is bounded."""

    def __init__(self, name: str, stream: BinaryIO, packed: bool) -> None:
        self.name, self.stream, self.packed = name, stream, packed
        self.number = self.blank = 0
        self.parted = False
        """Whether each line is a record."""

    def next(self) -> bytes | None:
        """Return the next line, one byte longer than a record may be where it is too large; None at the end."""
        line = self.stream.readline(LARGEST + 1)
        if not line:
            return None
        self.number += 1
        return line

    def all_from(self, line: bytes | None) -> Iterator[Submission]:
        self.parted, nothing = True, True
        while line is not None:
            if len(line) > LARGEST:
                nothing = False
                yield Submission(self.name, self.number, fault=_TOO_LARGE)
                if not self.passed_over():
                    yield Submission(self.name, self.number, fault=_NO_END)
                    return
            elif content := line.strip(_NO_CONTENT):
                nothing = False
                yield Submission(self.name, self.number, content)
            elif self.too_many_blank(line):
                yield Submission(self.name, self.number, fault=_ALL_BLANK)
                return
            line = self.next()
        if nothing:
            yield Submission(self.name, fault=_ONLY_BLANK)

    def too_many_blank(self, line: bytes) -> bool:
        """Count an empty line; return whether a packed file holds more of them than anybody writes."""
        self.blank += max(len(line), _EMPTY)
        return self.packed and self.blank > PASSED_OVER

    def passed_over(self) -> bool:
        """Go on behind the end of a line; return whether there was one before too much of it was read."""
        left = PASSED_OVER if self.packed else sys.maxsize
        while left > 0:
            chunk = self.stream.readline(_CHUNK)
            if not chunk or chunk.endswith(b"\n"):
                return True
            left -= len(chunk)
        return False

    def whole(self, first: bytes) -> Submission:
        """Return the stream as one record."""
        content = first + self.stream.read(max(0, LARGEST + 1 - len(first)))
        if len(content) > LARGEST:
            return Submission(self.name, fault=_TOO_LARGE)
        return Submission(self.name, 0, content) if content.strip() else Submission(self.name, fault=_ONLY_BLANK)


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "its end is missing"
    return "its checksum is wrong" if isinstance(error, zlib.error) else str(error).lower() or "it cannot be unpacked"
