"""How R4 writes its primitive types: which JSON type each has, and which texts are one."""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_CODE = re.compile(r"\S+( \S+)*")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*={0,2}", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@lru_cache(4096)
def is_date(text: str) -> bool:
    """Return whether a text is a real day, month or year as FHIR writes them."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01"[:10])
    except ValueError:
        return False
    return True


@lru_cache(4096)
def is_instant(text: str) -> bool:
    """Return whether a text is a date and time with its offset from UTC."""
    match = _MOMENT.fullmatch(text)
    return bool(match and is_date(match[1]) and int(match[2]) < 24 and int(match[3]) < 60 and int(match[4]) <= 60)


def is_date_time(text: str) -> bool:
    """Return whether a text is a date, or a date and time with its offset."""
    return is_date(text) or is_instant(text)


def is_id(text: str) -> bool:
    """Return whether a text can be the id of a resource."""
    return _ID.fullmatch(text) is not None


_TEXTS: dict[str, tuple[Callable[[str], bool], str]] = {
    "date": (is_date, "a real date, as 2026-11-03"),
    "dateTime": (is_date_time, "a real date, as 2026-11-03, or one with time and offset, as 2026-11-03T14:20:00+01:00"),
    "instant": (is_instant, "a date and time with seconds and offset, as 2026-11-03T14:20:00+01:00"),
    "time": (lambda text: _TIME.fullmatch(text) is not None, "a time of day, as 14:20:00"),
    "id": (is_id, "letters, digits, - and ., at most 64 of them"),
    "code": (lambda text: _CODE.fullmatch(text) is not None, "a code without blanks around it"),
    "uri": (lambda text: not re.search(r"\s", text), "an address without blanks"),
    "base64Binary": (lambda text: _BASE64.fullmatch(text.rstrip()) is not None, "base64"),
    "oid": (lambda text: text.startswith("urn:oid:"), "an address that begins with urn:oid:"),
    "uuid": (lambda text: text.startswith("urn:uuid:"), "an address that begins with urn:uuid:"),
    "string": (lambda text: not _CONTROL.search(text), "text without control characters"),
    "markdown": (lambda text: not _CONTROL.search(text), "text without control characters"),
    "xhtml": (lambda _text: True, ""),
}
_TEXTS["url"] = _TEXTS["canonical"] = _TEXTS["uri"]
_LEAST = {"integer": -(2**31), "unsignedInt": 0, "positiveInt": 1}
PRIMITIVES = frozenset([*_TEXTS, *_LEAST, "boolean", "decimal"])


def problem(kind: str, value: Any) -> tuple[str, str] | None:
    """Return the code and the words of what is wrong with a primitive value, or None."""
    if kind in _TEXTS:
        test, words = _TEXTS[kind]
        if not isinstance(value, str):
            return "json-type", f"text ({words})" if words else "text"
        if not value.strip():
            return "empty", "text with something in it, or leave it out"
        return None if test(value) else ("value-format", words)
    if kind == "boolean":
        return None if isinstance(value, bool) else ("json-type", "true or false, without quotation marks")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "json-type", "a number, without quotation marks"
    if kind == "decimal":
        return None
    if isinstance(value, float) and not value.is_integer():
        return "json-type", "a whole number"
    return None if _LEAST[kind] <= value < 2**31 else ("value-format", f"a whole number from {_LEAST[kind]} on")
