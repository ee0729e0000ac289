"""An OpenAI-compatible server that judges replies, with faults: the far end of the wire for `evaluate`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class JudgeServer:
    """An OpenAI-compatible server: a reply makes sense if it says "milk"."""

    url: str = ""
    failures: int = 0
    """So many requests are answered with status 500."""
    refusal: int = 0
    """Status of every answer, if not 0."""
    garbage: bool = False
    asked: list[dict[str, object]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def judging() -> Iterator[JudgeServer]:
    """Serve on a free port of this computer while the block runs."""
    state = JudgeServer()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(asked)
            state.keys.append(self.headers["Authorization"])
            status = state.refusal
            if not status and state.failures:
                state.failures -= 1
                status = 500
            said = json.dumps({"coherent": "milk" in json.loads(asked["messages"][1]["content"])["reply"]})
            content = "Certainly!" if state.garbage else f"```json\n{said}\n```"
            body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
            self.send_response(status or 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        state.url = f"http://127.0.0.1:{http.server_port}/v1"
        yield state
        http.shutdown()
        thread.join()
