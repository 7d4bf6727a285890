"""The OpenAPI 3.1 description of the endpoint: settings and an address go in, the document comes out as plain data.

The shapes of answers are read off the dataclasses in `search.results`, and the bounds of parameters off
`search.web.parameters`, so that nothing is said twice; the tests hold the rest against the running service.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from index.settings import Settings
from search.results import Hit, IndexState, Results, SectionHit
from search.web.feed import ATOM
from search.web.opensearch import DESCRIPTION, SUGGESTIONS
from search.web.parameters import CALENDAR, LARGEST, LISTS, MAX_PAGE, MAX_VALUES, SORTS

__all__ = ["REFUSALS", "describe_api"]

Data = dict[str, Any]

MARKED = "HTML with no element but `<mark>`."
NOTES = {
    ("Hit", "id"): "The path of the post below the posts folder.",
    ("Hit", "url"): "Where the post is: a path, or a full address where the setting `base_url` names the site.",
    ("Hit", "date"): "The day as the author wrote it, `YYYY-MM-DD`, or null.",
    ("Hit", "highlights"): f"`title` and `body`: {MARKED} `tags`: a list of these.",
    ("Hit", "snippet"): MARKED,
    ("Hit", "plain_snippet"): "The snippet as plain text.",
    ("SectionHit", "snippet"): MARKED,
    ("Results", "parsed"): "The query as it was understood.",
    ("Results", "corrected"): "The query that was answered in place of the one asked, or null.",
    ("Results", "facets"): "`tags`, `author` and `year`: how many of all hits have each value, the commonest first.",
    ("Results", "warnings"): "What of the query was passed over, in words.",
}
NOT_TOLD = {("IndexState", "epoch")}
"""Fields that no JSON answer holds."""

PLAIN: dict[Any, Data] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    types.NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
}

REFUSALS = (
    "invalid_from", "invalid_page", "invalid_per_page", "invalid_prefix", "invalid_sort", "invalid_to",
    "repeated_parameter", "too_many_parameters", "too_many_values", "unknown_parameter",
)  # fmt: skip
"""The codes of all that is answered with status 400."""


def describe_api(settings: Settings, server: str, version: str) -> Data:
    """The whole document, for the service at this address."""
    words = [q_parameter("The query; nothing that is typed is an error.")]
    narrowing = [*words, *list_parameters(), *date_parameters()]
    paged = [*narrowing, sort_parameter(), *page_parameters(settings)]
    json, site = "application/json", settings.site_name or "the posts"
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Search {site}", "version": version or "0", "description": "Search of a folder of posts."},
        "servers": [{"url": server}],
        "paths": {
            "/hits": operation("hits", "The hits as JSON", [*paged, prefix_parameter()], {json: ref("Results")}),
            "/": operation("page", "The results page", paged, {"text/html": PLAIN[str]}),
            "/feed": operation("feed", "The hits as an Atom feed, newest first", narrowing, {ATOM: {}}),
            "/suggest": operation("suggest", "Titles that complete what is typed", words, {SUGGESTIONS: completions()}),
            "/opensearch.xml": operation("opensearch", "The description for browsers", [], {DESCRIPTION: {}}),
            "/openapi.json": operation("openapi", "This document", [], {json: {"type": "object"}}),
            "/health": health_operation(),
        },
        "components": {"schemas": schemas()},
    }


def schemas() -> Data:
    return {
        **{kind.__name__: shape(kind) for kind in (Results, Hit, SectionHit, IndexState)},
        "Health": health_shape(),
        "Problem": record(
            {
                "message": PLAIN[str] | {"description": "For people; it may change."},
                "code": PLAIN[str] | {"description": "For programs; it does not change."},
                "type": {"enum": ["invalid_request", "unavailable", "internal"]},
            },
            "What went wrong.",
        ),
    }


def shape(kind: type) -> Data:
    """The JSON of a dataclass: every field is there in every answer."""
    hints = get_type_hints(kind)
    told = [field.name for field in fields(kind) if (kind.__name__, field.name) not in NOT_TOLD]
    return record({name: described(kind.__name__, name, hints[name]) for name in told}, inspect.getdoc(kind) or "")


def described(kind: str, name: str, hint: Any) -> Data:
    note = NOTES.get((kind, name))
    return schema_of(hint) | ({"description": note} if note else {})


def schema_of(hint: Any) -> Data:
    """The JSON schema of a type, as `to_dict` writes its values."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return dict(PLAIN[hint])
    if origin in {types.UnionType, Union}:
        return {"anyOf": [schema_of(one) for one in arguments]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    return ref(hint.__name__)


def record(properties: Data, description: str) -> Data:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def ref(name: str) -> Data:
    return {"$ref": f"#/components/schemas/{name}"}


def completions() -> Data:
    return {
        "type": "array",
        "description": "What was typed, the titles, a description of each or an empty text, the address of each.",
        "items": {"anyOf": [PLAIN[str], {"type": "array", "items": PLAIN[str]}]},
        "minItems": 4,
        "maxItems": 4,
    }


def health_shape() -> Data:
    watcher = {"alive": PLAIN[bool], "mode": PLAIN[str], "seen_at": PLAIN[datetime], "failing": PLAIN[bool]}
    return record(
        {
            "status": {"enum": ["ok", "degraded", "down"]},
            "generation": schema_of(int | None),
            "posts": PLAIN[int],
            "updated_at": schema_of(datetime | None),
            "watcher": {"anyOf": [record(watcher, "The process that watches the posts."), PLAIN[types.NoneType]]},
        },
        "Whether searches are answered; `degraded` where answers may be stale.",
    )


def operation(name: str, summary: str, parameters: list[Data], content: Data) -> Data:
    """The `GET` of one address; `HEAD` answers like it, without a body."""
    refused = {"400": problem("A parameter has a value that can't be used. The codes: " + ", ".join(REFUSALS))}
    unavailable = {"503": problem("There is no index to search now.") | {"headers": {"Retry-After": seconds()}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": {"description": summary, "content": {kind: {"schema": one} for kind, one in content.items()}},
                "304": {"description": "Nothing has changed since the answer with the `If-None-Match` that was sent."},
                **(as_page(refused | unavailable) if name == "page" else refused | unavailable if parameters else {}),
            },
        }
    }


def as_page(failures: Data) -> Data:
    """The same failures, told on the page."""
    page = {"content": {"text/html": {"schema": PLAIN[str]}}}
    return {status: failure | page for status, failure in failures.items()}


def health_operation() -> Data:
    answers = {"200": "Searches are answered.", "503": "No search is answered: there is no index."}
    content = {"application/json": {"schema": ref("Health")}}
    return {
        "get": {
            "operationId": "health",
            "summary": "Whether searches are answered",
            "responses": {status: {"description": text, "content": content} for status, text in answers.items()},
        }
    }


def problem(description: str) -> Data:
    return {"description": description, "content": {"application/json": {"schema": ref("Problem")}}}


def seconds() -> Data:
    return {"description": "Seconds after which to ask again.", "required": True, "schema": {"type": "integer"}}


def parameter(name: str, description: str, schema: Data) -> Data:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def q_parameter(description: str) -> Data:
    return parameter("q", description, PLAIN[str] | {"default": ""})


def list_parameters() -> list[Data]:
    any_of = "A whole value, compared without case and accents; given several times, any will do."
    schema = {"type": "array", "items": PLAIN[str], "maxItems": MAX_VALUES}
    return [parameter(name, any_of, schema) | {"style": "form", "explode": True} for name in LISTS]


def date_parameters() -> list[Data]:
    day = "YYYY, YYYY-MM or YYYY-MM-DD, inclusive; a date of the calendar. Blank counts as none."
    return [parameter(name, day, PLAIN[str] | {"pattern": CALENDAR}) for name in ("from", "to")]


def sort_parameter() -> Data:
    return parameter("sort", "The order of the hits. Blank counts as none.", {"enum": list(SORTS), "default": SORTS[0]})


def page_parameters(settings: Settings) -> list[Data]:
    number = {"type": "integer", "minimum": 1}
    many = f"How many hits a page holds; more than {settings.max_per_page} count as {settings.max_per_page}."
    return [
        parameter("page", "Counted from 1.", number | {"maximum": MAX_PAGE, "default": 1}),
        parameter("per_page", many, number | {"maximum": LARGEST, "default": settings.per_page}),
    ]


def prefix_parameter() -> Data:
    how = "1 takes the last word of `q` for the beginning of a word."
    return parameter("prefix", how, {"enum": ["0", "1"], "default": "1"})
