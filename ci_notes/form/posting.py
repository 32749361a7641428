"""A whole form as a browser without scripts sends it: only what differs from what was shown is a change."""

from collections.abc import Mapping, Sequence

from ci_notes.form.changes import Change
from ci_notes.form.sheet import Form


def changes_of_post(form_before: Form, posted: Mapping[str, Sequence[str]]) -> list[Change]:
    """Return the changes that a posted form asks for.

    Controls are named `v:PLACE` (value, repeated for several options), `a:PLACE` (absence code), `r:PLACE` (a reason)
    and `do` (a button: `add-row:history.prior`, `block:symptoms.any`).
    """
    raise NotImplementedError
