"""What the writer promises of a cluster beyond the contract that all engines pass (`tests/test_engines.py`)."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from index.errors import ClusterFault, IndexBusy, IndexDamaged, IndexMissing, SettingsError
from index.indexer.run import reindex
from index.opensearch.client import Cluster
from index.opensearch.commits import RECORD_KEY, newest_commit, read_record
from index.schema import Document
from index.settings import Settings
from index.storage import open_writer
from tests.index.opensearch.nodes import Answer, Asked, Node, node, passed_on
from tests.stored import stored_documents, write


def post(id: str, body: str = "some words") -> Document:
    return Document(id=id, url=f"/{id}", title=f"Title of {id}", body=body)


def ask(settings: Settings, method: str, path: str, body: object = None) -> Any:
    """What a node answers, without our client."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(settings.opensearch_url[0] + path, data, {"content-type": "application/json"}, method=method)
    with urlopen(request) as response:
        return json.load(response)


def indexes(settings: Settings) -> list[str]:
    """The indexes whose names begin as that of the site, without the hash at the end of ours."""
    return sorted(re.sub("-[0-9a-f]{8}$", "", name) for name in ask(settings, "GET", f"/{settings.opensearch_index}*"))


def live(settings: Settings) -> str:
    """The name of the live index."""
    (name,) = ask(settings, "GET", f"/{settings.opensearch_index}")
    return str(name)


def ids(settings: Settings) -> frozenset[str]:
    with open_writer(settings) as writer:
        return writer.ids()


@pytest.fixture
def front(cluster_settings: Settings) -> Iterator[Node]:
    """A node that passes on what it is asked to a real one."""
    with node() as passing:
        passing.answer = lambda asked: passed_on(asked, cluster_settings.opensearch_url[0])
        yield passing


def refusing(front: Node, refused: Callable[[Asked], bool]) -> None:
    """Let the node refuse some questions for good."""
    before = front.answer
    block = {"type": "cluster_block_exception", "reason": "blocked by: [TOO_MANY_REQUESTS/12/disk usage];"}

    def answer(asked: Asked) -> Answer:
        return (429, {"error": block, "status": 429}) if refused(asked) else before(asked)

    front.answer = answer


def test_each_rebuild_is_an_index_of_its_own_and_the_alias_moves(cluster_settings: Settings) -> None:
    name = cluster_settings.opensearch_index
    write(cluster_settings, post("a"))
    assert indexes(cluster_settings) == [f"{name}-000001"]

    write(cluster_settings, post("b"), fresh=True)

    assert indexes(cluster_settings) == [f"{name}-000002"]
    told = ask(cluster_settings, "GET", f"/{name}")[live(cluster_settings)]
    assert told["settings"]["index"]["number_of_replicas"] == "1"


def test_the_record_tells_of_the_newest_commit(cluster_settings: Settings) -> None:
    cluster = Cluster(cluster_settings)
    with pytest.raises(IndexMissing, match="run `postsearch reindex"):
        newest_commit(cluster)
    started = datetime.now(UTC)

    for number in (1, 2):
        with open_writer(cluster_settings) as writer:
            writer.put(post(f"p{number}"))
            generation = writer.commit()
        record = newest_commit(cluster).record
        assert (record.generation, record.commit_id, record.documents) == (generation, writer.commit_id, number)
        assert record.claim is None
        assert abs((datetime.fromisoformat(record.updated_at) - started).total_seconds()) < 300


def test_an_index_of_another_version_is_told_to_readers_and_replaced(cluster_settings: Settings) -> None:
    write(cluster_settings, post("a"))
    name = live(cluster_settings)
    record = ask(cluster_settings, "GET", f"/{name}/_doc/{RECORD_KEY}")["_source"]
    record["commit"]["schema"] -= 1
    ask(cluster_settings, "PUT", f"/{name}/_doc/{RECORD_KEY}", record)

    with pytest.raises(IndexDamaged, match=r"another version; run `postsearch reindex .*--full`"):
        newest_commit(Cluster(cluster_settings))
    with open_writer(cluster_settings) as writer:
        assert (writer.ids(), writer.get("a"), writer.commit_id, writer.generation) == (frozenset(), None, "", 0)
        writer.put(post("b"))
        writer.commit()
    assert ids(cluster_settings) == {"b"}
    assert indexes(cluster_settings) == [f"{cluster_settings.opensearch_index}-000002"]


@pytest.mark.parametrize("commit", [{}, {"generation": 1}, [], "x", {"claim": 3}])
def test_a_record_that_cannot_be_read_is_damage_that_a_rebuild_mends(cluster_settings: Settings, commit: Any) -> None:
    write(cluster_settings, post("a"))
    name = live(cluster_settings)
    ask(cluster_settings, "PUT", f"/{name}/_doc/{RECORD_KEY}", {"commit": commit})

    with pytest.raises(IndexDamaged, match="can't be read; run"):
        newest_commit(Cluster(cluster_settings))
    write(cluster_settings, post("b"))
    assert ids(cluster_settings) == {"b"}


def test_sites_whose_names_begin_alike_are_kept_apart(cluster_settings: Settings) -> None:
    name = cluster_settings.opensearch_index
    other = replace(cluster_settings, opensearch_index=f"{name}-2", index=cluster_settings.index / "other")
    for _ in range(2):
        write(cluster_settings, post("one"), fresh=True)
        write(other, post("two"), fresh=True)

    assert ids(cluster_settings) == {"one"}
    assert ids(other) == {"two"}
    assert indexes(cluster_settings) == [f"{name}-000002", f"{name}-2-000002"]


def test_what_is_not_ours_is_left_alone(cluster_settings: Settings) -> None:
    """Such as the indexes that others number in the same way."""
    name = cluster_settings.opensearch_index
    ask(cluster_settings, "PUT", f"/{name}-000004", {})
    write(cluster_settings, post("a"), fresh=True)
    assert indexes(cluster_settings) == [f"{name}-000001", f"{name}-000004"]

    taken = replace(cluster_settings, opensearch_index=f"{name}-taken")
    ask(cluster_settings, "PUT", f"/{name}-other", {"aliases": {f"{name}-taken": {}}})
    for fresh in (False, True):
        with pytest.raises(SettingsError, match=f"opensearch_index: '{name}-taken' is something else"):
            write(taken, post("a"), fresh=fresh)
    assert f"{name}-other" in indexes(cluster_settings)


def test_what_killed_rebuilds_left_is_swept_by_the_next(cluster_settings: Settings) -> None:
    name = cluster_settings.opensearch_index
    write(cluster_settings, post("live"))
    killed = [open_writer(cluster_settings, fresh=True) for _ in range(2)]
    assert indexes(cluster_settings) == [f"{name}-000001", f"{name}-000003"]

    with open_writer(cluster_settings, fresh=True):
        assert indexes(cluster_settings) == [f"{name}-000001", f"{name}-000004"]
        for writer in killed:
            writer.close()
        assert indexes(cluster_settings) == [f"{name}-000001", f"{name}-000004"]

    assert indexes(cluster_settings) == [f"{name}-000001"]
    assert ids(cluster_settings) == {"live"}


def test_generations_go_on_where_the_alias_was_lost(cluster_settings: Settings) -> None:
    name = cluster_settings.opensearch_index
    write(cluster_settings, post("a"))
    generation = write(cluster_settings, post("a"))
    ask(cluster_settings, "DELETE", f"/{live(cluster_settings)}/_alias/{name}")

    with open_writer(cluster_settings) as writer:
        assert (writer.commit_id, writer.generation) == ("", 0)
        assert writer.commit() > generation


def other_machine(settings: Settings) -> Settings:
    """The settings of the same site on another machine: there the folder is another."""
    return replace(settings, index=settings.index / "elsewhere")


@pytest.mark.parametrize("fresh", [False, True])
def test_of_two_writers_on_two_machines_the_second_is_told(cluster_settings: Settings, fresh: bool) -> None:
    write(cluster_settings, post("old"))
    with open_writer(cluster_settings) as first, open_writer(other_machine(cluster_settings), fresh=fresh) as second:
        first.put(post("first"))
        second.put(post("second"))
        second.put(post("third"))
        first.commit()
        with pytest.raises(IndexBusy, match="another machine"):
            second.commit()

    assert ids(cluster_settings) == {"old", "first"}
    assert indexes(cluster_settings) == [f"{cluster_settings.opensearch_index}-000001"]


def test_who_comes_while_another_machine_commits_is_told_to_wait(cluster_settings: Settings, front: Node) -> None:
    write(cluster_settings, post("old"))
    behind = replace(cluster_settings, opensearch_url=(front.url,), opensearch_timeout=60.0)
    inside, go_on = threading.Event(), threading.Event()
    passing = front.answer

    def slowly(asked: Asked) -> Answer:
        if "_bulk" in asked.path:
            inside.set()
            go_on.wait()
        return passing(asked)

    front.answer = slowly
    slow = threading.Thread(target=write, args=(behind, post("new")))
    slow.start()
    try:
        assert inside.wait(60)
        for fresh in (False, True):
            with pytest.raises(IndexBusy, match=r"is writing to the index .*; try again when it is done"):
                open_writer(other_machine(cluster_settings), fresh=fresh)
    finally:
        go_on.set()
        slow.join()
    assert ids(other_machine(cluster_settings)) == {"old", "new"}


def test_two_machines_do_not_build_anew_at_once(cluster_settings: Settings) -> None:
    with open_writer(cluster_settings, fresh=True) as writer:
        with pytest.raises(IndexBusy, match="is writing to the index"):
            open_writer(other_machine(cluster_settings), fresh=True)
        writer.put(post("a"))
        writer.commit()

    assert ids(cluster_settings) == {"a"}


@pytest.fixture
def small_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twentieth of what is sent, kept in memory and read at once otherwise."""
    monkeypatch.setattr("index.opensearch.sending.MAX_REQUEST_BYTES", 50_000)
    monkeypatch.setattr("index.opensearch.sending.MAX_MEMORY_BYTES", 400_000)
    monkeypatch.setattr("index.opensearch.writer.PAGE_IDS", 100)


def large(count: int) -> dict[str, str]:
    """Posts of which each is one of the small requests."""
    chance = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {f"p{n}.md": " ".join("".join(chance.choices(letters, k=6)) for _ in range(2_000)) for n in range(count)}


@pytest.mark.usefixtures("small_requests")
def test_a_commit_that_fails_half_way_is_repaired_by_the_next_run(cluster_settings: Settings, front: Node) -> None:
    behind = replace(cluster_settings, opensearch_url=(front.url,), opensearch_timeout=30.0)
    texts = large(4)
    for name, text in texts.items():
        (behind.posts / name).write_text(f"# Title\n\n{text}\n")
    reindex(behind)
    before = newest_commit(Cluster(behind)).record
    for name, text in texts.items():
        (behind.posts / name).write_text(f"# Another title\n\n{text} changed\n")
    (behind.posts / "p9.md").write_text("# One more\n")
    bulks: list[Asked] = []

    def is_third(asked: Asked) -> bool:
        bulks.extend([asked] if "_bulk" in asked.path else [])
        return len(bulks) > 2 and "_bulk" in asked.path

    passing = front.answer
    refusing(front, is_third)
    with pytest.raises(ClusterFault, match="disk"):
        reindex(behind)
    front.answer = passing

    assert len(bulks) > 2
    stored = read_record(Cluster(behind), behind.opensearch_index)
    assert stored
    assert replace(stored.record, claim=None) == before  # nobody takes it for the next commit
    # The posts are put back as they were, which looks like no change; and one is gone.
    for name, text in texts.items():
        (behind.posts / name).write_text(f"# Title\n\n{text}\n")
    (behind.posts / "p9.md").unlink()
    reindex(behind)

    documents = stored_documents(behind)
    assert documents.keys() == texts.keys()
    assert {document.title for document in documents.values()} == {"Title"}
    assert newest_commit(Cluster(behind)).record.claim is None


@pytest.mark.parametrize("refused", ["_settings", "_refresh", "_aliases", "_count"])
def test_a_rebuild_that_fails_leaves_the_live_index_as_it_was(
    cluster_settings: Settings, front: Node, refused: str
) -> None:
    write(cluster_settings, post("old"))
    before = newest_commit(Cluster(cluster_settings))
    behind = replace(cluster_settings, opensearch_url=(front.url,))
    passing = front.answer
    refusing(front, lambda asked: refused in asked.path and asked.method != "GET")

    with pytest.raises(ClusterFault):
        write(behind, post("new"), fresh=True)

    front.answer = passing
    after = newest_commit(Cluster(cluster_settings))
    assert (after.index, replace(after.record, claim=None)) == (before.index, before.record)
    assert ids(cluster_settings) == {"old"}
    assert write(behind, post("new"), fresh=True) > before.record.generation
    assert ids(cluster_settings) == {"new"}
    assert len(indexes(cluster_settings)) == 1


def test_an_answer_that_is_lost_is_no_conflict(cluster_settings: Settings, front: Node) -> None:
    """Of each write that depends on another, the node does it and its answer is lost; so is that to the swap."""
    behind = replace(cluster_settings, opensearch_url=(front.url,), opensearch_timeout=30.0)
    passing = front.answer
    lost: list[Asked] = []

    def lossy(asked: Asked) -> Answer:
        status, answer = passing(asked)
        if asked.method != "GET" and not any(asked.path == one.path and asked.body == one.body for one in lost):
            lost.append(asked)
            return 503, {"error": {"type": "node_disconnected_exception", "reason": ""}, "status": 503}
        return status, answer

    front.answer = lossy
    write(behind, post("a"))
    write(behind, post("b"))
    write(behind, post("c"), fresh=True)

    assert len(lost) > 10
    assert ids(cluster_settings) == {"c"}
    assert len(indexes(cluster_settings)) == 1


@pytest.mark.usefixtures("small_requests")
def test_a_batch_beyond_memory_waits_in_a_file_and_ids_come_in_pages(cluster_settings: Settings) -> None:
    write(cluster_settings, post("old"))
    with open_writer(cluster_settings) as writer:
        for name, text in large(12).items():
            writer.put(post(name, text))
        assert writer.ids() == {"old"}
        writer.commit()
        assert writer.ids() == {"old", *large(12)}

    many = [post(f"{number:05}", "") for number in range(150)]
    with open_writer(cluster_settings, fresh=True) as writer:
        for document in many:
            writer.put(document)
        writer.commit()
    assert ids(cluster_settings) == {document.id for document in many}


def test_ids_may_be_long_and_hold_anything(cluster_settings: Settings) -> None:
    names = ["x" * 4000 + ".md", "ä/ö #1?.md", 'quo"te\\.md', "commit", "\x01\n.md"]
    write(cluster_settings, *(post(name) for name in names))

    with open_writer(cluster_settings) as writer:
        assert writer.ids() == set(names)
        for name in names:
            assert writer.get(name) == post(name)
        writer.delete(names[:2])
        writer.commit()
    assert ids(cluster_settings) == set(names[2:])


def test_a_lost_alias_for_writers_is_damage_that_a_run_mends(cluster_settings: Settings) -> None:
    """As after a snapshot was restored without aliases."""
    (cluster_settings.posts / "a.md").write_text("# One\n")
    reindex(cluster_settings)
    name = live(cluster_settings)
    ask(cluster_settings, "DELETE", f"/{name}/_alias/{name}.writer")

    (cluster_settings.posts / "b.md").write_text("# Two\n")
    assert reindex(cluster_settings).indexed == 2

    assert ids(cluster_settings) == {"a.md", "b.md"}
    assert not list(cluster_settings.index.glob("damage*"))


def test_a_writer_needs_an_address_and_the_package(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="opensearch_url"):
        open_writer(Settings(engine="opensearch", index=tmp_path))


def test_the_index_of_another_site_is_not_taken(cluster_settings: Settings, tmp_path: Path) -> None:
    other = replace(cluster_settings, posts=tmp_path / "other", index=tmp_path / "other-index")
    for settings in (cluster_settings, other):
        settings.posts.mkdir(exist_ok=True)
        (settings.posts / f"{settings.posts.name}.md").write_text("---\ntitle: A post\n---\nText.\n", "utf-8")
    reindex(cluster_settings)

    with pytest.raises(SettingsError, match=r"is the index of the posts in .*; give this site another name"):
        reindex(other)
    assert ids(cluster_settings) == {"posts.md"}

    reindex(other, allow_removal=True)
    assert ids(other) == {"other.md"}
