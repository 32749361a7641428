"""Who signed, co-signed, amended or added to a note: Provenance resources, and what the Composition says of it."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ci_notes.errors import InputError
from ci_notes.fhir import datatypes
from ci_notes.fhir.bundle import request
from ci_notes.fhir.datatypes import RESOURCE, resource_id
from ci_notes.fhir.filling import SHARED

Json = dict[str, Any]

ACTS = ("sign", "cosign", "amend", "addend", "void")


@dataclass(frozen=True, slots=True)
class Signature:
    """One act on a signed note: which of ACTS, when (ISO with offset), by whom (name; `account` is an id of ours).

    `version` is the version of the note that it made or was done to, from 1. `reason` is given for an amendment and a
    note entered in error; `text` are the words of an addendum.
    """

    act: str
    at: str
    by: str
    account: str = ""
    version: int = 1
    reason: str = ""
    text: str = ""


_TYPES = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_OPERATIONS = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_PARTICIPATIONS = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"

_ACTIVITIES = {
    "sign": (_OPERATIONS, "CREATE", "create", "Signed"),
    "cosign": (_PARTICIPATIONS, "VRF", "verifier", "Co-signed"),
    "amend": (_OPERATIONS, "UPDATE", "revise", "Amended"),
    "addend": (_OPERATIONS, "APPEND", "append", "Addendum"),
    "void": (_OPERATIONS, "NULLIFY", "nullify", "Marked as entered in error"),
}
"""What was done, from R4's provenance-activity-type, with the word of ours for it."""

_VERSIONED = ("sign", "amend")
"""Acts that make a version of the note; the others are done to one."""


def signed(bundle: Json, signatures: Sequence[Signature]) -> Json:
    """Return a bundle of ours with the signatures of its note, in the order in which they were given.

    Each is a Provenance; who co-signed this version attests the Composition; the words of an addendum are a section of
    it. Raises InputError for an act that is none, and for a bundle without a Composition.
    """
    unknown = next((one.act for one in signatures if one.act not in ACTS), "")
    if unknown:
        raise InputError(f"a signature is one of {', '.join(ACTS)}; «{unknown}» is none")
    resources = [entry["resource"] for entry in bundle["entry"]]
    composition = next((one for one in resources if one["resourceType"] == "Composition"), None)
    if composition is None:
        raise InputError("only a note's own bundle, which has a Composition, can say who signed it")
    told = _Told(composition, resources, signatures)
    changed = told.composition()
    entries = [{**one, "resource": changed} if one["resource"] is composition else one for one in bundle["entry"]]
    return {**bundle, "entry": [*entries, *(_entry(one, bundle["type"]) for one in told.provenances())]}


def _entry(resource: Json, form: str) -> Json:
    entry: Json = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
    return {**entry, "request": request(resource)} if form == "transaction" else entry


class _Told:
    """The signatures of one note, beside its resources."""

    def __init__(self, composition: Json, resources: Sequence[Json], signatures: Sequence[Signature]) -> None:
        self.before = composition
        self.note_id = composition["identifier"]["value"]
        self.signatures = signatures
        self.version = max((one.version for one in signatures), default=1)
        self.own = [one for one in resources if one["resourceType"] not in SHARED and one is not composition]
        self.named = {_name(one): f"urn:uuid:{one['id']}" for one in resources if one["resourceType"] == "Practitioner"}

    def who(self, one: Signature) -> Json:
        """Return who it was: the author of this bundle where the name is the same, else by name and account."""
        address = self.named.get(one.by)
        return {"reference": address, "display": one.by} if address else datatypes.person(one.by, one.account)

    # the Composition

    def composition(self) -> Json:
        attesters = [*self.before.get("attester", ()), *self._attesters()]
        sections = [*self.before.get("section", ()), *self._addenda()]
        added = {"attester": attesters} if attesters else {}
        return {**self.before, **added, **({"section": sections} if sections else {})}

    def _attesters(self) -> Iterator[Json]:
        """Yield who co-signed this version: in their profession, since `official` is the house's own word."""
        for one in self.signatures:
            if one.act == "cosign" and one.version == self.version:
                yield {"mode": "professional", "time": one.at, "party": self.who(one)}

    def _addenda(self) -> Iterator[Json]:
        for one in self.signatures:
            if one.act == "addend" and one.text.strip():
                title = " ".join(f"Addendum by {one.by}, {one.at[:10]}".split())
                yield {"title": title, "author": [self.who(one)], "text": _narrative(one.text)}

    # Provenance

    def provenances(self) -> Iterator[Json]:
        for number, one in enumerate(self.signatures, 1):
            yield self._provenance(number, one)

    def _provenance(self, number: int, one: Signature) -> Json:
        system, code, display, said = _ACTIVITIES[one.act]
        type_ = ("verifier", "Verifier") if one.act == "cosign" else ("author", "Author")
        agent = {"coding": [{"system": _TYPES, "code": type_[0], "display": type_[1]}]}
        body: Json = {
            "resourceType": "Provenance",
            "id": resource_id(self.note_id, f"provenance/{number}"),
            "target": [*self._targets(one)],
            "recorded": one.at,
            **({"reason": [{"text": one.reason.strip()}]} if one.reason.strip() else {}),
            "activity": {"coding": [{"system": system, "code": code, "display": display}], "text": said},
            "agent": [{"type": agent, "who": self.who(one)}],
        }
        if one.act == "amend":
            body["entity"] = [{"role": "revision", "what": self._version(one.version - 1)}]
        return body

    def _targets(self, one: Signature) -> Iterator[Json]:
        """Yield what was signed: the note, and all that is recorded in it if this is the version that is here."""
        yield {"reference": f"urn:uuid:{self.before['id']}"}
        if one.act in _VERSIONED and one.version == self.version:
            yield from ({"reference": f"urn:uuid:{other['id']}"} for other in self.own)

    def _version(self, number: int) -> Json:
        """Return a version of the note that is not here: by the note's id, which all of them share."""
        identifier = {"system": RESOURCE, "value": self.note_id}
        return {"type": "Composition", "identifier": identifier, "display": f"Version {number} of the note"}


def _name(practitioner: Json) -> str:
    names = practitioner.get("name") or [{}]
    return str(names[0].get("text", ""))


def _narrative(text: str) -> Json:
    """Return words of a person as the text of a section: they say what no entry has."""
    lines = [html.escape(" ".join(line.split()), quote=False) for line in text.splitlines() if line.strip()]
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return {"status": "additional", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'}
