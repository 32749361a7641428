"""Signing in at a department's own OpenID provider: the code flow with PKCE, and roles from a claim."""

import json
import secrets
import time
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ci_notes.record.accounts import ROLES, Account, Accounts
from ci_notes.record.sign_ins import Errand
from ci_notes.web import clock

ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures that a provider's key can make; none, and what a shared secret signs, is not among them."""

_LARGEST = 1_000_000
_LEEWAY = 120  # seconds that two clocks may differ


class ProviderError(Exception):
    """The sign-in at the provider came to nothing, in a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in, as the provider tells it."""

    subject: str
    name: str
    roles: tuple[str, ...]
    proved_at: str
    """When they signed in there, as ISO in UTC."""


class Provider:
    """An OpenID provider; `oidc` is that of Settings. Raises ProviderError where it does not do what it should."""

    def __init__(self, oidc: dict[str, str]) -> None:
        self.oidc = oidc
        self.issuer = oidc["issuer"]
        self._pool = urllib3.PoolManager(timeout=10, retries=False)

    def away(self, errand: Errand, state: str, back: str) -> str:
        """Return the address that the browser is sent to."""
        anew = {"prompt": "login", "max_age": "0"} if _is_again(errand) else {}
        return str(
            prepare_grant_uri(
                _endpoint(self._known(), "authorization_endpoint"),
                self.oidc["client_id"],
                "code",
                redirect_uri=back,
                scope="openid profile",
                state=state,
                nonce=errand.nonce,
                code_challenge=create_s256_code_challenge(errand.verifier),
                code_challenge_method="S256",
                **anew,
            )
        )

    def person(self, code: str, errand: Errand, back: str) -> Person:
        """Return who came back with a code."""
        known = self._known()
        answer = self._exchanged(known, code, errand, back)
        claims = self._claims(known, str(answer.get("id_token", "")), errand, str(answer.get("access_token", "")))
        if self._claim() not in claims and known.get("userinfo_endpoint"):
            claims = {**self._told(known, str(answer.get("access_token", "")), claims["sub"]), **claims}
        name = str(claims.get("name") or claims.get("preferred_username") or claims["sub"])
        roles = self._roles(claims.get(self._claim()))
        return Person(str(claims["sub"]), name[:200], roles, _proved_at(claims.get("auth_time"), errand))

    def _claim(self) -> str:
        return self.oidc.get("claim", "roles")

    def _roles(self, given: Any) -> tuple[str, ...]:
        """Return the roles that a claim names, as a list or as words.

        Once one is mapped, what is not mapped is nobody's: a directory may have a group called admin of its own.
        """
        values = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
        mapped = {role: self.oidc[f"role-{role}"] for role in ROLES if f"role-{role}" in self.oidc}
        return tuple(role for role in ROLES if (mapped.get(role) if mapped else role) in values)

    def _known(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        known = self._asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if known.get("issuer") != self.issuer:
            raise ProviderError("The department's sign-in calls itself by another name than it should.")
        return known

    def _exchanged(self, known: dict[str, Any], code: str, errand: Errand, back: str) -> dict[str, Any]:
        """Return the tokens for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": errand.verifier,
        }
        client, secret = self.oidc["client_id"], self.oidc["client_secret"]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if "client_secret_basic" in known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client, "client_secret": secret}
        return self._asked("POST", _endpoint(known, "token_endpoint"), headers, urlencode(form))

    def _claims(self, known: dict[str, Any], token: str, errand: Errand, access_token: str) -> dict[str, Any]:
        """Return what an ID token claims, once its signature and every claim were held against what was asked."""
        try:
            keys = KeySet.import_key_set(self._asked("GET", _endpoint(known, "jwks_uri")))  # type: ignore[arg-type]
            found = jwt.decode(token, keys, algorithms=ALGORITHMS)
            asked = {"nonce": errand.nonce, "client_id": self.oidc["client_id"], "access_token": access_token}
            held = {"iss": {"essential": True, "value": self.issuer}}
            held |= {"aud": {"essential": True, "value": self.oidc["client_id"]}, "nonce": {"essential": True}}
            claims = CodeIDToken(found.claims, found.header, held, asked)
            claims.validate(now=int(time.time()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise ProviderError("What the department's sign-in sent cannot be trusted, so nobody was let in.") from None
        return dict(claims)

    def _told(self, known: dict[str, Any], access_token: str, subject: str) -> dict[str, Any]:
        """Return what the provider tells about the person besides."""
        headers = {"Authorization": f"Bearer {access_token}"}
        told = self._asked("GET", _endpoint(known, "userinfo_endpoint"), headers)
        if told.get("sub") != subject:
            raise ProviderError("The department's sign-in told of somebody else, so nobody was let in.")
        return told

    def _asked(self, method: str, url: str, headers: dict[str, str] | None = None, body: str = "") -> dict[str, Any]:
        """Return the JSON that an address answers."""
        try:
            answer = self._pool.request(
                method, url, body=body or None, headers=headers, redirect=False, preload_content=False
            )
            text = answer.read(_LARGEST)
            answer.release_conn()
        except urllib3.exceptions.HTTPError:
            raise ProviderError("The department's sign-in does not answer; try again later.") from None
        if answer.status != 200:
            raise ProviderError("The department's sign-in refused; begin again.")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ProviderError("The department's sign-in sent what cannot be read.")
        return found


def _proved_at(given: Any, errand: Errand) -> str:
    """Return an `auth_time` as a moment of the record, never later than now.

    A provider that does not tell may have let in whoever sat there, unless it was to ask them again.
    """
    if isinstance(given, int | float) and not isinstance(given, bool) and given > 0:
        return datetime.fromtimestamp(min(given, time.time()), UTC).isoformat(timespec="seconds")
    return clock.now() if _is_again(errand) else _LONG_AGO


_LONG_AGO = "1970-01-01T00:00:00+00:00"
_AGAIN = "again."


def errand(left_at: str, again: bool = False) -> Errand:
    """Return what somebody is sent away with; `again`: to sign in there even if they have just now."""
    return Errand(f"{_AGAIN if again else ''}{secrets.token_urlsafe(32)}", secrets.token_urlsafe(48), left_at)


def _is_again(errand: Errand) -> bool:
    return errand.nonce.startswith(_AGAIN)  # no nonce has a full stop otherwise


def account_of(accounts: Accounts, issuer: str, person: Person) -> Account:
    """Return the account of a person, made or brought up to date; raises ProviderError where there is no role."""
    known = accounts.of_subject(issuer, person.subject)
    if not person.roles:
        if known:
            accounts.change(known.id, roles="")
        raise ProviderError("Your department's account has no role here. Ask those who look after it for one.")
    if known is None:
        login, more = f"{person.subject} at {issuer}", {"issuer": issuer, "subject": person.subject}
        return accounts.add(login, person.name, person.roles, clock.now(), **more)
    if known.disabled_at:
        raise ProviderError("This account was disabled here.")
    accounts.change(known.id, full_name=person.name, roles=" ".join(person.roles))
    return accounts.get(known.id)


def _endpoint(known: dict[str, Any], name: str) -> str:
    """Return one of the provider's addresses, which is as safe as that of the provider itself."""
    url = str(known.get(name, ""))
    if urlsplit(url).scheme not in {urlsplit(str(known["issuer"])).scheme, "https"}:
        raise ProviderError("The department's sign-in gives no safe address to go on to.")
    return url
