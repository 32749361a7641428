"""What may be compared with what and added to what: dates, days, and lengths in their units."""

from ci_notes.element import Element
from ci_notes.errors import ExpressionError
from ci_notes.expression.nodes import Field, Node, Number
from ci_notes.kinds import dimension


def name_of(node: Node) -> str:
    """Return what a message calls a node."""
    return f"«{node.path}»" if isinstance(node, Field) else type(node).__name__.lower()


def dimension_of(element: Element) -> str:
    """Return what an element may be compared with; a number of days (UCUM "d") goes with gestational ages."""
    return "days" if element.unit == "d" else dimension(element.kind, element.unit)


def unit_of(node: Node) -> str | None:
    """Return the dimension of an ordered node; None for a bare number, which goes with anything but a date."""
    return None if isinstance(node, Number) else getattr(node, "unit", "")


def common_unit(left: Node, right: Node) -> str | None:
    """Return the one dimension of two values, either of which may stand; raises ExpressionError if there are two."""
    same_unit(left, right)
    one = unit_of(left)
    return unit_of(right) if one is None else one


def same_unit(left: Node, right: Node) -> None:
    """Refuse to set side by side what has different dimensions; raises ExpressionError."""
    one, other = unit_of(left), unit_of(right)
    if one == other or (one is None and other != "date") or (other is None and one != "date"):
        return
    raise ExpressionError(
        f"{name_of(left)} ({one or 'number'}) cannot be compared with {name_of(right)} ({other or 'number'})"
    )


def result_unit(op: str, left: Node, right: Node) -> str:
    """Return the dimension of a sum, difference, product or quotient; raises ExpressionError where it has none."""
    one, other = unit_of(left), unit_of(right)
    if "date" in (one, other):
        if op == "-" and one == other:
            return "days"
        if op in "+-" and one == "date" and other in (None, "days"):
            return "date"
        raise ExpressionError("to a date, days can be added; from a date, days or a date can be taken")
    if op in "*/":
        return "" if one == other and op == "/" else (one or other or "")
    same_unit(left, right)
    return one if one is not None else (other or "")
