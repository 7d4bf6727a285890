"""The searcher: answers queries from the newest commit of an index.

`Searcher` is what every engine promises. `IndexSearcher` is ours: it collects the matches of every segment, ranks them
and cuts the page.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from itertools import repeat

import numpy as np

from index.arrays import offsets_of
from index.embedding import Embedder
from index.schema import FIELDS, Document
from index.schema.keys import path_of, text_hash
from index.segments.files import damaged
from index.storage.reader import Reader, Snapshot
from search.engine.columns import Mask
from search.engine.completions import KINDS, MAX_NAME_CHARS, Completion, best, may_go_on, words_of
from search.engine.explanations import reasons, score_parts
from search.engine.facets import Facets
from search.engine.highlights import highlight
from search.engine.matching import matches_in
from search.engine.meaning import FEW_MATCHES, QueryMeaning, meant_words
from search.engine.ranking import Candidates, top
from search.engine.scorer import SegmentScorer
from search.engine.segment_reader import SegmentReader
from search.engine.similar import similarities
from search.engine.similarity import CollectionStatistics
from search.engine.terms import Ints
from search.query import Query
from search.query.parser import parsed_text
from search.results import Explanation, HighlightRanges, IndexState, Match, Matches, NearWord, Suggestion, Suggestions

__all__ = ["IndexSearcher", "Searcher"]

MOMENT_SECONDS = 0.001
"""How long a look at the newest commit holds: less than any commit takes."""


class Searcher(ABC):
    """Answers queries from the newest commit, seen afresh at each call; safe to share between threads.

    Raises `IndexMissing` while nothing has been indexed and `IndexDamaged` for files that can't be read; what the
    system refuses is an `OSError`, and a mistake in the code is raised as what it is.
    """

    @abstractmethod
    def search(self, query: Query, now: datetime) -> Matches:
        """The page of matches that the query wants, among the posts that may be found at `now`.

        Posts that are pinned to the query come first, then posts whose whole title it is, then those that hold its
        words in a row as typed; among them and all others the score decides (see `similarity`).
        A query without clauses matches every post that its filters let pass. Never fails on what a person typed.
        """

    @abstractmethod
    def langs(self) -> Collection[str]:
        """The languages of the posts, in lower case."""

    @abstractmethod
    def doc_freq(self, term: str, *, prefix: bool = False) -> int:
        """How many posts hold the term (see `index.analysis`) in the field where most do, or with `prefix` anything
        that begins with it. It is about right: posts deleted just now may count, and is 0 where none does."""

    @abstractmethod
    def near(self, word: str, edits: int, now: datetime, *, begins: bool = False) -> Sequence[NearWord]:
        """The words, in posts that may be found at `now`, that at most so many edits make of a word.

        With `begins` the beginnings of such words instead. The word is given as `index.analysis` folds it; it is of two
        letters or more and nothing else.
        """

    @abstractmethod
    def lang_counts(self, term: str) -> Mapping[str, int]:
        """How many posts of each language (in lower case) hold the term, in any field; deleted ones may be counted."""

    @abstractmethod
    def explain(self, query: Query, id: str, now: datetime) -> Explanation:
        """Where the post of this id stands among all matches of the query, and why, or why it does not match."""

    @abstractmethod
    def similar(self, id: str, count: int, now: datetime) -> Matches:
        """The posts that may be found at `now` and are most like the one of this id (see `similar`), at most `count`.

        Those in its language come first, whatever their region, and then the most similar; posts with nothing in common
        are left out. There are none where the one of this id may not be found. `total` is how many there are here.
        """

    @abstractmethod
    def complete(self, text: str, count: int, now: datetime) -> Suggestions:
        """What completes a text (see `completions`), at most `count`, of posts that may be found at `now`."""

    @abstractmethod
    def at(self, path: str, now: datetime) -> Document | None:
        """The post that may be found at `now` and whose address has this path (see `path_of`); of several the first
        by its id."""

    @abstractmethod
    def state(self, now: datetime) -> IndexState:
        """Which index would answer at `now`; cheap enough to ask at every request."""

    @abstractmethod
    def close(self) -> None:
        """Release what is held open. Closing twice is no error."""


class IndexSearcher(Searcher):
    """Searches the newest snapshot of an index. Threads share what is open and never wait for one another's queries."""

    def __init__(self, reader: Reader, embedder: Embedder | None = None) -> None:
        self._reader = reader
        self._embedder = embedder
        self._newest: SnapshotSearcher | None = None
        self._looked = 0.0

    def search(self, query: Query, now: datetime) -> Matches:
        return self._current().search(query, now.timestamp())

    def langs(self) -> Collection[str]:
        return self._current().langs

    def doc_freq(self, term: str, *, prefix: bool = False) -> int:
        return self._current().doc_freq(term, prefix=prefix)

    def near(self, word: str, edits: int, now: datetime, *, begins: bool = False) -> Sequence[NearWord]:
        return self._current().near(word, edits, now.timestamp(), begins=begins)

    def lang_counts(self, term: str) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for reader in self._current().readers.values():
            counts.update(reader.lang_counts(term))
        return counts

    def explain(self, query: Query, id: str, now: datetime) -> Explanation:
        return self._current().explain(query, id, now.timestamp())

    def similar(self, id: str, count: int, now: datetime) -> Matches:
        return self._current().similar(id, count, now.timestamp())

    def complete(self, text: str, count: int, now: datetime) -> Suggestions:
        return self._current().complete(text, count, now.timestamp())

    def at(self, path: str, now: datetime) -> Document | None:
        return self._current().at(path, now.timestamp())

    def state(self, now: datetime) -> IndexState:
        return self._current().state(now.timestamp())

    def close(self) -> None:
        self._newest = None
        self._reader.close()

    def _current(self) -> SnapshotSearcher:
        """The searcher of the newest commit, made when a commit is first seen.

        A query asks several times; within a moment it gets the same without a further look at the files.

        Without a lock: it is whole before one assignment shows it to other threads. Two threads may make one at the
        same time; either is right, and the later stays.
        """
        newest, looked = self._newest, time.monotonic()
        if newest is None or looked - self._looked > MOMENT_SECONDS:
            snapshot = self._reader.snapshot()
            if newest is None or newest.snapshot is not snapshot:
                newest = SnapshotSearcher(snapshot, newest.readers if newest else {}, self._embedder)
            self._newest, self._looked = newest, looked
        return newest


class SnapshotSearcher:
    """Answers from one commit; times are seconds since 1970. Nothing changes in it but what is cached."""

    def __init__(self, snapshot: Snapshot, opened: Mapping[str, SegmentReader], embedder: Embedder | None) -> None:
        """`opened` are the readers of an earlier commit, by the keys of their segments: those still there are kept."""
        self.snapshot = snapshot
        self._embedder = embedder
        self.readers = {live.key: opened.get(live.key) or SegmentReader(live.segment) for live in snapshot.segments}
        self._segments: Sequence[tuple[SegmentReader, Mask]] = [
            (self.readers[live.key], live.live_docs) for live in snapshot.segments
        ]
        self._statistics = CollectionStatistics(list(self.readers.values()))
        # When the clock alone changes what may be found.
        times = [
            time[live_docs]
            for reader, live_docs in self._segments
            for time in (reader.columns.doc_values.visible_from, reader.columns.doc_values.visible_to)
        ]
        moments = np.concatenate([np.zeros(0), *times])
        self._changes: list[float] = np.unique(moments[np.isfinite(moments)]).tolist()
        self._counted = (-1, 0)  # an epoch and its number of posts
        self._names_counted: tuple[int, list[Ints]] = (-1, [])  # an epoch and the posts of the names of each segment

    @property
    def langs(self) -> Collection[str]:
        """See `Searcher.langs`."""
        return self._statistics.langs

    def doc_freq(self, term: str, *, prefix: bool = False) -> int:
        """See `Searcher.doc_freq`."""
        return self._statistics.doc_freq(term, range(len(FIELDS)), prefix=prefix)

    def near(self, word: str, edits: int, now: float, *, begins: bool) -> Sequence[NearWord]:
        """See `Searcher.near`."""
        found: dict[tuple[str, bool], NearWord] = {}
        for reader, findable in self._findable(now):
            hidden = len(findable) - int(np.count_nonzero(findable))
            words = reader.vocabulary
            for one in words.begun_near(word, edits) if begins else words.near(word, edits):
                # Words of hidden posts alone are nobody's business.
                if one.posts > hidden or any(
                    findable[docs.doc_ids].any() for docs in reader.terms.docs(one.text, prefix=one.begins)
                ):
                    before = found.get((one.text, one.begins))
                    posts = one.posts + (before.posts if before else 0)
                    found[one.text, one.begins] = one._replace(posts=posts)
        return list(found.values())

    @cached_property
    def _facets(self) -> Facets:
        return Facets([reader.columns for reader, _ in self._segments])

    def search(self, query: Query, now: float) -> Matches:
        """See `Searcher.search`."""
        collected = self._collect(query, now)
        found = [candidates for candidates, _ in collected]
        total = sum(map(len, found))
        facets = self._facets.count([candidates.doc_id for candidates in found], query.facet_size)
        matches: tuple[Match, ...] = ()
        last = query.page * query.per_page
        if total > last - query.per_page:
            page = self._ranked(found, query, now, last).take(slice(last - query.per_page, None))
            matches = self._matches(query, page, [scorer for _, scorer in collected], now)
        related = self._related(query, found, now) if total < FEW_MATCHES and query.page == 1 else ()
        return Matches(matches, total, facets, self.state(now), related)

    def _ranked(self, found: Sequence[Candidates], query: Query, now: float, count: int) -> Candidates:
        """The best `count` of what was found in all segments."""
        meaning = self._meaning(meant_words(query))
        return top(Candidates.joined(found), query.sort, now, count, meaning.factors if meaning else None)

    def _meaning(self, words: str) -> QueryMeaning | None:
        """What these words mean; None without any, or without a model."""
        if not self._embedder or not words:
            return None
        embeddings = [reader.segment.records.embeddings for reader, _ in self._segments]
        return QueryMeaning(words, self._embedder, embeddings)

    def _related(self, query: Query, found: Sequence[Candidates], now: float) -> tuple[Match, ...]:
        """The posts nearest to the query in meaning, of those that its filters let pass and its words don't find."""
        meaning = self._meaning(meant_words(query, at_least=1))
        if not meaning:
            return ()
        doc_ids = []
        for candidates, (reader, findable) in zip(found, self._findable(now), strict=True):
            passing = reader.columns.passing(query.filters)
            others = findable if passing is None else findable & passing
            others[candidates.doc_id] = False
            doc_ids.append(np.flatnonzero(others))
        related = []
        for number, doc_id, cosine in meaning.nearest(doc_ids):
            document = self._segments[number][0].segment.document(doc_id)
            related.append(Match(document, cosine, (), HighlightRanges(tags=((),) * len(document.tags))))
        return tuple(related)

    def _collect(self, query: Query, now: float) -> list[tuple[Candidates, SegmentScorer]]:
        """The matches of each segment, and what scored them."""
        return [
            matches_in(query, number, reader, live_docs, self._statistics, now)
            for number, (reader, live_docs) in enumerate(self._segments)
        ]

    def _matches(
        self, query: Query, page: Candidates, scorers: Sequence[SegmentScorer], now: float
    ) -> tuple[Match, ...]:
        """The matches of a page, with their documents and what to mark in these, segment by segment."""
        matches: dict[int, Match] = {}
        for number in set(page.segment.tolist()):
            reader = self._segments[number][0]
            rows = np.flatnonzero(page.segment == number)
            rows = rows[np.argsort(page.doc_id[rows])]
            doc_ids = page.doc_id[rows]
            documents = [reader.segment.document(doc_id) for doc_id in doc_ids.tolist()]
            parts = (
                score_parts(query, reader, scorers[number], self._statistics.langs, doc_ids, page.meaning[rows], now)
                if query.explain
                else repeat(None)
            )
            matches |= zip(
                rows.tolist(),
                map(
                    Match,
                    documents,
                    page.score[rows].tolist(),
                    scorers[number].fields(doc_ids),
                    highlight(query.clauses, reader, self._statistics.langs, doc_ids, documents),
                    parts,
                    (page.pin[rows] > 0).tolist(),
                ),
                strict=True,
            )
        return tuple(matches[row] for row in range(len(page)))

    def explain(self, query: Query, id: str, now: float) -> Explanation:
        """See `Searcher.explain`."""
        found = [candidates for candidates, _ in self._collect(query, now)]
        explanation = Explanation(query.text, parsed_text(query), query.warnings, id, total=sum(map(len, found)))
        for number, live in enumerate(self.snapshot.segments):
            doc_id, reader = live.find(id), self.readers[live.key]
            if doc_id is None:
                continue
            ranked = self._ranked(found, query, now, explanation.total)
            ranks = np.flatnonzero((ranked.segment == number) & (ranked.doc_id == doc_id)).tolist()
            meaning = ranked.meaning[ranks] if ranks else np.ones(1)
            doc_ids = np.array([doc_id])
            scorer = SegmentScorer((*query.clauses, *query.excluded), self._statistics, reader, doc_ids)
            return replace(
                explanation,
                document=reader.segment.document(doc_id),
                parts=score_parts(query, reader, scorer, self._statistics.langs, doc_ids, meaning, now)[0],
                rank=ranks[0] + 1 if ranks else None,
                missing=reasons(query, reader, scorer, doc_id, now),
            )
        return explanation

    def similar(self, id: str, count: int, now: float) -> Matches:
        """See `Searcher.similar`."""
        findable = list(self._findable(now))
        readers = [reader for reader, _ in findable]
        matches: tuple[Match, ...] = ()
        for live, (home, mask) in zip(self.snapshot.segments, findable, strict=True):
            doc_id = live.find(id)
            if doc_id is None or not mask[doc_id]:
                continue
            mask[doc_id] = False
            language = home.segment.document(doc_id).lang.partition("-")[0]
            # All documents of all segments in a row; 2 is added where it is in the language, so that this comes first.
            score = np.concatenate(similarities(doc_id, home, readers, self._statistics))
            rank = score + 2 * np.concatenate([reader.columns.in_languages([language]) for reader in readers])
            tie = np.concatenate([reader.columns.doc_values.tie for reader in readers])
            rows = np.flatnonzero((score > 0) & np.concatenate([mask for _, mask in findable]))
            if len(rows) > count:  # to sort all takes longer
                rows = rows[rank[rows] >= np.partition(rank[rows], -count)[-count]]
            rows = rows[np.lexsort((tie[rows], -rank[rows]))][:count]
            bases = offsets_of(np.array([reader.segment.size for reader in readers]))
            for row, number in zip(rows.tolist(), (bases.searchsorted(rows, side="right") - 1).tolist(), strict=True):
                document = readers[number].segment.document(row - int(bases[number]))
                unmarked = HighlightRanges(tags=((),) * len(document.tags))
                matches += (Match(document, float(score[row]), (), unmarked),)
        return Matches(matches, len(matches), {}, self.state(now))

    def complete(self, text: str, count: int, now: float) -> Suggestions:
        """See `Searcher.complete`."""
        typed, prefix = words_of(text), may_go_on(text)
        if not typed or len(text) > MAX_NAME_CHARS:
            return Suggestions((), self.state(now))
        findable = [mask for _, mask in self._findable(now)]
        epoch = bisect_right(self._changes, now)
        counted = self._names_counted
        if counted[0] != epoch:
            posts = [reader.names.posts(mask) for (reader, _), mask in zip(self._segments, findable, strict=True)]
            counted = self._names_counted = (epoch, posts)
        found = [
            completion._replace(segment=number)
            for number, (reader, _) in enumerate(self._segments)
            for completion in reader.names.complete(
                typed, prefix=prefix, count=count, posts=counted[1][number], findable=findable[number]
            )
        ]
        suggestions = tuple(self._suggestion(one, findable) for one in best(found, count))
        return Suggestions(suggestions, self.state(now))

    def _suggestion(self, completion: Completion, findable: Sequence[Mask]) -> Suggestion:
        """The completion, spelled as in one of the posts that have it; with its address, where there is but one."""
        kind = KINDS[completion.kind]
        if kind == "phrase":
            return Suggestion(completion.text, kind, completion.posts)
        reader, _ = self._segments[completion.segment]
        doc_ids = reader.names.docs(completion.name, findable[completion.segment])
        document = reader.segment.document(int(doc_ids[-1]))
        url, title = document.url, document.title
        spellings = {
            "title": [(title, url, document.description)],
            "tag": [(tag, "", "") for tag in document.tags],
            "heading": [(part.title, f"{url}#{part.anchor}".rstrip("#"), title) for part in document.sections],
        }
        for text, *place in spellings[kind]:
            if " ".join(words_of(text)) == completion.words:
                return Suggestion(text, kind, completion.posts, *(place if completion.posts == 1 else ()))
        raise damaged(f"document {doc_ids[-1]} of the index", f"it holds no {kind} {completion.words!r}")

    def at(self, path: str, now: float) -> Document | None:
        """See `Searcher.at`."""
        wanted = np.uint64(text_hash(path))
        documents = [
            reader.segment.document(doc_id)
            for reader, findable in self._findable(now)
            for doc_id in np.flatnonzero(findable & (reader.columns.doc_values.path == wanted)).tolist()
        ]
        found = [document for document in documents if path_of(document.url) == path]
        return min(found, key=lambda document: document.id, default=None)

    def state(self, now: float) -> IndexState:
        """See `Searcher.state`."""
        epoch = bisect_right(self._changes, now)
        counted, posts = self._counted
        if counted != epoch:
            posts = sum(int(findable.sum()) for _, findable in self._findable(now))
            self._counted = (epoch, posts)
        return IndexState(self.snapshot.generation, self.snapshot.updated_at, posts, epoch)

    def _findable(self, now: float) -> Iterator[tuple[SegmentReader, Mask]]:
        """The segments, with which of their documents may be found at `now`."""
        for reader, live_docs in self._segments:
            yield reader, live_docs & reader.columns.visible(now)
