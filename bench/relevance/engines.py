"""The engines whose ranking is measured: ours as people use it, and its peers, asked for any of the words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from bench.peers import OURS, Ranker
from bench.relevance.cases import Case, Engine
from bench.relevance.similar import SIMILAR
from index import Document, Settings, reindex
from index.settings import PREFIX, load_settings
from search import Search

__all__ = ["FUZZY", "RANKERS", "built", "ours"]

FUZZY = "tantivy_fuzzy"
RANKERS = ("whoosh", "fts5_unweighted", "fts5", "tantivy", FUZZY)
"""The keys of the peers that rank; the fuzzy one finds misspelled words."""

MAX_HITS = 100


@contextmanager
def built(
    posts: Path, documents: Sequence[Document], kinds: Sequence[type[Ranker]], scratch: Path
) -> Iterator[list[Engine]]:
    """Ours first, which reads the posts from their files, and the peers, which are given the documents."""
    with ExitStack() as stack:
        settings = ours(posts, scratch)
        reindex(settings)
        service = stack.enter_context(closing(Search(settings)))

        def find(case: Case, hits: int) -> list[str]:
            if case.kind == SIMILAR:
                return [hit.id for hit in service.similar(case.text, hits).hits]
            return [hit.id for hit in service.run(case.text, per_page=hits).hits]

        engines = [Engine(OURS, OURS, find)]
        for kind in kinds:
            folder = scratch / kind.key
            folder.mkdir(mode=0o700)
            engines.append(peer_engine(stack.enter_context(closing(kind())), documents, folder))
        yield engines


def ours(posts: Path, scratch: Path) -> Settings:
    """The settings of our engine, as `built` builds it there: its kind and its model of meaning are of the environment.

    In a cluster, the index of each collection has a name of its own, that of its scratch folder at the end.
    """
    given = tuple(PREFIX + name for name in ("MEANING", "ENGINE", "OPENSEARCH_"))
    environ = {name: value for name, value in os.environ.items() if name.startswith(given)}
    flags = {"posts": posts, "index": scratch / OURS, "max_per_page": MAX_HITS}
    settings = load_settings(flags, environ=environ, toml=None)
    return replace(settings, opensearch_index=f"{settings.opensearch_index}-{scratch.name.lower()}")


def peer_engine(peer: Ranker, documents: Sequence[Document], folder: Path) -> Engine:
    """The peer, with the documents in it."""
    peer.build(documents, folder)
    return Engine(peer.key, peer.name, lambda case, hits: peer.rank(case.words, hits))
