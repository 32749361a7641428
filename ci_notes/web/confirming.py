"""The act of signing itself: that the note was read, and by whom it was, said once more."""

from starlette.requests import Request

from ci_notes.record.accounts import Session
from ci_notes.web import limiting, passwords
from ci_notes.web.access import form


def asks_password(request: Request) -> bool:
    """Return whether the person behind a session has a password here, which is asked for again.

    However the session began: an admin can make a link for anybody, and a token lies in a file.
    """
    session: Session | None = request.state.session
    return session is not None and bool(session.account.password)


def not_confirmed(request: Request) -> str:
    """Return what is missing of the act, in a sentence; empty where nothing is."""
    if form(request).get("read") != "yes":
        return "Tick that you have read the note."
    if not asks_password(request):
        return ""
    account = request.state.session.account
    attempt = limiting.attempt(request, account=account.id)
    if attempt.wait:
        return limiting.words(attempt.wait)
    if not passwords.fits(account.password, str(form(request).get("password", ""))):
        return "That is not the password of your account."
    attempt.succeeded()
    return ""
