"""A record with something in it: a pregnancy of signed notes, and a draft of each kind, all of invented patients."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from ci_notes import derive
from ci_notes.library import load_template
from ci_notes.record import Record
from ci_notes.record.model import Person as Signer
from ci_notes.signing import Moment, signing
from ci_notes.web.signing import signed_of_draft

TEMPLATES = Path(__file__).parents[2] / "templates"
PREGNANCY = Path(__file__).parents[1] / "pregnancy" / "uk"
NAT = Signer("nat", "Dr Nat Example", "clinician")


def stocked(record: Record) -> dict[str, str]:
    """Put notes into a record; return the ids of the last signed note, its patient, and a draft of each kind."""
    notes = [json.loads(path.read_text()) for path in sorted(PREGNANCY.glob("*.note.json"))]
    for data in notes:
        signed(record, data)
    held = {"note": notes[-1]["id"], "patient": str(record.ledger.latest(notes[-1]["id"]).patient)}
    for kind in ("assessment", "cerclage", "follow-up", "removal", "ultrasound"):
        held[kind] = drafted(record, json.loads((TEMPLATES / kind / "examples" / "complete.note.json").read_text()))
    return held


def drafted(record: Record, data: dict[str, Any]) -> str:
    """Begin a draft that holds all of a note but its signature; return its id."""
    plain = {key: value for key, value in data.items() if key not in ("id", "status", "signed_at")}
    return record.drafts.begin(plain, NAT, data["date"], lambda: data.get("id") or str(uuid4())).id


def signed(record: Record, data: dict[str, Any]) -> str:
    """Sign a note as it stands; return its id."""
    draft = record.drafts.get(drafted(record, data))
    earlier = [derive.note(load_template(one["template"]), one) for one in record.earlier(draft.data)]
    at = data.get("signed_at", data["date"])
    looked = signing(load_template(data["template"]), draft.state, Moment(at, NAT.name), None, earlier)
    record.ledger.sign(draft.id, draft.revision, signed_of_draft(looked), NAT, at)
    return draft.id
