"""What a note holds, by the words that name it: elements with their values, rows, states and ways of being said."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ci_notes import wording
from ci_notes.derive import Note, Record
from ci_notes.element import ABSENCES, Element
from ci_notes.places import label, place
from ci_notes.proofreading.figures import ORDERED, Figure
from ci_notes.proofreading.reading import Token, sentences
from ci_notes.proofreading.vocabulary import GENERIC, UNNAMED

Words = tuple[str, ...]
_ARTICLES = ("a", "an", "the")


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """An element as it stands in the note, or in one row of it."""

    element: Element
    row: Record | None
    record: Record

    @property
    def place(self) -> str:
        return place(self.element.path, self.row)

    @property
    def state(self) -> str:
        return self.record.state(self.element.path)

    @property
    def value(self) -> Any:
        return self.record.values.get(self.element.path)

    @property
    def lacking(self) -> str:
        """How it is said that there is no value."""
        absent = self.record.absent.get(self.element.path)
        return f"the note says: {ABSENCES[absent.code]}" if absent else "that was not recorded"


def words(text: str) -> Words:
    """Return the words of a text as those of a sentence are compared, without an article before them."""
    found = [token.text for piece in sentences(text) for token in piece.tokens]
    return tuple(found[1:] if found[:1] and found[0] in _ARTICLES else found)


def figures_in(text: str) -> list[Figure]:
    """Return the figures of a text."""
    return [token.figure for piece in sentences(text) for token in piece.tokens if token.figure]


class Facts:
    """The facts of a note, and what names them."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.by_place = {fact.place: fact for fact in self._all()}
        self.by_path: dict[str, list[Fact]] = {}
        for fact in self.by_place.values():
            self.by_path.setdefault(fact.element.path, []).append(fact)

    def _all(self) -> Iterator[Fact]:
        for element in self.note.template.elements.values():
            if not element.group:
                yield Fact(element, None, self.note.record)
            for row in self.note.record.rows.get(element.group, ()) if element.group else ():
                yield Fact(element, row, row)

    def name(self, fact: Fact) -> str:
        """Return what a fact is called for a person."""
        return label(self.note.template, fact.element.path, fact.row)

    def say(self, fact: Fact) -> str:
        """Return a fact's value as the narrative says it, in ASCII or not."""
        return wording.say(fact.element, fact.value, self.note.jurisdiction)

    def say_one(self, fact: Fact, value: str) -> str:
        """Return one option of a fact as the narrative says it."""
        option = fact.element.option(value)
        return wording.spelled(option.say, self.note.jurisdiction) if option else value

    def said_in(self, places: tuple[str, ...]) -> list[Fact]:
        """Return the facts that a sentence says: those of its places, and those computed from nothing else."""
        direct = [self.by_place[one] for one in places if one in self.by_place]
        paths = {one.split("[")[0] if one not in self.by_place else self.by_place[one].element.path for one in places}
        header = {f"note.{path}" for path in paths}
        computed = [
            fact
            for fact in self.by_place.values()
            if fact.element.computed and set(self.note.template.origins(fact.element.path)) & (paths | header)
        ]
        return [fact for fact in [*direct, *computed] if fact.value is not None]

    @cached_property
    def named(self) -> dict[Words, list[Element]]:
        """Elements that a text can name, by each name."""
        found: dict[Words, dict[str, Element]] = {}
        for element in self.note.template.elements.values():
            if element.kind in ("boolean", "choice", *ORDERED):
                for name in _names(element):
                    found.setdefault(name, {})[element.path] = element
        for also in self.note.template.words.means:
            for said in also.say:
                for path in also.elements:
                    found.setdefault(words(said), {})[path] = self.note.template.elements[path]
        return {name: list(elements.values()) for name, elements in found.items()}

    @cached_property
    def _openings(self) -> dict[str, list[Words]]:
        found: dict[str, list[Words]] = {}
        for name in sorted(self.named, key=len, reverse=True):
            found.setdefault(name[0], []).append(name)
        return found

    def names_in(self, tokens: list[Token]) -> Iterator[tuple[int, int, Words]]:
        """Yield where names of elements stand, the longest first wherever several begin."""
        at, texts = 0, [token.text for token in tokens]
        while at < len(texts):
            size = next(
                (len(one) for one in self._openings.get(texts[at], ()) if tuple(texts[at : at + len(one)]) == one), 0
            )
            if size:
                yield at, at + size, tuple(texts[at : at + size])
            at += size or 1


def _names(element: Element) -> Iterator[Words]:
    """Yield the ways in which an element is named: its title, how it is said, the parts of a short "a or b"."""
    for whole in dict.fromkeys((element.say, element.title)):
        name = words(whole)
        unusable = not name or name[0] in ("whether", "comment") or len("".join(name)) < 4
        if unusable or (len(name) == 1 and name[0] in GENERIC):
            continue
        yield name
        if element.kind == "boolean" and "or" in name and len(name) <= 4:
            at = name.index("or")
            yield from (part for part in (name[:at], name[at + 1 :]) if part)
    if element.kind == "boolean" and element.name not in UNNAMED | GENERIC and len(element.name) > 3:
        yield words(element.name.replace("_", " "))
