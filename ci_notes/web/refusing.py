"""Why something is not done, in words: as a page for a person, as JSON for a program."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ci_notes.web.showing import show

_WORDS = {
    400: "That request could not be read.",
    401: "Please sign in.",
    403: "Your account may not do this.",
    404: "There is nothing here.",
    405: "This page cannot be used in that way.",
    413: "That is too large: at most 8 megabytes can be sent at once.",
    414: "That address is too long.",
    422: "That could not be used.",
    429: "Too many attempts.",
    503: "The record does not answer.",
    500: "Something went wrong on our side.",
}


def wants_page(request: Request) -> bool:
    """Return whether a person is to see the answer: a browser asks for HTML, our script and programs do not."""
    return "text/html" in request.headers.get("accept", "")


def refuse(request: Request, status: int, words: str = "", **headers: str) -> Response:
    """Return the answer that says why not. Headers are given with underscores for hyphens."""
    title = _WORDS.get(status, "That could not be done.")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    from ci_notes.web.api import outside  # noqa: PLC0415  what the API answers, it answers in its own way

    if outside.is_meant(request):
        return outside.refused(request, status, words or title, named)
    if not wants_page(request):
        return JSONResponse({"error": title, "message": words or title}, status, {"Cache-Control": "no-store", **named})
    answer = show(request, "refused.html", status, title=title, words=words)
    answer.headers.update(named)
    return answer
