"""One record of what was submitted: its place, and its bytes or why there are none."""

from dataclasses import dataclass

LARGEST = 32_000_000
"""Bytes of one record: forty times a full bundle of a long note."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A note or a bundle as it came: `name` of its file, `line` from 1 where a file has one record a line, else 0.

    `fault` says why there is no content, in words that follow the place.
    """

    name: str
    line: int = 0
    content: bytes = b""
    fault: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for a message."""
        return f"{self.name}, line {self.line}" if self.line else self.name
