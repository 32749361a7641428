"""A note as every later station reads it: recorded values, reasons of absence, and what is computed from them, once.

Wrong shape at one element makes that element unknown; everything else is read as usual.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from ci_notes import expression, kinds
from ci_notes.dating import Span
from ci_notes.element import ABSENCES, Element
from ci_notes.recent import Recent
from ci_notes.shape import Problem, problems, row_name
from ci_notes.template import HEADER, Template

Held = TypeVar("Held")

Wrong = Collection[tuple[str, str]]
"""Places, each an element and the row it stands in, whose values have the wrong shape."""

DATED = ":date"
"""What stands after the path of an earlier value where the day of its note is meant."""

_DAY = f"{HEADER}.date"

_DECIMALS = 6
"""Of what is computed: 18.1 less 24.3 is -6.2, and not what binary fractions make of it."""

LATEST = 308
"""Days: the latest gestational age that is computed, 44+0 weeks (guidelines §2.0, preg.ga)."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a value is missing: a FHIR data-absent-reason code, and the reason in words if one was given."""

    code: str
    reason: str = ""


@dataclass(slots=True)
class Record:
    """Values by element path; one for the note, and one for each row of a repeating group.

    `spans` holds the place on the number line of every ordered value, computed ones included, as (lowest, highest):
    numbers in the element's unit, gestational ages in days, dates as day ordinals.
    """

    row: str = ""
    number: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    absent: dict[str, Absence] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    rows: dict[str, list["Record"]] = field(default_factory=dict)
    asked: Mapping[tuple[str, str], bool | None] | None = field(default=None, init=False, repr=False, compare=False)
    """What is asked after all answers, once somebody wanted to know (`checks.asked`)."""

    def state(self, path: str) -> str:
        """Return known, absent, wrong (recorded in an unusable shape) or untouched."""
        if path in self.values or path in self.rows:
            return "known"
        if path in self.absent:
            return "absent"
        return "wrong" if path in self.wrong else "untouched"


@dataclass(frozen=True, slots=True)
class Note:
    """A note read against its template: the data as recorded, the record made of it, and what has the wrong shape.

    `unread` are fields of an extension that the note was written with and that is not here: kept, and not known.
    """

    template: Template
    data: Mapping[str, Any]
    record: Record
    problems: tuple[Problem, ...]
    unread: tuple[Problem, ...] = ()

    @property
    def id(self) -> str:
        """The note's own id; empty where it has none."""
        held = self.data.get("id")
        return "" if held is None else str(held)

    @property
    def status(self) -> str:
        """draft, final, amended or entered-in-error; a note that does not say is a draft."""
        return str(self.record.values.get(f"{HEADER}.status", "draft"))

    @property
    def written_with(self) -> str:
        """The extension that the note was written with, as hospital.1; empty for none."""
        return str(self.data.get("version", "")).partition("+")[2]

    @property
    def jurisdiction(self) -> str:
        """US, UK, CA or INTL, as recorded or as asked for in its place; empty if neither."""
        return str(self.record.values.get("jurisdiction", ""))


def note(template: Template, data: Any, jurisdiction: str = "", earlier: Sequence[Note] = ()) -> Note:
    """Return data read against a template; nothing is raised, what is wrong is in `problems`.

    A jurisdiction given here stands in for the note's own wherever guidelines are chosen. `earlier` are the notes
    of the same pregnancy that were written before, the first of them first; rules may hold this one against them.
    """
    found = tuple(problems(template, data))
    plain = data if isinstance(data, Mapping) else {}
    wrong = {(problem.element, problem.row) for problem in found if problem.element}
    read = record(template, plain, wrong, jurisdiction)
    _remember(read, template, earlier)
    written_with = str(plain.get("version", "")).partition("+")[2]
    not_here = written_with not in ("", template.version.partition("+")[2])
    unread = tuple(problem for problem in found if problem.unknown and not_here)
    return Note(template, plain, read, tuple(one for one in found if one not in unread), unread)


def _remember(into: Record, template: Template, earlier: Sequence[Note]) -> None:
    """Put what earlier notes say beside what this one does, under earlier.section.element: of each its latest value.

    A value stays until a later note has another one, whatever kind of note that is: a scan that says nothing of the
    due date does not make it forgotten. A reason of absence stands only where no earlier note has a value. Beside each
    value stands the date of the note it is from. What a note holds of itself is that of the latest note alone.
    """
    for before in earlier:
        latest, held = before is earlier[-1], before.record
        answered = {*held.values, *held.spans, *held.rows, *held.absent, *held.wrong}
        for path, key in _alike(template, before.template):
            if path in answered and (latest or not path.startswith(f"{HEADER}.")):
                _recall(into, held, path, key)


_Alike = list[tuple[str, str]]
_ALIKE: Recent[tuple[Template, Template, _Alike]] = Recent(64)


def _alike(template: Template, other: Template) -> _Alike:
    """Return the elements that two kinds of note record in the same form, and as what the earlier one is remembered."""

    def made() -> tuple[Template, Template, _Alike]:
        like = [path for path, element in template.elements.items() if _is_like(element, other.elements.get(path))]
        return template, other, [(path, f"{expression.EARLIER}{path}") for path in like]

    # By identity: hashing a template would cost more than comparing them. Both are kept, so that each id stays its own.
    return _ALIKE.get((id(template), id(other)), made)[2]


def _is_like(one: Element, other: Element | None) -> bool:
    return other is not None and (one.kind, one.unit, one.base) == (other.kind, other.unit, other.base)


def _recall(into: Record, held: Record, path: str, key: str) -> None:
    value, span, rows = held.values.get(path), held.spans.get(path), held.rows.get(path)
    if value is not None or span is not None or rows is not None:
        into.absent.pop(key, None)
        into.wrong.discard(key)
        _put(into.values, key, value)
        _put(into.spans, key, span)
        _put(into.rows, key, rows)
        _put(into.values, f"{key}{DATED}", held.values.get(_DAY))
    elif path in held.absent and key not in into.values:
        into.absent[key] = held.absent[path]
    elif path in held.wrong and key not in into.values:
        into.wrong.add(key)


def _put(into: dict[str, Held], key: str, value: Held | None) -> None:
    """Take a value in the place of one from before, or take that away."""
    if value is None:
        into.pop(key, None)
    else:
        into[key] = value


def record(template: Template, data: Mapping[str, Any], wrong: Wrong = (), jurisdiction: str = "") -> Record:
    """Return a note's data as a record, with computed values added, which may depend on the jurisdiction."""
    result = Record()
    for section, recorded in template.recorded.items():
        held = data if section == HEADER else data.get(section)
        if isinstance(held, Mapping):
            _take(result, recorded, held, wrong)
    chosen = jurisdiction or result.values.get(f"{HEADER}.jurisdiction")
    if chosen:
        result.values["jurisdiction"] = chosen
    for path, compute in _computations(template.computed):
        span = compute(result)
        if span[0] == span[0] and span != kinds.UNKNOWN:
            _computed(result, template.elements[path], span)
    return result


def _take(into: Record, recorded: Mapping[str, Element], held: Mapping[str, Any], wrong: Wrong) -> None:
    """Take what is held of some elements; what these do not have is passed over."""
    values, spans = into.values, into.spans
    for name, value in held.items():
        element = recorded.get(name)
        if element is None:
            continue
        if (wrong or value.__class__ in _HOLDERS) and _is_taken_as_no_value(into, element, value, wrong):
            continue
        order = _ORDERED(element.kind)
        if order is None:
            values[element.path] = value
        else:
            values[element.path] = taken = _whole(value) if element.kind == "integer" else value
            spans[element.path] = order(taken)


_HOLDERS = (dict, list)
_ORDERED = kinds.SPANS.get


def _whole(value: Any) -> Any:
    """Return JSON's 3.0 as the whole number 3."""
    return int(value) if isinstance(value, float) else value


def _is_taken_as_no_value(into: Record, element: Element, value: Any, wrong: Wrong) -> bool:
    """Take what is wrong, absent, or rows; return whether it was one of these."""
    path, is_mapping = element.path, isinstance(value, Mapping)
    absent = value.get("absent") if is_mapping else None
    if (path, into.row) in wrong or (is_mapping and absent not in ABSENCES):
        into.wrong.add(path)
    elif isinstance(absent, str):
        into.absent[path] = Absence(absent, str(value.get("reason", "")))
    elif element.kind == "group":
        into.rows[path] = [_row(element, number, row, wrong) for number, row in enumerate(value, 1) if _is_row(row)]
    else:
        return False
    return True


def _is_row(data: Any) -> bool:
    return data.__class__ is dict or isinstance(data, Mapping)


def _row(group: Element, number: int, data: Mapping[str, Any], wrong: Wrong) -> Record:
    row = Record(row=row_name(data, number), number=number)
    _take(row, group.columns, data, wrong)
    return row


def _computed(into: Record, element: Element, span: Span) -> None:
    if element.kind == "date" and not (span[0] >= 1 and span[1] <= date.max.toordinal()):
        return  # no calendar has such a day
    span = round(span[0], _DECIMALS), round(span[1], _DECIMALS)
    into.spans[element.path] = span
    exact = span[0] == span[1]
    if element.kind == "gestational-age" and not (span[0] >= 0 and span[1] <= LATEST):
        return  # dates so far apart belong to no pregnancy: a rule says so, and there is no such age to print
    if (exact or element.kind == "gestational-age") and abs(span[0]) < 1e9:
        into.values[element.path] = kinds.UNSPAN[element.kind](span)


@lru_cache(maxsize=64)
def _computations(computed: tuple[tuple[str, str], ...]) -> list[tuple[str, Callable[[Any], Span]]]:
    return [(path, expression.compile_value(source)) for path, source in computed]
