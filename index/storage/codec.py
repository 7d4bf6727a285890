"""The codec: how Whoosh writes and reads segments of ours, which makes an index of them an index of Whoosh's.

Whoosh's writer takes whole segments (`PostWriter.add`), and single documents where it merges by itself. Its searcher
runs any query over our postings by `TermsReader` and what stands below; postsearch searches the arrays themselves. The
tests hold both to one answer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Self, cast

import numpy as np
from whoosh.codec import base
from whoosh.filedb.filestore import Storage
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from index.arrays import Array, sizes_of
from index.schema import FIELD_NUMBERS, FIELDS, Document
from index.schema.stored import document_of
from index.segments.files import check_arrays
from index.segments.inversion import invert
from index.segments.lengths import LENGTHS
from index.segments.merging import MergeInput, merge
from index.segments.segment import Segment, read_segment, write_segment
from index.storage.toc import SUFFIX, SegmentInfo

__all__ = ["SPILL_PREFIX", "SPILL_SUFFIX", "PostCodec", "PostSegment"]

ID = "id"
SPILL_PREFIX, SPILL_SUFFIX = "MAIN_", ".spill"
MAX_BUFFERED_BYTES = 512_000_000
"""Bytes of arrays that are gathered in memory before they are merged into a temporary file."""


class PostSegment(base.Segment):  # type: ignore[misc]
    """What the table of contents keeps of a segment: its name, its size, and the numbers of deleted documents."""

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self._size = 0
        self._deleted: set[int] = set()

    def __getstate__(self) -> dict[str, Any]:
        """What the table of contents holds of it: plain values, the deleted documents as a bit each or as nothing."""
        return {**self.__dict__, "_deleted": self.info.deleted}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        bits = np.unpackbits(np.frombuffer(state["_deleted"], np.uint8))[: state["_size"]]
        self.__dict__.update(state, _deleted=set(np.flatnonzero(bits).tolist()))

    @classmethod
    def of(cls, info: SegmentInfo) -> Self:
        """The segment of which a table of contents says this."""
        segment = cls("MAIN")
        segment.__setstate__({"segid": info.id, "_size": info.size, "_deleted": info.deleted})
        return segment

    @property
    def info(self) -> SegmentInfo:
        """What a table of contents says of it."""
        deleted = np.zeros(self._size, np.bool_)
        deleted[list(self._deleted)] = True
        return SegmentInfo(self.segid, self._size, np.packbits(deleted).tobytes() if self._deleted else b"")

    def opened(self, storage: Storage) -> Segment:
        """Its arrays. Where `optimize` left nothing, no file was written."""
        return self.info.open(Path(storage.folder)) if self._size else invert([])

    def codec(self) -> PostCodec:
        return PostCodec()

    def should_assemble(self) -> bool:
        return False

    def set_doc_count(self, count: int) -> None:
        self._size = count

    def doc_count_all(self) -> int:
        return self._size

    def deleted_count(self) -> int:
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        return iter(self._deleted)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        (self._deleted.add if delete else self._deleted.discard)(docnum)

    def is_deleted(self, docnum: int) -> bool:
        return docnum in self._deleted


class PostCodec(base.Codec):  # type: ignore[misc]
    """See the module."""

    length_stats = False

    def new_segment(self, storage: Storage, indexname: str) -> PostSegment:
        return PostSegment(indexname)

    def per_document_writer(self, storage: Storage, segment: PostSegment) -> PostWriter:
        return PostWriter(storage, segment)

    def field_writer(self, storage: Storage, segment: PostSegment) -> NoWriter:
        return NoWriter()

    def terms_reader(self, storage: Storage, segment: PostSegment) -> TermsReader:
        return TermsReader(segment.opened(storage))

    def per_document_reader(self, storage: Storage, segment: PostSegment) -> RecordsReader:
        return RecordsReader(segment.opened(storage), segment)


class PostWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Gathers what becomes one segment, and writes it when it is closed."""

    def __init__(self, storage: Storage, segment: PostSegment) -> None:
        self._storage = storage
        self._segment = segment
        self._fields: dict[str, Any] = {}
        self._documents: list[Document] = []
        self._parts: list[MergeInput] = []
        self._spilled: list[tuple[BinaryIO, MergeInput]] = []
        self._files = ExitStack()
        self._bytes = 0
        self.is_closed = False

    def add(self, part: MergeInput) -> None:
        """Take what is kept of a segment as the next documents."""
        self._settle()
        if self._bytes > MAX_BUFFERED_BYTES:
            self._spill()
        self._parts.append(part)
        self._bytes += part.segment.nbytes

    def _spill(self) -> None:
        """Move what has been gathered to a file without a name, from where it is merged in the end."""
        merged = merge(self._parts)
        spill = TemporaryFile(dir=self._storage.folder, prefix=SPILL_PREFIX, suffix=SPILL_SUFFIX)  # noqa: SIM115
        file = self._files.enter_context(spill)
        write_segment(file, merged)
        file.flush()
        self._spilled.append((file, MergeInput.whole(read_segment(file))))
        self._parts, self._bytes = [], 0

    def forget(self) -> None:
        """Let go of all that was gathered."""
        self._documents, self._parts, self._spilled = [], [], []
        self._files.close()

    def start_doc(self, docnum: int) -> None:
        self._fields = {}

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:
        self._fields[fieldname] = value

    def finish_doc(self) -> None:
        values = self._fields
        self._documents.append(document_of(values["id"], values["body"], values["rest"]))

    def _settle(self) -> None:
        if self._documents:
            documents, self._documents = self._documents, []
            self.add(MergeInput.whole(invert(documents)))

    def close(self) -> None:
        self._settle()
        if parts := [*(part for _, part in self._spilled), *self._parts]:
            merged = merge(parts)
            for file, _ in self._spilled:  # which were merged as they are mapped
                for _ in check_arrays(file):
                    pass
            self._write(merged)
        self.forget()
        self.is_closed = True

    def _write(self, segment: Segment) -> None:
        """Write the segment; where that fails, leave nothing of it, as room may be what is wanting."""
        name = self._segment.make_filename(SUFFIX)
        try:
            with self._storage.create_file(name) as file:
                write_segment(file, segment.packed())
        except BaseException:
            Path(self._storage.folder, name).unlink(missing_ok=True)
            raise


class NoWriter(base.FieldWriter):  # type: ignore[misc]
    """Takes no postings: those of a document are made of the document itself."""

    is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Any]) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


class TermsReader(base.TermsReader):  # type: ignore[misc]
    """The terms of all fields, one entry each, in the order of the fields' names; ids are terms too."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._postings = segment.postings
        self._records = segment.records
        self._lexicons: dict[str, list[bytes]] = {}

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._found(*term) is not None

    def _found(self, fieldname: str, text: bytes) -> tuple[int, int] | None:
        """The postings of a term, from the first to before the last; of an id, its document and the next."""
        if fieldname == ID:
            doc_id = self._records.find(text.decode())
            return None if doc_id is None else (doc_id, doc_id + 1)
        number = self._postings.terms.find(text)
        if number < 0:
            return None
        first, last = self._postings.entries[number : number + 2].tolist()
        for entry in range(first, last):
            if self._postings.fields[entry] == FIELD_NUMBERS.get(fieldname):
                return cast(tuple[int, int], tuple(self._postings.postings[entry : entry + 2].tolist()))
        return None

    def _lexicon(self, fieldname: str) -> list[bytes]:
        """All terms of a field, sorted."""
        if fieldname not in self._lexicons:
            if fieldname == ID:
                found = [self._records.ids[doc_id] for doc_id in self._records.by_id.tolist()]
            else:
                counts = sizes_of(self._postings.entries)
                owners = np.repeat(np.arange(len(counts)), counts)
                here = owners[self._postings.fields == FIELD_NUMBERS.get(fieldname)]
                found = [self._postings.terms[number] for number in here.tolist()]
            self._lexicons[fieldname] = found
        return self._lexicons[fieldname]

    def indexed_field_names(self) -> list[str]:
        return sorted([ID, *FIELD_NUMBERS])

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return ((name, text) for name in self.indexed_field_names() for text in self._lexicon(name))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                lexicon = self._lexicon(name)
                first = bisect_left(lexicon, prefix) if name == fieldname else 0
                yield from ((name, text) for text in lexicon[first:])

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def cursor(self, fieldname: str, fieldobj: Any) -> Cursor:
        return Cursor(self._lexicon(fieldname))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        matcher = self.matcher(fieldname, text, None)
        lengths = matcher.lengths if fieldname != ID else np.zeros(1, np.int64)
        weights = matcher.weights
        return TermInfo(
            weight=float(weights.sum()),
            df=len(weights),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(weights.max()),
            minid=int(matcher.ids[0]),
            maxid=int(matcher.ids[-1]),
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self.term_info(fieldname, text).weight()) if (fieldname, text) in self else 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        found = self._found(fieldname, text)
        return found[1] - found[0] if found else 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        found = self._found(fieldname, text)
        if not found:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        return ArrayMatcher(self._segment, (fieldname, text), found, format_, scorer)

    def close(self) -> None:
        pass


class Cursor(base.FieldCursor):  # type: ignore[misc]
    """A cursor over the terms of a field, as text."""

    def __init__(self, lexicon: list[bytes]) -> None:
        self._lexicon = lexicon
        self._rank = 0

    def first(self) -> str | None:
        self._rank = 0
        return self.text()

    def find(self, text: str | bytes) -> str | None:
        self._rank = bisect_left(self._lexicon, text.encode() if isinstance(text, str) else text)
        return self.text()

    def next(self) -> str | None:
        self._rank += 1
        return self.text()

    def text(self) -> str | None:
        return self._lexicon[self._rank].decode() if self.is_valid() else None

    term = text

    def is_valid(self) -> bool:
        return self._rank < len(self._lexicon)


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """The postings of one term in one field, one by one as Whoosh takes them."""

    def __init__(
        self, segment: Segment, term: tuple[str, bytes], found: tuple[int, int], format_: Any, scorer: Any, at: int = 0
    ) -> None:
        self._segment = segment
        self._term = term
        self._found = found
        self._at = at
        self.format = format_
        self.scorer = scorer
        self.ids: Array
        first, last = found
        if term[0] == ID:
            self.ids = np.arange(first, last)
            self.weights: Array = np.ones(1, np.int64)
        else:
            self.ids = segment.postings.docs[first:last]
            self.weights = segment.postings.tokens.sizes(slice(first, last))

    @property
    def lengths(self) -> Array:
        """The length of the field in each document, as far as it is told apart."""
        codes = self._segment.records.lengths[FIELD_NUMBERS[self._term[0]], self.ids]
        found: Array = LENGTHS[codes]
        return found

    def is_active(self) -> bool:
        return self._at < len(self.ids)

    def reset(self) -> None:
        self._at = 0

    def copy(self) -> ArrayMatcher:
        return ArrayMatcher(self._segment, self._term, self._found, self.format, self.scorer, self._at)

    def id(self) -> int:
        if not self.is_active():
            raise ReadTooFar
        return int(self.ids[self._at])

    def all_ids(self) -> Iterator[int]:
        return iter(self.ids[self._at :].tolist())

    def next(self) -> bool:
        self._at += 1
        return True

    def skip_to(self, id: int) -> None:
        self._at = max(self._at, int(np.searchsorted(self.ids, id)))

    def weight(self) -> float:
        return float(self.weights[self._at])

    def value(self) -> bytes:
        if self._term[0] == ID:
            return b""
        postings = self._segment.postings
        posting = self._found[0] + self._at
        first, last = postings.tokens[posting : posting + 2].tolist()
        tokens, field = slice(first, last), np.array(FIELD_NUMBERS[self._term[0]])
        starts = self._segment.starts(tokens, self.ids[self._at], field)
        numbers = (postings.positions[tokens], starts, starts + postings.widths[tokens])
        return np.stack(numbers, axis=1).astype(np.uint32).tobytes()

    def supports_block_quality(self) -> bool:
        return False


class RecordsReader(base.PerDocumentReader):  # type: ignore[misc]
    """What is kept of each document."""

    def __init__(self, segment: Segment, info: PostSegment) -> None:
        self._segment = segment
        self._info = info
        self._totals = segment.postings.totals()

    def doc_count(self) -> int:
        return int(self._info.doc_count())

    def doc_count_all(self) -> int:
        return self._info.doc_count_all()

    def has_deletions(self) -> bool:
        return self._info.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        return self._info.is_deleted(docnum)

    def deleted_docs(self) -> Iterator[int]:
        return self._info.deleted_docs()

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        number = FIELD_NUMBERS.get(fieldname)
        return default if number is None else int(LENGTHS[self._segment.records.lengths[number, docnum]])

    def field_length(self, fieldname: str) -> int:
        return int(self._totals[FIELD_NUMBERS[fieldname]]) if fieldname in FIELD_NUMBERS else 0

    def min_field_length(self, fieldname: str) -> int:
        return int(LENGTHS[self._segment.records.lengths[FIELD_NUMBERS[fieldname]].min(initial=255)])

    def max_field_length(self, fieldname: str) -> int:
        return int(LENGTHS[self._segment.records.lengths[FIELD_NUMBERS[fieldname]].max(initial=0)])

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        document = self._segment.document(docnum)
        stored = {field.name: getattr(document, field.name) for field in FIELDS}
        return {ID: document.id, "rest": self._segment.records.stored[docnum], **stored}
