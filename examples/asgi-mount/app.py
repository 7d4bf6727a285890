"""A site in FastAPI with the search mounted below a path: the results page is at /blog/search/."""

from html import escape

from a2wsgi import WSGIMiddleware
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from search import create_app

PAGE = """<!doctype html>
<title>Some site</title>
<h1>The page {path}</h1>
<form action="/blog/search/" role="search">
  <input type="search" name="q" aria-label="Search"> <button>Search</button>
</form>
"""

app = FastAPI()
app.mount("/blog", WSGIMiddleware(create_app()))


@app.get("/{path:path}")
def page(path: str) -> HTMLResponse:
    return HTMLResponse(PAGE.format(path=escape(f"/{path}")))
