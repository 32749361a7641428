"""A note written into skeletons: which of them apply, their holes filled, and which elements found a place."""

from collections.abc import Callable, Iterator
from typing import Any

from ci_notes.derive import Note, Record
from ci_notes.expression import decide
from ci_notes.fhir.holes import (
    ABSENT,
    DROPPED,
    EACH,
    HOLES,
    REFERENCE,
    WHEN,
    body,
    fragments,
    has_hole,
    otherwise,
    path_of,
    word_of,
)
from ci_notes.fhir.matching import fits

Json = dict[str, Any]
_PARTED = (dict, list)

Places = set[tuple[str, str]]
"""Elements with the row they stand in, empty outside of rows."""

SHARED = ("Patient", "Practitioner", "Organization", "Encounter")
"""Resources that others own too: created if they are not there, never overwritten, never taken back."""

RETRACTED = ("status", "clinicalStatus", "verificationStatus")
"""What is overwritten in a resource that was entered in error; nothing recorded is safe there."""


class Filler:
    """Fills skeletons from one note."""

    def __init__(self, note: Note, reference: Callable[[str], Json | None]) -> None:
        self.note = note
        self.reference = reference

    def fill(self, skeleton: Json, row: Record | None) -> tuple[Json, Places]:
        """Return a filled resource and the places of what can be read from it again."""
        filling = _Filling(self, skeleton.get(EACH, ""), row)
        in_error = self.note.status == "entered-in-error" and skeleton["resourceType"] not in SHARED
        lost = RETRACTED if in_error else ()
        filled = filling.part({key: value for key, value in body(skeleton).items() if key not in lost})
        return filled, filling.placed()

    def applies(self, skeleton: Json) -> Iterator[Record | None]:
        """Yield the rows a resource is written for, or None once where it does not repeat."""
        group = skeleton.get(EACH, "")
        at_hand = self.note.record.rows.get(group, ()) if group else (None,)
        return (row for row in at_hand if self.holds(skeleton, row, group))

    def holds(self, node: Json, row: Record | None, group: str) -> bool:
        """Return whether the condition of a part surely holds; a part without one is always written."""
        if WHEN not in node:
            return True
        return decide(self.note.template.truth(node[WHEN], group), self.note.record, row, group) is True


class _Filling:
    """One resource while it is filled, for the row at hand."""

    def __init__(self, filler: Filler, group: str, row: Record | None) -> None:
        self.filler = filler
        self.group = group
        self.row = row
        self.held: Places = set()
        self.chosen: dict[tuple[str, str], list[set[str]]] = {}

    def placed(self) -> Places:
        """Return what can be read again: an answer that only chose among fragments, if they tell it from the others."""
        told = {place for place, answers in self.chosen.items() if len(set.intersection(*answers)) == 1}
        return self.held | told

    def part(self, node: Any) -> Any:
        """Return a part of a skeleton with its holes filled, or DROPPED where nothing is left of it."""
        if isinstance(node, list):
            items = [self.part(item) for item in node]
            kept = [item for item in items if item is not DROPPED]
            return kept if kept or not items else DROPPED
        if not isinstance(node, dict):
            return node
        if WHEN in node and not self.filler.holds(node, self.row, self.group):
            return DROPPED
        word = word_of(node)
        return self._hole(word, node) if word else self._object(body(node))

    def _object(self, node: Json) -> Any:
        part = self.part
        filled = {key: part(value) if value.__class__ in _PARTED else value for key, value in node.items()}
        if DROPPED not in filled.values():
            return filled
        kept = {key: value for key, value in filled.items() if value is not DROPPED}
        if "resourceType" in node:
            return kept
        # A fragment whose holes all stayed empty says nothing, whatever constants stand beside them.
        wanted = [key for key, value in node.items() if has_hole(value)] or [*node]
        return kept if any(key in kept for key in wanted) else DROPPED

    def _hole(self, word: str, node: Json) -> Any:
        if word == REFERENCE:
            return self.filler.reference(node[word]) or DROPPED
        path, row, value = self._recorded(node[word], word)
        written = DROPPED
        if value not in (None, []):
            note = self.filler.note
            written = HOLES[word].write(node, note.template.elements[path], value, note.jurisdiction)
        if written is DROPPED:
            written = otherwise(node)
        else:
            self._note_place(word, node, (path, row), written)
        return self._in_their_words(node, written) if word == "$concept" and "text" in node else written

    def _recorded(self, name: str, word: str = "$") -> tuple[str, str, Any]:
        """Return the path, the row and the value of the element that a hole names; or why there is no value."""
        path = path_of(name, self.group)
        inside = self.filler.note.template.elements[path].group
        record = self.row if inside and self.row is not None else self.filler.note.record
        return path, record.row, (record.absent if word == ABSENT else record.values).get(path)

    def _note_place(self, word: str, node: Json, place: tuple[str, str], written: Any) -> None:
        if word == "$choose":
            alike = {option for option, fragment in fragments(node).items() if fits(fragment, written)}
            self.chosen.setdefault(place, []).append(alike)
        elif HOLES[word].read is not None:
            self.held.add(place)

    def _in_their_words(self, node: Json, written: Any) -> Any:
        """Return a concept with the words that were recorded for it, if they say more than its title does."""
        path, row, words = self._recorded(node["text"]["$"])
        concept = {} if written is DROPPED else written
        if words is None or words == concept.get("text"):
            return written
        self.held.add((path, row))
        return {**concept, "text": words}
