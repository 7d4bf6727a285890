"""The OpenAPI 3.1 description of the endpoint, for programs that make clients and tests of it.

The shapes of answers are read off the dataclasses in `search.results`, and the bounds of parameters off
`search.web.parameters`, so that nothing is said twice; the tests hold the rest against the running service.
"""

from __future__ import annotations

import inspect
import types
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from index.settings import Settings
from search.query import SORTS
from search.results import Results, SimilarPosts, SuggestionKind
from search.web.feed import ATOM
from search.web.opensearch import DESCRIPTION, SUGGESTIONS
from search.web.parameters import CALENDAR, LISTS, MAX_NUMBER, MAX_PAGE, MAX_VALUES, SIMILAR_COUNT
from search.web.suggestions import MAX_SUGGESTIONS

__all__ = ["REFUSALS", "describe_api"]

Data = dict[str, Any]

NOTES = {
    ("Hit", "id"): "The path of the post below the posts folder.",
    ("Hit", "url"): "Where the post is: a path, or a full address where the setting `base_url` names the site.",
    ("Hit", "date"): "The day as the author wrote it, `YYYY-MM-DD`, or null.",
    ("Highlights", "title"): "HTML with no element but `<mark>`.",
    ("Highlights", "body"): "The same as `snippet`.",
    ("Highlights", "tags"): "HTML with no element but `<mark>`, one text for each tag.",
    ("Hit", "snippet"): "HTML with no element but `<mark>`.",
    ("Hit", "plain_snippet"): "The snippet as plain text.",
    ("SectionHit", "snippet"): "HTML with no element but `<mark>`.",
    ("Hit", "pinned"): "Whether the site puts the post first for this query.",
    ("Hit", "explanation"): "The parts of the score, where `explain` asks for them, or null.",
    ("SimilarPosts", "id"): "The path of the post below the posts folder, or empty where no such post may be found.",
    ("Results", "parsed"): "The query as it was understood.",
    ("Results", "corrected"): "The query that was answered in place of the one asked, or null.",
    ("Results", "facets"): "`tags`, `author` and `year`: how many of all hits have each value, the commonest first.",
    ("Results", "warnings"): "What of the query was passed over, or would have cost too much, in words.",
    ("Results", "related"): "Posts near the query in meaning, where few match and the setting `meaning` names a model.",
    ("Results", "suggestions"): "Texts that begin with `q` and go on, where `suggest` asks for them.",
    ("Results", "instead"): "Other queries that may be meant or find more; `query` is a value for `q`.",
    ("Instead", "without"): "The parameters to leave out.",
}
NOT_TOLD = {("IndexState", "epoch")}
"""Fields that no JSON answer holds."""

STRING: Data = {"type": "string"}
INTEGER: Data = {"type": "integer"}
BOOLEAN: Data = {"type": "boolean"}
MOMENT: Data = {"type": "string", "format": "date-time"}
NULL: Data = {"type": "null"}
SCHEMAS: dict[Any, Data] = {
    str: STRING, int: INTEGER, float: {"type": "number"}, bool: BOOLEAN, types.NoneType: NULL, datetime: MOMENT,
}  # fmt: skip
"""The JSON schema of each plain type."""

REFUSALS = (
    "invalid_count", "invalid_explain", "invalid_from", "invalid_id", "invalid_page", "invalid_per_page",
    "invalid_prefix", "invalid_sort", "invalid_suggest", "invalid_to", "invalid_typos", "repeated_parameter",
    "too_many_parameters",
    "too_many_values", "unknown_parameter",
)  # fmt: skip
"""The codes of all that is answered with status 400."""


def describe_api(settings: Settings, server: str, version: str) -> Data:
    """The whole document, for the service at this address."""
    at_most = settings.max_per_page
    q = [parameter("q", "The query; nothing that is typed is an error.", STRING | {"default": ""})]
    value = "A whole value, compared without case and accents; given several times, any will do."
    values = {"type": "array", "items": STRING, "maxItems": MAX_VALUES}
    day = "YYYY, YYYY-MM or YYYY-MM-DD, inclusive; a date of the calendar. Blank counts as none."
    order = {"enum": list(SORTS), "default": SORTS[0]}
    narrowed = [
        *q,
        *(parameter(name, value, values) | {"style": "form", "explode": True} for name in LISTS),
        *(parameter(name, day, STRING | {"pattern": CALENDAR}) for name in ("from", "to")),
        parameter("typos", "1 mends misspelt words that no post holds.", {"enum": ["0", "1"], "default": "1"}),
    ]
    paged = [
        *narrowed,
        parameter("sort", "The order of the hits. Blank counts as none.", order),
        parameter("page", "Counted from 1.", INTEGER | {"minimum": 1, "maximum": MAX_PAGE, "default": 1}),
        parameter(
            "per_page",
            f"How many hits a page holds; more than {at_most} count as {at_most}.",
            INTEGER | {"minimum": 1, "maximum": MAX_NUMBER, "default": settings.per_page},
        ),
    ]
    post = parameter(
        "id",
        "The path of a post below the posts folder, or that of its address, which begins with `/`.",
        STRING | {"minLength": 1},
    ) | {"required": True}
    few = parameter(
        "count",
        f"At most how many posts; more than {at_most} count as {at_most}.",
        INTEGER | {"minimum": 1, "maximum": MAX_NUMBER, "default": SIMILAR_COUNT},
    )
    prefix = parameter(
        "prefix", "1 takes the last word of `q` for the beginning of a word.", {"enum": ["0", "1"], "default": "1"}
    )
    explain = parameter("explain", "1 tells the parts of the score of each hit.", {"enum": ["0", "1"], "default": "0"})
    suggest = parameter(
        "suggest",
        "At most how many `suggestions` the answer holds.",
        INTEGER | {"minimum": 0, "maximum": MAX_SUGGESTIONS, "default": 0},
    )
    kinds = record(
        "The kind of each suggestion, and in how many posts it stands.",
        kinds={"type": "array", "items": {"enum": list(get_args(SuggestionKind))}},
        posts={"type": "array", "items": INTEGER},
    )
    completions = {
        "type": "array",
        "description": "What was typed, and of each suggestion the text, what it is about, its address, and the rest.",
        "items": {"anyOf": [STRING, {"type": "array", "items": STRING}, kinds]},
        "minItems": 5,
        "maxItems": 5,
    }
    health = {"application/json": {"schema": ref("Health")}}
    records: Data = {}
    add_record(Results, records)
    add_record(SimilarPosts, records)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Search {settings.site_name or 'the posts'}",
            "version": version or "0",
            "description": "Search of a folder of posts.",
        },
        "servers": [{"url": server}],
        "paths": {
            "/hits": operation(
                "hits", "The hits as JSON", [*paged, prefix, explain, suggest], "application/json", ref("Results")
            ),
            "/similar": operation(
                "similar", "The posts most like one", [post, few], "application/json", ref("SimilarPosts")
            ),
            "/": operation("page", "The results page", paged, "text/html", STRING),
            "/feed": operation("feed", "The hits as an Atom feed, newest first", narrowed, ATOM, {}),
            "/suggest": operation("suggest", "What completes what is typed", q, SUGGESTIONS, completions),
            "/opensearch.xml": operation("opensearch", "The description for browsers", [], DESCRIPTION, {}),
            "/openapi.json": operation("openapi", "This document", [], "application/json", {"type": "object"}),
            **(
                {"/metrics": operation("metrics", "Figures for Prometheus", [], "text/plain", STRING)}
                if settings.metrics
                else {}
            ),
            "/health": {
                "get": {
                    "operationId": "health",
                    "summary": "Whether searches are answered",
                    "responses": {
                        "200": {"description": "Searches are answered.", "content": health},
                        "503": {"description": "No search is answered: there is no index.", "content": health},
                    },
                }
            },
        },
        "components": {
            "schemas": {
                **records,
                "Health": record(
                    "Whether searches are answered; `degraded` where answers may be stale.",
                    status={"enum": ["ok", "degraded", "down"]},
                    reason=STRING | {"description": "Why the status is not `ok`, for people."},
                    generation={"anyOf": [INTEGER, NULL]},
                    posts=INTEGER,
                    updated_at={"anyOf": [MOMENT, NULL]},
                    watcher={
                        "anyOf": [
                            record(
                                "The process that watches the posts; `watched` of the `folders` give events.",
                                alive=BOOLEAN,
                                mode={"enum": ["events", "polling", "unknown"]},
                                watched=INTEGER,
                                folders=INTEGER,
                                pending=INTEGER | {"description": "Posts that are known to wait."},
                                swept_at={"anyOf": [MOMENT, NULL]},
                                seen_at=MOMENT,
                                failing=BOOLEAN,
                            ),
                            NULL,
                        ]
                    },
                ),
                "Problem": record(
                    "What went wrong.",
                    message=STRING | {"description": "For people; it may change."},
                    code=STRING | {"description": "For programs; it does not change."},
                    type={"enum": ["invalid_request", "unavailable", "internal"]},
                ),
            }
        },
    }


def operation(name: str, summary: str, parameters: list[Data], media_type: str, schema: Data) -> Data:
    """The `GET` of one address; `HEAD` answers like it, without a body."""
    told = {"text/html": {"schema": STRING}} if name == "page" else {"application/json": {"schema": ref("Problem")}}
    codes = ", ".join(REFUSALS)
    wait = {"description": "Seconds after which to ask again.", "required": True, "schema": INTEGER}
    failures = {
        "400": {"description": f"A parameter has a value that can't be used. The codes: {codes}", "content": told},
        "503": {
            "description": "There is no index to search now.",
            "content": told,
            "headers": {"Retry-After": wait},
        },
    }
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": {"description": summary, "content": {media_type: {"schema": schema}}},
                "304": {"description": "Nothing has changed since the answer with the `If-None-Match` that was sent."},
                **(failures if parameters else {}),
            },
        }
    }


def parameter(name: str, description: str, schema: Data) -> Data:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def ref(name: str) -> Data:
    return {"$ref": f"#/components/schemas/{name}"}


def record(description: str, /, **properties: Data) -> Data:
    """An object that holds all of these properties and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def add_record(kind: type, records: Data) -> None:
    """Add the JSON of a dataclass, and of those in its fields, by name: every field is there in every answer."""
    hints = get_type_hints(kind)
    properties = {}
    for name in [field.name for field in fields(kind) if (kind.__name__, field.name) not in NOT_TOLD]:
        note = NOTES.get((kind.__name__, name))
        properties[name] = schema_of(hints[name], records) | ({"description": note} if note else {})
    records[kind.__name__] = record(inspect.getdoc(kind) or "", **properties)


def schema_of(hint: Any, records: Data) -> Data:
    """The JSON schema of a type, as `to_dict` writes its values."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in SCHEMAS:
        return SCHEMAS[hint]
    if origin in {types.UnionType, Union}:
        return {"anyOf": [schema_of(one, records) for one in arguments]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0], records)}
    if isinstance(hint, type) and is_dataclass(hint):
        add_record(hint, records)
        return ref(hint.__name__)
    return {"type": "object", "additionalProperties": schema_of(arguments[1], records)}
