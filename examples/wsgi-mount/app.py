"""Any WSGI site with the search mounted below a path: the results page is at /blog/search/."""

from html import escape

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from search import create_app

PAGE = """<!doctype html>
<title>Some site</title>
<h1>The page {path}</h1>
<form action="/blog/search/" role="search">
  <input type="search" name="q" aria-label="Search"> <button>Search</button>
</form>
"""


def site(environ, start_response):
    """Stands for a site in Django, Pyramid or anything else that speaks WSGI."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [PAGE.format(path=escape(environ["PATH_INFO"])).encode()]


application = DispatcherMiddleware(site, {"/blog": create_app()})
