"""What a template is made of: elements declared once, in sections; plain frozen data that every station reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

OURS = "https://w3id.org/ci-notes"
"""The canonical address under which our own code systems stand; an extension has one of its own."""

ABSENCES: dict[str, str] = {
    "not-asked": "not asked",
    "asked-declined": "declined",
    "asked-unknown": "asked, not known",
    "not-performed": "not done",
    "not-applicable": "not applicable",
}
"""Why a value is missing, by FHIR's data-absent-reason codes; none of them means "no"."""


@dataclass(frozen=True, slots=True)
class Coding:
    """A concept in a code system, as FHIR's Coding."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Option:
    """One allowed answer of a choice."""

    value: str
    title: str
    say: str
    codes: tuple[Coding, ...] = ()
    status: str = ""
    """The FHIR status of an Observation with this answer, where it is not that of the note: a result not yet there."""
    also: tuple[str, ...] = ()
    """What people type who look for it under another name; never printed in a note."""


@dataclass(frozen=True, slots=True)
class Block:
    """Yes/no elements that one act can answer ("any of these?"): who is not named gets the answer `normal`."""

    key: str
    ask: str
    normal: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that can be recorded, or is computed from what was.

    `id` is where it was declared and names it in FHIR; `path` is where it stands in this template. `asked`,
    `required`, `computed` and `suggested` are written in the language of `ci_notes.expression`. `unsaid` is the reason
    why the narrative may leave the element out.

    `block` is the key of the block that its section or group declares. What is `on_request` is not asked in turn; nor
    is what has a condition `in_turn` that does not hold.
    `dated` is the path of the date on which the value was true, where that is not the date of the note.
    `pair` is the path of the element that is typed together with this one, as 112/70.
    `carried` says that it is taken over from an earlier note: from the same element, or from `carried_from`.
    `ages` are the ages in years that a date of birth can mean where its year is typed with two digits.
    `from_gestation` says of a due date that it may be typed as the gestational age on the day of the note.
    `base` is the canonical address of whoever declares it: ours, or that of the extension which added it.
    """

    id: str
    path: str
    title: str
    kind: str
    shape: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    unit: str | None = None
    usual: tuple[float | None, float | None] | None = None
    say: str = ""
    help: str = ""
    codes: tuple[Coding, ...] = ()
    method: tuple[Coding, ...] = ()
    body_site: tuple[Coding, ...] = ()
    asked: str = ""
    required: str = ""
    computed: str = ""
    suggested: str = ""
    block: str = ""
    on_request: bool = False
    in_turn: str = ""
    dated: str = ""
    pair: str = ""
    expected: bool = False
    unsaid: str = ""
    carried: bool = False
    carried_from: str = ""
    ages: tuple[int, int] | None = None
    from_gestation: bool = False
    identifying: bool = False
    group: str = ""
    rows: tuple["Element", ...] = ()
    row_title: str = ""
    blocks: tuple[Block, ...] = ()
    base: str = OURS
    name: str = field(init=False, repr=False, compare=False)
    """The last part of the path: the key in the note."""
    columns: Mapping[str, "Element"] = field(init=False, repr=False, compare=False)
    """The elements of its rows by name."""
    _by_value: Mapping[str, Option] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.path.rpartition(".")[2])
        object.__setattr__(self, "columns", {row.name: row for row in self.rows})
        object.__setattr__(self, "_by_value", {option.value: option for option in reversed(self.options)})

    def option(self, value: str) -> Option | None:
        """Return the option with a stored value, if there is one."""
        return self._by_value.get(value) if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the note that is filled and read together.

    `asked` is the condition under which the whole section applies; it is also part of each element's own.
    """

    name: str
    title: str
    elements: tuple[Element, ...]
    help: str = ""
    asked: str = ""
    blocks: tuple[Block, ...] = ()
    code: Coding | None = None
    category: str = ""

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)
