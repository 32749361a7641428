"""A signed note goes to a FHIR server that the settings name: first what would be done there, then the push."""

import os
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes.errors import InputError
from ci_notes.pushing import telling
from ci_notes.pushing.sending import Pushed
from ci_notes.pushing.sending import push as send
from ci_notes.pushing.server import TOKEN, Server
from ci_notes.record.model import Standing
from ci_notes.web.access import WRITERS, allowed, form
from ci_notes.web.downloading import derived
from ci_notes.web.notes import (
    sentences_of,
    signatures,
    standing_of,
    template_of,
)
from ci_notes.web.saying import day, identity, kind_of_note
from ci_notes.web.showing import show
from ci_notes.web.trail import note_down
from ci_notes.wording import sentence


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
        return _push_page(request, standing, chosen, refused=sentence(str(error)), status=502)
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
        ended=sentence(telling.summary(result).replace(" (--dry-run)", "")) if result else "",
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


routes: list[BaseRoute] = [
    Route("/notes/{note}/push", push, name="push", methods=["GET", "POST"]),
]
