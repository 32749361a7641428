"""What went wrong in the program itself: the person is told a number, the log the place, neither what was recorded."""

import logging
import traceback
import uuid
from pathlib import Path

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ci_notes.web.refusing import refuse

_log = logging.getLogger("ci_notes.web")
_ROOT = Path(__file__).parents[1]


class Incidents:
    """Answers what nobody expected with a page and a number, and logs type and place of it under that number."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noticing)
        except Exception as error:
            if scope["type"] != "http":
                raise
            number = uuid.uuid4().hex[:8]
            _log.error("incident %s: %s", number, place(error))
            if not begun:
                words = f"Nothing of what you saved is lost. Tell those who look after ci_notes the number {number}."
                await refuse(Request(scope), 500, words)(scope, receive, send)


def place(error: BaseException) -> str:
    """Return the type of an exception and where it came from: never its message, which may quote what was recorded."""
    *before, last = traceback.extract_tb(error.__traceback__) or [None]
    ours = [frame for frame in before if frame and Path(frame.filename).is_relative_to(_ROOT)]
    frames = [frame for frame in (*ours[-3:], last) if frame]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    cause = f", because of {type(error.__cause__).__name__}" if error.__cause__ else ""
    return f"{type(error).__name__}{cause} at {where or 'an unknown place'}"
