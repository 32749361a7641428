"""Reads a JSON or YAML document strictly: bounded in size and depth, without tags, aliases, NaN or doubled keys.

Notes come from other people's systems and from hurried hands, so what JSON and YAML leave open is closed here, and
every refusal says where and what would be right. YAML is read as JSON with less punctuation: `no` and `2026-11-03`
stay text.
"""

import json
import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn

from ci_notes.errors import InputError, NotJsonError

LARGEST = 8 * 1024 * 1024
"""Bytes; a thousand times a long note."""

DEEPEST = 60

MOST = 10_000
"""Values of a note, lists and groups among them; a long note has some hundreds."""


_SIGNS = 4_000_000
"""Commas and brackets, those in texts too, up to which a document is read before its values are counted."""


def decode(raw: bytes, name: str, largest: int = LARGEST, what: str = "a note") -> str:
    """Return bytes as text; raises InputError unless they are UTF-8 of an acceptable size."""
    if len(raw) > largest:
        raise InputError(
            f"{name} is too large: {what} has at most {largest // 1_000_000} MB, usually a few thousand bytes"
        )
    if raw[:2] == b"\x1f\x8b":
        raise InputError(f"{name} is compressed (gzip); unpack it first")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{name} is UTF-16 text; save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name} is not UTF-8 text: byte 0x{raw[error.start]:02x} in line {line} "
            "(it may be Latin-1 or Windows-1252); save it as UTF-8"
        ) from None
    if not text.strip():
        raise InputError(f"{name} is empty")
    return text


def read(raw: bytes, name: str) -> Any:
    """Return the data in a JSON or YAML document; raises InputError with the name, the line and the reason."""
    text = decode(raw, name)
    if name.endswith((".yaml", ".yml")) or (not name.endswith(".json") and text.lstrip()[0] not in "{["):
        return read_yaml(text, name, MOST)
    return read_json(text, name, MOST)


def quickly(raw: bytes) -> dict[str, Any] | None:
    """Return the data in the bytes of a JSON object, where it can be read fast and is surely what `read` gives.

    None for all else, for what is at fault too: `read` says why. Needs orjson; without it nothing is read fast.
    """
    orjson = _orjson()
    if orjson is None or len(raw) > LARGEST or raw[:1] != b"{" or not _is_plain(raw):
        return None
    opened = raw.count(b"{") + raw.count(b"[")
    if opened + raw.count(b",") > MOST:  # it may hold too much; `read` counts
        return None
    try:
        data: dict[str, Any] = orjson.loads(raw)
    except ValueError:
        return None
    if opened > DEEPEST and not _is_shallow(data):
        return None
    # A key that stands twice is there once in what is written of it again.
    return data if raw.count(b'":') == orjson.dumps(data).count(b'":') else None


@lru_cache(maxsize=1)
def _orjson() -> Any:
    try:
        import orjson  # noqa: PLC0415  an extra, for those who read in bulk
    except ImportError:
        return None
    return orjson


def _is_plain(raw: bytes) -> bool:
    """Return whether keys can be counted by what ends them, and no number is too long for orjson.

    Not so where there is a space before a colon, or a quote or a colon that is written as a number.
    """
    if b"\\u00" in raw and _ESCAPED.search(raw):
        return False
    return not _SPACED.search(raw) and _TOO_LONG not in raw.translate(_DIGITS)


_SPACED = re.compile(rb'"\s+:')
_ESCAPED = re.compile(rb"\\u00(?:22|3[aA])")
_DIGITS = bytes(ord("0") if chr(byte).isdigit() else ord(" ") for byte in range(128)) + b" " * 128
"""Makes every digit a nought, and all else white space."""
_TOO_LONG = b"0" * 18
"""More digits than surely fit in 64 bits."""


_MOST_DIGITS = 30


def read_json(text: str, name: str, most: int = sys.maxsize) -> Any:
    """Return the data in a JSON text; raises InputError, also where it holds more than `most` values."""

    def refuse(constant: str) -> NoReturn:
        raise InputError(
            f"{name} holds {constant}, which is no number; leave the value out or record why it is missing"
        )

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return _mapping(pairs, name)

    def number(digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise InputError(
                f"{name} holds a number of {len(digits)} digits; the most is {_MOST_DIGITS}: "
                "write what is no amount in quotes"
            )
        return int(digits)

    def finite(digits: str) -> float:
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            raise InputError(f"{name} holds {digits[:20]}, which is too large a number")
        return value

    if text.count(",") + text.count("[") + text.count("{") > max(3 * most, _SIGNS):
        raise InputError(too_much(name, most))  # before it takes a hundred times its size in memory
    try:
        data = json.loads(text, parse_constant=refuse, object_pairs_hook=whole, parse_float=finite, parse_int=number)
        _whole_characters(text, data, name)
        return _bounded(data, name, most)
    except json.JSONDecodeError as error:
        # A record of NDJSON is one line, whose number its name says.
        line = f"line {error.lineno}, " if "\n" in text else ""
        raise NotJsonError(f"{name} is not JSON: {line}column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply; a note has at most {DEEPEST} levels") from None


def _whole_characters(text: str, data: Any, name: str) -> None:
    """Refuse half a character, written as \\ud800 without its other half: it cannot be stored or printed."""
    if re.search(r"\\u[dD][89a-fA-F]", text):
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise InputError(f"{name} holds half a character, such as \\ud800; type the text again") from None


def _bounded(data: Any, name: str, most: int) -> Any:
    """Return data unless it is nested too deeply or holds too much."""
    if not _is_shallow(data):
        raise InputError(f"{name} is nested too deeply; a note has at most {DEEPEST} levels")
    if most < sys.maxsize and _values(data) > most:
        raise InputError(too_much(name, most))
    return data


def _values(data: Any) -> int:
    """Return how many values there are in data that are not nested too deeply."""
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return 1 + sum(map(_values, inside))


def too_much(name: str, most: int) -> str:
    """Return the sentence about what holds too many values."""
    return f"{name} holds more than {most:,} values: no note or bundle of one pregnancy has so many"


def _is_shallow(data: Any) -> bool:
    """Return whether data has no more levels than a note may have; counted without recursion."""
    level = [data]
    for _ in range(DEEPEST):
        holders = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list))
        level = [inner for holder in holders for inner in holder if isinstance(inner, dict | list)]
        if not level:
            return True
    return False


def _mapping(pairs: Iterable[tuple[str, Any]], name: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise InputError(f"{name} has «{key}» twice in one place; keep one of the two")
        result[key] = value
    return result


_PLAIN: list[tuple[re.Pattern[str], Any]] = [
    (re.compile(r"~|null|Null|NULL|"), lambda _: None),
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"[-+]?(0|[1-9][0-9]{0,29})"), int),
    (re.compile(r"[-+]?[0-9]{1,30}\.[0-9]{1,30}"), float),
]


def _scalar(text: str, plain: bool) -> Any:
    if plain:
        for pattern, build in _PLAIN:
            if pattern.fullmatch(text):
                return build(text)
    return text


def read_yaml(text: str, name: str, most: int = sys.maxsize) -> Any:
    """Return the data in a YAML text, read from the event stream, so that nothing expands; raises InputError."""
    import yaml  # noqa: PLC0415  only those who write YAML pay for it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _YamlBuilder(name, most).build(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise InputError(f"{name} is not YAML: {place}{error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{name} is not YAML: {' '.join(str(error).split())}") from None


class _YamlBuilder:
    """Builds plain data from YAML events with a stack of its own, bounded in depth."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.left, self.most = name, 2 * most, most  # names are events, as values are
        self.stack: list[tuple[str, list[Any]]] = []
        self.documents: list[Any] = []

    def build(self, events: Iterable[Any]) -> Any:
        for event in events:
            kind = type(event).__name__.removesuffix("Event")
            if kind == "Alias" or getattr(event, "anchor", None):
                self.refuse(event, "uses an alias or anchor (& or *); write the value out")
            if getattr(event, "tag", None) and not (kind == "Scalar" and event.tag == "!" and not event.implicit[0]):
                self.refuse(event, f"has a tag «{event.tag}»; plain values only")
            self.take(kind, event)
        if len(self.documents) != 1:
            raise InputError(f"{self.name} holds {len(self.documents)} YAML documents; one is wanted")
        return self.documents[0]

    def take(self, kind: str, event: Any) -> None:
        if kind in ("MappingStart", "SequenceStart"):
            if self.at_key():
                self.refuse(event, "has a key that is not text")
            if len(self.stack) >= DEEPEST:
                self.refuse(event, f"is nested too deeply; a note has at most {DEEPEST} levels")
            self.stack.append((kind, []))
        elif kind in ("MappingEnd", "SequenceEnd"):
            _, items = self.stack.pop()
            self.add(_mapping(zip(items[::2], items[1::2], strict=True), self.name) if kind == "MappingEnd" else items)
        elif kind == "Scalar":
            value = _scalar(event.value, event.implicit[0])
            if self.at_key() and not isinstance(value, str):
                self.refuse(event, "has a key that is not text")
            self.add(value)

    def add(self, value: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise InputError(too_much(self.name, self.most))
        (self.stack[-1][1] if self.stack else self.documents).append(value)

    def at_key(self) -> bool:
        """Return whether the next value is the key of a mapping."""
        return bool(self.stack) and self.stack[-1][0] == "MappingStart" and len(self.stack[-1][1]) % 2 == 0

    def refuse(self, event: Any, why: str) -> NoReturn:
        raise InputError(f"{self.name}, line {event.start_mark.line + 1}: {why}")


def written(data: Any) -> bytes:
    """Return data as JSON in one line."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")
