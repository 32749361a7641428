"""Findings worded without what identifies a patient or a person: values stay in the note, places and rules go out.

Elements say of themselves that they are `identifying`. A finding about one of them is told by its rule, not by what
was typed; and wherever else such a value turns up, as in a remark that somebody quotes, a mark stands in its place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ci_notes import wording
from ci_notes.checks import BUILT_IN, Finding
from ci_notes.derive import Note
from ci_notes.results.known import known
from ci_notes.scrubbing import spelt
from ci_notes.template import HEADER
from ci_notes.wording import composed

LEFT_OUT = "[left out]"
"""What stands in the place of a value that identifies somebody."""

_SHORTEST = 3
"""Characters: a shorter value is looked for in no text, since it would be found everywhere."""
_SHORTEST_NAME = 2
"""Characters of a part of a name, which is looked for with its capitals and in what was typed freely alone."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*["…]')
"""A text that a finding about shape quotes, whole or cut."""
_CLOSE = re.compile("; did you mean «[^»]*»[?]$")
"""The end of a finding that says what was typed is nearly one of the options, so that it may stand there."""
_QUOTING = ("shape", "usual-range", "not-asked-for", "not-read", "R016", "R162", "R163", "R164")
"""Built-in checks whose messages repeat what was recorded."""
_PATIENT = "patient."


class Discretion:
    """What identifies somebody in one note, and findings and texts without it."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.known = known(note.template)
        self.found = [*self._found()]
        self.values = sorted({value for path, value in self.found if _is_telling(path, value)}, key=len, reverse=True)

    def finding(self, one: Finding) -> Finding:
        """Return a finding in which no value of an identifying element stands."""
        cut = replace(one, places=tuple(map(self._cut, one.places))) if one.rule == "shape" else one
        said: dict[str, Any] = {
            "message": self.text(_unquoted(one.rule, self._message(cut))),
            "places": tuple(map(self.place, cut.places)),
            "labels": tuple(map(self.text, cut.labels)),
            "missing": tuple(map(self.text, cut.missing)),
            "rationale": self.typed(cut.rationale),
        }
        return replace(cut, **said) if any(getattr(cut, name) != words for name, words in said.items()) else cut

    def text(self, text: str) -> str:
        """Return a text without such values."""
        return _without(text, self.values)

    def typed(self, text: str) -> str:
        """Return what somebody typed freely, also without the parts of the patient's name."""
        told = composed(self.text(text)) if text else ""
        for name in self._names() if told else ():
            told = re.sub(spelt(name), LEFT_OUT, told)  # as it is written: May, not may
        return told

    def tells(self, name: str) -> bool:
        """Return whether what a note or a row is called by has a patient's name or number in it."""
        folded = composed(name).casefold()
        names = [one for one in self._names() if len(one) >= _SHORTEST]
        return any(
            _part(one) in folded and re.search(spelt(one), folded, re.IGNORECASE) for one in (*self.values, *names)
        )

    def place(self, place: str) -> str:
        """Return a place; a row that is called by what identifies somebody is called by its number."""
        named = re.sub(r"\[([^\]]*)\]", lambda row: self._row(place[: row.start()], row[1]), place)
        return self.text(named)

    def _row(self, group: str, row: str) -> str:
        if not self.tells(row):
            return f"[{row}]"
        rows = _held(self.note.data, _plain(group).split("."))
        at = next((at for at, one in enumerate(rows, 1) if isinstance(one, Mapping) and one.get("id") == row), 0)
        return f"[#{at}]" if at else LEFT_OUT

    def of_staff(self, text: str) -> str:
        """Return who or where a note is from, unless the patient stands there."""
        return _without(text, [value for path, value in self.found if path.startswith(_PATIENT)])

    def _message(self, one: Finding) -> str:
        if not self._repeats(one):
            return one.message
        rule = self.known.rules.get(one.rule)
        said = (rule.statement if rule else BUILT_IN[one.rule].statement).rstrip(".")
        titles = ", ".join(one.labels or one.places)
        return f"{titles}: this does not hold: {said}. What was recorded identifies somebody and is left out"

    def _repeats(self, one: Finding) -> bool:
        """Return whether a message may repeat what was recorded in an identifying element."""
        if one.rule in self.known.rules:
            return one.rule in self.known.printing and not one.missing
        return one.rule in _QUOTING and any(map(self._identifies, one.places))

    def _identifies(self, place: str) -> bool:
        """Return whether a place is an identifying element, or where such a one should be."""
        path, elements = _plain(place), self.note.template.elements
        if path in elements or f"{HEADER}.{path}" in elements:
            return path in self.known.identifying or f"{HEADER}.{path}" in self.known.identifying
        return any(one == path or one.startswith(f"{path}.") for one in self.known.identifying)

    def _cut(self, place: str) -> str:
        """Return a place, ended at an identifying element: what follows is no field of ours but what was typed."""
        path = _plain(place)
        return next((one for one in self.known.identifying if path.startswith(f"{one}.")), place)

    def _names(self) -> list[str]:
        values = [composed(value) for path, value in self.found if path.startswith(_PATIENT)]
        words = [word for value in values for whole in value.split() for word in (whole, *re.split(r"[-'’]", whole))]
        return [word for word in dict.fromkeys(words) if len(word) >= _SHORTEST_NAME and word[0].isupper()]

    def _found(self) -> Iterator[tuple[str, str]]:
        """Yield (path, value) for all that stands in identifying elements, as it was typed and as it is said."""
        for path in self.known.identifying:
            element = self.note.template.elements[path]
            for held in _held(self.note.data, path.removeprefix(f"{HEADER}.").split(".")):
                yield from ((path, text) for text in _texts(held))
            value = self.note.record.values.get(path)
            if value is not None:
                yield path, wording.say(element, value, self.note.jurisdiction)


def _is_telling(path: str, value: str) -> bool:
    """Return whether a value is looked for everywhere; «Partner», who was given the page, is no name but a word."""
    return len(value) >= _SHORTEST and (path.startswith(_PATIENT) or not value.isalpha())


def _plain(place: str) -> str:
    """Return a place as the path of its element: history.prior[p1].outcome is history.prior.outcome."""
    return re.sub(r"\[[^\]]*\]", "", place)


def _held(data: Any, steps: list[str]) -> Iterator[Any]:
    """Yield what stands at a path, or on the way to it where that ends too soon."""
    if isinstance(data, list):
        for row in data:
            yield from _held(row, steps)
    elif not steps or not isinstance(data, Mapping):
        yield data
    elif steps[0] in data:
        yield from _held(data[steps[0]], steps[1:])


def _texts(held: Any) -> Iterator[str]:
    """Yield every text and number in what was recorded; of a reason of absence, what somebody gave as the reason."""
    if isinstance(held, Mapping):
        for key, inner in held.items():
            if key not in ("absent", "reason"):
                yield str(key)
            if key != "absent":
                yield from _texts(inner)
    elif isinstance(held, list):
        for inner in held:
            yield from _texts(inner)
    elif held is not None and not isinstance(held, bool):
        yield str(held)


def _unquoted(rule: str, message: str) -> str:
    """Return what is said of a wrong shape without the words that were typed there: nobody knows what they are."""
    return message if rule != "shape" or _CLOSE.search(message) else _QUOTED.sub(LEFT_OUT, message)


def _without(text: str, values: Iterable[str]) -> str:
    text = composed(text)
    folded = text.casefold()
    for value in map(composed, values):
        if len(value) >= _SHORTEST and _part(value) in folded:
            text = re.sub(spelt(value), LEFT_OUT, text, flags=re.IGNORECASE)
    return text


@lru_cache(maxsize=64)
def _part(value: str) -> str:
    """Return the longest part of a value as it stands in a folded text: without it, nothing is to be looked for."""
    return max(re.findall(r"[^\W_]+", composed(value)), key=len, default=value).casefold()
