"""Writes documents into an index, and tells what it holds as its writer reads it back."""

from __future__ import annotations

from index.schema import Document
from index.settings import Settings
from index.storage import open_writer
from index.storage.lock import index_lock


def stored_documents(settings: Settings) -> dict[str, Document]:
    """The documents of the newest commit, by id; waits for a run that is going on."""
    with index_lock(settings), open_writer(settings) as writer:
        return {id: document for id in writer.ids() if (document := writer.get(id))}


def write(settings: Settings, *documents: Document, fresh: bool = False) -> int:
    """Put the documents and commit them; the number of the commit."""
    with open_writer(settings, fresh=fresh) as writer:
        for document in documents:
            writer.put(document)
        return writer.commit()
