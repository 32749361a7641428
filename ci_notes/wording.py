"""How recorded values are said in prose: numbers with units, dates by country, lists, ordinals, spelling."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from ci_notes import dating, kinds
from ci_notes.element import Element

UNITS = {
    "Cel": "°C",
    "[degF]": "°F",
    "/mm3": "per mm³",
    "mm/wk": "mm a week",
    "min": "minutes",
    "mm[Hg]": "mmHg",
    "/min": "per minute",
    "10*9/L": "× 10⁹/L",
    "10*3/uL": "× 10³/µL",
    "/uL": "/µL",
    "ug/L": "µg/L",
    "kg/m2": "kg/m²",
    "a": "years",
    "wk": "weeks",
    "d": "days",
    "h": "hours",
    "{#}": "",
    "1": "",
}
"""UCUM units that are said otherwise than they are written."""

# Literal text of narratives is written in British spelling; these words change for US readers.
AMERICAN = {
    "labour": "labor",
    "haemorrhage": "hemorrhage",
    "caesarean": "cesarean",
    "anaesthesia": "anesthesia",
    "anaesthetic": "anesthetic",
    "anaesthetist": "anesthesiologist",
    "foetal": "fetal",
    "oedema": "edema",
    "centre": "center",
    "counselled": "counseled",
    "counselling": "counseling",
    "gynaecological": "gynecological",
    "gynaecology": "gynecology",
    "paediatric": "pediatric",
    "recognised": "recognized",
    "programme": "program",
    "haemoglobin": "hemoglobin",
    "antenatal": "prenatal",
    "dilatation": "dilation",
    "gonorrhoea": "gonorrhea",
    "manoeuvre": "maneuver",
    "micronised": "micronized",
    "mobilisation": "mobilization",
    "mobilised": "mobilized",
    "fertilisation": "fertilization",
    "funnelling": "funneling",
    "fibre": "fiber",
    "tumour": "tumor",
}
# What is called otherwise there; these are said, but not read back as one word.
AMERICAN_NAMES = {
    "in the operating theatre": "in the operating room",
    "in theatre": "in the operating room",
    "theatre": "operating room",
    "counts of swabs": "counts of sponges",
    "in hospital": "in the hospital",
    "go to hospital": "go to the hospital",
    "labour ward": "labor and delivery unit",
    "waters have broken": "water has broken",
    "waters break": "water breaks",
}
_AMERICAN = AMERICAN_NAMES | AMERICAN
_WORDS = re.compile(r"\b(" + "|".join(_AMERICAN) + r")\b", re.IGNORECASE)


def spelled(text: str, jurisdiction: str) -> str:
    """Return our own text in the spelling of a jurisdiction; never used on what a person typed."""
    if jurisdiction != "US":
        return text

    def american(match: re.Match[str]) -> str:
        word = _AMERICAN[match[0].lower()]
        return word[0].upper() + word[1:] if match[0][0].isupper() else word

    return _WORDS.sub(american, text)


def composed(text: str) -> str:
    """Return a text with each letter and its accents as one sign, however it was typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def sentence(words: str) -> str:
    """Return words, as a message has them, as a sentence: with a capital and a full stop where they lack one."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '?', '!', '…')) else '.'}"


def lower_first(title: str) -> str:
    """Return a title as it stands inside a sentence: «Due date» as «due date», «BMI» as it is."""
    second = title[1:2]
    return title if second.isupper() or second in (".", "-") else title[:1].lower() + title[1:]


def say_date(text: str, jurisdiction: str) -> str:
    """Return a stored date as it is said: 3 November 2026, or November 3, 2026 in the US."""
    day = date.fromisoformat(text[:10])
    month = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )[day.month - 1]
    return f"{month} {day.day}, {day.year}" if jurisdiction == "US" else f"{day.day} {month} {day.year}"


MINUS = "−"
"""The sign before a number below zero as people read it; what programs read has a hyphen."""


def say_number(value: float) -> str:
    """Return a number as it was recorded, without a needless decimal: 22.0 is 22, and -6.5 is −6.5."""
    written = str(int(value)) if float(value).is_integer() else repr(value)
    return written.replace("-", MINUS, 1) if value < 0 else written


def say_quantity(value: float, unit: str | None) -> str:
    """Return a number with its unit: 22 mm, 50%, 38.1 °C."""
    said = UNITS.get(unit or "", unit or "")
    if said == "%":
        return f"{say_number(value)}%"
    if value == 1 and said in ("years", "weeks", "days", "hours"):
        said = said[:-1]
    return f"{say_number(value)} {said}".strip()


def say_time(text: str, jurisdiction: str) -> str:
    """Return a stored moment as it is said, at the time of the place where it was recorded."""
    return f"{say_date(text, jurisdiction)} at {text[11:16]}"


def say_gestation(text: str, _jurisdiction: str) -> str:
    """Return a stored gestational age as it is said: 22+3 weeks."""
    return dating.say_gestation(dating.read_gestation(text) or kinds.UNKNOWN)


def plain_weeks(said: str) -> str:
    """Return a gestational age as it is said to the patient.

    >>> plain_weeks("22+1 weeks"), plain_weeks("37+0 weeks"), plain_weeks("14 to 15 weeks")
    ('22 weeks and 1 day', '37 weeks', '14 to 15 weeks')
    """
    exact = re.fullmatch(r"(\d+)\+(\d) weeks", said)
    if not exact:
        return said
    days = {"0": "", "1": " and 1 day"}.get(exact[2], f" and {exact[2]} days")
    return f"{exact[1]} weeks{days}"


def listed(parts: Iterable[str], word: str = "and") -> str:
    """Return parts as a list in a sentence: a, b and c."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"


def ordinal(number: int) -> str:
    """Return first, second, third ... tenth, then 11th."""
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    if number <= len(words):
        return words[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _choice(element: Element, value: Any, jurisdiction: str) -> str:
    option = element.option(value)
    return spelled(option.say, jurisdiction) if option else str(value)


SAY: dict[str, Callable[[Element, Any, str], str]] = {
    "text": lambda _element, value, _j: str(value),
    "boolean": lambda _element, value, _j: "yes" if value else "no",
    "integer": lambda element, value, _j: say_quantity(value, element.unit),
    "quantity": lambda element, value, _j: say_quantity(value, element.unit),
    "date": lambda _element, value, j: say_date(value, j),
    "datetime": lambda _element, value, j: say_time(value, j),
    "gestational-age": lambda _element, value, j: say_gestation(value, j),
    "choice": _choice,
    "choices": lambda element, value, j: listed(_choice(element, one, j) for one in value) or "none",
    "group": lambda _element, value, _j: str(len(value)),
}
"""How the value of each kind is said."""


def say(element: Element, value: Any, jurisdiction: str = "") -> str:
    """Return a recorded value as it is said in prose."""
    return SAY[element.kind](element, value, jurisdiction)
