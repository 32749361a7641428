"""Where a place of a form is in a template: its section, its element, and the row it is in."""

import re
from dataclasses import dataclass

from ci_notes.element import Block, Element, Section
from ci_notes.questions import Question
from ci_notes.template import HEADER, Template

SET_BY_OTHERS = tuple(f"{HEADER}.{name}" for name in ("status", "signed_at", "addendum_of", "kept", "carried"))
"""What signing, amending and keeping write; no control of the form does."""

_WRITTEN = re.compile(r"(?P<whole>[^\[\]]+)(?:\[(?P<row>[^\[\]]+)\](?:\.(?P<name>[^\[\]]+))?)?")


@dataclass(frozen=True, slots=True)
class Spot:
    """An element in its section; in a row, `element` is that of the row and `group` what repeats.

    A spot without an element in a group is the row itself.
    """

    place: str
    section: Section
    element: Element
    row: str = ""
    group: Element | None = None

    @property
    def is_row(self) -> bool:
        """Whether this is a row and not one of its elements."""
        return bool(self.row) and self.element is self.group

    @property
    def kind(self) -> str:
        """The kind of its question: element, rows, or list for values typed on one line."""
        if self.element.kind != "group":
            return "element"
        return "list" if is_list(self.element) else "rows"

    @property
    def question(self) -> Question:
        """The question that the interview asks here."""
        return Question(self.kind, self.section, self.element, "" if self.is_row else self.row)

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.element.title


def is_list(group: Element) -> bool:
    """Return whether a group repeats a single number, so that its values can be typed on one line."""
    return len(group.rows) == 1 and group.rows[0].kind in ("integer", "quantity")


def spot(template: Template, place: str) -> Spot | None:
    """Return where a place is, or None where the template has none of that name."""
    written = _WRITTEN.fullmatch(place)
    whole = _element(template, written["whole"]) if written else None
    section = template.section(whole.path.partition(".")[0]) if whole else None
    if written is None or whole is None or section is None or whole.group:
        return None
    if written["row"] is None:
        return Spot(place, section, whole)
    if whole.kind != "group":
        return None
    inner = template.elements.get(f"{whole.path}.{written['name']}") if written["name"] else whole
    return Spot(place, section, inner, written["row"], whole) if inner else None


def _element(template: Template, named: str) -> Element | None:
    if "." in named:
        return None if named.startswith(f"{HEADER}.") else template.elements.get(named)
    return template.elements.get(f"{HEADER}.{named}")


@dataclass(frozen=True, slots=True)
class BlockSpot:
    """A block of yes/no elements: in a section, or in a row of a group."""

    section: Section
    block: Block
    members: tuple[Element, ...]
    row: str = ""
    group: Element | None = None

    def place_of(self, member: Element) -> str:
        """Return the place of one of its members."""
        return f"{self.group.path}[{self.row}].{member.name}" if self.group else member.path


def block_spot(template: Template, place: str) -> BlockSpot | None:
    """Return the block that a place names: symptoms.any, or history.prior[p1].loss; None where there is none."""
    holder, _, key = place.rpartition(".")
    group, _, row = holder.removesuffix("]").partition("[")
    repeating = template.elements.get(group) if row else None
    section = template.section(group.partition(".")[0])
    if section is None or (row and repeating is None) or (not row and "." in holder):
        return None
    blocks, elements = (repeating.blocks, repeating.rows) if repeating else (section.blocks, section.elements)
    block = next((one for one in blocks if one.key == key), None)
    members = tuple(one for one in elements if one.block == key)
    return BlockSpot(section, block, members, row, repeating) if block and members else None
