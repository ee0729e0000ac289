"""A server that speaks what the Hugging Face client asks for, with faults: the far end of the wire for `pull`.

Like the Hub, it sends the client elsewhere for large files.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """One repository and what is wrong with it."""

    repository: str
    files: dict[str, bytes]
    cut: dict[str, int] = field(default_factory=dict)
    """By file: the next answer breaks off after so many bytes."""
    down_after_cut: bool = False
    """Whether a cut is followed by nothing but refusals."""
    altered: dict[str, bytes] = field(default_factory=dict)
    """By file: bytes that are sent in place of the true ones."""
    refusal: tuple[int, str] | None = None
    """Status and X-Error-Code of every answer."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and Range of every request."""
    endpoint: str = ""

    def listing(self) -> bytes:
        """The answer of /api/models: large files have a checksum, small ones have none."""
        siblings = []
        for name, content in self.files.items():
            entry: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": "0" * 40}
            if name.endswith(".safetensors"):
                digest = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        return json.dumps({"id": self.repository, "sha": COMMIT, "siblings": siblings}).encode()

    def fetched(self) -> list[str]:
        """Names of the files whose contents were asked for, in order."""
        return [path.rsplit("/", 1)[1] for path, _ in self.asked if "/resolve/" in path]


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve on a free port of this computer while the block runs."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            wanted = self.headers.get("Range", "")
            hub.asked.append((path, wanted))
            name = path.removeprefix(f"/{hub.repository}/resolve/{COMMIT}/")
            if hub.refusal:
                self.send(hub.refusal[0], b"", {"X-Error-Code": hub.refusal[1]})
            elif path in (f"/api/models/{hub.repository}/revision/{rev}" for rev in ("main", COMMIT)):
                self.send(200, hub.listing(), {"Content-Type": "application/json"})
            elif name in hub.files and name.endswith(".safetensors"):
                other_host = hub.endpoint.replace("127.0.0.1", "localhost")
                self.send(302, b"", {"Location": f"{other_host}/large/{name}"})
            elif name.removeprefix("/large/") in hub.files:
                self.send_file(name.removeprefix("/large/"), wanted)
            else:
                self.send(404, b"", {"X-Error-Code": "RepoNotFound"})

        def send_file(self, name: str, wanted: str) -> None:
            content = hub.altered.get(name, hub.files[name])
            status, begin, headers = 200, 0, {}
            if match := re.fullmatch(r"bytes=(\d+)-", wanted):
                status, begin = 206, int(match[1])
                headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
            self.send(status, content[begin:], headers, hub.cut.pop(name, None))

        def send(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
            self.send_response(status)
            for key, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body[:cut])
            if cut is not None:
                self.close_connection = True
                if hub.down_after_cut:
                    hub.refusal = (503, "")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
