"""Brings the index up to date when asked to, such as by the hook of a deployment."""

from __future__ import annotations

import hmac
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

from index.errors import SettingsError
from index.indexer.report import Report
from index.indexer.run import reindex
from index.log import get_logger
from index.settings import Settings

__all__ = ["Reindexing"]

logger = get_logger(__name__)

TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,}")
"""What may follow `Bearer` in a header (RFC 6750), and is too long to be guessed."""

MAX_WAITING = 4
"""How many may wait at a time, each of whom holds a thread that could answer searches."""


class Reindexing:
    """Does runs of the indexer, one at a time, for those who know the token.

    A run that goes on may have passed a file that was changed since. So whoever asks meanwhile waits for the next one,
    which all share who do: after it, whatever was on disk when they asked is in the index.
    """

    def __init__(self, settings: Settings, token: str, index: Callable[[Settings], Report] = reindex) -> None:
        """Raises `SettingsError` for a token that no header could hold, or that is easily guessed."""
        if not TOKEN.fullmatch(token):
            raise SettingsError(
                "POSTSEARCH_REINDEX_TOKEN: give at least 16 characters, of letters, digits and -._~+/= only, such as"
                " `openssl rand -hex 24` prints"
            )
        self._settings = settings
        self._index = index
        self._token = token.encode()
        self._runs = threading.Lock()
        self._asks = threading.Lock()
        self._next: Future[Report] | None = None
        self._seats = threading.BoundedSemaphore(MAX_WAITING)

    def admits(self, authorization: str) -> bool:
        """Whether the value of the header `Authorization` holds the token."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)

    def run(self, seconds: float) -> Report | None:
        """The report of a run that began after this was asked.

        None where that takes more than so many seconds, or many are waiting: it goes on all the same. Raises what
        `reindex` raises.
        """
        with self._asks:
            asked = self._next
            if asked is None or asked.running() or asked.done():
                asked = self._next = Future()
                threading.Thread(target=self._go, args=[asked], name="postsearch-reindex", daemon=True).start()
        if self._seats.acquire(blocking=False):
            try:
                wait([asked], seconds)
            finally:
                self._seats.release()
        return asked.result() if asked.done() else None

    def _go(self, asked: Future[Report]) -> None:
        """Do a run once the one before it has ended."""
        with self._runs:
            asked.set_running_or_notify_cancel()
            try:
                report = self._index(self._settings)
                logger.info(
                    "Indexed %d, removed %d in %.2f s, as asked", report.indexed, report.removed, report.seconds
                )
                asked.set_result(report)
            except BaseException as error:
                asked.set_exception(error)
