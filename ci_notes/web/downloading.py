"""A signed note as a file: text, page, PDF, note, bundle; each as it was signed, with what was done to it since."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes import derive, printing, signing, typesetting
from ci_notes.fhir.bundle import to_fhir
from ci_notes.fhir.provenance import Signature, signed
from ci_notes.narrative import Sentence
from ci_notes.record.model import Entry, Standing
from ci_notes.signing import told
from ci_notes.web.access import READERS, allowed
from ci_notes.web.headers import policy
from ci_notes.web.notes import (
    origin,
    printed,
    sentences_of,
    signatures_until,
    standing_of,
    status_of,
    template_of,
    version_of,
)
from ci_notes.web.saying import moment
from ci_notes.web.trail import note_down

Json = dict[str, Any]


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
    return typesetting.pdf(
        note, sentences_of(asked.entry), signatures=asked.signatures, origin=origin(asked.standing.history[0])
    )


def _patient_html(asked: Asked) -> str:
    page = page_of(asked.standing, asked.entry)
    return printing.page(_page_note(asked), page, printing.PAGE_TITLE)


def _patient_pdf(asked: Asked) -> bytes:
    page = page_of(asked.standing, asked.entry)
    return typesetting.pdf(_page_note(asked), page, printing.PAGE_TITLE, origin=origin(asked.standing.history[0]))


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


routes: list[BaseRoute] = [
    Route("/notes/{note}/{file}", download, name="download"),
]
