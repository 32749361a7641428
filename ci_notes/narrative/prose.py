"""What a narrative sees of a note: sections, elements and rows that print, compare and know their paths."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from ci_notes import wording
from ci_notes.checks import asked
from ci_notes.derive import Note, Record
from ci_notes.element import Element
from ci_notes.errors import NarrativeError
from ci_notes.kinds import SPANS, UNKNOWN
from ci_notes.narrative.sentences import MARKS
from ci_notes.places import place


class Phrase:
    """Words with the paths they were said from; what every filter takes and gives."""

    __slots__ = ("because", "paths", "words")

    def __init__(self, words: str, paths: tuple[str, ...], because: tuple[str, ...] = ()) -> None:
        self.words = words
        self.paths = paths
        self.because = because


class Framed:
    """A phrase between words of ours, which stay outside of its marks: their full stop ends the sentence."""

    __slots__ = ("after", "before", "phrase")

    def __init__(self, before: str, phrase: Phrase, after: str) -> None:
        self.before = before
        self.phrase = phrase
        self.after = after


class Recorded:
    """An element in the prose: prints its value, compares three-valued, knows whether it was recorded."""

    __slots__ = ("_view", "element", "record", "row")

    def __init__(self, view: "View", element: Element, record: Record, row: Record | None) -> None:
        self._view = view
        self.element = element
        self.record = record
        self.row = row

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the value was recorded; for a computed one, what it was computed from. None unless they are traced."""
        if not self._view.traced:
            return ()
        template = self._view.note.template
        if not self.element.computed:
            return (place(self.element.path, self.row),) if self.element.path in template.elements else ()
        origins = template.origins(self.element.path)
        return tuple(place(path, self.row) for path in origins if self.record.state(path) == "known")

    @property
    def state(self) -> str:
        return self.record.state(self.element.path)

    @property
    def value(self) -> Any:
        return self.record.values.get(self.element.path)

    @property
    def span(self) -> Any:
        return self.record.spans.get(self.element.path, UNKNOWN)

    def phrase(self) -> Phrase:
        value = self.record.values.get(self.element.path)
        if value is None:
            raise NarrativeError(
                f"the narrative prints «{self.element.path}» without testing that it is recorded: "
                f"write {{% if {self.element.path} is known %}} around it"
            )
        said = wording.say(self.element, value, self._view.note.jurisdiction)
        return Phrase(clean(said) if self.element.kind == "text" else said, self.paths)

    def yes(self) -> bool | None:
        if self.element.kind != "boolean":
            raise NarrativeError(f"«{self.element.path}» is not yes or no: compare it, or test «is known»")
        return self.value if isinstance(self.value, bool) else None

    def _compare(self, other: Any, surely: Callable[..., bool], surely_not: Callable[..., bool]) -> bool | None:
        mine, theirs = self.span, other.span if isinstance(other, Recorded) else (other, other)
        return True if surely(mine, theirs) else False if surely_not(mine, theirs) else None

    def __lt__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a[1] < b[0], lambda a, b: a[0] >= b[1])

    def __le__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a[1] <= b[0], lambda a, b: a[0] > b[1])

    def __gt__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a[0] > b[1], lambda a, b: a[1] <= b[0])

    def __ge__(self, other: Any) -> bool | None:
        return self._compare(other, lambda a, b: a[0] >= b[1], lambda a, b: a[1] < b[0])

    def __eq__(self, other: Any) -> Any:
        if self.element.kind in SPANS:
            return self._compare(
                other, lambda a, b: a[0] == a[1] == b[0] == b[1], lambda a, b: a[1] < b[0] or b[1] < a[0]
            )
        if self.value is None:
            return None
        return other in self.value if self.element.kind == "choices" else self.value == other

    def __ne__(self, other: Any) -> Any:
        same = self.__eq__(other)
        return None if same is None else not same

    __hash__ = None  # type: ignore[assignment]


class Lacking(Recorded):
    """A shared element that this template leaves out, as a shared macro sees it: never recorded, never known."""

    __slots__ = ()

    def yes(self) -> bool | None:
        return None

    def _compare(self, _other: Any, _surely: Callable[..., bool], _surely_not: Callable[..., bool]) -> bool | None:
        return None


class View:
    """What a narrative can name: the sections of one note."""

    def __init__(self, note: Note, traced: bool) -> None:
        self.note = note
        self.traced = traced
        self.asked = asked(note)

    def names(self) -> dict[str, Any]:
        return {section.name: SectionView(self, section.name) for section in self.note.template.sections}

    def recorded(self, element: Element, row: Record | None) -> Any:
        if element.kind == "group":
            return GroupView(self, element)
        return Recorded(self, element, row if row is not None else self.note.record, row)

    def applies(self, element: Element, row: Record | None) -> bool:
        return not element.asked or self.asked.get((element.path, row.row if row else "")) is True


@lru_cache(maxsize=1024)
def _left_out(path: str, name: str) -> Element:
    return Element(path, path, name, "text")


class SectionView:
    """A section in the prose: its elements by name."""

    __slots__ = ("_held", "_view", "name")

    def __init__(self, view: View, name: str) -> None:
        self._view = view
        self.name = name
        self._held: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._held:
            self._held[name] = self._element(name)
        return self._held[name]

    def _element(self, name: str) -> Any:
        path, template = f"{self.name}.{name}", self._view.note.template
        if path not in template.elements and path in template.foreign:
            return Lacking(self._view, _left_out(path, name), self._view.note.record, None)
        return self._view.recorded(template.elements[path], None)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(place(element.path) for element in self.elements())

    def elements(self) -> tuple[Element, ...]:
        section = self._view.note.template.section(self.name)
        return section.elements if section else ()

    def members(self) -> Iterator[tuple[Element, Record | None]]:
        return ((element, None) for element in self.elements())


class GroupView:
    """A repeating group in the prose: its rows in order."""

    __slots__ = ("_view", "element", "paths")

    def __init__(self, view: View, element: Element) -> None:
        self._view = view
        self.element = element
        self.paths = (place(element.path),)

    @property
    def state(self) -> str:
        return self._view.note.record.state(self.element.path)

    def __iter__(self) -> Iterator["RowView"]:
        for row in self._view.note.record.rows.get(self.element.path, ()):
            yield RowView(self._view, self.element, row)

    def __len__(self) -> int:
        return len(self._view.note.record.rows.get(self.element.path, ()))

    def phrase(self) -> Phrase:
        return Phrase(str(len(self)), self.paths)


class RowView:
    """One row in the prose: its elements by name, its number and ordinal."""

    __slots__ = ("_view", "element", "paths", "row")

    def __init__(self, view: View, element: Element, row: Record) -> None:
        self._view = view
        self.element = element
        self.row = row
        self.paths = (f"{place(element.path)}[{row.row}]",)

    def __getitem__(self, name: str) -> Any:
        if name == "ordinal":
            return Phrase(wording.ordinal(self.row.number), self.paths)
        if name == "number":
            return self.row.number
        return self._view.recorded(self._view.note.template.elements[f"{self.element.path}.{name}"], self.row)

    def members(self) -> Iterator[tuple[Element, Record | None]]:
        return ((element, self.row) for element in self.element.rows)


def clean(text: str) -> str:
    """Return recorded text on one line, without marks of ours."""
    return " ".join(MARKS.sub("", text).split())
