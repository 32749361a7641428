"""Gestational age and due date, counted in whole days (guidelines §5.2: EDD = LMP + 280 days exactly).

A gestational age may be known to the day, to the week, or as a range of weeks, as patients and referral letters
give it. It is kept as written ("22w3d", "22w", "23w-24w") and read as the span of days it can mean.
"""

import re
from datetime import date, timedelta

TERM = 280
"""Days from the first day of the last menstrual period to the estimated due date."""

Span = tuple[float, float]
"""The lowest and highest value something can have; equal where it is known exactly."""

_WRITTEN = re.compile(r"(\d{1,2})w(?:([0-6])d)?(?:-(\d{1,2})w(?:([0-6])d)?)?", re.ASCII)


def days(weeks: int, extra: int = 0) -> int:
    """Return weeks and days as days: ``days(24, 0) == 168``."""
    return 7 * weeks + extra


def due_date(lmp: date) -> date:
    """Return the estimated due date for the first day of the last menstrual period."""
    return lmp + timedelta(days=TERM)


def gestation_on(day: date, edd: date) -> int:
    """Return the gestational age in days on a day, from the agreed due date; negative before day 0."""
    return TERM - (edd - day).days


def read_gestation(text: str) -> tuple[int, int] | None:
    """Return the days that a written gestational age can mean, or None if it is not one.

    >>> read_gestation("22w3d"), read_gestation("23w"), read_gestation("23w-24w")
    ((157, 157), (161, 167), (161, 174))
    """
    match = _WRITTEN.fullmatch(text)
    if not match:
        return None
    week, day, last_week, last_day = match.groups()
    low = days(int(week), int(day or 0))
    end_week, end_day = (last_week, last_day) if last_week else (week, day)
    high = days(int(end_week), int(end_day if end_day is not None else 6))
    return (low, high) if low <= high else None


def write_gestation(span: Span) -> str:
    """Return a span of days as it is written in a note; the inverse of `read_gestation`."""
    low, high = int(span[0]), int(span[1])
    if low == high:
        return f"{low // 7}w{low % 7}d"
    if low % 7 == 0 and high % 7 == 6:
        return f"{low // 7}w" if high == low + 6 else f"{low // 7}w-{high // 7}w"
    return f"{low // 7}w{low % 7}d-{high // 7}w{high % 7}d"


def say_gestation(span: Span) -> str:
    """Return a span of days as it is said: "22+3 weeks", "23 weeks" for a whole week, "23 to 24 weeks".

    >>> say_gestation((157, 157)), say_gestation((161, 167)), say_gestation((161, 174)), say_gestation((7, 13))
    ('22+3 weeks', '23 weeks', '23 to 24 weeks', '1 week')
    """
    low, high = int(span[0]), int(span[1])
    if low == high:
        return f"{low // 7}+{low % 7} weeks"
    if low % 7 == 0 and high % 7 == 6:
        whole = "1 week" if low == 7 else f"{low // 7} weeks"
        return whole if high == low + 6 else f"{low // 7} to {high // 7} weeks"
    return f"{low // 7}+{low % 7} to {high // 7}+{high % 7} weeks"
