"""Units as people type them, and what a number in one unit is in another.

Factors are exact by definition (the international inch and pound) or chemistry (glucose: 180.16 g/mol).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ci_notes import wording
from ci_notes.element import Element

FAHRENHEIT, CELSIUS = "[degF]", "Cel"

_SCALES: tuple[dict[str, float], ...] = (
    {"mm": 1, "cm": 10, "m": 1000, "[in_i]": 25.4, "[ft_i]": 304.8},
    {"mg": 0.001, "g": 1, "kg": 1000, "[oz_av]": 28.349523125, "[lb_av]": 453.59237, "[stone_av]": 6350.29318},
    {"mL": 1, "L": 1000},
    {"ng/mL": 0.001, "ug/L": 0.001, "mg/L": 1, "mg/dL": 10, "g/L": 1000, "g/dL": 10_000},
    {"/uL": 0.001, "/mm3": 0.001, "10*3/uL": 1, "10*9/L": 1},
)
"""Units (UCUM) of one dimension each, with their size in a common one."""

_TIMES: dict[str, float] = {"min": 1, "h": 60, "d": 1440, "wk": 10_080}
_GLUCOSE = 18.016
"""mg/dL for 1 mmol/L of glucose."""

_SPELLED = {
    CELSIUS: "cel °c c degc celsius",
    FAHRENHEIT: "[degf] °f f degf fahrenheit",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "cm": "cm centimetre centimetres centimeter centimeters",
    "m": "m metre metres meter meters",
    "[in_i]": 'in inch inches " ″ ”',
    "[ft_i]": "ft foot feet ' ′ ’",
    "g": "g gram grams gramme grammes",
    "kg": "kg kilo kilos kilogram kilograms",
    "mg": "mg milligram milligrams",
    "[oz_av]": "oz ounce ounces",
    "[lb_av]": "lb lbs pound pounds",
    "[stone_av]": "st stone stones",
    "mL": "ml millilitre millilitres milliliter milliliters",
    "L": "l litre litres liter liters",
    "%": "% percent",
    "mm[Hg]": "mm[hg] mmhg",
    "/min": "/min bpm",
    "a": "a y yr yrs year years",
    "wk": "wk wks w week weeks",
    "d": "d day days",
    "h": "h hr hrs hour hours",
    "min": "min mins minute minutes",
    "ng/mL": "ng/ml",
    "ug/L": "ug/l µg/l μg/l",
    "mg/L": "mg/l",
    "mg/dL": "mg/dl",
    "g/L": "g/l",
    "g/dL": "g/dl",
    "mmol/L": "mmol/l",
    "10*9/L": "10*9/l 10^9/l 10⁹/l",
    "10*3/uL": "10*3/ul 10^3/ul 10³/µl k/ul k/µl",
    "/uL": "/ul /µl /μl cells/ul cells/µl",
    "/mm3": "/mm3 /mm³ cells/mm3 cells/mm³",
}
_UNITS = {spelled: unit for unit, all_ in _SPELLED.items() for spelled in all_.split()}
_SAID = {"[in_i]": "in", "[ft_i]": "ft", "[lb_av]": "lb", "[stone_av]": "st", "[oz_av]": "oz"}
_NOT_METRIC = (FAHRENHEIT, *_SAID)
_COUNTED = ("/uL", "/mm3")
_PARTS = {("[ft_i]", "[in_i]"): 12, ("[stone_av]", "[lb_av]"): 14, ("[lb_av]", "[oz_av]"): 16}
"""How many of a smaller unit, typed behind, make one of the greater: 5 ft 4 in, 7 lb 4 oz."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number and its unit as typed; `unit` is UCUM where it is known, and empty where none was given."""

    number: float
    unit: str = ""


_NUMBER = re.compile(r"([-−+]?\d{1,15}(?:[.,]\d{1,15})?)(?!\d)\s*(\S.*)?")  # more digits are infinite, or not kept
_THOUSANDS = re.compile(r"(\d{1,3}),(\d{3})(?!\d)")
_IN_PARTS = re.compile(r"(\d{1,15})\s*([a-z'′’]+)\s*(\d{1,15}(?:[.,]\d{1,15})?)\s*([a-z\"″”]*)", re.IGNORECASE)


def read(typed: str, unit: str = "") -> Measure | None:
    """Return what was typed as a number with a unit, or None; `unit` is the one that a bare number would have.

    >>> read("100.4 °F"), read("5 ft 4"), read("12,300 /uL")
    (Measure(number=100.4, unit='[degF]'), Measure(number=64.0, unit='[in_i]'), Measure(number=12300.0, unit='/uL'))
    """
    in_parts = _IN_PARTS.fullmatch(typed)
    if in_parts:
        return _together(*in_parts.groups())
    match = _NUMBER.fullmatch(typed)
    if match is None:
        return None
    given = unit_named(match[2] or "")
    if (given or unit) in _COUNTED:  # in thousands, so a comma is no decimal sign
        typed = _THOUSANDS.sub(r"\1\2", typed)
        match = _NUMBER.fullmatch(typed) or match
    return Measure(_number(match[1]), given)


def _number(written: str) -> float:
    return float(written.replace(",", ".").replace(wording.MINUS, "-"))


def _together(whole: str, great: str, rest: str, small: str) -> Measure | None:
    """Return feet and inches, stones and pounds, or pounds and ounces, in the smaller unit."""
    for (greater, smaller), size in _PARTS.items():
        if unit_named(great) == greater and (not small or unit_named(small) == smaller):
            return Measure(int(whole) * size + _number(rest), smaller)
    return None


def unit_named(words: str) -> str:
    """Return the unit that was typed, as UCUM writes it, or the words themselves where it is not known."""
    plain = words.strip().lower().removeprefix("x").removeprefix("×").strip()
    plain = re.sub(r"\s*(?:per|/)\s*", "/", plain).replace("minute", "min") if "/" in plain or "per" in plain else plain
    return _UNITS.get(plain.replace("deg ", "deg").replace("° ", "°"), words.strip())


def said(number: float, unit: str) -> str:
    """Return a number with a unit that no element has, too: 64 in, 100.4 °F, 16,200 /µL."""
    if unit in _COUNTED and float(number).is_integer():
        return f"{int(number):,}{wording.say_quantity(0, unit).removeprefix('0')}"
    return wording.say_quantity(number, _SAID.get(unit, unit))


def is_metric(unit: str) -> bool:
    """Return whether a unit could be meant for the one beside it: °F, pounds and inches are never a slip."""
    return unit not in _NOT_METRIC


def converted(element: Element, number: float, unit: str) -> float | None:
    """Return a number as it is in the unit of an element; None where the two do not go together.

    What no metre or gram measured is rounded to one decimal, temperatures too.
    """
    own = element.unit or ""
    if (unit, own) == (FAHRENHEIT, CELSIUS):
        return round((number - 32) * 5 / 9, 1)
    if (unit, own) == ("mmol/L", "mg/dL") and "glucose" in element.title.lower():
        return round(number * _GLUCOSE, 1)
    for scale in (*_SCALES, _TIMES):
        if unit in scale and own in scale:
            return round(number * scale[unit] / scale[own], 6 if is_metric(unit) else 1)
    return None


def meant(element: Element, value: float) -> tuple[str, float] | None:
    """Return the other unit in which a value would be usual for its element, or is possible in no third one.

    What the value then is comes with it; None where no unit explains it, or several do that differ.
    """
    possible = [(unit, there) for unit, there in _elsewhere(element, value) if is_possible(element, there)]
    usual = [(unit, there) for unit, there in possible if _usual(element, there)]
    alike = len({there for _, there in possible}) == 1
    return usual[0] if usual else possible[0] if alike else None


def _elsewhere(element: Element, value: float) -> Iterator[tuple[str, float]]:
    """Yield the other units of an element's dimension, each with what a value in it is in the element's own."""
    for units in (*_SCALES, (CELSIUS, FAHRENHEIT)):
        for unit in units if element.unit in units else ():
            there = converted(element, value, unit) if unit != element.unit else None
            if there is not None:
                yield unit, there


def is_possible(element: Element, value: float) -> bool:
    """Return whether a number lies within what an element can hold."""
    low, high = element.shape.get("minimum"), element.shape.get("maximum")
    return (low is None or value >= low) and (high is None or value <= high)


def _usual(element: Element, value: float) -> bool:
    low, high = element.usual or (None, None)
    least, most = element.shape.get("minimum"), element.shape.get("maximum")
    low, high = (least if low is None else low), (most if high is None else high)
    return element.usual is not None and low is not None and high is not None and low <= value <= high


def other_unit(element: Element, value: float) -> str:
    """Return what explains a value that is impossible in its own unit, or an empty text.

    >>> range_ = {"minimum": 30, "maximum": 43}
    >>> other_unit(Element("t", "t", "Temperature", "quantity", range_, unit="Cel", usual=(35, 42)), 100.4)
    '100.4 °F is 38 °C'
    """
    found = meant(element, value)
    if found is None:
        return ""
    unit, there = found
    return f"{said(value, unit)} is {wording.say_quantity(there, element.unit)}"
