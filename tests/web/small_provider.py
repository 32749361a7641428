"""A small OpenID provider on a port of this computer, for one person, which can be told to misbehave."""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

KEY, STRANGE = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})
CLIENT, SECRET = "ci-notes", "a secret of the test"


class Provider:
    """What it claims of the person who signs in, and what it does with a token before it is sent."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {"sub": "248289761001", "name": "Nora Example", "roles": ["clinician", "staff"]}
        self.told: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims, KEY
        )
        self.metadata: dict[str, Any] = {}

    def known(self, _request: Request) -> Response:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        places["userinfo_endpoint"] = "person"
        addresses = {name: f"{self.issuer}/{place}" for name, place in places.items()}
        return JSONResponse({"issuer": self.issuer, **addresses, **self.metadata})

    def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [KEY.as_dict(private=False)]})

    def authorize(self, request: Request) -> Response:
        self.asked = dict(request.query_params)
        return RedirectResponse(f"{self.asked['redirect_uri']}?code=a-code&state={self.asked['state']}")

    async def token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        right = (form["code"], challenge, form["redirect_uri"], basic) == (
            "a-code", self.asked["code_challenge"], self.asked["redirect_uri"], f"{CLIENT}:{SECRET.replace(' ', '%20')}"
        )  # fmt: skip
        if not right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.asked["nonce"]}
        held = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        return JSONResponse({"access_token": "an-access-token", "token_type": "Bearer", "id_token": self.sign(held)})

    def person(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer an-access-token"
        return JSONResponse(self.told)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.known),
                Route("/keys", self.keys),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/person", self.person),
            ]
        )


def by_a_strange_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, STRANGE)


def by_nobody(claims: dict[str, Any]) -> str:
    """A token without a signature, as alg none has it."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims)]
    return f"{'.'.join(parts)}."


def by_the_public_key(claims: dict[str, Any]) -> str:
    """The public key taken for a shared secret."""
    return jwt.encode(
        {"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(KEY.as_pem(private=False).decode()[27:])
    )


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    server = uvicorn.Server(uvicorn.Config(provider.app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    thread.join(20)


def parameters(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
