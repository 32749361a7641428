"""What can be asked of a note, and how things stand while it is filled."""

from dataclasses import dataclass

from ci_notes.checks import Applicable, asked
from ci_notes.derive import Note
from ci_notes.element import Block, Element, Section
from ci_notes.expression import decide

Key = tuple[str, str, str]
"""What makes a question the same after other answers have changed: its kind, what it is about, and its row."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: an element (of a row, if it has one), a block of yes/no elements, or a section carried forward.

    `kind` is element, block, rows (how many), list (values of a group with a single element) or carry. A block has
    those `members` that apply now.
    """

    kind: str
    section: Section
    element: Element | None = None
    row: str = ""
    number: int = 0
    block: Block | None = None
    members: tuple[Element, ...] = ()

    @property
    def key(self) -> Key:
        """What makes the question the same after other answers have changed."""
        return self.kind, self._about, self.row

    @property
    def _about(self) -> str:
        if self.block is not None:
            return f"{self.members[0].path.rpartition('.')[0]}.{self.block.key}"
        return self.element.path if self.element else self.section.name

    @property
    def group(self) -> str:
        """The path of the repeating group whose row is asked about; empty where it is none."""
        one = self.members[0] if self.members else self.element
        return one.group if one else ""

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.element.title if self.element else self.block.ask.rstrip("?") if self.block else self.section.title

    def parts(self) -> list["Question"]:
        """Return the questions that are answered with this one: one for each member of a block, or itself."""
        members = [Question("element", self.section, one, self.row, self.number) for one in self.members]
        return members or [self]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand: the note so far, and which elements with a condition apply."""

    note: Note
    asked: Applicable

    def in_turn(self, element: Element) -> bool:
        """Return whether an element that applies is asked; otherwise it is there for those who ask for it."""
        if element.in_turn:
            return decide(self.note.template.truth(element.in_turn), self.note.record) is True
        return not element.on_request

    def applies(self, element: Element, row: str = "") -> bool:
        """Return whether an element surely applies."""
        return not element.asked or self.asked.get((element.path, row)) is True

    def ruled_out(self, element: Element, row: str = "") -> bool:
        """Return whether an element surely does not apply; neither holds while that cannot be told."""
        return bool(element.asked) and (element.path, row) not in self.asked


def standing(note: Note) -> Standing:
    """Return how things stand in a note."""
    return Standing(note, asked(note))


def whole(section: Section, element: Element) -> Question:
    """Return the question about an element of a section: for a repeating group, how many or which values."""
    kind = "element" if element.kind != "group" else "list" if len(element.rows) == 1 else "rows"
    return Question(kind, section, element)
