"""The language of conditions: when a field is asked, when it is required, what is computed, when a rule fires.

It is Jinja's expression syntax, read by Jinja's parser and limited to a closed set of nodes with checked types, so
that a misspelt element, an option that does not exist or a length compared with a date fails while a template loads.

Conditions are three-valued (Kleene). Every ordered value is a span on the number line: a recorded number is a point, a
gestational age of "23w" is seven days wide, and what was not recorded is the whole line. A comparison is true when it
holds for every point of the spans, false when it holds for none, and otherwise undecided. So each condition compiles
to two plain Python expressions, *surely true* and *surely false*, and missing values need no special case.
"""

from ci_notes.expression.deciding import decide, undecided_by
from ci_notes.expression.names import EARLIER, INPUTS, TEXTS, Names, UnknownNameError, nearest
from ci_notes.expression.nodes import Field, Node, Truth, fields_of
from ci_notes.expression.resting import rests_on
from ci_notes.expression.running import code_of, compile_conditions, compile_value, prepare
from ci_notes.expression.writer import Condition, write_conditions, write_value

__all__ = [
    "EARLIER",
    "INPUTS",
    "TEXTS",
    "Condition",
    "Field",
    "Names",
    "Node",
    "Truth",
    "UnknownNameError",
    "code_of",
    "compile_conditions",
    "compile_value",
    "decide",
    "fields_of",
    "nearest",
    "parse",
    "parse_truth",
    "parse_value",
    "prepare",
    "rests_on",
    "undecided_by",
    "write_conditions",
    "write_value",
]


def parse(source: str, names: Names) -> Node:
    """Return the checked form of a condition or computation; raises ExpressionError with a sentence."""
    from ci_notes.expression import reader  # noqa: PLC0415  a compiled template needs no parser

    return reader.parse(source, names)


def parse_truth(source: str, names: Names) -> Truth:
    """Return the checked form of a condition, which must be something that holds or does not."""
    from ci_notes.expression import reader  # noqa: PLC0415

    return reader.parse_truth(source, names)


def parse_value(source: str, names: Names) -> Node:
    """Return the checked form of a computation, which must give a number, a date, days or a length."""
    from ci_notes.expression import reader  # noqa: PLC0415

    return reader.parse_value(source, names)
