"""The cervical length over one pregnancy: what its notes measured and what happened, as a picture and as a table.

Which elements are lengths and events, and what is drawn beside them, is data: `templates/_rules/course.yaml`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ci_notes.derive import Note


@dataclass(frozen=True, slots=True)
class Point:
    """A measurement: `length` in mm on a day (`on`, ISO), at a gestational age in days where that can be told.

    `flags` are what was seen with it, in words. `usual` is false where it is not comparable with the others, as a
    transabdominal one; `told` is true where no note measured it and one says that it had been measured.
    """

    days: int | None
    length: float
    on: str
    note: str
    flags: tuple[str, ...] = ()
    usual: bool = True
    told: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a day (`on`, ISO) or is planned for it, with the note that says so; `days` as in `Point`."""

    days: int | None
    kind: str
    say: str
    on: str
    note: str
    detail: str = ""
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A length in mm that guidelines act on, from and until a gestational age in days where they name one.

    `says` are their positions, with jurisdiction, source and grade.
    """

    length: float
    begins: int | None
    ends: int | None
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """Published lengths at one gestational age: mean and standard deviation, percentiles by their number, in mm."""

    days: int
    mean: float
    deviation: float
    percentiles: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """What the notes of one pregnancy say of the cervix, in order of time; empty where there are no notes.

    `edd` (ISO) is the due date by which ages are told. `cited` is the source of the references, with its grade;
    `remarks` are what a reader of the picture must know.
    """

    points: tuple[Point, ...] = ()
    events: tuple[Event, ...] = ()
    lines: tuple[Line, ...] = ()
    references: tuple[Reference, ...] = ()
    cited: str = ""
    edd: str = ""
    jurisdiction: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the day and the gestational age as they are said, what, its value or detail, remarks."""

    on: str
    gestation: str
    what: str
    value: str
    remarks: str
    note: str


def cervical_lengths(notes: Sequence[Note]) -> Course:
    """Return the course of one pregnancy from its notes in order of time."""
    raise NotImplementedError


def svg(course: Course, address: Callable[[str], str] | None = None) -> str:
    """Return the course as one SVG element; `address` gives the link of a note by its id.

    Everything in it has a shape of its own and takes the colour of the text around it; it holds no style.
    """
    raise NotImplementedError


def caption(course: Course) -> list[str]:
    """Return the sentences that belong under the picture: due date, thresholds, references with source and grade."""
    raise NotImplementedError


def table(course: Course) -> list[Row]:
    """Return the same content in rows, in order of time."""
    raise NotImplementedError
