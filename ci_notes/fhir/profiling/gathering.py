"""The elements of several templates, each once: what is declared once is described once, wherever it is used."""

from collections.abc import Iterable
from dataclasses import replace

from ci_notes.element import OURS, Element
from ci_notes.template import HEADER, Template

NEVER_OBSERVED = (f"{HEADER}.status", f"{HEADER}.date")
"""Elements that every resource says by itself, so that they are no Observation."""


def elements_of(templates: Iterable[Template]) -> dict[str, Element]:
    """Return our elements outside of rows by id; a group has the rows of all templates."""
    found: dict[str, Element] = {}
    for template in templates:
        for section in template.sections:
            for element in section:
                if element.base == OURS:
                    found[element.id] = _joined(found.get(element.id, element), element)
    return found


def _joined(known: Element, other: Element) -> Element:
    """Return a group with the rows that either knows; templates may leave some out."""
    here = {row.id for row in known.rows}
    more = tuple(row for row in other.rows if row.id not in here and row.base == OURS)
    return replace(known, rows=(*known.rows, *more)) if more else known


def with_rows(elements: Iterable[Element]) -> list[Element]:
    """Return elements and those of their rows, each group before its rows."""
    return [one for element in elements for one in (element, *element.rows)]


def titles_of(templates: Iterable[Template]) -> dict[str, list[str]]:
    """Return the titles under which our elements stand, by id: a template may give one another title."""
    found: dict[str, list[str]] = {}
    for template in templates:
        for element in with_rows(element for section in template.sections for element in section):
            titles = found.setdefault(element.id, [])
            if element.title not in titles:
                titles.append(element.title)
    return found
