"""Entity tags: answers 304 to a request that names the present answer in If-None-Match, or gives it from memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

from flask import Response, request

from search.web.app_state import AppState
from search.web.kept_answers import KeptAnswer

__all__ = ["conditional", "constant"]


def conditional(
    app_state: AppState, asked: object, now: datetime, make: Callable[[], tuple[Response, bool]]
) -> Response:
    """304 if If-None-Match names the answer, else the answer: one that was kept, or `make()`, which is kept then.

    The tag changes when the posts, their visibility, synonyms or pins, the day (for freshness) or we do.
    `asked` is what the request asks for, as data whose `repr` says all of it. `make` gives an answer, and whether it is
    limited: the same request may soon have a better one, so that it gets no tag and is not kept.
    """
    # Looked at before the answer is made: of a file that is saved meanwhile the tag is too old, never too new.
    made_of, state = app_state.beside_index(now), app_state.service.state(now)
    index_part = f"{state.generation} {state.epoch} {state.updated_at.isoformat()} {made_of}"
    root = f"{request.scheme} {request.host} {request.root_path}"
    text = f"{app_state.fingerprint} {request.endpoint} {root} {index_part} {asked!r}"
    tag = content_tag(text.encode("utf-8", "backslashreplace"))
    if known(tag):
        answer, source = Response(status=304), "known"
    elif kept := app_state.kept_answers.get(tag, state):
        answer, source = Response(kept.body, content_type=kept.content_type), "kept"
        answer.headers["Cache-Status"] = "postsearch; hit"
    else:
        answer, limited = make()
        source = "limited" if limited else "made"
        # Unlike a generation, a curated file may come back as it was, and would find what was made of another one.
        if not limited and made_of == app_state.beside_index(now):
            kept = KeptAnswer.of(answer.get_data(), answer.headers["Content-Type"], made_of)
            app_state.kept_answers.put(tag, kept, len(kept.packed), state)
    if app_state.metrics:
        app_state.metrics.count_answer(source)
    if source == "limited":
        answer.headers["Cache-Control"] = "no-store"
        return answer
    return tagged(answer, tag)


def constant(answer: Response) -> Response:
    """An answer that is the same for all, or 304 if If-None-Match names it."""
    tag = content_tag(answer.get_data())
    return tagged(Response(status=304) if known(tag) else answer, tag)


def content_tag(content: bytes) -> str:
    return blake2b(content, digest_size=12).hexdigest()


def known(tag: str) -> bool:
    """Whether the asker holds the answer of this tag already."""
    return "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(tag)


def tagged(response: Response, tag: str) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    # Weak, for two answers differ in the time that they took.
    response.set_etag(tag, weak=True)
    return response
