"""A Flask site as there are many: its own template, its own routes, another extension. Search is two of its lines."""

from pathlib import Path

import frontmatter
import pyromark
from flask import Flask, abort, render_template
from flask_caching import Cache

from search import PostSearch

POSTS = Path(__file__).parent / "posts"

app = Flask(__name__)
app.config["CACHE_TYPE"] = "SimpleCache"
cache = Cache(app)
PostSearch(app)


@app.route("/")
@cache.cached(timeout=60)
def home():
    posts = {path.stem: frontmatter.load(path) for path in sorted(POSTS.glob("*.md"))}
    return render_template("home.html", posts=posts)


@app.route("/blog/<slug>/")
def post(slug):
    path = POSTS / f"{slug}.md"
    if path not in POSTS.glob("*.md"):
        abort(404)
    found = frontmatter.load(path)
    return render_template("post.html", title=found["title"], text=pyromark.html(found.content))


@app.errorhandler(404)
def not_found(_error):
    return render_template("404.html"), 404
