"""Where somebody begins: their drafts, a patient looked for, new notes; and a patient with her pregnancies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ci_notes import charting, derive
from ci_notes.derive import Note
from ci_notes.record.model import COSIGNED, Draft, MissingError, Patient, Pregnancy, Standing, Written
from ci_notes.series import moment_of
from ci_notes.web import clock
from ci_notes.web.access import ADMIN, CLINICIAN, COSIGNER, QA, READERS, WRITERS, allowed, form, viewer
from ci_notes.web.beginning import author
from ci_notes.web.earlier import derived
from ci_notes.web.notes import STATUSES
from ci_notes.web.saying import ago, day, gestation, identity, kind_of_note, moment
from ci_notes.web.showing import show
from ci_notes.web.trail import note_down, person

OLD = timedelta(hours=24)
"""After which a draft that nobody signed is marked."""

_FOUND_AT_MOST, _RECENT, _LOOKED_AT, _DRAFTS = 50, 12, 60, 20

TRAINEES = ("registrar",)
"""The roles of authors whose notes wait for a second signature; everybody's may have one."""

_SHORTEST_QUERY = 2

_ALONE = "Her note has no identifier with its system and no pseudonym, so that another note cannot be put with it."

_IDENTITY = ("name", "pseudonym", "birth_date", "gender", "identifier_system", "identifier")
"""What says whose a note is. All else is offered in the form with its date, and confirmed there."""


# --- home ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft in a list: what it is, whose, how old, and who else wrote in it."""

    draft: Draft
    title: str
    identity: list[str]
    changed: str
    old: bool
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A signed note in a list."""

    note: str
    title: str
    identity: list[str]
    date: str
    said: str
    by: str
    patient: str | None
    void: bool


@allowed(CLINICIAN, COSIGNER, QA, ADMIN)
def home(request: Request) -> Response:
    """Show where somebody begins; who only looks after accounts is sent there."""
    if not viewer(request).may(*READERS):
        return RedirectResponse(request.url_for("accounts").path, 303)
    return _home(request)


@allowed(*READERS)
def search(request: Request) -> Response:
    """Show the patients that are looked for; what was typed stands in no address and in no log."""
    query = str(form(request).get("q", "")).strip()[:200]
    if len(query) < _SHORTEST_QUERY:
        return _home(request, query, None)
    found = request.app.state.record.patients.find(query, _FOUND_AT_MOST + 1, sees_drafts(request))
    shown = " ".join(one.id for one in found[:_FOUND_AT_MOST])
    more = "more were found than shown" if len(found) > _FOUND_AT_MOST else ""
    note_down(request, "search", "patient", shown, detail=more)
    return _home(request, query, found)


def _home(request: Request, query: str = "", found: Sequence[Patient] | None = None) -> Response:
    writes = viewer(request).may(*WRITERS)
    mine, others = _drafts(request) if writes else ([], [])
    ledger, offset = request.app.state.record.ledger, _offset(request)
    last = ledger.recent(_LOOKED_AT) if viewer(request).may(COSIGNER) and not offset else []
    recent = last[: _RECENT + 1] if last else ledger.recent(_RECENT + 1, offset)
    all_drafts = "drafts" in request.query_params
    return show(
        request,
        "home.html",
        query=query,
        searched=bool(query),
        short=bool(query) and found is None,
        found=[*(found or ())][:_FOUND_AT_MOST],
        more=len(found or ()) > _FOUND_AT_MOST,
        mine=mine,
        others=others if all_drafts else others[:_DRAFTS],
        more_drafts=not all_drafts and len(others) > _DRAFTS,
        waiting=[_line(request, one) for one in last if waits(request, one)],
        recent=[_line(request, one) for one in recent[:_RECENT]],
        older=offset + _RECENT if len(recent) > _RECENT else 0,
        newer=offset,
        kinds=kinds_of_note(request),
        writes=writes,
        day=day,
        nothing=not recent and not mine and not others,
    )


def _offset(request: Request) -> int:
    """Return how many of the notes signed last are passed over."""
    given = request.query_params.get("older", "0")
    return int(given) if given.isdecimal() and len(given) < 8 else 0


def kinds_of_note(request: Request) -> list[tuple[str, str]]:
    """Return every kind of note: its id, and how it is called."""
    return [(template.id, template.title) for template in request.app.state.templates.values()]


def _drafts(request: Request) -> tuple[list[Begun], list[Begun]]:
    """Return the drafts that the asking person began, and those of others."""
    own, listing = viewer(request).id, request.app.state.record.drafts.listing
    most = None if "drafts" in request.query_params else _DRAFTS + 1
    mine, others = listing(by=own), listing(but_by=own, limit=most)
    return [_begun(request, one) for one in mine], [_begun(request, one) for one in others]


def _begun(request: Request, draft: Draft) -> Begun:
    now, own = clock.now(), viewer(request).id
    template = request.app.state.templates.get(draft.template)
    old = datetime.fromisoformat(now) - datetime.fromisoformat(draft.created_at) > OLD
    people = {one.id: one.name for one in (draft.created_by, draft.updated_by) if one.id != own}
    title = kind_of_note(template, draft.data)
    return Begun(draft, title, identity(draft.data), ago(draft.updated_at, now), old, tuple(people.values()))


def _line(request: Request, standing: Standing) -> Line:
    template = request.app.state.templates.get(standing.latest.body["template"])
    title, status = kind_of_note(template, standing.data), STATUSES[standing.status]
    written = day(standing.data.get("date"))
    whose, by = identity(standing.data), standing.latest.by.name
    void = standing.status == "entered-in-error"
    return Line(standing.note, title, whose, written, status, by, standing.latest.patient, void)


def waits(request: Request, standing: Standing) -> bool:
    """Return whether a note of a trainee waits for the signature of the asking person."""
    author, current = standing.data.get("author"), standing.latest
    trainee = isinstance(author, Mapping) and author.get("role") in TRAINEES
    signed = any(one.number == current.number for one in standing.of(COSIGNED))
    asking = viewer(request)
    valid = standing.status != "entered-in-error"
    return trainee and valid and not signed and asking.may(COSIGNER) and current.by.id != asking.id


# --- a patient -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A note in a patient's list."""

    written: Written
    title: str
    date: str
    age: str
    gestation: str
    said: str
    first: str


@dataclass(frozen=True, slots=True)
class Course:
    """One pregnancy on the page: its notes, and its cervical lengths as a picture and as a table."""

    title: str
    listed: list[Listed]
    pictures: list[tuple[str, Markup]]
    caption: list[str]
    table: list[charting.Row]


@allowed(*READERS)
def patient(request: Request) -> Response:
    """Show a patient: her pregnancies in order of time, the notes of each, and the length of the cervix."""
    found = _patient(request, request.path_params["patient"])
    note_down(request, "read", "patient", found.id, found.id)
    pregnancies = request.app.state.record.patients.pregnancies(found.id)
    courses = [_course(request, one, number) for number, one in enumerate(pregnancies, 1)]
    signed = [one for course in courses for one in course.listed if one.written.status in ("final", "amended")]
    return show(
        request,
        "patient.html",
        patient=found,
        courses=courses[::-1],
        kinds=kinds_of_note(request),
        writes=viewer(request).may(*WRITERS),
        signed=signed,
        alone=_ALONE,
        last=signed[-1] if signed else None,
        day=day,
        moment=moment,
    )


def _patient(request: Request, name: str) -> Patient:
    try:
        found: Patient = request.app.state.record.patients.get(name, sees_drafts(request))
    except MissingError:
        raise HTTPException(404) from None
    return found


def sees_drafts(request: Request) -> bool:
    """Return whether the asking person may know of what nobody signed: who only reads sees signed notes."""
    return viewer(request).may(*WRITERS)


def _course(request: Request, pregnancy: Pregnancy, number: int) -> Course:
    """Return a pregnancy as the asking person may see it: drafts are for those who write."""
    sees = sees_drafts(request)
    shown = [one for one in pregnancy.notes if sees or not one.draft]
    valid = [one for one in shown if one.status in ("final", "amended")]
    course = charting.cervical_lengths([note for one in valid if (note := _read(request, one)) is not None])
    pictures = _pictures(request, course)
    title = f"Pregnancy due {day(pregnancy.edd)}" if pregnancy.edd else f"Pregnancy {number}, no due date recorded"
    return Course(
        title,
        [_listed(request, one) for one in shown],
        pictures,
        charting.caption(course) if pictures else [],
        charting.table(course),
    )


def _pictures(request: Request, course: charting.Course) -> list[tuple[str, Markup]]:
    """Return the course drawn for a telephone and for a screen, of which a page shows one; none if nothing is drawn."""

    def address(note: str) -> str:
        return request.url_for("note", note=note).path

    widths = {"narrow": charting.NARROW, "wide": charting.WIDE}
    drawn = [(how, charting.svg(course, address, _name(course, how), width)) for how, width in widths.items()]
    return [(how, Markup(one)) for how, one in drawn if one]  # noqa: S704  drawn by us; charting escapes what notes say


def _name(course: charting.Course, how: str) -> str:
    """Return by what the ids of a picture begin: no two in the page are alike."""
    first = next(iter([*(one.note for one in course.points), *(one.note for one in course.events)]), "")
    return f"course-{how}-{first}"


def _read(request: Request, written: Written) -> Note | None:
    template = request.app.state.templates.get(str(written.data.get("template")))
    if template is None:
        return None
    return derive.note(template, written.data) if written.draft else derived(template, written.data)


def _listed(request: Request, written: Written) -> Listed:
    template = request.app.state.templates.get(str(written.data.get("template")))
    note = _read(request, written)
    return Listed(
        written,
        kind_of_note(template, written.data),
        day(written.data.get("date")),
        _age(written),
        gestation(note) if note else "",
        STATUSES[written.status],
        _opening(written.sentences),
    )


def _age(written: Written) -> str:
    """Return how long ago the visit was."""
    found = moment_of(written.data)
    return ago(found.isoformat(), clock.now()) if found is not None and found.tzinfo else ""


@allowed(*READERS)
def compare(request: Request) -> Response:
    """Go to the differences between two notes of a patient, the earlier one first whichever was named first."""
    found = _patient(request, request.path_params["patient"])
    named = [request.query_params.get(name, "") for name in ("one", "other")]
    notes = [one.note for one in request.app.state.record.patients.notes(found.id) if not one.draft]
    if not set(named) <= set(notes):
        raise HTTPException(404)
    before, after = sorted(named, key=notes.index)
    url = request.url_for("differences", note=after).include_query_params(**{"with": before})
    return RedirectResponse(f"{url.path}?{url.query}", 303)


def _opening(kept: Sequence[Mapping[str, Any]]) -> str:
    """Return what a narrative says first, behind the sentence on who was seen and when; nothing of an empty one."""
    if not kept:
        return ""
    opening = [str(one["text"]) for one in kept if one["section"] == kept[0]["section"]]
    rest = [str(one["text"]) for one in kept[len(opening) :]]
    return " ".join(opening[1:3] or rest[:1] or opening)


# --- a new note ----------------------------------------------------------------------------------------------------


@allowed(*WRITERS)
def new(request: Request) -> Response:
    """Begin a draft of a kind, for a patient of the record or for one who is new."""
    given = form(request)
    template = request.app.state.templates.get(str(given.get("template", "")))
    if template is None:
        raise HTTPException(422, "Choose a kind of note.")
    data: dict[str, Any] = {"template": template.id, "version": template.version, "date": clock.here()}
    jurisdiction = request.app.state.settings.jurisdiction
    if jurisdiction:
        data["jurisdiction"] = jurisdiction
    if given.get("patient"):
        found = _patient(request, str(given["patient"]))
        if not found.keys:
            raise HTTPException(409, f"{_ALONE} Amend the note to give her number, then begin the next one.")
        data |= _of_patient(request, found)
    data |= author(request, template)
    draft = request.app.state.record.drafts.begin(data, person(request), clock.now())
    note_down(request, "begin", "draft", draft.id, draft.patient)
    return RedirectResponse(request.url_for("draft", draft=draft.id).path, 303)


def _of_patient(request: Request, found: Patient) -> dict[str, Any]:
    """Return who a patient is, as her last note says, so that the new note is hers; and its guideline set."""
    notes = [one for one in request.app.state.record.patients.notes(found.id) if one.status != "entered-in-error"]
    last = notes[-1].data if notes else {}
    held = last.get("patient", {})
    data: dict[str, Any] = {"patient": {key: held[key] for key in _IDENTITY if key in held}}
    if isinstance(last.get("jurisdiction"), str):
        data["jurisdiction"] = last["jurisdiction"]
    return data


routes: list[BaseRoute] = [
    Route("/", home, name="home"),
    Route("/patients/search", search, name="search", methods=["POST"]),
    Route("/patients/{patient}", patient, name="patient"),
    Route("/patients/{patient}/compare", compare, name="compare"),
    Route("/new", new, name="new", methods=["POST"]),
]
