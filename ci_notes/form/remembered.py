"""Sheets that were made before: one change touches a section or two, and the others are what they were.

What a sheet shows follows from what it was made of, so that is what it is remembered by. A sheet is never changed, and
only so many are kept.
"""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from threading import Lock
from typing import Any

from ci_notes.form.sheet import Sheet
from ci_notes.template import Template

MOST = 2000
"""How many sheets are kept: those of some eighty drafts."""

_Key = tuple[int, bytes]
_made: OrderedDict[_Key, tuple[Template, Sheet]] = OrderedDict()
_lock = Lock()


def remembered(template: Template, made_of: Any, make: Callable[[], Sheet]) -> Sheet:
    """Return the sheet that was made of the same for the same template, or make it.

    `made_of` is plain data. The template is kept beside its sheets, so that its id stays its own.
    """
    key = (id(template), blake2b(repr(made_of).encode("utf-8", "surrogatepass"), digest_size=16).digest())
    with _lock:
        found = _made.get(key)
        if found is not None:
            _made.move_to_end(key)
            return found[1]
    sheet = make()
    with _lock:
        _made[key] = (template, sheet)
        while len(_made) > MOST:
            _made.popitem(last=False)
    return sheet


def forget() -> None:
    """Make every sheet anew from here on."""
    with _lock:
        _made.clear()
