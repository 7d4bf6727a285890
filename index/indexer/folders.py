"""All folders of posts of the settings as if they were one, and the site of each.

The ids of posts in a folder with a name begin with that and `/`, so that they stay apart. Of a folder with a name that
is not there nothing can be said, as of one that can't be read: what the index holds of it stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from index.errors import SettingsError
from index.indexer.fingerprint import fingerprint
from index.indexer.folder import Folder, Listing, lies_in
from index.indexer.post import Post, read_post
from index.named_folders import joined_by_name, parted_by_name
from index.settings import Settings
from index.sites.site import Site, read_site

__all__ = ["Folders", "Sites", "overlapping"]


class Folders:
    """The folders of the settings, each known by what its ids begin with: its name and `/`, or "" for the only one.

    `missing` says of those that are not there, or not apart from another one, why. `curated` holds the files that say
    something of the search. Raises `SettingsError` where none is there, and where one lies in another by its path.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.parts
        self.origin = settings.origin
        self.index = Path(os.path.realpath(settings.index))
        self.curated = Path(os.path.realpath(settings.posts))
        self.there: dict[str, Folder] = {}
        self.missing: dict[str, str] = {}
        for begin, part in self.settings.items():
            if begin and not part.posts.is_dir():
                self.missing[begin] = self.told_missing(begin)
            else:
                self.there[begin] = Folder(part)
        if not self.there:
            raise SettingsError(f"posts: {' and '.join(self.missing.values())}; name those that hold the posts")
        for begin, other in overlapping({begin: self.settings[begin].posts for begin in self.there}).items():
            mine, others = (os.path.abspath(self.settings[b].posts) for b in (begin, other))  # noqa: PTH100  # as named
            if lies_in(mine, others) or lies_in(others, mine):
                raise SettingsError(f"posts: the folders of {other[:-1]} and {begin[:-1]} overlap; name one of them")
            self.missing[begin] = f"'{mine}' leads to what overlaps the folder of {other[:-1]}; let it lead elsewhere"
            del self.there[begin]

    def told_missing(self, begin: str) -> str:
        return f"there is no folder '{self.settings[begin].posts.absolute()}'"

    def went(self) -> dict[str, str]:
        """Why nothing can be said of the folders that were there and are not any more, by what their ids begin with."""
        return {begin: self.told_missing(begin) for begin, folder in self.there.items() if not folder.root.is_dir()}

    def path(self, id: str) -> Path:
        """Where the file of an id lies that is in one of the folders."""
        begin = self.begin_of(id)
        return self.there[begin].path(id.removeprefix(begin))

    def begin_of(self, id: str) -> str:
        return beginning(id, self.settings)

    def scan(self) -> Listing:
        """Everything in the folders."""
        return self.merged({begin: folder.scan() for begin, folder in self.there.items()}, self.missing)

    def look(self, ids: Iterable[str]) -> Listing:
        """The same, of these ids only; what is not there or never a post is not in the answer."""
        wanted: dict[str, list[str]] = {}
        for id in ids:
            begin = self.begin_of(id)
            wanted.setdefault(begin, []).append(id.removeprefix(begin))
        listings = {begin: self.there[begin].look(inner) for begin, inner in wanted.items() if begin in self.there}
        return self.merged(listings, {begin: self.missing[begin] for begin in wanted if begin in self.missing})

    def merged(self, listings: Mapping[str, Listing], missing: Mapping[str, str]) -> Listing:
        """One listing of those of some folders and of some that are missing."""
        if "" in listings:
            return listings[""]
        found = Listing(unreadable=dict(missing), linked=any(listing.linked for listing in listings.values()))
        for begin, listing in listings.items():
            found.files |= {begin + id: stamp for id, stamp in listing.files.items()}
            for all_reasons, reasons in (
                (found.excluded, listing.excluded),
                (found.refused, listing.refused),
                (found.unreadable, listing.unreadable),
            ):
                all_reasons |= {begin + id: reason for id, reason in reasons.items()}
        return found

    def without_posts(self, listing: Listing) -> dict[str, str]:
        """Of each folder of the whole listing that holds nothing that may be a post: what it does hold, a sentence."""
        ids = [*listing.files, *listing.excluded, *listing.refused, *listing.unreadable]
        return {b: f.without_posts() for b, f in self.there.items() if not any(id.startswith(b) for id in ids)}

    def unmoved(self, origin: str) -> tuple[str, ...]:
        """What ids begin with of the folders that are where they were at another `origin`; all, where that is ""."""
        before, now = parted_by_name(origin), parted_by_name(self.origin)
        return tuple(begin for begin in self.settings if not origin or before.get(begin[:-1]) == now[begin[:-1]])

    def fingerprint(self, sites: Sites, before: str) -> str:
        """The hash of all that documents depend on but their own files, of each folder; of those that are missing it is
        as it was `before`, so that nothing is read again when they are back.
        """
        known = parted_by_name(before)
        hashes = {b: fingerprint(self.settings[b], site) for b, site in sites.by_begin.items()}
        return joined_by_name({b[:-1]: hashes.get(b) or known.get(b[:-1], "") for b in self.settings})


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites of the folders that are there, each by what the ids of its posts begin with."""

    by_begin: Mapping[str, Site]

    @classmethod
    def of(cls, folders: Folders) -> Sites:
        """Those of these folders. Raises `SettingsError` as `read_site` does."""
        return cls({b: read_site(folder.root, folders.settings[b]) for b, folder in folders.there.items()})

    def read(self, data: bytes, id: str, read: Callable[..., Post] = read_post) -> Post:
        """The post with that id, by the rules of its site. Raises `PostError` where that can't be read."""
        begin = beginning(id, self.by_begin)
        post = read(data, id.removeprefix(begin), site=self.by_begin[begin])
        if not begin or not post.document:
            return post
        return replace(post, document=replace(post.document, id=id, site=begin[:-1]))

    def heirs(self, id: str) -> str | None:
        """What the ids of the posts begin with for which the header of this one counts too, if there are any."""
        begin = beginning(id, self.by_begin)
        site = self.by_begin.get(begin)
        inner = site.heirs(id.removeprefix(begin)) if site else None
        return None if inner is None else begin + inner

    @property
    def advice(self) -> str:
        """What is to be known of the addresses, in sentences."""
        told = ((f"{begin}: " if begin else "", site.advice) for begin, site in self.by_begin.items())
        return "; ".join(begin + advice for begin, advice in told if advice)

    def warnings(self, folders: Folders) -> Iterator[tuple[str, str]]:
        """What can't be used of the configurations: where it stands, as ids are written, and a sentence."""
        for begin, site in self.by_begin.items():
            for file, warning in site.warnings:
                yield begin + os.path.relpath(file, folders.there[begin].root), warning


def overlapping(paths: Mapping[str, Path]) -> dict[str, str]:
    """Which of these folders lie in another one, or hold it, by what their ids begin with, and in which.

    Of two it is the one that a link leads away from where its path says, or else the later one.
    """
    if len(paths) < 2:
        return {}
    base = os.path.commonpath([os.path.abspath(path) for path in paths.values()])  # noqa: PTH100  # as they are named
    roots = {begin: os.path.realpath(path) for begin, path in paths.items()}
    unmoved = {begin: Path(os.path.realpath(base), os.path.relpath(path, base)) for begin, path in paths.items()}
    apart: list[str] = []
    found: dict[str, str] = {}
    for begin in sorted(paths, key=lambda begin: Path(roots[begin]) != unmoved[begin]):
        for other in apart:
            if lies_in(roots[begin], roots[other]) or lies_in(roots[other], roots[begin]):
                found[begin] = other
                break
        else:
            apart.append(begin)
    return found


def beginning(id: str, begins: Container[str]) -> str:
    """What an id begins with, of what those of several folders do, or of the only one."""
    return "" if "" in begins else id[: id.find("/") + 1]
