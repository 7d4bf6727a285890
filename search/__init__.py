"""The query side: a text from a search box is parsed, answered from the index and shown as hits."""

from typing import TYPE_CHECKING, Any

from search.results import Hit, Results
from search.service import Search

if TYPE_CHECKING:
    from search.extension import PostSearch

__all__ = ["Hit", "PostSearch", "Results", "Search"]


def __getattr__(name: str) -> Any:
    if name == "PostSearch":
        from search.extension import PostSearch  # Flask is loaded by those alone who use it

        return PostSearch
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
