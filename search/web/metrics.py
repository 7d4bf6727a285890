"""Figures for Prometheus: what was asked for and how long it took, and how the index and its watcher fare.

Counters are those of the process, whatever apps are in it. Where the environment names a folder in
`PROMETHEUS_MULTIPROC_DIR`, prometheus-client keeps them there, and each process tells those of all that share it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from index.errors import SettingsError
from index.indexer.ledger import count_left_out
from index.settings import Settings
from search.service import Search
from search.web.health import health_report

__all__ = ["Metrics"]

COUNTED = CollectorRegistry()
REQUESTS = Counter(
    "postsearch_http_requests_total", "Requests answered, by address.", ("path", "status"), registry=COUNTED
)
SECONDS = Histogram(
    "postsearch_http_request_duration_seconds",
    "How long it took to answer.",
    ("path",),
    registry=COUNTED,
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
ANSWERS = Counter(
    "postsearch_answers_total",
    "Answers by source: known to who asked (304), kept from before, made, or limited since they cost too much.",
    ("source",),
    registry=COUNTED,
)
WORDS = ("status", "mode")
"""Texts of the health report that are one of a few words."""


class Metrics(Collector):
    """Counts the requests to an app, and tells the figures."""

    def __init__(self, settings: Settings, service: Search) -> None:
        self._settings = settings
        self._service = service
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if folder and not os.access(folder, os.W_OK | os.X_OK):
            raise SettingsError(f"metrics: PROMETHEUS_MULTIPROC_DIR is {folder}; make this folder, or give another one")
        self._counted = MultiProcessCollector(None) if folder else COUNTED  # type: ignore[no-untyped-call]

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """Count a request to the address, answered with this status after so many seconds."""
        with suppress(OSError):  # no figure is worth an answer
            REQUESTS.labels(path, status).inc()
            SECONDS.labels(path).observe(seconds)

    def count_answer(self, source: str) -> None:
        """Count an answer that changes with the index, by where it came from."""
        with suppress(OSError):
            ANSWERS.labels(source).inc()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All figures in a text format that the header `Accept` names, and the media type of that."""
        encode, content_type = choose_encoder(accept)
        return encode(self), content_type

    def collect(self) -> Iterator[Metric]:
        """The figures, as prometheus-client asks for them."""
        yield from (metric for metric in self._counted.collect() if metric.name.startswith("postsearch_"))
        report = health_report(self._service, self._settings, datetime.now(UTC))
        yield from gauges("index", report)
        yield from gauges("watcher", report["watcher"] or {"alive": False})
        yield from gauges("cluster", report["cluster"] or {})
        left_out = GaugeMetricFamily(
            "postsearch_left_out_files", "Files that are not indexed.", labels=("outcome", "reason")
        )
        for labels, count in count_left_out(self._settings.index).items():
            left_out.add_metric(labels, count)
        yield left_out


def gauges(subject: str, report: Mapping[str, Any]) -> Iterator[Metric]:
    """What a part of the health report tells in numbers, times and single words, under the names that it has there."""
    for key, value in report.items():
        name, told = f"postsearch_{subject}_{key}", f"`{key}` of the {subject} in the health report"
        if isinstance(value, int):
            yield GaugeMetricFamily(name, f"{told}.", value)
        elif key.endswith("_at") and value:
            seconds = datetime.fromisoformat(value).timestamp()
            yield GaugeMetricFamily(f"{name.removesuffix('_at')}_timestamp_seconds", f"{told}.", seconds)
        elif key in WORDS:
            word = GaugeMetricFamily(name, f"{told}, as a label.", labels=(key,))
            word.add_metric((value,), 1)
            yield word
