"""What is drawn of a pregnancy: elements by the part they play, and what guidelines and studies put beside them."""

from dataclasses import dataclass

from ci_notes.template.guidance import Position


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remarked of an element: that it is recorded, is one of some values, or is above a number.

    `say` are the words, with {} for the value; empty where the value itself is said.
    """

    element: str
    values: tuple[str | bool, ...] = ()
    above: float | None = None
    say: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """Which element is a cervical length, and which its day; `told` where a note merely tells of it."""

    length: str
    on: str
    unusual: Mark | None = None
    told: bool = False
    flags: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """Which element is the day (or the gestational age) of an event, and when it counts as one.

    What is `tentative`, planned or suspected, gives way to what happened.
    """

    kind: str
    say: str
    on: str
    only: Mark | None = None
    detail: str = ""
    tentative: bool = False


@dataclass(frozen=True, slots=True)
class Threshold:
    """A length in mm that guidelines act on, in one fetus or several, from and until an age in days if they say so."""

    length: float
    several: bool
    positions: tuple[Position, ...]
    begins: int | None = None
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """Lengths in mm that a study published for one gestational age (days) and a number of women."""

    days: int
    women: int
    mean: float
    deviation: float
    percentiles: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn of a pregnancy's notes, as `_rules/course.yaml` has it: elements by the part they play.

    `study` names the published values, `cited` says where they are from and how far that was seen.
    """

    edd: str = ""
    age: str = ""
    plurality: str = ""
    lengths: tuple[Measured, ...] = ()
    events: tuple[Happening, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    study: str = ""
    cited: str = ""
    published: tuple[Published, ...] = ()
