"""An audit trail as FHIR AuditEvents: who saw and changed what, when, and whether they were let."""

from collections.abc import Iterable
from typing import Any, Protocol

from ci_notes.fhir import datatypes
from ci_notes.fhir.datatypes import RESOURCE, resource_id

Json = dict[str, Any]


class Entry(Protocol):
    """What happened once: `at` (ISO with offset), `who` (an id of ours), `action`, the `entity` by our id and its kind.

    Of a search `entity` holds the ids of all whom it showed, separated by spaces.

    `outcome` is done, refused or failed; `detail` says nothing of a patient.
    """

    @property
    def at(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def who_name(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def entity(self) -> str: ...
    @property
    def patient(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def detail(self) -> str: ...


_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_REST = "http://hl7.org/fhir/restful-interaction"
_ENTITIES = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
_SOURCES = "http://terminology.hl7.org/CodeSystem/security-source-type"
_USERS = "http://terminology.hl7.org/CodeSystem/extra-security-role-type"

_ACTIVITY = ("110100", "Application Activity")
_LOG = ("110101", "Audit Log Used")
_RECORD = ("110110", "Patient Record")
_ALERT = ("110113", "Security Alert")

_TYPES = {
    "export": ("110106", "Export"),
    "print": ("110106", "Export"),
    "push": ("110106", "Export"),
    "import": ("110107", "Import"),
    "search": ("110112", "Query"),
    "sign-in": ("110114", "User Authentication"),
    "sign-out": ("110114", "User Authentication"),
    "lock": ("110114", "User Authentication"),
    "unlock": ("110114", "User Authentication"),
}
"""What kind of event an action is, from R4's audit-event-type, whatever it was done to."""

_KINDS = {"note": _RECORD, "draft": _RECORD, "patient": _RECORD, "account": _ALERT, "audit": _LOG}
"""What kind of event any other action is, by what it was done to."""

_SECURITY = {
    "sign-in": ("110122", "Login"),
    "unlock": ("110122", "Login"),
    "sign-out": ("110123", "Logout"),
    "lock": ("110123", "Logout"),
    "roles changed": ("110136", "Security Roles Changed"),
}
_ATTRIBUTES = ("110137", "User security Attributes Changed")
"""What else is done to an account."""

_CRUD = {
    "begin": ("C", "create"),
    "import": ("C", "create"),
    "read": ("R", "read"),
    "export": ("R", "read"),
    "print": ("R", "read"),
    "push": ("R", "read"),
    "write": ("U", "update"),
    "sign": ("U", "update"),
    "cosign": ("U", "update"),
    "amend": ("U", "update"),
    "addend": ("U", "update"),
    "void": ("U", "update"),
    "discard": ("D", "delete"),
    "search": ("E", "search"),
}
"""An action by R4's audit-event-action and restful-interaction; what is not here was executed (E)."""

_OUTCOMES = {"done": "0", "refused": "4"}
_SERIOUS = "8"

_THINGS = {
    "patient": (("1", "Person"), ("1", "Patient")),
    "account": (("1", "Person"), ("11", "Security User Entity")),
    "audit": (("2", "System Object"), ("13", "Security Resource")),
}
_RECORDED = (("2", "System Object"), ("4", "Domain Resource"))
"""What an entity is by R4's audit-entity-type and object-role."""


def audit_events(entries: Iterable[Entry]) -> Json:
    """Return the entries, in the order given, as a collection Bundle of AuditEvents."""
    events: dict[str, Json] = {}
    for one in entries:
        key = "\n".join((one.at, one.who, one.action, one.kind, one.entity, one.patient, one.outcome, one.detail))
        number = 1
        while (name := resource_id(key, f"audit/{number}")) in events:
            number += 1  # the same, done twice in one moment
        events[name] = _event(name, one)
    whole = resource_id("\n".join(events), "audit")
    listed = [{"fullUrl": f"urn:uuid:{name}", "resource": event} for name, event in events.items()]
    bundle: Json = {"resourceType": "Bundle", "id": whole, "type": "collection"}
    return {**bundle, "entry": listed} if listed else bundle


def _event(name: str, one: Entry) -> Json:
    action, interaction = _CRUD.get(one.action, ("E", ""))
    event: Json = {
        "resourceType": "AuditEvent",
        "id": name,
        "type": _coding(_DICOM, _TYPES.get(one.action) or _KINDS.get(one.kind, _ACTIVITY)),
    }
    subtypes = [*_subtypes(one, interaction)]
    if subtypes:
        event["subtype"] = subtypes
    event |= {"action": action, "recorded": one.at, "outcome": _OUTCOMES.get(one.outcome, _SERIOUS)}
    if one.detail.strip():
        event["outcomeDesc"] = one.detail.strip()
    event["agent"] = [_agent(one)]
    event["source"] = {"observer": {"display": "ci-notes"}, "type": [_coding(_SOURCES, ("4", "Application Server"))]}
    event["entity"] = [*_entities(one)]
    return event


def _subtypes(one: Entry, interaction: str) -> list[Json]:
    if one.kind == "account":
        return [_coding(_DICOM, _SECURITY.get(one.action, _ATTRIBUTES))]
    return [_coding(_REST, (interaction, interaction))] if interaction else []


def _agent(one: Entry) -> Json:
    human = {"coding": [_coding(_USERS, ("humanuser", "human user"))]}
    named = {"name": one.who_name} if one.who_name else {}
    who = {"who": datatypes.person(one.who_name, one.who)} if one.who or one.who_name else {}
    return {"type": human, **who, **named, "requestor": True}


def _entities(one: Entry) -> Iterable[Json]:
    """Yield what it was done to, with the word of ours for the action, and whose it is; all whom a search showed."""
    kind, role = _THINGS.get(one.kind, _RECORDED)
    first, *others = one.entity.split() if one.action == "search" and one.entity.strip() else [one.entity]
    what = {"what": _what(one.kind, first)} if first else {}
    detail = {"detail": [{"type": "action", "valueString": one.action}]}
    yield {
        **what,
        "type": _coding(_ENTITIES, kind),
        "role": _coding(_ROLES, role),
        "name": one.kind or "program",
        **detail,
    }
    for other in others:
        yield {"what": _what(one.kind, other), "type": _coding(_ENTITIES, kind), "role": _coding(_ROLES, role)}
    if one.patient and one.patient != one.entity:
        kind, role = _THINGS["patient"]
        yield {"what": _what("patient", one.patient), "type": _coding(_ENTITIES, kind), "role": _coding(_ROLES, role)}


_RESOURCES = {"note": "Composition", "draft": "Composition", "patient": "Patient", "account": "Practitioner"}


def _what(kind: str, entity: str) -> Json:
    """Return a reference to what our id names: a note as its Composition has it, the rest by our id alone."""
    resource = {"type": _RESOURCES[kind]} if kind in _RESOURCES else {}
    return {**resource, "identifier": {"system": RESOURCE, "value": entity}}


def _coding(system: str, code: tuple[str, str]) -> Json:
    return {"system": system, "code": code[0], "display": code[1]}
