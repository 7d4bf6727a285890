"""What assistants can do here: search the posts, and read one."""

from __future__ import annotations

import json
import reprlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from index.errors import ParameterError
from search.query import SORTS
from search.web.app_state import AppState
from search.web.links import absolute_url
from search.web.markdown import GRAMMAR, results_markdown
from search.web.mcp import Tool
from search.web.openapi import schema_of
from search.web.parameters import CALENDAR, LISTS, MAX_PAGE, MAX_VALUES, read_parameters
from search.web.preview import PreviewSection, sections_of

__all__ = ["PostTools"]

Data = dict[str, Any]

MAX_READ_CHARS = 20_000
"""The longest text that `read_post` gives at once."""

MAX_LISTED_SECTIONS = 100
STRING: Data = {"type": "string"}
INTEGER: Data = {"type": "integer"}
TEXTS: Data = {"type": "array", "items": STRING}
TOLD = ("query", "corrected", "total", "page", "pages", "facets", "warnings", "instead", "index")
"""What of the results is told beside the hits, as in the JSON of `/hits`."""

TOLD_OF_HIT = ("id", "url", "title", "date", "author", "tags", "lang", "site", "score", "plain_snippet")


@dataclass(frozen=True, slots=True)
class PostTools:
    """The tools of one request: `root` is what addresses of posts begin with that are paths."""

    app_state: AppState
    root: str
    now: datetime

    def all(self) -> list[Tool]:
        """The tools as clients list and call them."""
        settings = self.app_state.settings
        of = f" of {settings.site_name}" if settings.site_name else ""
        day = STRING | {"pattern": CALENDAR}
        values = TEXTS | {"maxItems": MAX_VALUES}
        search = Tool(
            name="search_posts",
            title="Search the posts",
            description=f"Search the posts{of}. Without a query, all posts that the filters let pass.",
            arguments={
                "query": STRING | {"description": GRAMMAR},
                **{name: values | {"description": f"Any of these, whole: {name}."} for name in LISTS},
                "from": day | {"description": "YYYY, YYYY-MM or YYYY-MM-DD, inclusive."},
                "to": day | {"description": "The same, inclusive."},
                "sort": {"enum": list(SORTS)},
                "page": INTEGER | {"minimum": 1, "maximum": MAX_PAGE},
                "per_page": INTEGER | {"minimum": 1, "maximum": settings.max_per_page},
            },
            output=FOUND_SCHEMA,
            call=self.search_posts,
        )
        read = Tool(
            name="read_post",
            title="Read a post",
            description=f"The plain text of a post{of}, or of one section of it, at most {MAX_READ_CHARS} characters"
            " at once.",
            arguments={
                "id": STRING | {"description": "The id of the post, as search_posts gives it."},
                "section": STRING | {"description": "The title of a section, or its anchor: what follows # in a URL."},
                "start": INTEGER | {"minimum": 0, "description": "Where to go on: the `next` of the last answer."},
            },
            required=("id",),
            output=POST_SCHEMA,
            call=self.read_post,
        )
        return [search, read]

    def search_posts(self, arguments: Data) -> tuple[str, Data]:
        """The hits of what the arguments ask for, which are the parameters of `/hits` but for the name of `q`.

        Raises `ParameterError`, and `IndexFault` when there is no index to ask.
        """
        pairs = []
        for name, value in arguments.items():
            for one in value if isinstance(value, list) and name in LISTS else [value]:
                if one is not None:
                    text = one if isinstance(one, str) else json.dumps(one)
                    pairs.append(("q" if name == "query" else name, text))
        query_string = urlencode(pairs, errors="replace").encode()
        found = self.app_state.find(read_parameters(query_string, self.app_state.settings, prefix=False), self.now)
        told = found.to_dict()
        hits = [
            {name: hit[name] for name in TOLD_OF_HIT}
            | {
                "url": absolute_url(hit["url"], self.root),
                "sections": [
                    {"title": one["title"], "url": absolute_url(one["url"], self.root)} for one in hit["sections"]
                ],
            }
            for hit in told["hits"]
        ]
        return results_markdown(found, self.root), {name: told[name] for name in TOLD} | {"hits": hits}

    def read_post(self, arguments: Data) -> tuple[str, Data]:
        """The text of a post from a place on. Raises `ParameterError`, and `IndexFault` when there is no index."""
        id, wanted, start = arguments.get("id"), arguments.get("section"), arguments.get("start") or 0
        if not isinstance(id, str):
            raise ParameterError("invalid_id", "id is missing; give the id of a post, as search_posts tells it")
        if not isinstance(start, int) or isinstance(start, bool) or start < 0:
            raise ParameterError("invalid_start", f"start is {reprlib.repr(start)}; give a whole number from 0")
        state = self.app_state.service.state(self.now)
        document = self.app_state.service.post(id, self.now)
        if document is None:
            raise ParameterError("unknown_post", f"there is no post {reprlib.repr(id)}; search_posts tells the ids")
        parts = sections_of(document)
        titles = [part.title for part in parts if part.title][:MAX_LISTED_SECTIONS]
        if wanted is not None:
            parts = section_named(str(wanted), parts)
            if not parts:
                listed = "; ".join(titles) or "it has none"
                raise ParameterError(
                    "unknown_section",
                    f"there is no section {reprlib.repr(wanted)} in this post; its sections: {listed}",
                )
        text = text_of(parts)
        end = len(text) if len(text) <= start + MAX_READ_CHARS else cut(text, start, start + MAX_READ_CHARS)
        piece, next_start = text[start:end], end if end < len(text) else None
        date = document.date.date().isoformat() if document.date else None
        url = absolute_url(document.url, self.root)
        structured = {
            "id": document.id,
            "url": url,
            "title": document.title,
            "date": date,
            "author": list(document.author),
            "tags": list(document.tags),
            "lang": document.lang,
            "sections": titles,
            "text": piece,
            "length": len(text),
            "next": next_start,
            "index": state.to_dict(),
        }
        head = "\n".join(filter(None, [document.title, url, date, ", ".join(document.author)]))
        more = f"\n\n[It goes on: read_post with start={next_start}]" if next_start is not None else ""
        return f"{head}\n\n{piece}{more}", structured


def section_named(name: str, parts: list[PreviewSection]) -> list[PreviewSection]:
    """The section of this anchor or title, with those below it; empty where there is none."""
    wanted = name.removeprefix("#").strip().casefold()
    for first, part in enumerate(parts):
        if part.title and wanted in {part.anchor.casefold(), part.title.casefold()}:
            rest = parts[first + 1 :]
            size = next((n for n, other in enumerate(rest) if other.level <= part.level), len(rest))
            return [part, *rest[:size]]
    return []


def text_of(parts: list[PreviewSection]) -> str:
    """The sections as one text: a heading after as many `#` as Markdown has for its level, and a blank line between."""
    return "\n\n".join(
        text
        for part in parts
        for text in ([f"{'#' * part.level} {part.title}"] if part.title else []) + [*part.paragraphs]
    )


def cut(text: str, start: int, end: int) -> int:
    """Where a piece of the text ends that may reach to `end`: after a paragraph, a line or a word, if one ends late."""
    for border in ("\n\n", "\n", " "):
        if (found := text.rfind(border, (start + end) // 2, end)) >= 0:
            return found + len(border)
    return end


def record(description: str, /, **properties: Data) -> Data:
    """The JSON schema of an object that holds all of these properties and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


RESULTS, HIT = (schema_of(name)["properties"] for name in ("Results", "Hit"))
SECTION = record("A part of the post that matches.", title=STRING, url=STRING)
HITS = record("A post.", **{name: HIT[name] for name in TOLD_OF_HIT}, sections={"type": "array", "items": SECTION})
FOUND_SCHEMA = record(
    "A page of posts.", **{name: RESULTS[name] for name in TOLD}, hits={"type": "array", "items": HITS}
)
"""What `search_posts` tells, after that of `/hits`."""

POST_SCHEMA = record(
    "A post, from a place in its text on.",
    **dict.fromkeys(("id", "url", "title", "lang", "text"), STRING),
    **dict.fromkeys(("author", "tags", "sections"), TEXTS),
    date={"anyOf": [STRING, {"type": "null"}]},
    next={"anyOf": [INTEGER, {"type": "null"}]},
    length=INTEGER,
    index=RESULTS["index"],
)
"""What `read_post` tells."""
