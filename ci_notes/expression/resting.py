"""Whether a condition can hold at all where some of what it names is recorded nowhere."""

from collections.abc import Callable

from ci_notes.expression.nodes import (
    Always,
    And,
    Arithmetic,
    Choose,
    Compare,
    FirstKnown,
    Is,
    Node,
    Not,
    Number,
    Or,
    OverRows,
    States,
    Text,
    Truth,
    Yes,
    fields_of,
)

Missing = Callable[[str], bool]
"""Says of a path whether it is recorded nowhere."""


def rests_on(node: Truth, missing: Missing, negated: bool = False) -> bool:
    """Return whether a condition (its opposite, if `negated`) surely cannot hold as long as some paths are missing."""
    match node:
        case And(parts) | Or(parts):
            each = [rests_on(part, missing, negated) for part in parts]  # type: ignore[arg-type]
            return any(each) if isinstance(node, And) is not negated else all(each)
        case Not(part):
            return rests_on(part, missing, not negated)  # type: ignore[arg-type]
        case Is(state, field):
            return missing(field.path) and (state == "untouched") is negated
        case Always():
            return False
        case Compare(_, left, right):
            return _needs(left, missing) or _needs(right, missing)
    return any(missing(field.path) for field in fields_of(node))


def _needs(node: Node, missing: Missing) -> bool:
    """Return whether nothing is known of an ordered value as long as some paths are missing."""
    match node:
        case FirstKnown(options, _):
            return all(_needs(one, missing) for one in options)
        case Choose(_, yes, no, _):
            return _needs(yes, missing) and _needs(no, missing)
        case Arithmetic(_, left, right, _):
            return _needs(left, missing) or _needs(right, missing)
        case OverRows(_, group, _, _):
            return missing(group)
        case Number() | Text() | States() | Yes():
            return False
    return any(missing(field.path) for field in fields_of(node))
