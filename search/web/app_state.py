"""What postsearch keeps in `app.extensions` of one Flask app: its settings, its service, and values made of them."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.errors import SettingsError
from index.settings import Settings, zone_named
from index.version import own_version
from search.service import Search
from search.web.kept_answers import KeptAnswers

if TYPE_CHECKING:
    from search.web.metrics import Metrics

__all__ = ["AppState"]


class AppState:
    """The settings of one application and the service that answers for it.

    `fingerprint` changes with the settings and with the release, either of which may change every answer. `site` is the
    root of the site as `base_url` says it, such as `https://example.org/`, or "". `metrics` is None unless the settings
    want figures; raises `SettingsError` where they can't be had.
    """

    def __init__(self, settings: Settings, service: Search) -> None:
        self.settings = settings
        self.service = service
        self.kept_answers = KeptAnswers()
        self.zone = zone_named(settings.timezone)
        self.version = own_version()
        base = urlsplit(settings.base_url)
        self.site = f"{base.scheme}://{base.netloc}/" if base.netloc else ""
        self.fingerprint = blake2b(f"{self.version} {settings!r}".encode(), digest_size=8).hexdigest()
        self.metrics = open_metrics(settings, service) if settings.metrics else None


def open_metrics(settings: Settings, service: Search) -> Metrics:
    try:
        from search.web.metrics import Metrics  # a package that only this setting needs

        return Metrics(settings, service)
    except ModuleNotFoundError as error:
        raise SettingsError(f"metrics: this needs {error.name}; run `pip install 'postsearch[metrics]'`") from error
