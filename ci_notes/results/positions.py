"""Where a place of a note stands in the text it was read from: line and column, for JSON and YAML.

Of JSON nothing is read but what leads to the place; YAML is read whole, from the event stream, which says of each key
where it stands. What the text does not hold, such as a field that is missing, stands where that would be which it is
missing from.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from ci_notes.document import DEEPEST, LARGEST

_STEP = re.compile(r"[^.\[\]]+|\[[^\]]*\]")


@dataclass(slots=True)
class _Held:
    """What stands at one index of the text: fields by name, or items, or a plain value."""

    index: int = 0
    fields: dict[str, "_Held"] = field(default_factory=dict)
    items: list["_Held"] = field(default_factory=list)
    value: str = ""


class Positions:
    """The places of one text: `positions("history.prior[p1].outcome")` is (line, column), each from 1.

    `line` is that of the record in its file, where it has one record a line. A text that is too large, too deep or no
    JSON or YAML has one position, that of the record, without a column. The text is read when it is first asked for.
    """

    def __init__(self, text: str, line: int = 0) -> None:
        self.text, self.first = text, max(line, 1)

    def __call__(self, place: str) -> tuple[int, int]:
        steps = _STEP.findall(place)
        try:
            return self._written(_reached(self._json, steps)) if self._json else self._in_yaml(steps)
        except (StopIteration, ValueError, IndexError, RecursionError):  # it is no JSON after all
            return self._in_yaml(steps)

    def _in_yaml(self, steps: list[str]) -> tuple[int, int]:
        return self._written(_reached(self._yaml, steps)) if self._yaml else (self.first, 0)

    @cached_property
    def _json(self) -> "_Json | None":
        begins = _behind_space(self.text, 0)
        is_object = len(self.text) <= LARGEST and self.text.startswith("{", begins)
        return _Json(self.text, begins, begins) if is_object else None

    @cached_property
    def _yaml(self) -> "_Held | None":
        return _read_yaml(self.text)

    @cached_property
    def _breaks(self) -> list[int]:
        return [found.end() for found in re.finditer(r"\r\n|\n|\r", self.text)]

    def _written(self, index: int) -> tuple[int, int]:
        before = bisect_right(self._breaks, index)
        begins = self._breaks[before - 1] if before else 0
        return self.first + before, index - begins + 1


_Some = TypeVar("_Some", _Held, "_Json")


def _reached(held: _Some, steps: Iterable[str]) -> int:
    """Return the index that steps lead to from what is held, as far as they lead anywhere."""
    for step in steps:
        found = _step(held, step)
        if found is None:
            break
        held = found
    return held.index


def _step(held: _Some, step: str) -> _Some | None:
    """Return what a step of a place leads to: a field by name, a row by its id or its number."""
    if not step.startswith("["):
        return held.fields.get(step)
    row = step[1:-1]
    by_id = (item for item in held.items if "id" in item.fields and item.fields["id"].value == row)
    numbered = row[1:] if row.startswith("#") and row[1:].isdecimal() else "0"
    by_number = held.items[int(numbered) - 1] if 0 < int(numbered) <= len(held.items) else None
    return next(by_id, by_number)


_SPACE = re.compile(r"[ \t\n\r]*")
_scan = json.JSONDecoder().raw_decode


def _behind_space(text: str, at: int) -> int:
    if text[at : at + 1] not in " \t\n\r":  # what is sent has no space, for the most part
        return at
    found = _SPACE.match(text, at)
    return found.end() if found else at


class _Json:
    """What stands at one index of a JSON text; it is read only where a step goes into it.

    `index` is where it is said to stand, a field where its key does; `at` is where the value begins. Whoever steps into
    what is no JSON gets StopIteration, ValueError or IndexError.
    """

    def __init__(self, text: str, index: int, at: int) -> None:
        self.text, self.index, self.at = text, index, at

    @property
    def value(self) -> Any:
        return _scan(self.text, self.at)[0]

    @cached_property
    def fields(self) -> dict[str, "_Json"]:
        found: dict[str, _Json] = {}
        for key, index, at in self._members("{"):
            found.setdefault(key, _Json(self.text, index, at))
        return found

    @cached_property
    def items(self) -> list["_Json"]:
        return [_Json(self.text, index, at) for _, index, at in self._members("[")]

    def _members(self, opens: str) -> Iterator[tuple[str, int, int]]:
        """Yield the key of each member of an object or a list, where it begins, and where its value does.

        None where this is something else; an item of a list has no key.
        """
        if not self.text.startswith(opens, self.at):
            return
        index = self._space(self.at + 1)
        while self.text[index] not in "]}":
            key, at = "", index
            if opens == "{":
                key, at = _scan(self.text, index)
                at = self._behind(":", at)
            yield key, index, at
            _, end = _scan(self.text, at)
            index = self._space(end)
            if self.text[index] == ",":
                index = self._space(index + 1)

    def _behind(self, mark: str, at: int) -> int:
        at = self._space(at)
        if self.text[at] != mark:
            raise ValueError(f"no {mark} at {at}")
        return self._space(at + 1)

    def _space(self, at: int) -> int:
        return _behind_space(self.text, at)


def _read_yaml(text: str) -> _Held | None:
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
            self.put(_Held(event.start_mark.index, value=event.value))

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
