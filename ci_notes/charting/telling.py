"""The course in words: what belongs under the picture, and the same content as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ci_notes import dating, wording
from ci_notes.charting.course import Course, Event, Line, Point
from ci_notes.template import Published


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the day and the gestational age as they are said, what, its value or detail, remarks.

    `kind` is length, or the kind of event.
    """

    kind: str
    on: str
    gestation: str
    what: str
    value: str
    remarks: str
    note: str


def caption(course: Course) -> list[str]:
    """Return the sentences that belong under the picture: due date, thresholds, references with source and grade."""
    said = []
    if course.edd:
        said.append(f"Gestational ages by the due date of {wording.say_date(course.edd, course.jurisdiction)}.")
    said += [_threshold(line) for line in course.lines]
    if course.published:
        told = "; ".join(map(_published, course.published))
        said.append(f"{course.study}: {told}. Source: {course.cited}. Nothing is drawn between those weeks.")
    return [*said, *course.remarks]


def _threshold(line: Line) -> str:
    return f"Line at {wording.say_quantity(line.length, 'mm')}{_window(line)}: {'; '.join(line.says)}."


def _window(line: Line) -> str:
    ages = [weeks(one) for one in (line.begins, line.ends) if one is not None]
    if not ages:
        return ""
    if len(ages) == 2:
        return f", {ages[0]} to {ages[1]} weeks"
    return f", {'until' if line.begins is None else 'from'} {ages[0]} weeks"


def _published(one: Published) -> str:
    percentiles = [f"{wording.say_number(length)} ({ordinal(number)})" for number, length in one.percentiles]
    listed = f", percentiles {wording.listed(percentiles)} mm" if percentiles else ""
    mean = f"mean {wording.say_number(one.mean)} ± {wording.say_number(one.deviation)} mm"
    return f"at {one.days // 7} weeks ({one.women} women) {mean}{listed}"


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def weeks(days: int) -> str:
    """Return a gestational age in days as weeks and days: 24+0."""
    return f"{days // 7}+{days % 7}"


def gestation(days: int | None) -> str:
    """Return a gestational age as the table has it; what was before this pregnancy says so."""
    if days is None:
        return "not known"
    return dating.say_gestation((days, days)) if days >= 0 else "before this pregnancy"


def table(course: Course) -> list[Row]:
    """Return the same content in rows, in order of time."""
    rows = [*_lengths(course), *_happened(course)]
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


Dated = tuple[tuple[bool, str, int], Row]


def _lengths(course: Course) -> Iterator[Dated]:
    for one in course.points:
        seen = [*one.flags, *(["told in a later note"] if one.told else [])]
        row = Row("length", *_when(course, one), "Cervical length", _mm(one.length), ", ".join(seen), one.note)
        yield (_order(one), row)


def _happened(course: Course) -> Iterator[Dated]:
    for one in course.events:
        yield (_order(one), Row(one.kind, *_when(course, one), one.say, "", one.detail, one.note))


def _order(one: Point | Event) -> tuple[bool, str, int]:
    return (not one.on, one.on, one.days or 0)


def _when(course: Course, one: Point | Event) -> tuple[str, str]:
    on = wording.say_date(one.on, course.jurisdiction) if one.on else "not known"
    return on, gestation(one.days)


def _mm(length: float) -> str:
    return wording.say_quantity(length, "mm")


def description(course: Course) -> str:
    """Return what the picture shows, for who does not see it."""
    said = [*_told_lengths(course.points)]
    happened = [f"{one.say} at {gestation(one.days)}" for one in course.events]
    if happened:
        said.append(f"{wording.listed(happened)}.")
    return " ".join([*said, "The table has the same content."])


def _told_lengths(points: Sequence[Point]) -> Iterator[str]:
    if not points:
        yield "No measurement."
        return
    told = [f"{_mm(one.length)} at {gestation(one.days)}" for one in points]
    shortest = min(points, key=lambda one: one.length)
    if len(points) == 1:
        yield f"One measurement: {told[0]}."
    else:
        least = told[points.index(shortest)]
        yield f"{len(points)} measurements, from {told[0]} to {told[-1]}; the shortest is {least}."
