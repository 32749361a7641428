"""A program that asks the API for the tests: with a token, and holding every answer to the OpenAPI document."""

import re
from typing import Any

import jsonschema
from browsing import Browser, account
from starlette.applications import Starlette

from ci_notes.record.accounts import Account
from ci_notes.web import clock

API = "/api/v1"


def token_of(app: Starlette, who: Account) -> str:
    """An API token, as `ci-notes accounts token` makes one."""
    return str(app.state.record.sessions.begin(who.id, "token", clock.now(), 24))


class Program(Browser):
    """Sends a token with everything, and asks for JSON."""

    def __init__(self, app: Any, token: str = "") -> None:
        super().__init__(app)
        self.headers["accept"] = "*/*"
        if token:
            self.headers["authorization"] = f"Bearer {token}"


def program(app: Starlette, *roles: str) -> Program:
    """A program with the token of an account of these roles."""
    who = account(app, "-".join(("robot", *roles)), *roles)
    asking = Program(app, token_of(app, who))
    asking.account = who
    return asking


def said(answer: Any) -> str:
    """The sentences of a refusal, whichever way it is told, with the places."""
    told = answer.json()
    if told.get("resourceType") == "OperationOutcome":
        return "\n".join(f"{one.get('diagnostics', '')}: {one['details']['text']}" for one in told["issue"])
    return "\n".join([told["detail"], *(f"{one['place']}: {one['detail']}" for one in told["errors"])])


class Description:
    """The OpenAPI document, and whether an answer is as it says."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        found: Any = self.told
        for name in re.findall(r"[^/#]+", part.get("$ref", "")):
            found = found[name]
        return found if "$ref" in part else part

    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (method.upper(), path): item[method]
            for path, item in self.told["paths"].items()
            for method in item
            if method in ("get", "post", "put", "patch", "delete")
        }

    def parameters(self, path: str, operation: dict[str, Any]) -> list[dict[str, Any]]:
        both = (*self.told["paths"][path].get("parameters", []), *operation.get("parameters", []))
        return [self.resolved(one) for one in both]

    def hold(self, method: str, path: str, answer: Any) -> None:
        """Fail unless the document has this answer: its status, its media type, its shape."""
        responses = self.operations()[method, path]["responses"]
        assert str(answer.status_code) in responses, (method, path, answer.status_code, answer.text[:500])
        content = self.resolved(responses[str(answer.status_code)])["content"]
        media = answer.headers["content-type"].partition(";")[0]
        assert media in content, (method, path, media)
        if media.endswith("json"):
            self.valid(answer.json(), content[media]["schema"])

    def valid(self, data: Any, schema: dict[str, Any]) -> None:
        whole = {**schema, "components": self.told["components"]}
        error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(whole).iter_errors(data))
        assert error is None, f"{error.json_path}: {error.message}"
