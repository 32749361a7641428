"""What was counted over many notes: sums alone, so that a million notes need no more memory than a thousand.

A tally is filled note by note and can be added to another one, in whatever parts a run is shared out; what it comes to
is the same.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ci_notes.results.counted import Counted
from ci_notes.results.model import Unread
from ci_notes.results.verdicts import FIRED, VERDICTS

MOST_UNREAD = 1_000
"""Records that cannot be read of which the place and the reason are kept; the others are counted."""

_AT_ONCE = 512
"""Notes of which the letters are put by until they are counted together, which is cheaper."""


@dataclass(slots=True)
class Letters:
    """How often each letter stood at each place of texts that are all equally long."""

    counts: list[Counter[str]] = field(default_factory=list)
    _put_by: list[str] = field(default_factory=list)

    def add(self, letters: str) -> None:
        """Count a text."""
        self._put_by.append(letters)
        if len(self._put_by) >= _AT_ONCE:
            self._count()

    def merge(self, other: "Letters") -> None:
        """Add what another counted."""
        for at, counts in enumerate(other.of_all()):
            self._at(at).update(counts)

    def of_all(self) -> list[Counter[str]]:
        """Return for each place how often each letter stood there."""
        self._count()
        return self.counts

    def _count(self) -> None:
        for at, column in enumerate(zip(*self._put_by, strict=True)):
            self._at(at).update(column)
        self._put_by.clear()

    def _at(self, at: int) -> Counter[str]:
        if at == len(self.counts):
            self.counts.append(Counter())
        return self.counts[at]


@dataclass(slots=True)
class OfTemplate:
    """What was counted in the notes of one kind: letters of `ruled(template)` and of `fields(template)`."""

    notes: int = 0
    verdicts: Letters = field(default_factory=Letters)
    fields: Letters = field(default_factory=Letters)

    def add(self, one: Counted) -> None:
        """Count a note."""
        self.notes += 1
        self.verdicts.add(one.verdicts)
        self.fields.add(one.fields)

    def merge(self, other: "OfTemplate") -> None:
        """Add what another counted."""
        self.notes += other.notes
        self.verdicts.merge(other.verdicts)
        self.fields.merge(other.fields)


class Told:
    """What groups count of one note, worked out once for all of them."""

    def __init__(self, one: Counted) -> None:
        self.worst = one.worst
        self.verdicts = [one.verdicts.count(letter) for letter in VERDICTS]
        self.fired = [(one.template, at) for at, letter in enumerate(one.verdicts) if letter == FIRED]


@dataclass(slots=True)
class Group:
    """What was counted in some notes: how many, how many by their most serious finding, how many of each verdict.

    `verdicts` are in the order of `VERDICTS`; `fired` counts the notes in which each rule fired, by template and place
    in `ruled(template)`.
    """

    notes: int = 0
    worst: Counter[str] = field(default_factory=Counter)
    verdicts: list[int] = field(default_factory=lambda: [0] * len(VERDICTS))
    fired: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, one: Told, with_rules: bool = True) -> None:
        """Count a note; without the rules that fired where they would say too much of a person."""
        self.notes += 1
        self.worst[one.worst] += 1
        self.verdicts = [held + more for held, more in zip(self.verdicts, one.verdicts, strict=True)]
        for rule in one.fired if with_rules else ():
            self.fired[rule] += 1

    def merge(self, other: "Group") -> None:
        """Add what another counted."""
        self.notes += other.notes
        self.worst.update(other.worst)
        self.verdicts = [held + more for held, more in zip(self.verdicts, other.verdicts, strict=True)]
        self.fired.update(other.fired)

    @classmethod
    def of(cls, groups: Iterable["Group"]) -> "Group":
        """Return several groups as one."""
        whole = cls()
        for one in groups:
            whole.merge(one)
        return whole


Groups = dict[str, Group]


def _of(groups: Groups, name: str) -> Group:
    found = groups.get(name)
    if found is None:
        found = groups[name] = Group()
    return found


@dataclass(slots=True)
class Tally:
    """What was counted over many notes, and which records could not be read."""

    templates: dict[tuple[str, str], OfTemplate] = field(default_factory=dict)
    """By note kind and rule set."""
    by_template: Groups = field(default_factory=dict)
    authors: Groups = field(default_factory=dict)
    """By a digest of who it is."""
    sites: Groups = field(default_factory=dict)
    months: Groups = field(default_factory=dict)
    jurisdictions: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    """Notes by whole millimetres of the shortest cervical length."""
    not_alike: int = 0
    """Notes with a length that was measured by another approach."""
    weeks: Counter[int] = field(default_factory=Counter)
    """Notes by completed weeks of gestation."""
    accepted: int = 0
    """Findings that a baseline accepts."""
    unread: list[Unread] = field(default_factory=list)
    """The first of them."""
    unreadable: int = 0

    def add(self, one: Counted | Unread) -> None:
        """Count a note, or a record that could not be read."""
        if isinstance(one, Unread):
            self._add_unread([one], 1)
            return
        kind = (one.template, one.rule_set)
        if kind not in self.templates:
            self.templates[kind] = OfTemplate()
        self.templates[kind].add(one)
        told = Told(one)
        for groups, key in ((self.by_template, one.template), (self.sites, one.site), (self.months, one.month)):
            _of(groups, key).add(told)
        _of(self.authors, one.author).add(told, with_rules=False)
        self.jurisdictions[one.jurisdiction] += 1
        self.statuses[one.status] += 1
        self._measure(one)

    def merge(self, other: "Tally") -> None:
        """Add what another counted, whose records stood behind those of this one."""
        for key, of_template in other.templates.items():
            self.templates.setdefault(key, OfTemplate()).merge(of_template)
        for groups, others in zip(self._groups(), other._groups(), strict=True):
            for name, group in others.items():
                _of(groups, name).merge(group)
        self.jurisdictions.update(other.jurisdictions)
        self.statuses.update(other.statuses)
        self.lengths.update(other.lengths)
        self.weeks.update(other.weeks)
        self.not_alike += other.not_alike
        self.accepted += other.accepted
        self._add_unread(other.unread, other.unreadable)

    def _groups(self) -> tuple[Groups, ...]:
        return self.by_template, self.authors, self.sites, self.months

    def _measure(self, one: Counted) -> None:
        if one.length is not None:
            self.lengths[int(one.length)] += 1
        self.not_alike += one.not_alike
        self.accepted += one.accepted
        if one.week is not None:
            self.weeks[one.week] += 1

    def _add_unread(self, unread: list[Unread], number: int) -> None:
        self.unreadable += number
        self.unread += unread[: max(0, MOST_UNREAD - len(self.unread))]
