"""Check, render, fhir, import, lint, and what a template holds: as on the command line, and nothing is kept."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.responses import Response

from ci_notes import checks, derive, intake, library, listing, printing, reporting
from ci_notes.derive import Note
from ci_notes.errors import InputError
from ci_notes.expression.names import JURISDICTIONS
from ci_notes.fhir.bundle import DETAILS, FORMS, LENGTHS, to_fhir
from ci_notes.fhir.forms.questionnaire import to_questionnaire
from ci_notes.fhir.lint import lint, vocabulary_of
from ci_notes.fhir.typed import typed
from ci_notes.kinds import is_date, is_moment
from ci_notes.narrative import Sentence, render, render_page
from ci_notes.shape import schema
from ci_notes.web import clock
from ci_notes.web.api.answering import FHIR, JSON, Refusal, Wrong, answer, written
from ci_notes.web.api.asking import BUNDLE, NOTE, Asked, Verb
from ci_notes.wording import sentence

MOST = 1000
"""Notes that are checked together."""

LONGEST = 20.0
"""Seconds after which the rest of a list of notes is not begun."""


# --- templates and rules -------------------------------------------------------------------------------------------


def _templates(asked: Asked) -> Response:
    return written(listing.catalogue(asked.templates.values(), "json"))


def _template(asked: Asked) -> Response:
    return written(listing.template(_in_path(asked), "json"))


def _schema(asked: Asked) -> Response:
    return answer(schema(_in_path(asked)), asked.wanted)


def _questionnaire(asked: Asked) -> Response:
    return answer(to_questionnaire(_in_path(asked)), asked.wanted)


def _in_path(asked: Asked) -> Any:
    return asked.template(asked.request.path_params["template"], 404)


def _rules(asked: Asked) -> Response:
    return written(listing.rules([*asked.templates.values()], "json"))


def _rule(asked: Asked) -> Response:
    try:
        page = listing.rule_named(asked.request.path_params["rule"], [*asked.templates.values()], "json")
    except InputError as error:
        raise Refusal(404, Wrong("rule", sentence(str(error)))) from None
    return written(page)


# --- notes ---------------------------------------------------------------------------------------------------------


def _note(asked: Asked, data: Any, place: str = "the note") -> Note:
    """Return the note in data; raises Refusal for what is no note."""
    where = "body" if place == "the note" else place
    if not isinstance(data, Mapping):
        raise Refusal(422, Wrong(where, f"{place.capitalize()} holds {library.what(data)}, not a group of fields."))
    try:
        named = library.template_of(data, place)
    except InputError as error:
        raise Refusal(422, Wrong(where, sentence(str(error)))) from None
    return derive.note(asked.template(named), data, asked.query.get("jurisdiction", ""))


def _check(asked: Asked) -> Response:
    """Answer what `ci-notes check --format json` prints: a list, of one note as of several."""
    today = asked.query.get("today", clock.today().isoformat())
    if not is_date(today):
        raise Refusal(400, Wrong("?today", "?today is a date such as 2026-11-21."))
    data = asked.data()
    several = isinstance(data, Mapping) and "notes" in data and "template" not in data
    notes = _several(asked, data) if several else {"the note": _note(asked, data)}
    until = time.monotonic() + LONGEST
    reports = []
    for name, note in notes.items():
        if time.monotonic() > until:
            raise Refusal(413, Wrong(name, f"{LONGEST:.0f} seconds did not suffice for so much; send fewer at once."))
        found = checks.check(note, today=today, page=printing.page_text(note))
        reports.append(reporting.as_data(note, found, name))
    return answer(reports)


def _several(asked: Asked, data: Mapping[str, Any]) -> dict[str, Note]:
    """Return notes that are checked together, each beside those of its pregnancy before it; raises Refusal."""
    given = data["notes"]
    if not isinstance(given, list) or not given or len(data) > 1:
        raise Refusal(422, Wrong("notes", 'Several notes are sent as {"notes": [...]}, with at least one in it.'))
    if len(given) > MOST:
        raise Refusal(413, Wrong("notes", f"{len(given)} notes are too many at once; send at most {MOST}."))
    alone, wrong = [], []
    for number, one in enumerate(given):
        try:
            alone.append(_note(asked, one, f"notes[{number}]"))
        except Refusal as error:
            wrong += [Wrong(f"notes[{number}]", each.detail) for each in error.wrong]
    if wrong:
        raise Refusal(422, *wrong)
    together = library.as_record(alone, asked.query.get("jurisdiction", ""))
    return {f"notes[{number}]": note for number, note in enumerate(together)}


_LAYOUTS = {"text/plain": "text", "text/markdown": "markdown", "text/html": "html"}
_PDF = "application/pdf"


def _render(asked: Asked) -> Response:
    """Answer the narrative, or the page for the patient, as somebody reads it or, in JSON, with its trace."""
    note = _note(asked, asked.data())
    for_patient = asked.query.get("for") == "patient"
    sentences = (render_page if for_patient else render)(note, trace=asked.wanted == JSON)
    if asked.wanted == JSON:
        return answer(_traced(note, sentences))
    title = printing.PAGE_TITLE if for_patient else ""
    if asked.wanted == _PDF:
        from ci_notes.typesetting import pdf  # noqa: PLC0415  loads a typesetter

        return written(pdf(note, sentences, title), _PDF)
    return written(printing.LAYOUTS[_LAYOUTS[asked.wanted]](note, sentences, title), asked.wanted)


def _traced(note: Note, sentences: list[Sentence]) -> dict[str, Any]:
    return {
        "note": note.id,
        "template": note.template.id,
        "status": note.status,
        "sentences": [asdict(one) for one in sentences],
        "not_in_the_narrative": [
            {"place": problem.path, "detail": problem.message} for problem in (*note.problems, *note.unread)
        ],
    }


# --- FHIR ----------------------------------------------------------------------------------------------------------


def _fhir(asked: Asked) -> Response:
    """Answer a note as a bundle; with {"note": ..., "previous": ...}, as an amendment of what it was before."""
    data = asked.data()
    amending = isinstance(data, Mapping) and "note" in data and "template" not in data
    note = _note(asked, data["note"] if amending else data)
    before = _note(asked, data.get("previous"), "previous") if amending else None
    query = asked.query
    bundle = to_fhir(
        note,
        render(note),
        form=query.get("bundle", FORMS[0]),
        detail=query.get("detail", DETAILS[0]),
        previous=before,
        length_unit=query.get("length-unit", LENGTHS[0]),
    )
    typed(bundle)
    return answer(bundle, asked.wanted)


def _import(asked: Asked) -> Response:
    """Answer the note that is made of FHIR, and the account of what was taken and what was left out."""
    day = asked.query.get("date", "")
    if day and not is_date(day) and not is_moment(day):
        words = "?date is a date such as 2026-11-21, or a date and time such as 2026-11-21T09:30:00+01:00."
        raise Refusal(400, Wrong("?date", words))
    wanted = intake.Wanted(str(uuid.uuid4()), clock.here(), asked.query.get("template", ""), day)
    reading = intake.taken_in(
        asked.fhir(), intake.NoteKinds(asked.template, asked.templates), wanted, "with ?template="
    )
    if not reading.ours and not reading.taken:
        raise Refusal(422, Wrong("body", "Nothing in it is recognised, so there is no note."))
    account = reading.as_data()
    remark = intake.not_read(reading, asked.template(reading.data["template"]))
    account["remarks"] += [remark] if remark else []
    return answer({"note": reading.data, "account": account})


def _lint(asked: Asked) -> Response:
    """Answer what `ci-notes lint --format json` prints, of one bundle."""
    found = lint(asked.fhir(), vocabulary_of(asked.templates.values()))
    return answer([{"file": "the bundle", "faults": [asdict(fault) for fault in found]}])


_JURISDICTION = {"jurisdiction": JURISDICTIONS}
BUNDLES = {"bundle": FORMS, "detail": DETAILS, "length-unit": LENGTHS}
"""What a bundle may be asked to be."""

VERBS = (
    Verb("GET", "/templates", "api_templates", _templates),
    Verb("GET", "/templates/{template}", "api_template", _template),
    Verb("GET", "/templates/{template}/schema", "api_schema", _schema, gives=("application/schema+json", JSON)),
    Verb("GET", "/templates/{template}/questionnaire", "api_questionnaire", _questionnaire, gives=(FHIR, JSON)),
    Verb("GET", "/rules", "api_rules", _rules),
    Verb("GET", "/rules/{rule}", "api_rule", _rule),
    Verb("POST", "/check", "api_check", _check, takes=NOTE, query={**_JURISDICTION, "today": ()}),
    Verb(
        "POST", "/render", "api_render", _render, gives=(*_LAYOUTS, JSON, _PDF), takes=NOTE,
        query={**_JURISDICTION, "for": ("clinician", "patient")},
    ),
    Verb("POST", "/fhir", "api_fhir", _fhir, gives=(FHIR, JSON), takes=NOTE, query=BUNDLES),
    Verb("POST", "/import", "api_import", _import, takes=BUNDLE, query={"template": (), "date": ()}),
    Verb("POST", "/lint", "api_lint", _lint, takes=BUNDLE),
)  # fmt: skip
