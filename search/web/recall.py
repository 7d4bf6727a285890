"""Gives an answer again to a request that is the same, to the letter, as one that had it, and reads nothing else of it.

In a host's application that happens inside our view, so that all that the host has Flask do before and after views is
done. `Recalling` does it before Flask, in front of an application that nobody else puts anything into.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from search.web.app_state import USUAL_NAME, AppState
from search.web.kept_answers import KeptRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask

__all__ = ["RECALLED", "Recalled", "Recalling", "recall", "remember"]

RECALLED = ("/hits", "/similar", "/feed", "/suggest")
"""The addresses below the prefix at which nothing of a request counts but what `SENT` names."""

SENT = (
    "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT_LANGUAGE", "HTTP_ORIGIN", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT",
    "SCRIPT_NAME", "wsgi.url_scheme",
)  # fmt: skip
"""The parts of a WSGI environment on which an answer depends."""


class Recalled(NamedTuple):
    """An answer of status 200."""

    body: bytes
    headers: list[tuple[str, str]]


def recall(app_state: AppState, environ: Mapping[str, Any]) -> Recalled | None:
    """What was answered to the same request, if that is still the answer. Raises `IndexFault`, and `OSError`."""
    if environ["REQUEST_METHOD"] != "GET" or "HTTP_IF_NONE_MATCH" in environ:
        return None
    now, request = datetime.now(UTC), app_state.kept_requests.get(sent(environ))
    answer = app_state.kept_answers.get(request.tag, app_state.service.state(now)) if request else None
    if not request or not answer or answer.made_of != app_state.beside_index(now):
        return None
    if app_state.metrics:
        app_state.metrics.count_answer("kept")
    body = answer.body
    headers = [*request.headers, ("Content-Length", str(len(body))), ("Cache-Status", "postsearch; hit")]
    return Recalled(body, headers)


def remember(app_state: AppState, environ: Mapping[str, Any], tag: str, headers: Iterable[tuple[str, str]]) -> None:
    """Have `recall` find the answer of this tag, which has these headers, for the same request."""
    # The body that is kept may have been made anew meanwhile, and be of another length.
    name, given = sent(environ), tuple(one for one in headers if one[0] not in {"Cache-Status", "Content-Length"})
    size = sum(map(len, (*filter(None, name), *(text for header in given for text in header))))
    app_state.kept_requests.put(name, KeptRequest(tag, given), size)


def sent(environ: Mapping[str, Any]) -> tuple[str | None, ...]:
    """All of a request on which its answer depends."""
    return tuple(map(environ.get, SENT))


class Recalling:
    """Gives the answers of a Flask app again before Flask is asked: `app.wsgi_app = Recalling(app)`.

    The app is to be one of nothing but a search. Where it is given more to do before or after views later on, such as
    to ask who is there, Flask is asked as ever.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.wsgi_app = app.wsgi_app
        self.hooks = hooks_of(app)
        self.app_state: AppState = app.extensions[USUAL_NAME]
        self.paths = {self.app_state.settings.url_prefix + path for path in RECALLED}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started, found, path, metrics = time.perf_counter(), None, environ.get("PATH_INFO", ""), self.app_state.metrics
        if path in self.paths and hooks_of(self.app) == self.hooks:
            with suppress(Exception):  # which the app meets too, and tells
                found = recall(self.app_state, environ)
        if not found:
            return self.wsgi_app(environ, start_response)
        start_response("200 OK", found.headers)
        if metrics:
            metrics.count_request(path, 200, time.perf_counter() - started)
        return [found.body]


def hooks_of(app: Flask) -> int:
    """How much Flask is to do before and after views."""
    kinds = (
        app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs, app.url_value_preprocessors,
    )  # fmt: skip
    return sum(len(functions) for hooks in kinds for functions in hooks.values())
