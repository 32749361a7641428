"""Two runs held against each other by the ids of their findings: what is new, what is gone, what stayed, by rule."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ci_notes.errors import InputError


@dataclass(slots=True)
class Compared:
    """How many findings of each rule are new, gone or the same, and each that is new or gone, as it was told."""

    new: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    changed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """("new" or "gone", the finding)."""

    @property
    def rules(self) -> list[str]:
        """The rules of either run, in order."""
        return sorted({*self.new, *self.gone, *self.same})


def compared(before: Iterable[str], after: Iterable[str], names: tuple[str, str]) -> Compared:
    """Return what differs between two runs, given as the lines of their JSON Lines; raises InputError.

    What was found counts, and what could not be told; a finding that was kept in between is gone.
    """
    result = Compared()
    known: dict[str, dict[str, Any]] = {}
    left: Counter[str] = Counter()  # a note that was given twice has each of its findings twice
    for one in findings(before, names[0]):
        known[one["id"]] = one
        left[one["id"]] += 1
    for one in findings(after, names[1]):
        if left[one["id"]]:
            left[one["id"]] -= 1
            result.same[one["rule"]] += 1
        else:
            result.new[one["rule"]] += 1
            result.changed.append(("new", one))
    for identifier in +left:
        one, number = known[identifier], left[identifier]
        result.gone[one["rule"]] += number
        result.changed += [("gone", one)] * number
    return result


def findings(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """Yield the findings of a run that came to its end; raises InputError for one that did not, or is none."""
    ended, number = False, 0
    for number, line in enumerate(lines, 1):
        data = _read(line)
        kind = data.get("type")
        if number == 1 and kind != "run":
            raise InputError(f"{name} is no run: `ci-notes check --format jsonl -o FILE` writes one")
        ended = kind == "summary"
        if kind == "finding":
            if not data.keys() >= _NEEDED:
                raise InputError(f"{name}, line {number}: a finding has {', '.join(sorted(_NEEDED))}")
            if data["outcome"] != "kept":
                yield data
    if not ended:
        raise InputError(f"{name} has no last line of its run, so that it was cut off; run the check again")


_NEEDED = {"id", "rule", "outcome"}


def _read(line: str) -> dict[str, Any]:
    """Return a line as data; nothing for what is none, which ends no run."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
