"""The only clock of the web form: what lies below is told the time."""

from datetime import UTC, date, datetime


def now() -> str:
    """Return this moment in UTC, as the record keeps it: 2026-11-03T14:20:05.123456+00:00."""
    return datetime.now(UTC).isoformat()


def here() -> str:
    """Return this moment with the offset of the place of care, to the minute, as a note keeps it."""
    return datetime.now().astimezone().replace(second=0, microsecond=0).isoformat()


def today() -> date:
    """Return the day at the place of care."""
    return datetime.now().astimezone().date()
