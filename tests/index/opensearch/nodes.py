"""Nodes that answer as a test wants: real HTTP servers, by themselves or in front of a real node."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.example_sites import free_ports

__all__ = ["VERSION", "Asked", "Node", "closed_port", "make_certificate", "node", "passed_on"]

VERSION = {"version": {"distribution": "opensearch", "number": "3.8.0"}}


@dataclass(frozen=True)
class Asked:
    """A request: with the port that it came from, which tells connections apart."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]
    port: int


Answer = tuple[int, Any]
"""The status, and what is sent as JSON; bytes are sent as text."""


@dataclass
class Node:
    """`answer` says what is answered, and `version` what to the question for that; `asked` are all other questions.

    `context` is that of HTTPS: what is loaded into it holds for connections that are opened from then on.
    """

    url: str = ""
    version: Any = field(default_factory=lambda: VERSION)
    answer: Callable[[Asked], Answer] = lambda _: (200, {})
    asked: list[Asked] = field(default_factory=list)
    context: ssl.SSLContext | None = None

    def answers(self, *answers: Answer) -> None:
        """Give these answers, one after the other, and then the last one for good."""
        waiting = list(answers)
        self.answer = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


def closed_port() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_ports(1)[0]}"


def make_certificate(path: Path) -> Path:
    """Write a certificate that nobody signed, and its key, to this file; and to `PATH.crt` the certificate alone."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={path.stem}"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@contextmanager
def node(certificate: Path | None = None) -> Iterator[Node]:
    """A node that listens; with the file of a certificate and its key, over HTTPS."""
    told = Node()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = Asked(self.command, self.path, body, dict(self.headers), self.client_address[1])
            if self.path == "/":
                status, answer = 200, told.version
            else:
                told.asked.append(asked)
                status, answer = told.answer(asked)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "text/plain" if isinstance(answer, bytes) else "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815 - the names that are looked up

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate:
        told.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        told.context.load_cert_chain(certificate)
        server.socket = told.context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    told.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def passed_on(asked: Asked, url: str) -> Answer:
    """What a real node at this address answers to the same request."""
    headers = {name: value for name, value in asked.headers.items() if name.lower() == "content-type"}
    try:
        with urlopen(Request(url + asked.path, asked.body or None, headers, method=asked.method)) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)
