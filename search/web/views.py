"""What is answered at each address that is read: a view reads the parameters, asks the service once and renders."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import IO, cast
from urllib.parse import urljoin

from flask import Response, redirect, request, send_from_directory
from werkzeug.exceptions import NotFound

from index.errors import IndexDamaged, IndexMissing
from search.query.grammar import typed_text
from search.sentences import ENGLISH
from search.web.assets import ICONS, STATIC, mime_type, release, version_of
from search.web.browser_search import DESCRIPTION, SUGGESTIONS, EngineUrls, Icon, describe_engine
from search.web.context import (
    HTML,
    current_state,
    has_own_templates,
    in_language,
    own_root,
    page_address,
    posts_folder,
    prefers,
    render,
    reply,
    url_of,
    visitor_wording,
)
from search.web.entity_tags import conditional, constant
from search.web.feed import ATOM, FeedHead, atom_feed
from search.web.headers import PAGE_HEADERS, guarded
from search.web.health import health_report
from search.web.markdown import MARKDOWN, guide_text, results_markdown
from search.web.openapi import describe_api
from search.web.parameters import Parameters, read_parameters, read_similar
from search.web.presentation import blank_page, feed_title, results_page, start_page
from search.web.preview import preview_of
from search.web.problems import problem, problem_of
from search.web.suggestions import MAX_SUGGESTIONS, suggestion_lists

__all__ = [
    "completions",
    "description",
    "feed",
    "figures",
    "guide",
    "health",
    "hits",
    "interface",
    "nowhere",
    "preview",
    "results",
    "similar",
    "static",
    "to_page",
]

A_YEAR = 31_536_000

NEWEST_POSTS = 6
"""How many posts are shown where nothing is found or was asked yet."""


def results() -> Response:
    """`GET /`: the results page, or the same hits as Markdown for who prefers that."""
    app_state, now = current_state(), datetime.now(UTC)
    settings, here, markdown, folder = app_state.settings, page_address(), prefers(MARKDOWN, HTML), posts_folder()
    parameters = read_parameters(request.query_string, settings, strict=False, prefix=False)
    say = visitor_wording(parameters.hl)

    def make() -> tuple[Response, bool]:
        if markdown:
            found = app_state.find(parameters, now)
            return Response(results_markdown(found, own_root()), mimetype=MARKDOWN), found.limited
        page, limited = blank_page(parameters, here, say, settings.site_name), False
        if parameters.asks or parameters.sort != "relevance":
            found = app_state.find(parameters, now)
            if found.page > found.pages > 0:  # beyond the end
                found = app_state.find(replace(parameters, page=found.pages), now)
            page = results_page(parameters, here, found, say, app_state.zone, settings.site_name)
            limited = found.limited
        if not page.hits:
            size = min(NEWEST_POSTS, settings.max_per_page)
            newest = app_state.find(Parameters(sort="newest", per_page=size), now)
            page, limited = start_page(page, here, newest, say, app_state.zone), limited or newest.limited
        return render("results.html", say, page=page, folder=folder), limited

    # A page with templates of the host's may show anything, such as who is logged in: only our own has a tag.
    if markdown or has_own_templates():
        answer = conditional(app_state, (parameters, markdown, release(), say.lang, folder), now, make)
        answer.headers.update(PAGE_HEADERS)
    else:
        answer, _ = make()
        answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add("Accept")
    return in_language(answer, ENGLISH if markdown else say)


def hits() -> Response:
    """`GET /hits`: the hits as JSON."""
    app_state, now = current_state(), datetime.now(UTC)
    parameters = read_parameters(request.query_string, app_state.settings)
    say = visitor_wording(parameters.hl)

    def make() -> tuple[Response, bool]:
        query = parameters.query(app_state.service, app_state.zone)
        also = {name: getattr(parameters, name) for name in ("explain", "suggest", "snippet_chars")}
        query = replace(query, **also)
        found = app_state.service.answer(query, now)
        return reply(found.to_dict(say)), found.limited

    asked = replace(parameters, q=typed_text(parameters.q), hl=""), say.lang
    return in_language(conditional(app_state, asked, now, make), say)


def similar() -> Response:
    """`GET /similar`: the posts most like one, as JSON."""
    app_state, now = current_state(), datetime.now(UTC)
    id, count = read_similar(request.query_string, app_state.settings)

    def make() -> tuple[Response, bool]:
        return reply(app_state.service.similar(id, count, now).to_dict()), False

    return conditional(app_state, (id, count), now, make)


def feed() -> Response:
    """`GET /feed`: the hits as an Atom feed, newest first."""
    app_state, now = current_state(), datetime.now(UTC)
    settings, here = app_state.settings, page_address()
    parameters = read_parameters(request.query_string, settings, strict=False, prefix=False)
    say = visitor_wording(parameters.hl)
    parameters = replace(parameters, sort="newest", page=1, per_page=settings.max_per_page)

    def make() -> tuple[Response, bool]:
        head = FeedHead(
            title=" – ".join(filter(None, [feed_title(parameters, say), settings.site_name])),
            path=here.feed(parameters),
            page=here.of(parameters, per_page=here.per_page),
            root=own_root(),
            site=app_state.site,
            site_name=settings.site_name,
        )
        found = app_state.find(parameters, now)
        return Response(atom_feed(found, head), mimetype=ATOM), found.limited

    return in_language(conditional(app_state, (parameters, say.lang), now, make), say)


def completions() -> Response:
    """`GET /suggest`: what completes what is typed, as browsers ask for it."""
    app_state, now = current_state(), datetime.now(UTC)
    text = read_parameters(request.query_string, app_state.settings, strict=False).q

    def make() -> tuple[Response, bool]:
        found = app_state.service.suggest(text, MAX_SUGGESTIONS, now)
        lists = suggestion_lists(text, found.suggestions, app_state.site or request.host_url)
        return reply(lists, mimetype=SUGGESTIONS), False

    return conditional(app_state, Parameters(q=text), now, make)


def description() -> Response:
    """`GET /opensearch.xml`: how browsers add the search to theirs."""
    in_full, say = partial(urljoin, own_root()), visitor_wording()
    urls = EngineUrls(*(in_full(url_of(view)) for view in ("description", "results", "feed", "completions")))
    icons = [Icon(in_full(url_of("static", filename=name)), kind, size) for name, kind, size in ICONS]
    content = describe_engine(current_state().settings.site_name, urls, icons, say)
    return in_language(constant(Response(content, mimetype=DESCRIPTION)), say)


def interface() -> Response:
    """`GET /openapi.json`: what programs may ask for, and what they get."""
    app_state = current_state()
    url = urljoin(own_root(), url_of("results")).rstrip("/")
    document = describe_api(app_state.settings, url, app_state.version, reindex=bool(app_state.reindexing))
    return constant(reply(document))


def guide() -> Response:
    """`GET /llms.txt`: how assistants search here, and what there is."""
    app_state, now = current_state(), datetime.now(UTC)
    settings, service = app_state.settings, app_state.service

    def make() -> tuple[Response, bool]:
        found = service.answer(service.query(per_page=1), now)
        others = {"hits": url_of("hits"), "openapi": url_of("interface")}
        others |= {"mcp": url_of("assistants")} if settings.mcp else {}
        text = guide_text(found, settings.site_name, own_root(), page_address(), **others)
        return Response(text, mimetype="text/plain"), found.limited

    return conditional(app_state, (), now, make)


def static(filename: str) -> Response:
    """`GET /static/…`: style sheets, scripts and pictures."""
    try:
        answer = send_from_directory(STATIC, filename, mimetype=mime_type(filename), conditional=True)
    except NotFound:
        return nowhere(filename)
    # Read at once, if at all, and closed: a browser that goes would leave the file open.
    with closing(cast(IO[bytes], answer.response)) as file:
        unread = answer.status_code == 304 or request.method == "HEAD"
        answer.direct_passthrough, answer.response = False, [] if unread else [b"".join(file)]
    # What has its version in its address never changes there.
    lasting = request.query_string == f"v={version_of(filename)}".encode()
    answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if lasting else "no-cache"
    return answer


def health() -> Response:
    """`GET /health`: whether searches are answered, and how fresh the answers are."""
    app_state = current_state()
    report = health_report(app_state.service, app_state.settings, datetime.now(UTC))
    answer = reply(report, status=503 if report["status"] == "down" else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def figures() -> Response:
    """`GET /metrics`: figures for Prometheus."""
    metrics = current_state().metrics
    assert metrics
    text, content_type = metrics.exposition(request.headers.get("Accept", ""))
    return Response(text, content_type=content_type, headers={"Cache-Control": "no-store"})


def to_page() -> Response:
    """The prefix without its slash; Flask's own redirect names the host that the request names."""
    query = request.query_string.decode("latin-1")
    return cast(Response, redirect(url_of("results") + (f"?{query}" if query else ""), 308, Response))


def nowhere(rest: str) -> Response:  # noqa: ARG001 - the route gives it
    """Any other address below the prefix."""
    return problem(404, "not_found").answer()


def preview(path: str) -> Response | None:
    """The plain text of the post at this path of the server, which is no address of ours; None where there is none.

    What else goes wrong is answered as the views of the blueprint answer it.
    """
    say = visitor_wording()
    try:
        document = current_state().service.searcher.at(path, datetime.now(UTC))
        if document is None:
            return None
        answer = render("preview.html", say, post=preview_of(document, page_address(), say))
    except (IndexMissing, IndexDamaged):
        return None
    except Exception as error:
        return guarded(problem_of(error).answer())
    answer.headers.update(PAGE_HEADERS | {"Cache-Control": "no-cache"})
    return in_language(guarded(answer), say)
