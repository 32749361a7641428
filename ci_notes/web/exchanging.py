"""A bundle comes in, or a note goes out: import, download, push to a FHIR server that the settings name."""

import html
import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes import derive, differing, printing, signing, typesetting
from ci_notes.errors import InputError, plain
from ci_notes.fhir.bundle import to_fhir
from ci_notes.fhir.provenance import Signature, signed
from ci_notes.fhir.reading.account import WHY, Reading
from ci_notes.fhir.reading.parsing import parse
from ci_notes.intake import NoteKinds, Wanted, not_read, taken_in
from ci_notes.narrative import Sentence
from ci_notes.pushing import telling
from ci_notes.pushing.sending import Pushed
from ci_notes.pushing.sending import push as send
from ci_notes.pushing.server import TOKEN, Server
from ci_notes.record.model import DiscardedError, Entry, MissingError, Standing
from ci_notes.signing import told
from ci_notes.template import Template
from ci_notes.web import clock
from ci_notes.web.access import READERS, WRITERS, allowed, form
from ci_notes.web.headers import policy
from ci_notes.web.notes import (
    IMPORTED,
    origin,
    printed,
    sentences_of,
    signatures,
    signatures_until,
    standing_of,
    status_of,
    template_of,
    version_of,
)
from ci_notes.web.patients import kinds_of_note
from ci_notes.web.saying import day, identity, kind_of_note, moment
from ci_notes.web.showing import show
from ci_notes.web.signing import signed_of_draft
from ci_notes.web.trail import note_down, person

Json = dict[str, Any]

# --- download ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What is downloaded: a version of a note, with what was done to it; and how the request wants it."""

    request: Request
    standing: Standing
    entry: Entry
    signatures: list[Signature]


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be downloaded: its media type, and what writes it."""

    media: str
    write: Callable[[Asked], str | bytes]


@allowed(*READERS)
def download(request: Request) -> Response:
    """Return a version of a note as one of the files of FILES; the name of the file names nobody."""
    name = request.path_params["file"]
    if name not in FILES:
        raise HTTPException(404)
    standing = standing_of(request)
    given = request.query_params.get("version", str(standing.latest.number))
    if not given.isdecimal() or len(given) > 6:
        raise HTTPException(404)
    entry = version_of(standing, int(given))
    content = FILES[name].write(Asked(request, standing, entry, signatures_until(standing, entry.number)))
    note_down(request, "export", "note", standing.note, entry.patient, f"{name}, version {entry.number}")
    short = re.sub(r"[^A-Za-z0-9-]", "", standing.note)[:8]
    how = "inline" if name.endswith((".html", ".pdf")) else "attachment"
    headers = {"Content-Disposition": f'{how}; filename="note-{short}-{name}"', "Cache-Control": "no-store"}
    if name.endswith(".html"):
        headers["Content-Security-Policy"] = policy(request.app.state.settings, *styles(str(content)))
    return Response(content, media_type=FILES[name].media, headers=headers)


def styles(page: str) -> list[str]:
    """Return the hashes of the style sheets in a printed page, as a content security policy names them."""
    found = re.findall(r"<style>(.*?)</style>", page.partition("</head>")[0], re.DOTALL)
    return [f"'sha256-{b64encode(sha256(one.encode()).digest()).decode()}'" for one in found]


def _text(asked: Asked) -> str:
    note = printed(asked.request, asked.standing, asked.entry)
    acts = [line for one in asked.signatures for line in (act_said(one), one.text)]
    lines = filter(None, [origin(asked.standing.history[0]), *acts])
    return printing.text(note, sentences_of(asked.entry)) + "\n" + "\n".join(lines) + "\n"


def _html(asked: Asked) -> str:
    note = printed(asked.request, asked.standing, asked.entry)
    acts = [_escaped(f"{act_said(one)}\n{one.text}") for one in asked.signatures]
    acts.insert(0, _escaped(origin(asked.standing.history[0])))
    page = printing.page(note, sentences_of(asked.entry))
    return page.replace("</body>", f'<section class="signatures">{"".join(acts)}</section>\n</body>')


def _escaped(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n") if line.strip())


def act_said(one: Signature) -> str:
    """Return an act on a note as a sentence: Co-signed by Dr Cy Sample, 3 Nov 2026, 14:20 (version 1)."""
    words = {"sign": "Signed", "cosign": "Co-signed", "amend": "Amended", "addend": "Addendum"}
    said = words.get(one.act, "Called entered in error")
    because = f": {one.reason}" if one.reason else "."
    return f"{said} by {one.by}, {moment(one.at)} (version {one.version}){because}"


def _pdf(asked: Asked) -> bytes:
    note = printed(asked.request, asked.standing, asked.entry)
    return typesetting.pdf(note, sentences_of(asked.entry), signatures=asked.signatures)


def _patient_html(asked: Asked) -> str:
    page = page_of(asked.standing, asked.entry)
    return printing.page(_page_note(asked), page, printing.PAGE_TITLE)


def _patient_pdf(asked: Asked) -> bytes:
    page = page_of(asked.standing, asked.entry)
    return typesetting.pdf(_page_note(asked), page, printing.PAGE_TITLE)


def _page_note(asked: Asked) -> derive.Note:
    """Return a version under the headings of its patient's page."""
    data = {**asked.entry.data, "status": status_of(asked.standing, asked.entry)}
    return signing.as_signed(template_of(asked.request, asked.entry), data, asked.entry.body["page"])


def page_of(standing: Standing, entry: Entry) -> list[Sentence]:
    """Return the patient's page as it was signed; raises HTTPException 409 with why there is none."""
    if status_of(standing, entry) == "entered-in-error":
        raise HTTPException(409, "The note was entered in error, so there is no page for the patient.")
    if entry.number != standing.latest.number:
        raise HTTPException(409, "The note was amended since: give the patient the page of its last version.")
    if not entry.body["page"]:
        raise HTTPException(409, f"There is no page for the patient: {entry.body['no_page']}.")
    return told(entry.body["page"])


def _note_json(asked: Asked) -> str:
    data = {**asked.entry.data, "status": status_of(asked.standing, asked.entry)}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _bundle(asked: Asked) -> str:
    kind = asked.request.query_params.get("type", "document")
    if kind not in ("document", "transaction"):
        raise HTTPException(404)
    return json.dumps(bundle_of(asked, kind), indent=2, ensure_ascii=False) + "\n"


def bundle_of(asked: Asked, kind: str, **how: str) -> Json:
    """Return a version as a bundle with its signatures; of an amendment, what it took out is entered in error.

    `how` is `detail` and `length_unit`, as `to_fhir` has them.
    """
    before = [one for one in (asked.entry.number - 1,) if one > 0]
    previous = [derived(asked.request, asked.standing, version_of(asked.standing, one)) for one in before]
    note = derived(asked.request, asked.standing, asked.entry)
    made = to_fhir(note, sentences_of(asked.entry), kind, previous=previous[0] if previous else None, **how)
    return signed(made, asked.signatures)


def derived(request: Request, standing: Standing, entry: Entry) -> derive.Note:
    """Return a version read against its template; raises HTTPException 409 where that is here no longer."""
    template = template_of(request, entry)
    if template is None:
        raise HTTPException(409, "The template of this note is not here any more, so no bundle can be made of it.")
    current = status_of(standing, entry) if entry.number == standing.latest.number else entry.data["status"]
    return derive.note(template, {**entry.data, "status": current})


FILES = {
    "narrative.txt": File("text/plain; charset=utf-8", _text),
    "narrative.html": File("text/html; charset=utf-8", _html),
    "narrative.pdf": File("application/pdf", _pdf),
    "patient.html": File("text/html; charset=utf-8", _patient_html),
    "patient.pdf": File("application/pdf", _patient_pdf),
    "note.json": File("application/json", _note_json),
    "bundle.json": File("application/fhir+json", _bundle),
}


# --- push ----------------------------------------------------------------------------------------------------------


@allowed(*WRITERS)
def push(request: Request) -> Response:
    """Show what a push to a server of the settings would do, then do it; nobody can name a server of their own."""
    standing = standing_of(request)
    servers: Mapping[str, str] = request.app.state.settings.fhir_servers
    given = form(request)
    chosen, act = str(given.get("server", "")), str(given.get("do", ""))
    shown = f"before it is sent to {chosen}" if act == "plan" and chosen in servers else ""  # she is looked up there
    note_down(request, "read", "note", standing.note, standing.latest.patient, shown)
    if request.method == "GET" or act not in ("plan", "send"):
        return _push_page(request, standing)
    if chosen not in servers:
        return _push_page(request, standing, refused="Choose one of the servers.", status=422)
    if given.get("number") != str(standing.latest.number):
        return _push_page(request, standing, refused="The note was amended meanwhile: look at it again.", status=409)
    try:
        result = _pushed(request, standing, _server(chosen, servers), dry_run=act == "plan")
    except InputError as error:
        note_down(request, "push", "note", standing.note, standing.latest.patient, f"to {chosen}, failed")
        return _push_page(request, standing, chosen, refused=_sentence(str(error)), status=502)
    if act == "send":
        note_down(request, "push", "note", standing.note, standing.latest.patient, f"to {chosen}")
    return _push_page(request, standing, chosen, result)


def _push_page(
    request: Request,
    standing: Standing,
    chosen: str = "",
    result: telling.Result | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    template = template_of(request, standing.latest)
    return show(
        request,
        "push.html",
        status,
        standing=standing,
        title=kind_of_note(template, standing.data),
        identity=identity(standing.data),
        when=day(standing.data.get("date")),
        servers=request.app.state.settings.fhir_servers,
        chosen=chosen,
        result=result,
        rows=_rows(result) if result else [],
        ended=_sentence(telling.summary(result).replace(" (--dry-run)", "")) if result else "",
        sends=result is not None and any(step.sent for step in result.steps),
        refused=refused,
    )


def _rows(result: telling.Result) -> list[tuple[str, str, str]]:
    """Return what becomes of each resource: the act, what it is, where it stands."""
    return [(step.action, telling.title_of(step.resource), step.address) for step in result.steps]


def _pushed(request: Request, standing: Standing, server: Server, dry_run: bool) -> telling.Result:
    if server.in_the_clear:
        raise InputError(f"{server.base} is not encrypted: whoever is on the network could read the note")
    note = derived(request, standing, standing.latest)
    pushed = Pushed(note, sentences_of(standing.latest), signatures=signatures(standing))
    return send(pushed, server, dry_run=dry_run)


def _server(name: str, servers: Mapping[str, str]) -> Server:
    """Return a server with the token that is meant for it; that of one is never sent to another."""
    own = f"{TOKEN}_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
    token = os.environ.get(own) or (os.environ.get(TOKEN, "") if len(servers) == 1 else "")
    return Server(servers[name], token)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "…")) else ".")


# --- import --------------------------------------------------------------------------------------------------------


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
        return _import_page(request, refused=_sentence(str(error)))
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
    said = f"{IMPORTED}the bundle calls it signed{f' by {author}' if isinstance(author, str) and author else ''}"
    said += f" on {day(data['signed_at'])}" if data.get("signed_at") else ""
    record.ledger.sign(draft.id, draft.revision, signed_of_draft(looked, said), person(request), clock.now())
    note_down(request, "import", "note", draft.id, draft.patient)
    return Brought("This signed note is now in the record.", note=draft.id)


routes: list[BaseRoute] = [
    Route("/import", bring, name="import", methods=["GET", "POST"]),
    Route("/notes/{note}/push", push, name="push", methods=["GET", "POST"]),
    Route("/notes/{note}/{file}", download, name="download"),
]
