"""What all generators have in common: how their configuration is found, and what their rules answer.

Each generator is one module with a `Generator` and a frozen class of rules, made from its own configuration files.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.markup.dialect import PLAIN, Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.settings import Settings, zone_named
from index.sites.generators.config import ConfigFiles

__all__ = ["SITE_CONFIG", "Generator", "GeneratorConfig", "Place", "Rules"]

SITE_CONFIG = "the site's configuration"
"""How the configuration is named where it says something for posts."""


class Rules(ABC):
    """How one generator takes a file: whether it makes a page of it, what the site says of it, and its address.

    `path` is everywhere that of the file below the folder which holds the generator's configuration.
    """

    __slots__ = ()

    def roots(self) -> tuple[str, ...]:
        """The folders whose files may be pages, "" for all of the site; posts outside are not of this site."""
        return ("",)

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

    `base` is the URL, or the path, that the pages lie below. `timezone` is the zone of dates that name none, `lang` the
    language of posts that name none. `dialect` says how the generator reads bodies.
    """

    rules: Rules
    base: str = ""
    timezone: str = ""
    lang: str = ""
    dialect: Dialect = PLAIN


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that may hold a generator's configuration.

    `root` is that folder and `posts` the posts folder, in it or below it. `files` reads what is there, and keeps which
    files were read and what was wrong with them. `forced` says that the settings name the generator.
    """

    root: Path
    posts: Path
    settings: Settings
    files: ConfigFiles
    forced: bool = False

    def zone(self, named: str) -> str:
        """The zone of dates that name none: that of the settings, unless they leave it as it is and the configuration
        names one. One that can't be used becomes a warning.
        """
        if self.settings.timezone != "UTC" or not named:
            return self.settings.timezone
        try:
            zone_named(named)
        except ValueError as error:
            path = self.files.files[0] if self.files.files else self.settings.posts
            self.files.warnings.append((path, f"the time zone of the site can't be used: {error}; UTC counts"))
            return "UTC"
        return named


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator of sites.

    `files` are the names that its configuration may have, the first of which counts; without any, `read` looks for it.
    `read` gives what the configuration at a path says, or None where that is another program's. A site without
    configuration is taken for the folder above one that is named as one of `content_folders`.
    """

    name: str
    read: Callable[[Place, Path | None], GeneratorConfig | None]
    files: tuple[str, ...] = ()
    content_folders: tuple[str, ...] = ()

    def find(self, place: Place) -> GeneratorConfig | None:
        """What the configuration in a place says, or None where there is none and the place isn't forced."""
        path = place.files.first(place.root, *self.files)
        return self.read(place, path) if path or place.forced or not self.files else None
