"""What a condition may name, and what was probably meant by a name that does not exist."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ci_notes.element import Element
from ci_notes.errors import ExpressionError
from ci_notes.expression.nodes import Field, Node


def nearest(name: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    """Return "; did you mean «…»?" for the nearest known name, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean «{close[0]}»?" if close else ""


class UnknownNameError(ExpressionError):
    """A condition names an element, a fact or a section that is not there.

    What was probably meant is looked for when somebody reads it: a shared rule whose elements a template lacks is left
    out without a word, dozens of times while a template is read.
    """

    def __init__(self, what: str, name: str, known: Mapping[str, object], within: str = "") -> None:
        super().__init__(what, name, known, within)  # all of them, so that it can be sent between processes
        self.what, self.name, self.known, self.within = what, name, known, within

    def __str__(self) -> str:
        said = f"there is no {self.what} «{self.name}»{nearest(self.name, self.known)}"
        return f"{said} in «{self.within}»" if self.within else said


@dataclass(frozen=True)
class Names:
    """What a condition may name: elements by path, facts by name, and the group whose row is at hand.

    `earlier` says that it may also name the elements of the patient's earlier note, as a rule may.
    """

    elements: Mapping[str, Element]
    facts: Mapping[str, Node]
    group: str = ""
    earlier: bool = False

    def within(self, group: str) -> "Names":
        """Return the same names inside a row of a group."""
        return replace(self, group=group)

    def with_earlier(self) -> "Names":
        """Return the same names, those of the earlier note among them."""
        return replace(self, earlier=True)

    def element(self, path: str) -> Element | None:
        """Return the element that a path names, in this note or the earlier one."""
        return self.elements.get(path.removeprefix(EARLIER))


EARLIER = "earlier."
"""What stands before the path of an element where its value in the patient's earlier note is meant."""

JURISDICTIONS = ("US", "UK", "CA", "INTL")

INPUTS = {
    "jurisdiction": Field("jurisdiction", "choice", ""),
    "today": Field("today", "date", "date"),
    "page": Field("page", "text", ""),
    "free_text": Field("free_text", "text", ""),
}
"""What is no element: the patient's page as it would be printed, and all text of the note joined, among them."""

TEXTS = ("page", "free_text")
"""Inputs that only a rule can read: they are there once a note is checked."""
