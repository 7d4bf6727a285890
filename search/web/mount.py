"""What one app holds of postsearch: its settings go in, the service they describe comes out at the first request."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from threading import Lock

from index.settings import Settings, zone_named
from index.version import own_version
from search.service import Search

__all__ = ["Mount"]


class Mount:
    """The settings of one app and the service that answers for it; safe to share between threads.

    `fingerprint` changes with the settings and with the release, either of which may change every answer.
    """

    def __init__(self, settings: Settings, open_service: Callable[[Settings], Search] = Search) -> None:
        self.settings = settings
        self.zone = zone_named(settings.timezone)
        self.version = own_version()
        self.fingerprint = blake2b(f"{self.version} {settings!r}".encode(), digest_size=8).hexdigest()
        self._open_service = open_service
        self._lock = Lock()
        self._service: Search | None = None

    @property
    def service(self) -> Search:
        """The service, opened when it is first asked for: a server forks its workers before that."""
        with self._lock:
            if self._service is None:
                self._service = self._open_service(self.settings)
            return self._service
