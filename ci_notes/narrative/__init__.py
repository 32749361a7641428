"""Renders a note as sentences, each knowing the fields it printed and the fields it tested.
How the prose is compiled so that they can is told in `compiling`.
"""

from itertools import count

from jinja2 import TemplateError as JinjaError

from ci_notes import wording
from ci_notes.derive import Note
from ci_notes.errors import InputError, NarrativeError, TemplateError
from ci_notes.narrative.compiling import LONGEST, STEPS, environment, prepared
from ci_notes.narrative.contract import PAGE, check_narrative
from ci_notes.narrative.parts import remember_parts
from ci_notes.narrative.prose import View
from ci_notes.narrative.sentences import Sentence, sentences
from ci_notes.template import HEADER, Template

SIGNED = ("final", "amended")
"""The states of a note that a patient's page is made from."""

NO_PAGE = "no_page"
"""The block of a page that says why there must be none."""

__all__ = [
    "LONGEST",
    "SIGNED",
    "Sentence",
    "check_narrative",
    "has_page",
    "heading",
    "prepared",
    "render",
    "render_page",
]


def render(note: Note, trace: bool = False, language: str = "en") -> list[Sentence]:
    """Return the narrative of a note, sentence by sentence; with `trace`, each knows its fields.

    Raises NarrativeError where the template prints what was not recorded, TemplateError where it has no narrative.
    """
    return _rendered(note, f"narrative.{language}.j2", trace)


def has_page(template: Template, language: str = "en") -> bool:
    """Return whether a template has a page for the patient."""
    return f"{PAGE}{language}.j2" in template.narratives


def render_page(note: Note, trace: bool = False, language: str = "en") -> list[Sentence]:
    """Return the page for the patient, sentence by sentence, as `render` does the narrative.

    Raises InputError for a note that is not signed: what is not signed must not reach her; and for one without a date,
    which every page gives. What a block `no_page` says is why this note has no page: after a loss there is none that
    speaks of a baby.
    """
    if note.status == "entered-in-error":
        raise InputError("the note was entered in error, so there is no page for the patient")
    if note.status not in SIGNED:
        raise InputError(
            "the note is a draft: a page for the patient is made only from a signed note (final or amended)"
        )
    if f"{HEADER}.date" not in note.record.values:
        raise InputError("the page for the patient gives the day of the note, and this note has no date: record it")
    told = _rendered(note, f"{PAGE}{language}.j2", trace)
    against = next((one.text for one in told if one.section == NO_PAGE), "")
    if against:
        raise InputError(f"there is no page for the patient: {against.rstrip('.')}")
    return told


def _rendered(note: Note, name: str, trace: bool) -> list[Sentence]:
    if name not in note.template.narratives:
        raise TemplateError(f"the template {note.template.id} has no {name}")
    compiled = environment(note.template, trace, note.jurisdiction)
    view = View(note, trace)
    pieces, length = [], 0
    STEPS.set(count())
    try:
        template = compiled.get_template(name)
        context = template.new_context(view.names())
        if trace:  # for people, who look at the same note again and again; in bulk none comes twice
            remember_parts(context, compiled, name, view)
        for piece in template.root_render_func(context):
            length += len(piece)
            if length > LONGEST:
                raise NarrativeError(f"{name} printed more than {LONGEST} characters")
            pieces.append(piece)
    except NarrativeError as error:
        raise NarrativeError(f"{note.template.id}/{name}: {error}") from None
    except RecursionError:
        raise NarrativeError(f"{note.template.id}/{name}: a macro of it calls itself without end") from None
    except (JinjaError, TypeError, KeyError) as error:
        raise NarrativeError(f"{note.template.id}/{name}: {error}") from error
    # Of a page for the patient most is said to every one of them, in bulk too.
    return sentences("".join(pieces), remember=trace or name.startswith(PAGE))


def heading(template: Template, section: str, jurisdiction: str = "") -> str:
    """Return the heading of a narrative section as the reader spells it; empty for the opening lines.

    What is no section is a block of the patient's page, which is headed by its own name: when_to_call.
    """
    if section in template.headings:
        return template.headings[section]
    if section == HEADER:
        return ""
    found = template.section(section)
    return wording.spelled(found.title if found else section.replace("_", " ").capitalize(), jurisdiction)
