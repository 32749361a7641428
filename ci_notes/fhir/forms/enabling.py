"""Conditions as enableWhen, where that says the same of every answer; what it cannot say is left to FHIRPath."""

from typing import Any

from ci_notes.expression import Field, Node
from ci_notes.expression.nodes import And, Compare, Is, Not, Number, OneOf, Or
from ci_notes.fhir import datatypes
from ci_notes.fhir.forms.items import is_quantity
from ci_notes.template import HEADER, Template

Json = dict[str, Any]

Joined = tuple[str, list[Json]]
"""How conditions are joined (all, any, or empty for one alone), and the conditions."""


def enable_when(template: Template, node: Node) -> Joined | None:
    """Return a condition as enableWhen, or None where that cannot say the same of every answer."""
    match node:
        case And(parts) | Or(parts):
            wanted = "all" if isinstance(node, And) else "any"
            found = [enable_when(template, part) for part in parts]
            if any(one is None or one[0] not in ("", wanted) for one in found):
                return None
            return wanted, [condition for one in found if one for condition in one[1]]
        case Not(Not(part)):
            return enable_when(template, part)
        case Not(And(parts)):
            return enable_when(template, Or(tuple(Not(part) for part in parts)))
        case Not(Or(parts)):
            return enable_when(template, And(tuple(Not(part) for part in parts)))
        case Is("known", field) | Not(Is("known", field)):
            return _recorded(template, field, isinstance(node, Is))
        case OneOf(field, values):
            return _one_of(template, field, values)
        case Not(OneOf(field, values)):
            return _none_of(template, field, values)
        case Compare(op, Field() as field, Number(value)):
            return _compared(template, field, op, value)
    return None


def _asked(field: Field, operator: str, answer: str, value: Any) -> Json:
    path = f"{HEADER}.jurisdiction" if field.path == "jurisdiction" else field.path
    return {"question": path, "operator": operator, answer: value}


def _recorded(template: Template, field: Field, known: bool) -> Joined | None:
    element = template.elements.get(field.path)
    # Whether there are rows is not the same as whether the group is recorded: it may be recorded that there are none.
    if element is not None and (element.computed or element.kind in ("group", "choices")):
        return None
    return "", [_asked(field, "exists", "answerBoolean", known)]


def _one_of(template: Template, field: Field, values: tuple[str | bool, ...]) -> Joined | None:
    if field.kind == "boolean":
        return "", [_asked(field, "=", "answerBoolean", values[0])]
    codings = _codings(template, field, values)
    if codings is None:
        return None
    return "any" if len(codings) > 1 else "", [_asked(field, "=", "answerCoding", one) for one in codings]


def _none_of(template: Template, field: Field, values: tuple[str | bool, ...]) -> Joined | None:
    if field.kind == "boolean":
        return "", [_asked(field, "=", "answerBoolean", not values[0])]
    codings = _codings(template, field, values)
    if codings is None or field.kind != "choice":
        return None
    recorded = _asked(field, "exists", "answerBoolean", True)
    return "all", [recorded, *(_asked(field, "!=", "answerCoding", one) for one in codings)]


def _codings(template: Template, field: Field, values: tuple[str | bool, ...]) -> list[Json] | None:
    path = f"{HEADER}.jurisdiction" if field.path == "jurisdiction" else field.path
    element = template.elements.get(path)
    if element is None or not element.options:
        return None
    options = [element.option(str(one)) for one in values]
    return [datatypes.option_coding(element, one) for one in options if one]


def _compared(template: Template, field: Field, op: str, value: float) -> Joined | None:
    element = template.elements.get(field.path)
    if element is None or element.computed or element.kind not in ("integer", "quantity") or op in ("==", "!="):
        return None
    if is_quantity(element):
        return "", [_asked(field, op, "answerQuantity", datatypes.quantity(value, str(element.unit)))]
    return ("", [_asked(field, op, "answerInteger", int(value))]) if value == int(value) else None
