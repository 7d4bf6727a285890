"""The engines that the bench asks: each one finds, ranks and marks, so that none is fast by doing less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.peers import HITS, PEERS, Feed, Peer, PeerMissing, kinds_of_peer
from bench.questions import Question
from index.schema import Document

pytestmark = pytest.mark.full

WORDS = "a gardener waters raised beds at dawn"
DOCUMENTS = (
    Document("a.md", "/a", "Morning", f"{WORDS}, and the tomatoes as well.", tags=("soil",), author=("Ann Author",)),
    Document("b.md", "/b", "Tomato", "Nothing of that kind is here, <b>but</b> this & that."),
    *(Document(f"c{n}.md", f"/c{n}", f"Filler {n}", f"The beds are raised {n}.") for n in range(30)),
)


KINDS = kinds_of_peer()[0]
"""Those that are installed: nobody needs to be told at every run that a peer is not."""


@pytest.fixture(scope="module", params=KINDS, ids=[kind.key for kind in KINDS])
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Each engine that is installed, with the documents in it."""
    peer: Peer = request.param()
    folder = tmp_path_factory.mktemp(peer.key)
    folder.chmod(0o700)
    assert peer.build(iter(DOCUMENTS), folder) > 0
    yield peer
    peer.close()


def words(text: str) -> Question:
    return Question("two words", tuple(text.split()), text)


def test_an_engine_is_known_by_its_key_and_named_with_its_version(peer: Peer) -> None:
    assert peer.key in PEERS
    assert peer.key == "postsearch" or peer.name[-1].isdigit()


def test_words_are_found_by_their_stems_and_marked(peer: Peer) -> None:
    answers = peer.ask(words("gardeners watering"))

    assert answers[0].title == "Morning"
    assert answers[0].marked
    assert "gardener" in answers[0].snippet


def test_the_title_is_searched_and_weighs_more_than_the_body(peer: Peer) -> None:
    assert [answer.title for answer in peer.ask(words("tomato"))] == ["Tomato", "Morning"]


@pytest.mark.parametrize("word", ["soil", "author"])
def test_tags_and_authors_are_searched(peer: Peer, word: str) -> None:
    assert [answer.title for answer in peer.ask(words(word))] == ["Morning"]


def test_a_phrase_is_found_in_its_order_alone(peer: Peer) -> None:
    found = peer.ask(Question("phrase", ("raised", "beds"), '"raised beds"'))

    assert [answer.title for answer in found] == ["Morning"]
    assert found[0].marked


def test_a_beginning_finds_words_that_go_on_and_marks_them(peer: Peer) -> None:
    found = peer.ask(Question("prefix", ("gard",), "gard"))

    assert [answer.title for answer in found] == ["Morning"]
    assert found[0].marked


@pytest.mark.parametrize("peer", [kind for kind in KINDS if kind.types], indirect=True, ids=lambda kind: kind.key)
def test_the_last_of_several_typed_words_may_be_unfinished(peer: Peer) -> None:
    found = peer.ask(Question("typed", ("dawn", "gar"), "dawn gar"))

    assert found[0].title == "Morning"
    assert found[0].marked


def test_ten_hits_are_given_and_no_more(peer: Peer) -> None:
    assert len(peer.ask(words("raised"))) == HITS


def test_an_answer_takes_time(peer: Peer) -> None:
    assert 0 < peer.seconds(words("raised")) < 10


@pytest.mark.parametrize("letters", ["w", "wxy"])
def test_a_beginning_finds_all_words_in_tantivy(letters: str, tmp_path: Path) -> None:
    """Its own way for unfinished phrases is fast by giving up early, which would be doing less."""
    tantivy = pytest.importorskip("tantivy", reason="Tantivy is not installed")
    engine = kinds_of_peer(["tantivy"])[0][0]()
    many = [Document(f"{n}.md", f"/{n}", "", f"wxy{n:x}x other") for n in range(3000)]
    engine.build(many, tmp_path)
    searcher, schema = engine.searcher, engine.schema  # type: ignore[attr-defined]

    found = searcher.search(engine.beginning("body", letters), 1).count  # type: ignore[attr-defined]
    pattern = searcher.search(tantivy.Query.regex_query(schema, "body", letters + ".*"), 1).count

    assert found == pattern == 3000


def test_making_documents_is_not_counted_as_indexing() -> None:
    feed = Feed(iter(DOCUMENTS))

    assert list(feed) == list(DOCUMENTS)
    assert feed.seconds > 0


def test_an_engine_that_is_missing_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise PeerMissing("Xapian is left out: it is not here")

    monkeypatch.setattr("bench.peers.import_module", missing)

    assert kinds_of_peer(["xapian"]) == ([], ["Xapian is left out: it is not here"])
