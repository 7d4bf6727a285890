"""What postsearch keeps in `app.extensions` of a Flask app for each search: its settings, its service, and values made
of them.
"""

from __future__ import annotations

import math
import os
import time
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.errors import SettingsError
from index.settings import Settings, zone_named
from index.version import own_version
from search.results import Results
from search.service import Search
from search.web.kept_answers import Kept, KeptAnswer, KeptRequest
from search.web.parameters import Parameters

if TYPE_CHECKING:
    from search.web.metrics import Metrics
    from search.web.reindexing import Reindexing

__all__ = ["USUAL_NAME", "AppState"]

USUAL_NAME = "postsearch"
"""The name of a search that is given no other."""

MAX_ANSWERS_BYTES = 12 << 20
"""Of all answers that one process keeps: some 4,000 pages of hits."""

MAX_REQUESTS_BYTES = 4 << 20
"""Of all requests that it knows to lead to them."""

NEWS_SECONDS = 60.0
"""For so long a fault that lasts is not logged again, however many ask."""


class AppState:
    """The settings of one search in an application and the service that answers for it.

    `name` is that of its blueprint, and its key in `app.extensions`. `kept_answers` are known by their entity tags, and
    `kept_requests` lead to them. `fingerprint` changes with the settings and with
    the release, either of which may change every answer. `site` is the root of the site as `base_url` says it, such
    as `https://example.org/`, or "". `metrics` is None unless the settings want figures, and `reindexing` unless the
    environment holds a token for it; raises `SettingsError` where one of them can't be had.
    """

    def __init__(self, settings: Settings, service: Search, name: str = USUAL_NAME) -> None:
        self.name = name
        self.settings = settings
        self.service = service
        self.kept_answers = Kept[KeptAnswer](MAX_ANSWERS_BYTES)
        self.kept_requests = Kept[KeptRequest](MAX_REQUESTS_BYTES)
        self.zone = zone_named(settings.timezone)
        self.version = own_version()
        base = urlsplit(settings.base_url)
        self.site = f"{base.scheme}://{base.netloc}/" if base.netloc else ""
        self.fingerprint = blake2b(f"{self.version} {settings!r}".encode(), digest_size=8).hexdigest()
        self.metrics = open_metrics(settings, service) if settings.metrics else None
        token = os.environ.get("POSTSEARCH_REINDEX_TOKEN", "").strip()  # files of secrets end in a line break
        self.reindexing = open_reindexing(settings, token) if token else None
        self._told: dict[str, float] = {}

    def find(self, parameters: Parameters, now: datetime) -> Results:
        """The hits of the words as they are; where there are none, of words that begin like the last one.

        Whoever typed three letters into a search box and pressed Enter should not be told that there is nothing.
        """
        whole, begun = (
            asked.query(self.service, self.zone) for asked in (parameters, replace(parameters, prefix=True))
        )
        return self.service.answer(whole, now, begun=begun)

    def beside_index(self, now: datetime) -> str:
        """What answers are made of beside the index and the request: the day, synonyms and pins."""
        return f"{now.date()} {self.service.curation.digest}"

    def is_news(self, code: str) -> bool:
        """Whether a fault with this code is to be logged: it was not a short time ago."""
        told, now = self._told.get(code, -math.inf), time.monotonic()
        if now - told < NEWS_SECONDS:
            return False
        self._told[code] = now
        return True


def open_reindexing(settings: Settings, token: str) -> Reindexing:
    from search.web.reindexing import Reindexing  # the indexer, which nothing else here needs

    return Reindexing(settings, token)


def open_metrics(settings: Settings, service: Search) -> Metrics:
    try:
        from search.web.metrics import Metrics  # a package that only this setting needs

        return Metrics(settings, service)
    except ModuleNotFoundError as error:
        raise SettingsError(f"metrics: this needs {error.name}; run `pip install 'postsearch[metrics]'`") from error
