"""Patients, their pregnancies, and the notes of each in time order."""

from starlette.routing import BaseRoute

routes: list[BaseRoute] = []
