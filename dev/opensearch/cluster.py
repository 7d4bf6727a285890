"""Runs a cluster of OpenSearch nodes on this machine, each a process of its own.

    python -m dev.opensearch.cluster --nodes 3 --port 9200

The nodes listen on loopback alone, without passwords. They can be killed, paused and started again, and none outlives
the process that started it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import urlopen

from dev.opensearch.distribution import VERSION, Unavailable, get_distribution

__all__ = ["NodeFailed", "Nodes", "hold_ports"]

START_SECONDS = 180.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1

NODE_USER = "nobody"
"""Who runs the nodes where we are root, as whom OpenSearch refuses to run."""

LOGGING = """\
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


class NodeFailed(Exception):
    """A node ended by itself, or is not ready in time; the message holds the end of its log."""


class Nodes:
    """The nodes of one cluster, numbered from 0; `with` starts all of them and waits until they are ready.

    `home` is the folder of their data and logs: unless it is given, one in `scratch` that goes with them. They listen
    on `port` and those that follow it, or on free ones. Each takes half a gigabyte; `java_options` such as `-Xmx2g` say
    otherwise. Raises `Unavailable` where no node can run.
    """

    def __init__(
        self,
        count: int = 3,
        *,
        version: str = VERSION,
        home: Path | None = None,
        scratch: Path | None = None,
        port: int = 0,
        java_options: Sequence[str] = (),
    ) -> None:
        setpriv = shutil.which("setpriv")
        if not setpriv:
            raise Unavailable("setpriv, which ends nodes with the process that started them, is not installed")
        self.distribution = get_distribution(version)
        self.java_options = java_options
        taken = [str(number) for number in range(port, port + count) if port and not is_free(number)]
        if taken:
            raise Unavailable(
                f"ports are taken: {', '.join(taken)}; choose others with --port 9500, or --port 0 for free ones"
            )
        self.cleanup = ExitStack()
        free = [self.cleanup.enter_context(held).getsockname()[1] for held in hold_ports(2 * count)]
        self.ports = range(port, port + count) if port else free[:count]
        self.transport_ports = free[count:]
        self.urls = tuple(f"http://127.0.0.1:{port}" for port in self.ports)
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.user = pwd.getpwnam(NODE_USER) if os.geteuid() == 0 else None
        self.prefix = [setpriv, "--pdeathsig", "KILL"]
        if self.user:
            self.prefix += [f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
        # Linux ends the nodes with the thread that started them, which is this one, whoever asks for it.
        self.starter = self.cleanup.enter_context(ThreadPoolExecutor(1))
        self.kept = home is not None
        if home:
            self.home = home.resolve()
            self.home.mkdir(parents=True, exist_ok=True)
        else:
            self.home = Path(self.cleanup.enter_context(tempfile.TemporaryDirectory(prefix="opensearch-", dir=scratch)))
        self.give(self.home)

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def start(self, *numbers: int) -> None:
        """Start the nodes of these numbers, or all; they keep their ports and what they held."""
        for number in numbers or range(len(self.urls)):
            if number in self.processes:
                raise ValueError(f"node {number} runs already")
            home = self.home / f"node-{number}"
            for folder in (home, *(home / name for name in ("config", "data", "logs", "tmp"))):
                folder.mkdir(exist_ok=True)
                self.give(folder)
            # JSON is YAML too.
            (home / "config" / "opensearch.yml").write_text(json.dumps(self.settings(number), indent=1), "utf-8")
            (home / "config" / "log4j2.properties").write_text(LOGGING, "utf-8")
            with (home / "logs" / "node.log").open("ab") as log:
                self.processes[number] = self.starter.submit(
                    subprocess.Popen,
                    [*self.prefix, *self.distribution.command(home, self.java_options)],
                    cwd=self.distribution.folder,
                    env={"LANG": "C.UTF-8"},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=0,  # Ctrl-C in a terminal is for us alone
                ).result()

    def settings(self, number: int) -> dict[str, Any]:
        """What opensearch.yml says of a node."""
        home = self.home / f"node-{number}"
        return {
            "cluster.name": "postsearch-dev",
            "node.name": f"node-{number}",
            "network.host": "127.0.0.1",
            "http.port": self.ports[number],
            "transport.port": self.transport_ports[number],
            "discovery.seed_hosts": [f"127.0.0.1:{port}" for port in self.transport_ports],
            "cluster.initial_cluster_manager_nodes": [f"node-{n}" for n in range(len(self.urls))],
            # A full disk is nothing that a cluster to try should mind; a node that hangs is noticed soon.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            "cluster.fault_detection.follower_check.timeout": "2s",
            "cluster.fault_detection.leader_check.timeout": "2s",
            "path.data": str(home / "data"),
            "path.logs": str(home / "logs"),
        }

    def wait(self, status: str = "green", seconds: float = START_SECONDS) -> None:
        """Wait until every node that runs sees all the others, and their cluster is of this status, or better.

        Raises `NodeFailed`.
        """
        end = time.monotonic() + seconds
        query = f"wait_for_status={status}&wait_for_nodes={len(self.processes)}&timeout=1s"
        for number in self.processes:
            while not answers(f"{self.urls[number]}/_cluster/health?{query}"):
                time.sleep(POLL_SECONDS)
                for other, process in self.processes.items():
                    if process.poll() is not None:
                        raise self.failure(other, f"ended with {process.returncode}")
                if time.monotonic() > end:
                    raise self.failure(number, f"is not {status} after {seconds:.0f} s")

    def kill(self, number: int) -> None:
        """End a node at once, as a machine that loses its power does."""
        process = self.processes.pop(number)
        process.kill()
        process.wait()

    def stop(self, number: int) -> None:
        """Let a node end by itself, which takes a second or two."""
        self.resume(number)
        self.processes[number].terminate()
        with suppress(subprocess.TimeoutExpired):
            self.processes[number].wait(STOP_SECONDS)
        self.kill(number)

    def pause(self, number: int) -> None:
        """Let a node hang until `resume`: it holds its connections and answers none."""
        self.processes[number].send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.processes[number].pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)  # it takes a moment

    def resume(self, number: int) -> None:
        """Let a node go on that was paused."""
        self.processes[number].send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End all nodes, and remove their folder if it is a temporary one."""
        for number in tuple(self.processes):
            (self.stop if self.kept else self.kill)(number)
        self.cleanup.close()

    def give(self, folder: Path) -> None:
        """Let the user of the nodes write to this folder."""
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def failure(self, number: int, what: str) -> NodeFailed:
        """The error over a node, with the end of its log."""
        log = self.home / f"node-{number}" / "logs" / "node.log"
        lines = log.read_text("utf-8", "replace").splitlines()[-30:]
        return NodeFailed("\n".join((f"node {number} {what}; its log {log} ends with", *lines)))


def answers(url: str) -> bool:
    """Whether what is waited for at this address has come."""
    try:
        with urlopen(url, timeout=10) as response:
            return json.load(response)["timed_out"] is False
    except (OSError, ValueError, http.client.HTTPException):
        return False


def is_free(port: int) -> bool:
    """Whether nothing listens on a port of loopback."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def hold_ports(count: int) -> list[socket.socket]:
    """Sockets that each keep a port of loopback for whoever listens on it by its number, and from all others."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do, who may then have the port, too
        each.bind(("127.0.0.1", 0))
    return held


def end(*_: object) -> None:
    sys.exit(0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a cluster until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m dev.opensearch.cluster", description="Run OpenSearch nodes here.")
    parser.add_argument("--version", default=VERSION, help="of OpenSearch: %(default)s, or 2.19.6")
    parser.add_argument("--nodes", type=int, default=3, help="how many (%(default)s)")
    parser.add_argument("--home", type=Path, help="the folder that keeps their data; else it is gone at the end")
    parser.add_argument("--port", type=int, default=9200, help="of the first node; 0 takes free ones (%(default)s)")
    parser.add_argument("--java-options", default="", help="for each node, such as '-Xmx2g -XX:TieredStopAtLevel=4'")
    options = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        with Nodes(
            options.nodes,
            version=options.version,
            home=options.home,
            port=options.port,
            java_options=options.java_options.split(),
        ) as nodes:
            addresses = ",".join(nodes.urls)
            print(f"OpenSearch {options.version} runs at {addresses} until Ctrl-C; its data and logs: {nodes.home}")
            print(f"export POSTSEARCH_ENGINE=opensearch POSTSEARCH_OPENSEARCH_URL={addresses}", flush=True)
            signal.pause()
    except (Unavailable, NodeFailed) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
