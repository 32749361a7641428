"""The form: a draft is filled, saved and merged; what a page shows of it stands in `ci_notes.form`."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ci_notes import form as forms
from ci_notes.derive import Note
from ci_notes.element import ABSENCES
from ci_notes.errors import InputError
from ci_notes.form import Change, Field, Form, Outcome, Sheet, State
from ci_notes.record.model import Draft, Latest, Presence
from ci_notes.record.places import places, undone
from ci_notes.template import Template
from ci_notes.web import clock
from ci_notes.web.access import WRITERS, allowed, form, sent_json, viewer
from ci_notes.web.beginning import names, with_system
from ci_notes.web.drawing import Shown, Taken, answer, page
from ci_notes.web.earlier import earlier_notes
from ci_notes.web.trail import note_down, person, was_noted

_MOST_CHANGES = 2000
_ENDLESS = 2**31  # no database counts revisions so far
_QUIET_MINUTES = 10
"""After so long without a change by the same person, going on is a new entry of the audit trail."""


# --- a draft, read -------------------------------------------------------------------------------------------------


def _draft(request: Request) -> Draft:
    """Return the draft that the address names; raises MissingError, GoneError, DiscardedError."""
    found: Draft = request.app.state.record.drafts.get(str(request.path_params["draft"]))
    return found


def _template(request: Request, draft: Draft) -> Template:
    found: Template | None = request.app.state.templates.get(draft.template)
    if found is None:
        raise InputError(f"The note kind «{draft.template}» is not installed here, so that its draft cannot be filled.")
    return found


def _shown(request: Request, draft: Draft, template: Template, before: Sequence[Note]) -> Shown:
    """Return all that a page shows of a draft; `before` are the notes of its pregnancy before it."""
    state, today = State.from_json(draft.state), clock.today()
    note = forms.read(template, state, before)
    built = forms.build(template, state, note=note, earlier=before, today=today, names=names(request))
    beside = forms.beside(template, state, note=note, today=today)
    return Shown(draft, note, built, beside)


# --- the page ------------------------------------------------------------------------------------------------------


@allowed(*WRITERS)
def draft(request: Request) -> Response:
    """Show the form; without script, take what was filled in."""
    found = _draft(request)
    if request.method == "POST":
        return _posted(request, found)
    note_down(request, "read", "draft", found.id, found.patient)
    points = request.app.state.record.drafts.points(found.id)
    before = earlier_notes(request.app, found.data)
    shown = _shown(request, found, _template(request, found), before)
    return page(request, shown, points, "plain" in request.query_params, _told(request, shown.form))


def _posted(request: Request, found: Draft) -> Response:
    """Take the whole form as a browser without script sends it, and show it again at what was done."""
    given, template = form(request), _template(request, found)
    before = earlier_notes(request.app, found.data)
    changes = _changes_of_form(request, found, template, before)
    batch = _Batch(changes, str(uuid.uuid4()), _page_of(request))
    done, outcomes = _change(request, found, template, batch, before)
    if "review" in given.getlist("do") and not any(one.kind in _STOPS for one in outcomes):
        return RedirectResponse(request.url_for("review", draft=done.id).path, 303)
    built = _built(request, template, State.from_json(done.state), before)
    pressed = bool(given.get("do")) and given.get("do") != "save"
    told = _counted(built, changes, outcomes)
    at = _where(built, outcomes, pressed) if pressed else "#taken"
    return RedirectResponse(f"{request.url_for('draft', draft=done.id).path}?plain=1&{urlencode(told)}{at}", 303)


_ANSWERS = ("put", "choose", "absent", "clear")
"""Changes that are an answer of somebody; all others are buttons."""


def _counted(built: Form, changes: Sequence[Change], outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Return for the next page's address how many answers were saved, how many were not, and the first of those."""
    taken = [one.kind == "taken" for change, one in zip(changes, outcomes, strict=True) if change.act in _ANSWERS]
    wrong = sum(one.kind in _STOPS for one in outcomes)
    told = {"saved": str(sum(taken))}
    return told | {"left": str(wrong), "first": _where(built, outcomes, False)[1:]} if wrong else told


def _told(request: Request, built: Form) -> Taken | None:
    """Return what the last save did, as its answer said in the address of this page; None where nothing was saved."""
    given = request.query_params
    if "saved" not in given:
        return None
    every: list[Field | Sheet] = [*built.sections, *chain.from_iterable(one.fields for one in built.sections)]
    at = next((one for one in every if one.id == given.get("first")), None)
    left = _number(given.get("left"), 0)
    return Taken(_number(given["saved"], 0), left, at.id if at else "", at.title if at else "")


_STOPS = ("unclear", "doubt", "conflict", "refused")
"""Outcomes after which somebody is shown the form before it is looked through and signed."""


def _built(request: Request, template: Template, state: State, before: Sequence[Note]) -> Form:
    note = forms.read(template, state, before)
    return forms.build(template, state, note=note, earlier=before, today=clock.today(), names=names(request))


def _where(built: Form, outcomes: Sequence[Outcome], pressed: bool) -> str:
    """Return where in the page one goes on: at the first thing that was not taken, else where a button was pressed."""
    wrong = [one.place for one in outcomes if one.kind != "taken" and one.place]
    at = next(iter(wrong), outcomes[-1].place if pressed and outcomes else "")
    field = built.field(at)
    section = built.section(at.partition(".")[0])
    return f"#{field.id}" if field else f"#{section.id}" if section else ""


def _page_of(request: Request) -> str:
    """Return by what a page without script is told from other tabs: its session."""
    return f"page-{viewer(request).session}"


def _changes_of_form(request: Request, found: Draft, template: Template, before: Sequence[Note]) -> tuple[Change, ...]:
    """Return what was changed in a whole form, against the form as its page showed it."""
    given = form(request)
    seen = _number(given.get("seen"), found.revision)
    posted = {name: [one for one in given.getlist(name) if isinstance(one, str)] for name in given}
    cleared = _say_codes(posted)
    shown = _built(request, template, _as_it_was(request, found, seen), before)
    changes = forms.changes_of_post(shown, posted, seen)
    return (*[Change("clear", place, seen=seen) for place in cleared], *changes)


_CODES = {title: code for code, title in ABSENCES.items()}


def _say_codes(posted: dict[str, list[str]]) -> list[str]:
    """Put codes in the place of the words of absence; return the places whose answer is to be taken back."""
    cleared = []
    for name in [one for one in posted if one.startswith("a:")]:
        words = posted[name][-1] if posted[name] else ""
        if words == "clear":
            cleared.append(name.removeprefix("a:"))
            del posted[name]
            posted.pop(f"v:{cleared[-1]}", None)
        else:
            posted[name] = [_CODES.get(words, words)]
    return cleared


def _as_it_was(request: Request, found: Draft, seen: int) -> State:
    """Return the draft as it was at the revision that a page showed, as far as the record can say."""
    changed = request.app.state.record.drafts.since(found.id, seen) if seen < found.revision else ()
    return State.from_json(undone(found.state, changed))


def _number(given: Any, otherwise: int) -> int:
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 10 else otherwise


# --- changes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes that a browser sends at once: in their order, by a name that is sent again if no answer came."""

    changes: tuple[Change, ...]
    name: str
    tab: str
    seen: int | None = None
    have: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, held: Any) -> "_Batch":
        """Return what was sent; raises HTTPException 422 with what would be right."""
        if not isinstance(held, Mapping) or not isinstance(held.get("changes"), list):
            raise HTTPException(422, "Changes are sent as an object with «changes», a list.")
        if len(held["changes"]) > _MOST_CHANGES:
            raise HTTPException(422, f"At most {_MOST_CHANGES} changes are taken at once.")
        seen, have = held.get("seen"), held.get("have")
        return cls(
            tuple(Change.from_json(one) for one in held["changes"]),
            _name(held.get("batch")),
            _name(held.get("tab")),
            seen if isinstance(seen, int) and not isinstance(seen, bool) and abs(seen) < _ENDLESS else None,
            have if isinstance(have, Mapping) else None,
        )


def _name(given: Any) -> str:
    """Return a name that a browser made; one of its own where it made none that can be kept."""
    return given if isinstance(given, str) and 0 < len(given) <= 64 and given.isascii() else str(uuid.uuid4())


@allowed(*WRITERS)
def changes(request: Request) -> Response:
    """Take changes, and answer with what the page no longer shows as it is."""
    batch = _Batch.from_json(sent_json(request))
    found = _draft(request)
    template, before = _template(request, found), earlier_notes(request.app, found.data)
    if not batch.changes and not was_noted(request, found.id):
        note_down(request, "read", "draft", found.id, found.patient)
    done, outcomes = _change(request, found, template, batch, before)
    if any(done.data.get(name) != found.data.get(name) for name in ("patient", "pregnancy", "date")):
        before = earlier_notes(request.app, done.data)  # she may be another patient now, or another pregnancy
    shown = _shown(request, done, template, before)
    refused = {one.place for one in outcomes if one.kind == "refused"}
    told = answer(request, shown, batch.have or {}, refused)
    told["outcomes"] = [one.to_json() for one in outcomes]
    alone = found.revision == batch.seen and done.revision <= found.revision + 1
    told["theirs"] = {} if alone else _theirs(request, shown.form, done, batch)
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _change(
    request: Request, found: Draft, template: Template, batch: _Batch, before: Sequence[Note]
) -> tuple[Draft, tuple[Outcome, ...]]:
    """Apply changes in one transaction; the same batch twice is applied once."""
    if not batch.changes:
        return found, ()
    outcomes: tuple[Outcome, ...] = ()
    by = person(request)

    def apply(held: dict[str, Any], latest: Mapping[str, Latest]) -> tuple[dict[str, Any], dict[str, Any]]:
        nonlocal outcomes
        done = forms.merge(
            template, State.from_json(held), with_system(request, template, held["data"], batch.changes),
            latest=_Latest(latest),
            author=forms.Author(by.name, batch.tab), today=clock.today(), new_id=_row_id, earlier=before,
        )  # fmt: skip
        outcomes = done.outcomes[: len(batch.changes)]
        after = done.state.to_json()
        was, now = places(held), places(after)
        return after, {place: (was.get(place), now.get(place)) for place in done.touched}

    done = request.app.state.record.drafts.change(found.id, apply, by, batch.tab, clock.now(), batch.name)
    if found.updated_by.id != by.id or _minutes(found.updated_at, clock.now()) > _QUIET_MINUTES or found.revision == 1:
        note_down(request, "write", "draft", done.id, done.patient)
    return done, outcomes


def _row_id() -> str:
    """Return a new id for a row: short, since people read it in findings."""
    return uuid.uuid4().hex[:8]


def _minutes(since: str, now: str) -> float:
    return (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds() / 60


class _Latest(Mapping[str, forms.Latest]):
    """The last change of each place as the form reads it; the record is asked only if somebody looks."""

    def __init__(self, latest: Mapping[str, Latest]) -> None:
        self.latest = latest

    def __getitem__(self, place: str) -> forms.Latest:
        one = self.latest[place]
        return forms.Latest(one.revision, one.by.name, one.tab)

    def __iter__(self) -> Iterator[str]:
        return iter(self.latest)

    def __len__(self) -> int:
        return len(self.latest)


def _theirs(request: Request, built: Form, done: Draft, batch: _Batch) -> dict[str, str]:
    """Return by whom fields were changed that the page has not seen yet, by their names in the page."""
    if batch.seen is None or done.revision <= batch.seen:
        return {}
    changed = request.app.state.record.drafts.since(done.id, batch.seen)
    found = [(built.field(one.place), one.by.name) for one in changed if one.tab != batch.tab]
    return {field.id: name for field, name in found if field is not None}


# --- who else is here ----------------------------------------------------------------------------------------------


@allowed(*WRITERS)
def since(request: Request) -> Response:
    """Say whether the draft went on since, and who else has it open; a POST says that a tab was closed."""
    record, tab = request.app.state.record, _name(request.query_params.get("tab"))
    if request.method == "POST":
        record.drafts.leave(str(request.path_params["draft"]), tab)
        return Response(status_code=204)
    found = _draft(request)
    here = record.drafts.present(found.id, person(request), tab, clock.now())
    told = {"revision": found.revision, "others": _others(here, tab, viewer(request).id)}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _others(here: list[Presence], tab: str, own: str) -> str:
    """Return who else has the draft open, in words; empty where nobody has."""
    names = list(dict.fromkeys(one.by.name for one in here if one.tab != tab and one.by.id != own))
    words = [f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} this open too"] if names else []
    if any(one.tab != tab and one.by.id == own for one in here):
        words.append("you have this open in another tab too" if not words else "so do you in another tab")
    text = ", and ".join(words)
    return text[:1].upper() + text[1:]


# --- save points, and the end of a draft ---------------------------------------------------------------------------


@allowed(*WRITERS)
def points(request: Request) -> Response:
    """Keep a save point, or go back to one."""
    given, drafts = form(request), request.app.state.record.drafts
    found = _draft(request)
    if given.get("act") == "back":
        drafts.back_to(found.id, str(given.get("point", "")), person(request), _page_of(request), clock.now())
        note_down(request, "write", "draft", found.id, found.patient, "back to a save point")
    else:
        drafts.mark(found.id, str(given.get("name") or "").strip()[:80] or "save point", person(request), clock.now())
    return RedirectResponse(request.url_for("draft", draft=found.id).path, 303)


@allowed(*WRITERS)
def discard(request: Request) -> Response:
    """Put a draft aside."""
    found = _draft(request)
    if form(request).get("sure") != "yes":
        raise HTTPException(422, "Tick that you do not need the draft, then discard it.")
    request.app.state.record.drafts.discard(found.id, person(request), clock.now())
    note_down(request, "discard", "draft", found.id, found.patient)
    return RedirectResponse(request.url_for("home").path, 303)


routes: list[BaseRoute] = [
    Route("/drafts/{draft}", draft, name="draft", methods=["GET", "POST"]),
    Route("/drafts/{draft}/changes", changes, name="changes", methods=["POST"]),
    Route("/drafts/{draft}/since", since, name="since", methods=["GET", "POST"]),
    Route("/drafts/{draft}/points", points, name="points", methods=["POST"]),
    Route("/drafts/{draft}/discard", discard, name="discard", methods=["POST"]),
]
