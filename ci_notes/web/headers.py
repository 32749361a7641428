"""The headers of every answer: what a browser may load, and who may embed a page."""

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ci_notes.web.settings import Settings

_YEAR = 365 * 24 * 3600
_UNUSED = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment usb"


def middleware(settings: Settings) -> list[Middleware]:
    """Return what puts the security headers on every answer."""
    return [Middleware(Headers, settings=settings)]


class Headers:
    """Puts the headers on every answer, whatever made it; what a handler said itself stays."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers = every(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        static = scope["path"].startswith(f"{scope.get('root_path', '')}/static/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    given.setdefault(name, value)
                given.setdefault("Cache-Control", "no-cache" if static else "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)


def every(settings: Settings) -> dict[str, str]:
    """Return the headers that every answer has."""
    found = {
        "Content-Security-Policy": policy(settings),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _UNUSED.split()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if not settings.allowed_ancestors:
        found["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors, which alone can name origins
    if settings.secure:
        found["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return found


def policy(settings: Settings, *styles: str) -> str:
    """Return what a page may load and who may embed it; `styles` are the hashes of style sheets of its own."""
    said = [
        "default-src 'none'",
        "script-src 'self'",
        " ".join(("style-src 'self'", *styles)),
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",  # a provider is reached by a link
        "base-uri 'none'",
        f"frame-ancestors {' '.join(settings.allowed_ancestors) or chr(39) + 'none' + chr(39)}",
    ]
    return "; ".join(said)
