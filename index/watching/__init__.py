"""Watching the folder of posts: events of the file system become runs of the indexer. It starts in `watcher`."""

__all__: list[str] = []
