"""What a person does in the form, one act at a time, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ci_notes.errors import InputError, plain
from ci_notes.form.state import State

ACTS = {
    "put": "typed text into a control; empty text clears",
    "choose": "the options now chosen: of a yes/no «yes» or «no», of a choice one, of several any number",
    "absent": "why there is no value: `code`, and `reason` in words",
    "clear": "take an answer back",
    "confirm": "record a doubtful value after all, with a `reason` where it is unusual",
    "add-row": "add a row to a group; `row` is its id where the browser made one",
    "remove-row": "remove a row",
    "block": "answer what is open in a block; `values` are the names that differ from the normal answer",
    "carry": "take (`take`) or refuse what an earlier note or a bundle hands on: a section, a place, or all",
    "keep": "keep the finding `rule` at `place` with a `reason`",
    "unkeep": "no longer keep it",
    "discard": "take out what does not apply: all of it, a section, or a place",
    "open": "show what is not asked in turn",
    "suggest": "take what is suggested",
    "resolve": "settle a conflict: `side` is mine or theirs",
}
"""Every act, and what it does."""

NONE = "[]"
"""The option by which several-of-many says that none of its options holds; no option is called so."""

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Change:
    """One act. `seen` is the revision of the draft that its author had before the eyes, None where nobody asks."""

    act: str
    place: str = ""
    text: str = ""
    values: tuple[str, ...] = ()
    code: str = ""
    reason: str = ""
    rule: str = ""
    row: str = ""
    take: bool = True
    side: str = ""
    seen: int | None = None

    @property
    def words(self) -> str:
        """What its author typed or chose, in words."""
        return self.text or ", ".join(self.values) or self.code or self.act

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it, without what says nothing."""
        held = {one.name: getattr(self, one.name) for one in fields(self)}
        held["values"] = list(self.values)
        defaults = {one.name: one.default for one in fields(self)} | {"values": []}
        return {name: value for name, value in held.items() if name == "act" or value != defaults[name]}

    @classmethod
    def from_json(cls, held: Any) -> "Change":
        """Return the change that JSON holds.

        Raises InputError where it is none; the message names the field and what belongs there.
        """
        if not isinstance(held, Mapping):
            raise InputError("a change is an object with an «act» and a «place»")
        known = {one.name for one in fields(cls)}
        for name in held:
            if name not in known:
                raise InputError(f"a change has no field «{plain(name)}»; it has {', '.join(sorted(known))}")
        if not isinstance(held.get("act"), str) or held["act"] not in ACTS:
            raise InputError(f"«{plain(held.get('act'))}» is no act; there are {', '.join(ACTS)}")
        return cls(**{name: _field(name, value) for name, value in held.items()})


def _field(name: str, value: Any) -> Any:
    if name == "values":
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            return tuple(_printed(name, one) for one in value)
        raise InputError("«values» of a change is a list of texts")
    if name == "take":
        return _of_type(name, value, bool, "true or false")
    if name == "seen":
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise InputError("«seen» of a change is a whole number")
    return _printed(name, _of_type(name, value, str, "text"))


def _printed(name: str, text: str) -> str:
    """Return text that can be written anywhere; half a character, as some programs send, cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"«{name}» of a change holds half a character; type it again") from None
    return text


def _of_type(name: str, value: Any, kind: type, wanted: str) -> Any:
    if not isinstance(value, kind):
        raise InputError(f"«{name}» of a change is {wanted}, not {plain(value)}")
    return value


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a change: taken, unclear, doubt, refused or conflict.

    `said` is the value as it is kept, where it was taken; `message` says what would be right, or asks back.
    """

    kind: str
    place: str = ""
    said: str = ""
    message: str = ""
    wants_reason: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class Applied:
    """A state after some changes: what came of each, and the places that are not what they were."""

    state: State
    outcomes: tuple[Outcome, ...] = ()
    touched: tuple[str, ...] = ()
