"""The OpenSearch description, by which browsers add the site as a search engine.

What Firefox asks of it: a short name of at most 16 characters, a description of at most 1024, a `text/html` address
with `{searchTerms}`, small icons, and all addresses in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search.sentences import Sentences
from search.web.xml_text import add, root, to_bytes

__all__ = ["DESCRIPTION", "SUGGESTIONS", "EngineUrls", "Icon", "describe_engine", "short_name"]

DESCRIPTION = "application/opensearchdescription+xml"
SUGGESTIONS = "application/x-suggestions+json"

MAX_SHORT_NAME_CHARS = 16
MAX_LONG_NAME_CHARS = 48
MAX_DESCRIPTION_CHARS = 1024
TERMS = "?q={searchTerms}"


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture of the search engine, square."""

    url: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class EngineUrls:
    """The addresses of the description itself, the results page, its feed and the suggestions, in full."""

    description: str
    page: str
    feed: str
    suggestions: str


def describe_engine(site_name: str, urls: EngineUrls, icons: Sequence[Icon], say: Sentences) -> bytes:
    """The description of the search of the site."""
    name = say("search_site", site=site_name) if site_name else say("label")
    engine = root(
        "OpenSearchDescription",
        xmlns="http://a9.com/-/spec/opensearch/1.1/",
        moz="http://www.mozilla.org/2006/browser/search/",
    )
    add(engine, "ShortName", short_name(site_name, say))
    if site_name:
        add(engine, "LongName", cut_between_words(name, MAX_LONG_NAME_CHARS))
    add(engine, "Description", cut_between_words(name, MAX_DESCRIPTION_CHARS))
    for icon in icons:
        add(engine, "Image", icon.url, width=str(icon.size), height=str(icon.size), type=icon.type)
    add(engine, "Url", type="text/html", template=urls.page + TERMS)
    add(engine, "Url", type=SUGGESTIONS, rel="suggestions", template=urls.suggestions + TERMS)
    add(engine, "Url", type="application/atom+xml", template=urls.feed + TERMS)
    add(engine, "Url", type=DESCRIPTION, rel="self", template=urls.description)
    add(engine, "InputEncoding", "UTF-8")
    add(engine, "OutputEncoding", "UTF-8")
    add(engine, "moz:SearchForm", urls.page)
    return to_bytes(engine)


def short_name(site_name: str, say: Sentences) -> str:
    """The name that a browser lists the search under."""
    return cut_between_words(site_name, MAX_SHORT_NAME_CHARS) or say("search")


def cut_between_words(text: str, size: int) -> str:
    """The text on one line of at most `size` characters; only a first word that is longer is cut within."""
    line = " ".join(text.split())
    if len(line) <= size:
        return line
    head, blank, _ = line[: size + 1].rpartition(" ")
    return head if blank else line[:size].rstrip()
