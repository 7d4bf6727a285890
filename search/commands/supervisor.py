"""The supervisor of `postsearch serve`: it holds the door, and a process of its own serves at it.

A file that is cut short under a server ends it with a bus error, and a machine without memory with SIGKILL, neither of
which a program can catch. The supervisor does nothing that could end so, and starts the server again at once.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from index.log import get_logger

__all__ = ["Service", "supervised"]

logger = get_logger(__name__)

QUICK_DEATH_SECONDS = 10.0
"""A server that dies within these after another one is started after a pause, which doubles each time."""

MAX_PAUSE_SECONDS = 30.0

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What ends a service; the supervisor hands them on."""

CAUSES = {
    signal.SIGBUS: "a file was cut short while it was in use",
    signal.SIGKILL: "the system may have run out of memory",
}


@dataclass(frozen=True, slots=True)
class Service:
    """The process that serves. `restarted`: one before it had got as far as to serve."""

    restarted: bool
    supervisor_socket: socket.socket

    def ready(self) -> None:
        """Tell the supervisor that from now on it is to start the server again should a signal end it."""
        self.supervisor_socket.send(b"r")


def supervised() -> Service:
    """Go on in a new process, and in another one whenever a signal has ended that; returns in each of them.

    The caller has no threads yet, and closes what it has open on `SystemExit`: the supervisor raises it once a process
    has ended by itself, with the same exit code, or by a signal before it was ready for the first time. A process whose
    supervisor is gone ends as on SIGTERM.
    """
    served, deaths = False, 0
    gc.freeze()  # what is there now stays in memory that all processes share
    while True:
        own_end, server_end = socket.socketpair()
        # From here on signals wait, until there is a process to hand them on to.
        signal.pthread_sigmask(signal.SIG_BLOCK, [*SIGNALS, signal.SIGCHLD])
        started, process = time.monotonic(), os.fork()
        if not process:
            own_end.close()
            os.setpgid(0, 0)  # else Ctrl-C in a terminal reaches it twice
            threading.Thread(target=end_when_supervisor_ends, args=(server_end,), daemon=True).start()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [*SIGNALS, signal.SIGCHLD])
            return Service(served, server_end)
        server_end.close()
        code, told_to_end = wait_for_end(process)
        served |= own_end.recv(1) != b""
        own_end.close()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        if code >= 0 or told_to_end or not served:
            raise SystemExit(code if code >= 0 else 128 - code)
        deaths = deaths + 1 if time.monotonic() < started + QUICK_DEATH_SECONDS else 1
        pause = min(2.0 ** (deaths - 2), MAX_PAUSE_SECONDS) if deaths > 1 else 0.0
        cause = f" ({CAUSES[signal.Signals(-code)]})" if -code in CAUSES else ""
        when = f"in {pause:g} s" if pause else "at once"
        logger.warning("The server was ended by %s%s: starting it again %s", signal.Signals(-code).name, cause, when)
        time.sleep(pause)


def wait_for_end(process: int) -> tuple[int, bool]:
    """Hand signals on to the process until it has ended: its exit code, or the signal that ended it as a negative
    number, and whether it was told to end."""
    told = False
    while (ended := os.waitpid(process, os.WNOHANG)) == (0, 0):
        if (number := signal.sigwait([*SIGNALS, signal.SIGCHLD])) != signal.SIGCHLD:
            told |= signal.getsignal(number) != signal.SIG_IGN  # as Ctrl-C is in the background of a script
            os.kill(process, number)
    return os.waitstatus_to_exitcode(ended[1]), told


def end_when_supervisor_ends(supervisor_socket: socket.socket) -> None:
    """Wait until the other end of the socket is closed, and end this process as SIGTERM does."""
    with suppress(OSError):
        supervisor_socket.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)
