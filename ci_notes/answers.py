"""What a person types, read as the value of an element: forgiving in form, never guessing in substance.

What could mean two things is asked back (a length in another unit, a value outside the usual range); what cannot be
read gets a sentence with an example of what can.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ci_notes import dating, days, measures, wording
from ci_notes.checks import usual_range
from ci_notes.days import Here
from ci_notes.element import Element, Option
from ci_notes.shape import LONGEST_TEXT, UNPRINTABLE

ABSENCE_KEYS = {
    "?": "asked-unknown",
    "!": "asked-declined",
    "_": "not-performed",
    "*": "not-asked",
    "~": "not-applicable",
}
"""One key for each reason why there is no value."""


LONGEST_ANSWER = 1000
"""Characters of an answer that is not free text; to look for the parts of an endless one takes seconds."""

TOO_LONG = f"That has more than {LONGEST_ANSWER} characters, which is no answer to this."


@dataclass(frozen=True, slots=True)
class Value:
    """An answer that was understood; `said` is how it is kept, where it was typed in another unit."""

    value: Any
    said: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An answer to be confirmed first; `kept` says that a reason belongs to it."""

    question: str
    value: Any
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """An answer that cannot be used; the message says what can."""

    message: str


Answer = Value | Doubt | Unclear


def read(element: Element, typed: str, jurisdiction: str, today: date, moment: str = "") -> Answer:
    """Return what was typed as a value of an element.

    `moment` is the date and time of the note: a time of day is taken to be on that day, with that offset.
    """
    if element.kind != "text" and len(typed) > LONGEST_ANSWER:
        return Unclear(TOO_LONG)
    reader = _READERS[element.kind]
    return within(element, reader(element, typed.strip(), Here(jurisdiction, today, moment or f"{today}T00:00:00Z")))


def within(element: Element, answer: Answer) -> Answer:
    """Refuse the impossible and ask back the unusual."""
    if isinstance(answer, Unclear) or not isinstance(answer.value, int | float) or isinstance(answer.value, bool):
        return answer
    if not measures.is_possible(element, answer.value):
        return _impossible(element, answer)
    if isinstance(answer, Value) and usual_range(element, answer.value):
        return Doubt(f"{usual_range(element, answer.value)}. Keep it?", answer.value, kept=True)
    return answer


def _impossible(element: Element, answer: Value | Doubt) -> Answer:
    low, high = element.shape.get("minimum"), element.shape.get("maximum")
    limits = f"{wording.say_number(low or 0)} to {wording.say_quantity(high or 0, element.unit)}"
    if high is None or low is None:
        limits = f"at {'least' if high is None else 'most'} {wording.say_quantity(low or high or 0, element.unit)}"
    message = f"{wording.say_quantity(answer.value, element.unit)} is impossible here: {limits}."
    found = measures.meant(element, answer.value) if answer == Value(answer.value) else None
    if found is None:
        return Unclear(message)
    unit, there = found
    which = f"{measures.said(answer.value, unit)}, which is {wording.say_quantity(there, element.unit)}"
    return Doubt(f"{message} Did you mean {which}?", _plain(there))


def parts(words: str) -> list[str] | Unclear:
    """Return the parts of a list of numbers, where a comma may also be a decimal sign: 22, 24 and 22,5 24.

    Where nothing else parts them, 12,9 could be one number or two, and is asked back.
    """
    either = re.search(r"(?<!\d)(\d+),(\d)(?!\d)", words)
    parted = re.search(r"[;/]|[^,\s]\s+\d|\sand\s", words) and not re.search(r",\s", words)
    if either is not None and not parted:
        one, other = either.groups()
        could_be = f"{either[0]} could be {one}.{other}, or {one} and {other}"
        return Unclear(f"{could_be}: type a point in a decimal, and a space after a comma.")
    return [part for part in re.split(r"[;/]\s*|,\s+|,(?=\d{2,})|\s+(?=\d)|\s+and\s+", words.strip()) if part]


# --- numbers with units --------------------------------------------------------------------------------------------


def _number(element: Element, typed: str, _here: Here) -> Answer:
    measure = measures.read(typed, element.unit or "")
    if measure is None or re.fullmatch(r"[\d\s.,;+-]+", measure.unit):  # what follows is no unit: 18, 17.5
        return Unclear(
            f"A number{f' in {_unit(element)}' if _unit(element) else ''} is wanted, such as {_example(element)}."
        )
    number, given = measure.number, measure.unit
    if given in ("", element.unit, _unit(element)):
        return _whole(element, number, certain=bool(given), as_decimal=bool(re.search(r"\d[.,]\d", typed)))
    there = measures.converted(element, number, given)
    if there is None:
        if not _unit(element):
            return Unclear(f"Type the number alone, without «{given}».")
        return Unclear(f"{element.title} is recorded in {_unit(element)}, not {given}.")
    return _converted(element, measure, there)


def _converted(element: Element, measure: measures.Measure, there: float) -> Answer:
    """Return a number typed in another unit: confirmed where a slip is possible, otherwise said as it is kept."""
    value = round(there) if element.kind == "integer" else _plain(there)
    kept = wording.say_quantity(value, element.unit)
    if not measures.is_metric(measure.unit):
        return Value(value, kept)
    return Doubt(f"{measures.said(measure.number, measure.unit)} is {kept}. Record that?", value)


def _plain(number: float) -> int | float:
    """Return a number as it is stored: 22.0 as 22."""
    return int(number) if float(number).is_integer() else number


def _whole(element: Element, number: float, certain: bool, as_decimal: bool) -> Answer:
    ten = round(number * 10, 6)
    like_cm = as_decimal and not certain and element.unit == "mm" and 0.5 <= number <= 8
    if number.is_integer() and not like_cm:
        return Value(int(number))
    if element.kind == "integer":
        return Unclear("A whole number is wanted.")
    if like_cm and measures.is_possible(element, ten):
        # Guidelines R014: machines print centimetres, notes are kept in millimetres.
        kept = wording.say_quantity(ten, "mm")
        return Doubt(f"{number} mm would be very short. Did you mean {number} cm, which is {kept}?", _plain(ten))
    return Value(_plain(number))


def _unit(element: Element) -> str:
    return wording.UNITS.get(element.unit or "", element.unit or "")


def _example(element: Element) -> str:
    low, high = element.shape.get("minimum", 0), element.shape.get("maximum", 20)
    return wording.say_number(round((low + high) / 2))


# --- dates and gestational ages ------------------------------------------------------------------------------------


def _date(element: Element, typed: str, here: Here) -> Answer:
    found = None if element.from_gestation and _may_be_gestation(typed) else days.read_day(typed, here, element.ages)
    if found is not None:
        return _as_typed(found.isoformat(), typed, here)
    due = _due_date(typed, here) if element.from_gestation else None
    if due is not None:
        return due
    if element.ages and days.has_short_year(typed):
        return Unclear(f"That is no date of birth of anybody aged {element.ages[0]} to {element.ages[1]}. {_FOUR}")
    told = f"A date is wanted: 2026-11-03, 3 Nov 2026 or {_example_day(here)}"
    if element.from_gestation:
        return Unclear(f"{told}; in 12 weeks; weeks and days on the day of the note, 22+3.")
    return Unclear(f"{told}." if element.ages else f"{told}; 2 weeks ago, in 2 weeks.")


_FOUR = "Type the year with four digits."


def _as_typed(value: str, typed: str, here: Here) -> Answer:
    """Return a date or moment; asked back where its century or its year is ours."""
    if not days.is_completed(typed, here):
        return Value(value)
    time = f", {value[11:16]}" if len(value) > 10 else ""
    return Doubt(f"{wording.say_date(value, here.jurisdiction)}{time}. Record that?", value)


def _may_be_gestation(typed: str) -> bool:
    """Return whether weeks were typed that could be how far she is, as well as how long from now: 22 weeks, +3."""
    return typed.startswith("+") or _GESTATION.fullmatch(typed.lower()) is not None


def _due_date(typed: str, here: Here) -> Answer | None:
    """Return the due date that a gestational age on the day of the note gives; None where none was typed."""
    if not re.search(r"\+|w", typed.lower()):
        return None
    answer = _gestation_of(typed)
    span = dating.read_gestation(answer.value) if isinstance(answer, Value) else None
    if span is None:
        return answer
    if span[0] != span[1]:
        return Unclear("A due date follows from weeks and days: type both, such as 22+3, or the date itself.")
    day = here.day_of_note
    due = dating.due_date(day - timedelta(days=span[0]))
    on, then = (wording.say_date(one.isoformat(), here.jurisdiction) for one in (day, due))
    said = dating.say_gestation(span).removesuffix(" weeks")
    return Doubt(f"{said} on {on} gives a due date of {then}. Record that?", due.isoformat())


def _example_day(here: Here) -> str:
    return "11/3/2026" if here.jurisdiction == "US" else "3/11/2026"


def _moment(_element: Element, typed: str, here: Here) -> Answer:
    found = days.read_moment(typed, here)
    if found is None:
        return Unclear(
            "A date and time is wanted: 2026-11-03 14:20, 3 Nov 2026 14:20, or 14:20 on the day of the note."
        )
    return _as_typed(*found, here)


_GESTATION = re.compile(
    r"(\d{1,2})(?:(?:\s*\+\s*|\s+|\s*w(?:ee)?k?s?\s*,?\s*)(\d)(?:\s*/\s*7)?\s*(?:d(?:ays?)?)?)?\s*(?:w(?:ee)?k?s?)?"
)
_WEEKS = re.compile(r"(\d{1,2})\s*(?:w(?:ee)?k?s?)?\s*(?:-|–|to)\s*(\d{1,2})\s*(?:w(?:ee)?k?s?)?")
_DAYS = re.compile(r"(\d{1,2})\+(\d)\s*(?:-|–|to)\s*(\d{1,2})\+(\d)")


def _gestation(_element: Element, typed: str, _here: Here) -> Answer:
    return _gestation_of(typed)


def _gestation_of(typed: str) -> Answer:
    words = typed.lower()
    if re.search(r"\d[.,]\d", words):
        weeks, tenth = re.split(r"[.,]", words)[:2]
        return Unclear(
            f"{weeks}.{tenth} could be days or tenths of a week. For weeks and days type {weeks}+{tenth[:1]}."
        )
    between = _WEEKS.fullmatch(words)
    if between:
        return _as_gestation(f"{int(between[1])}w-{int(between[2])}w")
    to_the_day = _DAYS.fullmatch(words)
    if to_the_day:
        weeks, day, last_weeks, last_day = to_the_day.groups()
        return _as_gestation(f"{int(weeks)}w{day}d-{int(last_weeks)}w{last_day}d")
    match = _GESTATION.fullmatch(words)
    if not match:
        return Unclear("A gestational age is wanted: 22+3, 22w3d, or 22w where the days are not known.")
    day = "" if match[2] is None else f"{match[2]}d"
    return _as_gestation(f"{int(match[1])}w{day}")


def _as_gestation(written: str) -> Answer:
    span = dating.read_gestation(written)
    if span is None:
        return Unclear("A week has days 0 to 6, and a range runs upwards: 22+3, 22w, 22-23w.")
    return Value(dating.write_gestation(span))


# --- choices -------------------------------------------------------------------------------------------------------


def _boolean(_element: Element, typed: str, _here: Here) -> Answer:
    words = typed.lower()
    if words in ("y", "yes", "n", "no"):
        return Value(words.startswith("y"))
    return Unclear("Type y or n.")


def _choice(element: Element, typed: str, _here: Here) -> Answer:
    found = option(element, typed)
    return Value(found.value) if isinstance(found, Option) else Unclear(found)


def _choices(element: Element, typed: str, _here: Here) -> Answer:
    if typed.lower() in ("none", "0"):
        return Value([])
    found = [option(element, part) for part in re.split(r"[,;]\s*|\s+(?=\d)", typed) if part.strip()]
    unclear = next((one for one in found if isinstance(one, str)), None)
    if unclear is not None:
        return Unclear(unclear)
    return Value(list(dict.fromkeys(one.value for one in found if isinstance(one, Option))))


_SHORTEST_WORD = 3
"""Letters of a word that is looked for within the titles of options."""


def option(element: Element, typed: str) -> Option | str:
    """Return the option meant by its number, its name, its title or how a word of it begins; a sentence if unclear."""
    words = typed.strip().lower()
    if words.isdecimal():
        number = int(words)
        if 1 <= number <= len(element.options):
            return element.options[number - 1]
        return f"There are {len(element.options)} answers; type a number from 1 to {len(element.options)}."
    names = {
        one.value: (one.value.lower(), one.title.lower(), wording.spelled(one.title, "US").lower())
        for one in element.options
    }
    exact = [one for one in element.options if words in names[one.value]]
    others = {one.value: tuple(name.lower() for name in one.also) for one in element.options}
    begun = [
        one
        for one in element.options
        if any(name.startswith(words) for name in (*names[one.value], *others[one.value]))
    ]
    fitting = exact or begun or [one for one in element.options if _has_word(names[one.value], words)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return f"That could be {wording.listed([one.title for one in fitting], 'or')}; type more of it, or its number."
    return f"«{typed}» is none of the answers; type a number from 1 to {len(element.options)}."


def _has_word(names: tuple[str, ...], words: str) -> bool:
    """Return whether a name has a word, not its first, that begins as was typed: Mersilene, in brackets."""
    return len(words) >= _SHORTEST_WORD and any(re.search(rf"(?<!\w){re.escape(words)}", name) for name in names)


def _text(element: Element, typed: str, _here: Here) -> Answer:
    if not typed:
        return Unclear("Type something, or press Enter to leave it out.")
    longest, pattern = element.shape.get("maxLength", LONGEST_TEXT), element.shape.get("pattern")
    if len(typed) > longest:
        return Unclear(f"That has {len(typed)} characters; at most {longest} fit here.")
    if re.search(UNPRINTABLE, typed):
        return Unclear("That holds a character that cannot be printed; type it again.")
    if pattern is not None and not re.search(pattern, typed):
        return Unclear(f"That is not how it is written. {element.help}")
    return Value(typed)


def _rows(_element: Element, typed: str, _here: Here) -> Answer:
    words = typed.lower()
    if words in ("none", "no"):
        return Value(0)
    if words.isdecimal() and int(words) <= 40:
        return Value(int(words))
    return Unclear("Type how many, 0 or none for none.")


_READERS: dict[str, Callable[[Element, str, Here], Answer]] = {
    "text": _text,
    "boolean": _boolean,
    "integer": _number,
    "quantity": _number,
    "date": _date,
    "datetime": _moment,
    "gestational-age": _gestation,
    "choice": _choice,
    "choices": _choices,
    "group": _rows,
}
"""How each kind is typed."""
