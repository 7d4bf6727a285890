"""Analysis over arrays finds what `tokenize` finds, and every offset points at the words that it claims."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from index.analysis import CHUNK, Token, tokenize
from index.analysis.cuts import cuts
from index.analysis.vectorized import BatchTokenizer
from index.schema import FIELDS, Document, field_texts
from index.segments.inversion import invert
from index.segments.segment import Segment
from tests.corpora import COUNTS, DOCUMENTS, LANGS, SOUP, TEXTS, hold

ASCII = st.text(st.characters(max_codepoint=127), max_size=40) | st.text("ab1_.-'&+# \n", max_size=20)
ANY = TEXTS | SOUP | ASCII | st.text(max_size=60)
SIGNS = st.text(
    st.sampled_from(
        [
            *"aZ1_.-'&·‐+# \n\x1f\x85\u2028",
            "\u0301",
            "\u200d",
            "\ufe0f",
            "\uff9e",
            "é",
            "全",
            "か",
            "ก",
            "\u0e31",
            "가",
            "😀",
            "👍",
            "→",
            "\u20e3",
            "٣",
            *"vʼـقَカー",
            "²",
            "ª",
            "\ud800",
        ]
    ),
    max_size=12,
)


def tokens_of(texts: list[tuple[str, str]]) -> list[list[Token]]:
    """The tokens of each text, by arrays."""
    batch = BatchTokenizer()
    for text, lang in texts:
        batch.add(text, lang)
    found = batch.tokens()
    rows: list[list[Token]] = [[] for _ in texts]
    columns = (found.term, found.text, found.position, found.start, found.width)
    for term, text, position, start, width in zip(*(column.tolist() for column in columns), strict=True):
        rows[text].append(Token(found.terms[term], position, start, start + width))
    assert len(set(found.terms)) == len(found.terms)
    assert len(found.spans) == len(texts)
    return rows


@COUNTS
def test_a_batch_finds_the_tokens_of_each_text(examples: int) -> None:
    def check(texts: list[tuple[str, str]]) -> None:
        assert tokens_of(texts) == [tokenize(text, lang) for text, lang in texts]

    hold(10 * examples, check, st.lists(st.tuples(ANY, st.sampled_from(LANGS)), max_size=6))


@COUNTS
def test_no_term_is_empty(examples: int) -> None:
    def check(text: str) -> None:
        assert all(token.term and token.start < token.end for token in tokenize(text, "en"))

    hold(50 * examples, check, ANY | SIGNS)


def test_what_can_not_be_seen_takes_no_position() -> None:
    assert [(token.term, token.position) for token in tokenize("a_\u00adBc", "en")] == [
        ("a", 0), ("bc", 1), ("a_bc", 0),
    ]  # fmt: skip


@COUNTS
def test_a_text_is_cut_where_the_pattern_cuts(examples: int) -> None:
    def check(text: str) -> None:
        starts, ends = cuts(text)
        assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [
            found.span() for found in CHUNK.finditer(text)
        ]

    hold(50 * examples, check, ANY | SIGNS)


def tokens_in(segment: Segment, document: int, field: int) -> list[tuple[str, int, int, int]]:
    """All tokens of a field of a document in a segment, with term, position, start and end, sorted."""
    postings = segment.postings
    found = []
    for number, term in enumerate(postings.terms):
        for entry in range(*postings.entries[number : number + 2].tolist()):
            for posting in range(*postings.postings[entry : entry + 2].tolist()):
                if postings.fields[entry] == field and postings.docs[posting] == document:
                    for token in range(*postings.tokens[posting : posting + 2].tolist()):
                        here = slice(token, token + 1)
                        [start] = segment.starts(here, np.array(document), np.array(field)).tolist()
                        [position], [width] = postings.positions[here].tolist(), postings.widths[here].tolist()
                        found.append((term.decode(), position, start, start + width))
    return sorted(found)


def expected_in(texts: tuple[str, ...], lang: str) -> tuple[list[tuple[str, int, int]], list[list[tuple[str, int]]]]:
    """What must stand in a field: terms with start and end in the joined texts, and with position by text."""
    offset = 0
    spans, places = [], []
    for text in texts:
        tokens = tokenize(text, lang)
        spans += [(token.term, offset + token.start, offset + token.end) for token in tokens]
        places.append(sorted((token.term, token.position) for token in tokens))
        offset += len(text) + 1
    return sorted(spans), places


@COUNTS
def test_a_segment_holds_each_token_of_each_text_where_it_stands(examples: int) -> None:
    def check(documents: list[Document]) -> None:
        segment = invert(documents)
        for row, document in enumerate(documents):
            for field, texts in enumerate(field_texts(document).values()):
                found = tokens_in(segment, row, field)
                spans, places = expected_in(texts, document.lang)
                assert sorted((term, start, end) for term, _, start, end in found) == spans
                assert by_text(found, texts) == places
                assert FIELDS[field].name in field_texts(document)

    hold(examples, check, st.lists(DOCUMENTS, max_size=3))


def by_text(found: list[tuple[str, int, int, int]], texts: tuple[str, ...]) -> list[list[tuple[str, int]]]:
    """The terms with their positions in each text, which are counted on from text to text, far apart."""
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts) + 1)]
    rows: list[list[tuple[str, int]]] = [[] for _ in texts]
    last = -1000
    for number, (begin, end) in enumerate(pairwise(starts)):
        here = [(term, position) for term, position, start, _ in found if begin <= start < end]
        if here:
            first = min(position for _, position in here)
            assert first - last > 50
            last = max(position for _, position in here)
            rows[number] = sorted((term, position - first) for term, position in here)
    return rows


@COUNTS
def test_what_stands_at_an_offset_gives_the_term(examples: int) -> None:
    """Analysed alone, the characters of a token hold its term, in the forms that a word has there.

    But for the last mark of a word in a script without spaces, which is nothing without its letter.
    """

    def check(documents: list[Document]) -> None:
        segment = invert(documents)
        for row, document in enumerate(documents):
            for field, texts in enumerate(field_texts(document).values()):
                joined = "\n".join(texts)
                alone = defaultdict(set)
                for term, _, start, end in tokens_in(segment, row, field):
                    if unicodedata.category(joined[start])[0] == "M":
                        continue
                    if (start, end) not in alone:
                        alone[start, end] = {token.term for token in tokenize(joined[start:end], document.lang)}
                    assert term in alone[start, end], (term, joined[start:end])

    hold(examples, check, st.lists(DOCUMENTS, max_size=3))
