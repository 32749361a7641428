"""A draft is looked through and signed; a signed note is co-signed, added to, amended."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
