"""What earlier notes hand on to a draft, with the day of each value, while nobody answered it here."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ci_notes import derive
from ci_notes.carrying import handed_on
from ci_notes.derive import Note
from ci_notes.form.spots import Spot, spot
from ci_notes.places import place
from ci_notes.questions import standing
from ci_notes.recent import Recent
from ci_notes.template import Template

Handed = tuple[tuple[Spot, Any, str], ...]
"""A spot, the value handed on to it, and the day of the note that it is from."""


def offered(
    template: Template, earlier: Sequence[Note], note: Note, settled: Collection[str] = ()
) -> Iterator[tuple[Spot, Any, str]]:
    """Yield (spot, value, day) for what a draft could take over: unanswered, not refused, and not ruled out."""
    if not earlier:
        return
    now = standing(note)
    for at, value, day in _handed_on(template, earlier):
        refused = at.place in settled or at.section.name in settled
        if not refused and note.record.state(at.element.path) == "untouched" and not now.ruled_out(at.element):
            yield at, value, day


_HANDED_ON: Recent[tuple[Template, tuple[Note, ...], Handed]] = Recent(100)


def _handed_on(template: Template, earlier: Sequence[Note]) -> Handed:
    """Return what earlier notes hand on; kept while the very same notes come again, since nothing of them changes."""
    # They are kept beside it, so that their ids stay their own.
    made_of = (id(template), *map(id, earlier))
    return _HANDED_ON.get(made_of, lambda: (template, tuple(earlier), _made(template, earlier)))[2]


def _made(template: Template, earlier: Sequence[Note]) -> Handed:
    read = [one if one.template is template else derive.note(template, one.data) for one in earlier]
    found = ((spot(template, _place(section, name)), *told) for section, name, told in handed_on(template, read))
    return tuple((at, *rest) for at, *rest in found if at is not None)


def _place(section: str, name: str) -> str:
    return place(f"{section}.{name}")
