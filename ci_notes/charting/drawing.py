"""The pieces of a picture as SVG: lines, words, and the shapes of events and measurements."""

import html
from collections.abc import Sequence

from ci_notes import wording
from ci_notes.charting.course import Event, Point
from ci_notes.charting.telling import gestation

TEXT, LANE = 12, 17
"""Size of the letters, and height of a line of labels."""

LEFT = 34
"""Where the plot begins, with what stands below it."""


def number(number: float) -> str:
    """Return a number as short as it may be written."""
    return f"{number:.1f}".removesuffix(".0")


def line(x1: float, y1: float, x2: float, y2: float, name: str, more: str = "") -> str:
    """Return a line from one point to another."""
    attributes = " ".join(filter(None, [f'class="{name}"' if name else "", 'stroke="currentColor"', more]))
    return f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" {attributes}/>'


def words(x: float, y: float, said: str, anchor: str, more: str = "") -> str:
    """Return words with a rim of the page's own colour, so that a line behind them does not strike them out."""
    attributes = " ".join(filter(None, [f'text-anchor="{anchor}"' if anchor != "start" else "", more]))
    rim = 'stroke="Canvas" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
    return f'<text x="{number(x)}" y="{number(y)}" {rim} {attributes}>{html.escape(said)}</text>'.replace(" >", ">")


def group(name: str, told: str, parts: Sequence[str], more: str = "") -> str:
    """Return pieces that belong together, with what they are when one points at them."""
    return f'<g class="{name}" {more}><title>{html.escape(told)}</title>{"".join(parts)}</g>'.replace('" >', '">')


def width_of(text: str, size: float = TEXT) -> float:
    """Return about how long a text is; rather more, since the letters are those of the page."""
    return len(text) * size * 0.56 + 2


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


def shape(kind: str, x: float, y: float, size: float, hollow: bool) -> str:
    """Return a shape around a point, hollow or full."""
    filled = 'fill="none"' if hollow or kind in ("cross", "plus", "bar", "ring") else ""
    drawn = f'{filled} stroke="currentColor" stroke-width="1.6"'.strip()
    if kind in ("ring", "circle"):
        return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(size)}" {drawn}/>'
    edges = _EDGES[kind].format(number(size))
    return f'<path transform="translate({number(x)} {number(y)})" d="{edges}" {drawn}/>'


def event_shape(event: Event, x: float, y: float) -> str:
    """Return the shape of an event."""
    return shape(_SHAPES.get(event.kind, "bar"), x, y, 3.6, event.tentative)


def point_shape(one: Point, x: float, y: float) -> str:
    """Return the shape of a measurement."""
    if not one.usual:
        return shape("triangle", x, y, 4.5, hollow=True)
    ring = shape("ring", x, y, 6.5, hollow=True) if one.flags else ""
    return ring + shape("circle", x, y, 3.6, one.told)


def point_class(one: Point) -> str:
    """Return by what names a page may colour a measurement."""
    return f"point{'' if one.usual else ' unusual'}{' told' if one.told else ''}{' flagged' if one.flags else ''}"


def point_told(one: Point) -> str:
    """Return a measurement in words."""
    seen = "".join(f", {flag}" for flag in one.flags)
    return f"{wording.say_quantity(one.length, 'mm')} at {gestation(one.days)}{seen}"


def event_told(one: Event) -> str:
    """Return an event in words."""
    return f"{one.say} at {gestation(one.days)}{f', {one.detail}' if one.detail else ''}"
