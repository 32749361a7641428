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
from ci_notes.charting.course import Course, Event, Point
from ci_notes.charting.telling import description, gestation, ordinal, weeks

NARROW, WIDE = 420, 840
"""Widths of the picture: for a telephone and a printed page, and for a screen; letters have one size in both."""

LEFT, RIGHT = 34, 12
PLOT = 300
"""Height of the plot, in the units of the picture: one is a pixel where it is shown at its own width."""

TEXT, SMALL, LANE = 12, 11, 17
"""Sizes of the letters, and height of a line of labels."""

FIRST, LAST = 14, 37
"""Weeks that are always drawn."""

LONGEST = 60
"""Millimetres that are always drawn."""

FEW = 12
"""Measurements up to which each may have its number beside it; the table has them all."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom of what takes up room."""


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
        f'viewBox="0 0 {width} {_n(picture.height)}" '
        f'aria-labelledby="{title}" aria-describedby="{desc}" fill="currentColor" font-size="{TEXT}">'
        f'<title id="{title}">Cervical length over gestational age</title>'
        f'<desc id="{desc}">{html.escape(description(course))}</desc>{body}</svg>'
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """The label of an event in its lane: its text, where its line stands, which way it runs."""

    event: Event
    lane: int
    x: float
    box: tuple[float, float]
    text: str
    anchor: str


@dataclass
class _Picture:
    """One picture: its scales, and the room that is taken."""

    course: Course
    address: Address | None = None
    width: int = NARROW
    taken: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        ages = [days / 7 for days in _ages(self.course) if days >= 0]
        self.first = min([FIRST, *map(floor, ages)])
        self.last = max([LAST, *map(ceil, ages)])
        self.longest = max([LONGEST, *(ceil(one.length / 10) * 10 for one in self.course.points)])
        self.points = [one for one in self.course.points if one.days is not None]
        self.labels = [*_in_lanes([one for one in self.course.events if one.days is not None], self.x, self.width)]
        self.lanes = max([label.lane + 1 for label in self.labels], default=0)
        self.top = 10 + LANE * self.lanes + 8
        self.bottom = self.top + PLOT
        self.legend = [*_legend(self.course)]
        self.height = self.bottom + 40 + LANE * _lines_of(self.legend, self.width)

    def x(self, days: float) -> float:
        """Return where a gestational age stands; what was before the first week stands at the edge."""
        share = (days / 7 - self.first) / (self.last - self.first)
        return max(float(LEFT), LEFT + share * (self.width - LEFT - RIGHT))

    def y(self, length: float) -> float:
        return self.bottom - PLOT * length / self.longest

    def drawn(self) -> Iterator[str]:
        yield from self._axes()
        self.taken += [_around(self.x(one.days or 0), self.y(one.length), 6) for one in self.points]
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
            yield _line(LEFT, y, right, y, "grid", 'stroke-opacity=".18"')
            yield _text(LEFT - 6, y + 4, str(length), "end")
        step = 2 if self.last - self.first <= 26 else 4
        for week in range(-(-self.first // step) * step, self.last + 1, step):
            x = self.x(week * 7)
            yield _line(x, self.bottom, x, self.bottom + 4, "tick")
            yield _text(x, self.bottom + 16, str(week), "middle")
        yield _line(LEFT, self.bottom, right, self.bottom, "axis")
        yield _line(LEFT, self.top, LEFT, self.bottom, "axis")
        yield _text(LEFT - 10, self.top - 8, "mm", "end")
        yield _text((LEFT + right) / 2, self.bottom + 31, "weeks of gestation", "middle")

    # what was published

    def _published(self) -> Iterator[str]:
        named = False
        for one in self.course.published:
            x = self.x(one.days)
            low, high = self.y(one.mean - one.deviation), self.y(one.mean + one.deviation)
            parts = [_line(x, low, x, high, "", 'stroke-width="2"')]
            parts += [_line(x - 4, y, x + 4, y, "", 'stroke-width="2"') for y in (low, high)]
            parts.append(_shape("diamond", x, self.y(one.mean), 4.5, hollow=False))
            for number, length in one.percentiles:
                y = self.y(length)
                parts.append(_line(x, y, x + 10, y, ""))
                parts.append(_text(x + 12, y + 4, ordinal(number), "start", f'font-size="{SMALL}"'))
                self.taken.append((x, y - 5, x + 12 + _width(ordinal(number), SMALL), y + 5))
            self.taken.append(_around(x, (low + high) / 2, 5, (low - high) / 2 + 2))
            if not named:
                parts.append(_text(x - 4, high - 8, self.course.study, "start", f'font-size="{SMALL}"'))
                self.taken.append((x - 4, high - 17, x - 4 + _width(self.course.study, SMALL), high - 5))
                named = True
            mean, sd = wording.say_number(one.mean), wording.say_number(one.deviation)
            told = f"{self.course.study}, {one.days // 7} weeks: mean {mean} mm, standard deviation {sd} mm"
            yield _group("published", told, parts, 'opacity=".72"')

    # thresholds

    def _lines(self) -> Iterator[str]:
        for one in _apart(self.course):
            first = self.x(one[1]) if one[1] is not None else LEFT
            last = self.x(one[2]) if one[2] is not None else self.width - RIGHT
            y = self.y(one[0])
            parts = [_line(first, y, last, y, "", 'stroke-width="1.5" stroke-dasharray="7 4"')]
            said = wording.say_quantity(one[0], "mm")
            place = self._room(
                said, [(first + 3, y - 5, "start"), (first + 3, y + 13, "start"), (last - 3, y - 5, "end")]
            )
            if place:
                parts.append(_text(place[0], place[1], said, place[2]))
            yield _group("threshold", f"Line at {said}", parts)

    # events

    def _events(self) -> Iterator[str]:
        for label in self.labels:
            y = self.top - 8 - LANE * label.lane
            dashes = 'stroke-dasharray="2 3"' if label.event.tentative else ""
            stroke = f'stroke-opacity=".6" {dashes}'.strip()
            before = (label.event.days or 0) < 0
            parts = [] if before else [_line(label.x, y - 3, label.x, self.bottom, "", stroke)]
            parts.append(_event_shape(label.event, label.x, y - 4))
            offset = 8 if label.anchor == "start" else -8
            parts.append(_text(label.x + offset, y, label.text, label.anchor))
            drawn = _group(f"event {label.event.kind}", _event_told(label.event), parts)
            yield self._linked(drawn, label.event.note, _event_told(label.event))

    def _linked(self, drawn: str, note: str, told: str) -> str:
        if self.address is None or not note:
            return drawn
        return f'<a href="{html.escape(self.address(note))}" aria-label="{html.escape(told)}">{drawn}</a>'

    # measurements

    def _points(self) -> Iterator[str]:
        joined = [one for one in self.points if one.usual]
        self.taken += [box for pair in pairwise(joined) for box in self._between(*pair)]
        if len(joined) > 1:
            path = " ".join(f"{_n(self.x(one.days or 0))},{_n(self.y(one.length))}" for one in joined)
            yield f'<polyline class="lengths" points="{path}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        for one in self.points:
            shape = _point_shape(one, self.x(one.days or 0), self.y(one.length))
            drawn = _group(_point_class(one), _point_told(one), [shape])
            yield self._linked(drawn, one.note, _point_told(one))
        for one in self._first_to_label():
            yield from self._value(one)

    def _between(self, one: Point, other: Point) -> Iterator[Box]:
        """Yield the room that the line between two measurements takes up."""
        across, down = self.x(other.days or 0) - self.x(one.days or 0), self.y(other.length) - self.y(one.length)
        steps = int(max(abs(across), abs(down)) // 4) + 1
        for step in range(1, steps):
            share = step / steps
            yield _around(self.x(one.days or 0) + share * across, self.y(one.length) + share * down, 1.5)

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
            yield _text(place[0], place[1], said, place[2], 'font-weight="600"')

    def _room(self, said: str, near: Sequence[tuple[float, float, str]]) -> tuple[float, float, str] | None:
        """Return the first of some places at which words cover nothing, and take it; None where there is none."""
        for x, y, anchor in near:
            left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * _width(said)
            box = (left, y - 10, left + _width(said), y + 2)
            inside = box[0] >= LEFT + 1 and box[2] <= self.width and box[3] <= self.bottom
            if inside and not any(_overlap(box, other) for other in self.taken):
                self.taken.append(box)
                return x, y, anchor
        return None

    # what the shapes mean

    def _keys(self) -> Iterator[str]:
        for line, x, shape, said in _laid(self.legend, self.width):
            y = self.bottom + 50 + LANE * line
            yield f'<g class="key">{_key(shape, x + 6, y - 4)}{_text(x + 16, y, said, "start")}</g>'


# --- labels of events ----------------------------------------------------------------------------------------------


def _in_lanes(events: Sequence[Event], where: Callable[[float], float], width: int) -> list[_Placed]:
    """Return the labels of events, each in the lowest lane where it covers no other, the highest of them first.

    They run to the right, so the last is placed first: the lines of those before it then pass it on its left. Where
    that cannot be, a line passes behind a label.
    """
    placed: list[_Placed] = []
    for event in sorted(events, key=lambda one: one.days or 0, reverse=True):
        label = _label(event, where(event.days or 0), placed, width)
        placed.append(label)
    return sorted(placed, key=lambda one: -one.lane)


def _label(event: Event, x: float, placed: Sequence[_Placed], width: int) -> _Placed:
    days = event.days or 0
    text = f"{event.say} {weeks(days)}" if days >= 0 else f"{event.say} before"
    lanes = range(len(placed) + 1)
    options = [_Placed(event, lane, x, _run(x, text, way), text, way) for lane in lanes for way in ("start", "end")]
    apart = [one for one in options if _inside(one, width) and not any(_cover(one, other) for other in placed)]
    clear = [one for one in apart if not any(_cross(one, other) for other in placed)]
    return next(iter([*clear, *apart]))


def _run(x: float, text: str, anchor: str) -> tuple[float, float]:
    """Return from where to where a label runs, its shape included."""
    length = _width(text) + 8
    return (x - 6, x + length) if anchor == "start" else (x - length, x + 6)


def _inside(one: _Placed, width: int) -> bool:
    return one.box[0] >= 0 and one.box[1] <= width


def _cover(one: _Placed, other: _Placed) -> bool:
    """Return whether two labels stand in one another's place."""
    return one.lane == other.lane and one.box[0] < other.box[1] + 4 and other.box[0] - 4 < one.box[1]


def _cross(one: _Placed, other: _Placed) -> bool:
    """Return whether the line of the higher label passes the lower one."""
    high, low = (one, other) if one.lane > other.lane else (other, one)
    return high.lane != low.lane and high.x != low.x and low.box[0] < high.x < low.box[1]


# --- shapes --------------------------------------------------------------------------------------------------------

_SHAPES = {
    "cerclage": "square",
    "progesterone": "triangle",
    "pprom": "cross",
    "removal": "diamond",
    "steroids": "plus",
    "pessary": "ring",
}
"""The shape of each kind of event; another kind, which a pack may add, is a bar."""

_EDGES = {
    "square": "M-{0},-{0}H{0}V{0}H-{0}Z",
    "triangle": "M0,-{0}L{0},{0}H-{0}Z",
    "diamond": "M0,-{0}L{0},0L0,{0}L-{0},0Z",
    "cross": "M-{0},-{0}L{0},{0}M-{0},{0}L{0},-{0}",
    "plus": "M-{0},0H{0}M0,-{0}V{0}",
    "bar": "M0,-{0}V{0}",
}


def _shape(kind: str, x: float, y: float, size: float, hollow: bool) -> str:
    filled = 'fill="none"' if hollow or kind in ("cross", "plus", "bar", "ring") else ""
    drawn = f'{filled} stroke="currentColor" stroke-width="1.6"'.strip()
    if kind in ("ring", "circle"):
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(size)}" {drawn}/>'
    edges = _EDGES[kind].format(_n(size))
    return f'<path transform="translate({_n(x)} {_n(y)})" d="{edges}" {drawn}/>'


def _event_shape(event: Event, x: float, y: float) -> str:
    return _shape(_SHAPES.get(event.kind, "bar"), x, y, 3.6, event.tentative)


def _point_shape(one: Point, x: float, y: float) -> str:
    if not one.usual:
        return _shape("triangle", x, y, 4.5, hollow=True)
    ring = _shape("ring", x, y, 6.5, hollow=True) if one.flags else ""
    return ring + _shape("circle", x, y, 3.6, one.told)


def _point_class(one: Point) -> str:
    return f"point{'' if one.usual else ' unusual'}{' told' if one.told else ''}{' flagged' if one.flags else ''}"


def _point_told(one: Point) -> str:
    seen = "".join(f", {flag}" for flag in one.flags)
    return f"{wording.say_quantity(one.length, 'mm')} at {gestation(one.days)}{seen}"


def _event_told(one: Event) -> str:
    return f"{one.say} at {gestation(one.days)}{f', {one.detail}' if one.detail else ''}"


# --- what the shapes mean ------------------------------------------------------------------------------------------


def _legend(course: Course) -> Iterator[tuple[str, str]]:
    """Yield the shapes that are in the picture and do not say themselves what they are."""
    points = [one for one in course.points if one.days is not None]
    if points:
        yield "circle", "cervical length"
    if any(one.flags and one.usual for one in points):
        yield "flagged", "with a finding"
    if any(one.told for one in points):
        yield "told", "told, not measured here"
    if any(not one.usual for one in points):
        yield "unusual", "not transvaginal"
    if any(one.tentative and one.days is not None for one in course.events):
        yield "tentative", "planned or suspected"
    if course.lines:
        yield "threshold", "threshold of guidelines"
    if course.published:
        yield "published", f"{course.study}, mean ± SD"


def _key(shape: str, x: float, y: float) -> str:
    """Return a shape as it stands before its meaning."""
    if shape == "threshold":
        return _line(x - 6, y, x + 7, y, "", 'stroke-width="1.5" stroke-dasharray="5 3"')
    if shape == "tentative":
        return _line(x, y - 6, x, y + 6, "", 'stroke-dasharray="2 3"') + _shape("square", x, y, 3.6, hollow=True)
    if shape == "published":
        return _line(x, y - 6, x, y + 6, "", 'stroke-width="2"') + _shape("diamond", x, y, 4, hollow=False)
    if shape == "unusual":
        return _shape("triangle", x, y, 4.5, hollow=True)
    ring = _shape("ring", x, y, 6, hollow=True) if shape == "flagged" else ""
    return ring + _shape("circle", x, y, 3.6, shape == "told")


def _laid(legend: Sequence[tuple[str, str]], width: int) -> Iterator[tuple[int, float, str, str]]:
    """Yield the keys with the line and the place at which each begins."""
    line, x = 0, float(LEFT)
    for shape, said in legend:
        length = 16 + _width(said) + 14
        if x > LEFT and x + length - 14 > width:
            line, x = line + 1, float(LEFT)
        yield line, x, shape, said
        x += length


def _lines_of(legend: Sequence[tuple[str, str]], width: int) -> int:
    return max((line + 1 for line, *_ in _laid(legend, width)), default=0)


# --- room ----------------------------------------------------------------------------------------------------------


def _ages(course: Course) -> list[int]:
    """Return the gestational ages, in days, of what can be drawn."""
    ages = [*(one.days for one in course.points), *(one.days for one in course.events)]
    return [days for days in ages if days is not None]


def _apart(course: Course) -> list[tuple[float, int | None, int | None]]:
    """Return the lines of the picture: those of one length that reach over the same weeks are one."""
    return list(dict.fromkeys((one.length, one.begins, one.ends) for one in course.lines))


def _width(text: str, size: float = TEXT) -> float:
    """Return about how long a text is; rather more, since the letters are those of the page."""
    return len(text) * size * 0.56 + 2


def _around(x: float, y: float, across: float, down: float = 0) -> Box:
    return (x - across, y - (down or across), x + across, y + (down or across))


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


# --- pieces --------------------------------------------------------------------------------------------------------


def _n(number: float) -> str:
    """Return a number as short as it may be written."""
    return f"{number:.1f}".removesuffix(".0")


def _line(x1: float, y1: float, x2: float, y2: float, name: str, more: str = "") -> str:
    attributes = " ".join(filter(None, [f'class="{name}"' if name else "", 'stroke="currentColor"', more]))
    return f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" {attributes}/>'


def _text(x: float, y: float, said: str, anchor: str, more: str = "") -> str:
    """Return words with a rim of the page's own colour, so that a line behind them does not strike them out."""
    attributes = " ".join(filter(None, [f'text-anchor="{anchor}"' if anchor != "start" else "", more]))
    rim = 'stroke="Canvas" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
    return f'<text x="{_n(x)}" y="{_n(y)}" {rim} {attributes}>{html.escape(said)}</text>'.replace(" >", ">")


def _group(name: str, told: str, parts: Sequence[str], more: str = "") -> str:
    return f'<g class="{name}" {more}><title>{html.escape(told)}</title>{"".join(parts)}</g>'.replace('" >', '">')
