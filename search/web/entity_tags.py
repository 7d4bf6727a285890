"""Entity tags: answers 304 to a request that names the present answer in If-None-Match."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import blake2b

from flask import Response, request

from search.results import IndexState
from search.web.app_state import AppState
from search.web.assets import release

__all__ = ["conditional", "constant"]


def conditional(
    app_state: AppState, asked: object, now: datetime, make: Callable[[], tuple[Response, IndexState]]
) -> Response:
    """304 if If-None-Match names the answer, else `make()`: an answer, and the state of the index that it is from.

    `asked` is what the request asks for, as data whose `repr` says all of it.

    The index is looked at beforehand only for those who ask on a condition.
    """
    # Looked at before the answer is made: of a file that is saved meanwhile the tag is too old, never too new.
    name = partial(entity_tag, app_state, asked, now, app_state.service.curation.digest)
    if request.if_none_match and known(tag := name(app_state.service.state(now))):
        return tagged(Response(status=304), tag)
    answer, state = make()
    return tagged(answer, name(state))


def constant(answer: Response) -> Response:
    """An answer that is the same for all, or 304 if If-None-Match names it."""
    tag = content_tag(answer.get_data())
    return tagged(Response(status=304) if known(tag) else answer, tag)


def entity_tag(app_state: AppState, asked: object, now: datetime, curation: str, state: IndexState) -> str:
    """A name for the answer: it changes when the posts, their visibility, synonyms or pins, the day (for freshness) or
    we do."""
    index_part = f"{state.generation} {state.epoch} {state.updated_at.isoformat()} {now.date()} {curation} {release()}"
    text = f"{app_state.fingerprint} {request.endpoint} {request.root_url} {index_part} {asked!r}"
    return content_tag(text.encode("utf-8", "backslashreplace"))


def content_tag(content: bytes) -> str:
    return blake2b(content, digest_size=12).hexdigest()


def known(tag: str) -> bool:
    """Whether the asker holds the answer of this tag already."""
    return request.if_none_match.contains_weak(tag)


def tagged(response: Response, tag: str) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    # Weak, for two answers differ in the time that they took.
    response.set_etag(tag, weak=True)
    return response
