"""The act of signing itself: that the note was read, and by whom it was, said once more."""

from starlette.requests import Request

from ci_notes.record.sessions import Session
from ci_notes.web import clock, limiting, passwords
from ci_notes.web.access import form
from ci_notes.web.sessions import seconds

FRESH_MINUTES = 15
"""How long ago somebody may have signed in at the department's provider who signs a note."""


def asks_password(request: Request) -> bool:
    """Return whether the person behind a session has a password here, which is asked for again.

    However the session began: an admin can make a link for anybody.
    """
    session: Session | None = request.state.session
    return session is not None and bool(session.account.password)


def asks_provider(request: Request) -> str:
    """Return where to sign in again, if that was at the department's provider and too long ago; empty otherwise."""
    session: Session | None = request.state.session
    if session is None or session.way != "oidc" or seconds(session.proved_at, clock.now()) <= FRESH_MINUTES * 60:
        return ""
    way = request.url_for("provider").include_query_params(again="yes", next=request.url.path)
    return f"{way.path}?{way.query}"


def not_confirmed(request: Request) -> str:
    """Return what is missing of the act, in a sentence; empty where nothing is."""
    if request.state.session is not None and request.state.session.way == "token":
        return "A token signs nothing: whoever signs, signs in."
    if form(request).get("read") != "yes":
        return "Tick that you have read the note."
    if asks_provider(request):
        return (
            f"You signed in more than {FRESH_MINUTES} minutes ago: sign in again at your department, then repeat this."
        )
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
