"""The blueprint: requests go in, the results page and JSON answers come out.

A view reads the parameters, asks the service once and renders. What goes wrong on the way is answered here too, never
with a stack or a path.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app, render_template, request, url_for

from index.errors import IndexDamaged, IndexFault, IndexMissing, ParameterError
from search.health import health_report
from search.mount import Mount
from search.parameters import Parameters, read_parameters, read_text
from search.presentation import Address, Page, blank_page, results_page
from search.results import IndexState

__all__ = ["KEY", "PAGE", "make_blueprint"]

logger = logging.getLogger(__name__)

KEY = "postsearch"
"""The name of the blueprint, and of what is ours in `app.extensions`."""

PAGE = f"{KEY}.results"
"""The endpoint of the results page, for `url_for`."""

TEMPLATES = ("base.html", "results.html", "hit.html", "help.html")
READING = ("GET", "HEAD", "OPTIONS")
METHODS = (*READING, "POST", "PUT", "PATCH", "DELETE")
ALLOW = ", ".join(READING)

FAULTS = {
    IndexMissing: ("index_missing", "Nothing has been indexed yet; try again in a moment."),
    IndexDamaged: ("index_damaged", "The index can't be read and has to be rebuilt; try again later."),
    IndexFault: ("index_unavailable", "The index can't be read right now; try again in a moment."),
}

ALL_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
JSON_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": ALLOW,
    "Access-Control-Allow-Headers": "Content-Type, If-None-Match",
    "Access-Control-Max-Age": "600",
}

View = Callable[..., Response]


def make_blueprint(url_prefix: str) -> Blueprint:
    """The routes below the prefix; an empty one mounts them at the root of the app."""
    blueprint = Blueprint(
        KEY,
        __name__,
        url_prefix=url_prefix or None,
        template_folder="templates",
        static_folder="static",
        # At the root, /static is the app's own.
        static_url_path="/static" if url_prefix else f"/{KEY}/static",
    )
    for rule, view in (("/", results), ("/hits", hits), ("/health", health)):
        blueprint.add_url_rule(rule, view.__name__, answering(view), methods=METHODS)
    if url_prefix:
        blueprint.add_url_rule("/<path:rest>", nowhere.__name__, answering(nowhere), methods=METHODS)
    return blueprint


def results() -> Response:
    """`GET /`: the results page."""
    mount, now = mounted(), datetime.now(UTC)
    parameters = replace(read_parameters(request.query_string, mount.settings, strict=False), prefix=False)
    state = mount.service.state(now)
    # A page with templates of the host's may show anything, such as who is logged in: only our own has a tag.
    tag = entity_tag(mount, state, parameters, now) if own_page() else ""
    if known(tag):
        return tagged(Response(status=304), tag)
    if not parameters.asks:
        return tagged(show(blank_page(parameters, address(mount), state=state)), tag)
    found = mount.service.answer(parameters.request(mount.zone), now)
    return tagged(show(results_page(parameters, address(mount), found)), tag)


def hits() -> Response:
    """`GET /hits`: the hits as JSON."""
    mount, now = mounted(), datetime.now(UTC)
    parameters = read_parameters(request.query_string, mount.settings)
    tag = entity_tag(mount, mount.service.state(now), parameters, now)
    if known(tag):
        return tagged(Response(status=304), tag)
    found = mount.service.answer(parameters.request(mount.zone), now)
    return tagged(reply(found.to_dict()), tag)


def health() -> Response:
    """`GET /health`: whether searches are answered, and how fresh the answers are."""
    mount = mounted()
    report = health_report(lambda now: mount.service.state(now), mount.settings, datetime.now(UTC))
    answer = reply(report, status=503 if report["status"] == "down" else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def nowhere(rest: str) -> Response:  # noqa: ARG001 - the route gives it
    """Any other address below the prefix."""
    return failure(404, "not_found", "There is nothing at this address.", "invalid_request")


def answering(view: View) -> View:
    """The view with what goes wrong in it answered; hooks of the host around it keep their own way with errors."""

    @wraps(view)
    def answer(**arguments: str) -> Response:
        if request.method == "OPTIONS":
            return guarded(Response(status=204, headers={"Allow": ALLOW}))
        if request.method not in READING:
            refusal = failure(405, "method_not_allowed", f"Use one of {ALLOW} here.", "invalid_request")
            refusal.headers["Allow"] = ALLOW
            return guarded(refusal)
        try:
            return guarded(view(**arguments))
        except ParameterError as error:
            return guarded(failure(400, error.code, error.message, "invalid_request"))
        except IndexFault as error:
            return guarded(unavailable(error))
        except Exception:
            logger.exception("a search failed")
            return guarded(failure(500, "internal_error", "The search failed; it has been logged.", "internal"))

    return answer


def unavailable(error: IndexFault) -> Response:
    logger.warning("the index can't answer: %s", error)
    code, message = next(FAULTS[kind] for kind in type(error).__mro__ if kind in FAULTS)
    answer = failure(503, code, message, "unavailable")
    answer.headers["Retry-After"] = "5"
    return answer


def failure(status: int, code: str, message: str, kind: str) -> Response:
    """What went wrong, on the results page in its frame and elsewhere as JSON."""
    if request.endpoint == PAGE:
        page = blank_page(read_text(request.query_string), address(mounted()), problem=message)
        answer = show(page, status)
    else:
        answer = reply({"message": message, "code": code, "type": kind}, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def mounted() -> Mount:
    return cast(Mount, current_app.extensions[KEY])


def address(mount: Mount) -> Address:
    return Address(url_for(PAGE), mount.settings.per_page)


def show(page: Page, status: int = 200) -> Response:
    return Response(render_template(f"{KEY}/results.html", page=page, settings=mounted().settings), status)


def reply(content: Mapping[str, Any], status: int = 200) -> Response:
    # Flask's own jsonify sorts the keys, and indents them while debugging.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, mimetype="application/json")


def entity_tag(mount: Mount, state: IndexState, parameters: Parameters, now: datetime) -> str:
    """A name for the answer: it changes when the posts, their visibility, the day (for freshness) or we do."""
    index_part = f"{state.generation} {state.epoch} {state.updated_at.isoformat()} {now.date()}"
    text = f"{mount.fingerprint} {request.endpoint} {request.script_root} {index_part} {parameters!r}"
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()


def known(tag: str) -> bool:
    """Whether the asker holds the answer of this tag already."""
    return bool(tag) and request.if_none_match.contains_weak(tag)


def tagged(response: Response, tag: str) -> Response:
    response.headers["Cache-Control"] = "no-cache" if tag else "private, no-cache"
    if tag:
        # Weak, for two answers differ in the time that they took.
        response.set_etag(tag, weak=True)
    return response


def own_page() -> bool:
    """Whether no template of the host's stands in place of one of ours."""
    folder = Path(__file__).parent
    names = [current_app.jinja_env.get_template(f"{KEY}/{name}").filename for name in TEMPLATES]
    return all(name is not None and Path(name).is_relative_to(folder) for name in names)


def guarded(response: Response) -> Response:
    """The response with the headers that keep browsers from doing more with it than is meant."""
    headers = dict(ALL_HEADERS)
    if request.endpoint != PAGE:
        headers |= JSON_HEADERS | cross_origin_headers()
    elif own_page():
        headers |= PAGE_HEADERS
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def cross_origin_headers() -> dict[str, str]:
    """Leave for pages of the listed origins, named one by one and never `*`, to read the answer."""
    allowed, origin = mounted().settings.cors_origins, request.headers.get("Origin", "")
    if not allowed:
        return {}
    headers = {"Vary": "Origin"}
    if origin in allowed:
        headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "ETag, Retry-After"}
        headers |= PREFLIGHT if request.method == "OPTIONS" else {}
    return headers
