"""The headers that keep browsers from doing more with an answer than is meant, or let other origins read it."""

from __future__ import annotations

from flask import Response, request

from search.web.context import HTML, current_state

__all__ = ["PAGE_HEADERS", "guarded"]

ALL_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
JSON_HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
}
"""Those of pages that only our own templates make."""

# The files are the same for everybody, and the search box has to load before it can tell that its page is not listed.
PUBLIC = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
EXPOSED = {"Access-Control-Expose-Headers": "ETag, Retry-After"}
PREFLIGHT = {
    "Access-Control-Allow-Headers": "Content-Type, If-None-Match, MCP-Protocol-Version, Mcp-Method, Mcp-Name",
    "Access-Control-Max-Age": "600",
}


def guarded(response: Response) -> Response:
    """The response with these headers, but for those that it has already."""
    app_state, headers = current_state(), dict(ALL_HEADERS)
    view = (request.endpoint or "").removeprefix(f"{app_state.name}.")
    if view == "static":
        headers |= JSON_HEADERS | PUBLIC
    elif view != "results" and (response.status_code, response.mimetype) != (404, HTML):
        headers |= JSON_HEADERS
        # Pages of the listed origins, named one by one, may read it.
        if allowed := app_state.settings.cors_origins:
            response.vary.add("Origin")
            if (origin := request.headers.get("Origin", "")) in allowed:
                headers |= {"Access-Control-Allow-Origin": origin, **EXPOSED}
                if request.method == "OPTIONS":
                    headers |= {**PREFLIGHT, "Access-Control-Allow-Methods": response.headers["Allow"]}
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
