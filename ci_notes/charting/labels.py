"""Where the words of a picture stand: labels of events in lanes, and what room is taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ci_notes.charting import drawing
from ci_notes.charting.course import Event
from ci_notes.charting.telling import weeks

Box = tuple[float, float, float, float]
"""Left, top, right and bottom of what takes up room."""


def around(x: float, y: float, across: float, down: float = 0) -> Box:
    """Return the room around a point."""
    return (x - across, y - (down or across), x + across, y + (down or across))


def overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes have room in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass(frozen=True, slots=True)
class Placed:
    """The label of an event in its lane: its text, where its line stands, which way it runs."""

    event: Event
    lane: int
    x: float
    box: tuple[float, float]
    text: str
    anchor: str


def in_lanes(events: Sequence[Event], where: Callable[[float], float], width: int) -> list[Placed]:
    """Return the labels of events, each in the lowest lane where it covers no other, the highest of them first.

    They run to the right, so the last is placed first: the lines of those before it then pass it on its left. Where
    that cannot be, a line passes behind a label.
    """
    placed: list[Placed] = []
    for event in sorted(events, key=lambda one: one.days or 0, reverse=True):
        label = _label(event, where(event.days or 0), placed, width)
        placed.append(label)
    return sorted(placed, key=lambda one: -one.lane)


def _label(event: Event, x: float, placed: Sequence[Placed], width: int) -> Placed:
    days = event.days or 0
    text = f"{event.say} {weeks(days)}" if days >= 0 else f"{event.say} before"
    lanes = range(len(placed) + 1)
    options = [Placed(event, lane, x, _run(x, text, way), text, way) for lane in lanes for way in ("start", "end")]
    apart = [one for one in options if _inside(one, width) and not any(_cover(one, other) for other in placed)]
    clear = [one for one in apart if not any(_cross(one, other) for other in placed)]
    return next(iter([*clear, *apart]))


def _run(x: float, text: str, anchor: str) -> tuple[float, float]:
    """Return from where to where a label runs, its shape included."""
    length = drawing.width_of(text) + 8
    return (x - 6, x + length) if anchor == "start" else (x - length, x + 6)


def _inside(one: Placed, width: int) -> bool:
    return one.box[0] >= 0 and one.box[1] <= width


def _cover(one: Placed, other: Placed) -> bool:
    """Return whether two labels stand in one another's place."""
    return one.lane == other.lane and one.box[0] < other.box[1] + 4 and other.box[0] - 4 < one.box[1]


def _cross(one: Placed, other: Placed) -> bool:
    """Return whether the line of the higher label passes the lower one."""
    high, low = (one, other) if one.lane > other.lane else (other, one)
    return high.lane != low.lane and high.x != low.x and low.box[0] < high.x < low.box[1]
