"""The OpenAPI 3.1 description of the endpoint, for programs that make clients and tests of it.

It stands in `openapi.json`; the tests hold it against the bounds in the code, and against the running service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.settings import Settings

__all__ = ["describe_api", "schema_of"]

Data = dict[str, Any]

DOCUMENT = Path(__file__).with_name("openapi.json")


def describe_api(settings: Settings, server: str, version: str, *, reindex: bool = False) -> Data:
    """The whole document, for the service at this address; `reindex`: the posts can be indexed from afar."""
    document: Data = json.loads(DOCUMENT.read_bytes())
    document["info"] |= {"title": f"Search {settings.site_name or 'the posts'}", "version": version or "0"}
    document["servers"] = [{"url": server}]
    components = document["components"]
    parameters, responses = components.pop("parameters"), components.pop("responses")
    parameters["per_page"]["schema"]["default"] = settings.per_page
    for name in ("per_page", "count"):
        parameters[name]["description"] = parameters[name]["description"].format(most=settings.max_per_page)
    offered = {"/mcp": settings.mcp, "/metrics": settings.metrics, "/reindex": reindex}
    paths = {path: item for path, item in document["paths"].items() if offered.get(path, True)}
    return document | {"paths": resolved(paths, {"parameters": parameters, "responses": responses})}


def schema_of(name: str) -> Data:
    """The JSON schema of this name, such as "Results", whole: with no reference to another."""
    schemas = json.loads(DOCUMENT.read_bytes())["components"]["schemas"]
    schema: Data = resolved(schemas[name], {"schemas": schemas})
    return schema


def resolved(data: Any, parts: Mapping[str, Mapping[str, Any]]) -> Any:
    """The data with components of these kinds, by name, in place of the references to them."""
    if isinstance(data, list):
        return [resolved(one, parts) for one in data]
    if not isinstance(data, dict):
        return data
    if "$ref" in data:
        *_, kind, name = data["$ref"].split("/")
        return resolved(parts[kind][name], parts) if kind in parts else data
    return {key: resolved(one, parts) for key, one in data.items()}
