"""FHIR as a note, whoever wrote it: our own bundles come back whole, of others what is recognised is taken."""

import json
from collections.abc import Mapping
from typing import Any

from ci_notes.fhir import datatypes
from ci_notes.fhir.forms import answered
from ci_notes.fhir.reading.account import Reading
from ci_notes.fhir.reading.foreign import read_foreign
from ci_notes.fhir.reading.incoming import addressed
from ci_notes.fhir.reading.ours import read_ours, template_named
from ci_notes.template import Template

Json = dict[str, Any]


def template_written_with(source: Any) -> str:
    """Return the id of the template that FHIR was written with by us, or an empty text where it is somebody else's.

    Raises InputError for what is no FHIR R4.
    """
    if isinstance(source, Mapping) and source.get("resourceType") == "QuestionnaireResponse":
        return answered.template_of(source)
    if not isinstance(source, Mapping) or source.get("resourceType") != "Bundle":
        return ""
    return next(filter(None, (template_named(entry.resource) for entry in addressed(source))), "")


def read_fhir(source: Any, template: Template, note_id: str = "", date: str = "", now: str = "") -> Reading:
    """Return the note in FHIR, with an account of what was taken and what was left out, and why.

    `source` is a Bundle (a document, a transaction, the page of a search), or a single resource. One of ours gives back
    the note that it was made from. Of any other, what is recognised stands in a new draft, carried forward: each value
    is to be confirmed. `note_id` and `date` are those of a note that the source gives none for: without them the id is
    made of the content, and the date is the last one that the source says, or `now`.

    Raises InputError for what is no FHIR R4, for several patients, and where nothing says of which day it is.
    """
    given = note_id or datatypes.resource_id(json.dumps(source, sort_keys=True, default=str), "note")
    ours = template_written_with(source)
    if ours and source["resourceType"] == "QuestionnaireResponse":
        return Reading(answered.read_response(template, source, given), True)
    if ours:
        return read_ours(source, template, given)
    return read_foreign(source, template, given, date, now)
