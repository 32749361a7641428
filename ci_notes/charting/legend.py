"""What the shapes of a picture mean, line by line below it."""

from collections.abc import Iterator, Sequence

from ci_notes.charting import drawing
from ci_notes.charting.course import Course


def of(course: Course) -> Iterator[tuple[str, str]]:
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


def key(shape: str, x: float, y: float) -> str:
    """Return a shape as it stands before its meaning."""
    if shape == "threshold":
        return drawing.line(x - 6, y, x + 7, y, "", 'stroke-width="1.5" stroke-dasharray="5 3"')
    if shape == "tentative":
        return drawing.line(x, y - 6, x, y + 6, "", 'stroke-dasharray="2 3"') + drawing.shape(
            "square", x, y, 3.6, hollow=True
        )
    if shape == "published":
        return drawing.line(x, y - 6, x, y + 6, "", 'stroke-width="2"') + drawing.shape(
            "diamond", x, y, 4, hollow=False
        )
    if shape == "unusual":
        return drawing.shape("triangle", x, y, 4.5, hollow=True)
    ring = drawing.shape("ring", x, y, 6, hollow=True) if shape == "flagged" else ""
    return ring + drawing.shape("circle", x, y, 3.6, shape == "told")


def laid(legend: Sequence[tuple[str, str]], width: int) -> Iterator[tuple[int, float, str, str]]:
    """Yield the keys with the line and the place at which each begins."""
    line, x = 0, float(drawing.LEFT)
    for shape, said in legend:
        length = 16 + drawing.width_of(said) + 14
        if x > drawing.LEFT and x + length - 14 > width:
            line, x = line + 1, float(drawing.LEFT)
        yield line, x, shape, said
        x += length


def lines_of(legend: Sequence[tuple[str, str]], width: int) -> int:
    """Return how many lines a legend takes."""
    return max((line + 1 for line, *_ in laid(legend, width)), default=0)
