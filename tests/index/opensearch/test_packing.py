"""What the cluster keeps of documents makes the segment that was made of them, or is told to be damaged."""

from __future__ import annotations

import json
import os
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.arrays import joined_ranges, narrow, sizes_of
from index.embedding import Embedder
from index.errors import IndexDamaged
from index.indexer.post import read_post
from index.opensearch.mapping import FORM, HOLE, POSITION, index_body
from index.opensearch.packing import pack, term_texts, unpack
from index.schema import FIELDS, Document
from index.segments.inversion import invert
from index.segments.merging import MergeInput, merge
from index.segments.numbers import Offsets, Patched
from index.segments.segment import Postings, Segment, to_named_arrays
from index.segments.texts import SortedTexts
from index.sites.site import Site
from tests.corpora import COUNTS, DOCUMENTS, WORDS, hold

SEED = 20130619
NAMED = st.lists(DOCUMENTS, max_size=5).map(lambda found: [replace(d, id=f"{i}.md") for i, d in enumerate(found)])


class LengthEmbedder(Embedder):
    """Takes how long a text is for what it means."""

    id = bytes(range(16))
    size = 3

    def embed(self, text: str) -> NDArray[np.float32]:
        return np.array([len(text), -1, 0.5], np.float32)


def assert_same(one: Segment, other: Segment) -> None:
    """Array by array, with their types."""
    ours, theirs = to_named_arrays(one), to_named_arrays(other)
    for name, array in ours.items():
        assert (name, array.dtype, array.tobytes()) == (name, theirs[name].dtype, theirs[name].tobytes())


def restricted(segment: Segment, wanted: Callable[[str], bool]) -> Segment:
    """A segment of one document with the wanted terms alone."""
    old = segment.postings
    terms = [term.decode() for term in old.terms]
    owners = np.repeat(np.arange(len(terms)), sizes_of(old.entries))
    is_kept = np.array([wanted(terms[owner]) for owner in owners.tolist()], np.bool_)
    kept = np.flatnonzero(is_kept)
    numbers, owners = np.unique(owners[kept], return_inverse=True)
    counts = old.tokens.sizes()[kept]
    tokens = joined_ranges(old.tokens[kept], counts)
    return replace(
        segment,
        postings=Postings(
            terms=SortedTexts.of(terms[number].encode() for number in numbers.tolist()),
            words=narrow(np.flatnonzero(np.isin(numbers, old.words))),
            entries=narrow(np.searchsorted(owners, np.arange(len(numbers) + 1))),
            fields=narrow(old.fields[kept]),
            postings=narrow(np.arange(len(kept) + 1)),
            docs=narrow(np.zeros(len(kept), np.int64)),
            tokens=Offsets.of(counts),
            positions=Patched.of(old.positions[tokens]),
            distances=Patched.of(old.distances[tokens]),
            widths=Patched.of(old.widths[tokens]),
        ),
    )


@COUNTS
@pytest.mark.parametrize("embedder", [None, LengthEmbedder()], ids=["without embeddings", "with embeddings"])
def test_what_is_unpacked_is_what_is_merged(examples: int, embedder: Embedder | None) -> None:
    def check(documents: list[Document], terms: list[str], prefixes: list[str]) -> None:
        ones = [invert([document], embedder) for document in documents]
        packed = [kept for one in ones for kept in pack(one)]
        expected = merge([MergeInput.whole(one) for one in ones]) if ones else invert([])
        assert_same(unpack(documents, packed, None), expected)
        # Also where they were packed together: but for what is a word in another one, and here a stem alone.
        together = unpack(documents, pack(invert(documents, embedder)), None)
        assert_same(replace(together, postings=replace(together.postings, words=expected.postings.words)), expected)

        wanted = [restricted(one, lambda term: term in terms or term.startswith(tuple(prefixes))) for one in ones]
        some = merge([MergeInput.whole(one) for one in wanted]) if wanted else invert([])
        assert_same(unpack(documents, packed, terms, prefixes), some)
        some.check()

    held = sorted({term.decode() for term in invert([Document("", "", "", " ".join(WORDS))]).postings.terms})
    any_terms = st.lists(st.sampled_from(held) | st.text(max_size=3), max_size=6)
    prefixes = any_terms.map(lambda found: [term[:3] for term in found[:2]])
    hold(5 * examples, check, NAMED, any_terms, prefixes)


def test_more_than_any_small_number_holds() -> None:
    """Positions and characters beyond 16 bits, counts beyond 8 bits, and words of more than 255 characters."""
    long = Document("long.md", "/", "Long", "word " * 70_000 + "needle " + "x" * 300)
    documents = [Document("short.md", "/", "Short", "word"), long, Document("none.md", "/", "", "")]

    assert_same(unpack(documents, pack(invert(documents)), None), invert(documents))


def test_bodies_may_be_left_out() -> None:
    documents = [Document(f"{i}.md", f"/{i}", f"Title {i}", "some words " * i, tags=("one",)) for i in range(5)]
    bare = [replace(document, body="") for document in documents]
    found = unpack(bare, pack(invert(documents)), ["words"])

    assert [found.document(doc_id) for doc_id in range(5)] == bare
    assert found.records.lengths.tolist() == invert(documents).records.lengths.tolist()


def test_embeddings_of_several_models_are_none() -> None:
    documents = [Document("a.md", "/a", "A", "a"), Document("b.md", "/b", "B", "b")]
    packed = pack(invert(documents[:1], LengthEmbedder())) + pack(invert(documents[1:]))

    assert unpack(documents, packed, None).records.embeddings.vectors.shape == (2, 0)


def damaged_copies(data: bytes, count: int) -> Iterator[bytes]:
    """The bytes cut short, with more behind them, and each with one changed."""
    chance = random.Random(SEED)
    yield from (b"", data[:3], data[:27], data[:28], data[:-1], data + b"\0", bytes(len(data)), data[::-1])
    for place in [*range(40), *(chance.randrange(len(data)) for _ in range(count))]:
        yield data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


DAMAGED = [
    Document(f"{i}.md", f"/{i}", f"Title {i}", f"Some words, 全文検索. number {i} " * 20, tags=("one", "two"))
    for i in range(3)
]
ASKED: Sequence[Callable[[Sequence[bytes]], Segment]] = [
    partial(unpack, DAMAGED, terms=None),
    partial(unpack, DAMAGED, terms=["word", "number"], prefixes=["so"]),
]


@pytest.mark.parametrize("ask", ASKED, ids=["all", "some"])
def test_damage_is_told(ask: Callable[[Sequence[bytes]], Segment]) -> None:
    packed = pack(invert(DAMAGED, LengthEmbedder()))
    for copy in damaged_copies(packed[1], 400):
        with pytest.raises(IndexDamaged, match="reindex --full"):
            ask([packed[0], copy, packed[2]])


def checked(data: bytes) -> bytes:
    """The bytes with the checksum that they have now."""
    return zlib.crc32(data[4:]).to_bytes(4, "little") + data[4:]


def test_what_no_checksum_tells_is_told() -> None:
    packed = pack(invert([Document("a.md", "/", "", "one two")]))[0]
    assert b"one\0two\0" in packed

    for copy in (packed + b"\0", packed.replace(b"two\0", b"one\0"), packed.replace(b"two\0", b"two ")):
        with pytest.raises(IndexDamaged):
            unpack([Document("a.md", "/", "", "")], [checked(copy)], ["one", "two"])


@pytest.mark.parametrize("ask", ASKED, ids=["all", "some"])
def test_what_someone_else_made_is_a_sound_segment_or_told(ask: Callable[[Sequence[bytes]], Segment]) -> None:
    packed, told, sound = pack(invert(DAMAGED, LengthEmbedder())), 0, 0
    for copy in damaged_copies(packed[1], 2_000):
        try:
            ask([packed[0], checked(copy), packed[2]]).check()
            sound += 1
        except IndexDamaged:
            told += 1

    assert told > 100
    assert sound > 100


DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder"), "posts")
POSTS_PER_LANG = 5

Held = dict[tuple[str, str], list[int]]
"""The positions of each term in each field, by field and term."""


def ask(method: str, url: str, body: object = None) -> Any:
    """The answer of a node. Without a body where there is none: for `null` some of its requests never end."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.fixture
def index_url(cluster: Sequence[str]) -> Iterator[str]:
    """An index in the cluster that also keeps for each document which terms it holds where."""
    body = index_body(shards=1, replicas=0)
    for field in FIELDS:
        body["mappings"]["properties"][field.name]["term_vector"] = "with_positions"
    url = f"{cluster[0]}/packing-{uuid4().hex}"
    ask("PUT", url, body)
    yield url
    ask("DELETE", url)


def held_by_nodes(index_url: str, texts: Mapping[str, Sequence[str]]) -> Held:
    """What the index holds of a document with these texts."""
    ask("PUT", f"{index_url}/_doc/1?refresh=true", texts)
    # Not in real time, where the answer is made of the texts, and not of what was written.
    found = ask("GET", f"{index_url}/_termvectors/1?realtime=false&field_statistics=false&offsets=false")
    return {
        (field, term): [token["position"] for token in value["tokens"]]
        for field, vector in found["term_vectors"].items()
        for term, value in vector["terms"].items()
    }


def held_by_segment(document: Document) -> Held:
    """What our index holds of a document, but for what no index of Lucene can hold."""
    postings = invert([document]).postings
    held: Held = {}
    for number, term in enumerate(postings.terms):
        for entry in range(*postings.entries[number : number + 2].tolist()):
            tokens = slice(*postings.tokens[entry : entry + 2].tolist())
            held[FIELDS[postings.fields[entry]].name, term.decode()] = sorted(postings.positions[tokens].tolist())
    return {(field, term): positions for (field, term), positions in held.items() if 0 < len(term.encode()) <= 32_766}


ODD = [
    Document(
        "odd.md",
        "/",
        "ʹ" * 5_000 + "a first word that is all signs, and e-mail",
        "A term with blanks: ﷺ. One of signs: " + "ʹ" * 5_000 + "a, too long a one: " + "x" * 40_000 + "++ and more",
        tags=("", "—", "b", "", "c " + "ʹ" * 5_000 + "a", "d", "—"),
        author=("—",),
    ),
    Document("empty.md", "/", "", ""),
    Document("long.md", "/", "Long", "running e-mail " * 20_000, tags=tuple("abc" * 200)),
]


def real_posts() -> list[Document]:
    """Some posts of each language, and some of each collection."""
    found: dict[tuple[str, str], list[Document]] = {}
    paths = sorted(path for path in DATA.rglob("*.md") if "cpp-docs" not in path.parts)
    random.Random(SEED).shuffle(paths)
    for path in paths:
        document = read_post(path.read_bytes(), path.relative_to(DATA).as_posix(), Site()).document
        if document:
            key = path.relative_to(DATA).parts[0], document.lang
            found.setdefault(key, []).append(document)
    return [document for documents in found.values() for document in documents[:POSTS_PER_LANG]]


def check(index_url: str, documents: Sequence[Document]) -> None:
    """That the nodes hold the terms that our segments hold, where these hold them."""
    for document, texts in zip(documents, term_texts(invert(documents)), strict=True):
        assert held_by_nodes(index_url, texts) == held_by_segment(document), document.id


def test_nodes_hold_the_terms_of_odd_posts(index_url: str) -> None:
    check(index_url, ODD)


@COUNTS
def test_nodes_hold_the_terms_of_generated_posts(index_url: str, examples: int) -> None:
    hold(examples, lambda documents: check(index_url, documents), NAMED)


@pytest.mark.full
@pytest.mark.skipif(not DATA.is_dir(), reason="POSTSEARCH_TEST_DATA names no folder with real posts")
def test_nodes_hold_the_terms_of_real_posts(index_url: str) -> None:
    documents = real_posts()
    assert len({document.lang for document in documents}) > 10
    check(index_url, documents)


@pytest.mark.parametrize(
    "plant",
    [
        lambda text: text.replace(FORM, POSITION, 1),
        lambda text: text.replace(POSITION, POSITION + HOLE + POSITION, 1),
        lambda text: text.replace(HOLE + POSITION, "", 1),
        lambda text: text.replace("mail", "mails", 1),
    ],
    ids=["a form less", "a hole more", "a hole less", "another term"],
)
def test_a_difference_is_seen(index_url: str, plant: Callable[[str], str]) -> None:
    texts = term_texts(invert(ODD[:1]))[0]
    held = held_by_nodes(index_url, texts | {"title": [plant(texts["title"][0])]})

    assert held != held_by_segment(ODD[0])
