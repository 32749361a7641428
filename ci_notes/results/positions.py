"""Where a place of a note stands in the text it was read from: line and column, for JSON and YAML.

JSON is read as the YAML it nearly is, from the event stream, which says of each key where it stands. What the text does
not hold, such as a field that is missing, stands where that would be which it is missing from.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ci_notes.document import DEEPEST, LARGEST

_STEP = re.compile(r"[^.\[\]]+|\[[^\]]*\]")


@dataclass(slots=True)
class _Held:
    """What stands at one index of the text: fields by name, or items, or a plain value."""

    index: int = 0
    fields: dict[str, "_Held"] = field(default_factory=dict)
    items: list["_Held"] = field(default_factory=list)
    text: str = ""

    def step(self, step: str) -> "_Held | None":
        """Return what a step of a place leads to: a field by name, a row by its id or its number."""
        if not step.startswith("["):
            return self.fields.get(step)
        row = step[1:-1]
        by_id = (item for item in self.items if "id" in item.fields and item.fields["id"].text == row)
        numbered = row[1:] if row.startswith("#") and row[1:].isdecimal() else "0"
        by_number = self.items[int(numbered) - 1] if 0 < int(numbered) <= len(self.items) else None
        return next(by_id, by_number)


class Positions:
    """The places of one text: `positions("history.prior[p1].outcome")` is (line, column), each from 1.

    `line` is that of the record in its file, where it has one record a line. A text that is too large, too deep or no
    JSON or YAML has one position, that of the record, without a column. The text is read when it is first asked for.
    """

    def __init__(self, text: str, line: int = 0) -> None:
        self.text, self.first = text, max(line, 1)
        self._root: _Held | None = None
        self._breaks: list[int] = []
        self._asked = False

    def __call__(self, place: str) -> tuple[int, int]:
        if not self._asked:
            self._asked = True
            self._root = _read(self.text)
            self._breaks = [found.end() for found in re.finditer(r"\r\n|\n|\r", self.text)] if self._root else []
        if self._root is None:
            return self.first, 0
        return self._written(_reached(self._root, _STEP.findall(place)).index)

    def _written(self, index: int) -> tuple[int, int]:
        before = bisect_right(self._breaks, index)
        begins = self._breaks[before - 1] if before else 0
        return self.first + before, index - begins + 1


def _reached(held: _Held, steps: Iterable[str]) -> _Held:
    for step in steps:
        found = held.step(step)
        if found is None:
            break
        held = found
    return held


def _read(text: str) -> _Held | None:
    if len(text) > LARGEST:
        return None
    import yaml  # noqa: PLC0415  only who asks for positions pays for it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Built().build(yaml.parse(text, Loader=loader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return None  # the note was read, or complained of, elsewhere; a position is a courtesy


class _Built:
    """What stands where, built from YAML's events with a stack of its own."""

    def __init__(self) -> None:
        self.root: _Held | None = None
        self.stack: list[_Held] = []
        self.key: list[tuple[str, int] | None] = []
        self.is_mapping: list[bool] = []

    def build(self, events: Iterable[Any]) -> _Held | None:
        take: dict[str, Callable[[Any], None]] = {
            "MappingStartEvent": self.begin, "SequenceStartEvent": self.begin,
            "MappingEndEvent": self.end, "SequenceEndEvent": self.end, "ScalarEvent": self.scalar,
        }  # fmt: skip
        for event in events:
            act = take.get(type(event).__name__)
            if act:
                act(event)
            if len(self.stack) > DEEPEST:
                return None
        return self.root

    def begin(self, event: Any) -> None:
        held = self.put(_Held(event.start_mark.index))
        self.stack.append(held)
        self.key.append(None)
        self.is_mapping.append(type(event).__name__ == "MappingStartEvent")

    def end(self, _: Any) -> None:
        self.stack.pop()
        self.key.pop()
        self.is_mapping.pop()

    def scalar(self, event: Any) -> None:
        if self.stack and self.is_mapping[-1] and self.key[-1] is None:
            self.key[-1] = (event.value, event.start_mark.index)
        else:
            self.put(_Held(event.start_mark.index, text=event.value))

    def put(self, held: _Held) -> _Held:
        """Put a value where it belongs; a field stands where its key stands."""
        if not self.stack:
            self.root = self.root or held
        elif not self.is_mapping[-1]:
            self.stack[-1].items.append(held)
        elif self.key[-1] is not None:
            name, held.index = self.key[-1]
            self.stack[-1].fields.setdefault(name, held)
            self.key[-1] = None
        return held
