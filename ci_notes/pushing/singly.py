"""The way of US Core servers: resources one by one, and a DocumentReference that carries the narrative.

Such servers take no transaction and give ids of their own, so what is there is found by our identifiers. All is looked
up before anything is sent; what is sent is conditional, so that a push that was cut off is brought to its end by the
next. The document lists what belongs to it: that is how an amendment finds what to take back.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ci_notes.fhir.bundle import retracted
from ci_notes.fhir.datatypes import RESOURCE
from ci_notes.fhir.filling import SHARED
from ci_notes.fhir.postings import documents
from ci_notes.pushing import planning
from ci_notes.pushing.comparing import local, same, unchanged
from ci_notes.pushing.planning import Plan, Step, address_of, pointed, version_of
from ci_notes.pushing.sending import Planned, Pushed, found_by, of_one_patient, sound
from ci_notes.pushing.server import Answer, RefusedError, Server
from ci_notes.pushing.telling import title_of

Json = dict[str, Any]

DOCUMENT = "DocumentReference"


def plan(pushed: Pushed, server: Server) -> Planned:
    """Return what is sent one by one, in an order in which each resource stands after those it refers to."""
    note = pushed.note
    earlier = server.search(DOCUMENT, f"identifier={quote(f'{RESOURCE}|{note.id}', safe=':/|')}")
    for one in earlier:
        planning.not_behind(note.status, _stage(one), server.host)
    postings = _postings(pushed, earlier)
    there = {one["fullUrl"]: found_by(one["resource"], one["ifNoneExist"], server) for one in postings}
    of_one_patient(filter(None, there.values()), server)
    addresses = {url: address_of(one) for url, one in there.items() if one}
    steps = [_step(one, there[one["fullUrl"]], addresses, server.base) for one in postings]
    if _as_before(steps):
        steps = [planning.renamed(step, "update", "kept") for step in steps]
    steps += _superseded(earlier, steps)
    steps += _gone(earlier, steps, server)
    return (_taken_back(steps, earlier) if note.status == "entered-in-error" else steps), []


def _postings(pushed: Pushed, earlier: Sequence[Json]) -> list[Json]:
    """Return the postings of a note, its document as one that replaces the version before and lists what is with it."""
    made = _documents(pushed, "")
    sound(
        {"resourceType": "Bundle", "type": "collection", "entry": [_entry(one) for one in made]}, pushed.note.template
    )
    current = [one for one in earlier if one.get("status") == "current" and not _is_version(one, made[-1]["resource"])]
    if current:
        made = _documents(pushed, address_of(current[0]))
    *others, document = made
    related = [{"reference": one["fullUrl"]} for one in others if one["url"] not in SHARED]
    context = {**document["resource"].get("context", {}), **({"related": related} if related else {})}
    return [*others, {**document, "resource": {**document["resource"], "context": context}}]


def _entry(posting: Json) -> Json:
    return {"fullUrl": posting["fullUrl"], "resource": posting["resource"]}


def _documents(pushed: Pushed, replaces: str) -> list[Json]:
    return documents(pushed.note, pushed.narrative, length_unit=pushed.length_unit, replaces=replaces)


def _stage(document: Json) -> str:
    """Return how far the note was that a document on the server holds."""
    return "entered-in-error" if document.get("status") == "entered-in-error" else str(document.get("docStatus"))


def _is_version(one: Json, other: Json) -> bool:
    mine, theirs = one.get("masterIdentifier", {}), other.get("masterIdentifier", {})
    return bool(mine.get("value") == theirs.get("value"))


def _step(posting: Json, there: Json | None, addresses: Mapping[str, str], base: str) -> Step:
    ours = pointed(posting["resource"], addresses)
    if there is None:
        return Step("create", ours, posting["fullUrl"], if_none_exist=posting["ifNoneExist"])
    if posting["url"] in SHARED:
        return Step("reference", ours, address_of(there))
    sent = {**ours, "id": there["id"]}
    if posting["url"] == DOCUMENT:
        return _document(sent, there, base)
    return Step("unchanged" if unchanged(sent, there, base) else "update", sent, address_of(there), version_of(there))


def _document(ours: Json, there: Json, base: str) -> Step:
    """Return what becomes of this version of the document: its words are in its id, and only its place can change."""
    if "relatesTo" not in ours and "relatesTo" in there:
        ours = {**ours, "relatesTo": there["relatesTo"]}  # what it replaced when it was sent
    as_it_is = same(_place_of(ours), _place_of(there), base)
    return Step("unchanged" if as_it_is else "update", ours, address_of(there), version_of(there))


def _place_of(document: Json) -> Json:
    """Return of a document what is not its words: whose it is, whether it counts, and what belongs to it."""
    return {key: document.get(key) for key in ("status", "subject", "author", "custodian", "context")}


def _listed(document: Json, base: str) -> list[str]:
    """Return the addresses of what belongs to a document."""
    related = document.get("context", {}).get("related", ())
    return [local(one["reference"], base) for one in related if "reference" in one]


def _as_before(steps: Plan) -> bool:
    return any(step.kind == DOCUMENT and step.action == "unchanged" for step in steps)


def _superseded(earlier: Sequence[Json], steps: Plan) -> Iterator[Step]:
    """Yield the documents of earlier versions, marked as superseded once the new one is there."""
    present = {step.address for step in steps}
    for one in earlier:
        if one.get("status") == "current" and address_of(one) not in present:
            yield _changed({**one, "status": "superseded"}, one, "update")


def _gone(earlier: Sequence[Json], steps: Plan, server: Server) -> Iterator[Step]:
    """Yield what documents of earlier versions list and this one does not, as entered in error."""
    present = {step.address for step in steps}
    before = dict.fromkeys(address for one in earlier for address in _listed(one, server.base))
    theirs = server.present(address for address in before if address not in present)
    for one in theirs.values():
        if one["resourceType"] not in SHARED and not same(retracted(one), one):
            yield _changed(retracted(one), one, "retract")


def _changed(resource: Json, there: Json, action: str) -> Step:
    return Step(action, planning.without_version(resource), address_of(there), version_of(there))


def _taken_back(steps: Plan, earlier: Sequence[Json]) -> list[Step]:
    """Return a plan for a note entered in error: what the server has is retracted, all versions of the document too."""
    others = [planning.renamed(step, "update", "retract") for step in steps if step.kind != DOCUMENT]
    documents = [_changed(retracted(one), one, "retract") for one in earlier if one.get("status") != "entered-in-error"]
    return [step for step in [*others, *documents] if step.action != "create"]


def carry_out(steps: Plan, server: Server) -> Plan:
    """Send a plan one by one; after a RefusedError or UnansweredError a new plan goes on where this one ended."""
    addresses: dict[str, str] = {}
    done: list[Step] = []
    for step in steps:
        try:
            done.append(_sent(step, addresses, server) if step.sent else step)
        except RefusedError as error:
            raise _in_the_middle(error, step, sum(1 for one in done if one.sent)) from None
    return done


def _sent(step: Step, addresses: dict[str, str], server: Server) -> Step:
    resource = pointed(step.resource, addresses)
    if not step.address.startswith("urn:"):
        headers = {"If-Match": f'W/"{step.version}"'} if step.version else {}
        return planning.placed(step, server.send("PUT", step.address, resource, headers).location)
    body = {key: value for key, value in resource.items() if key != "id"}
    answer = server.send("POST", step.kind, body, {"If-None-Exist": step.if_none_exist})
    placed = planning.placed(step, _location(answer, step, server))
    addresses[step.address] = placed.address
    return placed


def _location(answer: Answer, step: Step, server: Server) -> str:
    """Return where a new resource stands; a server that does not say so is asked."""
    if f"{step.kind}/" in answer.location:
        return answer.location
    found = planning.only(step.kind, step.if_none_exist, server.search(step.kind, step.if_none_exist))
    if found is None:
        raise RefusedError(f"{server.host} took a {step.kind} and does not have it; nothing further was sent", 200)
    return address_of(found)


def _in_the_middle(error: RefusedError, step: Step, before: int) -> RefusedError:
    """Return a refusal with what it was about, and how far the push came."""
    sent = f"{before} resource{' was' if before == 1 else 's were'} sent before"
    so_far = f"{sent}, and will not be doubled when you push again" if before else ""
    return RefusedError(f"{error}, at {title_of(step.resource)}", error.status, error.outcome, so_far)
