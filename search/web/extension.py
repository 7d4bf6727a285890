"""Postsearch in a Flask application, or as an application of its own."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from index.errors import SettingsError
from index.settings import Settings, load_settings, settings_from_config
from search.service import Search
from search.web.app_state import USUAL_NAME, AppState
from search.web.blueprint import make_blueprint
from search.web.context import HTML, prefers
from search.web.headers import guarded
from search.web.views import nowhere, preview

__all__ = ["PostSearch", "create_app"]

NAME = re.compile("[A-Za-z][A-Za-z0-9_-]*")

ELSEWHERE = """\
There is no page here: this server answers searches, and the posts are on your site.
Set base_url to the address of the site, such as https://example.org/blog, so that hits lead there.
"""

FOREIGN_NAME = """\
This search answers to localhost, to IP addresses and to the setting host, and to no other name of this machine: a page
of another site could have a name of its own lead here. Set base_url to the address of your site, such as
https://example.org/blog, and it answers to all names, as behind a proxy.
"""


class PostSearch:
    """The Flask extension: `PostSearch(app)`, or `PostSearch()` and `init_app(app)` for each application there is.

    The settings are those given, or else read once from the `POSTSEARCH_…` keys of `app.config`, the environment and
    `postsearch.toml`. The index is opened at the first request, so a server may fork after this.

    Several searches in one application have a `name` each, by which `url_for` knows their addresses ("docs.results"),
    and an index and a prefix of their own.
    """

    def __init__(self, app: Flask | None = None, settings: Settings | None = None, *, name: str = USUAL_NAME) -> None:
        if app is not None:
            self.init_app(app, settings, name=name)
        elif settings is not None:
            raise SettingsError("PostSearch(settings=…) has no app to apply them to: call init_app(app, settings)")

    def init_app(self, app: Flask, settings: Settings | None = None, *, name: str = USUAL_NAME) -> None:
        """Register the results page and the JSON endpoint with the app.

        Raises `SettingsError` where an option can't be used, or the app has the name or the prefix already.
        """
        if not NAME.fullmatch(name):
            raise SettingsError(f"PostSearch: name is {name!r}; give letters, digits, - and _, a letter first")
        if name in app.extensions or name in app.blueprints:
            raise SettingsError(
                f"PostSearch: {name!r} is registered with this app already: call either PostSearch(app) or"
                " init_app(app), once, or give a second search another name, such as PostSearch(app, name='docs')"
            )
        chosen = settings or settings_from_config(app.config)
        others = [other for other in app.extensions.values() if isinstance(other, AppState)]
        if same := [other.name for other in others if other.settings.url_prefix == chosen.url_prefix]:
            raise SettingsError(
                f"url_prefix: {chosen.url_prefix!r} is that of the search {same[0]!r}; give {name!r} one of its own"
            )
        app_state = AppState(chosen, Search(chosen), name)
        app.register_blueprint(make_blueprint(app_state))
        app.extensions[name] = app_state


def create_app(settings: Settings | None = None, *, local: bool = False) -> Flask:
    """An app of nothing but the search, for a server of its own; the settings are those given, or else as
    `load_settings` reads them. Raises `SettingsError`.

    `local` is for a server that only its own machine reaches: until `base_url` names a site, requests by a name that
    may be another site's are refused, since a browser would show that site what is answered (DNS rebinding).
    """
    chosen = settings or load_settings()
    app = Flask(__name__, static_folder=None, template_folder=None)
    PostSearch(app, chosen)
    # With a site of its own, hits lead there, and what a person finds here would only be a copy.
    app.register_error_handler(NotFound, partial(elsewhere, not chosen.base_url))
    app.after_request(without_host)
    if local and not urlsplit(chosen.base_url).netloc:
        own = rf"((.+\.)?localhost|[0-9.]+|\[[0-9a-f:.]+\]|{re.escape(chosen.host)})(:[0-9]+)?"
        app.before_request(partial(unless_named, re.compile(own, re.IGNORECASE)))
    if chosen.url_prefix:
        app.add_url_rule("/", "root", to_page)
    return app


def to_page() -> AnyResponse:
    return redirect(url_for(f"{USUAL_NAME}.results"))


def unless_named(names: re.Pattern[str]) -> Response | None:
    """The refusal of a request that names its host otherwise than this."""
    known = names.fullmatch(request.headers.get("Host", "localhost"))
    return None if known else Response(FOREIGN_NAME, 421, mimetype="text/plain")


def without_host(response: Response) -> AnyResponse:
    """The response, or in place of a redirect of Flask's own, over a slash, one that does not name the host."""
    if response.location and response.location.startswith(request.host_url):
        return redirect("/" + response.location.removeprefix(request.host_url).lstrip("/"), response.status_code)
    return response


def elsewhere(alone: bool, error: NotFound) -> Response:  # noqa: ARG001 - Flask gives it
    """The plain text of the post that a hit leads to, while there is no site to lead to; else that there is none."""
    found = preview(request.path) if alone and request.method in {"GET", "HEAD"} else None
    if not found:
        page = prefers(HTML, "text/plain")
        found = guarded(nowhere(request.path)) if page else Response(ELSEWHERE, 404, mimetype="text/plain")
        found.vary.add("Accept")
    return found
