"""Patterns of a template's texts: those that `re` may try in more ways than anybody can wait for are refused."""

import re

_PARTS = re.compile(
    r"\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|\(\?(?:P?<?\w*[>:=!]|[=!])|\{\d+\}|([*+?]|\{\d*,\d*\})\??|.", re.DOTALL
)
"""The parts of a pattern: classes, escapes, the begins of groups, repeats (the one group here), single letters."""

_ENDLESS, _REPEATS = 2, 8
"""How many repeats a pattern may have that have no end, and how many in all: time grows with their powers."""


def too_slow(pattern: str) -> str:
    """Return why a pattern may take for ever on a text of a few thousand letters; empty if it cannot."""
    endless = repeats = 0
    before = ""
    for part in _PARTS.finditer(pattern):
        repeat = part.group(1) or ""
        if repeat and repeat != "?" and before == ")":
            return "repeats a group"
        repeats += bool(repeat)
        endless += repeat in ("*", "+") or repeat.endswith(",}") or any(map(_is_large, re.findall(r"\d+", repeat)))
        before = part.group()
    if endless > _ENDLESS or repeats > _REPEATS:
        return f"has more than {_ENDLESS} repeats without end, or {_REPEATS} repeats"
    return ""


def _is_large(number: str) -> bool:
    return int(number[:9]) > 100
