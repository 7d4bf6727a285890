"""The pages that mdBook builds, and their addresses, by its `book.toml` and the `SUMMARY.md` of the book.

The rules are those of https://rust-lang.github.io/mdBook/format/summary.html: a chapter is what the summary lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import Any
from urllib.parse import unquote

from index.markup.dialect import Dialect
from index.markup.markdown import PARSER
from index.posts.metadata import Metadata
from index.sites.generators import Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import rooted
from index.sites.generators.paths import named_folder, path_below, split_path
from index.sites.generators.values import as_mapping, as_text

__all__ = ["MDBOOK", "MdBook"]

SUMMARY = "SUMMARY.md"


@dataclass(frozen=True, slots=True)
class MdBook(Rules):
    """The rules of one book; `chapters` are the files that its summary lists, or none where that can't be told."""

    source: str = "src"
    chapters: frozenset[str] = frozenset()

    def roots(self) -> tuple[str, ...]:
        return (self.source,)

    def left_out(self, path: str) -> str | None:
        """Whether the file is the summary, or no chapter."""
        inner = path_below(path, self.source)
        if inner == SUMMARY:
            return "the summary of the book is no page"
        if inner and inner.lower().endswith(".md") and self.chapters and inner not in self.chapters:
            return f"{SUMMARY} does not list it"
        return None

    def url(self, path: str, post: Metadata) -> str | None:  # noqa: ARG002 - nothing in a chapter names its address
        """Where the page of the chapter lies; `README` stands for its folder, as `index` does."""
        inner = path_below(path, self.source)
        if inner is None:
            return None
        folder, stem, _ = split_path(inner)
        name = "" if stem.lower() in {"index", "readme"} else f"{stem}.html"
        return rooted(folder, name)


def find_mdbook(place: Place, path: Path | None) -> GeneratorConfig:
    files = place.files
    config = files.mapping(path)
    book = as_mapping(config.get("book"))
    source = named_folder(book.get("src"), "src")
    summary = files.first(place.root / source, SUMMARY)
    events: Iterable[Any] = PARSER.events(files.text(summary))
    started = (event["Start"] for event in events if "Start" in event)
    links = [tag["Link"]["dest_url"].partition("#")[0] for tag in started if "Link" in tag]
    chapters = frozenset(normpath(unquote(link)) for link in links if link)
    html = as_mapping(as_mapping(config.get("output")).get("html"))
    return GeneratorConfig(
        MdBook(source, chapters),
        base=as_text(html.get("site-url")),
        lang=as_text(book.get("language")),
        dialect=Dialect(anchors="mdbook", templates=("helpers",)),
    )


MDBOOK = Generator("mdbook", find_mdbook, ("book.toml",), ("src",))
