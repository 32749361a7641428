"""Results as JSON Lines: a line about the run, one for each finding, and a last one with what was counted.

A file that has no last line of the type "summary" is of a run that did not come to its end.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
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


def write(results: Iterable[Result], stream: TextIO, version: str) -> None:
    """Write results as JSON Lines (UTF-8), one after the other as they come; `version` is that of the program."""
    counts = Counts()
    _line(stream, {"type": "run", "format": FORMAT, "tool": "ci-notes", "tool_version": version})
    for result in results:
        counts.add(result)
        for one in told(result):
            _line(stream, {"type": "finding", **finding(result, one)})
    _line(stream, {"type": "summary", **counts.data()})


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
        self.found: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.templates: dict[tuple[str, str, str], list[int]] = {}

    def add(self, result: Result) -> None:
        """Count a result with its findings."""
        if isinstance(result, Unread):
            self.unreadable += 1
        else:
            self.notes += 1
            key = (result.template, result.version, result.rule_set)
            self.templates.setdefault(key, [0, result.rules, result.rules_not_reviewed])[0] += 1
        for one in told(result):
            self.outcomes[one.finding.outcome] += 1
            if one.finding.outcome == "found":
                self.found[one.finding.severity] += 1

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "notes": self.notes,
            "unreadable": self.unreadable,
            **{f"{severity}s": self.found[severity] for severity in ("error", "warning", "info")},
            "could_not_tell": self.outcomes["could not tell"],
            "kept": self.outcomes["kept"],
            "rule_sets": [*self._rule_sets()],
        }

    def _rule_sets(self) -> Iterator[dict[str, Any]]:
        for (template, version, rule_set), (notes, rules, not_reviewed) in sorted(self.templates.items()):
            yield {
                "template": template, "version": version, "rule_set": rule_set,
                "notes": notes, "rules": rules, "rules_not_reviewed": not_reviewed,
            }  # fmt: skip


def _line(stream: TextIO, data: dict[str, Any]) -> None:
    stream.write(_encoded(data) + "\n")
