"""The index side: posts are read, turned into documents and written to an index.

What a host needs lies here; `index.indexer.reindex` and `index.watching.watcher.Watcher` are imported by whoever runs
them, so that a process that only searches does not load what reads posts.
"""

from index.errors import PostSearchError
from index.schema import Document
from index.settings import Settings

__all__ = ["Document", "PostSearchError", "Settings"]
