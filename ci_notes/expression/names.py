"""What a condition may name, and what was probably meant by a name that does not exist."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from ci_notes.element import Element
from ci_notes.expression.nodes import Field, Node


def nearest(name: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """Return "; did you mean «…»?" for the nearest known name, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean «{close[0]}»?" if close else ""


@dataclass(frozen=True)
class Names:
    """What a condition may name: elements by path, facts by name, and the group whose row is at hand."""

    elements: Mapping[str, Element]
    facts: Mapping[str, Node]
    group: str = ""

    def within(self, group: str) -> "Names":
        """Return the same names inside a row of a group."""
        return Names(self.elements, self.facts, group)


JURISDICTIONS = ("US", "UK", "CA", "INTL")

INPUTS = {
    "jurisdiction": Field("jurisdiction", "choice", ""),
    "today": Field("today", "date", "date"),
}
