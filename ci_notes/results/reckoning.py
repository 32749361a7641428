"""What a tally comes to: rows of numbers and rates, by rule, note kind, author, site, month and field, and pictures.

Authors are numbered and not named. Who or what has too few notes to stand alone stands together with others.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, count

from markupsafe import Markup

from ci_notes.checks import SEVERITIES
from ci_notes.results import histogram
from ci_notes.results.counted import NOT_ASKED, STATES, fields
from ci_notes.results.known import known
from ci_notes.results.model import Described, described
from ci_notes.results.tally import Group, Groups, OfTemplate, Tally
from ci_notes.results.verdicts import COULD_NOT_TELL, FIRED, NOT_APPLICABLE, OVERRIDDEN, VERDICTS, ruled
from ci_notes.template import Template

SMALLEST = 5
"""Notes that an author, a site or a month must have to stand in a row of its own: fewer would point to somebody."""

MOST_ROWS = 200
"""Authors or sites that have a row of their own; the others stand together."""

NOT_RECORDED = "not recorded"

MOST_NAMED = 5
"""Rules that are named as those that fire most."""

_LENGTHS, _LONGEST = 5, 60
"""Millimetres that one column holds, and from which on all lengths are in one."""


def rate(part: int, whole: int) -> str:
    """Return a share in per cent, so that none is told as 0 or 100 that is not."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if part and share < 0.1:
        return "<0.1 %"
    return ">99.9 %" if part < whole and share > 99.9 else f"{share:.1f} %"


@dataclass(frozen=True)
class Row:
    """How often each verdict, or each state of a field, was met by what a row is about."""

    name: str
    counts: Mapping[str, int]
    left_out: str
    """The letter that is no part of what rates are of: where a rule does not apply, or a field is not asked."""

    @property
    def whole(self) -> int:
        """What rates are of."""
        return sum(self.counts.values()) - self.counts.get(self.left_out, 0)

    @property
    def spoke(self) -> bool:
        """Whether a rule had anything to say in any note."""
        return any(self.counts.get(letter) for letter in (FIRED, COULD_NOT_TELL, OVERRIDDEN))

    @property
    def cells(self) -> Iterator[tuple[int, str]]:
        """Number and rate for each letter, the one that is left out last and of all."""
        letters = VERDICTS if self.left_out == NOT_APPLICABLE else STATES
        for letter in letters:
            if letter != self.left_out:
                number = self.counts.get(letter, 0)
                yield number, rate(number, self.whole)
        number = self.counts.get(self.left_out, 0)
        yield number, rate(number, self.whole + number)


@dataclass(frozen=True)
class GroupRow:
    """A row about some notes: of a kind, an author, a site or a month."""

    name: str
    group: Group
    often: tuple[tuple[str, int], ...] = ()
    """The rules that fire most, and in how many notes."""

    @property
    def row(self) -> Row:
        """How often each verdict was met."""
        return Row(self.name, dict(zip(VERDICTS, self.group.verdicts, strict=True)), NOT_APPLICABLE)


class Reckoning:
    """What a page prints of a tally; `templates` are the note kinds that are in it."""

    def __init__(self, tally: Tally, templates: Sequence[Template]) -> None:
        self.tally = tally
        self.templates = {one.id: one for one in templates}
        self.described: dict[str, Described] = described(templates)
        self.whole = Group.of(tally.by_template.values())

    @property
    def verdict_titles(self) -> list[str]:
        return _titles(VERDICTS, NOT_APPLICABLE)

    @property
    def state_titles(self) -> list[str]:
        return _titles(STATES, NOT_ASKED)

    @property
    def kinds(self) -> Iterator[tuple[Template, str, OfTemplate]]:
        """Each note kind with its rule set and what was counted in its notes."""
        for (template, rule_set), counted in sorted(self.tally.templates.items()):
            yield self.templates[template], rule_set, counted

    def not_reviewed(self, template: Template) -> int:
        return known(template).not_reviewed

    def number_of_rules(self, template: Template) -> int:
        return len(known(template).rules)

    @property
    def unreviewed(self) -> tuple[int, int]:
        """How many rules no clinician has reviewed, and of how many, each counted once."""
        rules = {one for template in self.templates.values() for one in known(template).rules}
        return sum(1 for one in rules if not self.described[one].reviewed), len(rules)

    # --- rules ---

    @property
    def rules(self) -> list[Row]:
        """Every rule over all note kinds."""
        counts: dict[str, Counter[str]] = {}
        for template, _, counted in self.kinds:
            for row in self.rules_of(template, counted):
                counts.setdefault(row.name, Counter()).update(row.counts)
        return self._ordered(Row(rule, count, NOT_APPLICABLE) for rule, count in counts.items())

    def rules_of(self, template: Template, counted: OfTemplate) -> list[Row]:
        """Every rule in the notes of one kind."""
        pairs = zip(ruled(template), counted.verdicts.of_all(), strict=True)
        return self._ordered(Row(rule, counts, NOT_APPLICABLE) for rule, counts in pairs)

    def _ordered(self, rows: Iterable[Row]) -> list[Row]:
        """Return rules, errors first; of each severity those first that fired in most notes."""
        return sorted(rows, key=lambda row: (self._rank(row), -row.counts.get(FIRED, 0), row.name))

    def _rank(self, row: Row) -> int:
        return SEVERITIES.index(self.described[row.name].severity)

    @property
    def texts(self) -> list[Described]:
        """What each rule asks for, by id."""
        return [self.described[one.name] for one in sorted(self.rules, key=lambda row: row.name)]

    # --- groups ---

    @property
    def by_template(self) -> list[GroupRow]:
        groups = self.tally.by_template
        return [self._row(f"{self.templates[one].title} ({one})", groups[one]) for one in sorted(groups)]

    @property
    def authors(self) -> list[GroupRow]:
        """The authors, the one with most notes first; who they are is not told."""
        return [*self._shared_out(self.tally.authors, lambda number, _: f"Author {number}")]

    @property
    def sites(self) -> list[GroupRow]:
        """The sites, the one with most notes first."""
        return [*self._shared_out(self.tally.sites, lambda _, name: name)]

    @property
    def months(self) -> list[GroupRow]:
        """The months in their order."""
        shown = self._shared_out(self.tally.months, lambda _, name: name, len(self.tally.months))
        return sorted(shown, key=lambda one: (one.name not in self.tally.months, one.name))

    def _shared_out(
        self, groups: Groups, named: Callable[[int, str], str], most: int = MOST_ROWS
    ) -> Iterator[GroupRow]:
        """Yield a row for each that has notes enough, then one for the others, if they have enough together."""
        ordered = sorted(groups, key=lambda one: (-groups[one].notes, one))
        alone = [one for one in ordered if groups[one].notes >= SMALLEST][:most]
        together = ordered[len(alone) :]
        while alone and 0 < sum(groups[one].notes for one in together) < SMALLEST:
            together.append(alone.pop())  # what is left over from the sum would tell of the few
        numbers = count(1)
        for one in alone:
            yield self._row(named(next(numbers), one) if one else NOT_RECORDED, groups[one])
        others = Group.of(groups[one] for one in together)
        if others.notes >= SMALLEST:
            yield self._row(f"{len(together)} others together", others)

    def _row(self, name: str, group: Group) -> GroupRow:
        often: Counter[str] = Counter()
        for (template, at), number in group.fired.items():
            often[ruled(self.templates[template])[at]] += number
        enough = sorted(((rule, number) for rule, number in often.items() if number >= SMALLEST), key=_by_number)
        return GroupRow(name, group, tuple(enough[:MOST_NAMED]))

    # --- what was measured ---

    @property
    def lengths(self) -> list[histogram.Column]:
        """Notes by cervical length, in columns of five millimetres; empty where there is none."""
        columns: Counter[int] = Counter()
        for millimetres, number in self.tally.lengths.items():
            columns[min(millimetres, _LONGEST) // _LENGTHS] += number
        return [(_band(at), columns[at]) for at in range(_LONGEST // _LENGTHS + 1)] if columns else []

    @property
    def median_length(self) -> int:
        """The length in whole millimetres that half of the notes have at most; there must be one."""
        lengths = self.tally.lengths
        below = list(accumulate(lengths[one] for one in sorted(lengths)))
        return sorted(lengths)[bisect_left(below, below[-1] / 2)]

    @property
    def weeks(self) -> list[histogram.Column]:
        """Notes by completed weeks of gestation."""
        weeks = self.tally.weeks
        return [(str(week), weeks[week]) for week in range(min(weeks), max(weeks) + 1)] if weeks else []

    def picture(self, columns: Sequence[histogram.Column], name: str, title: str, below: str) -> Markup:
        """Return columns as a picture, whose description says what they come to."""
        total = sum(number for _, number in columns)
        label, most = max(columns, key=lambda one: one[1])
        desc = f"{total:,} notes. Most of them, {most:,}, at {label}. The table beside has all numbers."
        return Markup(histogram.svg(columns, name, title, below, desc))  # noqa: S704  escaped there

    # --- completeness ---

    def completeness(self, template: Template, counted: OfTemplate) -> Iterator[tuple[str, list[Row]]]:
        """Yield each section with its fields."""
        pairs = zip(fields(template), counted.fields.of_all(), strict=True)
        rows: dict[str, list[Row]] = {}
        for element, counts in pairs:
            within = f"{template.elements[element.group].title}: " if element.group else ""
            rows.setdefault(element.path.partition(".")[0], []).append(Row(within + element.title, counts, NOT_ASKED))
        for section in template.sections:
            if section.name in rows:
                yield section.title, rows[section.name]


def _titles(letters: Mapping[str, str], last: str) -> list[str]:
    return [said for letter, said in letters.items() if letter != last] + [letters[last]]


def _by_number(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _band(at: int) -> str:
    low = at * _LENGTHS
    return f"{low}+" if low >= _LONGEST else f"{low}–{low + _LENGTHS - 1}"
