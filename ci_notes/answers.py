"""What a person types, read as the value of an element: forgiving in form, never guessing in substance.

What could mean two things is asked back (a length in another unit, a value outside the usual range); what cannot be
read gets a sentence with an example of what can.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ci_notes import dating, measures, wording
from ci_notes.checks import usual_range
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


@dataclass(frozen=True, slots=True)
class _Here:
    """Where and when something is typed: the order of day and month, the day, the note's own date and time."""

    jurisdiction: str
    today: date
    moment: str


def read(element: Element, typed: str, jurisdiction: str, today: date, moment: str = "") -> Answer:
    """Return what was typed as a value of an element.

    `moment` is the date and time of the note: a time of day is taken to be on that day, with that offset.
    """
    if element.kind != "text" and len(typed) > LONGEST_ANSWER:
        return Unclear(TOO_LONG)
    reader = _READERS[element.kind]
    return within(element, reader(element, typed.strip(), _Here(jurisdiction, today, moment or f"{today}T00:00:00Z")))


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


def parts(words: str) -> list[str]:
    """Return the parts of a list of numbers, where a comma may also be a decimal sign: 22, 24 and 22,5 24."""
    return [part for part in re.split(r"[;/]\s*|,\s+|,(?=\d{2,})|\s+(?=\d)|\s+and\s+", words.strip()) if part]


# --- numbers with units --------------------------------------------------------------------------------------------


def _number(element: Element, typed: str, _here: _Here) -> Answer:
    measure = measures.read(typed, element.unit or "")
    if measure is None or re.fullmatch(r"[\d\s.,;+-]+", measure.unit):  # what follows is no unit: 18, 17.5
        return Unclear(
            f"A number{f' in {_unit(element)}' if element.unit else ''} is wanted, such as {_example(element)}."
        )
    number, given = measure.number, measure.unit
    if given in ("", element.unit, _unit(element)):
        return _whole(element, number, certain=bool(given))
    there = measures.converted(element, number, given)
    if there is None:
        return Unclear(f"{element.title} is recorded in {_unit(element) or 'whole numbers'}, not {given}.")
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


def _whole(element: Element, number: float, certain: bool) -> Answer:
    if number.is_integer():
        return Value(int(number))
    if element.kind == "integer":
        return Unclear("A whole number is wanted.")
    ten = round(number * 10, 6)
    if not certain and element.unit == "mm" and 0.5 <= number <= 8 and measures.is_possible(element, ten):
        # Guidelines R014: machines print centimetres, notes are kept in millimetres.
        kept = wording.say_quantity(ten, "mm")
        return Doubt(f"{number} mm would be very short. Did you mean {number} cm, which is {kept}?", _plain(ten))
    return Value(number)


def _unit(element: Element) -> str:
    return wording.UNITS.get(element.unit or "", element.unit or "")


def _example(element: Element) -> str:
    low, high = element.shape.get("minimum", 0), element.shape.get("maximum", 20)
    return wording.say_number(round((low + high) / 2))


# --- dates and gestational ages ------------------------------------------------------------------------------------

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _date(element: Element, typed: str, here: _Here) -> Answer:
    found = None if element.from_gestation and _may_be_gestation(typed) else _day(typed, here, element.ages)
    if found is not None:
        return _as_typed(found.isoformat(), typed, here)
    due = _due_date(typed, here) if element.from_gestation else None
    if due is not None:
        return due
    if element.ages and _has_short_year(typed):
        return Unclear(f"That is no date of birth of anybody aged {element.ages[0]} to {element.ages[1]}. {_FOUR}")
    told = f"A date is wanted: 2026-11-03, 3 Nov 2026 or {_example_day(here)}"
    if element.from_gestation:
        return Unclear(f"{told}; in 12 weeks; weeks and days on the day of the note, 22+3.")
    return Unclear(f"{told}." if element.ages else f"{told}; 2 weeks ago, in 2 weeks.")


_FOUR = "Type the year with four digits."


def _as_typed(value: str, typed: str, here: _Here) -> Answer:
    """Return a date or moment; asked back where its century or its year is ours."""
    if not _has_short_year(typed) and _without_year(typed.lower().strip("."), here) is None:
        return Value(value)
    time = f", {value[11:16]}" if len(value) > 10 else ""
    return Doubt(f"{wording.say_date(value, here.jurisdiction)}{time}. Record that?", value)


def _may_be_gestation(typed: str) -> bool:
    """Return whether weeks were typed that could be how far she is, as well as how long from now: 22 weeks, +3."""
    return typed.startswith("+") or _GESTATION.fullmatch(typed.lower()) is not None


def _due_date(typed: str, here: _Here) -> Answer | None:
    """Return the due date that a gestational age on the day of the note gives; None where none was typed."""
    if not re.search(r"\+|w", typed.lower()):
        return None
    answer = _gestation_of(typed)
    span = dating.read_gestation(answer.value) if isinstance(answer, Value) else None
    if span is None:
        return answer
    if span[0] != span[1]:
        return Unclear("A due date follows from weeks and days: type both, such as 22+3, or the date itself.")
    day = _day_of_note(here)
    due = dating.due_date(day - timedelta(days=span[0]))
    on, then = (wording.say_date(one.isoformat(), here.jurisdiction) for one in (day, due))
    said = dating.say_gestation(span).removesuffix(" weeks")
    return Doubt(f"{said} on {on} gives a due date of {then}. Record that?", due.isoformat())


def _example_day(here: _Here) -> str:
    return "11/3/2026" if here.jurisdiction == "US" else "3/11/2026"


def _day(typed: str, here: _Here, ages: tuple[int, int] | None = None) -> date | None:
    words = typed.lower().strip(".")
    relative = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if words in relative:
        return here.today + timedelta(days=relative[words])
    try:
        near = (_reckoned(words, here) or _without_year(words, here)) if ages is None else None
        return near or _calendar_day(_parts_of(words), here, ages)
    except (ValueError, OverflowError):
        return None


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RECKONED = re.compile(
    r"(?P<ahead>in\s+|\+\s*)?(?P<count>\d{1,3}|an?)\s*(?P<unit>d|days?|w|wks?|weeks?)?(?P<ago>\s+ago)?"
)
_YEARLESS = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}|\d{1,2}[\s.-]*[a-z]{3,}|[a-z]{3,}[\s.-]*\d{1,2}")


def _reckoned(words: str, here: _Here) -> date | None:
    """Return the day that is told from the day of the note: in 2 weeks, 10 days ago, +7, monday (the next one)."""
    weekday = next((index for index, name in enumerate(_WEEKDAYS) if len(words) > 2 and name.startswith(words)), None)
    if weekday is not None:
        day = _day_of_note(here)
        return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)
    match = _RECKONED.fullmatch(words)
    days = _days_ahead(match) if match else None
    return None if days is None else _day_of_note(here) + timedelta(days=days)


def _days_ahead(match: re.Match[str]) -> int | None:
    """Return the days that a count of days or weeks means; None where it may be something else: a bare 7, 22w."""
    ahead, unit, ago = (match["ahead"] or "").strip(), match["unit"] or "", bool(match["ago"])
    if (ahead and ago) or not (unit or ahead == "+") or not (ahead or ago or len(unit) > 1):
        return None
    count = int(match["count"]) if match["count"].isdecimal() else 1
    return count * (7 if unit.startswith("w") else 1) * (-1 if ago else 1)


def _without_year(words: str, here: _Here) -> date | None:
    """Return the day that a day and a month name, in the year that brings it nearest to the day of the note."""
    found = _month_and_day(_parts_of(words), here) if _YEARLESS.fullmatch(words) else None
    if found is None:
        return None
    note, near = _day_of_note(here), []
    for year in (note.year - 1, note.year, note.year + 1):
        with suppress(ValueError):  # a 29th of February that its year does not have
            near.append(date(year, *found))
    return min(near, key=lambda day: abs(day - note), default=None)


def _month_and_day(parts: list[str], here: _Here) -> tuple[int, int] | None:
    """Return the month and the day of two words, in the order of the country where both are numbers."""
    first, second = parts
    for month, day in ((first, second), (second, first)):
        if month[:3] in _MONTHS:
            return _MONTHS.index(month[:3]) + 1, int(day)
    if not (first.isdecimal() and second.isdecimal()):
        return None
    return (int(first), int(second)) if here.jurisdiction == "US" else (int(second), int(first))


def _parts_of(words: str) -> list[str]:
    return re.findall(r"\d+|[a-zäé]+", words)


def _calendar_day(parts: list[str], here: _Here, ages: tuple[int, int] | None) -> date | None:
    """Return the day that three words name; raises ValueError where the calendar has none."""
    if len(parts) != 3:
        return None
    named = [index for index, part in enumerate(parts) if part[:3] in _MONTHS]
    if named:
        month = _MONTHS.index(parts.pop(named[0])[:3]) + 1
        return _in_year(parts[1], month, int(parts[0]), here, ages)
    first, second, third = (int(part) for part in parts)
    if len(parts[0]) == 4:
        return date(first, second, third)
    day, month = (second, first) if here.jurisdiction == "US" else (first, second)
    return _in_year(parts[2], month, day, here, ages)


def _in_year(year: str, month: int, day: int, here: _Here, ages: tuple[int, int] | None) -> date | None:
    """Return a day of a year as typed; of two digits, in the last century that can be meant."""
    if len(year) != 2:
        return date(int(year), month, day) if len(year) == 4 else None
    this = here.today.year // 100 * 100
    for century in (this + 100, this, this - 100):
        with suppress(ValueError):  # a 29th of February that its century does not have
            found = date(century + int(year), month, day)
            if _can_be_meant(found, here.today, ages):
                return found
    return None


def _can_be_meant(day: date, today: date, ages: tuple[int, int] | None) -> bool:
    """Return whether a date is at most a year ahead, or that of the birth of somebody of these ages."""
    if ages is None:
        return day <= today + timedelta(days=366)
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return ages[0] <= age <= ages[1]


def _has_short_year(typed: str) -> bool:
    """Return whether a date was typed with two digits for its year."""
    found = _parts_of(typed.lower())[:3]
    numbers = [part for part in found if part.isdecimal()]
    return len(found) == 3 and len(numbers) > 1 and len(numbers[0]) < 3 and len(numbers[-1]) == 2


_TIME = re.compile(
    r"(?P<day>.*?)(?:[\s,]|(?<![a-z])t|\bat\b)*(?P<hour>\d{1,2})[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d(?:\.\d+)?))?"
    r"\s*(?P<half>[ap]m)?\s*(?P<offset>z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
)


def _moment(_element: Element, typed: str, here: _Here) -> Answer:
    match = _TIME.fullmatch(typed.lower())
    day = _day_of(match["day"], here) if match else None
    hour = _hour(int(match["hour"]), match["half"]) if match else None
    if match is None or day is None or hour is None:
        return Unclear(
            "A date and time is wanted: 2026-11-03 14:20, 3 Nov 2026 14:20, or 14:20 on the day of the note."
        )
    held = re.search(r"(Z|[+-]\d\d:\d\d)?$", here.moment)
    offset = (match["offset"] or "").upper() or (held[0] if held and held[0] else "Z")
    value = f"{day.isoformat()}T{hour:02}:{match['minute']}:{match['second'] or '00'}{offset}"
    return _as_typed(value, match["day"], here)


def _day_of(words: str, here: _Here) -> date | None:
    """Return the day before a time of day; without one it is the day of the note."""
    return _day(words.strip(), here) if words.strip() else _day_of_note(here)


def _day_of_note(here: _Here) -> date:
    return date.fromisoformat(here.moment[:10])


def _hour(hour: int, half: str | None) -> int | None:
    if half:
        return hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else None
    return hour if hour < 24 else None


_GESTATION = re.compile(
    r"(\d{1,2})(?:(?:\s*\+\s*|\s+|\s*w(?:ee)?k?s?\s*,?\s*)(\d)(?:\s*/\s*7)?\s*(?:d(?:ays?)?)?)?\s*(?:w(?:ee)?k?s?)?"
)
_WEEKS = re.compile(r"(\d{1,2})\s*(?:w(?:ee)?k?s?)?\s*(?:-|–|to)\s*(\d{1,2})\s*(?:w(?:ee)?k?s?)?")
_DAYS = re.compile(r"(\d{1,2})\+(\d)\s*(?:-|–|to)\s*(\d{1,2})\+(\d)")


def _gestation(_element: Element, typed: str, _here: _Here) -> Answer:
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


def _boolean(_element: Element, typed: str, _here: _Here) -> Answer:
    words = typed.lower()
    if words in ("y", "yes", "n", "no"):
        return Value(words.startswith("y"))
    return Unclear("Type y or n.")


def _choice(element: Element, typed: str, _here: _Here) -> Answer:
    found = option(element, typed)
    return Value(found.value) if isinstance(found, Option) else Unclear(found)


def _choices(element: Element, typed: str, _here: _Here) -> Answer:
    if typed.lower() in ("none", "0"):
        return Value([])
    found = [option(element, part) for part in re.split(r"[,;]\s*|\s+(?=\d)", typed) if part.strip()]
    unclear = next((one for one in found if isinstance(one, str)), None)
    if unclear is not None:
        return Unclear(unclear)
    return Value(list(dict.fromkeys(one.value for one in found if isinstance(one, Option))))


def option(element: Element, typed: str) -> Option | str:
    """Return the option meant by its number, name, title or the beginning of one; a sentence where it is not clear."""
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
    fitting = exact or begun
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return f"That could be {wording.listed([one.title for one in fitting], 'or')}; type more of it, or its number."
    return f"«{typed}» is none of the answers; type a number from 1 to {len(element.options)}."


def _text(element: Element, typed: str, _here: _Here) -> Answer:
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


def _rows(_element: Element, typed: str, _here: _Here) -> Answer:
    words = typed.lower()
    if words in ("none", "no"):
        return Value(0)
    if words.isdecimal() and int(words) <= 40:
        return Value(int(words))
    return Unclear("Type how many, 0 or none for none.")


_READERS: dict[str, Callable[[Element, str, _Here], Answer]] = {
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
