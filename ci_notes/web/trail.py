"""Who did what, as the record is told it: the person behind a request, and a line of the audit trail."""

from starlette.requests import Request

from ci_notes.record.accounts import Account
from ci_notes.record.model import Event, Person
from ci_notes.web import clock
from ci_notes.web.access import COSIGNER, viewer


def person(request: Request) -> Person:
    """Return who is asking, as the record keeps it; raises HTTPException 401 where nobody is signed in."""
    asking = viewer(request)
    role = COSIGNER if COSIGNER in asking.roles else next(iter(asking.roles), "")
    return Person(asking.id, asking.name, role)


def note_down(
    request: Request, action: str, kind: str, entity: str, patient: str | None = None, detail: str = ""
) -> None:
    """Enter in the audit trail what the asking person saw or did; `detail` says nothing of a patient."""
    asking = viewer(request)
    event = Event(asking.id, asking.name, action, kind, entity, patient or "", detail=detail, session=asking.session)
    request.app.state.record.audit.add(event, clock.now())


def was_noted(request: Request, entity: str) -> bool:
    """Return whether the last that the asking person saw or did to something was in this same session."""
    asking = viewer(request)
    found = request.app.state.record.audit.latest(1, about=entity, who=asking.id)
    return bool(found) and found[0].event.session == asking.session


def wrote(
    request: Request, action: str, account: Account | None = None, outcome: str = "done", detail: str = ""
) -> None:
    """Enter what happened to an account or its session; `account` is None for a name that nobody has.

    Who did it is whoever is signed in, else the account itself.
    """
    state = request.state
    asking, session = getattr(state, "viewer", None), getattr(state, "session", None)
    event = Event(
        who=asking.id if asking else account.id if account else "",
        who_name=asking.name if asking else account.full_name if account else "",
        action=action,
        kind="account",
        entity=account.id if account else "",
        outcome=outcome,
        detail=detail,
        session=session.id if session else "",
    )
    request.app.state.record.audit.add(event, clock.now())


def address(request: Request) -> str:
    """Return where a request came from."""
    return request.client.host if request.client else "unknown"
