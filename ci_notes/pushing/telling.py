"""A push in words: its plan or outcome as a table or as data, and one sentence on how it ended."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ci_notes import wording
from ci_notes.pushing.planning import ACTIONS, Plan, Step

Json = dict[str, Any]

_DONE = {"create": "created", "update": "updated", "retract": "retracted", "unchanged": "unchanged"}
_NAMED = ("update", "retract", "kept")
"""What is listed one by one; the rest is counted."""


@dataclass(frozen=True)
class Result:
    """How a push ended, or would: each resource with what becomes of it, and what happened on the way."""

    note: str
    server: str
    way: str
    steps: Plan
    dry_run: bool
    remarks: Sequence[str] = ()


def title_of(resource: Json) -> str:
    """Return what a resource is, in the words of the note."""
    kind = str(resource["resourceType"])
    for key in ("code", "medicationCodeableConcept", "type"):
        held = resource.get(key)
        if isinstance(held, dict) and isinstance(held.get("text"), str):
            return f"{kind} «{held['text']}»"
    return kind


def titles(steps: Plan) -> dict[str, str]:
    """Return the titles of resources by their ids."""
    return {step.resource["id"]: title_of(step.resource) for step in steps if "id" in step.resource}


def table(result: Result) -> str:
    """Return what becomes of the resources of a note, for a person."""
    lines = [f"note {result.note} at {result.server} ({result.way})"]
    for action in ACTIONS:
        steps = [step for step in result.steps if step.action == action]
        if steps:
            lines.append(f"  {action:10} {_counted(steps)}")
            lines += [f"{'':13}{line}" for line in _each(action, steps)]
    return "\n".join(lines) + "\n"


def _counted(steps: Plan) -> str:
    kinds = Counter(step.kind for step in steps)
    return ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())


def _each(action: str, steps: Plan) -> Iterator[str]:
    if action in _NAMED:
        yield from (title_of(step.resource) for step in steps)
    elif action == "reference":
        yield ", ".join(step.address for step in steps)


def as_json(result: Result) -> Json:
    """Return a result as data for a program."""
    return {
        "note": result.note,
        "server": result.server,
        "way": result.way,
        "dry_run": result.dry_run,
        "counts": {action: _number(result.steps, action) for action in ACTIONS},
        "resources": [_as_json(step) for step in result.steps],
        "remarks": [*result.remarks],
    }


def _as_json(step: Step) -> Json:
    return {
        "action": step.action,
        "resource": step.kind,
        "address": step.address,
        "version": step.version,
        "title": title_of(step.resource),
    }


def _number(steps: Plan, action: str) -> int:
    return sum(1 for step in steps if step.action == action)


def summary(result: Result) -> str:
    """Return one sentence on how a push ended."""
    steps = result.steps
    parts = [f"{_number(steps, action)} {done}" for action, done in _DONE.items() if _number(steps, action)]
    kept = _number(steps, "kept")
    if kept:
        parts.append(f"{kept} left as somebody changed {'it' if kept == 1 else 'them'} there")
    told = wording.listed(parts, "and") or "nothing"
    if result.dry_run:
        told = told.replace("created", "to create").replace("updated", "to update").replace("retracted", "to retract")
        return f"{result.server}: {told}; nothing was sent (--dry-run)"
    if not any(step.sent for step in steps):
        return f"{result.server} has this note as it is: {told}; nothing was sent"
    return f"sent to {result.server}: {told}"
