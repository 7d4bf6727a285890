"""Damage that comes to the files of an index after they were opened is found, and never written as if it were sound."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import IndexDamaged
from index.indexer.report import Report
from index.indexer.run import reindex
from index.schema import Document
from index.settings import Settings
from index.storage import open_writer
from index.storage.mark import is_marked, mark_damaged
from index.storage.verification import Verification, check_index
from index.watching.watcher import Watcher
from search.service import Search
from search.web.extension import create_app
from tests.rot import flip, segment_files
from tests.stored import stored_documents, write

SECONDS = 45.0
"""How long anything may take, on the busiest machine."""

OAK = b"Of oak."
"""In the body of the post that is indexed."""


def spoil_body(settings: Settings, text: bytes = OAK) -> None:
    """Flip a bit in the body of a post: `Of oak.` becomes `Kf oak.`"""
    (path,) = (path for path in segment_files(settings) if text in path.read_bytes())
    flip(path, path.read_bytes().index(text))


def rebuilt(settings: Settings) -> dict[str, Document]:
    """What the index must hold: what an index holds that is built anew from the posts."""
    fresh = replace(settings, index=settings.index.with_name("rebuilt"))
    reindex(fresh)
    return stored_documents(fresh)


def open_files() -> list[Path]:
    """The files that this process has open, also those without a name."""
    return [path for path in Path("/proc/self/fd").iterdir() if path.is_file()]


def test_a_merge_over_damage_builds_the_index_anew(settings: Settings) -> None:
    assert len(stored_documents(settings)) == 1  # what is open already is not opened, and so not checked, again
    spoil_body(settings)
    (settings.posts / "more.md").write_text("# More\n\nWith which the other is merged.\n")

    assert reindex(settings).indexed == 2
    assert stored_documents(settings) == rebuilt(settings)
    assert not is_marked(settings.index)


def test_a_merge_of_a_file_that_went_builds_the_index_anew(settings: Settings) -> None:
    with open_writer(settings) as writer:
        writer.put(Document("b.md", "/b/", "B", "With which the other is merged."))
        segment_files(settings)[0].unlink()
        with pytest.raises(IndexDamaged, match="--full"):
            writer.commit()

    assert reindex(settings).indexed == 1
    assert stored_documents(settings) == rebuilt(settings)


def test_a_version_that_is_kept_is_not_copied_from_damage(settings: Settings) -> None:
    """The last good version of a post that fails is copied into a new build, where nothing would tell of the damage."""
    (settings.posts / "beds.md").write_text("---\ntags: [a\ndraft: true\n x: y\n---\nOf oak.\n")
    reindex(settings)
    assert "beds.md" in stored_documents(settings)
    spoil_body(settings)

    report = reindex(replace(settings, lang="de"))  # for which all is built anew

    assert [failed.path for failed in report.failed] == ["beds.md"]
    assert stored_documents(settings) == {}


def test_a_batch_that_was_put_by_is_verified_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.storage.writer.MAX_BATCH_CHARACTERS", 100)
    monkeypatch.setattr("index.storage.codec.MAX_BUFFERED_BYTES", 20_000)
    settings = Settings(index=tmp_path / "index")

    with open_writer(settings) as writer:
        for number in range(200):
            writer.put(Document(f"{number}.md", f"/{number}/", "A post", f"number {number} " * 5))
        spilled = next(path for path in open_files() if b"number 7" in path.read_bytes())
        flip(spilled, spilled.read_bytes().index(b"number 7"))
        with pytest.raises(IndexDamaged):
            writer.commit()
    assert not list(settings.index.glob("build-*"))


def test_verification_finds_a_bit_and_marks_the_index(settings: Settings) -> None:
    verification = Verification(settings.index, pause=0)
    assert [verification.go_on() for _ in range(3)] == [False] * 3
    spoil_body(settings)

    assert verification.go_on()
    assert is_marked(settings.index)


def test_verification_waits_between_rounds(settings: Settings) -> None:
    verification = Verification(settings.index, pause=3600)
    assert not verification.go_on()
    spoil_body(settings)

    assert not verification.go_on()


def test_verification_without_an_index_finds_nothing(tmp_path: Path) -> None:
    assert not Verification(tmp_path / "index", pause=0).go_on()


def test_a_commit_that_takes_files_away_amid_a_round_is_no_damage(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    write(settings, *(Document(f"{number}.md", f"/{number}/", "A post", "word " * 9) for number in range(70)))
    write(settings, *(Document(f"+{number}.md", f"/{number}/", "A post", "word " * 9) for number in range(30)))
    assert len(segment_files(settings)) == 2
    steps = check_index(settings.index)
    next(steps)

    write(settings, *(Document(f"{number}.md", f"/{number}/", "New", "word " * 9) for number in range(70)))

    assert len(segment_files(settings)) == 1
    assert list(steps)


def test_a_file_that_went_is_damage(settings: Settings) -> None:
    segment_files(settings)[0].unlink()

    with pytest.raises(IndexDamaged, match="--full"):
        list(check_index(settings.index))


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_what_stands_in_the_place_of_the_mark_keeps_damage_from_nobody(
    settings: Settings, make: Callable[[Path], None]
) -> None:
    make(settings.index / "damage.txt")
    assert not is_marked(settings.index)

    mark_damaged(settings.index, "a search failed")

    assert is_marked(settings.index)


def test_a_mark_without_damage_goes_with_the_next_run(settings: Settings) -> None:
    mark_damaged(settings.index, "a search failed")

    assert reindex(settings).indexed == 0
    assert not is_marked(settings.index)


@contextmanager
def watched(settings: Settings) -> Iterator[threading.Event]:
    """Watch the posts, with an event for a run that has indexed something."""
    built = threading.Event()

    def tell(report: Report) -> None:
        if report.indexed:
            built.set()

    watcher = Watcher(replace(settings, sweep_interval=3600.0), tell, verify_pause=0.05)
    watcher.start()
    try:
        yield built
    finally:
        watcher.stop()


def test_a_watcher_finds_damage_and_builds_the_index_anew(settings: Settings) -> None:
    with watched(settings) as built:
        spoil_body(settings)

        assert built.wait(SECONDS)
    assert stored_documents(settings) == rebuilt(settings)
    assert not is_marked(settings.index)


def test_a_watcher_acts_on_what_a_reader_finds(settings: Settings) -> None:
    service = Search(settings)
    assert service.run("oak").total == 1
    with watched(settings) as built:
        (settings.index / "current.json").unlink()
        with pytest.raises(Exception, match="holds no index"):
            service.run("oak")
        assert is_marked(settings.index)

        assert built.wait(SECONDS)
    assert service.run("oak").total == 1


def test_what_makes_no_sense_in_an_answer_marks_the_index(settings: Settings) -> None:
    client = create_app(settings).test_client()
    assert client.get("/search/hits?q=absent").get_json()["total"] == 0  # a post that was read once is kept
    (path,) = segment_files(settings)
    flip(path, path.read_bytes().index(b'["/beds/"'))  # what is stored of a post is no JSON any more

    assert client.get("/search/hits?q=beds").get_json()["code"] == "index_damaged"
    assert is_marked(settings.index)


def test_an_error_marks_a_commit_once(settings: Settings) -> None:
    service = Search(settings)
    service.state()
    service.searcher.suspect(ValueError("a mistake in the code"))
    assert is_marked(settings.index)
    reindex(settings)

    service.searcher.suspect(ValueError("the same"))

    assert not is_marked(settings.index)


def test_health_is_degraded_while_damage_is_known(settings: Settings) -> None:
    client = create_app(settings).test_client()
    assert client.get("/search/health").get_json()["status"] == "ok"
    mark_damaged(settings.index, "a search failed")

    assert client.get("/search/health").get_json()["status"] == "degraded"
    reindex(settings)
    assert client.get("/search/health").get_json()["status"] == "ok"


def test_where_nobody_watches_health_looks_itself_and_damage_is_not_answered_from(settings: Settings) -> None:
    client = create_app(settings).test_client()
    assert client.get("/search/hits?q=oak").get_json()["total"] == 1
    spoil_body(settings)

    assert client.get("/search/health").get_json()["status"] == "down"
    assert client.get("/search/hits?q=oak").get_json()["code"] == "index_damaged"
    reindex(settings)
    assert client.get("/search/hits?q=oak").get_json()["total"] == 1
