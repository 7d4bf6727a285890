"""The write side: reads posts, turns them into documents and keeps them in an index.

`reindex` and `Watcher` load what reads posts when they are first asked for, so that a process which only searches does
without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.errors import (
    IndexBusy,
    IndexDamaged,
    IndexFault,
    IndexMissing,
    ParameterError,
    PostError,
    PostSearchError,
    SettingsError,
    UnlikelyRemoval,
)
from index.schema import Document
from index.settings import Settings

if TYPE_CHECKING:
    from index.indexer.run import reindex
    from index.watching.watcher import Watcher

__all__ = [
    "Document",
    "IndexBusy",
    "IndexDamaged",
    "IndexFault",
    "IndexMissing",
    "ParameterError",
    "PostError",
    "PostSearchError",
    "Settings",
    "SettingsError",
    "UnlikelyRemoval",
    "Watcher",
    "reindex",
]

LAZY = {"Watcher": "index.watching.watcher", "reindex": "index.indexer.run"}

if not TYPE_CHECKING:  # hidden from type checkers, which would believe that any name is there

    def __getattr__(name: str) -> Any:
        if name in LAZY:
            return getattr(import_module(LAZY[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
