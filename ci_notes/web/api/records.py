"""Signed notes for programs: the note as it stands now, its bundle, and the notes of a patient."""

from typing import Any

from starlette.responses import Response

from ci_notes import derive
from ci_notes.narrative import Sentence
from ci_notes.record import Record
from ci_notes.record.model import Entry, Event, Standing, Written
from ci_notes.web import clock
from ci_notes.web.access import READERS, viewer
from ci_notes.web.api.answering import FHIR, JSON, Refusal, Wrong, answer
from ci_notes.web.api.asking import Asked, Verb
from ci_notes.web.api.verbs import BUNDLES, bundled


def _record(asked: Asked) -> Record:
    found: Record = asked.request.app.state.record
    return found


def _seen(asked: Asked, kind: str, entity: str, patient: str | None, action: str = "read") -> None:
    """Enter in the audit trail that somebody was given a note, or the notes of a patient."""
    who = viewer(asked.request)
    event = Event(who.id, who.name, action, kind, entity, patient or "", detail="by the API", session=who.session)
    _record(asked).audit.add(event, clock.now())


def _standing(asked: Asked, action: str = "read") -> Standing:
    found = _record(asked).ledger.standing(str(asked.request.path_params["note"]))
    _seen(asked, "note", found.note, found.latest.patient, action)
    return found


def _note(asked: Asked) -> Response:
    found = _standing(asked)
    return answer(found.data, asked.wanted, headers={"ETag": f'"{found.latest.hash[:32]}-{found.status}"'})


def _bundle(asked: Asked) -> Response:
    """Answer a note's bundle with the narrative as it was signed; an amendment retracts what it removed."""
    found = _standing(asked, "export")
    note = _read(asked, found.latest, found.data)
    versions = [one for one in found.history if one.kind in ("signed", "amended")]
    before = _read(asked, versions[-2], versions[-2].data) if len(versions) > 1 else None
    narrative = [_sentence(one) for one in found.latest.body["sentences"]]
    return answer(bundled(asked, note, narrative, before), asked.wanted)


def _read(asked: Asked, entry: Entry, data: dict[str, Any]) -> derive.Note:
    name = entry.body["template"]
    if name not in asked.templates:
        raise Refusal(409, Wrong("", f"The note was written with the template {name}, which is not here any more."))
    return derive.note(asked.templates[name], data)


def _sentence(told: dict[str, Any]) -> Sentence:
    return Sentence(**{**told, "says": tuple(told["says"]), "because": tuple(told["because"])})


def _notes(asked: Asked) -> Response:
    patient = str(asked.request.path_params["patient"])
    _record(asked).patients.get(patient)
    found = [_listed(asked, one) for one in _record(asked).patients.notes(patient) if not one.draft]
    _seen(asked, "patient", patient, patient)
    return answer(found)


def _listed(asked: Asked, one: Written) -> dict[str, Any]:
    return {
        "note": one.note,
        "template": one.data.get("template"),
        "date": one.data.get("date"),
        "status": one.status,
        "version": one.number,
        "signed_at": one.at,
        "signed_by": one.by.name,
        "url": str(asked.request.url_for("api_note", note=one.note)),
    }


VERBS = (
    Verb("GET", "/notes/{note}", "api_note", _note, roles=READERS),
    Verb("GET", "/notes/{note}/bundle", "api_bundle", _bundle, gives=(FHIR, JSON), query=BUNDLES, roles=READERS),
    Verb("GET", "/patients/{patient}/notes", "api_patient_notes", _notes, roles=READERS),
)
