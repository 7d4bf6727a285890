"""The mapping: how a document of ours is kept as a document of OpenSearch.

The terms of a text are made here, by `index.analysis`, and sent as one text: the terms of one position are joined by
`FORM`, and positions by `POSITION`. The analyzer of the index only parts them again, so that both engines hold the same
terms at the same positions. What the nodes need for filters, facets and sorting lies in columns of its own. The
document itself, and its postings as `packing` packs them, are only kept: with these the code of the embedded engine
ranks, marks and explains what the nodes found.
"""

from __future__ import annotations

from typing import Any

from index.schema import FIELDS, GAP, SCHEMA_VERSION

__all__ = [
    "BEGINNING_LETTERS",
    "FACET_SEPARATOR",
    "FORM",
    "HOLE",
    "MAX_TERM_BYTES",
    "NAME_KINDS",
    "POSITION",
    "index_body",
]

FORM = "\x01"
"""What stands between the terms of one position, which no term holds."""

POSITION = "\n"
"""What stands between positions, which no term holds either: a few, such as that of \ufdfa, hold blanks."""

HOLE = "\x03"
"""What stands where no term does."""

FACET_SEPARATOR = "\x02"
"""What stands between a name as it is folded and as it is written, in facet values and in `names`."""

MAX_TERM_BYTES = 32_766
"""Lucene refuses documents with longer terms, in UTF-8. Here hardly any has more than a hundred characters."""

MAX_ALLOCATIONS = 50
"""How often the nodes try to make a copy of a shard, each time for up to five seconds."""

MAX_POSITION_CHARS = 1_048_576
"""The most that OpenSearch takes for the terms of one position; it would make two of more."""

BEGINNING_LETTERS = range(3, 13)
"""How long the beginnings of words are that are kept, among which those near a misspelt one are looked for."""

NAME_KINDS = "T", "G", "H"
"""What stands before the folded words of a title, a tag and a heading among `names`."""

MAX_WINDOW = 10_000
"""How far the nodes count pages by themselves; beyond, they are asked for what comes after a hit."""


def index_body(shards: int, replicas: int) -> dict[str, Any]:
    """The settings and the mapping of a new index.

    It is refreshed by commits alone, so that a batch of changes is seen as a whole in each shard; of several shards,
    one may be seen a moment before another.
    """
    text = {"type": "text", "analyzer": "terms"}
    words = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "docs"}
    kept = {"type": "keyword", "index": False, "doc_values": False}
    column = {"type": "keyword", "ignore_above": 8191}
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",
            "max_result_window": MAX_WINDOW,
            # A node that hung may hold on to its old copy of a shard for minutes, in which the five tries that are
            # usual fail, and the copy would be missing for good.
            "allocation.max_retries": MAX_ALLOCATIONS,
            # As of `search.engine.similarity`, with which the best are ranked anew.
            "similarity": {"default": {"type": "BM25", "k1": 1.2, "b": 0.8, "discount_overlaps": False}},
            "analysis": {
                "tokenizer": {
                    "positions": {
                        "type": "char_group",
                        "tokenize_on_chars": [POSITION],
                        "max_token_length": MAX_POSITION_CHARS,
                    }
                },
                "filter": {
                    "holes": {"type": "stop", "stopwords": [HOLE]},
                    "forms": {"type": "pattern_capture", "preserve_original": False, "patterns": [f"([^{FORM}]+)"]},
                    "beginnings": {
                        "type": "edge_ngram",
                        "min_gram": BEGINNING_LETTERS[0],
                        "max_gram": BEGINNING_LETTERS[-1],
                    },
                },
                "analyzer": {
                    "terms": {"tokenizer": "positions", "filter": ["holes", "forms"]},
                    "beginnings": {"tokenizer": "whitespace", "filter": ["beginnings"]},
                },
            },
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": {"postsearch": SCHEMA_VERSION},
            "_source": {"includes": ["id", "stored", "body_text", "commit"]},
            "properties": {
                **{field.name: {**text, "position_increment_gap": GAP} for field in FIELDS},
                # Columns. Times are seconds since 1970, `day` and `date` are missing where a post has no date.
                "id": {"type": "keyword"},
                "title_key": column,  # `name_key` of the title and of the aliases
                "tag_key": column,
                "author_key": column,
                "category_key": column,
                "tag_facet": column,
                "author_facet": column,
                "lang": column,
                "site": column,
                "path": column,
                "day": {"type": "integer"},
                "year": {"type": "integer"},
                "date": {"type": "double"},
                "visible_from": {"type": "double"},
                "visible_to": {"type": "double"},
                "boost": {"type": "double"},
                "tie": {"type": "long"},
                "token_counts": {"type": "object", "properties": {f.name: {"type": "integer"} for f in FIELDS}},
                # What misspelt and unfinished words are compared with: see `search.opensearch`.
                "words": {**words, "fields": {"begins": {**words, "analyzer": "beginnings"}}},
                "names": {"type": "keyword"},
                "name_words": {"type": "text", "analyzer": "whitespace", "norms": False},
                # What is kept of a document, and never looked at by the nodes.
                "stored": {"type": "object", "enabled": False},
                "body_text": kept,
                "packed": {"type": "binary", "store": True},  # apart from `_source`, so that it can be had without that
                # The record of the newest commit, in a document of its own: see `commits`.
                "commit": {"type": "object", "enabled": False},
            },
        },
    }
