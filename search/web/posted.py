"""The views of what programs post: a message of an assistant, and the wish to have the index brought up to date."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from flask import Response, request

from index.errors import IndexBusy, IndexMissing, SettingsError
from index.log import get_logger
from search.sentences import ENGLISH
from search.web.app_state import USUAL_NAME
from search.web.browser_search import short_name
from search.web.context import JSON, current_state, own_root, reply
from search.web.markdown import GRAMMAR
from search.web.mcp import MAX_MESSAGE_BYTES, Server, answer_message
from search.web.parameters import read_wait
from search.web.problems import problem, problem_of
from search.web.tools import PostTools

__all__ = ["assistants", "reindexed"]

logger = get_logger(__name__)

SEARCHABLE_LOOK_SECONDS = 0.01
"""Between two looks at whether what was indexed can be searched."""


def assistants() -> Response:
    """`POST /mcp`: one message of the Model Context Protocol, whose tools search the posts and read one."""
    app_state = current_state()
    settings = app_state.settings
    # A page of another site must not reach a search that only its visitor reaches, not even by a name of its own for
    # the visitor's machine; hence by what the settings name, not by what the request does.
    origin = request.headers.get("Origin")
    if origin and origin not in {app_state.site.rstrip("/"), *settings.cors_origins}:
        return problem(403, "foreign_origin").answer()
    if request.mimetype != JSON:
        return problem(415, "not_json", type=JSON).answer()
    if request.content_length is None:
        return problem(411, "no_length").answer()
    if request.content_length > MAX_MESSAGE_BYTES:
        return problem(413, "too_large", most=MAX_MESSAGE_BYTES).answer()
    server = Server(
        name=USUAL_NAME,
        title=short_name(settings.site_name, ENGLISH),
        version=app_state.version or "0",
        instructions=f"search_posts finds posts, read_post reads one. Queries: {GRAMMAR}",
        tools=PostTools(app_state, own_root(), datetime.now(UTC)).all(),
        told=lambda error: problem_of(error).message,
    )
    status, content = answer_message(request.get_data(), request.headers.get, server)
    answer = Response(status=status) if content is None else reply(content, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def reindexed() -> Response:
    """`POST /reindex`: brings the index up to date, for who knows the token, and answers once that can be searched."""
    app_state, started = current_state(), time.monotonic()
    assert app_state.reindexing
    if not app_state.reindexing.admits(request.headers.get("Authorization", "")):
        answer = problem(401, "unauthorized").answer()
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    seconds = read_wait(request.query_string)
    try:
        report = app_state.reindexing.run(seconds)
    except IndexBusy:
        return problem(503, "index_busy").answer()
    except SettingsError as error:
        logger.warning("the posts can't be indexed: %s", error)
        return problem(500, "misconfigured").answer()

    def generation() -> int:
        try:
            return app_state.service.state().generation
        except IndexMissing:
            return 0

    # A search may look at the commit that it knows for another moment.
    while report and generation() < report.generation and time.monotonic() - started < seconds:
        time.sleep(SEARCHABLE_LOOK_SECONDS)
    seen = generation()
    if report is None or seen < report.generation:
        answer = reply({"status": "running", "generation": seen}, 202)
        answer.headers["Retry-After"] = "1"
    else:
        lag = round((time.monotonic() - started) * 1000, 1)
        answer = reply({"status": "searchable", "generation": seen, "lag_ms": lag, **report.counts()})
    answer.headers["Cache-Control"] = "no-store"
    return answer
