"""The Atom feed of a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urljoin
from uuid import NAMESPACE_URL, uuid5

from search.results import Results
from search.web.links import absolute_url
from search.web.xml_text import add, root, to_bytes

__all__ = ["ATOM", "FeedHead", "atom_feed"]

ATOM = "application/atom+xml"

NO_DATE = "1970-01-01"
"""For posts without a date, since every entry needs a time: it keeps them at the end, and from ever looking new."""


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a feed says of itself: its title, its own path, and that of the page with the same hits.

    Both are in full behind `root`. Posts are seen from `site`, of which ids are made too: it is "" where only requests
    name it, each as it likes; then `root` and the name of the site stand for it.
    """

    title: str
    path: str
    page: str
    root: str
    site: str
    site_name: str


def atom_feed(results: Results, head: FeedHead) -> bytes:
    """The feed of these results, in their order, as an XML document."""
    feed = root("feed", xmlns="http://www.w3.org/2005/Atom")
    site = head.site or quote(head.site_name, errors="replace")
    add(feed, "id", urljoin(site, head.path) if head.site else uuid5(NAMESPACE_URL, site + head.path).urn)
    add(feed, "title", head.title)
    add(feed, "updated", results.index.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    add(feed, "link", rel="self", type="application/atom+xml", href=urljoin(head.root, head.path))
    add(feed, "link", rel="alternate", type="text/html", href=urljoin(head.root, head.page))
    # An author of the feed stands for those entries that name none.
    add(add(feed, "author"), "name", head.site_name or "postsearch")
    add(feed, "generator", "postsearch")
    for hit in results.hits:
        entry = add(feed, "entry")
        url, day = absolute_url(hit.url, head.site or head.root), whole_day(hit.date)
        # Of the id and not of the address, for two posts may claim one address, and one post may move.
        add(entry, "id", uuid5(NAMESPACE_URL, f"{site}#{hit.id}").urn)
        add(entry, "title", hit.title)
        add(entry, "updated", f"{day or NO_DATE}T00:00:00Z")
        if day:
            add(entry, "published", f"{day}T00:00:00Z")
        if url:
            add(entry, "link", rel="alternate", type="text/html", href=url)
        for name in filter(str.strip, hit.author):
            add(add(entry, "author"), "name", name)
        for tag in filter(str.strip, hit.tags):
            add(entry, "category", term=tag)
        add(entry, "summary", hit.snippet or hit.title, type_="html")
    return to_bytes(feed)


def whole_day(text: str | None) -> str:
    """The date, or "" where it is none that a reader of feeds could use."""
    try:
        return datetime.fromisoformat(text or "").date().isoformat()
    except ValueError:
        return ""
