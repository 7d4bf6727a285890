"""The client, and nodes that answer as a test wants: what may pass is asked again, all else told in a sentence."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
import traceback
from base64 import b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from index.errors import ClusterFault, IndexMissing, QueryTooLong, SettingsError
from index.opensearch.client import Cluster, Operation, Version
from index.settings import Settings
from tests import ROOT
from tests.index.opensearch.nodes import Asked, Node, closed_port, make_certificate, node

SECONDS = 0.4
"""`opensearch_timeout` of most tests; writes are tried for twelve times as long."""


@pytest.fixture
def one() -> Iterator[Node]:
    with node() as listening:
        yield listening


def cluster(*urls: str, timeout: float = SECONDS, environ: Mapping[str, str] | None = None) -> Cluster:
    return Cluster(Settings(engine="opensearch", opensearch_url=urls, opensearch_timeout=timeout), environ or {})


def error(kind: str, reason: str = "") -> dict[str, Any]:
    """What OpenSearch answers where something went wrong."""
    about = {"type": kind, "reason": reason}
    return {"error": {"root_cause": [about], **about}}


def search(asked: Cluster) -> dict[str, Any]:
    return asked.search("blog", {"query": {"match_all": {}}})


def test_an_address_must_be_set() -> None:
    with pytest.raises(SettingsError, match=r"opensearch_url: .* such as https://"):
        cluster()


def test_the_package_that_is_needed_is_told(tmp_path: Path) -> None:
    (tmp_path / "opensearchpy.py").write_text("raise ModuleNotFoundError(name='opensearchpy')")
    for command in ("reindex", "search"):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "search.cli",
                command,
                ".",
                "--engine",
                "opensearch",
                "--index",
                str(tmp_path / "i"),
            ],
            cwd=tmp_path,
            env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "POSTSEARCH_OPENSEARCH_URL": closed_port()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "engine: `opensearch` needs opensearchpy; run `pip install 'postsearch[opensearch]'`" in done.stderr
        assert "Traceback" not in done.stderr


def test_nothing_is_opened_before_the_first_question() -> None:
    told = cluster(closed_port())

    with pytest.raises(ClusterFault, match="Connection refused"):
        search(told)


def test_a_node_that_does_not_answer_is_passed_over(one: Node) -> None:
    one.answers((200, {"hits": {}}))
    told = cluster(closed_port(), one.url, closed_port())

    assert [search(told) for _ in range(6)] == [{"hits": {}}] * 6


def test_all_addresses_are_told_where_none_answers() -> None:
    urls = closed_port(), closed_port()

    with pytest.raises(
        ClusterFault, match=f"{urls[0]}, {urls[1]} answers: .*start the nodes, or correct opensearch_url"
    ):
        search(cluster(*urls))


def test_a_silent_node_is_passed_over_and_told(one: Node) -> None:
    released = threading.Event()

    def wait(_: Asked) -> tuple[int, Any]:
        released.wait()
        return 200, {}

    try:
        one.answer = wait
        with node() as other:
            other.answers((200, {"hits": {}}))
            assert search(cluster(one.url, other.url)) == {"hits": {}}
        with pytest.raises(ClusterFault, match=r"gave no answer in time; .* raise opensearch_timeout"):
            search(cluster(one.url))
    finally:
        released.set()


@pytest.mark.parametrize(
    "answer",
    [
        (429, error("rejected_execution_exception")),
        (500, error("search_phase_execution_exception")),
        (503, error("cluster_manager_not_discovered_exception")),
        (502, b"<html>Bad gateway</html>"),
        (504, b""),
        (200, {"_shards": {"total": 2, "failed": 1, "failures": [{"reason": {"type": "x", "reason": "gone"}}]}}),
    ],
)
def test_what_may_pass_is_asked_again(one: Node, answer: tuple[int, Any]) -> None:
    one.answers(answer, answer, (200, {"hits": {}}))

    assert search(cluster(one.url, timeout=5)) == {"hits": {}}
    assert len(one.asked) == 3


NO_MANAGER = "blocked by: [SERVICE_UNAVAILABLE/2/no cluster-manager];"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, b"Unauthorized"), "does not let us in; correct POSTSEARCH_OPENSEARCH_USER"),
        (
            (403, error("security_exception", "no permissions")),
            r"let us do this .*'blog'; give our user.*no permissions",
        ),
        (
            (403, error("cluster_block_exception", "blocked by: [FORBIDDEN/8/index write (api)];")),
            "'blog' .* read-only",
        ),
        ((403, error("cluster_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index];")), "disk .* room"),
        ((429, error("cluster_block_exception", "blocked by: [TOO_MANY_REQUESTS/12/disk usage];")), "disk .* room"),
        ((503, error("cluster_block_exception", NO_MANAGER)), "no cluster manager.*start the others"),
        ((503, error("cluster_manager_not_discovered_exception")), "no cluster manager.*start the others"),
        ((500, error("node_not_connected_exception")), "no cluster manager.*start the others"),
        ((503, error("search_phase_execution_exception", "all shards failed")), "lost shards; start all nodes"),
        ((503, error("no_shard_available_action_exception")), "lost shards; start all nodes .*reindex"),
        ((429, error("circuit_breaking_exception", "too large")), "too much to do .*try again later.*too large"),
        ((400, error("parsing_exception", "unknown query [x]")), "400 parsing_exception .*unknown query"),
        ((200, {"_shards": {"failed": 1}}), "lost shards"),
        ((200, b"<html>A shop</html>"), "no OpenSearch; start the nodes, or correct opensearch_url"),
    ],
)
def test_what_does_not_pass_is_one_sentence(one: Node, answer: tuple[int, Any], words: str) -> None:
    one.answers(answer)

    with pytest.raises(ClusterFault, match=words) as raised:
        search(cluster(one.url))

    assert "\n" not in str(raised.value)


def test_a_query_that_is_too_long_is_told_and_not_asked_again(one: Node) -> None:
    one.answers((500, error("search_phase_execution_exception", "all shards failed; too_many_nested_clauses: 1025")))

    with pytest.raises(QueryTooLong, match="more words and phrases"):
        search(cluster(one.url, timeout=5))
    assert len(one.asked) == 1


def test_an_index_that_there_is_not_is_missing(one: Node) -> None:
    one.answers((404, error("index_not_found_exception", "no such index [blog]")))

    with pytest.raises(IndexMissing, match="'postsearch' yet; run `postsearch reindex "):
        search(cluster(one.url))
    assert len(one.asked) == 1


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ({"version": {"distribution": "opensearch", "number": "2.18.1"}}, "runs opensearch 2.18.1; OpenSearch 2.19 or"),
        ({"version": {"number": "8.15.0"}}, "runs elasticsearch 8.15.0; OpenSearch 2.19 or newer"),
        ({"couchdb": "Welcome"}, "no OpenSearch"),
        (["x"], "no OpenSearch"),
        (b"<html></html>", "no OpenSearch"),
    ],
)
def test_what_is_no_opensearch_of_a_supported_version_is_told(one: Node, version: Any, words: str) -> None:
    one.version = version

    with pytest.raises(ClusterFault, match=words):
        search(cluster(one.url))
    assert one.asked == []


@pytest.mark.parametrize("number", ["2.19.0", "2.20.1", "3.0.0-beta1", "3.2.0", "3.8.0", "10.0.0"])
def test_later_versions_are_supported(one: Node, number: str) -> None:
    one.version = {"version": {"distribution": "opensearch", "number": number}}
    told = cluster(one.url)

    assert search(told) == {}
    assert told.combines_fields == (number in ("3.2.0", "3.8.0", "10.0.0"))


def test_searches_that_are_alike_are_answered_by_the_same_copies_until_one_fails(one: Node) -> None:
    asked = cluster(one.url, timeout=5)

    def preferences(*texts: str) -> list[str]:
        one.asked.clear()
        for text in texts:
            asked.search("posts", {}, alike=text)
        return [parse_qs(urlsplit(each.path).query).get("preference", [""])[0] for each in one.asked]

    cats, more_cats, other = preferences("cats \ud800", "cats \ud800", "dogs")
    one.answers((504, b""), (200, {}))
    failed, again, later = preferences("cats \ud800", "dogs")

    assert cats == more_cats != other
    assert re.match("[a-z]", cats)
    assert (failed, again, later) == (cats, "", "")


def test_secrets_go_to_the_nodes_and_nowhere_else(one: Node, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    user = {"POSTSEARCH_OPENSEARCH_USER": "ann", "POSTSEARCH_OPENSEARCH_PASSWORD": "geheim: ä"}
    key = {"POSTSEARCH_OPENSEARCH_API_KEY": "dG9wLXNlY3JldA=="}
    told = []
    for environ in (user, key, {}):
        one.answers((200, {}), (403, error("security_exception", "no")))
        asked = cluster(one.url, environ=environ)
        search(asked)
        with pytest.raises(ClusterFault) as raised:
            search(asked)
        told += [repr(asked), str(raised.value), repr(raised.value)]

    basic = b64encode("ann:geheim: ä".encode()).decode()
    assert [asked.headers.get("authorization") for asked in one.asked[::2]] == [
        f"Basic {basic}",
        "ApiKey dG9wLXNlY3JldA==",
        None,
    ]
    for secret in ("geheim", basic, key["POSTSEARCH_OPENSEARCH_API_KEY"]):
        assert all(secret not in text for text in (*told, caplog.text))


def test_a_key_that_is_none_is_not_told(one: Node, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    name = "POSTSEARCH_OPENSEARCH_API_KEY"
    search(cluster(one.url, environ={name: "geheim\r\n"}))

    for key in ("geheim\r\nx: y", "geheim\0", "gehe\u0131m"):
        asked = cluster(one.url, environ={name: key})
        with pytest.raises(SettingsError, match=f"{name}: it holds") as raised:
            search(asked)
        told = "".join(traceback.format_exception(raised.value))
        assert "gehe" not in told + asked.health("posts").reason + caplog.text
    assert [asked.headers["authorization"] for asked in one.asked] == ["ApiKey geheim"]


def test_failures_are_not_logged_by_the_library(one: Node, caplog: pytest.LogCaptureFixture) -> None:
    one.answers((500, error("x")))
    for url in (one.url, closed_port()):
        with pytest.raises(ClusterFault):
            search(cluster(url))

    assert caplog.records == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate") / "both.pem")


def test_certificates_are_verified(certificate: Path) -> None:
    with node(certificate) as one:
        with pytest.raises(ClusterFault, match=r"is not trusted: .* let POSTSEARCH_OPENSEARCH_CA name"):
            search(cluster(one.url))
        assert one.asked == []

        assert search(cluster(one.url, environ={"POSTSEARCH_OPENSEARCH_CA": f"{certificate}.crt"})) == {}


def test_certificates_that_cannot_be_read_are_told(certificate: Path, tmp_path: Path) -> None:
    with node(certificate) as one:
        for path in (tmp_path / "none.pem", ROOT / "README.md"):
            with pytest.raises(SettingsError, match=f"POSTSEARCH_OPENSEARCH_CA: {path} can't be read"):
                search(cluster(one.url, environ={"POSTSEARCH_OPENSEARCH_CA": str(path)}))


def test_a_node_that_speaks_no_https_is_told(one: Node) -> None:
    with pytest.raises(ClusterFault, match="correct opensearch_url"):
        search(cluster(one.url.replace("http:", "https:")))


def test_several_searches_are_one_question_and_fail_together(one: Node) -> None:
    good = {"hits": {}, "status": 200}
    bad = {**error("search_phase_execution_exception", "all shards failed"), "status": 503}
    one.answers((200, {"responses": [good, bad]}), (200, {"responses": [good, good]}))

    assert cluster(one.url, timeout=5).msearch("blog", [{"size": 1}, {"size": 2}]) == [good, good]
    lines = [json.loads(line) for line in one.asked[0].body.splitlines()]
    assert lines[1::2] == [{"size": 1}, {"size": 2}]
    assert all(line == {"allow_partial_search_results": False} for line in lines[::2])

    one.answers((200, {"responses": [good, bad]}))
    with pytest.raises(ClusterFault, match="lost shards"):
        cluster(one.url).msearch("blog", [{}, {}])


def operations(*ids: str) -> list[Operation]:
    return [Operation(id, json.dumps({"delete": {"_id": id}}).encode() + b"\n") for id in ids]


def done(*results: tuple[int, str]) -> tuple[int, Any]:
    """The answer to a bulk of removals: of each its status, and the kind of its error, if any."""
    items = [{"delete": {"status": status} | (error(kind, "why") if kind else {})} for status, kind in results]
    return 200, {"items": items}


def test_a_bulk_sends_again_what_there_was_no_room_for_and_nothing_else(one: Node) -> None:
    full = 429, "rejected_execution_exception"
    one.answers(done((200, ""), full, (404, ""), full), done(full, (200, "")), done((200, "")))

    cluster(one.url).bulk("blog.writer", operations("a", "b", "c", "d"))

    sent = [[json.loads(line)["delete"]["_id"] for line in asked.body.splitlines()] for asked in one.asked]
    assert sent == [["a", "b", "c", "d"], ["b", "d"], ["b"]]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ((400, "mapper_parsing_exception"), "b was not written: .* 400 mapper_parsing_exception .why"),
        ((429, "es_rejected_execution_exception"), "b was not written: .*too much to do"),
        ((503, "unavailable_shards_exception"), "b was not written: .*lost shards"),
    ],
)
def test_a_document_that_is_not_written_is_told(one: Node, result: tuple[int, str], words: str) -> None:
    one.answer = lambda asked: done(*((200, "") if b'"a"' in line else result for line in asked.body.splitlines()))

    with pytest.raises(ClusterFault, match=words):
        cluster(one.url, timeout=0.05).bulk("blog.writer", operations("a", "b"))


def test_a_bulk_that_is_refused_whole_is_told(one: Node) -> None:
    one.answers((429, error("cluster_block_exception", "blocked by: [TOO_MANY_REQUESTS/12/disk usage];")))

    with pytest.raises(ClusterFault, match="disk"):
        cluster(one.url).bulk("blog.writer", operations("a"))
    assert len(one.asked) == 1


def test_a_write_over_another_version_is_no_fault_but_told(one: Node) -> None:
    one.answers((200, {"_seq_no": 7, "_primary_term": 2}), (409, error("version_conflict_engine_exception")))
    told = cluster(one.url)

    assert told.put("blog.writer", "commit", {}, after=Version(6, 2)) == Version(7, 2)
    assert told.put("blog.writer", "commit", {}, after=None) is None
    assert "if_seq_no=6&if_primary_term=2" in one.asked[0].path
    assert "op_type=create" in one.asked[1].path


def test_threads_and_forked_processes_share_a_cluster_and_no_connection(one: Node) -> None:
    told = cluster(one.url, timeout=5)
    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(lambda _: search(told), range(200))) == [{}] * 200

    one.asked.clear()
    script = f"""
import os
from index.opensearch.client import Cluster
from index.settings import Settings
cluster = Cluster(Settings(engine="opensearch", opensearch_url=({one.url!r},)))
cluster.search("blog", {{}})
child = os.fork()
cluster.search("blog", {{}})
if child:
    assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
    ports = [asked.port for asked in one.asked]
    assert sorted(ports.count(port) for port in set(ports)) == [1, 2]


HEALTHY = {"status": "green", "number_of_nodes": 3, "unassigned_shards": 0, "initializing_shards": 0}


@pytest.mark.parametrize(
    ("health", "blocks", "status", "words"),
    [
        ({}, {}, "green", "^$"),
        ({"status": "yellow", "unassigned_shards": 2}, {}, "yellow", "2 shards or copies .* on no node"),
        ({"status": "red", "unassigned_shards": 1}, {}, "red", "1 shards or copies"),
        ({"discovered_cluster_manager": False}, {}, "red", "no cluster manager"),
        ({}, {"index.blocks.read_only_allow_delete": "true"}, "red", "disk .* room"),
        ({}, {"index.blocks.write": "true", "index.blocks.read": "false"}, "red", "by index.blocks.write"),
    ],
)
def test_the_health_says_what_is_wrong(
    one: Node, health: dict[str, Any], blocks: dict[str, str], status: str, words: str
) -> None:
    one.answers((200, HEALTHY | health), (200, {"blog-000001": {"settings": blocks}}))

    told = cluster(one.url).health("blog")

    assert (told.status, told.nodes) == (status, 3)
    assert re.search(words, told.reason)


def test_the_health_of_what_cannot_be_asked_is_no_exception(one: Node) -> None:
    one.answers((408, HEALTHY | {"status": "red"}), (404, error("index_not_found_exception")))
    missing, gone = cluster(one.url).health("blog"), cluster(closed_port()).health("blog")

    assert (missing.status, missing.nodes) == ("red", 3)
    assert "reindex" in missing.reason
    assert (gone.status, gone.nodes) == ("unreachable", 0)
    assert "start the nodes" in gone.reason
