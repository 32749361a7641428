"""Renders a note as sentences, each knowing the fields it printed and the fields it tested.
How the prose is compiled so that they can is told in `compiling`.
"""

from jinja2 import TemplateError as JinjaError

from ci_notes import wording
from ci_notes.derive import Note
from ci_notes.errors import NarrativeError, TemplateError
from ci_notes.narrative.compiling import environment
from ci_notes.narrative.contract import check_narrative
from ci_notes.narrative.prose import View
from ci_notes.narrative.sentences import Sentence, Splitter
from ci_notes.template import HEADER, Template

LONGEST = 200_000
"""Characters; a narrative longer than this is a loop gone wrong."""

__all__ = ["Sentence", "check_narrative", "heading", "render"]


def render(note: Note, trace: bool = False, language: str = "en") -> list[Sentence]:
    """Return the narrative of a note, sentence by sentence; with `trace`, each knows its fields.

    Raises NarrativeError where the template prints what was not recorded, TemplateError where it has no narrative.
    """
    name = f"narrative.{language}.j2"
    if name not in note.template.narratives:
        raise TemplateError(f"the template {note.template.id} has no {name}")
    prepared = environment(note.template, trace, note.jurisdiction)
    view = View(note, trace)
    pieces, length = [], 0
    try:
        template = prepared.get_template(name)
        for piece in template.root_render_func(template.new_context(view.names())):
            length += len(piece)
            if length > LONGEST:
                raise NarrativeError(f"{name} printed more than {LONGEST} characters")
            pieces.append(piece)
    except NarrativeError as error:
        raise NarrativeError(f"{note.template.id}/{name}: {error}") from None
    except (JinjaError, TypeError, KeyError) as error:
        raise NarrativeError(f"{note.template.id}/{name}: {error}") from error
    return list(Splitter().split("".join(pieces)))


def heading(template: Template, section: str, jurisdiction: str = "") -> str:
    """Return the heading of a narrative section as the reader spells it; empty for the opening lines."""
    if section in template.headings:
        return template.headings[section]
    found = template.section(section)
    return wording.spelled(found.title, jurisdiction) if found and section != HEADER else ""
