"""Whether one condition holds on a record, and if that cannot be told, what would have to be known."""

import functools
from collections.abc import Callable
from typing import Any

from ci_notes.expression.nodes import And, Arithmetic, Choose, Compare, Field, Node, Not, Or, Truth, fields_of
from ci_notes.expression.running import compile_conditions
from ci_notes.expression.writer import Condition, write_conditions


@functools.lru_cache(maxsize=4096)
def _decider(node: Truth, each: str) -> Callable[[Any, list[Any]], list[tuple[int, Any, bool | None]]]:
    return compile_conditions(write_conditions([Condition("", node, each)]))


def decide(node: Truth, note: Any, row: Any = None, group: str = "") -> bool | None:
    """Return whether a condition holds on a record (and a row of a group), or None where it cannot be told."""
    out = [answer for _, at, answer in _decider(node, group)(note, []) if at is row or row is None]
    return out[0] if out else False


def undecided_by(node: Truth, note: Any, row: Any = None, group: str = "") -> list[Field]:
    """Return the elements whose values would be needed to tell whether a condition holds."""
    if decide(node, note, row, group) is not None:
        return []
    match node:
        case And(parts) | Or(parts):
            found = [field for part in parts for field in undecided_by(part, note, row, group)]  # type: ignore[arg-type]
            return list(dict.fromkeys(found))
        case Not(part):
            return undecided_by(part, note, row, group)  # type: ignore[arg-type]
    named = list(dict.fromkeys(_named(node, note, row, group)))
    # The least of no rows is unknown although the group itself is recorded as none: then the group is what is missing.
    groups = [field for field in named if field.kind == "group"]
    return [field for field in named if not _settled(field, note, row)] or groups or named


def _named(node: Node, note: Any, row: Any, group: str) -> list[Field]:
    """Return the elements that a node names, without a branch that was surely not taken."""
    match node:
        case Compare(_, left, right) | Arithmetic(_, left, right, _):
            return _named(left, note, row, group) + _named(right, note, row, group)
        case Choose(condition, yes, no, _):
            holds = decide(condition, note, row, group)
            taken = [branch for branch, excluded in ((yes, False), (no, True)) if holds is not excluded]
            open_ = undecided_by(condition, note, row, group)
            return open_ + [field for branch in taken for field in _named(branch, note, row, group)]
    return fields_of(node)


def _settled(field: Field, note: Any, row: Any) -> bool:
    if field.kind == "group":
        return field.path in note.rows
    if field.row and row is None:
        rows = note.rows.get(field.path.rpartition(".")[0], ())
        return all(_settled(field, note, one) for one in rows)
    record = row if field.row else note
    span = record.spans.get(field.path)
    return field.path in record.values and (span is None or span[0] == span[1])
