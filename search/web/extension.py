"""Postsearch in a Flask app: an app and settings go in, the app answers searches below the prefix from then on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Flask, Response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from index.errors import SettingsError
from index.settings import Settings, load_settings, settings_from_config
from search.service import Search
from search.web.mount import Mount
from search.web.views import KEY, PAGE, make_blueprint, preview

__all__ = ["PostSearch", "create_app"]

ELSEWHERE = """\
There is no page here: this server answers searches, and the posts are on your site.
Set base_url to the address of the site, such as https://example.org/blog, so that hits lead there.
"""


class PostSearch:
    """The Flask extension: `PostSearch(app)`, or `PostSearch()` and `init_app(app)` for each app there is.

    The settings are those given, or else read once from the `POSTSEARCH_…` keys of `app.config`, the environment and
    `postsearch.toml`. The index is opened at the first request, so a server may fork after this.
    """

    def __init__(
        self,
        app: Flask | None = None,
        settings: Settings | None = None,
        *,
        open_service: Callable[[Settings], Search] = Search,
    ) -> None:
        if app is not None:
            self.init_app(app, settings, open_service=open_service)
        elif settings is not None:
            raise SettingsError("PostSearch(settings=…) has no app to apply them to: call init_app(app, settings)")

    def init_app(
        self,
        app: Flask,
        settings: Settings | None = None,
        *,
        open_service: Callable[[Settings], Search] = Search,
    ) -> None:
        """Register the results page and the JSON endpoint with the app."""
        if KEY in app.extensions:
            raise SettingsError(
                "PostSearch is registered with this app already: call either PostSearch(app) or init_app(app), once"
            )
        mount = Mount(settings or settings_from_config(app.config), open_service)
        app.register_blueprint(make_blueprint(mount.settings.url_prefix))
        app.extensions[KEY] = mount


def create_app(settings: Settings | None = None, *, open_service: Callable[[Settings], Search] = Search) -> Flask:
    """An app of nothing but the search, for a server of its own."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    PostSearch(app, settings or load_settings(), open_service=open_service)
    mount = app.extensions[KEY]
    # With a site of its own, hits lead there, and what a person finds here would only be a copy.
    app.register_error_handler(NotFound, partial(elsewhere, not mount.settings.base_url))
    if mount.settings.url_prefix:
        app.add_url_rule("/", "root", to_page)
    return app


def to_page() -> AnyResponse:
    return redirect(url_for(PAGE))


def elsewhere(alone: bool, error: NotFound) -> Response:  # noqa: ARG001 - Flask gives it
    """The plain text of the post that a hit leads to, while there is no site to lead to."""
    found = preview(request.path) if alone and request.method in {"GET", "HEAD"} else None
    return found or Response(ELSEWHERE, 404, mimetype="text/plain")
