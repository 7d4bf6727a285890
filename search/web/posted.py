"""The view of what programs post: a message of an assistant."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, request

from search.sentences import ENGLISH
from search.web.app_state import USUAL_NAME
from search.web.browser_search import short_name
from search.web.context import JSON, current_state, own_root, reply
from search.web.markdown import GRAMMAR
from search.web.mcp import MAX_MESSAGE_BYTES, Server, answer_message
from search.web.problems import problem, problem_of
from search.web.tools import PostTools

__all__ = ["assistants"]


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
