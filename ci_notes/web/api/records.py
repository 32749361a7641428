"""Signed notes for programs: the note as it stands now, its bundle, and the notes of a patient."""

from typing import Any

from starlette.responses import Response

from ci_notes.fhir.bundle import DETAILS, FORMS, LENGTHS
from ci_notes.record.model import Standing, Written
from ci_notes.web import downloading
from ci_notes.web.access import READERS
from ci_notes.web.api.answering import FHIR, JSON, answer
from ci_notes.web.api.asking import Asked, Verb
from ci_notes.web.api.verbs import BUNDLES
from ci_notes.web.notes import signatures_until
from ci_notes.web.patients import sees_drafts
from ci_notes.web.trail import note_down

_HOW = "by the API"


def _standing(asked: Asked, action: str) -> Standing:
    """Return how a signed note stands, and keep in the audit trail that somebody was given it."""
    found: Standing = asked.request.app.state.record.ledger.standing(asked.request.path_params["note"])
    note_down(asked.request, action, "note", found.note, found.latest.patient, _HOW)
    return found


def _note(asked: Asked) -> Response:
    found = _standing(asked, "read")
    return answer(found.data, asked.wanted, headers={"ETag": f'"{found.history[-1].hash[:32]}"'})


def _bundle(asked: Asked) -> Response:
    """Answer a note's bundle with the narrative as it was signed; an amendment retracts what it removed."""
    found = _standing(asked, "export")
    acts = signatures_until(found, found.latest.number)
    last = downloading.Asked(asked.request, found, found.latest, acts)
    query = asked.query
    how = {"detail": query.get("detail", DETAILS[0]), "length_unit": query.get("length-unit", LENGTHS[0])}
    return answer(downloading.bundle_of(last, query.get("bundle", FORMS[0]), **how), asked.wanted)


def _notes(asked: Asked) -> Response:
    record, patient = asked.request.app.state.record, asked.request.path_params["patient"]
    record.patients.get(patient, sees_drafts(asked.request))
    found = [_listed(asked, one) for one in record.patients.notes(patient) if not one.draft]
    note_down(asked.request, "read", "patient", patient, patient, _HOW)
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
