"""The form: a draft is filled, saved and merged."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
