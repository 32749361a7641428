"""Inputs that nobody meant: examples of ours and of others with places deleted, doubled, retyped and exchanged."""

import copy
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
NOTES = sorted((ROOT / "templates").glob("*/examples/*.note.json"))
BUNDLES = [
    *sorted((ROOT / "templates").glob("*/examples/*.bundle.json")),
    *sorted((ROOT / "tests/fhir/foreign").rglob("*.json")),
]

Json = Any


@dataclass(frozen=True)
class Place:
    """A value in a document: what holds it, and under which key or number."""

    holder: Any
    key: Any

    @property
    def value(self) -> Json:
        return self.holder[self.key]

    def put(self, value: Json) -> None:
        self.holder[self.key] = value


def places(data: Json) -> list[Place]:
    """Return every place in a document, those of holders before what they hold."""
    return list(_places(data))


def _places(data: Json) -> Iterator[Place]:
    for key in [*data] if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield Place(data, key)
        yield from _places(data[key])


def _nested(levels: int, value: Json = 1) -> Json:
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


ODD: list[Json] = [
    None, True, False, 0, -1, 1, 10**29, -(10**29), 10**40, 1e308, -1e-308, 0.1, math.nan, math.inf, -0.0,
    "", " ", "\x00", "\n", "\ud800", "\u202e\u0301", "é" * 300, "𝟙𝟚", "٣", "a" * 5000, "{{ 7 }}", "<b>&amp;", "../..",
    "2026-02-30", "2026-11-03", "0000-00-00", "9999-12-31", "2026-11-03T14:20:00+00:00", "2026-11-03T25:00:00Z",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "99w9d", "23w", "-1w0d", "0w0d", "22w1d-", "1e9",
    [], {}, [[]], [None], [{}], {"": ""}, {"absent": "not-asked"}, {"absent": "asked-unknown", "reason": "\ud800"},
    {"absent": 5}, {"absent": []}, [1, "1", None], [{"id": "p1"}, {"id": "p1"}], {"id": {"id": {}}},
    "final", "amended", "entered-in-error", "draft", "US", "UK", "assessment", "ultrasound", "cerclage", "removal",
    "follow-up", "0.1.0", "999999999999.1.1", "urn:uuid:", "#", "Patient/1", "http://loinc.org", "mm", "cm", "[degF]",
    _nested(20), _nested(61), _nested(400),
]  # fmt: skip
"""Values that stand in for others. What is not JSON of one kind (NaN, half a character) is written all the same."""

KEYS = ["", "id", "absent", "template", "resourceType", "é\x00", "__class__", "a.b", "x" * 500, "note", "value", "$ref"]


def _delete(all_: list[Place], one: Place, other: int) -> None:
    del one.holder[one.key]


def _double(all_: list[Place], one: Place, other: int) -> None:
    if isinstance(one.holder, list):
        one.holder[one.key : one.key] = [copy.deepcopy(one.value)] * (1 + other % 40)
    else:
        one.holder[KEYS[other % len(KEYS)]] = copy.deepcopy(one.value)


def _retype(all_: list[Place], one: Place, other: int) -> None:
    one.put(copy.deepcopy(ODD[other % len(ODD)]))


def _exchange(all_: list[Place], one: Place, other: int) -> None:
    second = all_[other % len(all_)]
    one_value, other_value = copy.deepcopy(one.value), copy.deepcopy(second.value)
    one.put(other_value)
    second.put(one_value)


def _wrap(all_: list[Place], one: Place, other: int) -> None:
    one.put([one.value] if other % 2 else {KEYS[other % len(KEYS)]: one.value})


def _distort(all_: list[Place], one: Place, other: int) -> None:
    value = one.value
    if isinstance(value, str):
        at = other % (len(value) + 1)
        odd = [odd for odd in ODD if isinstance(odd, str)]
        one.put(value[:at] + odd[other % len(odd)] + value[at + other % 3 :])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        one.put([-value, value * 10, value / 10, value + 1, value * 1e300, str(value)][other % 6])


CHANGES: list[Callable[[list[Place], Place, int], None]] = [_delete, _double, _retype, _exchange, _wrap, _distort]

_number = st.integers(0, 100_000)
_changes = st.lists(st.tuples(st.sampled_from(CHANGES), _number, _number), min_size=1, max_size=5)


def changed(data: Json, changes: list[tuple[Callable[..., None], int, int]]) -> Json:
    """Return data with changes made in it, as far as its places are still there."""
    data = copy.deepcopy(data)
    for change, at, other in changes:
        known = places(data)
        if known:
            try:
                change(known, known[at % len(known)], other)
            except (KeyError, IndexError, TypeError):  # of two places that are exchanged one may hold the other
                continue
    return data


def _read(path: Path) -> Json:
    return json.loads(path.read_bytes())


def _as_json(data: Json) -> bytes:
    return json.dumps(data).encode()


def _as_yaml(data: Json) -> bytes:
    return yaml.safe_dump(data, allow_unicode=False, sort_keys=False).encode("utf-8", "backslashreplace")


TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud83d", b"\xff", b"\xef\xbb\xbf", b"\x00", b"\n",
    b"\r", b"- ", b"? ", b"&a ", b"*a ", b"!!python/object:os.system ", b"--- ", b"%YAML 9", b"|\n", b">-\n", b"<<: ",
    b"'",
    b"NaN", b"-Infinity", b"1e999", b"0" * 50, b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"- " * 3000, b"\t", b"#",
    "\u2028".encode(), "é".encode("latin-1"), "é".encode("utf-16"), b"/*", b"<Bundle/>",
]  # fmt: skip

_edits = st.lists(st.tuples(_number, st.integers(0, 40), st.sampled_from(TOKENS)), min_size=1, max_size=4)


def edited(raw: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Return bytes with some cut out and others put in their place."""
    for at, length, token in edits:
        start = at % (len(raw) + 1)
        raw = raw[:start] + token + raw[start + length :]
    return raw


@dataclass(frozen=True)
class Input:
    """The ending of a file's name, and its content, which is too long to be printed with a failure."""

    ending: str
    content: bytes

    def __repr__(self) -> str:
        return f"{len(self.content)} bytes of a file *{self.ending}"


def _structured(paths: list[Path], ending: str, written: Callable[[Json], bytes]) -> st.SearchStrategy[Input]:
    return st.builds(
        lambda path, changes: Input(ending, written(changed(_read(path), changes))), st.sampled_from(paths), _changes
    )


def _raw(paths: list[Path], ending: str, written: Callable[[Json], bytes]) -> st.SearchStrategy[Input]:
    return st.builds(
        lambda path, edits: Input(ending, edited(written(_read(path)), edits)), st.sampled_from(paths), _edits
    )


INPUTS: dict[str, st.SearchStrategy[Input]] = {
    "notes": _structured(NOTES, ".note.json", _as_json),
    "YAML": _structured(NOTES, ".note.yaml", _as_yaml),
    "bundles": _structured(BUNDLES, ".bundle.json", _as_json),
    "bytes of notes": _raw(NOTES, ".note.json", _as_json),
    "bytes of YAML": _raw(NOTES, ".note.yaml", _as_yaml),
    "bytes of bundles": _raw(BUNDLES, ".bundle.json", _as_json),
}
