"""A note pushed: read what the server has, plan, send, see the answer; once more where somebody came between."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.fhir.bundle import to_fhir
from ci_notes.fhir.datatypes import objects, resource_id
from ci_notes.fhir.filling import SHARED
from ci_notes.fhir.lint import lint
from ci_notes.fhir.provenance import Signature, signed
from ci_notes.fhir.typed import typed
from ci_notes.narrative import Sentence
from ci_notes.pushing import planning
from ci_notes.pushing.outcome import explained
from ci_notes.pushing.planning import Plan, Step, address_of
from ci_notes.pushing.server import RefusedError, Server, UnansweredError
from ci_notes.pushing.telling import Result, titles
from ci_notes.template import Template

Json = dict[str, Any]

WAYS = ("transaction", "us-core")

ROUNDS = 4
"""How often a push looks and plans anew before it gives up."""

WAIT = 1.0
"""Seconds before the second round; each further one waits twice as long."""

_CONFLICT = (409, 412)
_UNTOLD = (500, 502, 504)
"""Answers that do not say whether the server did what was asked."""


@dataclass(frozen=True)
class Pushed:
    """What is sent of a note: its sentences, as how much of it, and who signed and added to it (in a transaction)."""

    note: Note
    narrative: Sequence[Sentence]
    detail: str = "lean"
    length_unit: str = "mm"
    signatures: Sequence[Signature] = ()


Planned = tuple[Plan, list[str]]
"""A plan, and what a person should know of it."""


def push(pushed: Pushed, server: Server, way: str = "transaction", dry_run: bool = False) -> Result:
    """Bring a server to what a note says, and return what was done; a repeat changes nothing.

    Raises InputError with a sentence for a person where the server cannot be reached, refuses, or must not be sent to.
    """
    _speaks_r4(server, way)
    road = _roads()[way]
    remarks: list[str] = []
    for turn in range(ROUNDS):
        steps, more = _planned(road.plan, pushed, server)
        said = [*remarks, *more]
        if dry_run or not any(step.sent for step in steps):
            return Result(pushed.note.id, server.base, way, steps, dry_run, said)
        try:
            return Result(pushed.note.id, server.base, way, road.carry_out(steps, server), dry_run, said)
        except (RefusedError, UnansweredError) as error:
            remark = _worth_another_look(error)
            if not remark:
                raise _explained(error, steps) from None
            if turn == ROUNDS - 1:
                raise _given_up(error, steps) from None
            remarks.append(remark)
            time.sleep(WAIT * 2**turn)
    raise AssertionError  # the last round returns or raises


@dataclass(frozen=True)
class Road:
    """A way to send: how it plans, and how it carries a plan out."""

    plan: Callable[[Pushed, Server], Planned]
    carry_out: Callable[[Plan, Server], Plan]


def _roads() -> dict[str, Road]:
    from ci_notes.pushing import singly  # noqa: PLC0415  it builds on what stands here

    return {"transaction": Road(plan, carry_out), "us-core": Road(singly.plan, singly.carry_out)}


def _planned(made: Callable[[Pushed, Server], Planned], pushed: Pushed, server: Server) -> Planned:
    try:
        return made(pushed, server)
    except RefusedError as error:
        raise _explained(error, ()) from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InputError(f"{server.host} holds a resource of this note in a shape that is not FHIR's") from None


def _speaks_r4(server: Server, way: str) -> None:
    stated = server.capabilities()
    version = str(stated.get("fhirVersion", "4.0.1"))
    if not version.startswith(("4.0", "4.3")):  # R4, and R4B, which differs in nothing that is sent
        raise InputError(f"{server.host} speaks FHIR {version[:10]}, and a note is sent as R4 (4.0.1)")
    listed = [one for rest in objects(stated.get("rest")) for one in objects(rest.get("interaction"))]
    known = {one.get("code") for one in listed}
    if way == "transaction" and known and "transaction" not in known:
        raise InputError(f"{server.host} takes no transactions, as it says; send the note with --way us-core")


# --- what went wrong -----------------------------------------------------------------------------------------------


def _worth_another_look(error: InputError) -> str:
    """Return what happened, where looking at the server again tells how to go on; else nothing."""
    if isinstance(error, UnansweredError):
        return f"{error}; looked at the server again"
    if isinstance(error, RefusedError) and error.status in _CONFLICT:
        return "somebody changed a resource of this note in between; planned anew"
    if isinstance(error, RefusedError) and error.status in _UNTOLD:
        return f"{error}; looked at the server again"
    return ""


def _explained(error: InputError, steps: Plan) -> InputError:
    """Return a refusal with what the server's OperationOutcome says, in the words of the note."""
    if not isinstance(error, RefusedError):
        return error
    told = [_without_person(one, steps) for one in explained(error.outcome, titles(steps), _sent_ids(steps))]
    if error.status == 404 and not told:
        told = ["what was sent has no place there"]
    return InputError("; ".join(filter(None, [str(error), *told, error.so_far])))


def _sent_ids(steps: Plan) -> list[str]:
    return [str(step.resource.get("id", "")) for step in steps if step.sent]


def _without_person(text: str, steps: Plan) -> str:
    """Return words of a server without what it repeats of the patient."""
    for step in steps:
        if step.kind == "Patient":
            told = [one.get("value") for one in step.resource.get("identifier", ())]
            told += [one.get("text") for one in step.resource.get("name", ())] + [step.resource.get("birthDate")]
            for one in filter(None, told):
                text = text.replace(str(one), "…")
    return text


def _given_up(error: InputError, steps: Plan) -> InputError:
    if isinstance(error, RefusedError) and error.status in _CONFLICT:
        changing = "; ".join([str(error), *explained(error.outcome, titles(steps), _sent_ids(steps))])
        return InputError(
            f"the note's resources on the server keep changing, or it sees them so: {changing}; nothing was sent"
        )
    said = _explained(error, steps)
    return InputError(f"{said}; whether the note arrived is not known: push it again, nothing is doubled by that")


# --- as one transaction --------------------------------------------------------------------------------------------


def plan(pushed: Pushed, server: Server) -> Planned:
    """Return what a transaction brings to the server, from what it has."""
    note = pushed.note
    composition = server.read(f"Composition/{resource_id(note.id, 'composition')}")
    before = planning.listed(composition, note.id, server.base)
    planning.not_behind(note.status, str((composition or {}).get("status")), server.host)
    bundle, remarks = _bundle(pushed, before)
    known = _known(bundle["entry"], server)
    own = [address_of(one["resource"]) for one in bundle["entry"] if one["resource"]["resourceType"] not in SHARED]
    theirs = server.present(dict.fromkeys([*own, *before]))
    steps = planning.plan(bundle["entry"], theirs, known, before, server.base)
    return _taken_back(steps) if note.status == "entered-in-error" else steps, remarks


def _bundle(pushed: Pushed, before: Sequence[str]) -> tuple[Json, list[str]]:
    """Return the note as a transaction; once sent in full it stays so, since nothing in it became wrong."""
    made = _transaction(pushed, pushed.detail)
    if pushed.detail == "lean" and {*before} - _addresses(made):
        full = _transaction(pushed, "full")
        if {*before} & (_addresses(full) - _addresses(made)):
            return full, ["the server has this note in full, so it was brought up to date in full"]
    return made, []


def _transaction(pushed: Pushed, detail: str) -> Json:
    note = pushed.note
    bundle = to_fhir(note, pushed.narrative, "transaction", detail, length_unit=pushed.length_unit)
    bundle = signed(bundle, pushed.signatures)
    sound(bundle, note.template)
    return bundle


def sound(bundle: Json, template: Template) -> None:
    """Refuse a bundle that a server would refuse or misread; raises InputError with the first fault."""
    typed(bundle)
    faults = [fault for fault in lint(bundle, [template]) if fault.severity == "error"]
    if faults:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise InputError(f"the note makes a bundle that a server would refuse: {faults[0]}{more}; nothing was sent")


def _addresses(bundle: Json) -> set[str]:
    return {address_of(entry["resource"]) for entry in bundle["entry"]}


def _known(entries: Sequence[Json], server: Server) -> dict[str, str]:
    """Return where the server has the people, places and encounters of a note; two of one stop the push."""
    asked = {one["fullUrl"]: one for one in entries if "ifNoneExist" in one["request"]}
    found = {url: found_by(one["resource"], one["request"]["ifNoneExist"], server) for url, one in asked.items()}
    there = {url: one for url, one in found.items() if one is not None}
    of_one_patient(there.values(), server)
    return {url: address_of(one) for url, one in there.items()}


def found_by(ours: Json, query: str, server: Server) -> Json | None:
    """Return the one resource that a server has by an identifier of ours; raises InputError where it cannot be ours."""
    there = planning.only(ours["resourceType"], query, server.search(ours["resourceType"], query))
    if there is not None:
        planning.same_person(ours, there)
    return there


def of_one_patient(found: Iterable[Json], server: Server) -> None:
    """Refuse an encounter that the server has of somebody else than the patient."""
    by_kind = {one["resourceType"]: one for one in found}
    if "Encounter" in by_kind:
        patient = address_of(by_kind["Patient"]) if "Patient" in by_kind else ""
        planning.same_subject(by_kind["Encounter"], patient, server.base)


def _taken_back(steps: Plan) -> list[Step]:
    """Return a plan for a note entered in error: what the server has of it is retracted.

    Nothing is added but who did that, where all that it speaks of is there.
    """
    retracted = [planning.renamed(step, "update", "retract") for step in steps if step.action != "create"]
    added = [step for step in steps if step.action == "create"]
    absent = [json.dumps(step.address) for step in added if step.kind != "Provenance"]
    whole = [step for step in added if step.kind == "Provenance" and not _names(step.resource, absent)]
    return [*retracted, *whole] if retracted else []


def _names(resource: Json, addresses: Sequence[str]) -> bool:
    """Return whether a resource refers to one of these addresses, quoted as JSON has them."""
    written = json.dumps(resource)
    return any(one in written for one in addresses)


def carry_out(steps: Plan, server: Server) -> Plan:
    """Send a plan as one transaction; raises RefusedError, UnansweredError, or InputError for a strange answer."""
    bundle = planning.transaction(steps)
    answer = server.send("POST", "", bundle).resource
    answered = objects((answer or {}).get("entry"))
    statuses = [str(_response(one).get("status", "")) for one in answered]
    sent = [step for step in steps if step.sent]
    if len(statuses) != len(sent) or not all(one.startswith("2") for one in statuses):
        raise InputError(
            f"{server.host} took the note, but its answer does not confirm all {len(sent)} resources; push the note "
            "again: what is missing will be sent"
        )
    places = dict(zip((id(step) for step in sent), map(_place, answered), strict=True))
    return [planning.placed(step, places.get(id(step), "")) for step in steps]


def _response(entry: Json) -> Json:
    found = entry.get("response")
    return found if isinstance(found, dict) else {}


def _place(entry: Json) -> str:
    return str(_response(entry).get("location", ""))
