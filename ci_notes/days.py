"""Days and moments as people type them: 3/11/26, 3 Nov, in 2 weeks, monday, 14:20.

What the calendar does not have, or nobody could mean, is None; what is asked back is for those who ask.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when something is typed: the order of day and month, the day, the note's own date and time."""

    jurisdiction: str
    today: date
    moment: str

    @property
    def day_of_note(self) -> date:
        """The day from which others are told: in 2 weeks."""
        return date.fromisoformat(self.moment[:10])


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_day(typed: str, here: Here, ages: tuple[int, int] | None = None) -> date | None:
    """Return the day that was typed; `ages` says that it is a birth, and how old somebody may be."""
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


def _reckoned(words: str, here: Here) -> date | None:
    """Return the day that is told from the day of the note: in 2 weeks, 10 days ago, +7, monday (the next one)."""
    weekday = next((index for index, name in enumerate(_WEEKDAYS) if len(words) > 2 and name.startswith(words)), None)
    if weekday is not None:
        day = here.day_of_note
        return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)
    match = _RECKONED.fullmatch(words)
    days = _days_ahead(match) if match else None
    return None if days is None else here.day_of_note + timedelta(days=days)


def _days_ahead(match: re.Match[str]) -> int | None:
    """Return the days that a count of days or weeks means; None where it may be something else: a bare 7, 22w."""
    ahead, unit, ago = (match["ahead"] or "").strip(), match["unit"] or "", bool(match["ago"])
    if (ahead and ago) or not (unit or ahead == "+") or not (ahead or ago or len(unit) > 1):
        return None
    count = int(match["count"]) if match["count"].isdecimal() else 1
    return count * (7 if unit.startswith("w") else 1) * (-1 if ago else 1)


def _without_year(words: str, here: Here) -> date | None:
    """Return the day that a day and a month name, in the year that brings it nearest to the day of the note."""
    found = _month_and_day(_parts_of(words), here) if _YEARLESS.fullmatch(words) else None
    if found is None:
        return None
    note, near = here.day_of_note, []
    for year in (note.year - 1, note.year, note.year + 1):
        with suppress(ValueError):  # a 29th of February that its year does not have
            near.append(date(year, *found))
    return min(near, key=lambda day: abs(day - note), default=None)


def _month_and_day(parts: list[str], here: Here) -> tuple[int, int] | None:
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


def _calendar_day(parts: list[str], here: Here, ages: tuple[int, int] | None) -> date | None:
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


def _in_year(year: str, month: int, day: int, here: Here, ages: tuple[int, int] | None) -> date | None:
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


def is_completed(typed: str, here: Here) -> bool:
    """Return whether the century or the year of a day that was typed is ours: 3/11/26, 3 Nov."""
    return has_short_year(typed) or _without_year(typed.lower().strip("."), here) is not None


def has_short_year(typed: str) -> bool:
    """Return whether a date was typed with two digits for its year."""
    found = _parts_of(typed.lower())[:3]
    numbers = [part for part in found if part.isdecimal()]
    return len(found) == 3 and len(numbers) > 1 and len(numbers[0]) < 3 and len(numbers[-1]) == 2


_TIME = re.compile(
    r"(?P<day>.*?)(?:[\s,]|(?<![a-z])t|\bat\b)*(?P<hour>\d{1,2})[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d(?:\.\d+)?))?"
    r"\s*(?P<half>[ap]m)?\s*(?P<offset>z|[+-](?:0\d|1[0-4]):[0-5]\d)?"
)


def read_moment(typed: str, here: Here) -> tuple[str, str] | None:
    """Return a date and time as it is kept, with the words of its day; without a day it is on that of the note."""
    match = _TIME.fullmatch(typed.lower())
    words = match["day"].strip() if match else ""
    day = read_day(words, here) if words else here.day_of_note
    hour = _hour(int(match["hour"]), match["half"]) if match else None
    if match is None or day is None or hour is None:
        return None
    held = re.search(r"(Z|[+-]\d\d:\d\d)?$", here.moment)
    offset = (match["offset"] or "").upper() or (held[0] if held and held[0] else "Z")
    return f"{day.isoformat()}T{hour:02}:{match['minute']}:{match['second'] or '00'}{offset}", match["day"]


def _hour(hour: int, half: str | None) -> int | None:
    if half:
        return hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else None
    return hour if hour < 24 else None
