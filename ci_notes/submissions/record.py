"""One record of what was submitted: its place, and its bytes or why there are none."""

from dataclasses import dataclass

STANDARD_INPUT = "-"

LARGEST = 32_000_000
"""Bytes of one record: forty times a full bundle of a long note."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A note or a bundle as it came: `name` of its file, `line` from 1 where a file has one record a line, else 0.

    `fault` says why there is no content, in words that follow the place; `archive` is that which the file is in.
    """

    name: str
    line: int = 0
    content: bytes = b""
    fault: str = ""
    archive: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for a message."""
        return placed(self.name, self.line)


def placed(name: str, line: int) -> str:
    """Return where something stands in words: the name of a file, and its line unless that is 0."""
    named = "standard input" if name == STANDARD_INPUT else name
    return f"{named}, line {line}" if line else named
