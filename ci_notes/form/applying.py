"""What a change makes of a draft."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from ci_notes import derive
from ci_notes.derive import Note
from ci_notes.form.changes import Applied, Change
from ci_notes.form.state import State
from ci_notes.template import Template


def read(template: Template, state: State, earlier: Sequence[Note] = ()) -> Note:
    """Return the note that a draft is, beside the earlier notes of the pregnancy; derive it once for a request."""
    return derive.note(template, state.data, earlier=earlier)


def apply(
    template: Template,
    state: State,
    changes: Iterable[Change],
    *,
    today: date,
    new_id: Callable[[], str],
    earlier: Sequence[Note] = (),
) -> Applied:
    """Return a draft after some changes, in their order; what cannot be taken is told in its outcome, never raised."""
    raise NotImplementedError
