"""HTTP connections that another thread can cut.

A deadline for each read, which is all that `requests` offers, does not end an answer that drips for ever. So whoever
waits for the thread keeps the whole deadline, and cuts the connection when it has passed.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection


class Connections(HTTPAdapter):
    """The connections of one session."""

    def __init__(self) -> None:
        """Begin with none."""
        self._guard = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._over = False
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pool, of connections that can be cut."""
        adapter = self

        class Connection(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                adapter._opened(self.sock)

            def close(self) -> None:
                adapter._closed(self.sock)
                super().close()

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        super().init_poolmanager(*arguments, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, "http": Pool}

    def cut(self) -> None:
        """End all connections at once; a thread that waits on one is told that it was lost."""
        with self._guard:
            self._shut_down()

    def close(self) -> None:
        """The same for good: one that is just being made ends as soon as it is."""
        with self._guard:
            self._over = True
            self._shut_down()
        super().close()

    def _shut_down(self) -> None:
        for open_socket in self._sockets:
            with contextlib.suppress(OSError):  # it is over already
                open_socket.shutdown(socket.SHUT_RDWR)

    def _opened(self, new: socket.socket) -> None:
        with self._guard:
            self._sockets.add(new)
            if self._over:
                self._shut_down()

    def _closed(self, old: socket.socket | None) -> None:
        if old:
            with self._guard:
                self._sockets.discard(old)


def session() -> tuple[requests.Session, Connections]:
    """A session for plain HTTP, and its connections. No proxy stands between this computer and a robot."""
    connections = Connections()
    opened = requests.Session()
    opened.trust_env = False
    opened.mount("http://", connections)
    return opened, connections
