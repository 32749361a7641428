"""Changes of two people, or of two tabs, on one draft: what is in conflict is shown, never lost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ci_notes.derive import Note
from ci_notes.form.changes import Applied, Change
from ci_notes.form.state import State
from ci_notes.template import Template


@dataclass(frozen=True, slots=True)
class Latest:
    """Who changed a place last: the revision that made it, the person's name, and the tab."""

    revision: int
    by: str
    tab: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Whose changes are merged, and from which tab."""

    by: str
    tab: str = ""


def merge(
    template: Template,
    state: State,
    changes: Iterable[Change],
    *,
    latest: Mapping[str, Latest],
    author: Author,
    today: date,
    new_id: Callable[[], str],
    earlier: Sequence[Note] = (),
) -> Applied:
    """Return a draft after changes whose author may not have seen what others did since."""
    raise NotImplementedError
