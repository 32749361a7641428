"""Cervical insufficiency notes: one structured recording gives a narrative, a FHIR R4 bundle and quality findings.

    note = ci_notes.load("visit.note.json")
    findings = ci_notes.check(note, today="2026-11-03")
    findings = ci_notes.proofread(note, edited_text)
    sentences = ci_notes.render(note, trace=True)
    bundle = ci_notes.to_fhir(note, sentences)
    data = ci_notes.from_fhir(bundle, note.template)
    form = ci_notes.to_questionnaire(note.template)
    reading = ci_notes.read_fhir(somebodys_bundle, template)

The names are imported when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ci_notes.checks import Finding, check
    from ci_notes.derive import Note
    from ci_notes.errors import InputError, TemplateError
    from ci_notes.fhir.bundle import to_fhir
    from ci_notes.fhir.forms.questionnaire import to_questionnaire
    from ci_notes.fhir.reading.importing import read_fhir
    from ci_notes.fhir.reading.ours import from_fhir
    from ci_notes.library import catalogue, load, load_record, load_template
    from ci_notes.narrative import Sentence, render, render_page
    from ci_notes.proofreading import proofread

__version__ = "0.1.0"

_HOMES = {
    "Finding": "checks",
    "InputError": "errors",
    "Note": "derive",
    "Sentence": "narrative",
    "TemplateError": "errors",
    "catalogue": "library",
    "check": "checks",
    "from_fhir": "fhir.reading.ours",
    "load": "library",
    "load_record": "library",
    "load_template": "library",
    "proofread": "proofreading",
    "read_fhir": "fhir.reading.importing",
    "render": "narrative",
    "render_page": "narrative",
    "to_fhir": "fhir.bundle",
    "to_questionnaire": "fhir.forms.questionnaire",
}

__all__ = [
    "Finding",
    "InputError",
    "Note",
    "Sentence",
    "TemplateError",
    "catalogue",
    "check",
    "from_fhir",
    "load",
    "load_record",
    "load_template",
    "proofread",
    "read_fhir",
    "render",
    "render_page",
    "to_fhir",
    "to_questionnaire",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ci_notes' has no attribute {name!r}")
    found = getattr(import_module(f"ci_notes.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
