"""The cluster as it is asked from here: the only module that knows opensearch-py.

Each method of `Cluster` is one question. What may pass, such as a node that is down, is asked again, of another node
where there is one; what does not pass is raised as a `ClusterFault` of one sentence, or as `IndexMissing`.
"""

from __future__ import annotations

import json
import logging
import os
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

from index.errors import ClusterFault, IndexFault, SettingsError
from index.opensearch.faults import Failure, fault_of
from index.opensearch.health import ClusterHealth
from index.settings import PREFIX, Settings

try:
    from opensearchpy import ConnectionError as Unanswered
    from opensearchpy import ConnectionTimeout, OpenSearch, SerializationError, TransportError
except ModuleNotFoundError as error:
    needed = f"engine: `opensearch` needs {error.name}; run `pip install 'postsearch[opensearch]'`"
    raise SettingsError(needed) from error

__all__ = ["READ", "WRITE", "Cluster", "Operation", "Patience", "Version"]

OLDEST_VERSION = 2, 19
"""The oldest OpenSearch that is supported."""

COMBINING_VERSION = 3, 2
"""The oldest that knows the query `combined_fields`."""

MAX_CONNECTIONS = 32
"""Connections that are kept open to each node; for more threads than these, some are opened for one question."""

FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.05, 2.0
"""Between two attempts; each pause is twice the one before."""

OTHER_SERVER = "what answers there is no OpenSearch"

AWAY_SECONDS = 0.5
"""For so long after no node answered a question, the next ones are not asked: else each would hold a thread."""

ANY_COPY_SECONDS = 60.0
"""For so long after a search failed, the cluster chooses which copies of the shards are asked."""

NDJSON = {"content-type": "application/x-ndjson"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a node may take to answer, and for how long all is tried again; both times `opensearch_timeout`."""

    answer: float
    total: float


READ = Patience(answer=1, total=0.2)
"""Of questions that someone waits for; each node is asked once in any case."""

WRITE = Patience(answer=3, total=12)
"""Of writes, for which nobody waits: until the cluster has a new cluster manager, or has worked off its queues."""


class Operation(NamedTuple):
    """What `bulk` does with one document: its id, which is told where that fails, and the lines that say it."""

    id: str
    lines: bytes


class Version(NamedTuple):
    """Which write a document is of, so that the next one can be made to depend on it."""

    seq_no: int
    primary_term: int


class Failed(Exception):
    """An attempt that failed, on its way to `Cluster._retry`."""

    def __init__(self, failure: Failure, document: str = "") -> None:
        super().__init__(failure, document)
        self.failure = failure
        self.document = document


class Cluster:
    """The cluster of the settings. Threads may share it, and so may processes that are forked off.

    Nothing is opened before the first question. Every method raises `ClusterFault`, `IndexMissing` for an index or
    alias that there is not, and `SettingsError` for an API key that is none or a file of certificates that can't be
    read.

    `combines_fields`: whether the nodes have told that they know the query `combined_fields`.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
        """`environ` is where the secrets are looked up: `os.environ` unless given.

        Raises `SettingsError` where the settings name no address.
        """
        if not settings.opensearch_url:
            raise SettingsError(
                "opensearch_url: the engine `opensearch` needs the addresses of nodes, such as"
                " https://search-1.example.org:9200"
            )
        self.settings = settings
        self._environ = os.environ if environ is None else environ
        self._opened: tuple[int, OpenSearch] | None = None
        self._supported = False
        self.combines_fields = False
        self._any_copy_until = 0.0
        self._away = (0.0, "")  # until when no node is asked, and why

    def search(self, index: str, body: Mapping[str, Any], *, alike: str = "", **params: Any) -> dict[str, Any]:
        """The answer of `_search`, by all shards or none; searches that are `alike` are answered by the same copies.

        Copies of a shard score a little differently, so that a hit could come on two pages, or on none.
        """
        params = {"allow_partial_search_results": False, **params}
        if alike and time.monotonic() > self._any_copy_until:
            params["preference"] = f"alike-{crc32(alike.encode('utf-8', 'surrogatepass')):x}"
        return self._ask("POST", f"/{index}/_search", body, index=index, **params)

    def msearch(self, index: str, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers of `_msearch` to several searches of one index, in their order; one that fails fails all."""
        header = json.dumps({"allow_partial_search_results": False})
        lines = "".join(f"{header}\n{json.dumps(body)}\n" for body in bodies)

        def send() -> list[dict[str, Any]]:
            answers: list[dict[str, Any]] = self._perform("POST", f"/{index}/_msearch", lines, READ, NDJSON)[
                "responses"
            ]
            for answer in answers:
                if "error" in answer:
                    raise Failed(Failure.of_error(answer["status"], answer["error"]))
            return answers

        return self._retry(send, READ, index)

    def count(self, index: str, query: Mapping[str, Any]) -> int:
        return int(self._ask("POST", f"/{index}/_count", {"query": query}, index=index)["count"])

    def get(self, index: str, key: str, *, realtime: bool = False, **params: Any) -> dict[str, Any] | None:
        """The document with this `_id` as `_doc` tells it: `_source`, `_index`, `_seq_no` …; None where there is none.

        With `realtime` also what was written since the last refresh.
        """
        answer = self._ask("GET", f"/{index}/_doc/{key}", index=index, realtime=realtime, **params)
        return answer if answer["found"] else None

    def put(self, alias: str, key: str, source: Mapping[str, Any], *, after: Version | None) -> Version | None:
        """Write a document over the version of it that `after` names, or where there is none for None.

        Returns its new version; None where it is of another by now. That may be a write of this call, whose answer was
        lost.
        """
        needed: dict[str, Any] = (
            dict(zip(("if_seq_no", "if_primary_term"), after, strict=True)) if after else {"op_type": "create"}
        )
        conflict = "version_conflict_engine_exception"
        path, needed["require_alias"] = f"/{alias}/_doc/{key}", True
        answer = self._ask("PUT", path, source, patience=WRITE, tolerated=conflict, index=alias, **needed)
        return Version(answer["_seq_no"], answer["_primary_term"]) if answer else None

    def bulk(self, alias: str, operations: Sequence[Operation]) -> None:
        """Do all of the operations; those that the nodes have no room for are sent again.

        Raises `ClusterFault` that names a document that was refused; others may have been written.
        """
        waiting = list(operations)
        params = {"require_alias": True, "filter_path": "items.*.error,items.*.status"}

        def send() -> None:
            nonlocal waiting
            lines = b"".join(operation.lines for operation in waiting)
            answer = self._perform("POST", f"/{alias}/_bulk", lines, WRITE, NDJSON, **params)
            results = [result for item in answer["items"] for result in item.values()]
            failed = [
                Failed(Failure.of_error(result["status"], result["error"]), operation.id)
                for operation, result in zip(waiting, results, strict=True)
                if "error" in result
            ]
            waiting = [o for o, result in zip(waiting, results, strict=True) if "error" in result]
            if failed:
                raise next((one for one in failed if not one.failure.may_pass), failed[0])

        self._retry(send, WRITE, alias)

    def create_index(self, index: str, body: Mapping[str, Any]) -> None:
        """Make an index of a new name; one that is there was made by this call, when an answer was lost."""
        exists = "resource_already_exists_exception"
        self._ask("PUT", f"/{index}", body, patience=WRITE, tolerated=exists, index=index)

    def delete_index(self, index: str) -> None:
        """Remove an index; one that there is not is no error."""
        absent = "index_not_found_exception"
        self._ask("DELETE", f"/{index}", patience=WRITE, tolerated=absent, index=index)

    def indices(self, pattern: str) -> dict[str, Any]:
        """The `aliases`, `mappings` and `settings` of each index that names, aliases or patterns, parted by commas,
        stand for, by its name."""
        return self._ask("GET", f"/{pattern}", index=pattern, expand_wildcards="all", ignore_unavailable=True)

    def update_settings(self, index: str, settings: Mapping[str, Any]) -> None:
        self._ask("PUT", f"/{index}/_settings", settings, patience=WRITE, index=index)

    def update_aliases(self, actions: Sequence[Mapping[str, Any]]) -> None:
        """Change aliases, all at once or not at all."""
        alias = self.settings.opensearch_index
        self._ask("POST", "/_aliases", {"actions": actions}, patience=WRITE, index=alias)

    def refresh(self, index: str) -> None:
        """Let searches see all that was written."""
        self._ask("POST", f"/{index}/_refresh", patience=WRITE, index=index)

    def wait_for_copies(self, index: str) -> None:
        """Wait, a while, until the copies of shards are made for which there are nodes."""
        seconds = self.settings.opensearch_timeout * WRITE.answer / 2
        params: dict[str, Any] = {"wait_for_no_initializing_shards": True, "timeout": f"{int(seconds * 1000)}ms"}
        self._ask("GET", f"/_cluster/health/{index}", patience=WRITE, index=index, **params)

    def health(self, index: str) -> ClusterHealth:
        """How the cluster and this index or alias fare; never raises, since a fault is what is asked for."""
        nodes, reason = 0, ""
        try:
            # What a node knows itself, as there may be no cluster manager to ask.
            health = self._ask("GET", f"/_cluster/health/{index}", index=index, local=True, timeout="0s")
            nodes = int(health["number_of_nodes"])
            found = self._ask("GET", f"/{index}/_settings/index.blocks.*", index=index, local=True, flat_settings=True)
        except (IndexFault, SettingsError) as error:
            return ClusterHealth("red" if nodes else "unreachable", nodes, str(error))
        if not health.get("discovered_cluster_manager", True):
            nobody = Failure(503, "cluster_manager_not_discovered_exception")
            return ClusterHealth("red", nodes, str(fault_of(nobody, self.settings, index)))
        blocks = {name for one in found.values() for name, on in one["settings"].items() if on == "true"}
        if "index.blocks.read_only_allow_delete" in blocks:
            reason = "the index takes no writes, as a disk of the nodes is nearly full; make room there, or add a node"
            return ClusterHealth("red", nodes, reason)
        if blocks:
            return ClusterHealth("red", nodes, f"the index is blocked by {', '.join(sorted(blocks))}; take that away")
        missing = int(health["unassigned_shards"]) + int(health["initializing_shards"])
        reason = f"{missing} shards or copies of shards of the index are on no node" if missing else ""
        return ClusterHealth(str(health["status"]), nodes, reason)

    def _ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        index: str,
        patience: Patience = READ,
        tolerated: str = "",
        **params: Any,
    ) -> dict[str, Any]:
        """The answer to one question; {} for an error of the kind that is tolerated."""
        # In ASCII, as JSON can say halves of surrogate pairs, which UTF-8 can't.
        text = None if body is None else json.dumps(body)

        def send() -> dict[str, Any]:
            try:
                answer = self._perform(method, path, text, patience, **params)
            except Failed as failed:
                if params.pop("preference", None):  # which may be for copies on a node that hangs
                    self._any_copy_until = time.monotonic() + ANY_COPY_SECONDS
                if tolerated and failed.failure.kind == tolerated:
                    return {}
                raise
            return answer

        return self._retry(send, patience, index)

    def _retry(self, send: Callable[[], T], patience: Patience, index: str) -> T:
        """What `send` returns, called again while it fails with what may pass."""
        nodes = len(self.settings.opensearch_url)
        deadline = time.monotonic() + patience.total * self.settings.opensearch_timeout
        until, why = self._away
        if patience is READ and time.monotonic() < until:
            raise ClusterFault(why)
        attempt = 0
        while True:
            attempt += 1
            try:
                self._check_version()
                return send()
            except Failed as failed:
                pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempt, 10))
                if attempt < nodes and not failed.failure.status:
                    pause = 0  # that node is passed over, and another one may answer at once
                elif not failed.failure.may_pass or (attempt >= nodes and time.monotonic() + pause > deadline):
                    fault = fault_of(failed.failure, self.settings, index)
                    # Not where one dear question took too long, as others may be answered meanwhile.
                    if patience is READ and not failed.failure.status and not failed.failure.timed_out:
                        self._away = time.monotonic() + AWAY_SECONDS, str(fault)
                    if failed.document:
                        fault = type(fault)(f"{failed.document} was not written: {fault}")
                    raise fault from failed.failure.cause
            time.sleep(pause)

    def _check_version(self) -> None:
        """Raise `ClusterFault` for what is no OpenSearch of a version that is supported; asked once."""
        if self._supported:
            return
        try:
            told = self._perform("GET", "/", None, READ)["version"]
            name, number = told.get("distribution", "elasticsearch"), str(told["number"])
            version = tuple(map(int, re.findall(r"\d+", number)[:2]))
        except Failed as failed:
            if failed.failure.status != 403:  # who may not ask this may be allowed to search
                raise
        except (KeyError, TypeError, AttributeError):
            raise Failed(Failure(0, reason=OTHER_SERVER)) from None
        else:
            if name != "opensearch" or version < OLDEST_VERSION:
                raise ClusterFault(
                    f"the cluster at {', '.join(self.settings.opensearch_url)} runs {name} {number}; OpenSearch"
                    f" {'.'.join(map(str, OLDEST_VERSION))} or newer is needed"
                )
            self.combines_fields = version >= COMBINING_VERSION
        self._supported = True

    def _perform(
        self,
        method: str,
        path: str,
        body: str | bytes | None,
        patience: Patience,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> dict[str, Any]:
        """The answer of one node. Raises `Failed` for one that is an error, and for none."""
        texts = {name: json.dumps(value) if isinstance(value, bool) else value for name, value in params.items()}
        timeout = self.settings.opensearch_timeout * patience.answer
        try:
            answer = self._client().transport.perform_request(
                method, path, params=texts, body=body, timeout=timeout, headers=headers
            )
        except Unanswered as error:
            cause = error.info if isinstance(error.info, BaseException) else error
            # What urllib3 raises wraps what Python raised.
            while inner := cause.__cause__ or next((arg for arg in cause.args if isinstance(arg, BaseException)), None):
                cause = inner
            timed_out = isinstance(error, ConnectionTimeout)
            raise Failed(Failure(0, reason=str(cause), cause=cause, timed_out=timed_out)) from None
        except TransportError as error:
            status = int(error.status_code)
            if isinstance(error.info, Mapping):
                if "error" not in error.info:
                    return dict(error.info)  # such as that of a document which there is not
                raise Failed(Failure.of_error(status, error.info["error"])) from None
            raise Failed(Failure(status, reason=str(error.error))) from None
        except SerializationError:
            answer = None
        if not isinstance(answer, dict):
            raise Failed(Failure(0, reason=OTHER_SERVER))
        if (answer.get("_shards") or {}).get("failed"):
            failures = answer["_shards"].get("failures") or [{}]
            reason = Failure.of_error(503, failures[0].get("reason"))
            raise Failed(Failure(503, "search_phase_execution_exception", reason.reason))
        return answer

    def _client(self) -> OpenSearch:
        """The connections of this process: those of the one that it was forked from are that one's."""
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), self._open()
        return self._opened[1]

    def _open(self) -> OpenSearch:
        names = "USER", "PASSWORD", "API_KEY", "CA"
        user, password, key, certificates = (self._environ.get(f"{PREFIX}OPENSEARCH_{name}", "") for name in names)
        options: dict[str, Any] = {}
        if key := key.strip():  # files of secrets end in a line break
            if not (key.isascii() and key.isprintable()):  # the header would be refused by a message that tells the key
                raise SettingsError("POSTSEARCH_OPENSEARCH_API_KEY: it holds what no key does; correct it")
            options["headers"] = {"authorization": f"ApiKey {key}"}
        elif user:  # opensearch-py would write them in Latin-1, which not all passwords are
            basic = b64encode(f"{user}:{password}".encode(errors="surrogateescape")).decode()
            options["headers"] = {"authorization": f"Basic {basic}"}
        if any(url.startswith("https:") for url in self.settings.opensearch_url):
            try:
                options["ssl_context"] = ssl.create_default_context(cafile=certificates or None)
            except OSError as error:
                raise SettingsError(f"POSTSEARCH_OPENSEARCH_CA: {certificates} can't be read: {error}") from error
        # It would warn, with a trace, of each attempt that fails.
        log = logging.getLogger("opensearch")
        if log.level == logging.NOTSET:
            log.setLevel(logging.ERROR)
        return OpenSearch(
            list(self.settings.opensearch_url),
            max_retries=0,  # `_retry` does that
            retry_on_status=(),
            retry_on_timeout=True,  # which is to pass a silent node over for a while
            pool_maxsize=MAX_CONNECTIONS,
            **options,
        )
