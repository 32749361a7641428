"""What differs between two notes, field by field: versions of one, or two notes of a pregnancy."""

from dataclasses import dataclass

from ci_notes.derive import Note


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its section and title, the row it is in, and what either note says, in words.

    `change` is added, removed or changed; a side that says nothing is empty. `words` is set where the values are long
    text: the spans of `word_changes`. `computed` where nobody typed it.
    """

    place: str
    section: str
    title: str
    row: str
    change: str
    before: str
    after: str
    computed: bool = False
    words: tuple["Span", ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a text that are kept, added or removed."""

    change: str
    text: str


def differences(before: Note, after: Note) -> list[Difference]:
    """Return what differs between two notes, in the order of the later one's sections."""
    raise NotImplementedError


def word_changes(before: str, after: str) -> list[Span]:
    """Return a text as spans of words kept, added and removed."""
    raise NotImplementedError
