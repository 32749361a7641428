"""What the API is, for programs and for people: an OpenAPI document, and a page made of it."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ci_notes import document
from ci_notes.shape import schema
from ci_notes.template import Template
from ci_notes.web.access import public
from ci_notes.web.api.answering import JSON, answer
from ci_notes.web.api.asking import Asked, Verb
from ci_notes.web.showing import show

Json = dict[str, Any]

_DEFS = "#/$defs/"


@lru_cache(maxsize=1)
def _written() -> Json:
    """Return what is written of the API by hand."""
    text = (files(__package__) / "openapi.yaml").read_text(encoding="utf-8")
    found: Json = document.read_yaml(text, "openapi.yaml")
    return found


def described(templates: Mapping[str, Template], address: str) -> Json:
    """Return the OpenAPI document of the API at an address, with the schema of every note kind that is here."""
    schemas = dict(_written()["components"]["schemas"])
    for template in templates.values():
        schemas |= _schemas_of(template)
    named = {**schemas["Note"]["properties"]["template"], "enum": [*templates]}
    refs = [{"$ref": f"#/components/schemas/{name_of(template)}"} for template in templates.values()]
    schemas["Note"] = {**schemas["Note"], "properties": {"template": named}}
    schemas["CompleteNote"] = {**schemas["CompleteNote"], "oneOf": refs}
    components = {**_written()["components"], "schemas": schemas}
    return {**_written(), "servers": [{"url": address}], "components": components}


def name_of(template: Template) -> str:
    """Return the name of a note kind's schema."""
    return f"Note-{template.id}"


def _schemas_of(template: Template) -> Json:
    """Return the schema of a note kind; what it shares with none but itself stands beside it."""
    name = name_of(template)
    found = schema(template)
    shared = {f"{name}.{one}": told for one, told in found.pop("$defs").items()}
    del found["$schema"]  # the document says it once
    moved: Json = _moved({name: found, **shared}, f"#/components/schemas/{name}.")
    return moved


def _moved(part: Any, into: str) -> Any:
    """Return a schema whose references lead to where its definitions stand in the document."""
    if isinstance(part, list):
        return [_moved(one, into) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: into + value.removeprefix(_DEFS) if key == "$ref" and isinstance(value, str) else _moved(value, into)
        for key, value in part.items()
    }


def _openapi(asked: Asked) -> Response:
    return answer(described(asked.templates, str(asked.request.scope["root_path"])), asked.wanted)


VERBS = (Verb("GET", "/openapi.json", "openapi", _openapi, gives=(JSON, "application/openapi+json"), open=True),)


# --- the page ------------------------------------------------------------------------------------------------------


@public
def _page(request: Request) -> Response:
    told = described(request.app.state.templates, str(request.url_for("openapi")).removesuffix("/openapi.json"))
    return show(request, "api.html", told=told, operations=[*_operations(told)])


def _operations(told: Json) -> Iterator[Json]:
    for path, item in told["paths"].items():
        shared = item.get("parameters", [])
        for method, operation in item.items():
            if method in ("get", "post"):
                yield {
                    **operation,
                    "id": operation["operationId"],
                    "method": method.upper(),
                    "path": path,
                    "parameters": [_resolved(told, one) for one in (*shared, *operation.get("parameters", []))],
                    "takes": [*operation.get("requestBody", {}).get("content", {})],
                    "answers": {status: _resolved(told, one) for status, one in operation["responses"].items()},
                }


def _resolved(told: Json, part: Json) -> Json:
    """Return what a reference leads to."""
    found: Any = told
    for name in re.findall(r"[^/#]+", part.get("$ref", "")):
        found = found[name]
    return found if "$ref" in part else part


routes: list[BaseRoute] = [Route("/api", _page, name="api")]
