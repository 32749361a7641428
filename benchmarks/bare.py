"""The peer of the form: Starlette alone, which reads JSON and writes one row to the same kind of database."""

import os

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ci_notes.record.database import Database
from ci_notes.web.access import sent_json
from ci_notes.web.receiving import Receiving
from ci_notes.web.settings import Settings

ADDRESS = "CI_NOTES_BARE"


def application(db: str = "") -> Starlette:
    """Return it, over the database of an address or of the environment."""
    database = Database(db or os.environ[ADDRESS])
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS written (body TEXT NOT NULL)"))

    def write(request: Request) -> Response:
        sent_json(request)
        with database.writing() as connection:
            connection.execute(text("INSERT INTO written VALUES (:body)"), {"body": request.state.body.decode()})
        return JSONResponse({"done": True})

    app = Starlette(routes=[Route("/write", write, methods=["POST"])])
    app.add_middleware(Receiving, settings=Settings(db))
    return app
