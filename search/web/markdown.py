"""Results as Markdown, for assistants: short, and with no element in it that a post could have made."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from index.log import escaped as without_controls
from search.results import Hit, Results
from search.sentences import ENGLISH
from search.web.links import absolute_url
from search.web.parameters import Parameters
from search.web.presentation import FACETS, Address

__all__ = ["GRAMMAR", "MARKDOWN", "guide_text", "results_markdown"]

MARKDOWN = "text/markdown"
"""The media type."""

GRAMMAR = (
    'Words: posts that hold all of them come first. "a phrase" in quotes; -word leaves posts out; this OR that; '
    'title:word, tag:woodwork, tag:"raised beds", author:, category:, lang:de; after:2024-06 before:2025; compo* for '
    "words that begin so."
)
"""What can be typed, in short."""

SPECIAL = re.compile(r"[\\`*_\[\]<>&~|@$^{]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
"""What makes an element anywhere in a line, addresses that some readers make links of among them."""

BEGINNING = re.compile(r"^(?:([0-9]{1,9})(?=[.)])|(?=[#+=:-]))")
"""What makes a heading, a list or a rule of the line that it begins."""


def results_markdown(found: Results, root: str) -> str:
    """The page of hits as a list; `root` is what addresses of posts begin with that are paths."""
    query = f" for {escaped(found.query)}" if found.query.strip() else ""
    lines = [f"# Posts{query}", "", f"{found.total} found, page {found.page} of {max(found.pages, 1)}.", ""]
    if found.corrected:
        lines.append(f"- Answered in place of the query: {escaped(found.corrected)}")
    lines += [f"- Note: {escaped(warning)}" for warning in found.warnings]
    for other in found.instead:
        total = "" if other.total is None else f"; {other.total} found"
        lines.append(f"- Other query: {escaped(other.query)} ({escaped(other.reason)}{total})")
    if lines[-1]:
        lines.append("")
    for number, hit in enumerate(found.hits, (found.page - 1) * found.per_page + 1):
        lines += hit_lines(hit, number, root)
    return "\n".join(lines).rstrip() + "\n"


def hit_lines(hit: Hit, number: int, root: str) -> list[str]:
    """An item of the list: title, what is known of the post, how it begins or goes on, and the parts that match."""
    known = [hit.date, ", ".join(hit.author), f"tags: {', '.join(hit.tags)}" if hit.tags else "", f"id: {hit.id}"]
    return [
        f"{number}. {link(hit.title or hit.id, hit.url, root)}",
        "   " + " · ".join(escaped(text) for text in known if text) + "  ",
        f"   {escaped(hit.plain_snippet)}".rstrip(),
        *(f"   - {link(section.title, section.url, root)}" for section in hit.sections),
        "",
    ]


def guide_text(
    found: Results, site_name: str, root: str, page: Address, *, hits: str, openapi: str, mcp: str = ""
) -> str:
    """What `llms.txt` says of a search: its addresses, what can be typed, and what there is (see llmstxt.org).

    `found` are all posts; `root` is what begins addresses, `page` that of the results; `mcp` is "" where assistants
    have none of their own.
    """
    markdown, json = (urljoin(root, url) for url in (page.path, hits))
    lines = [
        f"# {escaped(site_name) or 'Posts'}",
        "",
        f"> Full-text search of {ENGLISH('count', n=found.total)}. Hits come with the address of the post.",
        "",
        "## Search",
        "",
        f"- [Hits as Markdown]({markdown}): with the header `Accept: {MARKDOWN}`, such as `{markdown}?q=words&page=2`",
        f"- [Hits as JSON]({json}): such as `{json}?q=words`",
        f"- {link('OpenAPI', openapi, root)}: all addresses, for programs",
        *([f"- {link('Tools', mcp, root)}: by the Model Context Protocol, with `POST`"] if mcp else []),
        "",
        "## What can be typed",
        "",
        GRAMMAR,
    ]
    for facet, name, title in FACETS:
        counts = found.facets.get(facet, {})
        lines += ["", f"## {ENGLISH(title)}", ""] if counts else []
        for value, n in counts.items():
            url = page.of(Parameters(per_page=page.per_page), **{name: (value,)})
            lines.append(f"- {link(value, url, root)}: {ENGLISH('count', n=n)}")
    return "\n".join(lines) + "\n"


def link(text: str, url: str, root: str) -> str:
    """A link that says the text, or the text alone where its address can't be followed."""
    address = absolute_url(url, root).replace("(", "%28").replace(")", "%29")
    return f"[{escaped(text)}]({address})" if address else escaped(text)


def escaped(text: str) -> str:
    """A text in one line that Markdown shows as it is, but for signs that can't be seen: names of files and queries
    hold any, which would steer a terminal or turn the line around.
    """
    line = SPECIAL.sub(r"\\\g<0>", without_controls(" ".join(text.split())))
    return BEGINNING.sub(r"\1\\", line)
