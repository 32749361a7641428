"""What a process makes once and then keeps is made before somebody waits for it: rules, narratives, pages.

The first form of a note kind takes about a second, the next a few hundredths of one. A department's workers are warmed
up as they start; the process of a single user makes only what is asked for.
"""

import threading

from starlette.applications import Starlette

from ci_notes import form as forms
from ci_notes.form import State
from ci_notes.template import Template
from ci_notes.web import clock
from ci_notes.web.showing import environment

_SPELLINGS = ("US", "UK")
_PAGES = ("draft.html", "draft_field.html", "draft_pane.html")


def begin(app: Starlette) -> None:
    """Warm up an application in the background."""
    threading.Thread(target=warm, args=(app,), name="warming", daemon=True).start()


def warm(app: Starlette) -> None:
    """Make, for each note kind, what its first form would have to wait for."""
    for name in _PAGES:
        environment().get_template(name)
    for template in app.state.templates.values():
        for jurisdiction in _SPELLINGS:
            _fill(template, jurisdiction)


def _fill(template: Template, jurisdiction: str) -> None:
    today = clock.today()
    state = State({"id": "-", "template": template.id, "version": template.version, "jurisdiction": jurisdiction})
    note = forms.read(template, state)
    forms.build(template, state, note=note, today=today)
    forms.beside(template, state, note=note, today=today)
