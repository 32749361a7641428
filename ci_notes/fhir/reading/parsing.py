"""FHIR as it comes in a file: JSON and nothing else, bounded, and a sentence that says what it is instead."""

import json
import re
from typing import Any

from ci_notes import document
from ci_notes.errors import InputError, NotJsonError

LARGEST = 32_000_000
"""Bytes: room for a chart with a few attachments; a hundred megabytes are refused before they are read."""

_MOST = 1_000_000
"""Values of a bundle; a full one of a long note has some ten thousand."""


def parse(raw: bytes, name: str) -> Any:
    """Return the data of FHIR in JSON; raises InputError with the name and what is wrong, and where."""
    text = document.decode(raw, name, LARGEST, "a bundle")
    if text.lstrip().startswith("<"):
        kind = "FHIR in XML" if "http://hl7.org/fhir" in text[:2000] else "XML or HTML"
        raise InputError(f"{name} is {kind}; FHIR in JSON is wanted")
    try:
        return document.read_json(text, name, _MOST)
    except NotJsonError:
        _refuse_lines(text, name)
        _refuse_half(text, name)
        raise


def _refuse_lines(text: str, name: str) -> None:
    """Refuse NDJSON: a resource on each line."""
    lines = [line for line in text[:200_000].split("\n") if line.strip()]
    if len(lines) > 1 and all(_is_object(line) for line in lines[:2]):
        raise InputError(f"{name} is NDJSON, one resource a line; a Bundle is wanted, or one resource in a file")


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _refuse_half(text: str, name: str) -> None:
    """Refuse what was cut off, and say where it ends."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        ends = len(text.rstrip())
        if error.pos >= ends - 1 or (error.msg.startswith("Unterminated") and not re.search(r"[\]}]\s*$", text[-40:])):
            line = text.count("\n") + 1
            raise InputError(f"{name} was cut off: it ends in line {line}, in the middle of a resource") from None
    except (RecursionError, ValueError):
        return
