"""A signed note: its versions, addenda, and what differs between two."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
