"""Results as JSON Lines: a line about the run, one for each finding, and a last one with what was counted.

A file that has no last line of the type "summary" is of a run that did not come to its end.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TextIO

from ci_notes.checks import Finding
from ci_notes.results.model import Checked, Result, Told, Unread, told

FORMAT = 1
"""Counted up when a line changes so that who reads it must change as well."""

OF_THE_NOTE = (
    "note", "template", "version", "rule_set", "jurisdiction", "status", "author", "site", "month",
)  # fmt: skip


_OF_THE_FINDING = tuple(field.name for field in fields(Finding))

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


HeldTo = tuple[str, str, str, int, int]
"""Of a note: its template, its version, its rule set, how many rules that has, and how many of them nobody reviewed."""

_COUNTED = ("errors", "warnings", "infos", "could_not_tell", "kept")
"""What findings are counted by."""


@dataclass(frozen=True, slots=True)
class Lines:
    """What JSON Lines tell of one result: its lines, what it was held to (None where it could not be read), and counts.

    A process that looks at notes hands this on in the place of the result, which it costs more to send.
    """

    text: str
    held_to: HeldTo | None
    counts: tuple[int, ...]


def lines(result: Result) -> Lines:
    """Return what JSON Lines tell of one result."""
    text = "".join(_line({"type": "finding", **finding(result, one)}) for one in told(result))
    return Lines(text, _held_to(result), _counts(result))


def write(results: Iterable[Result | Lines], stream: TextIO, version: str) -> None:
    """Write results as JSON Lines (UTF-8), one after the other as they come; `version` is that of the program."""
    counts = Counts()
    stream.write(_line({"type": "run", "format": FORMAT, "tool": "ci-notes", "tool_version": version}))
    for result in results:
        one = result if isinstance(result, Lines) else lines(result)
        counts.count(one.held_to, one.counts)
        stream.write(one.text)
    stream.write(_line({"type": "summary", **counts.data()}))


def finding(result: Result, one: Told) -> dict[str, Any]:
    """Return one finding as plain data, with the record it is of; what is empty is left out."""
    said = {name: getattr(one.finding, name) for name in _OF_THE_FINDING}
    data = {"id": one.id, **said, "file": result.name, "line": one.line, "column": one.column}
    if isinstance(result, Checked):
        data |= {key: getattr(result, key) for key in OF_THE_NOTE}
    return {key: value for key, value in data.items() if value not in ("", (), 0)}


class Counts:
    """What was counted in a run; of each template and rule set once, however many notes there are."""

    def __init__(self) -> None:
        self.notes = self.unreadable = 0
        self.found = [0] * len(_COUNTED)
        self.templates: Counter[HeldTo] = Counter()

    def add(self, result: Result) -> None:
        """Count a result with its findings."""
        self.count(_held_to(result), _counts(result))

    def count(self, held_to: HeldTo | None, counts: Iterable[int]) -> None:
        """Count what `Lines` says of a result."""
        self.found = [one + more for one, more in zip(self.found, counts, strict=True)]
        if held_to is None:
            self.unreadable += 1
        else:
            self.notes += 1
            self.templates[held_to] += 1

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        counts = dict(zip(_COUNTED, self.found, strict=True))
        return {"notes": self.notes, "unreadable": self.unreadable, **counts, "rule_sets": [*self._rule_sets()]}

    def _rule_sets(self) -> Iterator[dict[str, Any]]:
        for (template, version, rule_set, rules, not_reviewed), notes in sorted(self.templates.items()):
            yield {
                "template": template, "version": version, "rule_set": rule_set,
                "notes": notes, "rules": rules, "rules_not_reviewed": not_reviewed,
            }  # fmt: skip


def _held_to(result: Result) -> HeldTo | None:
    if isinstance(result, Unread):
        return None
    return result.template, result.version, result.rule_set, result.rules, result.rules_not_reviewed


def _counts(result: Result) -> tuple[int, ...]:
    counted = Counter(map(_counted, told(result)))
    return tuple(counted[name] for name in _COUNTED)


def _counted(one: Told) -> str:
    outcome = one.finding.outcome
    return f"{one.finding.severity}s" if outcome == "found" else outcome.replace(" ", "_")


def _line(data: dict[str, Any]) -> str:
    return f"{_encoded(data)}\n"
