"""Pages: Jinja templates in `pages`, with what every page needs."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

_PAGES = Path(__file__).parent / "pages"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the environment of our pages: everything is escaped, and a misspelt name is an error."""
    return Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def rendered(request: Request, page: str, **context: Any) -> str:
    """Return a page, or a part of one, as HTML."""
    return (
        environment()
        .get_template(page)
        .render(
            request=request,
            viewer=getattr(request.state, "viewer", None),
            csrf=getattr(request.state, "csrf", ""),
            url=lambda name, /, **params: request.url_for(name, **params).path,  # right behind any proxy
            **context,
        )
    )


def show(request: Request, page: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page as an answer; it is kept by no cache."""
    return HTMLResponse(rendered(request, page, **context), status, headers={"Cache-Control": "no-store"})
