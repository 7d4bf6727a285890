"""What the templates of the results page show, made from the results and the parameters of a request.

Here, and nowhere else, the service's escaped texts become `Markup`; whatever else a template shows is escaped there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from search.query import ALSO_MEANT, Instead
from search.query.grammar import QUOTE
from search.results import Hit, IndexState, Results
from search.web.links import safe_url
from search.web.parameters import LISTS, MAX_PAGE, Parameters

__all__ = ["Address", "HitView", "Link", "ResultsPage", "blank_page", "feed_title", "results_page", "shown_date"]

NEIGHBOUR_PAGES = 2
"""How many pages before and after this one are linked to by their numbers."""

MAX_OPEN_VALUES = 8
"""How many values of a facet are shown before the reader asks for the rest."""

MIN_EQUAL_CHARS = 40
"""Two snippets that begin with so many equal characters say the same."""

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
ELEMENT = re.compile("<[^>]*>")
UNFILTERED: dict[str, Any] = {**dict.fromkeys(LISTS, ()), "since": "", "until": "", "page": 1}
SORT_NAMES = {"relevance": "Relevance", "newest": "Newest first", "oldest": "Oldest first"}


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere, or nowhere where `url` is empty; `current` where one is there already."""

    text: str
    url: str = ""
    count: int = 0
    current: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The values that the hits have in common, each a link that narrows them to it; `more` are shown on demand."""

    title: str
    links: tuple[Link, ...]
    more: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionView:
    """A part of a post that holds what was searched; no snippet where the hit itself shows the same one."""

    title: str
    url: str
    snippet: Markup


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit with its marked texts ready to be shown and links that narrow the search to its tags and authors."""

    hit: Hit
    url: str
    date: str
    title: Markup
    snippet: Markup
    tags: tuple[Link, ...]
    authors: tuple[Link, ...]
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the results page and its feed are, and how many hits a page holds unless told."""

    path: str
    per_page: int
    feed_path: str = ""

    def of(self, parameters: Parameters, **changes: Any) -> str:
        """The address of the results for the same request with changes."""
        text = parameters.query_string(self.per_page, **changes)
        return f"{self.path}?{text}" if text else self.path

    def feed(self, parameters: Parameters) -> str:
        """The address of the feed of what the request finds, which knows neither pages nor other orders."""
        text = parameters.query_string(self.per_page, sort="relevance", page=1, per_page=self.per_page)
        return f"{self.feed_path}?{text}" if text else self.feed_path


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """All that `postsearch/results.html` shows.

    `answered` is the query that the hits are of, and `quotes` says that it has quotation marks itself; `kept` are the
    names and values that the form carries along with the words; `results` is None where nothing was asked or `problem`
    says what went wrong; `instead` are other queries, each after the reason why it may be meant, `ways_on` those of
    them that are known to find more, `also_meant` those that misspelt words may mean as well; `as_typed` leads to the
    hits of misspelt words as they are.
    """

    address: str
    query: str = ""
    answered: str = ""
    quotes: bool = False
    kept: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    state: IndexState | None = None
    results: Results | None = None
    hits: tuple[HitView, ...] = ()
    related: tuple[HitView, ...] = ()
    active: tuple[Link, ...] = ()
    unfiltered: str = ""
    instead: tuple[tuple[str, Link], ...] = ()
    ways_on: tuple[tuple[str, Link], ...] = ()
    also_meant: tuple[tuple[str, Link], ...] = ()
    as_typed: str = ""
    feed: str = ""
    feed_title: str = ""
    sorts: tuple[Link, ...] = ()
    facets: tuple[Facet, ...] = ()
    pages: tuple[Link, ...] = ()
    previous: str = ""
    next: str = ""
    first: str = ""


def blank_page(
    parameters: Parameters, address: Address, *, state: IndexState | None = None, problem: str = ""
) -> ResultsPage:
    """The page without hits: before anything was asked, or where something went wrong."""
    return ResultsPage(
        address=address.path,
        query=parameters.q,
        kept=kept_pairs(parameters, address),
        problem=problem,
        state=state,
        feed=address.feed(Parameters()),
        feed_title=feed_title(Parameters()),
    )


def results_page(parameters: Parameters, address: Address, results: Results) -> ResultsPage:
    """The page of these results, with every link that leads on from it."""
    here, last = results.page, min(results.pages, MAX_PAGE)
    answered = results.corrected or parameters.q
    ways_on = [other for other in results.instead if other.total is not None]
    also_meant = [other for other in results.instead if other.reason == ALSO_MEANT]
    readings = [other for other in results.instead if other.total is None and other.reason != ALSO_MEANT]
    return ResultsPage(
        address=address.path,
        query=parameters.q,
        answered=answered,
        quotes=QUOTE.search(answered) is not None,
        kept=kept_pairs(parameters, address),
        state=results.index,
        results=results,
        hits=tuple(hit_view(hit, parameters, address) for hit in results.hits),
        related=tuple(hit_view(hit, parameters, address) for hit in results.related),
        active=active_filters(parameters, address),
        unfiltered=address.of(parameters, **UNFILTERED),
        instead=instead_links(parameters, address, readings),
        ways_on=instead_links(parameters, address, ways_on),
        also_meant=instead_links(parameters, address, also_meant),
        as_typed=address.of(parameters, page=1, typos=False) if results.corrected else "",
        feed=address.feed(parameters),
        feed_title=feed_title(parameters),
        sorts=tuple(
            Link(text, address.of(parameters, sort=sort, page=1), current=sort == parameters.sort)
            for sort, text in SORT_NAMES.items()
        ),
        facets=facets(parameters, address, results),
        pages=page_links(parameters, address, last),
        previous=address.of(parameters, page=min(here - 1, last)) if here > 1 and last else "",
        next=address.of(parameters, page=here + 1) if here < last else "",
        first=address.of(parameters, page=1),
    )


def instead_links(parameters: Parameters, address: Address, others: Iterable[Instead]) -> tuple[tuple[str, Link], ...]:
    """Other queries with their numbers of posts, each after its reason."""
    return tuple(
        (
            other.reason,
            Link(
                other.query,
                address.of(
                    parameters,
                    **{name: UNFILTERED[name] for name in other.without},
                    q=other.query,
                    page=1,
                    typos=parameters.typos and other.typos,
                ),
                other.total or 0,
            ),
        )
        for other in others
    )


def kept_pairs(parameters: Parameters, address: Address) -> tuple[tuple[str, str], ...]:
    """What the form carries along; `prefix` and `typos` were said of these words, and not of those typed next."""
    return tuple((n, v) for n, v in parameters.pairs(address.per_page) if n not in {"q", "page", "prefix", "typos"})


def hit_view(hit: Hit, parameters: Parameters, address: Address) -> HitView:
    title, tags = hit.highlights.title, hit.highlights.tags
    shown = [markup(tag) for tag in tags] if len(tags) == len(hit.tags) else hit.tags
    begins = ELEMENT.sub("", hit.snippet).lstrip("… ")[:MIN_EQUAL_CHARS]
    sections = []
    for section in hit.sections:
        # A snippet that begins as the hit's own would tell a reader nothing.
        same = begins and ELEMENT.sub("", section.snippet).lstrip("… ")[:MIN_EQUAL_CHARS] == begins
        sections.append(SectionView(section.title, safe_url(section.url), markup("" if same else section.snippet)))
    return HitView(
        hit=hit,
        url=safe_url(hit.url),
        date=shown_date(hit.date or ""),
        title=markup(title) if title else escape(hit.title),
        snippet=markup(hit.snippet),
        tags=tuple(
            Link(text, address.of(parameters, tag=(tag,), page=1)) for text, tag in zip(shown, hit.tags, strict=True)
        ),
        authors=tuple(Link(name, address.of(parameters, author=(name,), page=1)) for name in hit.author),
        sections=tuple(sections),
    )


def shown_date(text: str) -> str:
    """A day as people write it; what is no day, as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def markup(text: str) -> Markup:
    """A text that the service has escaped and marked, as it is."""
    return Markup(text)  # noqa: S704 - the contract of `Hit` is that these hold no element but <mark>


def active_filters(parameters: Parameters, address: Address) -> tuple[Link, ...]:
    """What narrows the hits, each with the address of the same search without it."""
    links = [
        Link(f"{name}: {value}", address.of(parameters, page=1, **{name: tuple(v for v in values if v != value)}))
        for name in LISTS
        for values in [getattr(parameters, name)]
        for value in values
    ]
    since, until = parameters.since, parameters.until
    if since and since == until:
        links.append(Link(f"date: {since}", address.of(parameters, page=1, since="", until="")))
    else:
        links += [Link(f"from: {since}", address.of(parameters, page=1, since=""))] if since else []
        links += [Link(f"to: {until}", address.of(parameters, page=1, until=""))] if until else []
    return tuple(links)


def feed_title(parameters: Parameters) -> str:
    """What a feed of these hits is called."""
    chosen = [link.text for link in active_filters(parameters, Address("", 0))]
    return ", ".join(filter(None, [" ".join(parameters.q.split()), *chosen])) or "All posts"


def facets(parameters: Parameters, address: Address, results: Results) -> tuple[Facet, ...]:
    """The facets that can still narrow the hits.

    Values of one filter are alternatives, so a second one would widen; a facet in use is shown by its filter alone.
    """
    counts = results.facets
    tags = [(n, {"tag": (value,)}, value) for value, n in counts.get("tags", {}).items()]
    authors = [(n, {"author": (value,)}, value) for value, n in counts.get("author", {}).items()]
    years = [(n, {"since": year, "until": year}, year) for year, n in sorted(counts.get("year", {}).items())[::-1]]
    shown = []
    for title, used, values in (
        ("Tags", parameters.tag, tags),
        ("Authors", parameters.author, authors),
        ("Years", parameters.since or parameters.until, years),
    ):
        if values and not used:
            links = tuple(Link(text, address.of(parameters, page=1, **change), n) for n, change, text in values)
            # A list that would be longer by one alone is shown whole.
            size = MAX_OPEN_VALUES if len(links) > MAX_OPEN_VALUES + 1 else len(links)
            shown.append(Facet(title, links[:size], links[size:]))
    return tuple(shown)


def page_links(parameters: Parameters, address: Address, last: int) -> tuple[Link, ...]:
    """Links to the first and last pages and those around this one; a link that leads nowhere stands for a gap."""
    here = parameters.page
    if last < 2:
        return ()
    near = range(here - NEIGHBOUR_PAGES, here + NEIGHBOUR_PAGES + 1)
    numbers = [n for n in range(1, last + 1) if n in near or n in {1, last}]
    links: list[Link] = []
    for before, n in zip([0, *numbers], numbers, strict=False):
        if n > before + 1:
            links.append(Link("…"))
        links.append(Link(str(n), address.of(parameters, page=n), current=n == here))
    return tuple(links)
