"""A whole form as a browser without scripts sends it: only what differs from what was shown is a change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ci_notes.form.changes import NONE, Change
from ci_notes.form.sheet import Field, Form

BUTTON = "do"
"""The name of every button that does more than to send the form; its value is a verb, a colon, and a place."""


def changes_of_post(form_before: Form, posted: Mapping[str, Sequence[str]], seen: int | None = None) -> list[Change]:
    """Return the changes that a posted form asks for: of fields that differ from the form as it was shown, then of
    the button that was pressed.

    Controls are named `v:PLACE` (value; where options are chosen, an empty one stands before them, so that none chosen
    is told from not sent), `a:PLACE` (absence code), `r:PLACE` (a reason, for an absence or to confirm) and `do`
    (`add-row:`, `remove-row:`, `block:`, `carry:`, `anew:`, `confirm:`, `discard:`, `open:`, `close:`, `suggest:`,
    `clear:`, `none:`, `mine:`, `theirs:`, each before a place; `keep:` and `unkeep:` before a rule, a space and a
    place, with the reason in `k:` and the same). What is not sent is not changed; other verbs belong to others.
    `seen` is the revision of the draft that was shown.
    """
    changes = [one for section in form_before.sections for field in section.fields for one in _of_field(field, posted)]
    changes += [one for value in posted.get(BUTTON, ()) for one in _of_button(form_before, value, posted)]
    return [replace(one, seen=seen) for one in changes]


def _of_field(field: Field, posted: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    value = _value(field, posted.get(f"v:{field.place}"))
    code, reason = _last(posted, f"a:{field.place}"), _last(posted, f"r:{field.place}")
    if value is not None:
        yield value
    elif code and (code != field.absent or _differs(reason, field.absent_reason)):
        yield Change("absent", field.place, code=code, reason=reason or "")
    elif code == "" and field.absent:
        yield Change("clear", field.place)


def _value(field: Field, sent: Sequence[str] | None) -> Change | None:
    if sent is None or field.control == "group":
        return None
    if field.options:
        values = tuple(one for one in sent if one)
        return None if set(values) == set(field.chosen) else Change("choose", field.place, values=values)
    text = sent[-1] if sent else ""
    return Change("put", field.place, _lines(text)) if _differs(text, field.text) else None


def _differs(sent: str | None, shown: str) -> bool:
    """Return whether text was changed; a browser writes the ends of lines in its own way, and drops none but those."""
    return sent is not None and _lines(sent).strip() != _lines(shown).strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _last(posted: Mapping[str, Sequence[str]], name: str) -> str | None:
    sent = posted.get(name)
    return _lines(sent[-1]) if sent else None


def _of_button(form: Form, value: str, posted: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    verb, _, place = value.partition(":")
    made = _BUTTONS.get(verb)
    if made is not None:
        yield made(place)
    elif verb == "confirm":
        yield from _confirmed(form, place, posted)
    elif verb in ("keep", "unkeep"):
        rule, _, at = place.partition(" ")
        yield Change(verb, at, rule=rule, reason=_last(posted, f"k:{place}") or "")


def _confirmed(form: Form, place: str, posted: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    """Yield the confirmation of a doubt that was shown; what was typed anew since is asked back first."""
    field = form.field(place)
    if field is not None and _value(field, posted.get(f"v:{place}")) is None:
        yield Change("confirm", place, reason=_last(posted, f"r:{place}") or "")


_BUTTONS: dict[str, Callable[[str], Change]] = {
    "add-row": lambda place: Change("add-row", place),
    "remove-row": lambda place: Change("remove-row", place),
    "block": lambda place: Change("block", place),
    "carry": lambda place: Change("carry", place),
    "anew": lambda place: Change("carry", place, take=False),
    "discard": lambda place: Change("discard", place),
    "open": lambda place: Change("open", place),
    "close": lambda place: Change("open", place, take=False),
    "suggest": lambda place: Change("suggest", place),
    "clear": lambda place: Change("clear", place),
    "none": lambda place: Change("choose", place, values=(NONE,)),
    "mine": lambda place: Change("resolve", place, side="mine"),
    "theirs": lambda place: Change("resolve", place, side="theirs"),
}
"""What each button asks for, by its verb."""
