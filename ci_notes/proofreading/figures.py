"""Numbers as people write them in prose, read so that two can be compared: 22+3 weeks and 22w3d, 2.8 cm and 28 mm."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ci_notes import kinds, measures
from ci_notes.element import Element

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_COUNTED = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip

_UNITS = {
    r"x ?10[\^*]9 ?/ ?l|10[\^*]9 ?/ ?l": "10*9/L",
    r"x ?10[\^*]3 ?/ ?ul|10[\^*]3 ?/ ?ul": "10*3/uL",
    r"(?:per |/ ?)mm\^?3": "/mm3",
    r"(?:per |/ ?)ul": "/uL",
    r"mm ?(?:a|per|/) ?w(?:ee)?k": "mm/wk",
    r"mm ?hg": "mm[Hg]",
    r"kg ?/ ?m\^?2": "kg/m2",
    r"(?:beats ?(?:per |/ ?)|per |/ ?)min(?:ute)?|bpm": "/min",
    r"mg ?/ ?dl": "mg/dL",
    r"mg ?/ ?l": "mg/L",
    r"ng ?/ ?ml": "ng/mL",
    r"ug ?/ ?l": "ug/L",
    r"g ?/ ?dl": "g/dL",
    r"g ?/ ?l": "g/L",
    r"mmol ?/ ?l": "mmol/L",
    r"micrograms?|mcg|ug": "ug",
    r"milli(?:metre|meter)s?|mm": "mm",
    r"centi(?:metre|meter)s?|cm": "cm",
    r"milli(?:litre|liter)s?|ml": "mL",
    r"(?:litre|liter)s?|l": "L",
    r"milligrams?|mg": "mg",
    r"kilograms?|kilos?|kg": "kg",
    r"grams?|grammes?|g": "g",
    r"pounds?|lbs?": "[lb_av]",
    r"inch(?:es)?": "[in_i]",
    r"feet|foot|ft": "[ft_i]",
    r"mhz": "MHz",
    r"deg(?:rees)? ?c(?:elsius)?|celsius|c": "Cel",
    r"deg(?:rees)? ?f(?:ahrenheit)?|fahrenheit|f": "[degF]",
    r"o ?'? ?clock": "o'clock",
    r"minutes?|mins?": "min",
    r"hours?|hrs?|h": "h",
    r"days?|d": "d",
    r"weeks?|wks?": "wk",
    r"years?|yrs?": "a",
    r"%|percent|per cent": "%",
}
_UNIT = "|".join(f"(?P<u{index}>{form})" for index, form in enumerate(_UNITS))
_END = r"(?!\w)"
_GA = r"\d{1,2}(?: ?\+ ?\d(?!\d))?"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?![\d,.])|\d+(?:[.,]\d+)?"
_FORMS = {
    "iso": r"\d{4}-\d\d-\d\d",
    "numeric": r"\d{1,2}(?P<parted>[/.])\d{1,2}(?P=parted)(?:\d{4}|\d\d)",
    "date": rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? \d{{4}})?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? \d{{4}}(?!\d))?|{_MONTH} \d{{4}}",
    "time": r"\d{1,2}:\d\d(?: ?[ap]m)?",
    "formula": r"g ?\d{1,2}[ ,/]{0,2}p ?\d{1,4}(?: ?\+ ?\d{1,2})?|g\d{1,2}",
    "range": rf"{_GA} ?(?:to|-|and) ?{_GA} ?(?:weeks|wks)",
    "gestation": r"\d{1,2} ?\+ ?\d(?:[ -]?(?:weeks?|wks?|w))?|\d{1,2} ?(?:weeks?|wks?|w) ?(?:and )?\d ?(?:days?|d)"
    r"|\d{1,2} \d/7(?: ?(?:weeks?|wks?))?|\d{1,2}[ -]?(?:weeks?|wks?|w)",
    "pair": r"\d{2,3}/\d{2,3}(?: ?mm ?hg)?",
    "code": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|[a-z]{1,20}(?:-[a-z]{1,20}){0,3}-?\d\w{0,40}(?:-\w{1,40}){0,8}",
    "number": rf"(?P<digits>{_NUMBER})[ -]?(?:{_UNIT})",
    "bare": rf"{_NUMBER}",
    "other": r"\d\w*",
    "counted": "|".join(_COUNTED),
}
_ALL = "|".join(f"(?P<{name}>{form}){_END}" for name, form in _FORMS.items())
FORMS = re.compile(rf"(?<!\w)(?:{_ALL})", re.ASCII)
"""One figure, in text of small ASCII letters."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a text: its kind, its value in a form that can be compared, its unit (UCUM), and how it stands."""

    kind: str
    value: Any
    unit: str = ""


@lru_cache(maxsize=4096)
def _read(text: str) -> Figure:
    match = FORMS.fullmatch(text)
    kind = next((name for name in _FORMS if match[name] is not None), "code") if match else "code"
    found: Figure = _READ.get(kind, _code)(text, match)
    return found


def figure(match: re.Match[str]) -> Figure:
    """Return the figure that a match of FORMS is."""
    return _read(match[0])


def _date(text: str, _match: Any) -> Figure:
    words = re.findall(r"[a-z]+|\d+", text)
    month = next(number for word in words if (number := _month(word)))
    numbers = [int(word) for word in words if word.isdigit()]
    year = next((number for number in numbers if number > 31), None)
    day = next((number for number in numbers if number <= 31), None)
    return Figure("date", frozenset({(year, month, day)}))


def _month(word: str) -> int:
    return _MONTHS.index(word[:3]) + 1 if word[:3] in _MONTHS else 0


def _iso(text: str, _match: Any) -> Figure:
    year, month, day = map(int, text.split("-"))
    return Figure("date", frozenset({(year, month, day)}))


def _numeric(text: str, _match: Any) -> Figure:
    """Read 03/11/2026 as both days that it may be."""
    one, other, year = map(int, re.split(r"[/.]", text))
    year += 2000 if year < 100 else 0
    return Figure("date", frozenset({(year, other, one), (year, one, other)}))


def _time(text: str, _match: Any) -> Figure:
    hour, minute = map(int, re.findall(r"\d+", text))
    hour = hour % 12 + 12 * text.endswith("pm") if text.endswith("m") else hour
    return Figure("time", (hour, minute))


def _formula(text: str, _match: Any) -> Figure:
    return Figure("formula", re.sub(r"[ ,/]", "", text))


def _days(text: str) -> tuple[int, int]:
    week, day, *_ = [*map(int, re.findall(r"\d+", text.replace("/7", ""))), None, None]
    return (7 * (week or 0) + (day or 0), 7 * (week or 0) + (6 if day is None else day))


def _gestation(text: str, _match: Any) -> Figure:
    return Figure("gestation", _days(text), "wk")


def _range(text: str, _match: Any) -> Figure:
    first, last = re.split(r" ?(?:to|-|and) ?", text, maxsplit=1)
    return Figure("gestation", (_days(first)[0], _days(last)[1]), "range")


def _pair(text: str, _match: Any) -> Figure:
    one, other = re.findall(r"\d+", text)[:2]
    return Figure("pair", (int(one), int(other)))


def _number(_text: str, match: re.Match[str]) -> Figure:
    written = match["digits"] or match["bare"]
    plain = written.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+", written) else written.replace(",", ".")
    units = (unit for index, unit in enumerate(_UNITS.values()) if match[f"u{index}"])
    return Figure("number", float(plain), next(units, ""))


def _counted(text: str, _match: Any) -> Figure:
    return Figure("number", float(_COUNTED.index(text)))


def _code(text: str, _match: Any) -> Figure:
    return Figure("code", text)


_READ: dict[str, Any] = {
    "iso": _iso, "numeric": _numeric, "date": _date, "time": _time, "formula": _formula, "range": _range,
    "gestation": _gestation, "pair": _pair, "number": _number, "bare": _number, "counted": _counted,
}  # fmt: skip


def same(noted: Figure, written: Figure, about: str = "") -> bool | None:
    """Return whether a figure of the text is that of the note; None where the two cannot be compared.

    What the text says less exactly is the same: 22 weeks for 22+3, November for 3 November. `about` names the element,
    since mmol/L is mg/dL only of glucose.
    """
    if noted.kind != written.kind:
        return _across(noted, written)
    if noted.kind == "date":
        return any(_same_day(one, other) for one in noted.value for other in written.value)
    if noted.kind == "gestation":
        return _same_age(noted, written)
    if noted.kind == "number":
        return _same_number(noted, written, about)
    return bool(noted.value == written.value)


def _across(noted: Figure, written: Figure) -> bool | None:
    """Compare weeks with a number that leaves out the word, and with a time that is told in days."""
    if {noted.kind, written.kind} != {"gestation", "number"}:
        return None
    age, number = (noted, written) if noted.kind == "gestation" else (written, noted)
    if number.unit in ("", "wk"):
        return bool(age.value[0] <= 7 * number.value <= age.value[1])
    there = measures.converted(_in("d"), number.value, number.unit)
    return None if there is None or number.unit not in ("d", "h") else bool(there == age.value[0])


def _same_day(one: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def _same_age(noted: Figure, written: Figure) -> bool:
    (low, high), (least, most) = noted.value, written.value
    if noted.unit == written.unit == "range":
        return bool(noted.value == written.value)
    return bool((low <= least and most <= high) or (least <= low and high <= most))


def _same_number(noted: Figure, written: Figure, about: str) -> bool | None:
    if noted.unit == written.unit or not (noted.unit and written.unit):
        return bool(abs(noted.value - written.value) < 1e-6)
    if {noted.unit, written.unit} <= {"10*9/L", "10*3/uL"}:
        return bool(abs(noted.value - written.value) < 1e-6)
    there = measures.converted(_in(noted.unit, about), written.value, written.unit)
    exact = measures.is_metric(written.unit) and written.unit != "mmol/L"
    if there is None:
        there, noted = measures.converted(_in(written.unit, about), noted.value, noted.unit), written
    return None if there is None else bool(abs(noted.value - there) < (1e-6 if exact else 0.0501))


def _in(unit: str, about: str = "") -> Element:
    return Element("", "", about, "quantity", unit=unit)


ORDERED = tuple(kinds.SPANS)
"""Kinds of elements whose values are figures."""
