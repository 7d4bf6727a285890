"""The addresses that the search answers at: the results page, JSON, the feed and the like, as a Flask blueprint.

A view reads the parameters, asks the service once and renders. What goes wrong on the way is answered here too, never
with a stack or a path.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin

from flask import Blueprint, Response, current_app, redirect, render_template, request, send_from_directory, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import NotFound

from index.errors import IndexDamaged, IndexFault, IndexMissing, ParameterError
from index.log import get_logger
from search.query.grammar import typed_text
from search.results import Results
from search.web.app_state import AppState
from search.web.assets import ICONS, STATIC, mime_type, release, version_of
from search.web.entity_tags import conditional, constant
from search.web.feed import ATOM, FeedHead, atom_feed
from search.web.health import health_report
from search.web.openapi import describe_api
from search.web.opensearch import DESCRIPTION, SUGGESTIONS, EngineUrls, Icon, describe_engine, short_name
from search.web.parameters import Parameters, read_parameters, read_similar, typed_words
from search.web.presentation import Address, ResultsPage, blank_page, feed_title, results_page
from search.web.preview import preview_of
from search.web.suggestions import MAX_SUGGESTIONS, suggestion_lists

__all__ = ["KEY", "PAGE", "make_blueprint", "preview"]

logger = get_logger(__name__)

KEY = "postsearch"
"""The name of the blueprint, and of what is ours in `app.extensions`."""

PAGE = f"{KEY}.results"
"""The endpoint of the results page, for `url_for`."""

ASSET = f"{KEY}.static"
TEMPLATES = ("base.html", "page.html", "results.html", "hit.html", "help.html")
JSON = "application/json"
A_YEAR = 31_536_000
READ_METHODS = ("GET", "HEAD", "OPTIONS")
ALLOW = ", ".join(READ_METHODS)

FAULTS = {
    IndexMissing: ("index_missing", "Nothing has been indexed yet; try again in a moment."),
    IndexDamaged: ("index_damaged", "The index can't be read and has to be rebuilt; try again later."),
}
UNAVAILABLE = ("index_unavailable", "The index can't be read right now; try again in a moment.")
"""The code and the message of any other fault of the index, and of what the system refuses."""

ALL_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
JSON_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
}
# The files are the same for everybody, and the search box has to load before it can tell that its page is not listed.
PUBLIC = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": ALLOW,
    "Access-Control-Allow-Headers": "Content-Type, If-None-Match",
    "Access-Control-Max-Age": "600",
}

View = Callable[..., Response]


def make_blueprint(url_prefix: str, *, metrics: bool) -> Blueprint:
    """The routes below the prefix; an empty one mounts them at the root of the app; `metrics` adds theirs."""
    blueprint = Blueprint(KEY, __name__, url_prefix=url_prefix or None, template_folder="templates")
    views: dict[str, View] = {
        "/": results,
        "/hits": hits,
        "/similar": similar,
        "/health": health,
        "/feed": feed,
        "/suggest": completions,
        "/opensearch.xml": description,
        "/openapi.json": interface,
        # At the root, /static is the app's own.
        ("/static" if url_prefix else f"/{KEY}/static") + "/<path:filename>": static,
    }
    if metrics:
        views["/metrics"] = figures
    for rule, view in views.items():
        blueprint.add_url_rule(rule, view.__name__, answering(view), methods=READ_METHODS)
    if url_prefix:
        blueprint.add_url_rule("", to_page.__name__, answering(to_page), methods=READ_METHODS)
        blueprint.add_url_rule("/<path:rest>", nowhere.__name__, answering(nowhere), methods=READ_METHODS)
    blueprint.record(take_all_methods)
    blueprint.url_defaults(add_version)
    return blueprint


def take_all_methods(state: BlueprintSetupState) -> None:
    """Let our views refuse the methods that they do not answer, in our own words; Flask can only list some to take."""
    for rule in state.app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{KEY}."):
            rule.methods = None


def results() -> Response:
    """`GET /`: the results page."""
    app_state, now = current_state(), datetime.now(UTC)
    parameters, here = read_leniently(app_state), address(app_state)

    def make() -> tuple[Response, bool]:
        if not parameters.asks:
            return show(blank_page(parameters, here, state=app_state.service.state(now))), False
        found = whole_words_first(app_state, parameters, now)
        return show(results_page(parameters, here, found)), found.limited

    # A page with templates of the host's may show anything, such as who is logged in: only our own has a tag.
    if own_page():
        answer = conditional(app_state, (parameters, release()), now, make)
        answer.headers.update(PAGE_HEADERS)
    else:
        answer, _ = make()
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def read_leniently(app_state: AppState) -> Parameters:
    """What the request asks of the page or the feed, to which links add; words are whole unless it says otherwise."""
    return read_parameters(request.query_string, app_state.settings, strict=False, prefix=False)


def whole_words_first(app_state: AppState, parameters: Parameters, now: datetime) -> Results:
    """The hits of the words as they are; where there are none, of words that begin like the last one.

    Whoever typed three letters into a search box and pressed Enter should not be told that there is nothing.
    """
    whole, begun = (
        asked.query(app_state.service, app_state.zone) for asked in (parameters, replace(parameters, prefix=True))
    )
    return app_state.service.answer(whole, now, begun=begun)


def hits() -> Response:
    """`GET /hits`: the hits as JSON."""
    app_state, now = current_state(), datetime.now(UTC)
    parameters = read_parameters(request.query_string, app_state.settings)

    def make() -> tuple[Response, bool]:
        query = parameters.query(app_state.service, app_state.zone)
        query = replace(query, explain=parameters.explain, suggest=parameters.suggest)
        found = app_state.service.answer(query, now)
        return reply(found.to_dict()), found.limited

    return conditional(app_state, replace(parameters, q=typed_text(parameters.q)), now, make)


def similar() -> Response:
    """`GET /similar`: the posts most like one, as JSON."""
    app_state, now = current_state(), datetime.now(UTC)
    id, count = read_similar(request.query_string, app_state.settings)

    def make() -> tuple[Response, bool]:
        found = app_state.service.similar(id, count, now)
        return reply(found.to_dict()), False

    return conditional(app_state, (id, count), now, make)


def feed() -> Response:
    """`GET /feed`: the hits as an Atom feed, newest first."""
    app_state, now = current_state(), datetime.now(UTC)
    parameters = replace(read_leniently(app_state), sort="newest", page=1, per_page=app_state.settings.max_per_page)

    def make() -> tuple[Response, bool]:
        name, here = app_state.settings.site_name, address(app_state)
        head = FeedHead(
            title=" – ".join(filter(None, [feed_title(parameters), name])),
            path=here.feed(parameters),
            page=here.of(parameters, per_page=here.per_page),
            root=own_root(app_state),
            site=app_state.site,
            site_name=name,
        )
        found = whole_words_first(app_state, parameters, now)
        return Response(atom_feed(found, head), mimetype=ATOM), found.limited

    return conditional(app_state, parameters, now, make)


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
    app_state = current_state()
    in_full = partial(urljoin, own_root(app_state))
    views = (description, results, feed, completions)
    urls = EngineUrls(*(in_full(url_for(f"{KEY}.{view.__name__}")) for view in views))
    icons = [Icon(in_full(url_for(ASSET, filename=name)), kind, size) for name, kind, size in ICONS]
    content = describe_engine(app_state.settings.site_name, urls, icons)
    return constant(Response(content, mimetype=DESCRIPTION))


def interface() -> Response:
    """`GET /openapi.json`: what programs may ask for, and what they get."""
    app_state = current_state()
    url = urljoin(own_root(app_state), url_for(PAGE)).rstrip("/")
    return constant(reply(describe_api(app_state.settings, url, app_state.version)))


def static(filename: str) -> Response:
    """`GET /static/…`: style sheets, scripts and pictures."""
    try:
        answer = send_from_directory(STATIC, filename, mimetype=mime_type(filename), conditional=True)
    except NotFound:
        return nowhere(filename)
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


def preview(path: str) -> Response | None:
    """The plain text of the post at this path of the server; None where there is none, or nothing to ask.

    What else goes wrong is answered as the views of the blueprint answer it.
    """
    app_state, now = current_state(), datetime.now(UTC)
    try:
        document = app_state.service.searcher.at(path, now)
        if document is None:
            return None
        post = preview_of(document, address(app_state))
        answer = Response(render_template(f"{KEY}/preview.html", post=post, **extras()))
    except IndexFault:
        return None
    except Exception as error:
        return guarded(problem_of(error))
    for name, value in (ALL_HEADERS | PAGE_HEADERS | {"Cache-Control": "no-cache"}).items():
        answer.headers[name] = value
    return answer


def to_page() -> Response:
    """The prefix without its slash; Flask's own redirect names the host that the request names."""
    query = request.query_string.decode("latin-1")
    return cast(Response, redirect(url_for(PAGE) + (f"?{query}" if query else ""), 308, Response))


def nowhere(rest: str) -> Response:  # noqa: ARG001 - the route gives it
    """Any other address below the prefix."""
    return problem(404, "not_found", "There is nothing at this address.", "invalid_request")


def answering(view: View) -> View:
    """The view with what goes wrong in it answered; hooks of the host around it keep their own way with errors."""

    @wraps(view)
    def answer(**arguments: str) -> Response:
        started, metrics = time.perf_counter(), current_state().metrics
        if request.method == "OPTIONS":
            response = Response(status=204, headers={"Allow": ALLOW})
        elif request.method not in READ_METHODS:
            response = problem(405, "method_not_allowed", f"Use one of {ALLOW} here.", "invalid_request")
            response.headers["Allow"] = ALLOW
        else:
            try:
                response = view(**arguments)
            except Exception as error:
                response = problem_of(error)
        if metrics:
            metrics.count_request(str(request.url_rule), response.status_code, time.perf_counter() - started)
        return guarded(response)

    return answer


def problem_of(error: Exception) -> Response:
    """The answer to a request that ended in this error; what is not the asker's doing is logged."""
    if isinstance(error, ParameterError):
        return problem(400, error.code, error.message, "invalid_request")
    # An error of the system has a number; jinja's TemplateNotFound, an OSError by name, has none and is a bug.
    refused = isinstance(error, OSError) and error.errno is not None
    if not refused and not isinstance(error, IndexMissing):
        current_state().service.searcher.suspect(error)
    if not refused and not isinstance(error, IndexFault):
        logger.error("a search failed", exc_info=error)
        return problem(500, "internal_error", "The search failed; it has been logged.", "internal")
    logger.warning("the index can't answer: %s", error, exc_info=error if refused or error.__cause__ else None)
    code, message = next((told for kind, told in FAULTS.items() if isinstance(error, kind)), UNAVAILABLE)
    answer = problem(503, code, message, "unavailable")
    answer.headers["Retry-After"] = "5"
    return answer


def problem(status: int, code: str, message: str, kind: str) -> Response:
    """What went wrong, on the results page in its frame and elsewhere as JSON."""
    if request.endpoint != PAGE:
        answer = reply({"message": message, "code": code, "type": kind}, status)
    else:
        try:
            page = blank_page(typed_words(request.query_string), address(current_state()), problem=message)
            answer = show(page, status)
            answer.headers.update(PAGE_HEADERS if own_page() else {})
        except Exception:  # where templates of the host's, or the system, are what failed
            logger.exception("the page that tells what went wrong failed as well")
            answer = Response(message, status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def current_state() -> AppState:
    return cast(AppState, current_app.extensions[KEY])


def address(app_state: AppState) -> Address:
    return Address(url_for(PAGE), app_state.settings.per_page, url_for(f"{KEY}.{feed.__name__}"))


def own_root(app_state: AppState) -> str:
    """Where addresses of ours begin that are seen apart from their page: at the site, unless that is another origin."""
    apart = app_state.site.rstrip("/") in app_state.settings.cors_origins
    return (not apart and app_state.site) or request.host_url


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Put its version into the address of each static file, ours and where a template of the host's links to it."""
    if endpoint == ASSET and "filename" in values and (version := version_of(values["filename"])):
        values.setdefault("v", version)


def extras() -> dict[str, Any]:
    """What all templates of ours may show beside the page itself."""
    settings = current_state().settings
    return {"settings": settings, "search_name": short_name(settings.site_name)}


def show(page: ResultsPage, status: int = 200) -> Response:
    return Response(render_template(f"{KEY}/results.html", page=page, **extras()), status)


def reply(content: Mapping[str, Any] | list[Any], status: int = 200, mimetype: str = JSON) -> Response:
    # Flask's own jsonify sorts the keys, and indents them while debugging.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, mimetype=mimetype)


def own_page() -> bool:
    """Whether no template of the host's stands in place of one of ours."""
    folder = Path(__file__).parent
    names = [current_app.jinja_env.get_template(f"{KEY}/{name}").filename for name in TEMPLATES]
    return all(name is not None and Path(name).is_relative_to(folder) for name in names)


def guarded(response: Response) -> Response:
    """The response with the headers that keep browsers from doing more with it than is meant."""
    headers = ALL_HEADERS if request.endpoint == PAGE else ALL_HEADERS | JSON_HEADERS | cross_origin_headers()
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def cross_origin_headers() -> dict[str, str]:
    """Leave for pages of the listed origins, named one by one, to read the answer; for all pages, to use our files."""
    if request.endpoint == ASSET:
        return PUBLIC
    allowed, origin = current_state().settings.cors_origins, request.headers.get("Origin", "")
    if not allowed:
        return {}
    headers = {"Vary": "Origin"}
    if origin in allowed:
        headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "ETag, Retry-After"}
        headers |= PREFLIGHT if request.method == "OPTIONS" else {}
    return headers
