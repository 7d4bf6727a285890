"""A search as one writes it in an afternoon, of the same packages: the checks of the trials have to find fault with it.

Every second, unless told otherwise, it indexes all posts anew, in the place of the index that answers, which then may
fail. It shows of a post what its file says by now, takes queries of any cost, and keeps all its answers and all that it
opens.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import frontmatter
from flask import Flask, request
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.qparser import MultifieldParser

__all__ = ["create_app"]

SCHEMA = Schema(id=ID(stored=True), title=TEXT(stored=True), body=TEXT)


def create_app(posts: str, index: str, *, keeps_up: bool = True) -> Flask:
    """The search in these two folders, which are there; gunicorn calls it with their names."""
    app = Flask(__name__)
    kept: list[Any] = []

    def reindex() -> None:
        writer = create_in(index, SCHEMA).writer()
        for path in Path(posts).glob("*.md"):
            post = frontmatter.load(str(path))
            writer.add_document(id=path.name, title=str(post["title"]), body=post.content)
        writer.commit()

    def keep_up() -> None:
        while not threading.Event().wait(1):
            reindex()

    @app.get("/search/hits")
    def hits() -> dict[str, Any]:
        opened = open_dir(index)
        searcher = opened.searcher()
        found = searcher.search(MultifieldParser(["title", "body"], SCHEMA).parse(request.args["q"]), limit=None)
        texts = {hit["id"]: frontmatter.load(str(Path(posts, hit["id"]))).content for hit in found}
        shown = [{"id": hit["id"], "title": hit["title"], "plain_snippet": texts[hit["id"]]} for hit in found]
        kept.append((searcher, texts))
        return {"total": len(shown), "hits": shown, "index": {"generation": opened.latest_generation()}}

    reindex()
    if keeps_up:
        threading.Thread(target=keep_up, daemon=True).start()
    return app
