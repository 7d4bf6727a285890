"""What the rules of all generators have in common.

Each generator is one module with one frozen class of rules, made from the generator's own configuration files.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata

__all__ = ["SITE_CONFIG", "GeneratorConfig", "Rules"]

SITE_CONFIG = "the site's configuration"
"""How the configuration is named where it says something for posts."""


class Rules(ABC):
    """How one generator takes a file: whether it makes a page of it, what the site says of it, and its address.

    `path` is everywhere that of the file below the folder which holds the generator's configuration.
    """

    __slots__ = ()

    def left_out(self, path: str) -> str | None:  # noqa: ARG002 - for those that leave files out
        """Why the generator makes no page of the file, whatever that holds; None where it may make one."""
        return None

    def inherited(self, path: str) -> Iterable[Inherited]:  # noqa: ARG002 - for those that know defaults
        """What counts for the file unless its own header says something else; the later counts more.

        Raises `PostError` where it can't be read.
        """
        return ()

    def restated(self, path: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - for those that rename
        """The header of the file, with keys that only this site knows under the names that all know."""
        return fields

    def above(self, folder: str) -> Iterable[Inherited]:  # noqa: ARG002 - for those that have sections
        """The headers of all sections that a folder, "" or with a final `/`, lies in. Raises what `sections` does."""
        return ()

    def sections(self, path: str) -> Iterable[Inherited]:  # noqa: ARG002 - for those that have sections
        """The headers of the sections that the file lies in, the outermost first: while one of them may not be found,
        neither may the file. Raises `PostError` where one can't be read.
        """
        return ()

    def heirs(self, path: str) -> str | None:  # noqa: ARG002 - for those that have sections
        """The folder, "" or with a final `/`, of the files to which the header of this one counts too, if any."""
        return None

    @abstractmethod
    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the post lies: a path from the root of the site, not encoded, or an absolute URL.

        None says that the generator makes no page of this file, or none whose URL can be told.
        """


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """What the configuration of a generator says about the site; "" where it says nothing.

    `base` is the URL, or the path, that the pages lie below.
    """

    rules: Rules
    base: str = ""
    timezone: str = ""
    lang: str = ""
