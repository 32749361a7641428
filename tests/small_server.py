"""A FHIR server in this process, as small as a push needs; it fails as a test says, and remembers what it was asked."""

import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json | None


@dataclass
class Trouble:
    """What happens to requests of a method, each once, in place of an answer or after the work is done."""

    method: str
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    path: str = ""
    wait: threading.Event | None = None


def outcome(text: str, *expressions: str) -> bytes:
    """Return an OperationOutcome as a server sends it."""
    issue: Json = {"severity": "error", "code": "invalid", "diagnostics": text}
    if expressions:
        issue["expression"] = [*expressions]
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()


class ConflictError(Exception):
    """A version is not the one that was named, or more than one resource is meant."""


class Store:
    """Resources by address, with their versions."""

    def __init__(self) -> None:
        self.resources: dict[str, Json] = {}
        self.asked: list[Asked] = []
        self.trouble: list[Trouble] = []
        self.stated: Json = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
        self.base = ""

    def writes(self) -> list[Asked]:
        return [one for one in self.asked if one.method != "GET"]

    def of(self, kind: str) -> list[Json]:
        return [one for one in self.resources.values() if one["resourceType"] == kind]

    def versions(self) -> dict[str, str]:
        return {address: one["meta"]["versionId"] for address, one in self.resources.items()}

    def put(self, resource: Json) -> str:
        """Keep a resource as the server's own; returns its address."""
        resource = deepcopy(resource)
        resource.setdefault("id", str(uuid.uuid4()))
        address = f"{resource['resourceType']}/{resource['id']}"
        before = self.resources.get(address)
        version = int(before["meta"]["versionId"]) + 1 if before else 1
        resource["meta"] = {**resource.get("meta", {}), "versionId": str(version)}
        self.resources[address] = resource
        return address

    def found(self, kind: str, query: str) -> list[Json]:
        asked = parse_qs(query)
        if "_id" in asked:
            ids = asked["_id"][0].split(",")
            return [one for one in self.of(kind) if one["id"] in ids]
        system, _, value = asked["identifier"][0].partition("|")
        return [one for one in self.of(kind) if {"system": system, "value": value} in _identifiers(one)]

    def transaction(self, bundle: Json) -> Json:
        addresses: dict[str, str] = {}
        for entry in bundle["entry"]:
            request = entry["request"]
            if request["method"] == "POST":
                found = self.found(request["url"], request["ifNoneExist"])
                if len(found) > 1:
                    raise ConflictError
                there = found[0]["id"] if found else str(uuid.uuid4())
                addresses[entry["fullUrl"]] = f"{request['url']}/{there}"
            else:
                self.check(request["url"], request.get("ifMatch", ""))
                addresses[entry["fullUrl"]] = request["url"]
        answered = []
        for entry in bundle["entry"]:
            address = addresses[entry["fullUrl"]]
            if entry["request"]["method"] == "PUT" or address not in self.resources:
                self.put({**_pointed(entry["resource"], addresses), "id": address.partition("/")[2]})
            version = self.resources[address]["meta"]["versionId"]
            answered.append({"response": {"status": "200 OK", "location": f"{address}/_history/{version}"}})
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": answered}

    def check(self, address: str, if_match: str) -> None:
        if if_match and if_match != f'W/"{self.resources[address]["meta"]["versionId"]}"':
            raise ConflictError


def _identifiers(resource: Json) -> list[Json]:
    held = resource.get("identifier", [])
    master = [resource["masterIdentifier"]] if "masterIdentifier" in resource else []
    return [*(held if isinstance(held, list) else [held]), *master]


def _pointed(node: Any, addresses: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            key: addresses.get(value, value) if key == "reference" else _pointed(value, addresses)
            for key, value in node.items()
        }
    return [_pointed(one, addresses) for one in node] if isinstance(node, list) else node


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: Store

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, method: str) -> None:
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length) if length else b""
        body = json.loads(content) if content else None
        path = self.path.removeprefix("/fhir").lstrip("/")
        self.store.asked.append(Asked(method, path, dict(self.headers), body))
        trouble = next((one for one in self.store.trouble if one.method == method and path.startswith(one.path)), None)
        if trouble:
            self.store.trouble.remove(trouble)
            if trouble.wait:
                trouble.wait.wait(5)
            if trouble.after:
                self._done(method, path, body)
            self._fail(trouble)
            return
        try:
            status, answer, headers = self._done(method, path, body)
        except ConflictError:
            status, answer, headers = 412, None, {}
        self._reply(status, json.dumps(answer).encode() if answer else b"", headers)

    def _done(self, method: str, path: str, body: Any) -> tuple[int, Json | None, dict[str, str]]:
        parts, store = urlsplit(path), self.store
        if method == "POST" and not path:
            return 200, store.transaction(body), {}
        if method == "POST":
            found = store.found(path, self.headers["If-None-Exist"])
            if len(found) > 1:
                raise ConflictError
            address = f"{path}/{found[0]['id']}" if found else store.put(body)
            return 200 if found else 201, None, {"Location": f"{store.base}/{address}/_history/1"}
        if method == "PUT":
            store.check(path, self.headers.get("If-Match", ""))
            store.put(body)
            return 200, None, {}
        if path == "metadata":
            return 200, store.stated, {}
        if parts.query:
            entries = [{"resource": one, "search": {"mode": "match"}} for one in store.found(parts.path, parts.query)]
            return 200, {"resourceType": "Bundle", "type": "searchset", "entry": entries}, {}
        there = store.resources.get(path)
        return (200, there, {}) if there else (404, None, {})

    def _fail(self, trouble: Trouble) -> None:
        if trouble.status:
            self._reply(trouble.status, trouble.body, trouble.headers)
        else:
            self.close_connection = True

    def _reply(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Store]:
    """Answer on a free port of this machine, over TLS where there is a certificate with its key."""
    store = Store()
    handler = type("Handler", (_Answering,), {"store": store})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    store.base = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}/fhir"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
