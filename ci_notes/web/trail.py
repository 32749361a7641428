"""What the audit trail says about accounts and sessions."""

from starlette.requests import Request

from ci_notes.record.accounts import Account
from ci_notes.record.model import Event
from ci_notes.web import clock


def wrote(request: Request, action: str, account: Account | None = None, outcome: str = "done", detail: str = "") -> None:
    """Enter what happened to an account or its session; `account` is None for a name that nobody has.

    Who did it is whoever is signed in, else the account itself.
    """
    state = request.state
    viewer, session = getattr(state, "viewer", None), getattr(state, "session", None)
    event = Event(
        who=viewer.id if viewer else account.id if account else "",
        who_name=viewer.name if viewer else account.full_name if account else "",
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
