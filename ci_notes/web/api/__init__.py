"""The HTTP API: the verbs of the command line for programs, and signed notes for those who may read them.

`verbs` keeps nothing of what it is given; `records` reads the record; `describing` says in OpenAPI what there is.
"""

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, Mount

from ci_notes.errors import InputError
from ci_notes.web.api import describing, records, verbs
from ci_notes.web.api.answering import Refusal, refused
from ci_notes.web.api.asking import route

PREFIX = "/api/v1"

VERBS = (*verbs.VERBS, *records.VERBS, *describing.VERBS)

_HANDLERS = {Refusal: refused, HTTPException: refused, InputError: refused}

routes: list[BaseRoute] = [
    Mount(
        PREFIX,
        routes=[route(verb) for verb in VERBS],
        middleware=[Middleware(ExceptionMiddleware, handlers=_HANDLERS)],
    ),
    *describing.routes,
]
