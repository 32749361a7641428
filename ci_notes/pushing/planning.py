"""What is sent of a note, from what the server has of it. Pure: it is given what was read and sends nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ci_notes.errors import InputError
from ci_notes.fhir.bundle import retracted
from ci_notes.fhir.datatypes import RESOURCE
from ci_notes.fhir.filling import SHARED
from ci_notes.pushing.comparing import local, same, unchanged

Json = dict[str, Any]

ACTIONS = ("create", "update", "retract", "kept", "unchanged", "reference")
"""What becomes of a resource. `kept` differs on the server though the note does not: somebody changed it there."""

SENT = ("create", "update", "retract")


@dataclass(frozen=True)
class Step:
    """One resource of a note: what becomes of it, as it is sent, and what the server has in its place."""

    action: str
    resource: Json
    address: str
    """Type and id on the server, or the `urn:uuid:` by which the others refer to it until the server gave it one."""
    version: str = ""
    """The version on the server that the plan was made from."""
    if_none_exist: str = ""

    @property
    def kind(self) -> str:
        return str(self.resource["resourceType"])

    @property
    def sent(self) -> bool:
        return self.action in SENT


Plan = Sequence[Step]


def address_of(resource: Json) -> str:
    """Return a resource's type and id, which is how its server refers to it."""
    return f"{resource['resourceType']}/{resource['id']}"


def version_of(resource: Json) -> str:
    """Return the version of a resource on its server, empty where that says none."""
    return str(resource.get("meta", {}).get("versionId", ""))


def pointed(node: Any, addresses: Mapping[str, str]) -> Any:
    """Return a copy of a resource whose references lead to these addresses."""
    if isinstance(node, dict):
        return {
            key: addresses.get(value, value)
            if key == "reference" and isinstance(value, str)
            else pointed(value, addresses)
            for key, value in node.items()
        }
    return [pointed(value, addresses) for value in node] if isinstance(node, list) else node


def same_person(ours: Json, theirs: Json) -> None:
    """Refuse a Patient on the server that is known by our identifier and cannot be ours; raises InputError."""
    where = address_of(theirs)
    if ours["resourceType"] != "Patient":
        return
    merged = [one for one in theirs.get("link", ()) if one.get("type") == "replaced-by"]
    if merged:
        into = merged[0].get("other", {}).get("reference", "another record")
        raise InputError(f"{where} on the server was merged into {into}; give the note the identifier that is used now")
    born, known = ours.get("birthDate"), theirs.get("birthDate")
    if born and known and born[: len(known)] != known[: len(born)]:
        raise InputError(
            f"{where} on the server has the note's identifier and another birth date; nothing was sent, since it "
            "may be somebody else: mend the identifier or the date where it is wrong"
        )


def same_subject(theirs: Json, patient: str, base: str) -> None:
    """Refuse an encounter on the server that is of another patient than the note; raises InputError."""
    reference = theirs.get("subject", {}).get("reference")
    if reference and local(reference, base) != patient:
        raise InputError(
            f"{address_of(theirs)} on the server has the note's number of the encounter and is of another patient; "
            "nothing was sent: mend the number where it is wrong"
        )


def only(kind: str, query: str, found: Sequence[Json]) -> Json | None:
    """Return the one resource that a search by identifier found, or None; two stop everything with an InputError."""
    if len(found) > 1:
        named = " and ".join(address_of(one) for one in found[:3]) + (" and more" if len(found) > 3 else "")
        system = query.partition("=")[2].partition("|")[0]
        raise InputError(
            f"the server has {named} under the same identifier of {system}, and which is meant cannot be told; nothing "
            f"was sent: have the {kind} records merged there first"
        )
    return found[0] if found else None


_LATER = {
    "draft": {"final": "signed", "amended": "amended", "entered-in-error": "marked as entered in error"},
    "final": {"amended": "amended", "entered-in-error": "marked as entered in error"},
}
"""What a version of a note must not go over, by its own status and by that on the server."""


def not_behind(status: str, there: str, host: str) -> None:
    """Refuse a version of a note that the server has a later one of; raises InputError."""
    became = _LATER.get(status, {}).get(there)
    if became:
        raise InputError(
            f"this is the note as it was before it was {became}, which {host} has; nothing was sent: push its last "
            "version, and where this one is right after all, record it as amended"
        )


def listed(composition: Json | None, note_id: str, base: str) -> list[str]:
    """Return the addresses of what an earlier push left of a note; raises InputError where it is not this note."""
    if composition is None:
        return []
    own = {"system": RESOURCE, "value": note_id}
    if composition.get("identifier", own) != own:
        raise InputError(f"{address_of(composition)} on the server belongs to another note; nothing was sent")
    found = [
        local(entry["reference"], base)
        for section in composition.get("section", ())
        for entry in section.get("entry", ())
        if "reference" in entry
    ]
    return [address for address in dict.fromkeys(found) if address.partition("/")[0] not in SHARED]


def plan(
    entries: Iterable[Json],
    theirs: Mapping[str, Json],
    known: Mapping[str, str],
    before: Iterable[str] = (),
    base: str = "",
) -> list[Step]:
    """Return what becomes of each entry of a transaction, and of what the note no longer holds.

    `theirs` are the resources on the server by their address, `known` the addresses there of people, places and
    encounters by fullUrl, `before` the addresses that an earlier push left.
    """
    entries = [*entries]
    own = {entry["fullUrl"]: address_of(entry["resource"]) for entry in entries if not _is_shared(entry["resource"])}
    steps = [_step(entry, theirs, {**known, **own}, known, base) for entry in entries]
    retracting = [*_gone(theirs, before, {step.address for step in steps})]
    return [*_left_alone(steps), *retracting]


def _is_shared(resource: Json) -> bool:
    return resource["resourceType"] in SHARED


def _step(
    entry: Json, theirs: Mapping[str, Json], addresses: Mapping[str, str], known: Mapping[str, str], base: str
) -> Step:
    ours, full_url = pointed(entry["resource"], addresses), entry["fullUrl"]
    if _is_shared(ours):
        if full_url in known:
            return Step("reference", ours, known[full_url])
        return Step("create", ours, full_url, if_none_exist=entry["request"].get("ifNoneExist", ""))
    address = address_of(ours)
    there = theirs.get(address)
    if there is None:
        return Step("create", ours, address)
    return Step("unchanged" if unchanged(ours, there, base) else "update", ours, address, version_of(there))


def _left_alone(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield steps; where the note is what it was, what differs on the server was changed there and is left."""
    whole = [step.action for step in steps if step.kind in ("Composition", "QuestionnaireResponse")]
    as_before = bool(whole) and {*whole} == {"unchanged"}  # these two hold all of a note
    for step in steps:
        yield replace(step, action="kept") if as_before and step.action == "update" else step


def _gone(theirs: Mapping[str, Json], before: Iterable[str], present: set[str]) -> Iterator[Step]:
    """Yield what the note held when it was sent before and holds no longer, as entered in error."""
    for address in before:
        there = theirs.get(address)
        if address not in present and there is not None:
            changed = retracted(there)
            if not same(changed, there):
                yield Step("retract", without_version(changed), address, version_of(there))


def without_version(resource: Json) -> Json:
    """Return a resource of the server as it is sent back: which version it was is said in the request."""
    meta = {key: value for key, value in resource.get("meta", {}).items() if key in ("profile", "tag", "security")}
    rest = {key: value for key, value in resource.items() if key != "meta"}
    return {**rest, "meta": meta} if meta else rest


def transaction(steps: Plan) -> Json:
    """Return the transaction that carries a plan out; what is not sent is referred to where the server has it."""
    within = {step.address: _full_url(step) for step in steps if step.sent}
    entries = [_entry(step, pointed(step.resource, within)) for step in steps if step.sent]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _full_url(step: Step) -> str:
    return step.address if step.address.startswith("urn:") else f"urn:uuid:{step.resource['id']}"


def _entry(step: Step, resource: Json) -> Json:
    if step.address.startswith("urn:"):
        request = {"method": "POST", "url": step.kind, "ifNoneExist": step.if_none_exist}
    else:
        request = {"method": "PUT", "url": step.address}
        if step.version:
            request["ifMatch"] = f'W/"{step.version}"'
    return {"fullUrl": _full_url(step), "resource": resource, "request": request}


def renamed(step: Step, action: str, other: str) -> Step:
    """Return a step whose action, if it is this one, is called otherwise."""
    return replace(step, action=other) if step.action == action else step


def placed(step: Step, location: str) -> Step:
    """Return a step with the address and version that the server gave; a location is .../Type/id/_history/version."""
    where, _, version = location.partition("/_history/")
    parts = where.rstrip("/").split("/")
    address = "/".join(parts[-2:]) if len(parts) > 1 and parts[-2] == step.kind else step.address
    return replace(step, address=address, version=version or step.version) if location else step
