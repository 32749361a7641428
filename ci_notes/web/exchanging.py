"""A bundle comes in, or a note goes out: import, download, print, push."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
