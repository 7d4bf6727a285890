"""What an answer is made of, for the request at hand: its search, addresses, the visitor's language, templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from flask import Response, current_app, render_template, request, url_for

from search.sentences import Sentences
from search.web.app_state import USUAL_NAME, AppState
from search.web.browser_search import short_name
from search.web.markdown import GRAMMAR
from search.web.parameters import typed_words
from search.web.presentation import Address, told
from search.wording import Wording, spoken, wording_of

__all__ = [
    "HTML",
    "JSON",
    "current_state",
    "has_own_templates",
    "in_language",
    "is_for",
    "own_root",
    "page_address",
    "posts_folder",
    "prefers",
    "render",
    "reply",
    "url_of",
    "visitor_wording",
]

MAX_ACCEPT_CHARS = 1_000
"""Of a header that is read for a media type: it takes the square of a run of blanks to part it."""

HTML = "text/html"
JSON = "application/json"
TEMPLATE_FOLDER = "postsearch"
TEMPLATES = ("base.html", "page.html", "results.html", "hit.html", "help.html")
"""Those that make the results page."""


def current_state() -> AppState:
    """The search that the request is for; outside of all, where posts are previewed, the one of the usual name."""
    return cast(AppState, current_app.extensions[request.blueprint or USUAL_NAME])


def is_for(view: str) -> bool:
    """Whether the request is for this view of ours, such as "results"."""
    return request.endpoint == f"{current_state().name}.{view}"


def url_of(view: str, **values: Any) -> str:
    """The address of a view of the search that the request is for."""
    return url_for(f"{current_state().name}.{view}", **values)


def page_address() -> Address:
    """Where the results page of the search is."""
    return Address(url_of("results"), current_state().settings.per_page, url_of("feed"))


def own_root() -> str:
    """Where addresses of ours begin that are seen apart from their page: at the site, unless that is another origin."""
    site = current_state().site
    apart = site.rstrip("/") in current_state().settings.cors_origins
    return (not apart and site) or request.host_url


def posts_folder() -> str:
    """The folder of the posts for whoever runs the search on this machine, as far as can be told; "" for all others."""
    proxied = {"Forwarded", "X-Forwarded-For", "Via"} & set(request.headers.keys())
    here = {request.remote_addr, urlsplit(request.host_url).hostname} <= {"127.0.0.1", "::1", "localhost"}
    return f"{current_state().settings.posts}/" if here and not proxied else ""


def prefers(mimetype: str, usual: str) -> bool:
    """Whether the request would rather have this media type than the usual one, and names it: many take anything."""
    header = request.headers.get("Accept", "")
    if mimetype not in header.lower() or len(header) > MAX_ACCEPT_CHARS:
        return False
    accepted = request.accept_mimetypes
    wanted = [quality for value, quality in accepted if value.partition(";")[0].strip().lower() == mimetype]
    return bool(wanted) and 0 < max(wanted) >= accepted.quality(usual)


def visitor_wording(hl: str | None = None) -> Wording:
    """What is told in the language that the request names (`hl`, where that is read already), else in that of the site,
    else in one that the browser asks for, as far as we speak it."""
    named = typed_words(request.query_string).hl if hl is None else hl
    accepted = (lang for lang, quality in request.accept_languages if quality)
    return wording_of(spoken([named, current_state().settings.lang, *accepted]))


def in_language(answer: Response, say: Sentences) -> Response:
    """The answer, with what tells browsers and caches the language of its sentences."""
    answer.headers["Content-Language"] = say.lang
    answer.vary.add("Accept-Language")
    return answer


def reply(content: Mapping[str, Any] | list[Any], status: int = 200, mimetype: str = JSON) -> Response:
    """The answer that holds this as JSON."""
    # Flask's own jsonify sorts the keys, and indents them while debugging.
    try:
        text = msgspec.json.encode(content)
    except UnicodeEncodeError:  # of half a surrogate pair
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(text, status, mimetype=mimetype)


def render(template: str, say: Wording, status: int = 200, **shown: Any) -> Response:
    """The answer that a template of ours makes, or one of the host's in its place."""
    settings = current_state().settings
    text = render_template(
        f"{TEMPLATE_FOLDER}/{template}",
        settings=settings,
        search_name=short_name(settings.site_name, say),
        say=say,
        told=partial(told, say),
        grammar=GRAMMAR,
        url_of=url_of,
        **shown,
    )
    return Response(text, status)


def has_own_templates() -> bool:
    """Whether no template of the host's stands in place of one of ours."""
    folder = Path(__file__).parent
    names = [current_app.jinja_env.get_template(f"{TEMPLATE_FOLDER}/{name}").filename for name in TEMPLATES]
    return all(name is not None and Path(name).is_relative_to(folder) for name in names)
