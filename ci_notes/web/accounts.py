"""Accounts and the audit trail, for those who look after them."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
