"""What a draft is between two changes: the note so far, and what was typed that could not be taken yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Unread:
    """Text that was typed into a control and could not be taken, or not yet.

    `message` says what would be right, or asks back. With a `doubt`, `value` is what is recorded once somebody
    confirms it, for which `wants_reason` asks ten characters or more; `reason` is one that was too short.
    """

    typed: str
    message: str = ""
    doubt: bool = False
    wants_reason: bool = False
    value: Any = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "typed": self.typed,
            "message": self.message,
            "doubt": self.doubt,
            "wants_reason": self.wants_reason,
            "value": self.value,
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, held: Any) -> "Unread | None":
        """Return what JSON holds, or None where that is nothing typed."""
        if isinstance(held, str):
            return cls(held)
        if not isinstance(held, Mapping) or not isinstance(held.get("typed"), str):
            return None
        doubt, reason = held.get("doubt") is True, held.get("wants_reason") is True
        return cls(
            held["typed"], _text(held.get("message")), doubt, reason, held.get("value"), _text(held.get("reason"))
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two answers to one question: mine was typed while somebody else's was already recorded.

    `mine` is the words of the change that was not applied, `change` that change as JSON; `theirs` is said as a person
    reads it. `by` gave the answer that stands, `mine_by` the one that waits.
    """

    mine: str
    theirs: str
    by: str
    mine_by: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "mine": self.mine,
            "theirs": self.theirs,
            "by": self.by,
            "mine_by": self.mine_by,
            "change": dict(self.change),
        }

    @classmethod
    def from_json(cls, held: Any) -> "Conflict | None":
        """Return what JSON holds, or None where that is no conflict."""
        if not isinstance(held, Mapping):
            return None
        words = {name: _text(held.get(name)) for name in ("mine", "theirs", "by", "mine_by")}
        change = held.get("change")
        return cls(**words, change=change if isinstance(change, Mapping) else {})


@dataclass(frozen=True, slots=True)
class State:
    """A draft: the note's data as the terminal keeps it, and by place what is not part of it yet.

    `opened` are places shown though nobody is asked for them; `settled` are sections and places whose value from an
    earlier note was refused.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    unread: Mapping[str, Unread] = field(default_factory=dict)
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "data": dict(self.data),
            "unread": {place: one.to_json() for place, one in self.unread.items()},
            "conflicts": {place: one.to_json() for place, one in self.conflicts.items()},
            "opened": sorted(self.opened),
            "settled": sorted(self.settled),
        }

    @classmethod
    def from_json(cls, held: Any) -> "State":
        """Return what JSON holds; what is not as it should be is left out, never an error."""
        plain = held if isinstance(held, Mapping) else {}
        data = plain.get("data")
        unread = {place: Unread.from_json(one) for place, one in _mapping(plain.get("unread")).items()}
        conflicts = {place: Conflict.from_json(one) for place, one in _mapping(plain.get("conflicts")).items()}
        return cls(
            data=dict(data) if isinstance(data, Mapping) else {},
            unread={place: one for place, one in unread.items() if one is not None},
            conflicts={place: one for place, one in conflicts.items() if one is not None},
            opened=_texts(plain.get("opened")),
            settled=_texts(plain.get("settled")),
        )


def _text(held: Any) -> str:
    return held if isinstance(held, str) else ""


def _mapping(held: Any) -> Mapping[str, Any]:
    return held if isinstance(held, Mapping) else {}


def _texts(held: Any) -> frozenset[str]:
    return frozenset(one for one in held if isinstance(one, str)) if isinstance(held, list) else frozenset()
