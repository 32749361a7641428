"""A quick look at whether a note has its shape, where jsonschema-rs is installed; what fails it is looked at in full.

It may refuse what has its shape, which then costs time, and never lets through what has not: a test holds both to that.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ci_notes.kinds import FORMATS

_FORMATS: dict[str, Callable[..., bool]] = {name: lru_cache(maxsize=4096)(test) for name, test in FORMATS.items()}
"""Whether a text is a date or an age, remembered: there are not so many of either."""

_SURROGATES = r"\ud800-\udfff"
"""Halves of a character: Rust's text cannot hold them, and its patterns cannot name them."""


def gate(schema: str) -> Callable[[Any], bool]:
    """Return a function that says whether data surely fits a JSON Schema; without jsonschema-rs it never says so."""
    try:
        import jsonschema_rs  # noqa: PLC0415  an extra, for those who check in bulk
    except ImportError:
        return lambda _data: False
    held = json.loads(schema.replace(_SURROGATES, ""))
    validator = jsonschema_rs.Draft202012Validator(
        held, formats=_FORMATS, validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
    )

    def fits(data: Any) -> bool:
        try:
            return bool(validator.is_valid(data))
        except ValueError:  # something that JSON does not have, or half a character
            return False

    return fits
