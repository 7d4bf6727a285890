"""Noticing what changes: the file system's events go in as hints, runs of the indexer come out of `watcher`."""

__all__: list[str] = []
