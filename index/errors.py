"""Everything that postsearch raises on purpose.

PostSearchError
├── SettingsError       an option has a value that can't be used
│   └── CurationError   a file beside the posts, such as synonyms.yml, can't be used (line, column)
├── PostError           one post can't be read (path, line, column)
├── UnlikelyRemoval     most posts are gone from their folder, which may be a mistake (gone, posts)
├── ParameterError      a request asks for something that can't be given (code)
└── IndexFault          the index can't be used now
    ├── IndexMissing    nothing has been indexed there yet
    ├── IndexBusy       another process is writing to it
    ├── IndexDamaged    its files can't be read: rebuild it from the posts
    └── ClusterFault    the cluster that holds it does not answer as it should
        └── QueryTooLong    a query has more words and phrases than its nodes take
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "ClusterFault",
    "CurationError",
    "Finding",
    "IndexBusy",
    "IndexDamaged",
    "IndexFault",
    "IndexMissing",
    "ParameterError",
    "PostError",
    "PostSearchError",
    "QueryTooLong",
    "SettingsError",
    "UnlikelyRemoval",
]


class PostSearchError(Exception):
    """The root of the tree: catch this to catch all of ours."""


class SettingsError(PostSearchError):
    """An option has a value that can't be used."""


class CurationError(SettingsError):
    """A file beside the posts that says something of the search can't be used; `line` and `column` as of a post."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.message = message
        self.line = line
        self.column = column


class PostError(PostSearchError):
    """One post can't be read; the others are none the worse for it.

    `line` and `column` count from 1 and say where in the file; 0 means the file as a whole.
    """

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class UnlikelyRemoval(PostSearchError):
    """Most posts are gone from their folder, as when it is not mounted, so that nothing of it was changed.

    `gone` of the `posts` that the index holds would be removed, less those that came; `command` removes them.
    `folders` are the one, or those of several, by what their ids begin with. `origin` is where the posts of the index
    lie, where that is another folder.
    """

    def __init__(self, folders: Mapping[str, object], *, gone: int, posts: int, command: str, origin: str = "") -> None:
        where = " and ".join(map(str, folders.values()))
        told = f"{gone} of {posts} posts are gone from {where}: nothing of it was changed; if that is meant,"
        if origin:
            told = (
                f"the index is of the posts in {origin}, of which {gone} are not in {where}: nothing was changed; give"
                " another index with --index, or, if they are to go,"
            )
        super().__init__(f"{told} run `{command}`")
        self.folders = folders
        self.origin = origin
        self.gone = gone
        self.posts = posts


class ParameterError(PostSearchError):
    """A request parameter has a value that can't be used; `code` names the case for programs.

    `message` is in English. `sentence`, with `params` for its gaps, is its name in what visitors are told; that
    is "" where no address can lead to it.
    """

    def __init__(
        self, code: str, message: str, sentence: str = "", params: Mapping[str, str | int] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.sentence = sentence
        self.params = params or {}


class IndexFault(PostSearchError):
    """The index can't be used now; the subclasses say why."""


class IndexMissing(IndexFault):
    """Nothing has been indexed there yet."""


class IndexBusy(IndexFault):
    """Another process is writing to the index and did not finish in time."""


class IndexDamaged(IndexFault):
    """The index files can't be read; a reindex rebuilds them from the posts."""


class ClusterFault(IndexFault):
    """The cluster that holds the index can't be reached, refuses, or has lost a part of it; it may come back."""


class QueryTooLong(ClusterFault):
    """A query has more words and phrases than the nodes of a cluster take; the same with fewer may be answered."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd about a post without stopping it: not raised, but told in the report of a run.

    `line` and `column` count from 1 in the file; 0 where no place can be named.
    """

    message: str
    line: int = 0
    column: int = 0
