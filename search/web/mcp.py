"""The Model Context Protocol, by which assistants call tools: one JSON-RPC message is answered by itself.

As of revision 2026-07-28 (modelcontextprotocol.io/specification), where each request says all about itself; clients of
`LEGACY`, which begin with `initialize`, are answered alike, for we need no sessions.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from index.errors import ParameterError

__all__ = ["MAX_MESSAGE_BYTES", "Server", "Tool", "answer_message"]

Data = dict[str, Any]

MAX_MESSAGE_BYTES = 64 << 10
"""Far more than the arguments of any tool of ours take."""

VERSION = "2026-07-28"
LEGACY = ("2025-11-25", "2025-06-18")
"""Earlier revisions that are answered, the newest first."""

META = "io.modelcontextprotocol/"
VERSION_KEY = f"{META}protocolVersion"
REQUIRED = (VERSION_KEY, f"{META}clientCapabilities")
CACHED = {"ttlMs": 3_600_000, "cacheScope": "public"}
"""Tools change with our release and settings only."""

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
BASE64 = re.compile(r"=\?base64\?(.*)\?=")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that changes nothing, as clients are told of it.

    `arguments` are the JSON schemas of what it takes, by name, of which the `required` ones must be given, and `output`
    is that of what it tells. `call` answers arguments with that, after the same as a text.
    """

    name: str
    title: str
    description: str
    arguments: Data
    output: Data
    call: Callable[[Data], tuple[str, Data]]
    required: tuple[str, ...] = ()

    @property
    def definition(self) -> Data:
        """The tool as `tools/list` tells it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": self.arguments,
                "required": list(self.required),
                "additionalProperties": False,
            },
            "outputSchema": self.output,
            "annotations": {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": False},
        }

    def answer(self, arguments: Data) -> tuple[str, Data]:
        """What `call` answers. Raises `ParameterError` for an argument that it does not take."""
        if unknown := [name for name in arguments if name not in self.arguments]:
            known = ", ".join(self.arguments)
            raise ParameterError("unknown_parameter", f"{unknown[0][:50]!r} is not an argument; these are: {known}")
        return self.call(arguments)


@dataclass(frozen=True, slots=True)
class Server:
    """What a server offers; `told` puts an error of one of its tools into words for whoever called."""

    name: str
    title: str
    version: str
    instructions: str
    tools: Sequence[Tool]
    told: Callable[[Exception], str]

    @property
    def info(self) -> Data:
        """Who answers, as clients are told."""
        return {"name": self.name, "title": self.title, "version": self.version}


class Refusal(NamedTuple):
    """A JSON-RPC error, and the HTTP status that this revision gives it."""

    code: int
    message: str
    data: Data | None = None
    status: int = 400


def answer_message(body: bytes, header: Callable[[str], str | None], server: Server) -> tuple[int, Data | None]:
    """The HTTP status and the JSON of the answer to a message; None for a notification, which has none."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return refused(None, Refusal(PARSE_ERROR, "The body is not JSON."))
    id = message.get("id") if isinstance(message, dict) else None
    if (
        not isinstance(message, dict)
        or message.get("jsonrpc") != "2.0"
        or not isinstance(message.get("method"), str)
        or not isinstance(message.get("params", {}), dict)
        or ("id" in message and (isinstance(id, bool) or not isinstance(id, int | str)))
    ):
        return refused(None, Refusal(INVALID_REQUEST, "Send one JSON-RPC 2.0 request or notification."))
    if "id" not in message:
        return 202, None
    params = message.get("params", {})
    meta = params.get("_meta")
    meta = meta if isinstance(meta, dict) else {}
    version = header("MCP-Protocol-Version")
    legacy = version in LEGACY or (version is None and VERSION_KEY not in meta)
    found = (None if legacy else mismatch(message["method"], params, meta, header)) or result_of(
        message["method"], params, server
    )
    if isinstance(found, Refusal):
        # Clients of earlier revisions take any other status for a fault of the connection.
        return refused(id, found._replace(status=200) if legacy else found)
    result = {"resultType": "complete", **found, "_meta": {f"{META}serverInfo": server.info}}
    return 200, {"jsonrpc": "2.0", "id": id, "result": result}


def mismatch(method: str, params: Data, meta: Data, header: Callable[[str], str | None]) -> Refusal | None:
    """What is wrong with a request that tells its revision: it says it all in its body and again in its headers."""
    if missing := [key for key in REQUIRED if key not in meta]:
        return Refusal(INVALID_PARAMS, f"params._meta lacks {' and '.join(missing)}.")
    told = {"MCP-Protocol-Version": meta[VERSION_KEY], "Mcp-Method": method}
    if method == "tools/call":
        told["Mcp-Name"] = params.get("name")
    for name, value in told.items():
        if decoded(header(name)) != value:
            return Refusal(HEADER_MISMATCH, f"The header {name} does not say what the body says.")
    if meta[VERSION_KEY] != VERSION:
        versions = {"supported": [VERSION, *LEGACY], "requested": meta[VERSION_KEY]}
        return Refusal(UNSUPPORTED_VERSION, "Unsupported protocol version", versions)
    return None


def decoded(value: str | None) -> str | None:
    """The value of a header, which is in base64 where it holds more than plain letters."""
    match = BASE64.fullmatch(value or "")
    try:
        return base64.b64decode(match[1], validate=True).decode() if match else value
    except (binascii.Error, UnicodeDecodeError):
        return None


def result_of(method: str, params: Data, server: Server) -> Data | Refusal:
    """The result of a request that is well formed."""
    about: Data = {"capabilities": {"tools": {}}, "instructions": server.instructions}
    match method:
        case "server/discover":
            return {"supportedVersions": [VERSION, *LEGACY], **about, **CACHED}
        case "initialize":
            wanted = params.get("protocolVersion")
            agreed = wanted if wanted in LEGACY else LEGACY[0]
            return {"protocolVersion": agreed, "serverInfo": server.info, **about}
        case "ping":
            return {}
        case "tools/list":
            if params.get("cursor") is not None:
                return Refusal(INVALID_PARAMS, "There is one page of tools, and no cursor.")
            return {"tools": [tool.definition for tool in server.tools], **CACHED}
        case "tools/call":
            arguments = params.get("arguments") or {}
            tool = next((tool for tool in server.tools if tool.name == params.get("name")), None)
            if tool is None:
                names = ", ".join(tool.name for tool in server.tools)
                return Refusal(INVALID_PARAMS, f"Unknown tool; there are {names}.")
            if not isinstance(arguments, dict):
                return Refusal(INVALID_PARAMS, "arguments is not an object.")
            try:
                text, told = tool.answer(arguments)
            except Exception as error:
                # In the result, where the model sees what it can do about it.
                return {"content": [{"type": "text", "text": server.told(error)}], "isError": True}
            return {"content": [{"type": "text", "text": text}], "structuredContent": told}
    return Refusal(METHOD_NOT_FOUND, "There is no such method here.", status=404)


def refused(id: str | int | None, refusal: Refusal) -> tuple[int, Data]:
    error = {"code": refusal.code, "message": refusal.message} | ({"data": refusal.data} if refusal.data else {})
    return refusal.status, {"jsonrpc": "2.0", "id": id, "error": error}
