"""What a form shows of a draft."""

from collections.abc import Sequence
from datetime import date

from ci_notes.derive import Note
from ci_notes.form.sheet import Form
from ci_notes.form.state import State
from ci_notes.template import Template


def build(template: Template, state: State, *, note: Note, earlier: Sequence[Note] = (), today: date) -> Form:
    """Return what a page shows of a draft; `note` is the draft as `read` derives it."""
    raise NotImplementedError
