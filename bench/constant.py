"""The least that a Flask app can do: a view that returns the same bytes, as many as `BENCH_BYTES` says.

Served by `gunicorn bench.constant:app`, it is what requests a second of ours are compared with.
"""

from __future__ import annotations

import os

from flask import Flask, Response

__all__ = ["BYTES", "app"]

BYTES = "BENCH_BYTES"
CONTENT = b'"' + b"x" * max(0, int(os.environ.get(BYTES, "1000")) - 2) + b'"'

app = Flask(__name__, static_folder=None)


@app.get("/search/hits")
def constant() -> Response:
    """The same, whatever is asked."""
    return Response(CONTENT, mimetype="application/json")
