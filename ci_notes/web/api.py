"""The HTTP API: the verbs of the command line for programs, described in OpenAPI."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
