"""What stands beside a form: computed values, findings, and the narrative with the fields of each sentence."""

from collections.abc import Sequence
from datetime import date

from ci_notes.derive import Note
from ci_notes.form.sheet import Beside
from ci_notes.form.state import State
from ci_notes.template import Template


def beside(template: Template, state: State, *, note: Note, earlier: Sequence[Note] = (), today: date) -> Beside:
    """Return what stands beside the form of a draft; `note` is the draft as `read` derives it, beside `earlier`."""
    raise NotImplementedError
