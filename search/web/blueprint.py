"""The addresses that the search answers at, as a Flask blueprint: which view is at each, and what is common to all."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Request, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from search.web import posted, views
from search.web.app_state import AppState
from search.web.assets import version_of
from search.web.context import current_state
from search.web.headers import guarded
from search.web.problems import problem, problem_of
from search.web.recall import RECALLED, recall, remember

__all__ = ["make_blueprint"]

READ_METHODS = ("GET", "HEAD", "OPTIONS")
POST_METHODS = ("POST", "OPTIONS")

View = Callable[..., Response]


def make_blueprint(app_state: AppState) -> Blueprint:
    """The addresses of a search below its prefix; an empty one mounts them at the root of the app."""
    name, settings = app_state.name, app_state.settings
    url_prefix = settings.url_prefix
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix or None, template_folder="templates")

    def add(rule: str, view: View, methods: tuple[str, ...] = READ_METHODS) -> None:
        answer = answering(view, methods, recalls=rule in RECALLED)
        blueprint.add_url_rule(rule, view.__name__, answer, methods=methods)

    add("/", views.results)
    add("/hits", views.hits)
    add("/similar", views.similar)
    add("/health", views.health)
    add("/feed", views.feed)
    add("/suggest", views.completions)
    add("/opensearch.xml", views.description)
    add("/llms.txt", views.guide)
    add("/openapi.json", views.interface)
    # At the root, /static is the app's own.
    add(("/static" if url_prefix else f"/{name}/static") + "/<path:filename>", views.static)
    if settings.metrics:
        add("/metrics", views.figures)
    if settings.mcp:
        add("/mcp", posted.assistants, POST_METHODS)
    if app_state.reindexing:
        add("/reindex", posted.reindexed, POST_METHODS)
    if url_prefix:
        add("", views.to_page)
        add("/<path:rest>", views.nowhere)
    blueprint.record(take_all_methods)
    blueprint.url_defaults(add_version)
    return blueprint


def take_all_methods(state: BlueprintSetupState) -> None:
    """Let our views refuse the methods that they do not answer, in our own words; Flask can only list some to take."""
    for rule in state.app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{state.blueprint.name}."):
            rule.methods = None


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Put its version into the address of each static file, ours and where a template of the host's links to it."""
    if endpoint.endswith(".static") and "filename" in values and (version := version_of(values["filename"])):
        values.setdefault("v", version)


def answering(view: View, methods: tuple[str, ...], *, recalls: bool = False) -> View:
    """The view with what goes wrong in it answered; hooks of the host around it keep their own way with errors.

    Where it `recalls`, what it answered before is given without asking it.
    """
    allow = ", ".join(methods)

    @wraps(view)
    def answer(**arguments: str) -> Response:
        started, app_state, found = time.perf_counter(), current_state(), None
        same = recalls and current_app.request_class is Request  # another one may go by other headers
        if request.method == "OPTIONS":
            response = Response(status=204, headers={"Allow": allow})
        elif request.method not in methods:
            response = problem(405, "method_not_allowed", methods=allow).answer()
            response.headers["Allow"] = allow
        else:
            try:
                found = recall(app_state, request.environ) if same else None
                response = Response(found.body, headers=found.headers) if found else view(**arguments)
            except Exception as error:
                response = problem_of(error).answer()
        if app_state.metrics:
            seconds = time.perf_counter() - started
            app_state.metrics.count_request(str(request.url_rule), response.status_code, seconds)
        if not found:
            guarded(response)
            if same and response.status_code == 200 and (tag := response.get_etag()[0]):
                remember(app_state, request.environ, tag, response.headers)
        return response

    return answer
