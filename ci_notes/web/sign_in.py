"""Signing in and out, and the lock."""

import secrets
from dataclasses import replace

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ci_notes.record import Record
from ci_notes.record.accounts import Account
from ci_notes.record.sessions import Session
from ci_notes.record.tokens import later
from ci_notes.web import clock, holding, limiting, passwords
from ci_notes.web.access import ANYBODY, READERS, allowed, form, public, viewer
from ci_notes.web.provider import Provider, ProviderError, account_of
from ci_notes.web.provider import errand as errand_to
from ci_notes.web.saying import moment
from ci_notes.web.sessions import SESSION, VISITOR, SessionMiddleware, give_cookie
from ci_notes.web.settings import Settings
from ci_notes.web.showing import show
from ci_notes.web.trail import address, wrote

_UNKNOWN = "That name and password do not belong together."
_ERRAND_MINUTES = 10
_BEFOREHAND = ("sec-purpose", "purpose", "x-purpose", "x-moz")
"""Headers of a browser that loads a page which nobody may ever look at."""
_USED = "This link was used already, or is too old. Ask for a new one: ci-notes accounts link NAME."


def middleware(settings: Settings) -> list[Middleware]:
    """Return what puts `viewer`, `csrf` and the session into the state of every request."""
    return [Middleware(SessionMiddleware, settings=settings)]


@public
def sign_in(request: Request) -> Response:
    """Show the form to sign in, or take it."""
    if request.method == "POST":
        return _by_password(request)
    if request.state.viewer:
        return _go(request, "")
    return _asked(request)


def _asked(request: Request, status: int = 200, fault: str = "", login: str = "") -> Response:
    given = form(request).get("next") or request.query_params.get("next", "")
    path, provider = _own_path(request, str(given)), bool(request.app.state.settings.oidc)
    answer = show(request, "sign-in.html", status, fault=fault, login=login, next=path, provider=provider)
    if request.state.session is None:
        give_cookie(request, answer, VISITOR, request.state.visitor, 1)  # what the token of this form belongs to
    return answer


def _by_password(request: Request) -> Response:
    given = form(request)
    login, password = str(given.get("login", "")).strip().casefold(), str(given.get("password", ""))
    attempt = limiting.attempt(request, login)
    if attempt.wait:
        return _refused(request, attempt, login)
    account = _record(request).accounts.find(login)
    if not _fits(request, account, password):
        return _asked(request, 403, _UNKNOWN, login)
    attempt.succeeded()
    assert account  # noqa: S101  nobody's password fits
    return _entered(request, account, "password", _own_path(request, str(given.get("next", ""))))


def _fits(request: Request, account: Account | None, password: str) -> bool:
    """Return whether the password is that of the account, and write down if not."""
    right = passwords.fits(account.password if account else "", password)
    if account is None or account.disabled_at or not right:
        detail = f"from {address(request)}" + ("" if account else ", a name that nobody has")
        wrote(request, "sign-in", account, "refused", detail)
        return False
    if passwords.outdated(account.password):
        _record(request).accounts.change(account.id, password=passwords.kept(password))
    return True


def _refused(request: Request, attempt: limiting.Attempt, login: str = "") -> Response:
    wait = attempt.wait
    if attempt.first:
        wrote(request, "sign-in", None, "refused", f"too many attempts from {address(request)}")
    locked = request.state.session and request.state.session.locked
    answer = (
        _locked(request, 429, limiting.words(wait)) if locked else _asked(request, 429, limiting.words(wait), login)
    )
    answer.headers["Retry-After"] = str(wait)
    return answer


def _entered(request: Request, account: Account, way: str, path: str, proved_at: str = "") -> Response:
    """Begin a session, or go on with the one in hand if it is the same person's, and go where they were."""
    session: Session | None = request.state.session
    if session and session.account.id == account.id:
        if session.locked:
            return _unlocked(request, session, proved_at)
        if session.way == way == "oidc":  # signed in again, to sign a note: what is open stays open
            return _unlocked(request, replace(session, left_at=path), proved_at)
    record, now = _record(request), clock.now()
    if session:
        record.sessions.end(session.id, now)
        request.state.session = None
    _forget_the_past(record, now)
    token = record.sessions.begin(account.id, way, now, request.app.state.settings.session_hours, proved_at)
    request.state.session = record.sessions.find(token, now)
    request.state.viewer = None
    wrote(request, "sign-in", account, detail=f"by {way} from {address(request)}")
    answer = _go(request, path, account)
    give_cookie(request, answer, SESSION, token, request.app.state.settings.session_hours)
    give_cookie(request, answer, VISITOR, "", 0)
    if session:
        answer.headers["Clear-Site-Data"] = '"storage"'  # what the one before kept is not for this one
    return answer


def _unlocked(request: Request, session: Session, proved_at: str = "") -> Response:
    token = _record(request).sessions.unlock(session.id, clock.now(), proved_at)
    holding.hand_over(request, session.id, token)
    wrote(request, "unlock" if session.locked else "sign-in", session.account)
    waits = holding.waits(request, session.id)
    answer = _go(request, request.url_for("held").path if waits else session.left_at, session.account)
    give_cookie(request, answer, SESSION, token, request.app.state.settings.session_hours)
    return answer


@public
def unlock(request: Request) -> Response:
    """Show that the session is locked, or let its owner in again."""
    session: Session | None = request.state.session
    if session is None or not session.locked:
        return _go(request, "") if session else RedirectResponse(request.url_for("sign_in").path, 303)
    if request.method != "POST":
        return _locked(request)
    attempt = limiting.attempt(request, account=session.account.id)
    if attempt.wait:
        return _refused(request, attempt)
    if not _fits(request, session.account, str(form(request).get("password", ""))):
        return _locked(request, 403, "That is not the password of this account.")
    attempt.succeeded()
    return _unlocked(request, session)


def _locked(request: Request, status: int = 200, fault: str = "") -> Response:
    account = request.state.session.account
    provider = bool(account.issuer and request.app.state.settings.oidc)
    waits = holding.waits(request, request.state.session.id)
    return show(request, "locked.html", status, account=account, fault=fault, provider=provider, waits=waits)


@public
def enter(request: Request) -> Response:
    """Let somebody in by a one-time link; whoever may be a program that looks at links is asked first."""
    if request.method == "HEAD":
        raise HTTPException(405)
    if request.method == "GET" and not _opened_by_hand(request):
        return _asked_first(request)
    attempt = limiting.attempt(request)
    if attempt.wait:
        return _refused(request, attempt)
    account = _record(request).sign_ins.use_link(request.path_params["token"], clock.now())
    if account is None:
        wrote(request, "sign-in", None, "refused", f"a used or unknown link, from {address(request)}")
        return _asked(request, 403, _USED)
    attempt.succeeded()
    return _entered(request, account, "link", "")


def _opened_by_hand(request: Request) -> bool:
    """Return whether a browser says that a person opened the address itself, and not to look at it beforehand.

    Scanners of mail and previews of links say nothing of the kind, and what is clicked in a page of webmail comes from
    another site.
    """
    given = request.headers
    navigates = given.get("sec-fetch-mode") == "navigate" or given.get("sec-fetch-user") == "?1"
    beforehand = any(name in given for name in _BEFOREHAND)
    return given.get("sec-fetch-site") == "none" and navigates and not beforehand


def _asked_first(request: Request) -> Response:
    answer = show(request, "enter.html", token=request.path_params["token"])
    if request.state.session is None:
        give_cookie(request, answer, VISITOR, request.state.visitor, 1)
    return answer


@public
def provider(request: Request) -> Response:
    """Send somebody to the department's own sign-in."""
    given = _provider(request)
    session: Session | None = request.state.session
    attempt = None if session else limiting.attempt(request)  # whoever holds a session is no stranger
    if attempt and attempt.wait:
        return _refused(request, attempt)
    path = session.left_at if session and session.locked else request.query_params.get("next", "")
    errand = errand_to(_own_path(request, path), again="again" in request.query_params)
    state = secrets.token_urlsafe(32)
    try:
        away = given.away(errand, state, _back(request))
    except ProviderError as error:
        return _failed(request, error)
    ends_at = later(clock.now(), minutes=_ERRAND_MINUTES)
    _forget_the_past(_record(request), clock.now())
    _record(request).sign_ins.send_away(state, request.state.visitor, errand, ends_at)
    answer = RedirectResponse(away, 303)
    give_cookie(request, answer, VISITOR, request.state.visitor, 1)
    return answer


@public
def provider_back(request: Request) -> Response:
    """Let in whoever comes back from the department's own sign-in, in the browser that left for it."""
    given, told = _provider(request), request.query_params
    errand = _record(request).sign_ins.come_back(told.get("state", ""), request.state.visitor, clock.now())
    try:
        if errand is None or told.get("iss", given.issuer) != given.issuer:
            raise ProviderError("This sign-in was begun elsewhere, or too long ago. Begin again.")
        if not told.get("code"):
            raise ProviderError("The department's sign-in let nobody in.")
        person = given.person(told["code"], errand, _back(request))
        account = account_of(_record(request).accounts, given.issuer, person)
    except ProviderError as error:
        return _failed(request, error, known=errand is not None)
    if request.state.session is None:
        limiting.came_back(request)
    return _entered(request, account, "oidc", errand.left_at, person.proved_at)


def _provider(request: Request) -> Provider:
    oidc = request.app.state.settings.oidc
    if not oidc:
        raise HTTPException(404)
    return Provider(oidc)


def _back(request: Request) -> str:
    """Return the address that the provider knows to send people back to."""
    url = request.url_for("provider_back")
    return str(url.replace(scheme="https") if request.app.state.settings.secure else url)


def _failed(request: Request, error: ProviderError, known: bool = True) -> Response:
    """Refuse who could not be let in by the provider; of those who never left for it one is written down at a time."""
    if known or limiting.strays(request):
        wrote(request, "sign-in", None, "refused", f"at the provider, from {address(request)}")
    return _asked(request, 403, str(error))


@public
def sign_out(request: Request) -> Response:
    """End the session, locked or not, and let the browser forget what it kept."""
    session: Session | None = request.state.session
    if session:
        wrote(request, "sign-out", session.account)
        _record(request).sessions.end(session.id, clock.now())
    answer = RedirectResponse(request.url_for("sign_in").path, 303)
    give_cookie(request, answer, SESSION, "", 0)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


@allowed(*ANYBODY)
def password(request: Request) -> Response:
    """Show the form for a new password and the tokens of one's programs, or take a new password."""
    account = _record(request).accounts.get(viewer(request).id)
    if request.method != "POST":
        return _own(request, account)
    if account.issuer:
        raise HTTPException(404)
    fault = _new_password_fault(request, account)
    if fault:
        return _own(request, account, 422, fault=fault)
    _record(request).accounts.change(account.id, password=passwords.kept(str(form(request)["new"])))
    _record(request).sessions.end_all(account.id, clock.now(), but=viewer(request).session)
    wrote(request, "password", account)
    return _own(request, account, done=True)


def _own(request: Request, account: Account, status: int = 200, fault: str = "", done: bool = False) -> Response:
    """Show what somebody may change of their own account."""
    tokens = _record(request).sessions.tokens(account.id, clock.now())
    return show(request, "password.html", status, account=account, fault=fault, done=done, tokens=tokens, moment=moment)


@allowed(*ANYBODY)
def revoke(request: Request) -> Response:
    """End a token of one's own."""
    account, token = _record(request).accounts.get(viewer(request).id), str(form(request).get("token", ""))
    now = clock.now()
    known = {one.id: one for one in _record(request).sessions.tokens(account.id, now)}
    if token in known and _record(request).sessions.revoke(account.id, token, now):
        wrote(request, "token revoked", account, detail=known[token].purpose)
    return RedirectResponse(request.url_for("password").path, 303)


def _new_password_fault(request: Request, account: Account) -> str:
    given = {name: str(form(request).get(name, "")) for name in ("old", "new", "again")}
    if account.password:
        attempt = limiting.attempt(request, account=account.id)
        if attempt.wait:
            return limiting.words(attempt.wait)
        if not passwords.fits(account.password, given["old"]):
            return "The present password is not right."
        attempt.succeeded()
    if given["new"] != given["again"]:
        return "The new password was not typed the same way twice."
    return passwords.fault(given["new"], account.login, account.full_name)


def _forget_the_past(record: Record, now: str) -> None:
    """Remove what nobody can use any more, whenever somebody comes in."""
    record.sessions.clear(now)
    record.sign_ins.clear(now)


def _record(request: Request) -> Record:
    found: Record = request.app.state.record
    return found


def _go(request: Request, path: str, account: Account | None = None) -> Response:
    """Return the way to a page of ours; without one, to the first that this account has."""
    roles = account.roles if account else request.state.viewer.roles
    first = request.url_for("home" if set(roles) & set(READERS) else "accounts").path
    return RedirectResponse(_own_path(request, path) or first, 303)


def _own_path(request: Request, path: str) -> str:
    """Return a path if it is one of ours, and nothing else: no sign-in leads to another site."""
    root = request.scope.get("root_path", "")
    plain = path.startswith(f"{root}/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if plain and " " not in path else ""


def turned_away(request: Request) -> Response:
    """Return the way to the page where a person signs in or unlocks, and back."""
    session: Session | None = getattr(request.state, "session", None)
    if session and session.locked:
        _record(request).sessions.leave(session.id, _where(request))
        holding.hold(request, session.id)
        return RedirectResponse(request.url_for("unlock").path, 303)
    there = request.url_for("sign_in").include_query_params(next=_where(request))
    return RedirectResponse(f"{there.path}?{there.query}", 303)


def _where(request: Request) -> str:
    """Return the page that somebody was at: the one asked for, or, for a form that was sent, the one it stood on."""
    url = request.url if request.method == "GET" else URL(request.headers.get("referer", ""))
    return f"{url.path}?{url.query}" if url.query else url.path


routes: list[BaseRoute] = [
    Route("/sign-in", sign_in, methods=["GET", "POST"], name="sign_in"),
    Route("/sign-out", sign_out, methods=["POST"], name="sign_out"),
    Route("/unlock", unlock, methods=["GET", "POST"], name="unlock"),
    Route("/unlock/held", holding.held, methods=["GET", "POST"], name="held"),
    Route("/enter/{token}", enter, methods=["GET", "POST"], name="enter"),
    Route("/sign-in/provider", provider, methods=["GET"], name="provider"),
    Route("/sign-in/back", provider_back, methods=["GET"], name="provider_back"),
    Route("/password", password, methods=["GET", "POST"], name="password"),
    Route("/password/tokens", revoke, methods=["POST"], name="revoke"),
]
