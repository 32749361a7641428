"""What a browser complained of while a test ran: script errors, refusals of the content policy, failed requests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# A page that is left takes its unfinished requests with it; a download is no page.
_GIVEN_UP = "net::ERR_ABORTED"


@dataclass
class Watch:
    """The complaints of all pages of a browser context; a test that goes offline on purpose says so."""

    complaints: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _failed(self, request: Request) -> None:
        if request.failure != _GIVEN_UP:
            self.complaints.append(f"request: {request.method} {request.url}: {request.failure}")

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let requests fail, since the server is away on purpose."""
        self.expect("net::ERR_")
        yield

    def expect(self, pattern: str) -> None:
        """Take what matches for meant, as the refusal of a wrong password."""
        self.expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        return [one for one in self.complaints if not any(pattern.search(one) for pattern in self.expected)]
