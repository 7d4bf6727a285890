"""The searcher: answers queries from the newest commit of an index.

`Searcher` is what every engine promises. `IndexSearcher` is ours: it asks the modules beside it, each of which answers
one question of a commit.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import repeat

import numpy as np

from index.embedding import Embedder
from index.log import get_logger
from index.opensearch.health import ClusterHealth
from index.schema import Document
from index.schema.keys import path_of, text_hash
from index.storage.reader import Reader
from index.storage.verification import Verification
from search.engine.budget import Budget
from search.engine.completions import complete, continuations
from search.engine.explanations import explained, score_parts
from search.engine.highlights import highlight
from search.engine.matching import SegmentMatches, candidates, matches_in
from search.engine.meaning import is_embedded, meaning_of, related
from search.engine.ranking import MAX_RESCORED, Candidates, top
from search.engine.scorer import SegmentScorer, Weights
from search.engine.similar import most_similar
from search.engine.snapshot_reader import SegmentReaders, SnapshotReader
from search.engine.vocabulary import near_words
from search.matches import Explanation, IndexState, Match, Matches, NearWord, Suggestions
from search.query import Query
from search.query.notices import Notice
from search.query.parser import parsed_text

__all__ = ["PAGE_BEYOND", "IndexSearcher", "Searcher", "collect", "matches_of"]

logger = get_logger(__name__)

PAGE_BEYOND = 10**9
"""A page that no query fills: its matches are counted, and none is ranked or shown."""

MOMENT_SECONDS = 0.001
"""How long a look at the newest commit holds: less than any commit takes."""


class Searcher(ABC):
    """Answers queries from the newest commit, seen afresh at each call; safe to share between threads.

    Raises `IndexMissing` while nothing has been indexed, `IndexDamaged` for files that can't be read and `ClusterFault`
    for a cluster that does not answer as it should; what the system refuses is an `OSError`, and a mistake in the code
    is raised as what it is.
    """

    late_after: float = math.inf
    """Seconds on the clock after which an answer begins nothing optional, for an engine that waits for others."""

    @abstractmethod
    def search(self, query: Query, now: datetime) -> Matches:
        """The page of matches that the query wants, among the posts that may be found at `now`.

        Posts that are pinned to the query come first, then posts whose whole title it is, then those that hold its
        words in a row as typed; among them and all others the score decides (see `similarity`). `suggestions` complete
        its text by what several posts have that its filters let pass, but for titles that are shown by the matches.
        A query without clauses matches every post that its filters let pass. Never fails on what a person typed.
        """

    def count(self, query: Query, now: datetime) -> int:
        """How many posts the query finds among those that may be found at `now`."""
        return self.search(replace(query, page=PAGE_BEYOND, facet_size=0), now).total

    @abstractmethod
    def langs(self) -> Collection[str]:
        """The languages of the posts, in lower case."""

    @abstractmethod
    def doc_freq(self, term: str, now: datetime, *, prefix: bool = False) -> int:
        """How many posts hold the term (see `index.analysis`) in the field where most do, or with `prefix` anything
        that begins with it. It is about right, as hidden posts may count, and is 0 where no post that may be found at
        `now` holds it."""

    def prefetch(self, terms: Collection[str], prefixes: Collection[str]) -> None:  # noqa: B027 - as of `suspect`
        """Look up at once what `doc_freq` is about to be asked; for an engine that is far from what it asks."""

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
    def post(self, id: str, now: datetime) -> Document | None:
        """The post of this id, if it may be found at `now`."""

    @abstractmethod
    def state(self, now: datetime) -> IndexState:
        """Which index would answer at `now`; cheap enough to ask at every request."""

    def cluster(self) -> ClusterHealth | None:
        """How the cluster fares that holds the index; None where it lies in files. Never fails."""
        return None

    def suspect(self, error: Exception) -> None:  # noqa: B027 - not every engine needs it
        """Have the index looked at: it may be damaged, as an answer failed with this error."""

    def verify(self) -> None:  # noqa: B027 - not every engine needs it
        """Read on in the files of the index to see whether they are damaged; asked now and then where no watcher is.

        What is found damaged is not answered from any more.
        """

    @abstractmethod
    def close(self) -> None:
        """Release what is held open. Closing twice is no error."""


class IndexSearcher(Searcher):
    """Searches the newest snapshot of an index. Threads share what is open, and wait for one another only with dear
    queries.
    """

    def __init__(self, reader: Reader, embedder: Embedder | None = None) -> None:
        self._reader = reader
        self._embedder = embedder
        self._verification = Verification(reader.root)
        self._budget = Budget()
        self._newest: SnapshotReader | None = None
        self._looked = 0.0

    def search(self, query: Query, now: datetime) -> Matches:
        commit = self._current()
        with self._budget.afforded(query, commit.costs) as (affordable, notices):
            return self._matches(affordable, notices, commit, now.timestamp())

    def _matches(self, query: Query, notices: tuple[Notice, ...], commit: SnapshotReader, moment: float) -> Matches:
        """The page of matches, of one commit, that a query wants which can be afforded, as `notices` tell."""
        found = collect(query, commit, moment)
        total = sum(len(matched.doc_ids) for matched in found)
        facets = commit.facets.count([matched.counted for matched in found], query.facet_size)
        matches: tuple[Match, ...] = ()
        last = query.page * query.per_page
        if total > last - query.per_page:
            page = self._ranked(query, found, commit, moment, last).take(slice(last - query.per_page, None))
            matches = matches_of(query, page, commit, [matched.scorer for matched in found], moment)
        findable = commit.findable(moment)
        others = related(query, self._embedder, [matched.doc_ids for matched in found], findable)
        texts = continuations(query, matches, findable) if query.suggest else ()
        return Matches(matches, total, facets, commit.state(moment), others, texts, bool(notices), notices)

    def langs(self) -> Collection[str]:
        return self._current().statistics.langs

    def doc_freq(self, term: str, now: datetime, *, prefix: bool = False) -> int:
        return self._current().doc_freq(term, now.timestamp(), prefix=prefix)

    def near(self, word: str, edits: int, now: datetime, *, begins: bool = False) -> Sequence[NearWord]:
        findable = self._current().findable(now.timestamp())
        words = ((reader.vocabulary, reader.terms, mask) for reader, mask in findable)
        return near_words(words, word, edits, begins=begins)

    def lang_counts(self, term: str) -> Mapping[str, int]:
        return self._current().statistics.lang_counts(term)

    def explain(self, query: Query, id: str, now: datetime) -> Explanation:
        commit = self._current()
        with self._budget.afforded(query, commit.costs) as (affordable, notices):
            explanation = self._explanation(affordable, id, commit, now.timestamp())
        return replace(explanation, notices=(*query.notices, *notices))

    def _explanation(self, query: Query, id: str, commit: SnapshotReader, moment: float) -> Explanation:
        """The explanation, by one commit, of a query that can be afforded."""
        found = collect(query, commit, moment)
        total = sum(len(matched.doc_ids) for matched in found)
        explanation = Explanation(query.text, parsed_text(query), query.notices, id, total=total)
        place = commit.find(id)
        if place is None:
            return explanation
        number, doc_id = place
        ranked = self._ranked(query, found, commit, moment, total)
        ranks = np.flatnonzero((ranked.segment == number) & (ranked.doc_id == doc_id)).tolist()
        meaning = ranked.meaning[ranks] if ranks else np.ones(1)
        told = explained(explanation, query, commit.segments[number], commit.statistics, doc_id, meaning, moment)
        return replace(told, rank=ranks[0] + 1 if ranks else None)

    def similar(self, id: str, count: int, now: datetime) -> Matches:
        commit, moment = self._current(), now.timestamp()
        matches = most_similar(id, count, commit, moment)
        return Matches(matches, len(matches), {}, commit.state(moment))

    def complete(self, text: str, count: int, now: datetime) -> Suggestions:
        commit, moment = self._current(), now.timestamp()
        return Suggestions(complete(text, count, commit.findable(moment)), commit.state(moment))

    def at(self, path: str, now: datetime) -> Document | None:
        wanted = np.uint64(text_hash(path))
        documents = [
            reader.documents[doc_id]
            for reader, mask in self._current().findable(now.timestamp())
            for doc_id in np.flatnonzero(mask & (reader.columns.doc_values.path == wanted)).tolist()
        ]
        found = [document for document in documents if path_of(document.url) == path]
        return min(found, key=lambda document: document.id, default=None)

    def post(self, id: str, now: datetime) -> Document | None:
        commit = self._current()
        place = commit.find(id)
        if place is None:
            return None
        number, doc_id = place
        shown = commit.findable(now.timestamp()).masks[number][doc_id]
        return commit.segments[number].documents[doc_id] if shown else None

    def state(self, now: datetime) -> IndexState:
        return self._current().state(now.timestamp())

    def suspect(self, error: Exception) -> None:
        self._reader.suspect(error)

    def verify(self) -> None:
        if self._verification.go_on():
            self.close()  # what is opened anew is checked

    def close(self) -> None:
        self._newest = None
        self._reader.close()

    def _ranked(
        self, query: Query, found: Sequence[SegmentMatches], commit: SnapshotReader, now: float, count: int
    ) -> Candidates:
        """The best `count` of what was found in all segments, of which there is at least one."""
        meaning = meaning_of(query, self._embedder, commit.segments)
        most = max(count, MAX_RESCORED) if meaning else count
        leading = candidates(query, found, commit.statistics.langs, most)
        return top(leading, query.sort, now, count, meaning.factors if meaning else None)

    def _current(self) -> SnapshotReader:
        """The newest commit, opened when it is first seen.

        A query asks several times; within a moment it gets the same without a further look at the files.

        Without a lock: it is whole before one assignment shows it to other threads. Two threads may make one at the
        same time; either is right, and the later stays.
        """
        newest, looked = self._newest, time.monotonic()
        if newest is None or looked - self._looked > MOMENT_SECONDS:
            snapshot = self._reader.snapshot()
            if newest is None or newest.snapshot is not snapshot:
                first, newest = newest is None, SnapshotReader(snapshot, newest)
                if first and self._embedder and not is_embedded(newest.segments, self._embedder):
                    logger.warning(
                        "meaning has no effect: the index was made without this model; run `postsearch reindex` with "
                        "the same setting `meaning`"
                    )
            self._newest, self._looked = newest, looked
        return newest


def collect(query: Query, commit: SnapshotReader, now: float) -> list[SegmentMatches]:
    """What matches in each segment."""
    weights = Weights(query, commit.statistics)
    return [matches_in(query, reader, mask, weights) for reader, mask in commit.findable(now)]


def matches_of(
    query: Query, page: Candidates, commit: SegmentReaders, scorers: Sequence[SegmentScorer], now: float
) -> tuple[Match, ...]:
    """The matches of a page, with their documents and what to mark in these, segment by segment."""
    langs = commit.statistics.langs
    matches: dict[int, Match] = {}
    for number in set(page.segment.tolist()):
        reader, scorer = commit.segments[number], scorers[number]
        rows = np.flatnonzero(page.segment == number)
        rows = rows[np.argsort(page.doc_id[rows])]
        doc_ids = page.doc_id[rows]
        documents = [reader.documents[doc_id] for doc_id in doc_ids.tolist()]
        parts = (
            score_parts(query, reader, scorer, langs, doc_ids, page.meaning[rows], now)
            if query.explain
            else repeat(None)
        )
        found = map(
            Match,
            documents,
            page.score[rows].tolist(),
            scorer.fields(doc_ids),
            highlight(query.clauses, reader, langs, doc_ids, documents),
            parts,
            (page.pin[rows] > 0).tolist(),
        )
        matches |= zip(rows.tolist(), found, strict=True)
    return tuple(matches[row] for row in range(len(page)))
