"""The labelling tool against a real HTTP server that answers as an OpenAI-compatible one does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.chat_server import ChatServer
from toddler_training.rewards.judge import harmonic_mean, read_scores
from toddler_training.rewards.label import Exchange, drawn_exchanges, label
from toddler_training.rewards.scored import read_scored


class Server(ThreadingHTTPServer):
    """Answers with the scores of a table by reply; of the first `failures` requests, with an error."""

    def __init__(self, failures: int = 0, status: int = 503) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.failures, self.status = failures, status
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.requests.append(body)
            self.server.keys.append(self.headers["Authorization"])
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
            number = len(self.server.requests)
        reply = json.loads(body["messages"][1]["content"])["reply"]
        scores = {"caregiver": 0.8, "reply": 0.9 if reply == "moo" else 0.3}
        text = f"Here you are:\n```json\n{json.dumps(scores)}\n```"
        content = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()
        failed = number <= self.server.failures
        with self.server.lock:
            self.server.at_once -= 1
        self.send_response(self.server.status if failed else 200)
        self.send_header("Content-Length", str(0 if failed else len(content)))
        self.end_headers()
        self.wfile.write(b"" if failed else content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Any]:
    servers = []

    def start(*arguments: int) -> Server:
        server = Server(*arguments)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


EXCHANGES = [Exchange("what does the cow say?", "moo", "a/b"), Exchange("where is the ball?", "two shoe", "a/b")]


def test_labels_are_what_the_trainer_reads(serve: Any, tmp_path: Path) -> None:
    server, kept = serve(), tmp_path / "new" / "labels.jsonl"
    assert label(ChatServer(server.url, "m", "secret", 0.5), EXCHANGES, kept, samples=3, together=2) == 2
    assert {(pair.child_reply, pair.caregiver_score, pair.reply_score, pair.child) for pair in read_scored(kept)} == {
        ("moo", 0.8, 0.9, "a/b"),
        ("two shoe", 0.8, 0.3, "a/b"),
    }
    assert len(server.requests) == 6 and set(server.keys) == {"Bearer secret"}
    assert server.most_at_once <= 2
    assert {(body["model"], body["temperature"]) for body in server.requests} == {("m", 0.5)}
    assert all(len(json.loads(line)["samples"]) == 3 for line in kept.read_text().splitlines())


def test_nothing_is_asked_twice(serve: Any, tmp_path: Path) -> None:
    server, kept = serve(), tmp_path / "labels.jsonl"
    judge = ChatServer(server.url, "m")
    label(judge, EXCHANGES[:1], kept, samples=1, together=1)
    kept.write_text(kept.read_text() + '{"caregiver": "cut sho')
    label(judge, EXCHANGES, kept, samples=1, together=1)
    label(judge, EXCHANGES, kept, samples=1, together=1)
    assert len(server.requests) == 2 and len(read_scored(kept)) == 2
    label(ChatServer(server.url, "other"), EXCHANGES[:1], kept, samples=1, together=1)
    assert len(server.requests) == 3


def label_one(server: Any, folder: Path) -> None:
    judge = ChatServer(server.url, "m", pauses_s=(0.0, 0.0))
    label(judge, EXCHANGES[:1], folder / "labels.jsonl", samples=1, together=1)


def test_a_server_that_recovers_is_asked_again(serve: Any, tmp_path: Path) -> None:
    server = serve(2, 429)
    label_one(server, tmp_path)
    assert len(server.requests) == 3


@pytest.mark.parametrize(("status", "asked"), [(503, 3), (401, 1)])
def test_a_server_that_does_not_recover(serve: Any, tmp_path: Path, status: int, asked: int) -> None:
    server = serve(99, status)
    with pytest.raises(SettingsError, match=f"m at {server.url} failed: HTTP Error {status}"):
        label_one(server, tmp_path)
    assert len(server.requests) == asked


def test_stopping_keeps_what_was_scored(serve: Any, tmp_path: Path) -> None:
    server, kept = serve(), tmp_path / "labels.jsonl"
    with pytest.raises(TrainingStopped, match="goes on"):
        label(ChatServer(server.url, "m", stop=lambda: True), EXCHANGES, kept, samples=1, together=1)
    assert read_scored(kept)


def test_the_harmonic_mean_has_a_floor() -> None:
    assert harmonic_mean([0.5, 1.0]) == 0.67
    assert harmonic_mean([0.0, 1.0]) == harmonic_mean([0.05, 1.0]) == 0.1


@pytest.mark.parametrize("text", ["I cannot", '{"caregiver": 2, "reply": 0}', '{"caregiver": "a", "reply": 0}'])
def test_other_answers_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        read_scores(text)


def test_exchanges_are_drawn_once(tmp_path: Path) -> None:
    rows = {"caregiver": ["a", "a", "b", "c"], "child_reply": ["x", "x", "x", "y"], "child": ["k"] * 4}
    parquet.write_table(pa.table(rows), tmp_path / "pairs.parquet")
    drawn = drawn_exchanges(tmp_path / "pairs.parquet", 100, 1)
    assert sorted(exchange.caregiver for exchange in drawn) == ["a", "b", "c"]
    assert len(drawn_exchanges(tmp_path / "pairs.parquet", 2, 1)) == 2
    with pytest.raises(SettingsError, match="missing"):
        drawn_exchanges(tmp_path / "missing.parquet", 2, 1)
