"""Accounts and the audit trail, for those who look after them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from types import SimpleNamespace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes.errors import InputError
from ci_notes.record.accounts import ROLES, Account, Accounts
from ci_notes.record.model import Audited, Event
from ci_notes.web import clock
from ci_notes.web.access import ADMIN, allowed, form, viewer
from ci_notes.web.showing import show
from ci_notes.web.trail import wrote
from ci_notes.wording import sentence

_PAGE, _MOST = 100, 100_000
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


def named(login: str) -> str:
    """Return a name to sign in with as it is kept; raises InputError for what is none."""
    plain = login.strip().casefold()
    if not _LOGIN.fullmatch(plain):
        raise InputError("a name to sign in with has letters, digits and . _ @ -, at most 64: such as a.example")
    return plain


def known_roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return roles in our order; raises InputError for none, or for a strange one."""
    if not roles or set(roles) - set(ROLES):
        raise InputError(f"an account needs a role: {', '.join(ROLES)}")
    return tuple(role for role in ROLES if role in roles)


def needs_an_admin(accounts: Accounts, but: Account) -> None:
    """Raise InputError where no other account could look after accounts."""
    if ADMIN in but.roles and not but.disabled_at:
        others = [one for one in accounts.all() if one.id != but.id and ADMIN in one.roles and not one.disabled_at]
        if not others:
            raise InputError(f"{but.login} is the only admin; make somebody else admin first")


@allowed(ADMIN)
def accounts(request: Request) -> Response:
    """Show who may sign in, or change it."""
    if request.method != "POST":
        return _shown(request)
    try:
        return _shown(request, more=_ACTS.get(str(form(request).get("act")), _nothing)(request))
    except InputError as error:
        return _shown(request, 422, {"fault": sentence(str(error))})


def _shown(request: Request, status: int = 200, more: Mapping[str, str] | None = None) -> Response:
    told = {"fault": "", "told": "", "link": "", "whose": "", **(more or {})}
    return show(request, "accounts.html", status, accounts=_kept(request).all(), roles=ROLES, **told)


def _nothing(_request: Request) -> dict[str, str]:
    raise InputError("that is nothing that can be done with an account")


def _add(request: Request) -> dict[str, str]:
    given = form(request)
    login, full_name = named(str(given.get("login", ""))), str(given.get("full_name", "")).strip()[:200]
    roles = known_roles(tuple(str(role) for role in given.getlist("role")))
    made = _kept(request).add(login, full_name or login, roles, clock.now())
    wrote(request, "account added", made, detail=", ".join(roles))
    return {"told": f"{login} was added.", **_link_for(request, made)}


def _roles(request: Request) -> dict[str, str]:
    account = _chosen(request)
    roles = known_roles(tuple(str(role) for role in form(request).getlist("role")))
    if ADMIN not in roles:
        needs_an_admin(_kept(request), account)
    _kept(request).change(account.id, roles=" ".join(roles))
    wrote(request, "roles changed", account, detail=", ".join(roles))
    return {"told": f"{account.login} is now {', '.join(roles)}."}


def _disable(request: Request) -> dict[str, str]:
    account, now = _chosen(request), clock.now()
    needs_an_admin(_kept(request), account)
    _kept(request).change(account.id, disabled_at=now)
    request.app.state.record.sessions.end_all(account.id, now)
    wrote(request, "account disabled", account)
    return {"told": f"{account.login} may not sign in any more."}


def _enable(request: Request) -> dict[str, str]:
    account = _chosen(request)
    _kept(request).change(account.id, disabled_at=None)
    wrote(request, "account enabled", account)
    return {"told": f"{account.login} may sign in again."}


def _link(request: Request) -> dict[str, str]:
    return _link_for(request, _chosen(request))


def _link_for(request: Request, account: Account) -> dict[str, str]:
    if account.issuer or account.disabled_at:
        raise InputError(f"{account.login} signs in by no link")
    token = request.app.state.record.sign_ins.link(account.id, clock.now())
    wrote(request, "link made", account)
    return {"link": str(request.url_for("enter", token=token)), "whose": account.full_name}


_ACTS = {"add": _add, "roles": _roles, "disable": _disable, "enable": _enable, "link": _link}


def _chosen(request: Request) -> Account:
    try:
        return _kept(request).get(str(form(request).get("account")))
    except KeyError:
        raise InputError("there is no such account") from None


def _kept(request: Request) -> Accounts:
    found: Accounts = request.app.state.record.accounts
    return found


@allowed(ADMIN)
def audit(request: Request) -> Response:
    """Show who saw and changed what, the latest first."""
    asked = {name: request.query_params.get(name, "") for name in ("who", "entity", "from", "to", "before")}
    fault, found = "", list[Audited]()
    try:
        found = _found(request, asked)
    except InputError as error:
        fault = str(error)
    shown = found[:_PAGE]
    more = {key: value for key, value in asked.items() if value and key != "before"}
    older = urlencode({**more, "before": shown[-1].seq}) if len(found) > _PAGE else ""
    people = _kept(request).all()
    page = {"asked": asked, "fault": fault, "entries": shown, "older": older, "query": urlencode(more)}
    return show(request, "audit.html", 422 if fault else 200, accounts=people, **page)


@allowed(ADMIN)
def audit_export(request: Request) -> Response:
    """Return what was asked for as a Bundle of FHIR AuditEvents."""
    from ci_notes.fhir.auditing import audit_events  # noqa: PLC0415  seldom

    asked = {name: request.query_params.get(name, "") for name in ("who", "entity", "from", "to")}
    found = _found(request, asked, _MOST)
    who = viewer(request)
    request.app.state.record.audit.add(
        Event(who.id, who.name, "export", "audit", detail=f"{len(found)} entries", session=who.session), clock.now()
    )
    text = json.dumps(audit_events(flat(found)), ensure_ascii=False, indent=1)
    named_so = {"Content-Disposition": 'attachment; filename="audit.json"'}
    return Response(text, media_type="application/fhir+json", headers=named_so)


def _found(request: Request, asked: dict[str, str], limit: int = _PAGE + 1) -> list[Audited]:
    """Return entries, the latest first; raises InputError for a day that is none."""
    before, about, who = asked.get("before", ""), asked["entity"].strip(), asked["who"]
    found: list[Audited] = request.app.state.record.audit.latest(
        limit,
        int(before) if before.isdecimal() and len(before) < 16 else None,
        about,
        who=who,
        since=_day(asked["from"]),
        until=_day(asked["to"], 1),
    )
    return found


def _day(text: str, more: int = 0) -> str:
    """Return the beginning of a day, or of one some days later."""
    if not text:
        return ""
    try:
        return (date.fromisoformat(text) + timedelta(days=more)).isoformat()
    except (ValueError, OverflowError):
        raise InputError(f"{text} is not a day: write it as 2026-11-03") from None


def flat(entries: Iterable[Audited]) -> Iterator[SimpleNamespace]:
    """Give entries the shape that FHIR's AuditEvents are made of."""
    for entry in entries:
        yield SimpleNamespace(at=entry.at, **asdict(entry.event))


routes: list[BaseRoute] = [
    Route("/accounts", accounts, methods=["GET", "POST"], name="accounts"),
    Route("/audit", audit, methods=["GET"], name="audit"),
    Route("/audit.json", audit_export, methods=["GET"], name="audit_export"),
]
