"""The course as our own SVG: shapes before colours, labels that give way to one another, no style of its own.

Everything is drawn in the colour of the text around it, so that it stands on any page, dark or light, and in print; the
classes are for a page that wants to colour it.
"""

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor

from ci_notes import wording
from ci_notes.charting import drawing, labels, legend
from ci_notes.charting.course import Course, Point
from ci_notes.charting.drawing import LANE, LEFT, TEXT
from ci_notes.charting.telling import description, ordinal

NARROW, WIDE = 420, 840
"""Widths of the picture: for a telephone and a printed page, and for a screen; letters have one size in both."""

RIGHT = 12
PLOT = 300
"""Height of the plot, in the units of the picture: one is a pixel where it is shown at its own width."""

SMALL = 11
"""Size of the smaller letters."""

FIRST, LAST = 14, 37
"""Weeks that are always drawn."""

LONGEST = 60
"""Millimetres that are always drawn."""

FEW = 12
"""Measurements up to which each may have its number beside it; the table has them all."""

Address = Callable[[str], str]
"""Gives the address of the page of a note by its id."""


def svg(course: Course, address: Address | None = None, name: str = "", width: int = NARROW) -> str:
    """Return the course as one SVG element; empty where there is nothing to draw.

    With `address` measurements and events are links to their notes; it is then a group and no picture, since what is in
    a picture cannot be reached. The ids in it begin with `name`, or the id of a note, so that a page may have several.
    """
    if not _ages(course):
        return ""
    picture = _Picture(course, address, width)
    body = "".join(picture.drawn())
    first = next(iter([*(one.note for one in course.points), *(one.note for one in course.events)]))
    title, desc = (f"{name or f'course-{first}'}-{what}" for what in ("title", "desc"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="course" role="{"group" if address else "img"}" '
        f'viewBox="0 0 {width} {drawing.number(picture.height)}" '
        f'aria-labelledby="{title}" aria-describedby="{desc}" fill="currentColor" font-size="{TEXT}">'
        f'<title id="{title}">Cervical length over gestational age</title>'
        f'<desc id="{desc}">{html.escape(description(course))}</desc>{body}</svg>'
    )


@dataclass
class _Picture:
    """One picture: its scales, and the room that is taken."""

    course: Course
    address: Address | None = None
    width: int = NARROW
    taken: list[labels.Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        ages = [days / 7 for days in _ages(self.course) if days >= 0]
        self.first = min([FIRST, *map(floor, ages)])
        self.last = max([LAST, *map(ceil, ages)])
        self.longest = max([LONGEST, *(ceil(one.length / 10) * 10 for one in self.course.points)])
        self.points = [one for one in self.course.points if one.days is not None]
        self.labels = [
            *labels.in_lanes([one for one in self.course.events if one.days is not None], self.x, self.width)
        ]
        self.lanes = max([label.lane + 1 for label in self.labels], default=0)
        self.top = 10 + LANE * self.lanes + 8
        self.bottom = self.top + PLOT
        self.legend = [*legend.of(self.course)]
        self.height = self.bottom + 40 + LANE * legend.lines_of(self.legend, self.width)

    def x(self, days: float) -> float:
        """Return where a gestational age stands; what was before the first week stands at the edge."""
        share = (days / 7 - self.first) / (self.last - self.first)
        return max(float(LEFT), LEFT + share * (self.width - LEFT - RIGHT))

    def y(self, length: float) -> float:
        return self.bottom - PLOT * length / self.longest

    def drawn(self) -> Iterator[str]:
        yield from self._axes()
        self.taken += [labels.around(self.x(one.days or 0), self.y(one.length), 6) for one in self.points]
        yield from self._published()
        yield from self._events()
        yield from self._lines()
        yield from self._points()
        yield from self._keys()

    # axes

    def _axes(self) -> Iterator[str]:
        right = self.width - RIGHT
        for length in range(0, self.longest + 1, 10):
            y = self.y(length)
            yield drawing.line(LEFT, y, right, y, "grid", 'stroke-opacity=".18"')
            yield drawing.words(LEFT - 6, y + 4, str(length), "end")
        step = 2 if self.last - self.first <= 26 else 4
        for week in range(-(-self.first // step) * step, self.last + 1, step):
            x = self.x(week * 7)
            yield drawing.line(x, self.bottom, x, self.bottom + 4, "tick")
            yield drawing.words(x, self.bottom + 16, str(week), "middle")
        yield drawing.line(LEFT, self.bottom, right, self.bottom, "axis")
        yield drawing.line(LEFT, self.top, LEFT, self.bottom, "axis")
        yield drawing.words(LEFT - 10, self.top - 8, "mm", "end")
        yield drawing.words((LEFT + right) / 2, self.bottom + 31, "weeks of gestation", "middle")

    # what was published

    def _published(self) -> Iterator[str]:
        named = False
        for one in self.course.published:
            x = self.x(one.days)
            low, high = self.y(one.mean - one.deviation), self.y(one.mean + one.deviation)
            parts = [drawing.line(x, low, x, high, "", 'stroke-width="2"')]
            parts += [drawing.line(x - 4, y, x + 4, y, "", 'stroke-width="2"') for y in (low, high)]
            parts.append(drawing.shape("diamond", x, self.y(one.mean), 4.5, hollow=False))
            for number, length in one.percentiles:
                y = self.y(length)
                parts.append(drawing.line(x, y, x + 10, y, ""))
                parts.append(drawing.words(x + 12, y + 4, ordinal(number), "start", f'font-size="{SMALL}"'))
                self.taken.append((x, y - 5, x + 12 + drawing.width_of(ordinal(number), SMALL), y + 5))
            self.taken.append(labels.around(x, (low + high) / 2, 5, (low - high) / 2 + 2))
            if not named:
                parts.append(drawing.words(x - 4, high - 8, self.course.study, "start", f'font-size="{SMALL}"'))
                self.taken.append((x - 4, high - 17, x - 4 + drawing.width_of(self.course.study, SMALL), high - 5))
                named = True
            mean, sd = wording.say_number(one.mean), wording.say_number(one.deviation)
            told = f"{self.course.study}, {one.days // 7} weeks: mean {mean} mm, standard deviation {sd} mm"
            yield drawing.group("published", told, parts, 'opacity=".72"')

    # thresholds

    def _lines(self) -> Iterator[str]:
        for one in _apart(self.course):
            first = self.x(one[1]) if one[1] is not None else LEFT
            last = self.x(one[2]) if one[2] is not None else self.width - RIGHT
            y = self.y(one[0])
            parts = [drawing.line(first, y, last, y, "", 'stroke-width="1.5" stroke-dasharray="7 4"')]
            said = wording.say_quantity(one[0], "mm")
            place = self._room(
                said, [(first + 3, y - 5, "start"), (first + 3, y + 13, "start"), (last - 3, y - 5, "end")]
            )
            if place:
                parts.append(drawing.words(place[0], place[1], said, place[2]))
            yield drawing.group("threshold", f"Line at {said}", parts)

    # events

    def _events(self) -> Iterator[str]:
        for label in self.labels:
            y = self.top - 8 - LANE * label.lane
            dashes = 'stroke-dasharray="2 3"' if label.event.tentative else ""
            stroke = f'stroke-opacity=".6" {dashes}'.strip()
            before = (label.event.days or 0) < 0
            parts = [] if before else [drawing.line(label.x, y - 3, label.x, self.bottom, "", stroke)]
            parts.append(drawing.event_shape(label.event, label.x, y - 4))
            offset = 8 if label.anchor == "start" else -8
            parts.append(drawing.words(label.x + offset, y, label.text, label.anchor))
            drawn = drawing.group(f"event {label.event.kind}", drawing.event_told(label.event), parts)
            yield self._linked(drawn, label.event.note, drawing.event_told(label.event))

    def _linked(self, drawn: str, note: str, told: str) -> str:
        if self.address is None or not note:
            return drawn
        return f'<a href="{html.escape(self.address(note))}" aria-label="{html.escape(told)}">{drawn}</a>'

    # measurements

    def _points(self) -> Iterator[str]:
        joined = [one for one in self.points if one.usual]
        self.taken += [box for pair in pairwise(joined) for box in self._between(*pair)]
        if len(joined) > 1:
            path = " ".join(
                f"{drawing.number(self.x(one.days or 0))},{drawing.number(self.y(one.length))}" for one in joined
            )
            yield f'<polyline class="lengths" points="{path}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        for one in self.points:
            shape = drawing.point_shape(one, self.x(one.days or 0), self.y(one.length))
            drawn = drawing.group(drawing.point_class(one), drawing.point_told(one), [shape])
            yield self._linked(drawn, one.note, drawing.point_told(one))
        for one in self._first_to_label():
            yield from self._value(one)

    def _between(self, one: Point, other: Point) -> Iterator[labels.Box]:
        """Yield the room that the line between two measurements takes up."""
        across, down = self.x(other.days or 0) - self.x(one.days or 0), self.y(other.length) - self.y(one.length)
        steps = int(max(abs(across), abs(down)) // 4) + 1
        for step in range(1, steps):
            share = step / steps
            yield labels.around(self.x(one.days or 0) + share * across, self.y(one.length) + share * down, 1.5)

    def _first_to_label(self) -> Sequence[Point]:
        """Return the measurements in the order in which they may claim room: the shortest first, the rest if few."""
        if not self.points:
            return []
        shortest = min(self.points, key=lambda one: one.length)
        first = [shortest, self.points[-1], self.points[0]]
        return list(dict.fromkeys([*first, *(self.points if len(self.points) <= FEW else ())]))

    def _value(self, one: Point) -> Iterator[str]:
        x, y, said = self.x(one.days or 0), self.y(one.length), wording.say_number(one.length)
        near = [(x, y - 9, "middle"), (x, y + 18, "middle"), (x + 9, y + 4, "start"), (x - 9, y + 4, "end")]
        place = self._room(said, near)
        if place:
            yield drawing.words(place[0], place[1], said, place[2], 'font-weight="600"')

    def _room(self, said: str, near: Sequence[tuple[float, float, str]]) -> tuple[float, float, str] | None:
        """Return the first of some places at which words cover nothing, and take it; None where there is none."""
        for x, y, anchor in near:
            left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * drawing.width_of(said)
            box = (left, y - 10, left + drawing.width_of(said), y + 2)
            inside = box[0] >= LEFT + 1 and box[2] <= self.width and box[3] <= self.bottom
            if inside and not any(labels.overlap(box, other) for other in self.taken):
                self.taken.append(box)
                return x, y, anchor
        return None

    # what the shapes mean

    def _keys(self) -> Iterator[str]:
        for line, x, shape, said in legend.laid(self.legend, self.width):
            y = self.bottom + 50 + LANE * line
            yield f'<g class="key">{legend.key(shape, x + 6, y - 4)}{drawing.words(x + 16, y, said, "start")}</g>'


def _ages(course: Course) -> list[int]:
    """Return the gestational ages, in days, of what can be drawn."""
    ages = [*(one.days for one in course.points), *(one.days for one in course.events)]
    return [days for days in ages if days is not None]


def _apart(course: Course) -> list[tuple[float, int | None, int | None]]:
    """Return the lines of the picture: those of one length that reach over the same weeks are one."""
    return list(dict.fromkeys((one.length, one.begins, one.ends) for one in course.lines))
