"""A tiny web server from which the robot fetches utterances, for those who would rather not upload them."""

from __future__ import annotations

import http.server
import secrets
import socket
import threading
from collections import OrderedDict
from http import HTTPStatus

from robot_runtime.errors import RobotError

KEPT = 4
"""Utterances that can be fetched: the last ones."""

READ_S = 5.0
"""How long a request may take to come in."""


class Shelf:
    """Serves the last utterances under addresses that nobody can guess, at the interface that faces the robot."""

    def __init__(self, robot: tuple[str, int]) -> None:
        """Listen at a free port.

        Raises:
            RobotError: there is no way to the robot from here, or no port.
        """
        self._files: OrderedDict[str, bytes] = OrderedDict()
        files = self._files

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = READ_S

            def do_GET(self) -> None:
                data = files.get(self.path)
                if data is None:
                    self.send_error(HTTPStatus.NOT_FOUND)
                    return
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", "audio/wav")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing: the console is the conversation's."""

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that goes away is nothing to talk about."""

        try:
            self._host = facing(robot)
            self._server = Server((self._host, 0), Handler)
        except OSError as error:
            raise RobotError(f"cannot serve sound to Misty: {error}; set fetch = false in [robot]") from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def offer(self, wav: bytes) -> str:
        """Let the robot fetch a file; returns its address."""
        path = f"/{secrets.token_urlsafe(12)}.wav"
        self._files[path] = wav
        while len(self._files) > KEPT:
            self._files.popitem(last=False)
        return f"http://{self._host}:{self._server.server_port}{path}"

    def close(self) -> None:
        """Stop serving; takes up to 0.1 s."""
        self._server.shutdown()
        self._server.server_close()


def facing(robot: tuple[str, int]) -> str:
    """The address of this computer as the robot sees it; raises `OSError` when there is no way to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(robot)  # sends nothing: UDP only chooses the interface
        host: str = probe.getsockname()[0]
        return host
