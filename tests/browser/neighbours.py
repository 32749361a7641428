"""What stands beside the ward's server: a page of an EHR that embeds a form, on an origin of its own."""

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Page(BaseHTTPRequestHandler):
    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Say nothing."""


@contextmanager
def ehr() -> Iterator["Ehr"]:
    """Serve a page of an EHR; its origin differs from the ward's by its port."""
    handler = type("Page", (_Page,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Ehr(f"http://127.0.0.1:{server.server_port}", handler)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Ehr:
    """The page of an EHR, with a frame in it."""

    def __init__(self, origin: str, handler: type[_Page]) -> None:
        self.origin = origin
        self.handler = handler

    def embeds(self, address: str) -> None:
        frame = f'<iframe title="Note" src="{html.escape(address)}" width="1000" height="700"></iframe>'
        head = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>EHR</title>'
        page = f"{head}<h1>Chart of Ada Example</h1>{frame}</html>"
        self.handler.body = page.encode()
