"""Changes of two people, or of two tabs, on one draft: what is in conflict is shown, never lost."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ci_notes.derive import Note
from ci_notes.form.applying import apply
from ci_notes.form.changes import Applied, Change, Outcome
from ci_notes.form.desk import Desk
from ci_notes.form.spots import spot
from ci_notes.form.state import Conflict, State
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


def merge(  # noqa: PLR0913  what `apply` takes, and who did what
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
    """Return a draft after changes whose author may not have seen what others did since.

    `latest` says by place who changed it last, and at which revision of the draft: what `touched` named then. A change
    whose author had `seen` less, and that would make something else of what another has recorded, is not applied; it
    waits in `conflicts`, with both, until somebody settles it.
    """
    outcomes: list[Outcome] = []
    touched: dict[str, None] = {}
    merging = _Merging(template, latest, author, today, new_id, earlier)
    for change in changes:
        done = merging.one(state, change)
        state = done.state
        outcomes += done.outcomes
        touched.update(dict.fromkeys(done.touched))
    return Applied(state, tuple(outcomes), tuple(touched))


@dataclass(frozen=True, slots=True)
class _Merging:
    template: Template
    latest: Mapping[str, Latest]
    author: Author
    today: date
    new_id: Callable[[], str]
    earlier: Sequence[Note]

    def one(self, state: State, change: Change) -> Applied:
        done = apply(self.template, state, [change], today=self.today, new_id=self.new_id, earlier=self.earlier)
        if change.seen is None or change.act in _OWN:
            return done
        missed = self._missed(change, done.touched)
        if missed is None or not self._differs(state, done.state, done.touched):
            return done
        return self._in_conflict(state, change, missed)

    def _missed(self, change: Change, touched: Iterable[str]) -> Latest | None:
        """Return who changed, unseen by the author, one of the places that a change is about."""
        places = [change.place, *touched]
        row = _row(change.place)
        later = [
            one
            for at, one in self.latest.items()
            if one.revision > (change.seen or 0) and (one.by, one.tab) != (self.author.by, self.author.tab)
            if at in places or at == row or (change.act == "remove-row" and at.startswith(f"{change.place}."))
        ]
        return max(later, key=lambda one: one.revision, default=None)

    def _differs(self, before: State, after: State, touched: Iterable[str]) -> bool:
        """Return whether a change made something else of a place; the same answer given twice is no conflict."""
        one, other = self._desk(before), self._desk(after)
        return any(_held(one, at) != _held(other, at) for at in touched)

    def _in_conflict(self, state: State, change: Change, missed: Latest) -> Applied:
        theirs = self._theirs(state, change)
        if spot(self.template, change.place) is None:  # a block, a section: nothing was typed that could be lost
            message = f"{missed.by} has changed something here meanwhile; look at it, and do it again."
            return Applied(state, (Outcome("conflict", change.place, message=message),))
        conflict = Conflict(change.words, theirs, missed.by, self.author.by, replace(change, seen=None).to_json())
        kept = replace(state, conflicts={**state.conflicts, change.place: conflict})
        message = f"{missed.by} has changed this meanwhile: {theirs or 'left open'}."
        return Applied(kept, (Outcome("conflict", change.place, theirs, message),), (change.place,))

    def _theirs(self, state: State, change: Change) -> str:
        """Return in words what stands at a place now."""
        desk = self._desk(state)
        at = spot(self.template, change.place)
        if at is None:
            return ""
        if not desk.has_row(at):
            return "the row was removed"
        unread = state.unread.get(change.place)
        return unread.typed if unread else "" if at.is_row else desk.said(at)

    def _desk(self, state: State) -> Desk:
        return Desk(self.template, state, self.today, self.new_id)


_OWN = ("open", "resolve", "add-row", "suggest", "keep", "unkeep")
"""Acts that take nothing away from anybody."""


def _held(desk: Desk, at: str) -> object:
    found = spot(desk.template, at)
    unread = desk.unread.get(at)
    return (desk.value(found) if found and desk.has_row(found) else None, unread.typed if unread else None)


def _row(place: str) -> str:
    whole, bracket, rest = place.partition("[")
    return f"{whole}[{rest.partition(']')[0]}]" if bracket else ""
