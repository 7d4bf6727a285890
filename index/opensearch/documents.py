"""A document as the cluster keeps it, and the way back: the fields of `mapping`."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from index.analysis import is_plain_word
from index.analysis.names import MAX_SUGGESTED_CHARS, words_of
from index.arrays import sizes_of
from index.embedding import Embedder
from index.errors import IndexDamaged
from index.opensearch.client import Operation
from index.opensearch.commits import document_key
from index.opensearch.mapping import FACET_SEPARATOR, NAME_KINDS
from index.opensearch.packing import pack, term_texts
from index.schema import FIELDS, Document
from index.schema.keys import name_key, path_of
from index.schema.stored import document_of, stored_of
from index.segments.inversion import invert
from index.segments.segment import Segment

__all__ = ["FETCH", "FETCH_PACKED", "KEPT", "document_of_source", "operations_of", "packed_of", "removal"]

REPLACEMENT = "\ufffd"
"""What stands for a `FACET_SEPARATOR` that is in a name itself."""

EVER_SECONDS = 1e18
"""Before the one and after the other, all posts may be found that name no bound themselves."""

KEPT = "id", "stored", "body_text"
"""The parts of `_source` that `document_of_source` needs."""

FETCH_PACKED = {"_source": False, "stored_fields": ["packed"]}
"""Asks of a search for hits with their packed postings, and no more."""

FETCH = {"_source": list(KEPT), "stored_fields": ["packed"]}
"""The same with their documents."""


def operations_of(documents: Sequence[Document], embedder: Embedder | None = None) -> list[Operation]:
    """What writes the documents; made in any process."""
    segment = invert(documents, embedder)
    ties, counts = segment.records.doc_values.tie.tolist(), token_counts(segment)
    columns = term_texts(segment), pack(segment), counts, plain_words(segment), ties
    operations = []
    for document, *values in zip(documents, *columns, strict=True):
        source = source_of(document, *values)
        header = json.dumps({"index": {"_id": document_key(document.id)}})
        text = json.dumps(source, ensure_ascii=False, separators=(",", ":"))
        operations.append(Operation(document.id, f"{header}\n{text}\n".encode()))
    return operations


def names_of(document: Document) -> dict[str, list[str]]:
    """The title, the tags and the headings that may complete what is typed, each once, and their words."""
    texts = (document.title,), document.tags, [section.title for section in document.sections]
    short = [
        (kind, name, " ".join(words_of(name)))
        for kind, names in zip(NAME_KINDS, texts, strict=True)
        for name in names
        if len(name) <= MAX_SUGGESTED_CHARS
    ]
    return {
        "names": sorted({f"{kind} {words}{FACET_SEPARATOR}{name}" for kind, name, words in short if words}),
        "name_words": sorted({words for _, _, words in short if words}),
    }


def removal(id: str) -> Operation:
    """What removes the document of this id."""
    return Operation(id, json.dumps({"delete": {"_id": document_key(id)}}).encode() + b"\n")


def source_of(
    document: Document,
    terms: Mapping[str, Sequence[str]],
    packed: bytes,
    counts: Mapping[str, int],
    words: Sequence[str],
    tie: int,
) -> dict[str, Any]:
    """All fields of a document; `terms` are the texts of each searched field, and `counts` its numbers of tokens."""
    date = document.date
    source = {
        **terms,
        "id": document.id,
        "title_key": [name_key(title) for title in (document.title, *document.aliases)],
        "tag_key": [name_key(name) for name in document.tags],
        "author_key": [name_key(name) for name in document.author],
        "category_key": [name_key(name) for name in document.category],
        "tag_facet": [facet_value(name) for name in document.tags],
        "author_facet": [facet_value(name) for name in document.author],
        "lang": document.lang.lower(),
        "path": path_of(document.url),
        "visible_from": seconds(document.visible_from, -EVER_SECONDS),
        "visible_to": seconds(document.visible_to, EVER_SECONDS),
        "boost": document.boost,
        "tie": tie,
        "token_counts": counts,
        "words": " ".join(words),
        **names_of(document),
        "stored": stored_of(document).decode(),
        "body_text": document.body,
        "packed": b64encode(packed).decode(),
    }
    if date:
        source |= {"date": date.timestamp(), "day": date.toordinal(), "year": date.year}
    if document.site:
        source["site"] = document.site
    return source


def document_of_source(source: Mapping[str, Any]) -> Document:
    """The document that was kept. Raises `IndexDamaged` for what makes none."""
    try:
        return document_of(source["id"], source["body_text"], source["stored"].encode())
    except (KeyError, TypeError, ValueError) as error:
        raise IndexDamaged(f"what the cluster keeps of a document can't be read: {error}") from error


def packed_of(hit: Mapping[str, Any]) -> bytes:
    """The packed postings of a hit that was asked for with `FETCH_PACKED`."""
    return b64decode(hit["fields"]["packed"][0])


def facet_value(name: str) -> str:
    """A name as facets count it: spellings that fold alike begin alike."""
    return f"{name_key(name).replace(FACET_SEPARATOR, REPLACEMENT)}{FACET_SEPARATOR}{name}"


def seconds(moment: datetime | None, missing: float) -> float:
    return moment.timestamp() if moment else missing


def token_counts(segment: Segment) -> list[dict[str, int]]:
    """The number of tokens in each field of each document."""
    postings = segment.postings
    fields = np.repeat(postings.fields, sizes_of(postings.postings)).astype(np.int64)
    cells = postings.docs * np.int64(len(FIELDS)) + fields
    counts = np.bincount(cells, postings.tokens.sizes(), segment.size * len(FIELDS)).astype(np.int64)
    names = [field.name for field in FIELDS]
    return [dict(zip(names, row, strict=True)) for row in counts.reshape(-1, len(FIELDS)).tolist()]


def plain_words(segment: Segment) -> list[list[str]]:
    """The words of each document that others may be misspellings of."""
    postings, found = segment.postings, [list[str]() for _ in range(segment.size)]
    for number in postings.words.tolist():
        if is_plain_word(word := postings.terms[number].decode()):
            first, last = postings.postings[postings.entries[number : number + 2]].tolist()
            for doc_id in set(postings.docs[first:last].tolist()):
                found[doc_id].append(word)
    return found
