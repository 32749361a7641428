"""What was taken of a bundle, from which resource and how converted; what was left out, and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

Json = dict[str, Any]

WHY: dict[str, str] = {
    "no-element": "its code is not recognised, or this kind of note does not record it",
    "no-place": "not recorded in notes",
    "no-code": "without a code",
    "no-value": "without a value",
    "no-date": "without a date",
    "unit": "unit does not fit",
    "value": "value cannot be used",
    "impossible": "outside what is possible",
    "comparator": "above or below a limit, not a value",
    "absence": "missing for a reason that notes do not have",
    "markup": "text with markup",
    "another-patient": "of another patient",
    "no-patient": "does not say whose it is",
    "someone-else": "about somebody else",
    "in-error": "entered in error",
    "refuted": "refuted",
    "unconfirmed": "not confirmed",
    "negated": "says what is not there",
    "inactive": "no longer active",
    "not-done": "not done, or not finished",
    "status": "status does not count",
    "older": "another value is later, or says it better",
    "newer": "later than the note",
    "earlier": "before this pregnancy",
    "modifier": "with an extension that may change what it means",
    "contradiction": "two values at one time",
    "ambiguous": "could mean several things",
    "worked-out": "worked out from other values",
    "not-of-the-note": "added to the bundle by others",
    "version": "of an extension that is not here",
}
"""Why something was left out: the key in a JSON report, and its heading for a person."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A value that was taken: its place in the note, and where it comes from."""

    at: str
    title: str
    value: str
    source: str
    found: str
    on: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """What was left out of the note, and why: a key of `WHY` and a sentence."""

    source: str
    what: str
    why: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The data of a note made of a bundle, with the account of it.

    `ours` says that the bundle was written by ci_notes, so that the note is the one it was made from.
    """

    data: Json
    ours: bool
    taken: tuple[Taken, ...] = ()
    left: tuple[Left, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    def as_data(self) -> Json:
        """Return the account as JSON data."""
        return {
            "template": self.data["template"],
            "note": self.data["id"],
            "ours": self.ours,
            "taken": [asdict(one) for one in self.taken],
            "left": [asdict(one) for one in self.left],
            "remarks": [*self.remarks],
        }


def summary(reading: Reading) -> str:
    """Return the account in a few lines: how much was taken, what was left out by reason."""
    lines = []
    if not reading.ours:
        sources = {one.source for one in reading.taken}
        lines.append(f"taken: {_count(len(reading.taken), 'value')} from {_count(len(sources), 'resource')}")
    if reading.left:
        counted = Counter(one.why for one in reading.left)
        said = "; ".join(f"{WHY[why]} {number}" for why, number in counted.most_common())
        lines.append(f"left out: {len(reading.left)} ({said})")
    return "".join(f"{line}\n" for line in [*lines, *reading.remarks])


def detailed(reading: Reading) -> str:
    """Return the account line by line."""
    lines = ["Taken" if reading.taken else "Nothing was taken one by one: this is the note that the bundle holds."]
    if not reading.taken and not reading.ours:
        lines = ["Nothing was taken."]
    for one in reading.taken:
        day = f", {one.on[:10]}" if one.on else ""
        lines.append(f"  {one.at} = {one.value}")
        lines.append(f"      from {one.source}: {one.found}{day}{'; ' + one.how if one.how else ''}")
    if reading.left:
        lines += ["", "Left out"]
    for why, heading in WHY.items():
        alike = [one for one in reading.left if one.why == why]
        if alike:
            lines.append(f"  {heading} ({len(alike)})")
            lines += [f"      {line}" for line in dict.fromkeys(map(_left_line, alike))]
    return "".join(f"{line}\n" for line in [*lines, *reading.remarks])


def _left_line(one: Left) -> str:
    return ": ".join(filter(None, [one.source, one.what])) + (f" ({one.because})" if one.because else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def by_reason(left: Iterable[Left], why: str) -> list[Left]:
    """Return what was left out for one reason."""
    return [one for one in left if one.why == why]
