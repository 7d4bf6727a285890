"""Postsearch in a Flask application, or as an application of its own."""

from __future__ import annotations

from functools import partial

from flask import Flask, Response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from index.errors import SettingsError
from index.settings import Settings, load_settings, settings_from_config
from search.service import Search
from search.web.app_state import AppState
from search.web.views import KEY, PAGE, make_blueprint, preview

__all__ = ["PostSearch", "create_app"]

ELSEWHERE = """\
There is no page here: this server answers searches, and the posts are on your site.
Set base_url to the address of the site, such as https://example.org/blog, so that hits lead there.
"""


class PostSearch:
    """The Flask extension: `PostSearch(app)`, or `PostSearch()` and `init_app(app)` for each application there is.

    The settings are those given, or else read once from the `POSTSEARCH_…` keys of `app.config`, the environment and
    `postsearch.toml`. The index is opened at the first request, so a server may fork after this.
    """

    def __init__(self, app: Flask | None = None, settings: Settings | None = None) -> None:
        if app is not None:
            self.init_app(app, settings)
        elif settings is not None:
            raise SettingsError("PostSearch(settings=…) has no app to apply them to: call init_app(app, settings)")

    def init_app(self, app: Flask, settings: Settings | None = None) -> None:
        """Register the results page and the JSON endpoint with the app.

        Raises `SettingsError` where an option can't be used, or the app has them already.
        """
        if KEY in app.extensions:
            raise SettingsError(
                "PostSearch is registered with this app already: call either PostSearch(app) or init_app(app), once"
            )
        chosen = settings or settings_from_config(app.config)
        app_state = AppState(chosen, Search(chosen))
        app.register_blueprint(make_blueprint(chosen.url_prefix, metrics=chosen.metrics))
        app.extensions[KEY] = app_state


def create_app(settings: Settings | None = None) -> Flask:
    """An app of nothing but the search, for a server of its own; the settings are those given, or else as
    `load_settings` reads them. Raises `SettingsError`."""
    chosen = settings or load_settings()
    app = Flask(__name__, static_folder=None, template_folder=None)
    PostSearch(app, chosen)
    # With a site of its own, hits lead there, and what a person finds here would only be a copy.
    app.register_error_handler(NotFound, partial(elsewhere, not chosen.base_url))
    app.after_request(without_host)
    if chosen.url_prefix:
        app.add_url_rule("/", "root", to_page)
    return app


def to_page() -> AnyResponse:
    return redirect(url_for(PAGE))


def without_host(response: Response) -> AnyResponse:
    """The response, or in place of a redirect of Flask's own, over a slash, one that does not name the host."""
    if response.location and response.location.startswith(request.host_url):
        return redirect("/" + response.location.removeprefix(request.host_url).lstrip("/"), response.status_code)
    return response


def elsewhere(alone: bool, error: NotFound) -> Response:  # noqa: ARG001 - Flask gives it
    """The plain text of the post that a hit leads to, while there is no site to lead to."""
    found = preview(request.path) if alone and request.method in {"GET", "HEAD"} else None
    return found or Response(ELSEWHERE, 404, mimetype="text/plain")
