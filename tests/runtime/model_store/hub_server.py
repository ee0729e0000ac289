"""A server that speaks what the Hugging Face client asks for, with faults: the far end of the wire for `pull`."""

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
    altered: dict[str, bytes] = field(default_factory=dict)
    """By file: bytes that are sent in place of the true ones."""
    refusal: tuple[int, str] | None = None
    """Status and X-Error-Code of every answer."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and Range of every request."""
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
        return [path.rsplit("/", 1)[1] for method, path, _ in self.asked if method == "GET" and "/resolve/" in path]


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve on a free port of this computer while the block runs."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, with_body: bool) -> None:
            path = urlsplit(self.path).path
            wanted = self.headers.get("Range", "")
            hub.asked.append((self.command, path, wanted))
            name = path.removeprefix(f"/{hub.repository}/resolve/{COMMIT}/")
            if hub.refusal:
                self.send(hub.refusal[0], b"", {"X-Error-Code": hub.refusal[1]}, with_body)
            elif path in (f"/api/models/{hub.repository}/revision/{rev}" for rev in ("main", COMMIT)):
                self.send(200, hub.listing(), {"Content-Type": "application/json"}, with_body)
            elif name in hub.files:
                self.send_file(name, wanted, with_body)
            else:
                self.send(404, b"", {"X-Error-Code": "RepoNotFound"}, with_body)

        def send_file(self, name: str, wanted: str, with_body: bool) -> None:
            content = hub.altered.get(name, hub.files[name])
            etag = hashlib.sha256(hub.files[name]).hexdigest()
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"', "X-Linked-Size": str(len(content))}
            status, begin = 200, 0
            if match := re.fullmatch(r"bytes=(\d+)-", wanted):
                status, begin = 206, int(match[1])
                headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
            self.send(status, content[begin:], headers, with_body, hub.cut.pop(name, None) if with_body else None)

        def send(
            self, status: int, body: bytes, headers: dict[str, str], with_body: bool, cut: int | None = None
        ) -> None:
            self.send_response(status)
            for key, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(key, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body[:cut])
            self.close_connection = cut is not None

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
