"""Numbers as a picture of columns: our own SVG in the colour of the text around it, with the same in words."""

import html
from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 420, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 10, 44
TEXT = 12

Column = tuple[str, int]
"""What a column stands for, and how many there are."""


def svg(columns: Sequence[Column], name: str, title: str, below: str, desc: str) -> str:
    """Return columns as one SVG element, 420 units wide; `below` says what they stand for, `name` begins its ids."""
    tallest = max(number for _, number in columns)
    step = _step(tallest)
    most = -(-tallest // step) * step
    body = "".join([*_scale(step, most), *_columns(columns, most)])
    middle = (LEFT + WIDTH - RIGHT) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" fill="currentColor" '
        f'font-size="{TEXT}" aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
        f'<title id="{name}-title">{html.escape(title)}</title><desc id="{name}-desc">{html.escape(desc)}</desc>'
        f'{body}<text x="{_n(middle)}" y="{HEIGHT - 6}" text-anchor="middle">{html.escape(below)}</text></svg>'
    )


def _scale(step: int, most: int) -> Iterator[str]:
    """Yield lines across at round numbers, each with its number."""
    for number in range(0, most + 1, step):
        y = _y(number, most)
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_n(y)}" y2="{_n(y)}" stroke="currentColor" '
            f'stroke-opacity="{0.7 if number == 0 else 0.2}"/>'
            f'<text x="{LEFT - 6}" y="{_n(y + 4)}" text-anchor="end">{number:,}</text>'
        )


def _columns(columns: Sequence[Column], most: int) -> Iterator[str]:
    """Yield a bar for each column, and below so many of their names as have room."""
    step = (WIDTH - LEFT - RIGHT) / len(columns)
    widest = max(len(label) for label, _ in columns) * TEXT * 0.62 + 6
    every = max(1, -int(-widest // step))
    for at, (label, number) in enumerate(columns):
        x, y = LEFT + at * step, _y(number, most)
        if number:
            size = f'width="{_n(step * 0.8)}" height="{_n(_y(0, most) - y)}"'
            yield f'<rect class="bar" x="{_n(x + step * 0.1)}" y="{_n(y)}" {size}/>'
        if at % every == 0:
            middle = x + step / 2
            yield f'<text x="{_n(middle)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{html.escape(label)}</text>'


def _y(number: int, most: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * number / most


def _step(most: int) -> int:
    """Return the round number (1, 2, 5, 10, 20, ...) of which at most five reach to the tallest column."""
    scale = 1
    while True:
        for one in (1, 2, 5):
            if 5 * one * scale >= most:
                return one * scale
        scale *= 10


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
