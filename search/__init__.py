"""The read side: a text from a search box is parsed, answered from the index and shown as hits.

What is asked for is loaded then: a program without a server does without Flask, and a command answers Ctrl-C while it
loads.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.query import Filters
    from search.results import Hit, Results
    from search.service import Search
    from search.web.extension import PostSearch, create_app

__all__ = ["Filters", "Hit", "PostSearch", "Results", "Search", "create_app"]

LAZY = {
    "Filters": "search.query",
    "Hit": "search.results",
    "PostSearch": "search.web.extension",
    "Results": "search.results",
    "Search": "search.service",
    "create_app": "search.web.extension",
}

if not TYPE_CHECKING:  # hidden from type checkers, which would believe that any name is there

    def __getattr__(name: str) -> Any:
        if name in LAZY:
            return getattr(import_module(LAZY[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
