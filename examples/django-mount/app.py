"""A site in Django with the search mounted below a path: the results page is at /blog/search/."""

from html import escape

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from search import create_app

PAGE = """<!doctype html>
<title>Some site</title>
<h1>The page {path}</h1>
<form action="/blog/search/" role="search">
  <input type="search" name="q" aria-label="Search"> <button>Search</button>
</form>
"""


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE.format(path=escape(request.path)))


# In a site of several files, these two stand in settings.py and urls.py.
settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__)
urlpatterns = [re_path("", page)]

# And this in wsgi.py.
application = DispatcherMiddleware(get_wsgi_application(), {"/blog": create_app()})
