"""FHIR comes in: a note of ours as what it is, what others wrote as a draft, with the account of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes import derive, differing, signing
from ci_notes.errors import InputError, plain
from ci_notes.fhir.reading.account import WHY, Reading
from ci_notes.fhir.reading.parsing import parse
from ci_notes.intake import NoteKinds, Wanted, not_read, taken_in
from ci_notes.record.model import DiscardedError, MissingError
from ci_notes.template import Template
from ci_notes.web import clock
from ci_notes.web.access import WRITERS, allowed, form
from ci_notes.web.notes import (
    template_of,
)
from ci_notes.web.patients import kinds_of_note
from ci_notes.web.saying import day
from ci_notes.web.showing import show
from ci_notes.web.signing import signed_of_draft
from ci_notes.web.trail import note_down, person
from ci_notes.wording import sentence


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of an import: a sentence, and where to go on (a draft or a note), or what differs from what is here."""

    said: str
    draft: str = ""
    note: str = ""
    differences: Sequence[differing.Difference] | None = None


@allowed(*WRITERS)
def bring(request: Request) -> Response:
    """Make a note of FHIR that somebody chose as a file or pasted; the same twice makes no second one."""
    if request.method == "GET":
        return _import_page(request)
    try:
        raw = _given(request)
        reading = _reading(request, parse(raw, "What you gave"))
        brought = _ours(request, reading) if reading.ours else _foreign(request, reading)
    except InputError as error:
        return _import_page(request, refused=sentence(str(error)))
    return _import_page(request, reading, brought)


def _import_page(
    request: Request, reading: Reading | None = None, brought: Brought | None = None, refused: str = ""
) -> Response:
    left = reading.left if reading else ()
    return show(
        request,
        "import.html",
        422 if refused else 200,
        kinds=kinds_of_note(request),
        given={key: value for key, value in form(request).items() if isinstance(value, str)},
        reading=reading,
        brought=brought,
        left=[(words, [one for one in left if one.why == why]) for why, words in WHY.items()],
        refused=refused,
        day=day,
    )


def _given(request: Request) -> bytes:
    chosen = form(request).get("file")
    if isinstance(chosen, UploadFile) and chosen.filename:
        with chosen.file as file:
            return file.read()
    pasted = str(form(request).get("bundle", ""))
    if not pasted.strip():
        raise InputError("choose a file, or paste a FHIR bundle")
    return pasted.encode("utf-8", "replace")


def _reading(request: Request, data: Any) -> Reading:
    """Return the note in FHIR with the account of it; raises InputError for what is no FHIR that can be read."""
    templates = request.app.state.templates
    kinds = NoteKinds(_named(templates), templates)
    # Without an id of its own a note has one that is made of the content: the same comes in once.
    wanted = Wanted("", clock.here(), str(form(request).get("template", "")))
    reading = taken_in(data, kinds, wanted, "once you choose the kind of note")
    remark = not_read(reading, templates[reading.data["template"]])
    return replace(reading, remarks=(*reading.remarks, remark)) if remark else reading


def _named(templates: Mapping[str, Template]) -> Callable[[str], Template]:
    def inner(name: str) -> Template:
        if name not in templates:
            raise InputError(f"there is no kind of note «{plain(name, 60)}» here")
        return templates[name]

    return inner


def _foreign(request: Request, reading: Reading) -> Brought:
    """Make a draft of what was recognised; its id is made of the content, so that the same comes only once."""
    if not reading.taken:
        raise InputError("nothing in it is recognised, so there is no note")
    there = _there(request, reading)
    if there:
        return there
    draft = request.app.state.record.drafts.begin(reading.data, person(request), clock.now())
    note_down(request, "import", "draft", draft.id, draft.patient)
    words = "A new draft was made. Each value that was taken is to be confirmed in it before it can be signed."
    return Brought(words, draft=draft.id)


def _ours(request: Request, reading: Reading) -> Brought:
    """Take a note of ours: a draft goes on being written, a signed one enters the record as what it is."""
    there = _there(request, reading)
    if there:
        return there
    status = str(reading.data.get("status", "draft"))
    if status == "entered-in-error":
        raise InputError("this note was entered in error; it is not brought into the record")
    if status == "draft":
        draft = request.app.state.record.drafts.begin(reading.data, person(request), clock.now())
        note_down(request, "import", "draft", draft.id, draft.patient)
        return Brought("This draft can be written on here.", draft=draft.id)
    return _entered(request, reading)


def _there(request: Request, reading: Reading) -> Brought | None:
    """Return what is said where the note is in the record already, signed or as a draft."""
    name, record = str(reading.data["id"]), request.app.state.record
    try:
        standing = record.ledger.standing(name)
    except MissingError:
        return _being_written(request, reading)
    template = template_of(request, standing.latest)
    found = [] if template is None else _differ(request, standing.data, reading.data)
    note_down(request, "read", "note", name, standing.latest.patient, "held against a bundle")
    if not found:
        return Brought(
            "This note is in the record already, and the bundle says the same. Nothing was changed.", note=name
        )
    words = "This note is in the record already, and the bundle says something else. Nothing was changed."
    return Brought(words, note=name, differences=found)


def _being_written(request: Request, reading: Reading) -> Brought | None:
    name = str(reading.data["id"])
    try:
        draft = request.app.state.record.drafts.get(name)
    except DiscardedError:
        raise InputError("this was brought in before, and the draft was discarded; restore it from there") from None
    except MissingError:
        return None
    note_down(request, "read", "draft", name, draft.patient, "held against a bundle")
    return Brought("This note is being written here already. Nothing was changed.", draft=name)


def _differ(request: Request, here: Mapping[str, Any], brought: Mapping[str, Any]) -> list[differing.Difference]:
    template = request.app.state.templates[here["template"]]
    return differing.differences(derive.note(template, here), derive.note(template, brought))


def _entered(request: Request, reading: Reading) -> Brought:
    """Enter a note that was signed elsewhere: who brought it in is on record, and that nobody signed it here."""
    template, record, data = (
        request.app.state.templates[reading.data["template"]],
        request.app.state.record,
        reading.data,
    )
    looked = signing.entering(template, data, clock.here()[:10])
    if looked.obstacles:
        raise InputError(f"this signed note cannot be taken as it is: {looked.obstacles[0].message}")
    draft = record.drafts.begin(data, person(request), clock.now())
    author = data.get("author", {}).get("name") if isinstance(data.get("author"), Mapping) else ""
    said = f"the bundle calls it signed{f' by {author}' if isinstance(author, str) and author else ''}"
    said += f" on {day(data['signed_at'])}" if data.get("signed_at") else ""
    record.ledger.sign(
        draft.id, draft.revision, replace(signed_of_draft(looked), origin=said), person(request), clock.now()
    )
    note_down(request, "import", "note", draft.id, draft.patient)
    return Brought("This signed note is now in the record.", note=draft.id)


routes: list[BaseRoute] = [
    Route("/import", bring, name="import", methods=["GET", "POST"]),
]
