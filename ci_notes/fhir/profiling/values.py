"""What the value of each element kind must look like, as the constraints of an ElementDefinition: one row a kind.

The limits are those of the possible, as the shape of a note has them; what is merely unusual concerns no profile.
Ranges are written twice, as `minValue` and `maxValue` for people and tools that show them, and as an invariant, since
few validators look at the first.
"""

import json
from collections.abc import Callable
from typing import Any

from ci_notes.element import OURS, Element
from ci_notes.fhir import canonical
from ci_notes.fhir.datatypes import UCUM

Json = dict[str, Any]

_DAYS = 700
"""Gestational ages are below this many days, as notes have them."""


def answers_of(element: Element) -> str:
    """Return the address of the ValueSet with the answers of an element."""
    return f"{OURS}/ValueSet/{canonical.identifier_of(element.id)}"


def answers(element: Element) -> Json:
    """Return the binding of a CodeableConcept to the answers of an element."""
    return {"strength": "required", "valueSet": answers_of(element)}


def types(*codes: str) -> list[Json]:
    """Return the types that an element may have."""
    return [{"code": code} for code in codes]


def invariant(key: str, human: str, expression: str) -> Json:
    """Return a rule that holds without exception."""
    return {"key": key, "severity": "error", "human": human, "expression": expression}


def value_of(element: Element) -> Json:
    """Return the constraints of a value[x] that holds one value of an element."""
    return VALUES[element.kind](element)


def _key(element: Element, what: str) -> str:
    return f"{element.id}-{what}".replace("_", "-")


def limits(element: Element) -> tuple[float | None, float | None]:
    """Return the least and the greatest value that is possible; None where there is no limit."""
    return element.shape.get("minimum"), element.shape.get("maximum")


def _between(element: Element) -> str:
    low, high = limits(element)
    unit = f" {element.unit}" if element.unit and element.unit != "1" else ""
    if low is None and high is None:
        return f"a number of {element.unit}"
    if low is not None and high is not None:
        return f"{low:g} to {high:g}{unit}"
    return f"at least {low:g}{unit}" if low is not None else f"at most {high:g}{unit}"


def _within(element: Element, name: str) -> list[str]:
    low, high = limits(element)
    return [
        *([_compared(name, ">=", low)] if low is not None else []),
        *([_compared(name, "<=", high)] if high is not None else []),
    ]


def _compared(name: str, operator: str, limit: float) -> str:
    """Return a comparison; without a negative number, which HL7's own FHIRPath takes for a subtraction."""
    return f"{name} {operator} {json.dumps(limit)}" if limit >= 0 else f"{name} + {json.dumps(-limit)} {operator} 0"


def _number(element: Element) -> Json:
    return _quantity(element) if element.unit else _integer(element)


def _integer(element: Element) -> Json:
    low, high = limits(element)
    return {
        "type": types("integer"),
        **({"minValueInteger": low} if low is not None else {}),
        **({"maxValueInteger": high} if high is not None else {}),
        **_ruled(element, _within(element, "$this")),
    }


def _quantity(element: Element) -> Json:
    low, high = limits(element)
    in_unit = {"system": UCUM, "code": element.unit}
    whole = ["value = value.truncate()"] if element.kind == "integer" else []
    rule = _ruled(element, ["value.exists()", "comparator.empty()", *whole, *_within(element, "value")])
    return {
        "type": types("Quantity"),
        "patternQuantity": in_unit,
        **({"minValueQuantity": {"value": low, **in_unit}} if low is not None else {}),
        **({"maxValueQuantity": {"value": high, **in_unit}} if high is not None else {}),
        **rule,
    }


def _ruled(element: Element, conditions: list[str]) -> Json:
    if not conditions:
        return {}
    human = f"{element.title}: {_between(element)}"
    return {"constraint": [invariant(_key(element, "range"), human, " and ".join(conditions))]}


def _text(element: Element) -> Json:
    longest, pattern = element.shape.get("maxLength"), element.shape.get("pattern")
    found: Json = {"type": types("string")}
    if longest is not None:
        found["maxLength"] = longest
        rule = invariant(_key(element, "length"), f"At most {longest} characters", f"length() <= {longest}")
        found["constraint"] = [rule]
    if pattern is not None:
        written = pattern.replace("\\", "\\\\").replace("'", "\\'")
        rule = invariant(_key(element, "form"), f"{element.title}: as {pattern}", f"matches('{written}')")
        found["constraint"] = [*found.get("constraint", []), rule]
    return found


def _day(element: Element) -> Json:
    rule = invariant(_key(element, "day"), "A day without a time", "toString().length() = 10")
    return {"type": types("dateTime"), "constraint": [rule]}


def _moment(element: Element) -> Json:
    rule = invariant(_key(element, "moment"), "A day and time with its offset", "toString().length() >= 20")
    return {"type": types("dateTime"), "constraint": [rule]}


def _gestation(element: Element) -> Json:
    def days(name: str) -> str:
        return f"{name}system = '{UCUM}' and {name}code = 'd' and {name}value >= 0 and {name}value < {_DAYS}"

    span = f"{days('low.')} and {days('high.')} and low.value <= high.value"
    expression = f"ofType(Quantity).all({days('')}) and ofType(Range).all({span})"
    human = "A gestational age in whole days (d), or from the first to the last day that it can be"
    return {"type": types("Quantity", "Range"), "constraint": [invariant(_key(element, "days"), human, expression)]}


def _choice(element: Element) -> Json:
    return {"type": types("CodeableConcept"), "binding": answers(element)}


def _none_of_them(element: Element) -> Json:
    """Return what several answers look like in a row: each a concept, or the number 0 for the answer "none"."""
    rule = invariant(
        _key(element, "none"), "A number says that there is none, and is 0", "ofType(integer).all($this = 0)"
    )
    return {"type": types("CodeableConcept", "integer"), "binding": answers(element), "constraint": [rule]}


VALUES: dict[str, Callable[[Element], Json]] = {
    "text": _text,
    "boolean": lambda _element: {"type": types("boolean")},
    "integer": _number,
    "quantity": _number,
    "date": _day,
    "datetime": _moment,
    "gestational-age": _gestation,
    "choice": _choice,
    "choices": _none_of_them,
    "group": lambda _element: {"type": types("integer"), "fixedInteger": 0},
}
"""Kinds, and what the value[x] of an Observation or component looks like. A group has one only where it has no rows."""
