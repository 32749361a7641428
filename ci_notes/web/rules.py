"""A rule as a page: what it says, why, on whose authority, and what guidelines say side by side."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes import listing
from ci_notes.checks import BUILT_IN
from ci_notes.template import GRADES
from ci_notes.web.access import ANYBODY, allowed
from ci_notes.web.showing import show


@allowed(*ANYBODY)
def rule(request: Request) -> Response:
    """Show a rule in each form that an extension gave it, or a check that every note has."""
    name, templates = str(request.path_params["rule"]), request.app.state.templates
    found = [
        (one, [templates[kind].title for kind in kinds])
        for one, kinds in listing.forms_of(name, list(templates.values()))
    ]
    check = None if found else BUILT_IN.get(name)
    if not found and check is None:
        raise HTTPException(404, "No note kind here has such a rule.")
    return show(request, "rule.html", name=name, found=found, check=check, grades=GRADES)


routes: list[BaseRoute] = [Route("/rules/{rule}", rule, name="rule")]
