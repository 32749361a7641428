"""What changes make of a draft, in their order."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from ci_notes import derive
from ci_notes.derive import Note
from ci_notes.form.acts import act
from ci_notes.form.changes import ACTS, Applied, Change, Outcome
from ci_notes.form.desk import Desk
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
    """Return a draft after some changes, in their order; what cannot be taken is told in its outcome, never raised.

    `new_id` makes ids for rows. `earlier` are the notes whose values may be carried forward, the first of them first.
    """
    desk = Desk(template, state, today, new_id, earlier)
    outcomes = tuple(_outcome(desk, change) for change in changes)
    return Applied(desk.state, outcomes, tuple(desk.touched))


def _outcome(desk: Desk, change: Change) -> Outcome:
    if change.act not in ACTS:
        return Outcome("refused", change.place, message=f"«{change.act[:40]}» is no act of the form.")
    return act(desk, change)
