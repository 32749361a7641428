"""Results as one HTML page for those who look after quality: what was counted, as numbers, rates and pictures.

It opens without a network, runs no script, and names neither patients nor authors.
"""

from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ci_notes.results.counted import Counted
from ci_notes.results.model import Unread
from ci_notes.results.reckoning import MOST_ROWS, SMALLEST, Reckoning, rate
from ci_notes.results.tally import Tally
from ci_notes.template import GRADES, Template


def write(
    results: Iterable[Counted | Unread], stream: TextIO, templates: Iterable[Template], tool: str, day: str
) -> None:
    """Write a report of what is counted, once all of it is; `tool` is our version, `day` that of the run (YYYY-MM-DD).

    `templates` are the note kinds that were checked.
    """
    tally = Tally()
    for one in results:
        tally.add(one)
    stream.write(rendered(tally, templates, tool, day))


def rendered(tally: Tally, templates: Iterable[Template], tool: str, day: str) -> str:
    """Return a tally as an HTML page."""
    css = (_HERE / "report.css").read_text(encoding="utf-8")
    page = _environment().get_template("report.html.j2")
    return page.render(
        report=Reckoning(tally, [*templates]),
        tool=tool,
        day=day,
        css=Markup(css),  # noqa: S704  our own file
        css_hash=b64encode(sha256(css.encode()).digest()).decode(),
        smallest=SMALLEST,
        most_rows=MOST_ROWS,
        grades=GRADES,
    )


_HERE = Path(__file__).parent


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {"rate": rate, "number": lambda number: f"{number:,}"}
    return made
