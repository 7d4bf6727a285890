"""The parts of the bench over a tiny folder: real processes, a real server, and a stand-in for the load generator."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as bench
from bench.client import Client
from bench.constant import BYTES
from bench.corpus import write_posts
from bench.figures import WHOLE, Figure
from bench.parts import growth, http, kinds, reindex, saves, start
from bench.parts import load as load_part
from bench.peers import kinds_of_peer
from bench.processes import private_mb, run_postsearch, serving
from bench.record import keep, load
from bench.stand import Plan, Stand
from bench.table import PARTS
from bench.wrk import requests_a_second

pytestmark = pytest.mark.full

PEERS = ("postsearch", "fts5")
COUNT = 40

needs_proc = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="reads memory from /proc")


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "posts"
    write_posts(folder, COUNT)
    return folder


def plan(**changed: Any) -> Plan:
    kinds, _ = kinds_of_peer(PEERS)
    small: dict[str, Any] = {"questions": 6, "rounds": 1, "saves": 3, "seconds": 1, "say": lambda _text: None}
    return Plan(tuple(kinds), **(small | changed))


@pytest.fixture(scope="module")
def stand(posts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    stand = Stand(posts, tmp_path_factory.mktemp("scratch"), plan())
    yield stand
    stand.close()


def told(figures: list[Figure]) -> dict[tuple[str, str], float]:
    return {(figure.what, figure.engine): figure.value for figure in figures}


def test_hits_reindex_and_keys_are_measured_from_the_command_line(
    posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "keep", lambda record: keep(record, tmp_path))

    bench.main([str(posts), "--only", "hits,keys", "--peers", "fts5", "--questions", "6", "--rounds", "1"])

    record = load(next(tmp_path.iterdir()))
    figures = {(f.part, f.what, f.engine): f.value for f in record.figures}
    assert figures["hits", "answered", "postsearch"] == figures["hits", "marked", "fts5"] == 6
    assert figures["hits", "median", "postsearch"] > 0
    assert figures["keys", "p95", "postsearch"] > 0
    assert figures["hits", "p95, interleaved", "postsearch"] >= figures["hits", "median, interleaved", "postsearch"] > 0
    assert len(record.questions["posts"]) == 6
    assert f"Ten ranked hits with highlighted snippets, in process: posts, {COUNT} posts" in capsys.readouterr().out


def test_a_part_that_fails_leaves_a_note_and_the_others_their_figures_and_is_not_published(
    posts: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_stand: Stand) -> Iterator[Figure]:
        raise RuntimeError("the server is gone")

    monkeypatch.setattr(bench, "keep", lambda _record: tmp_path)
    monkeypatch.setattr(bench, "MEASURES", {**bench.MEASURES, "http": broken})

    with pytest.raises(SystemExit) as publishing:
        bench.main([str(posts), "--only", "hits,http", "--peers", "", "--questions", "3", "--rounds", "1", "--publish"])

    told = capsys.readouterr().out
    assert publishing.value.code == "bench: not published, since http failed"
    assert "- http with posts failed: RuntimeError: the server is gone" in told
    assert "answered" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "speed"], "speed is none of hits, kinds, growth"),
        (["--rounds", "0"], "0 is not a number from 1 on"),
        (["--sizes", "10,x"], "x is not a number from 1 on"),
        (["no-such-folder"], "no-such-folder is not a folder"),
    ],
)
def test_a_mistake_on_the_command_line_is_told(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        bench.main(arguments)

    assert message in " ".join(capsys.readouterr().err.split())


def test_the_help_names_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["--help"])

    told = capsys.readouterr().out
    assert set(bench.MEASURES) == set(PARTS)
    assert all(f"\n  {part:9}" in told for part in PARTS)


def test_every_kind_of_question_is_measured_the_dear_ones_too(stand: Stand) -> None:
    figures = told(list(kinds.measure(stand)))

    asked = {question.kind for question in stand.corpus.questions}
    assert {*asked, "one letter", "two letters", "common phrase"} <= {what for what, _ in figures}
    assert all(0 < figures[kind, key] <= figures[f"{kind}, p95", key] for kind in asked for key in PEERS)


def test_files_are_reindexed_in_a_process_of_its_own_and_then_left_alone(stand: Stand) -> None:
    figures = told(list(reindex.measure(stand)))

    assert figures["all posts", "postsearch"] > 0.1
    assert figures["all posts", "fts5"] > stand.corpus.reading
    assert figures["unchanged posts", "postsearch"] > 0


def test_an_idle_reindex_that_finds_something_to_do_is_an_error(stand: Stand) -> None:
    stand.need_index()
    (stand.corpus.settings.posts / "new.md").write_text("---\ntitle: New\n---\nText.\n", "utf-8")

    with pytest.raises(RuntimeError, match="1 posts were indexed again"):
        reindex.idle(stand)


def test_a_saved_post_is_searched_until_it_is_found(stand: Stand) -> None:
    figures = told(list(saves.measure(stand)))

    assert 0 < figures["median", "postsearch"] <= figures["p95", "postsearch"] <= figures["slowest", "postsearch"]
    assert figures["hits after 40 saves", "postsearch"] > 0
    assert figures["hits after 40 saves", WHOLE] > 0


def test_a_fresh_process_answers(stand: Stand) -> None:
    assert told(list(start.measure(stand)))["first answer", "postsearch"] > 0.05


@needs_proc
def test_a_real_server_is_asked_at_every_key(stand: Stand) -> None:
    pytest.importorskip("gunicorn", reason="gunicorn is not installed")
    figures = told(list(http.measure(stand)))

    assert 0 < figures["median", "postsearch"] <= figures["p95", "postsearch"]
    assert 10 < figures["memory of a worker", "postsearch"] < 1000


def test_a_constant_has_the_size_that_was_asked_for() -> None:
    pytest.importorskip("gunicorn", reason="gunicorn is not installed")
    with serving("bench.constant:app", 1, {BYTES: "321"}) as server, Client(server) as client:
        body = client.get("/search/hits?q=a")
        with pytest.raises(RuntimeError, match="answered /nowhere with 404"):
            client.get("/nowhere")

    assert len(body) == 321
    assert json.loads(body)


@needs_proc
def test_memory_is_what_a_process_has_for_itself() -> None:
    assert 1 < private_mb(int(Path("/proc/self").resolve().name)) < 10_000


def test_a_command_that_fails_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"postsearch search ended with 3: .*no index"):
        run_postsearch("search", "words", "--index", tmp_path / "none")


WRK = """#!{python}
import pathlib, sys, urllib.request
script = pathlib.Path(sys.argv[sys.argv.index("-s") + 1]).read_text()
assert script.count('"/search/hits?') > 5, script
urllib.request.urlopen(sys.argv[-1]).read()
print("Running 1s test @ " + sys.argv[-1])
print("  16 requests in 1.00s, 1.00MB read")
{extra}
print("Requests/sec:   1234.50")
"""


def write_wrk(folder: Path, extra: str = "") -> Path:
    """A program that asks once and prints what wrk prints."""
    program = folder / "wrk"
    program.write_text(WRK.format(python=sys.executable, extra=extra), "utf-8")
    program.chmod(0o755)
    return program


def test_the_load_is_that_of_wrk_on_both_servers(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gunicorn", reason="gunicorn is not installed")
    monkeypatch.setenv("PATH", str(write_wrk(tmp_path).parent))

    figures = told(list(load_part.measure(stand)))

    kinds = ("requests a second, as typed", "requests a second, each once")
    assert figures == {(kind, server): 1234.5 for kind in kinds for server in ("postsearch", "constant")}


def test_answers_that_are_errors_spoil_the_load(tmp_path: Path) -> None:
    wrk = str(write_wrk(tmp_path, 'print("  Non-2xx or 3xx responses: 7")'))
    paths = [f"/search/hits?q={letter}" for letter in "abcdef"]
    with (
        serving("bench.constant:app", 1, {}) as server,
        pytest.raises(RuntimeError, match="wrk failed: Non-2xx or 3xx responses: 7"),
    ):
        requests_a_second(wrk, server, paths, 1, tmp_path)


def test_without_wrk_the_load_is_left_out_with_a_line(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert list(load_part.measure(stand)) == []
    assert "wrk is not installed" in stand.notes[-1]


def test_growth_is_measured_at_every_size(stand: Stand, tmp_path: Path) -> None:
    growing = Stand(stand.posts, tmp_path, plan(sizes=(50, 100)))
    figures = list(growth.measure(growing))

    assert {(f.posts, f.engine) for f in figures} == {(size, key) for size in (50, 100) for key in PEERS}
    assert all(f.value >= 5 for f in figures if f.what == "answered" and f.posts == 100)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["posts"]


def test_an_engine_that_would_exceed_the_budget_is_left_out_with_a_line(stand: Stand, tmp_path: Path) -> None:
    growing = Stand(stand.posts, tmp_path, plan(sizes=(10, 10_000_000), budget=100))
    source = growth.measure(growing)

    at_ten = [next(source) for _ in range(2 * 8)]
    rest = list(source)

    assert {figure.engine for figure in at_ten} == set(PEERS)
    assert rest == []
    assert "is left out at 10,000,000 posts" in growing.notes[0]


@needs_proc
def test_the_memory_of_a_worker_is_measured_at_the_larger_sizes(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "MEMORY_FROM", 50)
    figures = told(list(growth.measure(Stand(stand.posts, tmp_path, plan(sizes=(50,))))))

    assert 10 < figures["memory of a worker", "postsearch"] < 1000
