"""A browser for the tests: it keeps cookies, and may send the CSRF token of its session by itself."""

import re
import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would rather have httpx2
    from starlette.testclient import TestClient

from starlette.applications import Starlette

from ci_notes.record.accounts import Account
from ci_notes.web import clock, passwords
from ci_notes.web.sessions import SESSION

PASSWORD = "seven green umbrellas"


BY_HAND = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "sec-fetch-dest": "document"}
"""What a browser sends for an address that was typed, or opened from another program."""


class Browser(TestClient):
    """Follows no redirects unless told, and asks for pages as a browser does."""

    account: Account

    def __init__(self, app: Any, **how: Any) -> None:
        super().__init__(app, follow_redirects=False, **how)
        self.headers["accept"] = "text/html,*/*"

    @property
    def token(self) -> str:
        return self.cookies[SESSION]

    def hold(self, token: str) -> None:
        """Have the cookie of a session."""
        self.cookies.set(SESSION, token, domain="testserver.local", path="/")

    def open(self, path: str, **more: str) -> Any:
        """Open an address as a person does who types it; `more` are headers."""
        return self.get(path, headers={**BY_HAND, **more})

    def as_script(self) -> dict[str, str]:
        """Headers of a request that our script makes."""
        return {"accept": "application/json"}


def account(app: Starlette, login: str, *roles: str, password: str = "") -> Account:
    """Make an account."""
    kept = passwords.kept(password) if password else ""
    return app.state.record.accounts.add(login, f"{login.title()} Example", roles, clock.now(), password=kept)


def signed_in(app: Any, inner: Starlette, who: Account) -> Browser:
    """Return a browser in which somebody is signed in; it sends the CSRF token with everything."""
    record = inner.state.record
    browser = Browser(app)
    browser.account = who
    token = record.sessions.begin(who.id, "password", clock.now(), 12)
    browser.hold(token)
    browser.headers["x-csrf-token"] = record.sessions.find(token, clock.now()).csrf
    return browser


def said(page: str) -> str:
    """The words of a page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
