"""A bundle that somebody else wrote, as a new note: what is recognised by code and unit, and an account of the rest.

The resources are read one by one (`gleaning`) into candidates for elements; here the latest of each is chosen, and the
note put together. Nothing is concluded: an element is filled where a resource says its value, and no answer becomes a
"no" that was not given as one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ci_notes import derive, kinds, wording
from ci_notes.element import ABSENCES
from ci_notes.errors import InputError, plain
from ci_notes.fhir.reading import values
from ci_notes.fhir.reading.account import Left, Reading, Taken
from ci_notes.fhir.reading.gleaning import Candidate, Gleaning
from ci_notes.fhir.reading.incoming import Entry, addressed, refuse_other_versions, the_patient
from ci_notes.fhir.reading.recognised import IMPLIED, LENGTH, STATED_GA
from ci_notes.fhir.reading.values import UnfitError
from ci_notes.places import label, place
from ci_notes.template import HEADER, Template

Json = dict[str, Any]

DUE_DATE = "pregnancy.edd"
READ_ALONE = ("Patient", "Observation", "Condition", "Procedure", "AllergyIntolerance", "MedicationStatement",
              "MedicationRequest", "Encounter")  # fmt: skip
"""Resources that may come without a Bundle around them."""


def read_foreign(source: Any, template: Template, note_id: str, date: str = "", now: str = "") -> Reading:
    """Return a new draft with what a bundle, a page of a search or a single resource of somebody else says.

    `date` is that of the note: by default the last one that the bundle says itself, or `now` if it says none. What was
    taken stands in the note's `carried`, one row a value, until somebody confirms it. Raises InputError for what is no
    FHIR R4, for several patients, and where there is no date for the note.
    """
    entries, remarks = _opened(source)
    patient = the_patient(entries)
    gleaned = [*Gleaning(template, entries, patient).all()]
    candidates = [one for one in gleaned if isinstance(one, Candidate)]
    left = [one for one in gleaned if isinstance(one, Left)]
    dated = date or _last_date(source, entries, candidates) or now
    moment = _moment(dated)
    if candidates and not moment:
        raise InputError("nothing in the bundle says of which day it is; give the date of the note")
    chosen, passed = _Choosing(template, moment[:10]).chosen(candidates)
    data, taken, unfit = _Writing(template, note_id, moment).written(chosen)
    if moment != dated:
        remarks.append(f"the note is of {dated[:10]}, without a time of day: 00:00 stands in its place")
    return Reading(data, False, tuple(taken), (*left, *passed, *unfit), tuple(remarks))


def _moment(dated: str) -> str:
    """Return a date with a time of day, which a note must have; where none is said, midnight."""
    return dated if not dated or kinds.is_moment(dated) else f"{dated[:10]}T00:00:00Z"


# --- what it is ----------------------------------------------------------------------------------------------------


def _opened(source: Any) -> tuple[list[Entry], list[str]]:
    """Return the resources that were given, and what is to be said of the whole."""
    kind = source.get("resourceType") if isinstance(source, Mapping) else None
    if kind == "OperationOutcome":
        raise InputError(f"this is what a server said, not a bundle: {_outcome(source)}")
    if kind in READ_ALONE:
        refuse_other_versions(source)
        return [Entry(1, "", dict(source))], []
    entries = addressed(source)
    outcomes = [_outcome(entry.resource) for entry in entries if entry.kind == "OperationOutcome"]
    rest = [entry for entry in entries if entry.kind != "OperationOutcome"]
    if not rest:
        said = f": the server said {outcomes[0]}" if outcomes else ""
        raise InputError(f"the bundle holds no resource{said}")
    remarks = [f"the server said: {one}" for one in outcomes]
    links = source.get("link") if isinstance(source.get("link"), list) else []
    if any(isinstance(one, Mapping) and one.get("relation") == "next" for one in links):
        remarks.append("this is one page of a search; the server has more")
    return rest, remarks


def _outcome(resource: Mapping[str, Any]) -> str:
    """Return what an OperationOutcome says."""
    issues = resource.get("issue")
    said = []
    for issue in issues if isinstance(issues, list) else ():
        if isinstance(issue, Mapping):
            words = plain(issue.get("diagnostics") or values.said_concept(issue.get("details")) or "", 200)
            said.append(words or plain(issue.get("code", "")))
    return "; ".join(filter(None, said)) or "nothing more"


def _last_date(source: Any, entries: Sequence[Entry], candidates: Sequence[Candidate]) -> str:
    """Return the last date, or date and time, that a bundle says of its values, else of its document; perhaps none."""
    said = [one.on for one in candidates if one.on]
    if not said:
        said = [str(entry.resource.get("date")) for entry in entries if entry.kind == "Composition"]
        said += [str(source.get("timestamp"))]
        said = [one for one in said if kinds.is_date(one[:10])]
    return max(said, key=lambda one: (one[:10], kinds.is_moment(one), one), default="")


# --- which of several ----------------------------------------------------------------------------------------------


_OF_THIS_PREGNANCY = (
    *("pregnancy", "cerclage", "removal", "suture_removal", "operation", "pprom"),
    *("symptoms", "vitals", "exam", "labs", "amnio", "fetal", "ultrasound"),
)
"""Sections of what changes from one pregnancy to the next."""

_LASTS = frozenset({"vitals.height"})
_LONGEST = timedelta(weeks=43)
_OVER = timedelta(weeks=12)
"""How long after its due date a pregnancy, with the weeks after the birth, is over."""


def _start(candidates: Sequence[Candidate], day: str) -> date:
    """Return the first day of what can be of this pregnancy: by its due date, else as long ago as a pregnancy lasts."""
    today = date.fromisoformat(day)
    due = [one for one in candidates if one.path == DUE_DATE and isinstance(one.value, str)]
    last = max((date.fromisoformat(one.value) for one in due), default=None)
    begun = last - timedelta(days=280) if last and last + _OVER >= today else today - _LONGEST
    return min(begun, today)


def _is_before(one: Candidate, start: date, day: str) -> bool:
    """Return whether a value is of an earlier pregnancy, or of before this one."""
    section = one.path.partition(".")[0]
    if one.path in _LASTS or not (section in _OF_THIS_PREGNANCY or one.path == "diagnosis.short_cervix"):
        return False
    if one.path == DUE_DATE and isinstance(one.value, str):
        return date.fromisoformat(one.value) + _OVER < date.fromisoformat(day)
    return bool(one.on) and date.fromisoformat(one.on[:10]) < start


def _of_then(one: Candidate, start: date) -> str:
    if one.path == DUE_DATE:
        return "that pregnancy is over"
    return f"it is of {one.on[:10]}; this pregnancy cannot have begun before {start}"


def _preferred(best: Candidate, other: Candidate) -> str:
    """Return why one value is taken rather than another of the same element."""
    if other.on >= best.on:
        return f"{best.source} says it better"
    return f"{best.source} of {best.on[:10]} is later" if other.on else f"{best.source} has a date, which this has not"


class _Choosing:
    """Chooses one candidate for each element: the latest, of the code that says it best."""

    def __init__(self, template: Template, day: str) -> None:
        self.template = template
        self.day = day
        self.left: list[Left] = []
        self.start = date.min

    def chosen(self, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Left]]:
        """Return the chosen candidates in the template's order, and those that were passed over."""
        self.left = []
        self.start = _start(candidates, self.day) if candidates else date.min
        usable = [one for one in map(self._on_the_day, candidates) if one is not None]
        groups: dict[tuple[str, str], list[Candidate]] = {}
        for one in usable:
            groups.setdefault((one.path, one.row), []).append(one)
        found = [best for alike in groups.values() if (best := self._best(alike)) is not None]
        found = self._of_one_date(self._of_one_scan(found))
        order = {path: index for index, path in enumerate(self.template.elements)}
        return sorted(found, key=lambda one: order[one.path]), self.left

    def _pass(self, one: Candidate, why: str, because: str = "") -> None:
        self.left.append(Left(one.source, one.found or self.template.elements[one.path].title, why, because))

    def _on_the_day(self, one: Candidate) -> Candidate | None:
        """Return a candidate as it is on the day of the note; None where it is later, or no longer possible."""
        if one.on[:10] > self.day:
            self._pass(one, "newer", f"{one.on[:10]} is after {self.day}")
            return None
        if _is_before(one, self.start, self.day):
            self._pass(one, "earlier", _of_then(one, self.start))
            return None
        if one.path != STATED_GA or isinstance(one.value, dict):
            return one
        if not one.on:
            self._pass(one, "no-date", "a gestational age is that of a day")
            return None
        days = (date.fromisoformat(self.day) - date.fromisoformat(one.on[:10])).days
        try:
            later = values.later_by(one.value, days)
        except UnfitError:
            self._pass(one, "older", f"{one.value} on {one.on[:10]}; no pregnancy lasts until {self.day}")
            return None
        how = f"{one.value} on {one.on[:10]} is {later} on {self.day}" if days else ""
        return replace(one, value=later, how="; ".join(filter(None, [one.how, how])))

    def _best(self, alike: list[Candidate]) -> Candidate | None:
        """Return the latest of those for one element; a reason of absence gives way to a value."""
        known = [one for one in alike if not isinstance(one.value, dict)] or alike
        rank = min(one.rank for one in known)
        known = [one for one in known if one.rank == rank]
        last = max(one.on for one in known)
        latest = [one for one in known if one.on == last]
        best = latest[0]
        for one in alike:
            if one not in latest:
                self._pass(one, "older", _preferred(best, one))
        if any(one.value != best.value for one in latest):
            for one in latest:
                self._pass(one, "contradiction", f"{', '.join(other.source for other in latest)} differ")
            return None
        for one in latest[1:]:
            if one.source != best.source:
                self._pass(one, "older", f"{best.source} says the same")
        return best

    def _of_one_scan(self, found: list[Candidate]) -> list[Candidate]:
        """Return the candidates with the lengths of the last day alone: each measurement of it is a row."""
        lengths = [one for one in found if one.path == LENGTH]
        last = max((one.on[:10] for one in lengths), default="")
        for one in lengths:
            if one.on[:10] != last:
                self._pass(one, "older", f"the last scan is of {last}")
        return [one for one in found if one.path != LENGTH or one.on[:10] == last]

    def _of_one_date(self, found: list[Candidate]) -> list[Candidate]:
        """Return the candidates with the date that they are dated by; what is of an earlier one is passed over."""
        dates: dict[str, str] = {}
        for one in found:
            at = self._dated(one.path)
            dates[at] = max(dates.get(at, ""), one.on[:10]) if at else ""
        kept = []
        for one in found:
            last = dates[self._dated(one.path)]
            if last and one.on[:10] != last:
                self._pass(one, "older", f"others of the same kind are of {last}")
            else:
                kept.append(one)
        return [*kept, *self._dates(kept)]

    def _dates(self, kept: Sequence[Candidate]) -> Iterator[Candidate]:
        done: set[str] = set()
        for one in kept:
            at = self._dated(one.path)
            element = self.template.elements.get(at)
            if element is None or not one.on or at in done or isinstance(one.value, dict):
                continue
            done.add(at)
            if element.required or one.on[:10] != self.day:
                how = f"the date of {self.template.elements[one.path].say}"
                yield Candidate(at, one.on[:10], one.source, one.on, one.on, how)

    def _dated(self, path: str) -> str:
        element = self.template.elements[path]
        group = self.template.elements.get(element.group)
        at = element.dated or (group.dated if group else "")
        return at if at in self.template.elements else ""


# --- the note ------------------------------------------------------------------------------------------------------


class _Writing:
    """Puts a new note together, and drops what its template's shape does not allow."""

    def __init__(self, template: Template, note_id: str, moment: str) -> None:
        self.template = template
        self.data: Json = {"id": note_id, "template": template.id, "version": template.version, "status": "draft"}
        self.data["date"] = moment
        self.rows: dict[tuple[str, str], Json] = {}

    def written(self, chosen: Sequence[Candidate]) -> tuple[Json, list[Taken], list[Left]]:
        """Return the note's data, what stands in it, and what had no place after all."""
        chosen = [*chosen, *self._implied(chosen)]
        for one in chosen:
            self._holder(one)[self.template.elements[one.path].name] = one.value
        unfit = self._without_faults(chosen)
        gone = {one.source for one in unfit}
        kept = [one for one in chosen if not (one.source in gone and self._is_gone(one))]
        record = derive.note(self.template, self.data)
        taken = [self._taken(one, record) for one in kept]
        if taken:
            self._mark(kept, taken)
        return self._ordered(), taken, unfit

    def _implied(self, chosen: Sequence[Candidate]) -> Iterator[Candidate]:
        """Yield the yes to "any?" where one of them is told."""
        said = {one.path for one in chosen}
        for one in chosen:
            element = self.template.elements[one.path]
            path = IMPLIED.get(element.group or one.path, "")
            if path in self.template.elements and path not in said and not isinstance(one.value, dict):
                said.add(path)
                yield replace(one, path=path, value=True, row="", how="one is told")

    def _holder(self, one: Candidate) -> Json:
        element = self.template.elements[one.path]
        group = self.template.elements.get(element.group)
        section = one.path.partition(".")[0]
        held: Json = self.data if section == HEADER else self.data.setdefault(section, {})
        if group is None:
            return held
        if (group.path, one.row) not in self.rows:
            rows = held.setdefault(group.name, [])
            self.rows[group.path, one.row] = {"id": f"r{len(rows) + 1}"}
            rows.append(self.rows[group.path, one.row])
        return self.rows[group.path, one.row]

    def _without_faults(self, chosen: Sequence[Candidate]) -> list[Left]:
        """Take out what does not have the shape of its element."""
        left = []
        for problem in derive.note(self.template, self.data).problems:
            for one in chosen:
                element = self.template.elements[one.path]
                holder = self._holder(one)
                if one.path == problem.element and element.name in holder and problem.row in ("", holder.get("id")):
                    del holder[element.name]
                    left.append(Left(one.source, one.found, "value", problem.message))
        return left

    def _is_gone(self, one: Candidate) -> bool:
        return self.template.elements[one.path].name not in self._holder(one)

    def _at(self, one: Candidate, note: derive.Note) -> tuple[str, str]:
        element = self.template.elements[one.path]
        rows = note.record.rows.get(element.group, ())
        row_id = self._holder(one).get("id") if element.group else None
        row = next((row for row in rows if row.row == row_id), None)
        return place(one.path, row), label(self.template, one.path, row)

    def _taken(self, one: Candidate, note: derive.Note) -> Taken:
        at, title = self._at(one, note)
        element = self.template.elements[one.path]
        said = ABSENCES[one.value["absent"]] if isinstance(one.value, dict) else wording.say(element, one.value, "")
        return Taken(at, title, said, one.source, one.found, one.on, one.how)

    def _mark(self, kept: Sequence[Candidate], taken: Sequence[Taken]) -> None:
        """Note for each value where it comes from, until somebody has confirmed it."""
        if f"{HEADER}.carried" not in self.template.elements:
            return
        rows = []
        for number, (one, said) in enumerate(zip(kept, taken, strict=True), 1):
            # What would tell who she is stands in its own element alone.
            told = said.found and not self.template.elements[one.path].identifying
            source = f"{said.source}: {said.found}" if told else said.source
            row = {"id": f"c{number}", "at": said.at, "what": said.title, "source": source}
            rows.append(row | ({"on": one.on[:10]} if one.on else {}))
        self.data["carried"] = rows

    def _ordered(self) -> Json:
        """Return the data in the order of the template."""
        ordered: Json = {key: self.data[key] for key in ("id", "template", "version")}
        for section in self.template.sections:
            held = self.data if section.name == HEADER else self.data.get(section.name, {})
            inside = {one.name: held[one.name] for one in section if one.name in held and held[one.name] != []}
            ordered |= inside if section.name == HEADER else {section.name: inside} if inside else {}
        return ordered
