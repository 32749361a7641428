"""What a condition or computation is made of, after it has been read and checked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number, or a count of days written weeks(24, 0)."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text: an option's value."""

    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """The value of an element; `row` says that it belongs to the row at hand."""

    path: str
    kind: str
    unit: str
    row: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A sum, difference, product, quotient or rounding of ordered values."""

    op: str
    left: "Node"
    right: "Node"
    unit: str


@dataclass(frozen=True, slots=True)
class FirstKnown:
    """The first of several values that is recorded."""

    options: tuple["Node", ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Choose:
    """One value where a condition holds and another where it fails; what either can be where that cannot be told.

    `unit` is None where both are bare numbers, which go with anything but a date.
    """

    condition: "Truth"
    yes: "Node"
    no: "Node"
    unit: str | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A part of an obstetric formula that was written as text, read by `ci_notes.parity`."""

    field: Field
    part: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The time from one moment to a later one: hours(later, earlier) or minutes(later, earlier)."""

    later: Field
    earlier: Field
    unit: str


@dataclass(frozen=True, slots=True)
class OverRows:
    """How many rows of a group satisfy a condition (count), or the least or greatest recorded value (min, max)."""

    op: str
    group: str
    each: "Node | None"
    unit: str


@dataclass(frozen=True, slots=True)
class States:
    """How many of the named elements are in a state: untouched(a, b, c), known(a, b, c)."""

    state: str
    fields: tuple[Field, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Yes:
    """How many of the yes/no elements of a section were answered yes: yes(symptoms).

    `asked` holds for each the condition under which it applies, or None: what surely does not apply is no yes.
    """

    fields: tuple[Field, ...]
    asked: tuple["Truth | None", ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two ordered values."""

    op: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice is one of some options; a multiple choice holds one of them; a yes/no is yes."""

    field: Field
    values: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True)
class Differs:
    """Two elements that record the same kind of thing have different values: differs(a, earlier.a)."""

    left: Field
    right: Field


@dataclass(frozen=True, slots=True)
class Is:
    """An element is known, absent for a recorded reason, untouched, or known exactly: never undecided itself."""

    state: str
    field: Field


@dataclass(frozen=True, slots=True)
class Says:
    """A text has one of some phrases: says(text, 'phrase') where its sentence does not negate it, mentions() anyhow."""

    field: Field
    phrases: tuple[str, ...]
    negated: bool
    """Whether a phrase counts also where its sentence negates it."""


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Always:
    """True or false, whatever was recorded."""

    value: bool


Ordered = Number | Field | Arithmetic | FirstKnown | Choose | Formula | Elapsed | OverRows | States | Yes
Truth = Compare | OneOf | Differs | Is | Says | And | Or | Not | Always
Node = Ordered | Truth | Text


def fields_of(node: Node | None) -> list[Field]:
    """Return every element that a node names, in order, groups included."""
    match node:
        case Field():
            return [node]
        case And(parts) | Or(parts) | FirstKnown(parts, _) | States(_, parts, _):
            return list(dict.fromkeys(field for part in parts for field in fields_of(part)))
        case Yes(fields, asked):
            return list(dict.fromkeys([*fields, *(field for part in asked if part for field in fields_of(part))]))
        case Not(part):
            return fields_of(part)
        case Compare(_, left, right) | Arithmetic(_, left, right, _) | Elapsed(left, right, _) | Differs(left, right):
            return list(dict.fromkeys([*fields_of(left), *fields_of(right)]))
        case OneOf(field, _) | Is(_, field) | Formula(field, _, _) | Says(field, _, _):
            return [field]
        case Choose(condition, yes, no, _):
            return list(dict.fromkeys([*fields_of(condition), *fields_of(yes), *fields_of(no)]))
        case OverRows(_, group, each, _):
            return [Field(group, "group", ""), *(fields_of(each))]
    return []
