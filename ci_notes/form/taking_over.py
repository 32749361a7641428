"""What a draft takes over from earlier notes, and confirms of what came from elsewhere; or refuses."""

from typing import Any

from ci_notes.carrying import marks, unmark
from ci_notes.form.changes import Change, Outcome
from ci_notes.form.desk import Desk
from ci_notes.form.offering import offered
from ci_notes.form.spots import Spot
from ci_notes.template import HEADER


def carry(desk: Desk, change: Change) -> Outcome:
    """Take over, or refuse, what earlier notes hand on to a place or section, and what came from elsewhere there."""
    confirmed = _confirm_marked(desk, change.place, change.take)
    taken: list[Spot] = []
    while more := [(at, value) for at, value in _offers(desk, change.place) if at not in taken]:
        for at, value in more:  # what is taken over may open more of what was there before: one act takes that as well
            taken.append(at)
            if change.take:
                desk.put(at, _copied(value))
            else:
                desk.settled.add(at.place)
                desk.touch(at.place)
    if not confirmed and not taken:
        return Outcome("refused", change.place, message="There is nothing to take over here.")
    _take_back(desk, taken)
    return Outcome("taken", change.place)


def _offers(desk: Desk, asked: str) -> list[tuple[Spot, Any]]:
    """Return what a place, or a section, could take over now."""
    every = offered(desk.template, desk.earlier, desk.standing().note, desk.settled)
    return [(at, value) for at, value, _ in every if within(at.place, asked) and desk.value(at) is None]


def _copied(value: Any) -> Any:
    """Return a copy of a value of another note, so that the two never share rows."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _take_back(desk: Desk, taken: list[Spot]) -> None:
    """Take out what does not apply after all that was taken over with it."""
    now = desk.standing()
    for at in taken:
        if now.ruled_out(at.element) and desk.value(at) is not None:
            desk.clear(at)


def within(place: str, asked: str) -> bool:
    """Return whether a place is the one asked for, or in the section asked for; an empty one asks for all."""
    section = place.partition(".")[0] if "." in place.partition("[")[0] else HEADER
    return asked in ("", place, section) or place.startswith(f"{asked}[")


def marked_places(desk: Desk) -> list[str]:
    """Return the places of what came from elsewhere and nobody confirmed."""
    return [str(one.get("at", "")) for one in marks(desk.data)]


def _confirm_marked(desk: Desk, asked: str, take: bool) -> bool:
    """Confirm what came from elsewhere, or take it out to be answered anew; return whether there was any."""
    places = [one for one in marked_places(desk) if within(one, asked)]
    for place in places:
        at = desk.find(place)
        if not take and not isinstance(at, Outcome) and desk.has_row(at) and not at.is_row:
            desk.clear(at)
        desk.touch(place)
    unmark(desk.data, places)
    return bool(places)
