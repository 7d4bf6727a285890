"""The server of `postsearch serve`: waitress, with an end to the patience that clients can ask of it.

Waitress reads requests and sends answers in one thread and runs the app in others, so that a slow client holds none of
these. By itself it waits for ever on a client that sends a byte now and then or reads nothing of its answer, and lets
new clients wait while old ones hold all connections.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

__all__ = ["MAX_CONNECTIONS", "MAX_WAIT_SECONDS", "Server"]

MAX_CONNECTIONS = 300
"""Open at a time. An answer may take a file too while it waits to be sent: both fit into the usual 1024 a process."""

MAX_WAIT_SECONDS = 10
"""How long a client may take for a whole request, from when it connected or was answered, or to read of an answer."""

THREADS = 16
"""A dear query that waits for another one holds a thread for half a second."""

MAX_BODY_BYTES = 64 * 1024
"""Nothing here reads a body."""

MAX_HEADER_BYTES = 32 * 1024
"""As many as nginx takes; what parses headers was not made for more."""

CLOSING_CONNECTIONS = 10
"""Room for connections that are being closed, and for two files of waitress itself, before it accepts no more."""


class Connection(HTTPChannel):  # type: ignore[misc]
    """A client. It is active when it completes a request, and when it takes some of an answer."""

    last_activity: float

    def handle_read(self) -> None:
        active = self.last_activity
        super().handle_read()
        if not self.requests:
            self.last_activity = active

    def end(self) -> None:
        """Close it with the next look at all connections, also where the client takes nothing any more."""
        self.will_close = True
        with suppress(OSError):  # the client was faster
            self.socket.shutdown(socket.SHUT_RDWR)


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Serves a WSGI app at a socket that listens, with `run`, until `SystemExit` or `KeyboardInterrupt`.

    A connection on which nothing is being answered is closed after `max_wait` seconds without activity; at the limit of
    connections, the one that was active the longest ago is closed for each new one.
    """

    channel_class = Connection

    def __init__(
        self,
        app: Any,
        door: socket.socket,
        *,
        max_wait: float = MAX_WAIT_SECONDS,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self.max_wait = max_wait
        self.max_connections = max_connections
        super().__init__(
            app,
            _sock=door,
            sockinfo=(door.family, door.type, door.proto, door.getsockname()),
            bind_socket=False,
            threads=THREADS,
            connection_limit=max_connections + CLOSING_CONNECTIONS,
            cleanup_interval=min(1, max_wait / 2),
            max_request_body_size=MAX_BODY_BYTES,
            max_request_header_size=MAX_HEADER_BYTES,
            outbuf_high_watermark=sys.maxsize,  # else the threads wait for clients that read slowly
            asyncore_use_poll=True,  # else files beyond the 1024th end the process
        )

    def waiting(self) -> list[Connection]:
        """The connections on which nothing is being answered, nor closed."""
        return [one for one in self.active_channels.values() if not one.requests and not one.will_close]

    def handle_accept(self) -> None:
        if len(self.active_channels) >= self.max_connections and (waiting := self.waiting()):
            min(waiting, key=lambda connection: connection.last_activity).end()
        super().handle_accept()

    def maintenance(self, now: float) -> None:
        for connection in self.waiting():
            if connection.last_activity < now - self.max_wait:
                connection.end()
