"""A note as a form: what a page shows of a draft, and what each act of a person makes of it.

Nothing here reads a clock, a network or a file; ids of new rows come from `new_id`. What applies, what is required and
what is computed is decided by the functions that the terminal uses.
"""

from ci_notes.form.applying import apply, read
from ci_notes.form.building import build
from ci_notes.form.changes import ACTS, NONE, Applied, Change, Outcome
from ci_notes.form.merging import Author, Latest, merge
from ci_notes.form.posting import changes_of_post
from ci_notes.form.sheet import (
    Beside,
    Block,
    Choice,
    Computed,
    Extra,
    Field,
    Form,
    Found,
    Group,
    Last,
    LeftOver,
    Offer,
    Part,
    Row,
    Sheet,
    Told,
    Traced,
)
from ci_notes.form.state import Conflict, State, Unread
from ci_notes.form.telling import beside

__all__ = [
    "ACTS",
    "NONE",
    "Applied",
    "Author",
    "Beside",
    "Block",
    "Change",
    "Choice",
    "Computed",
    "Conflict",
    "Extra",
    "Field",
    "Form",
    "Found",
    "Group",
    "Last",
    "Latest",
    "LeftOver",
    "Offer",
    "Outcome",
    "Part",
    "Row",
    "Sheet",
    "State",
    "Told",
    "Traced",
    "Unread",
    "apply",
    "beside",
    "build",
    "changes_of_post",
    "merge",
    "read",
]
