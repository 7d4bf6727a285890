"""What the templates of the results page show, made from the results and the parameters of a request.

Here, and nowhere else, the service's escaped texts become `Markup`; whatever else a template shows is escaped there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from math import ceil
from typing import Any

from markupsafe import Markup, escape

from index.schema.keys import name_key
from search.matches import IndexState
from search.query import ALSO_MEANT, SORTS
from search.query.grammar import QUOTE
from search.results import Hit, Results
from search.web.links import safe_url
from search.web.parameters import LISTS, MAX_PAGE, Parameters
from search.wording import Wording

__all__ = [
    "FACETS",
    "Address",
    "HitView",
    "Link",
    "ResultsPage",
    "blank_page",
    "feed_title",
    "results_page",
    "shown_date",
    "start_page",
    "told",
]

NEIGHBOUR_PAGES = 2
"""How many pages before and after this one are linked to by their numbers."""

MAX_OPEN_VALUES = 5
"""How many values of a facet are shown before the reader asks for the rest, unless more are chosen."""

MAX_TAGS = 3
"""How many tags of a hit are shown."""

MAX_ADDRESS_CHARS = 4_000
"""Of an address that the links which narrow a search repeat; gunicorn takes no longer ones."""

MAX_SECTIONS = 2
"""How many sections of a hit are shown."""

MAX_BARS = 40
"""How many years the chart of years spans at most, up to the newest."""

BAR_HEIGHT = 40
"""The height of the chart, and of its highest bar, in pixels."""

UNFILTERED: dict[str, Any] = {**dict.fromkeys(LISTS, ()), "since": "", "until": "", "page": 1}
FACETS = (
    ("site", "site", "sites"),
    ("tags", "tag", "tags"),
    ("author", "author", "authors"),
    ("year", "year", "years"),
)
"""The facets of the hits: names, parameters that narrow to their values, and names of the sentences that head them."""


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere, or nowhere where `url` is empty; `current` where one is there already."""

    text: str
    url: str = ""
    count: int = 0
    current: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A year in the chart of years: its height in pixels, and whether it is chosen."""

    year: int
    height: int
    current: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of a facet, the chosen ones first, each a link that chooses it or takes it back; `more` are shown on
    demand, and `bars` are those of all years from the first to the last."""

    title: str
    links: tuple[Link, ...]
    more: tuple[Link, ...] = ()
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionView:
    """A part of a post that holds what was searched; no snippet where the hit itself says it."""

    title: str
    url: str
    snippet: Markup


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit with its marked texts ready to be shown and links that narrow the search to its site, tags and authors.

    The tags are few, those that hold what was searched first, as `current` ones.
    """

    hit: Hit
    url: str
    site: Link | None
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

    `heading` says what is searched; `answered` is the query that the hits are of, and `quotes` says that it has
    quotation marks itself; `kept` are the names and values that the form carries along with the words; `results` is
    None where nothing was asked or `problem` says what went wrong, `again` that it may be right the next time; `newest`
    are posts where there are no hits, `everything` leads to a list of all, and `facets` to all posts of theirs;
    `notices` say what was not used as typed; `instead` are other queries, each after the reason why it may be meant,
    `ways_on` those of them that are known to find more, `also_meant` those that misspelt words may mean as well;
    `as_typed` leads to the hits of misspelt words as they are.
    """

    address: str
    heading: str
    query: str = ""
    answered: str = ""
    quotes: bool = False
    kept: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    again: bool = False
    state: IndexState | None = None
    changed: datetime | None = None
    results: Results | None = None
    notices: tuple[str, ...] = ()
    hits: tuple[HitView, ...] = ()
    newest: tuple[HitView, ...] = ()
    everything: Link | None = None
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


def blank_page(
    parameters: Parameters,
    address: Address,
    say: Wording,
    site: str = "",
    *,
    problem: str = "",
    again: bool = False,
) -> ResultsPage:
    """The page without hits, where something went wrong."""
    # `prefix` and `typos` were said of these words, the order of a list of all, and not of those typed next.
    own = {"q", "page", "prefix", "typos"} | (set() if parameters.asks else {"sort"})
    return ResultsPage(
        address=address.path,
        heading=say("search_site", site=site) if site else say("label"),
        query=parameters.q if parameters.q.strip() else "",
        kept=tuple((name, value) for name, value in parameters.pairs(address.per_page) if name not in own),
        problem=problem,
        again=again,
        feed=address.feed(Parameters()),
        feed_title=feed_title(Parameters(), say),
    )


def start_page(blank: ResultsPage, address: Address, newest: Results, say: Wording, zone: tzinfo) -> ResultsPage:
    """The page where nothing is found or was asked yet, with what there is: all posts, the newest first."""
    everything = Parameters(per_page=address.per_page)
    return replace(
        blank,
        state=newest.index,
        changed=newest.index.updated_at.astimezone(zone),
        newest=tuple(hit_view(hit, everything, address, say) for hit in newest.hits),
        everything=Link(say("everything", n=newest.total), address.of(everything, sort="newest"))
        if newest.total > len(newest.hits)
        else None,
        # Beside filters in use, what all posts have would look like more of these.
        facets=() if blank.active else facets(everything, address, newest, say, browsing=True),
    )


def results_page(
    parameters: Parameters, address: Address, results: Results, say: Wording, zone: tzinfo, site: str = ""
) -> ResultsPage:
    """The page of these results, with every link that leads on from it."""
    here, last = results.page, min(results.pages, MAX_PAGE)
    # What was left out of the search is told, and not repeated as what was searched.
    corrected = results.corrected if results.total else None
    answered = corrected or (results.parsed if results.notices else parameters.q)
    others = other_queries(parameters, address, results, say)
    # What narrows the hits, each with the address of the same search without it.
    active = [
        Link(value, address.of(parameters, page=1, **{name: tuple(v for v in getattr(parameters, name) if v != value)}))
        for name in LISTS
        for value in getattr(parameters, name)
    ]
    active += [
        Link(say(name, day=day), address.of(parameters, page=1, **{name: ""}))
        for name in ("since", "until")
        if (day := getattr(parameters, name))
    ]
    # Hundreds of links would repeat all that is asked.
    too_long = len(address.of(parameters)) > MAX_ADDRESS_CHARS
    narrowed = Parameters(per_page=parameters.per_page) if too_long else parameters
    return replace(
        blank_page(parameters, address, say, site),
        answered=answered,
        quotes=QUOTE.search(answered) is not None,
        state=results.index,
        changed=results.index.updated_at.astimezone(zone),
        results=results,
        notices=tuple(notice.text(say) for notice in results.notices),
        hits=tuple(hit_view(hit, narrowed, address, say) for hit in results.hits),
        related=tuple(hit_view(hit, narrowed, address, say) for hit in results.related),
        active=() if too_long else tuple(active),
        unfiltered=address.of(parameters, **UNFILTERED),
        instead=tuple(others["instead"]),
        ways_on=tuple(others["ways_on"]),
        also_meant=tuple(others["also_meant"]),
        as_typed=address.of(parameters, page=1, typos=False) if corrected else "",
        feed=address.feed(parameters),
        feed_title=feed_title(parameters, say),
        sorts=tuple(
            Link(say(sort), address.of(parameters, sort=sort, page=1), current=sort == parameters.sort)
            for sort in SORTS
            if parameters.asks or sort != "relevance"
        ),
        facets=() if too_long else facets(parameters, address, results, say),
        pages=page_links(replace(parameters, page=here), address, last),
        previous=address.of(parameters, page=here - 1) if here > 1 else "",
        next=address.of(parameters, page=here + 1) if here < last else "",
    )


def other_queries(
    parameters: Parameters, address: Address, results: Results, say: Wording
) -> dict[str, list[tuple[str, Link]]]:
    """Other queries with their numbers of posts, each after its reason, by the part of the page that tells of them."""
    parts: dict[str, list[tuple[str, Link]]] = {"instead": [], "ways_on": [], "also_meant": []}
    for other in results.instead:
        part = "also_meant" if other.notice == ALSO_MEANT else "instead" if other.total is None else "ways_on"
        changes = {name: UNFILTERED[name] for name in other.without}
        typos = parameters.typos and other.typos
        url = address.of(parameters, **changes, q=other.query, page=1, typos=typos)
        parts[part].append((other.notice.text(say), Link(other.query, url, other.total or 0)))
    return parts


def hit_view(hit: Hit, parameters: Parameters, address: Address, say: Wording) -> HitView:
    marked = hit.highlights.tags if len(hit.highlights.tags) == len(hit.tags) else hit.tags
    tags = sorted(zip(hit.tags, ["<mark>" in tag for tag in marked], strict=True), key=lambda tag: not tag[1])
    return HitView(
        hit=hit,
        url=safe_url(hit.url and hit.url + hit.fragment),
        site=Link(hit.site, address.of(parameters, site=(hit.site,), page=1)) if hit.site else None,
        date=shown_date(hit.date or "", say),
        title=markup(hit.highlights.title) if hit.highlights.title else escape(hit.title),
        snippet=markup(hit.snippet),
        tags=tuple(
            Link(tag, address.of(parameters, tag=(tag,), page=1), current=held) for tag, held in tags[:MAX_TAGS]
        ),
        authors=tuple(Link(name, address.of(parameters, author=(name,), page=1)) for name in hit.author),
        sections=tuple(
            SectionView(one.title, safe_url(one.url and one.url + one.fragment), markup(one.snippet))
            for one in hit.sections[:MAX_SECTIONS]
        ),
    )


def shown_date(text: str, say: Wording) -> str:
    """A day as people write it; what is no day, as it is."""
    try:
        return say.day(date.fromisoformat(text))
    except ValueError:
        return text


def markup(text: str) -> Markup:
    """A text that the service has escaped and marked, as it is."""
    return Markup(text)  # noqa: S704 - the contract of `Hit` is that these hold no element but <mark>


def told(say: Wording, name: str, **values: str | int) -> Markup:
    """The sentence of this name as HTML; its gaps are filled by what is `Markup`, or else escaped."""
    escaped = {key: value if isinstance(value, int) else str(escape(value)) for key, value in values.items()}
    return Markup(say(name, **escaped))  # noqa: S704 - the sentences are ours, and hold nothing that HTML would read


def feed_title(parameters: Parameters, say: Wording) -> str:
    """What a feed of these hits is called."""
    chosen = [f"{name}: {value}" for name, value in parameters.pairs(0) if name in {*LISTS, "from", "to"}]
    return ", ".join(filter(None, [" ".join(parameters.q.split()), *chosen])) or say("newest_posts")


def facets(
    parameters: Parameters, address: Address, results: Results, say: Wording, *, browsing: bool = False
) -> tuple[Facet, ...]:
    """The facets of which something is chosen, those that would split the hits, and sites where there are several."""
    shown = []
    for facet, name, title in FACETS:
        if browsing and facet == "author":
            continue
        counts, chosen = dict(results.facets.get(facet, {})), getattr(parameters, name)
        if facet == "year":
            counts = dict(sorted(counts.items(), reverse=True))
        current = {name_key(value) for value in chosen}
        links = []
        # Only the commonest are counted; what is chosen is shown in any case, and first.
        for key, value in {name_key(value): value for value in (*chosen, *counts)}.items():
            change = tuple(v for v in chosen if name_key(v) != key) if key in current else (*chosen, value)
            url = address.of(parameters, page=1, **{name: change})
            # On phones, one goes on choosing.
            links.append(Link(value, url if browsing else f"{url}#facets", counts.get(value, 0), key in current))
        apart = facet == "site" and len(counts) > 1
        if chosen or apart or any((browsing or n > 1) and n < results.total for n in counts.values()):
            # A list that would be longer by one alone is shown whole.
            size = max(MAX_OPEN_VALUES, len(current)) if len(links) > MAX_OPEN_VALUES + 1 else len(links)
            bars = year_bars(counts, current) if facet == "year" else ()
            shown.append(Facet(say(title), tuple(links[:size]), tuple(links[size:]), bars))
    return tuple(shown)


def year_bars(counts: Mapping[str, int], chosen: Collection[str]) -> tuple[Bar, ...]:
    """A bar for each year from the first to the last; none where there are only two."""
    years = sorted(map(int, counts))
    if len(years) <= 2:
        return ()
    shown = range(max(years[0], years[-1] - MAX_BARS + 1), years[-1] + 1)
    numbers = [counts.get(str(year), 0) for year in shown]
    return tuple(
        Bar(year, ceil(n * BAR_HEIGHT / max(numbers)), str(year) in chosen)
        for year, n in zip(shown, numbers, strict=True)
    )


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
