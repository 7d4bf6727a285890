"""What the rules of all generators for the addresses of pages have in common.

Each generator is one module with one frozen class of rules, made from the generator's own configuration files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from index.posts.metadata import Metadata

__all__ = ["GeneratorConfig", "Rules"]


class Rules(Protocol):
    """How one generator names its pages."""

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the post lies: a path from the root of the site, not encoded, or an absolute URL.

        `path` is that of the file below the folder which holds the generator's configuration. None says that the
        generator makes no page of this file, or none whose URL can be told.
        """
        ...


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """What the configuration of a generator says about the site; "" where it says nothing.

    `base` is the URL, or the path, that the pages lie below.
    """

    rules: Rules
    base: str = ""
    timezone: str = ""
    lang: str = ""
