"""Has a server bring its index up to date, over HTTP."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from concurrent.futures import Future
from http.client import HTTPException
from threading import Thread
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from index.errors import IndexFault, PostSearchError, SettingsError, UnlikelyRemoval
from index.log import escaped

__all__ = ["reindex_afar"]

ANSWER_SECONDS = 60.0
"""For all of an answer: longer than a server waits for its run before it tells to ask again."""

MIN_PAUSE_SECONDS = 1.0
"""Before the server is asked again, whatever it says."""

MAX_ANSWER_BYTES = 64 << 10
"""Far more than any answer to this takes."""

UNQUOTED = "/%:@!$&'()*+,;=~"
"""What may stand in a path as it is."""

COUNTS = ("generation", "indexed", "unchanged", "removed", "excluded", "failed", "total")
"""What the answer tells in whole numbers."""


class NoRedirects(HTTPRedirectHandler):
    """Follows none: the token is for the server that was named."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Let the answer be an error like others."""


class Answer(NamedTuple):
    """What a server answered, whatever its status; `body` is its beginning where it is very long."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


def reindex_afar(url: str, token: str, seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
    """What the search at this address tells once all changes of its posts can be searched, however long that takes, as
    long as each answer comes within so many seconds.

    Raises `SettingsError` for an address or a token that is wrong, `UnlikelyRemoval` where most posts are gone there,
    `IndexFault` where nothing can be indexed now, and `PostSearchError` for any other answer.
    """
    address = reindex_address(url)
    token = token.strip()  # files of secrets end in a line break
    if not token:
        raise SettingsError("POSTSEARCH_REINDEX_TOKEN is not set; put the token of the server there")
    if not (token.isascii() and token.isprintable()):  # the header would be refused by a message that tells the token
        raise SettingsError("POSTSEARCH_REINDEX_TOKEN: it holds what no token does; correct it")
    request = Request(address, data=b"", headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - checked above
    while True:
        try:
            answer = answer_to(request, seconds)
            if not 200 <= answer.status < 300:
                raise refusal(address, answer)
            told = json.loads(answer.body)
            if told["status"] == "searchable" and math.isfinite(lag := float(told["lag_ms"])):
                return {"lag_ms": lag} | {name: int(told[name]) for name in COUNTS}
            pause = min(float(answer.headers["Retry-After"]), ANSWER_SECONDS)
        except (HTTPException, OSError) as error:
            cause = getattr(error, "reason", error)
            reason = getattr(cause, "strerror", None) or str(cause) or "it takes too long"
            raise IndexFault(escaped(f"{address} does not answer: {reason}; try again later")) from error
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise PostSearchError(
                f"{address} does not answer as a search does; see that the address is right"
            ) from error
        time.sleep(max(MIN_PAUSE_SECONDS, pause))


def reindex_address(url: str) -> str:
    """What is to be asked of the search at this address, which may be that of a query."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and (parts.hostname or "").encode("idna") and parts.port != 0
        good = known and "@" not in parts.netloc and url.isprintable() and " " not in url
    except ValueError:
        good = False
    if not good:
        named = re.sub(".*@", "…@", escaped(url))  # a password may stand before it
        raise SettingsError(
            f"--wait: {named} is no address of a search; give one such as https://example.org/search/, without a user"
        )
    path = parts.path.rstrip("/").removesuffix("/reindex")
    return f"{parts.scheme}://{parts.netloc}{quote(path, safe=UNQUOTED)}/reindex"


def answer_to(request: Request, seconds: float) -> Answer:
    """The answer, if all of it comes within so many seconds; raises what goes wrong, `TimeoutError` for one."""

    def ask() -> None:
        try:
            try:
                response = build_opener(NoRedirects).open(request, timeout=seconds)
            except HTTPError as error:
                response = error
            with response:
                body = response.read(MAX_ANSWER_BYTES)
            answer.set_result(Answer(response.status, response.reason, response.headers, body))
        except BaseException as error:
            answer.set_exception(error)

    # A timeout of the socket is of each piece that arrives, of which there may be any number.
    answer: Future[Answer] = Future()
    Thread(target=ask, daemon=True).start()
    return answer.result(seconds)


def refusal(address: str, answer: Answer) -> PostSearchError:
    """What an answer that is none means."""
    try:
        problem = dict(json.loads(answer.body))
    except (ValueError, TypeError, RecursionError):
        problem = {}
    if answer.status == 401:
        return SettingsError(f"POSTSEARCH_REINDEX_TOKEN: the server at {address} has another token")
    if answer.status in {404, 405} or answer.status < 400:
        return SettingsError(
            f"--wait: there is nothing to ask at {address} ({answer.status}); see that the address is right, and that"
            " POSTSEARCH_REINDEX_TOKEN is set where the server runs"
        )
    match problem:
        case {"code": "unlikely_removal", "params": {"gone": int(gone), "posts": int(posts)}}:
            folders, command = {"": f"the folder of {address}"}, "postsearch reindex --allow-removal"
            return UnlikelyRemoval(folders, gone=gone, posts=posts, command=command)
    said = escaped(f"{address} answered {answer.status}: {problem.get('message') or answer.reason}")
    return IndexFault(said) if answer.status == 503 else PostSearchError(said)
