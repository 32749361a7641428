"""The notes of one patient, and of one pregnancy: which notes come before another, so that they can be compared."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ci_notes import kinds


def patients_of(data: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return by what a note's patient can be told from others: an identifier with its system, and a pseudonym.

    An identifier alone is none, since two hospitals may give the same number.
    """
    patient = data.get("patient")
    told = patient if isinstance(patient, Mapping) else {}
    system, identifier, pseudonym = (told.get(name) for name in ("identifier_system", "identifier", "pseudonym"))
    pairs = [(system, identifier), ("pseudonym", pseudonym)]
    return {(one, other) for one, other in pairs if isinstance(one, str) and isinstance(other, str)}


def ranked(patient: tuple[str, str]) -> tuple[bool, tuple[str, str]]:
    """Return in which order patients are named by what they are known by: numbers before pseudonyms."""
    return patient[0] == "pseudonym", patient


def foremost(patients: Collection[tuple[str, str]]) -> str:
    """Return as what a patient is known before all: a number with its system, else a pseudonym; empty for neither."""
    first = min(patients, key=ranked, default=())
    return "\x1f".join(first)


def told_by(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a note what this module looks at, to be kept where the note itself need not be read once more."""
    patient, pregnancy = (held if isinstance(held, Mapping) else {} for held in map(data.get, ("patient", "pregnancy")))
    known = {name: patient[name] for name in ("identifier_system", "identifier", "pseudonym") if name in patient}
    return {"date": data.get("date"), "patient": known, "pregnancy": {"edd": pregnancy.get("edd")}}


def moment_of(data: Mapping[str, Any]) -> datetime | None:
    """Return when a note was written; None where it does not say, or in a year that no pregnancy can be counted in."""
    written = data.get("date")
    moment = datetime.fromisoformat(written) if isinstance(written, str) and kinds.is_moment(written) else None
    return moment if moment is not None and moment.year in _YEARS else None


_YEARS = range(datetime.min.year + 1, datetime.max.year)
"""The years from whose days a pregnancy can be counted back and forth; 0001 is what some systems write for no day."""

_RANKS = ("draft", "final", "amended")
"""The statuses of a note that may precede another, the one that replaces the others last."""

MOST_EARLIER = 50
"""Notes of a pregnancy that another is held against, the latest of them: one a week, and ten more.

Where there are more, a number stands for several patients, and each note would be held against all notes of the others.
"""

_TERM, LONGEST = timedelta(days=280), timedelta(days=308)
"""From the last period to the due date, and to the latest day that is still of this pregnancy (guidelines §2.0)."""


@dataclass(frozen=True, slots=True, order=True)
class Written:
    """When a note was written, its status as a rank, its id and where it is."""

    moment: datetime
    rank: int
    id: str
    path: str


def written(path: str, data: Mapping[str, Any]) -> Written | None:
    """Return when a note was written; None for one without a date, or entered in error: it precedes no other."""
    moment, status = moment_of(data), data.get("status", "draft")
    if moment is None or status not in _RANKS:
        return None
    return Written(moment, _RANKS.index(status), str(data.get("id", path)), path)


def preceding(known: Iterable[Written], data: Mapping[str, Any]) -> list[str]:
    """Return where the notes of a pregnancy before one of its notes are, in order: signed ones, drafts if none is.

    `known` are notes of her, of which the latest `MOST_EARLIER` count; of two versions of a note it is the amended one.
    """
    moment = moment_of(data)
    if moment is None:
        return []
    period = begun(data, moment)
    before = {one for one in known if period <= one.moment < moment}
    signed = sorted(one for one in before if one.rank) or sorted(before)
    latest = {one.id: one for one in signed[-MOST_EARLIER:]}  # the later version takes the place of the first one
    return [one.path for one in sorted(latest.values())]


@dataclass(frozen=True, slots=True)
class Series:
    """When the notes of each patient were written, so that one can be held against those before it.

    Of each note only its moment, its status, its id and its path are kept: a run may have thousands.
    """

    notes: dict[tuple[str, str], list[Written]] = field(default_factory=dict)

    def add(self, path: str, data: Mapping[str, Any]) -> None:
        """Remember a note, if it can precede another."""
        found = written(path, data)
        if found is not None:
            for patient in patients_of(data):
                self.notes.setdefault(patient, []).append(found)

    def before(self, data: Mapping[str, Any]) -> list[str]:
        """Return the paths of the notes of this pregnancy before this one, as `preceding` does."""
        return preceding((one for patient in patients_of(data) for one in self.notes.get(patient, ())), data)


def begun(data: Mapping[str, Any], moment: datetime) -> datetime:
    """Return from when on a patient's notes are of the pregnancy that a note is about.

    That is the last period that its due date implies; where that cannot be, as long ago as a pregnancy can last.
    """
    pregnancy = data.get("pregnancy")
    edd = pregnancy.get("edd") if isinstance(pregnancy, Mapping) else None
    earliest = moment - LONGEST
    if not isinstance(edd, str) or not kinds.is_date(edd):
        return earliest
    due = datetime.fromisoformat(edd).replace(tzinfo=moment.tzinfo)
    return due - _TERM if earliest + _TERM <= due <= moment + _TERM else earliest
