"""What went wrong in a cluster, as one sentence that says what happened, to what, and what to do."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.errors import ClusterFault, IndexFault, IndexMissing, QueryTooLong
from index.settings import Settings
from index.storage.builds import reindex_command

__all__ = ["Failure", "fault_of", "missing"]

DISK_BLOCKS = "TOO_MANY_REQUESTS/12", "FORBIDDEN/10", "FORBIDDEN/13"
"""How the cluster names what it refuses while a disk is nearly full: writes, and new indexes."""

READ_ONLY_BLOCKS = "FORBIDDEN/5", "FORBIDDEN/6", "FORBIDDEN/8"

MANAGERLESS = (
    "cluster_manager_not_discovered_exception",
    "master_not_discovered_exception",
    "node_not_connected_exception",
    "SERVICE_UNAVAILABLE/1/",
    "SERVICE_UNAVAILABLE/2/",
)
"""What the nodes say while too few of them are up to agree on a cluster manager."""

LOST = "search_phase_execution_exception", "no_shard_available_action_exception", "unavailable_shards_exception"
"""What they say while no node that is up holds some shard."""

TOO_LONG = "too_many_clauses", "too_many_nested_clauses", "maxClauseCount"
"""What they say of a query that asks for more words and phrases, in all fields together, than they take."""

MAX_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is an error: its HTTP status, 0 where there was none, and what OpenSearch calls it.

    `cause` is why there was no answer. `timed_out`: a node was asked and kept silent.
    """

    status: int
    kind: str = ""
    reason: str = ""
    cause: BaseException | None = None
    timed_out: bool = False

    @classmethod
    def of_error(cls, status: int, error: object) -> Failure:
        """The failure that an `error` in an answer tells, whatever its shape."""
        if not isinstance(error, Mapping):
            return cls(status, reason=str(error))
        reasons = [str(error.get("reason") or "")]
        # The deepest cause says most, such as why all shards failed.
        causes: list[Any] = [*(error.get("root_cause") or ()), error.get("caused_by")]
        reasons += [f"{c.get('type', '')}: {c.get('reason', '')}" for c in causes if isinstance(c, Mapping)]
        return cls(status, str(error.get("type") or ""), "; ".join(dict.fromkeys(filter(None, reasons))))

    def says(self, *words: str) -> bool:
        """Whether OpenSearch names one of these in the error."""
        return any(word in self.kind or word in self.reason for word in words)

    @property
    def may_pass(self) -> bool:
        """Whether asking again, or asking another node, may help. All that is asked can be asked twice."""
        if self.status:
            passing = self.status >= 500 and not self.says(*TOO_LONG)
            return passing or (self.status == 429 and not self.says(*DISK_BLOCKS))
        return not isinstance(self.cause, ssl.SSLError)


def fault_of(failure: Failure, settings: Settings, index: str) -> IndexFault:
    """The error to raise for a failure that did not pass; `index` is the index or alias that was asked."""
    if failure.says("index_not_found_exception"):
        return missing(settings)
    if failure.says(*TOO_LONG):
        return QueryTooLong(f"the query has more words and phrases than the index {index!r} is asked for at once")
    where, what = f"the cluster at {', '.join(settings.opensearch_url)}", f"the index {index!r}"
    status, reason = failure.status, shortened(failure.reason)
    rebuild = f"{reindex_command(settings)} --full"
    untrusted = isinstance(failure.cause, ssl.SSLCertVerificationError)
    sentences = (  # the first that applies
        (
            untrusted,
            f"{where} is not trusted: {reason}; let POSTSEARCH_OPENSEARCH_CA name the file of its certificates",
        ),
        (failure.timed_out, f"{where} gave no answer in time; see what its nodes do, or raise opensearch_timeout"),
        (not status, f"no node of {where} answers: {reason}; start the nodes, or correct opensearch_url"),
        (status == 401, f"{where} does not let us in; correct POSTSEARCH_OPENSEARCH_USER and _PASSWORD, or _API_KEY"),
        (
            failure.says(*DISK_BLOCKS),
            f"{where} takes no writes, as a disk of its nodes is nearly full; make room there",
        ),
        (failure.says(*READ_ONLY_BLOCKS), f"{what} in {where} is read-only; take index.blocks out of its settings"),
        (failure.says(*MANAGERLESS), f"{where} has no cluster manager, as too few nodes are up; start the others"),
        (status >= 500 and failure.says(*LOST), f"{what} has lost shards; start all nodes of {where}, or `{rebuild}`"),
        (status == 403, f"{where} does not let us do this with {what}; give our user the right to it ({reason})"),
        (status == 429, f"{where} has too much to do for {what}; try again later, or add nodes ({reason})"),
        (True, f"{where} did not do what was asked of {what}: {status} {failure.kind} ({reason})"),
    )
    return ClusterFault(next(sentence for applies, sentence in sentences if applies))


def missing(settings: Settings) -> IndexMissing:
    """The error where there is no index of ours of the name that the settings give."""
    return IndexMissing(
        f"the cluster holds no index {settings.opensearch_index!r} yet; run `{reindex_command(settings)}`"
    )


def shortened(reason: str) -> str:
    """The reason in one line that is not too long to read."""
    line = " ".join(reason.split())
    return line if len(line) <= MAX_REASON_CHARS else line[:MAX_REASON_CHARS] + "…"
