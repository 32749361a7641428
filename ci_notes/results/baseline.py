"""Findings that somebody accepted for a while, with a reason: a run that is held against them tells only what is new.

A baseline is JSON Lines: a line about itself, then one for each finding by its id, in their order, so that a change of
it can be read like any other change of a file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ci_notes.checks import SHORTEST_RATIONALE
from ci_notes.errors import InputError, plain

FORMAT = 1
_HEAD = {"type": "baseline", "format": FORMAT, "tool": "ci-notes"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that is accepted until a day (YYYY-MM-DD), that day included; `rule` is for who reads the file."""

    id: str
    rule: str
    reason: str
    until: str


def acceptance(reason: str, until: str, today: str) -> tuple[str, str]:
    """Return a reason and a day if they can stand in a baseline; raises InputError."""
    if len(reason.strip()) < SHORTEST_RATIONALE:
        raise InputError(f"say why the findings are accepted, in at least {SHORTEST_RATIONALE} characters")
    if not until:
        raise InputError("--accept needs --until: the last day on which they are accepted, as 2027-01-31")
    try:
        day = date.fromisoformat(until).isoformat()
    except ValueError:
        raise InputError(
            f"«{plain(until, 40)}» is no day: write the last one that they are accepted, as 2027-01-31"
        ) from None
    if day < today:
        raise InputError(f"{day} is over: findings are accepted until a day to come")
    return reason.strip(), day


def read(lines: Iterable[str], name: str) -> dict[str, Accepted]:
    """Return by id what a baseline accepts; raises InputError with the line that cannot be read."""
    found: dict[str, Accepted] = {}
    number = 0
    for number, line in enumerate(lines, 1):
        data = _line(line)
        if number == 1:
            _check_head(data, name)
        elif line.strip():
            one = _accepted(data, f"{name}, line {number}")
            found[one.id] = one
    if number == 0:
        raise InputError(f"{name} is empty: `ci-notes check --accept FILE` writes a baseline")
    return found


def _line(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _check_head(data: Any, name: str) -> None:
    if not isinstance(data, Mapping) or data.get("type") != "baseline" or data.get("format") != FORMAT:
        raise InputError(f"{name} is no baseline: `ci-notes check --accept FILE` writes one")


def _accepted(data: Any, place: str) -> Accepted:
    if data is None:
        raise InputError(f"{place} is not JSON")
    held = data if isinstance(data, Mapping) else {}
    values = [one for name in ("id", "rule", "reason", "until") if isinstance(one := held.get(name), str) and one]
    if len(values) < 4:
        raise InputError(f"{place}: an accepted finding has id, rule, reason and until")
    identifier, rule, reason, until = values
    try:
        return Accepted(identifier, rule, reason, date.fromisoformat(until).isoformat())
    except ValueError:
        raise InputError(f"{place}: until is a day, as 2027-01-31, not «{plain(until, 40)}»") from None


def written(accepted: Iterable[Accepted]) -> Iterator[str]:
    """Yield the lines of a baseline."""
    yield json.dumps(_HEAD) + "\n"
    for one in sorted(accepted, key=lambda each: each.id):
        yield json.dumps(asdict(one), ensure_ascii=False) + "\n"
