"""Gathers from the notes of one pregnancy what was measured and what happened, each once, with the note it is from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ci_notes import dating, kinds, wording
from ci_notes.derive import Note, Record
from ci_notes.element import Element
from ci_notes.template import HEADER, Chart, Happening, Mark, Measured, Position, Published, Threshold


@dataclass(frozen=True, slots=True)
class Point:
    """A measurement: `length` in mm on a day (`on`, ISO), at a gestational age in days where that can be told.

    `flags` are what was seen with it, in words. `usual` is false where it is not comparable with the others, as a
    transabdominal one; `told` is true where no note measured it and one says that it had been measured.
    """

    days: int | None
    length: float
    on: str
    note: str
    flags: tuple[str, ...] = ()
    usual: bool = True
    told: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a day (`on`, ISO; empty if only its age is known), with the note that says so.

    What is `tentative` is planned or suspected, and no note says that it happened.
    """

    days: int | None
    kind: str
    say: str
    on: str
    note: str
    detail: str = ""
    tentative: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A length in mm that guidelines act on, from and until a gestational age in days where they name one.

    `says` are their positions, each with jurisdiction, source and how far that was seen.
    """

    length: float
    begins: int | None
    ends: int | None
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What the notes of one pregnancy say of the cervix, in order of time; empty where there are no notes.

    `edd` (ISO) is the due date by which ages are told. `published` are the lengths of the study that `cited` names, at
    the weeks at which it has them. `remarks` are what a reader of the picture must know beside that.
    """

    points: tuple[Point, ...] = ()
    events: tuple[Event, ...] = ()
    lines: tuple[Line, ...] = ()
    published: tuple[Published, ...] = ()
    study: str = ""
    cited: str = ""
    edd: str = ""
    jurisdiction: str = ""
    remarks: tuple[str, ...] = ()


def cervical_lengths(notes: Sequence[Note]) -> Course:
    """Return the course of one pregnancy from its notes in order of time; one entered in error counts for nothing."""
    told = [note for note in notes if note.status != "entered-in-error"]
    if not told:
        return Course()
    latest = told[-1]
    chart = latest.template.chart
    edd = _due_date(told)
    several = _several(told)
    points, events = tuple(_points(told, edd)), tuple(_events(told, edd))
    return Course(
        points=points,
        events=events,
        lines=tuple(_lines(chart, several, latest.jurisdiction)),
        published=() if several else chart.published,
        study=chart.study,
        cited=chart.cited,
        edd=edd.isoformat() if edd else "",
        jurisdiction=latest.jurisdiction,
        remarks=tuple(_remarks(told, chart, [*points, *events], several)),
    )


# --- by which date ages are told -----------------------------------------------------------------------------------


def _due_date(notes: Sequence[Note]) -> date | None:
    """Return the due date of the latest note that has one, or that the latest exact age implies."""
    for note in reversed(notes):
        recorded = note.record.values.get(note.template.chart.edd)
        if recorded:
            return date.fromisoformat(recorded)
    for note in reversed(notes):
        span, on = note.record.spans.get(note.template.chart.age), _day_of(note)
        if span and on and span[0] == span[1]:
            return on + timedelta(days=dating.TERM - int(span[0]))
    return None


def _day_of(note: Note) -> date | None:
    written = note.record.values.get(f"{HEADER}.date")
    return date.fromisoformat(written[:10]) if written else None


def _several(notes: Sequence[Note]) -> bool:
    """Return whether it is a multiple pregnancy, by the latest note that says how many there are."""
    counts = (note.record.values.get(note.template.chart.plurality) for note in reversed(notes))
    return next((count for count in counts if count is not None), 1) > 1


def _age(on: str, edd: date | None) -> int | None:
    return dating.gestation_on(date.fromisoformat(on), edd) if on and edd else None


# --- measurements --------------------------------------------------------------------------------------------------


def _points(notes: Sequence[Note], edd: date | None) -> list[Point]:
    """Return the measurements in order of time; one that several notes repeat is that of the first of them."""
    found: dict[tuple[str, float], Point] = {}
    for told in (False, True):
        measured_on = {on for on, _ in found}
        for note in notes:
            for one in _measured(note, told, edd):
                if not (told and one.on in measured_on):
                    found.setdefault((one.on, one.length), one)
    return sorted(found.values(), key=lambda point: point.on)


def _measured(note: Note, told: bool, edd: date | None) -> Iterator[Point]:
    values = note.record.values
    for one in note.template.chart.lengths:
        length, on = values.get(one.length), values.get(one.on)
        if one.told == told and length is not None and on:
            flags = tuple(filter(None, (_said(mark, note, note.record) for mark in one.flags)))
            yield Point(_age(on[:10], edd), float(length), on[:10], note.id, flags, not _unusual(one, note), told)


def _unusual(one: Measured, note: Note) -> bool:
    return one.unusual is not None and bool(_said(one.unusual, note, note.record))


def _said(mark: Mark, note: Note, record: Record) -> str:
    """Return what is remarked of an element, empty where it is not to be; `record` is the row it may stand in."""
    element = _element(note, mark.element)
    value = (record if element.group else note.record).values.get(mark.element)
    if value is None or not _meant(mark, value):
        return ""
    said = wording.say(element, value, note.jurisdiction)
    return mark.say.replace("{}", said) if mark.say else said


def _meant(mark: Mark, value: Any) -> bool:
    held = value if isinstance(value, list) else [value]
    listed = any(one == other and type(one) is type(other) for one in held for other in mark.values)
    return (listed or not mark.values) and (mark.above is None or value > mark.above)


def _element(note: Note, path: str) -> Element:
    return note.template.elements[path]


# --- events --------------------------------------------------------------------------------------------------------


def _events(notes: Sequence[Note], edd: date | None) -> list[Event]:
    """Return what happened, each once and from the first note that says so; of what is planned the latest plan.

    What is planned or suspected is left out where the same has happened.
    """
    found: dict[tuple[str, int | None, str], Event] = {}
    plans: dict[str, Event] = {}
    for one in (event for note in notes for event in _happened(note, edd)):
        if one.tentative:
            same = plans.get(one.kind)
            plans[one.kind] = one if same is None or same.on != one.on else same
        else:
            found.setdefault((one.kind, one.days, one.on), one)
    done = {event.kind for event in found.values()}
    left = [plan for kind, plan in plans.items() if kind not in done]
    return sorted([*found.values(), *left], key=lambda event: (event.on, event.days or 0))


def _happened(note: Note, edd: date | None) -> Iterator[Event]:
    for one in note.template.chart.events:
        group = _element(note, one.on).group
        for record in note.record.rows.get(group, ()) if group else [note.record]:
            if one.only is None or _said(one.only, note, record):
                yield from _event(one, note, record, edd)


def _event(one: Happening, note: Note, record: Record, edd: date | None) -> Iterator[Event]:
    span = record.spans.get(one.on)
    if span is None or span[0] != span[1]:
        return
    days: int | None
    if _element(note, one.on).kind == "gestational-age":
        days = int(span[0])
        on = (edd - timedelta(days=dating.TERM - days)).isoformat() if edd else ""
    else:
        on = kinds.UNSPAN["date"](span)
        days = _age(on, edd)
    detail = _said(Mark(one.detail), note, record) if one.detail else ""
    yield Event(days, one.kind, one.say, on, note.id, detail, one.tentative)


# --- what stands beside them ---------------------------------------------------------------------------------------


def _lines(chart: Chart, several: bool, jurisdiction: str) -> Iterator[Line]:
    """Yield the lengths that guidelines of a jurisdiction act on, or of all where none is recorded."""
    for one in chart.thresholds:
        told = tuple(map(str, _positions(one, jurisdiction)))
        if one.several == several and told:
            yield Line(one.length, one.begins, one.ends, told)


def _positions(one: Threshold, jurisdiction: str) -> list[Position]:
    return [said for said in one.positions if not jurisdiction or jurisdiction in said.jurisdictions]


def _remarks(notes: Sequence[Note], chart: Chart, shown: Sequence[Point | Event], several: bool) -> Iterator[str]:
    jurisdiction = notes[-1].jurisdiction
    told = (note.record.values.get(note.template.chart.edd) for note in notes)
    dates: list[str] = [*dict.fromkeys(one for one in told if one)]
    if len(dates) > 1:
        said = [wording.say_date(one, jurisdiction) for one in dates]
        yield f"The notes have {wording.listed(said)} as due date; ages are by that of the latest note."
    undated = sum(one.days is None for one in shown)
    if undated:
        yield f"{undated} of the entries have no gestational age, so the table alone has them."
    if several and chart.study:
        yield f"The lengths of {chart.study} are not drawn in a multiple pregnancy."
