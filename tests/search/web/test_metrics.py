"""Figures for Prometheus: they say what happened, only where the site wants that, and others keep their addresses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index import Settings, reindex
from index.opensearch.health import ClusterHealth
from index.watching.watcher import Watcher
from search import PostSearch
from search.web.extension import create_app
from search.web.openapi import describe_api
from tests import ROOT
from tests.example_sites import eventually
from tests.fake_search import FakeSearch, app_with, make_hit

parser = pytest.importorskip("prometheus_client.parser", reason="the extra `metrics` is not installed")

Figures = Mapping[tuple[str, str], float]


def figures(client: FlaskClient) -> Figures:
    """The samples by name and the values of their labels; `created` is prometheus-client's own."""
    answer = client.get("/search/metrics")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        (sample.name, " ".join(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in parser.text_string_to_metric_families(answer.text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def more(before: Figures, after: Figures, name: str) -> dict[str, float]:
    """What the counter counted meanwhile, by the values of its labels."""
    counts = {labels: value - before.get((name, labels), 0) for (of, labels), value in after.items() if of == name}
    return {labels: count for labels, count in counts.items() if count}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    posts = tmp_path / "posts"
    posts.mkdir()
    (posts / "good.md").write_text("# Soup\n")
    (posts / "draft.md").write_text("---\ndraft: true\n---\nNot yet.\n")
    (posts / "secret.md").write_text("---\nstatus: private\n---\nMine.\n")
    (posts / "broken.md").write_text("---\n\ttitle: {\n---\nSoup.\n")
    return Settings(posts=posts, index=tmp_path / "index", metrics=True)


@pytest.mark.parametrize("address", ["/metrics", "/search/metrics"])
def test_without_the_setting_there_are_none_and_the_address_is_the_hosts(address: str) -> None:
    app = Flask("site")
    app.add_url_rule("/metrics", "own", lambda: "the host's own")
    PostSearch(app, Settings(url_prefix="" if address == "/metrics" else "/search"))
    answer = app.test_client().get(address)

    assert answer.text == "the host's own" if address == "/metrics" else answer.status_code == 404


def test_how_the_cluster_fares_is_told() -> None:
    service = FakeSearch([make_hit()])
    service.cluster_state = ClusterHealth("yellow", 2)
    told = figures(app_with(service, Settings(metrics=True)).test_client())

    assert told["postsearch_cluster_status", "yellow"] == 1
    assert told["postsearch_cluster_nodes", ""] == 2


def test_requests_are_counted_by_address_and_status_with_their_times() -> None:
    client = app_with(FakeSearch([make_hit()]), Settings(metrics=True)).test_client()
    before = figures(client)
    for path in ("hits?q=a", "hits?q=b", "hits?page=0", "?q=a", "nothing", "static/postsearch.css"):
        client.get(f"/search/{path}").close()
    client.post("/search/hits")
    after = figures(client)

    assert more(before, after, "postsearch_http_requests_total") == {
        "/search/ 200": 1,
        "/search/hits 200": 2,
        "/search/hits 400": 1,
        "/search/hits 405": 1,
        "/search/<path:rest> 404": 1,
        "/search/static/<path:filename> 200": 1,
        "/search/metrics 200": 1,
    }
    name = "postsearch_http_request_duration_seconds"
    assert more(before, after, f"{name}_count")["/search/hits"] == 4
    assert more(before, after, f"{name}_bucket")["+Inf /search/hits"] == 4
    assert 0 < more(before, after, f"{name}_sum")["/search/hits"] < 60


def test_answers_are_counted_by_where_they_came_from() -> None:
    client = app_with(FakeSearch([make_hit()]), Settings(metrics=True)).test_client()
    before = figures(client)
    tags = [client.get("/search/hits?q=a").headers["ETag"] for _ in range(3)]
    client.get("/search/hits?q=a", headers={"If-None-Match": tags[0]})

    assert more(before, figures(client), "postsearch_answers_total") == {"made": 1, "kept": 2, "known": 1}


def test_the_index_and_what_is_left_out_of_it_are_told(settings: Settings) -> None:
    report = reindex(settings)
    told = figures(create_app(settings).test_client())

    assert told["postsearch_index_generation", ""] == report.generation
    assert told["postsearch_index_posts", ""] == 1
    assert told["postsearch_index_status", "ok"] == 1
    assert abs(told["postsearch_index_updated_timestamp_seconds", ""] - settings.index.stat().st_mtime) < 60
    left_out = {labels: count for (name, labels), count in told.items() if name == "postsearch_left_out_files"}
    assert left_out == {"failed ": 1, "excluded draft": 1, "excluded status": 1}


def test_without_an_index_there_are_figures_still(settings: Settings) -> None:
    told = figures(create_app(settings).test_client())

    assert told["postsearch_index_status", "down"] == 1
    assert ("postsearch_index_generation", "") not in told
    assert told["postsearch_watcher_alive", ""] == 0


def test_the_watcher_is_told(settings: Settings) -> None:
    client = create_app(settings).test_client()
    watcher = Watcher(settings)
    watcher.start()
    try:
        told = eventually(lambda: found if (found := figures(client))["postsearch_watcher_alive", ""] else {})
    finally:
        watcher.stop()

    assert told["postsearch_watcher_failing", ""] == 0
    assert {labels for name, labels in told if name == "postsearch_watcher_mode"} <= {"events", "polling"}
    assert abs(told["postsearch_watcher_seen_timestamp_seconds", ""] - settings.index.stat().st_mtime) < 60


def test_openmetrics_is_told_to_who_asks_for_it() -> None:
    client = app_with(FakeSearch(), Settings(metrics=True)).test_client()
    answer = client.get("/search/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert answer.mimetype == "application/openmetrics-text"
    assert answer.text.endswith("# EOF\n")


def test_the_address_is_described_where_it_answers() -> None:
    for on in (True, False):
        assert ("/metrics" in describe_api(Settings(metrics=on), "http://localhost/search", "1")["paths"]) == on


def error_of(code: str, **environment: str) -> str:
    """The last line of what an interpreter says that ends in an error."""
    names = os.environ | {"PYTHONPATH": str(ROOT), **environment}
    ended = subprocess.run([sys.executable, "-c", code], env=names, capture_output=True, text=True, check=False)
    assert ended.returncode
    return ended.stderr.splitlines()[-1]


APP = "from search import create_app; from index import Settings; create_app(Settings(metrics=True))"


def test_what_is_missing_is_told_with_what_to_do() -> None:
    told = error_of(f"import sys; sys.modules['prometheus_client'] = None\n{APP}")

    assert told.endswith(
        "SettingsError: metrics: this needs prometheus_client; run `pip install 'postsearch[metrics]'`"
    )


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    told = error_of(APP, PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "none"))

    assert "SettingsError: metrics: PROMETHEUS_MULTIPROC_DIR" in told


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    environment = {"POSTSEARCH_METRICS": "yes", "POSTSEARCH_WATCH": "no", "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", "import wsgi"], env=os.environ | environment, cwd=ROOT, check=True)
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)

    assert "others may write to" in error_of("import wsgi", **environment)


def test_without_the_setting_nothing_of_it_is_imported() -> None:
    code = (
        "import sys; from search import create_app; from index import Settings; create_app(Settings())\n"
        "sys.exit('prometheus_client' in sys.modules or 'search.web.metrics' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)
