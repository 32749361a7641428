"""Sheets that were made before: one change touches a section or two, and the others are what they were.

What a sheet shows follows from what it was made of, so that is what it is remembered by. A sheet is never changed.
"""

from collections.abc import Callable
from typing import Any

from ci_notes.form.sheet import Sheet
from ci_notes.recent import Recent, digest
from ci_notes.template import Template

MOST = 2000
"""How many sheets are kept: those of some eighty drafts."""

_SHEETS: Recent[tuple[Template, Sheet]] = Recent(MOST)
forget = _SHEETS.forget


def remembered(template: Template, made_of: Any, make: Callable[[], Sheet]) -> Sheet:
    """Return the sheet that was made of the same for the same template, or make it; `made_of` is plain data."""
    # The template is kept beside its sheets, so that its id stays its own.
    return _SHEETS.get((id(template), digest(made_of)), lambda: (template, make()))[1]
