"""A client that keeps its connection to a server, and the paths that it asks for."""

from __future__ import annotations

import http.client
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from bench.peers import HITS
from bench.processes import Server
from bench.questions import Question

__all__ = ["HITS_PATH", "Client", "path_of"]

HITS_PATH = "/search/hits"
PATIENCE_SECONDS = 120


def path_of(question: Question) -> str:
    """Where the endpoint answers the question."""
    asked = {"q": question.text, "per_page": HITS, "prefix": int(question.begins)}
    return f"{HITS_PATH}?{urlencode(asked)}"


class Client:
    """One connection, which the server may close and which is then opened again."""

    def __init__(self, server: Server) -> None:
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_SECONDS)

    def get(self, path: str) -> bytes:
        """The body of an answer. Raises `RuntimeError` for one that is an error."""
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"the server answered {path} with {answer.status}: {body[:200]!r}")
        return body

    def milliseconds(self, path: str) -> float:
        """How long the answer takes, until its last byte."""
        started = time.perf_counter()
        self.get(path)
        return 1000 * (time.perf_counter() - started)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()
