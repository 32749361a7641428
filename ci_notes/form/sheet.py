"""What a page shows of a draft, as plain data: a page prints it and decides nothing."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ci_notes.form.state import Conflict


@dataclass(frozen=True, slots=True)
class Choice:
    """One button or line of a list; `value` is what is sent, of a yes/no «yes» or «no»."""

    value: str
    title: str
    chosen: bool = False
    also: tuple[str, ...] = ()
    """Other names under which it is looked for."""


@dataclass(frozen=True, slots=True)
class Last:
    """What the latest earlier note with an answer says: the value as said, its day as said, and its age in days."""

    said: str
    day: str = ""
    age: int | None = None

    @property
    def ago(self) -> str:
        """Its age in words: today, yesterday, 12 days ago; empty where the day is not known."""
        if self.age is None or self.age < 0:
            return ""
        return {0: "today", 1: "yesterday"}.get(self.age, f"{self.age} days ago")


@dataclass(frozen=True, slots=True)
class Offer:
    """A value that an earlier note or a bundle hands on and that a person takes or answers anew.

    `unconfirmed` is one that the draft already holds; `source` says where it is from.
    """

    place: str
    title: str
    said: str
    lines: tuple[str, ...] = ()
    source: str = ""
    day: str = ""
    age: int | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One control.

    `control` is yes-no, buttons (up to seven options, one), checks (up to seven, several), search (more options, one),
    search-many, number, numbers (a list), text, long-text, date, moment or gestation. `text` stands in it the way
    people write it: what was typed and not understood, or the value. `said` is the recorded value in words, also while
    something else stands in the control. `state` is known, absent, untouched or wrong. `allowed` and `usual` are ranges
    in words. `low` and `high` are the limits as numbers. `message` asks back where there is a `doubt`. `kept` is the
    reason for which an unusual value is kept, `reason` one that was too short for it.
    """

    kind = "field"

    place: str
    id: str
    control: str
    title: str
    help: str = ""
    hint: str = ""
    unit: str = ""
    allowed: str = ""
    usual: str = ""
    low: float | None = None
    high: float | None = None
    longest: int | None = None
    text: str = ""
    said: str = ""
    options: tuple[Choice, ...] = ()
    state: str = "untouched"
    absent: str = ""
    absent_title: str = ""
    absent_reason: str = ""
    may_be_absent: bool = True
    required: bool = False
    message: str = ""
    doubt: bool = False
    wants_reason: bool = False
    reason: str = ""
    unread: bool = False
    conflict: Conflict | None = None
    kept: str = ""
    offer: Offer | None = None
    last: Last | None = None
    suggestion: str = ""
    pair: str = ""
    on_request: bool = False

    @property
    def open(self) -> bool:
        """Whether it is required and nobody answered."""
        return self.required and self.state == "untouched"

    @property
    def several(self) -> bool:
        """Whether several options may be chosen."""
        return self.control in ("checks", "search-many")

    @property
    def chosen(self) -> tuple[str, ...]:
        """The values of the options that are chosen."""
        return tuple(one.value for one in self.options if one.chosen)


@dataclass(frozen=True, slots=True)
class Extra:
    """Something that can be recorded and is not asked in turn: a click opens it."""

    place: str
    title: str


@dataclass(frozen=True, slots=True)
class Block:
    """Yes/no fields that one act can answer: `all_title` is what its button says, `open` how many have no answer."""

    kind = "block"

    place: str
    id: str
    title: str
    all_title: str
    fields: tuple[Field, ...]
    open: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a group; `place` names it, as history.prior[p1]. `parts` are fields and blocks."""

    place: str
    id: str
    title: str
    number: int
    parts: tuple[Field | Block, ...]
    extras: tuple[Extra, ...] = ()
    conflict: Conflict | None = None

    @property
    def fields(self) -> Iterator[Field]:
        """Every field of it, those in blocks included."""
        return _fields(self.parts)


@dataclass(frozen=True, slots=True)
class Group:
    """A repeating group; `none` says that it is recorded as none at all. `whole` is the field of the group itself.

    That field has the absence, the offer and the messages; its control is group, and no text stands in it.
    """

    kind = "group"

    whole: Field
    row_title: str
    rows: tuple[Row, ...] = ()
    none: bool = False

    @property
    def place(self) -> str:
        """The place of the group."""
        return self.whole.place

    @property
    def id(self) -> str:
        """Its name in a page."""
        return self.whole.id

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.whole.title

    @property
    def fields(self) -> Iterator[Field]:
        """Every field of its rows."""
        return (one for row in self.rows for one in row.fields)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Something that is held although it does not apply after the other answers; `typed` was never understood."""

    place: str
    title: str
    said: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """A computed value: its title, what it is, and the places of the fields that it comes from."""

    place: str
    title: str
    said: str
    places: tuple[str, ...] = ()


Part = Field | Block | Group


def every_field(parts: Iterable[Part]) -> Iterator[Field]:
    """Yield every field of some parts, groups themselves too."""
    for part in parts:
        if isinstance(part, Field):
            yield part
        else:
            if isinstance(part, Group):
                yield part.whole
            yield from part.fields


@dataclass(frozen=True, slots=True)
class Sheet:
    """A section of the form. `applies` is false where only what is left over in it is shown."""

    name: str
    id: str
    title: str
    help: str = ""
    applies: bool = True
    parts: tuple[Part, ...] = ()
    extras: tuple[Extra, ...] = ()
    offers: tuple[Offer, ...] = ()
    computed: tuple[Computed, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    asked: int = 0
    answered: int = 0
    fields: tuple[Field, ...] = field(init=False, repr=False, compare=False)
    """Every field of it, those in blocks and rows included, groups themselves too."""
    required_open: int = field(init=False, compare=False)
    """How many required fields nobody answered."""
    unsettled: int = field(init=False, compare=False)
    """How many fields hold typed text that was not taken, or a conflict."""

    def __post_init__(self) -> None:
        # A sheet is looked at with every change of any other, and made only when itself is changed.
        fields = tuple(every_field(self.parts))
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "required_open", sum(one.open for one in fields))
        object.__setattr__(self, "unsettled", sum(one.unread or one.conflict is not None for one in fields))


@dataclass(frozen=True, slots=True)
class Form:
    """All that a page shows of a draft. `left_over` are all that no longer apply, `absences` (code, title) pairs."""

    template: str
    title: str
    jurisdiction: str
    sections: tuple[Sheet, ...] = ()
    absences: tuple[tuple[str, str], ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    _by_place: dict[str, Field] = field(default_factory=dict, repr=False, compare=False)

    def field(self, place: str) -> Field | None:
        """Return the control at a place, if there is one."""
        if not self._by_place:
            self._by_place.update((one.place, one) for section in self.sections for one in section.fields)
        return self._by_place.get(place)

    def section(self, name: str) -> Sheet | None:
        """Return a section by name."""
        return next((one for one in self.sections if one.name == name), None)

    @property
    def asked(self) -> int:
        """How many questions apply."""
        return sum(one.asked for one in self.sections)

    @property
    def answered(self) -> int:
        """How many of those have an answer."""
        return sum(one.answered for one in self.sections)

    @property
    def required_open(self) -> int:
        """How many required fields nobody answered."""
        return sum(one.required_open for one in self.sections)

    @property
    def unsettled(self) -> int:
        """How many fields hold typed text that was not taken, or a conflict."""
        return sum(one.unsettled for one in self.sections) + sum(one.typed for one in self.left_over)

    def shape(self, name: str) -> str:
        """Return a short name for which controls a section has, not for what stands in them; empty for no section."""
        section = self.section(name)
        if section is None:
            return ""
        told = "\n".join(_outline(section))
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def _fields(parts: tuple[Part, ...]) -> Iterator[Field]:
    for part in parts:
        if isinstance(part, Field):
            yield part
        else:
            yield from part.fields


def _outline(section: Sheet) -> Iterator[str]:
    yield f"{section.title} {section.applies}"
    for one in section.fields:
        yield f"{one.place} {one.control} {one.title}"
    for part in section.parts:
        yield f"{part.kind} {part.place}"
        for row in part.rows if isinstance(part, Group) else ():
            yield f"row {row.place} {row.title} {[one.place for one in row.extras]}"
    yield f"{[one.place for one in section.extras]}"


# --- beside the form -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as it stands beside the form.

    `places` are those of controls. `source` cites whose authority it rests on, `positions` what guidelines say side by
    side. `shown` says that a field already tells the same (required, unconfirmed, unusual). `outcome` is found, could
    not tell or kept. `at` is the place by which it is kept.
    """

    id: str
    rule: str
    name: str
    severity: str
    category: str
    message: str
    why: str = ""
    places: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    source: str = ""
    grade: str = ""
    positions: tuple[str, ...] = ()
    outcome: str = "found"
    rationale: str = ""
    missing: tuple[str, ...] = ()
    at: str = ""
    can_keep: bool = True
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Traced:
    """A sentence of the narrative: the places of the fields it says, and of those it was said because of."""

    id: str
    text: str
    says: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The sentences of one section of the narrative under its heading, empty for the opening lines."""

    name: str
    heading: str
    sentences: tuple[Traced, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the form and follows each change; `trouble` says why there is no narrative."""

    computed: tuple[Computed, ...] = ()
    findings: tuple[Found, ...] = ()
    narrative: tuple[Told, ...] = ()
    trouble: str = ""
