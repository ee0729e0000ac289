"""The thinking process: reads requests as JSON lines on standard input, answers as JSON lines on standard output.

Started by `robot_runtime.mind.mind.Mind` with its settings as one JSON argument. First line out: `{"ready": ...}` after
a first decode has worked. Then, for each request, one answer with the same `id`:

- `{"id", "op": "prepare", "history": [[caregiver, child], ...], "caregiver": null}`: evaluate what the next prompt will
  begin with, or the whole one for what the caregiver says; answers `kept`, the number of newest exchanges that fit the
  token budget, and `evaluated`, the tokens it cost.
- `{"id", "op": "generate", "history", "caregiver", "seeds": [int, ...], "deadline_s": float}`: answers `candidates`
  (`text`, `tokens`, `end`) and the cost. With `"run_on": true` no reply ends before its longest length.
- `{"id", "op": "forget"}`: nobody waits for that request, or for one before it, any more. It ends at its next token, or
  is not begun; this line itself has no answer.

A request that fails answers `{"id", "error"}`. The process ends when its input ends.
"""

from __future__ import annotations

import functools
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from robot_runtime.mind.engine import Engine
from robot_runtime.mind.prompt import Exchange, prompt_format
from robot_runtime.mind.worker_settings import WorkerSettings
from robot_runtime.model_store.sampling import Sampling


class Thinker:
    """Builds prompts within their token budgets and samples replies."""

    def __init__(self, settings: WorkerSettings) -> None:
        """Load the model."""
        self._settings = settings
        self._format = prompt_format(settings.prompt_format)
        self._sampling = Sampling(**settings.sampling)
        opening = self._format.opening(settings.system)
        context = sum(len(piece.text.encode()) for piece in opening) + 64  # a token is a byte or more
        context += settings.memory_tokens + settings.caregiver_tokens + settings.candidates * settings.max_tokens
        self.engine = Engine(
            Path(settings.model),
            context=-(-context // 256) * 256,
            candidates=settings.candidates,
            threads=settings.threads,
            extra_buffers=settings.extra_buffers,
        )
        # What it was never trained to read, a model reads badly: half of its context for memory, a quarter for a line.
        self._memory_tokens = min(settings.memory_tokens, self.engine.trained_context // 2)
        self._caregiver_tokens = min(settings.caregiver_tokens, self.engine.trained_context // 4)
        self._opening = self.engine.tokenize(opening)

    def history(self, exchanges: Sequence[Exchange]) -> tuple[list[int], int]:
        """Tokens of what fits of the history, and how many exchanges that is.

        History beyond its budget is cut to the newest exchanges that fit half of it, so that the cut is rare.
        """
        each = [self.engine.tokenize(self._format.exchange(exchange)) for exchange in exchanges]
        budget = self._memory_tokens
        if sum(map(len, each)) > budget:
            budget //= 2
        kept: list[list[int]] = []
        for tokens in reversed(each):
            budget -= len(tokens)
            if budget < 0:
                break
            kept.insert(0, tokens)
        return [token for tokens in kept for token in tokens], len(kept)

    def prompt(self, exchanges: Sequence[Exchange], caregiver: str | None) -> tuple[list[int], int]:
        """Tokens of a whole prompt, or of what any begins with, and how many exchanges of the history are in it."""
        before, said, after = self._format.question(caregiver or "")
        tokens, kept = self.history(exchanges)
        beginning = [*self._opening, *tokens, *self.engine.tokenize([before])]
        if caregiver is None:
            return beginning, kept
        line = self.engine.tokenize([said])[-self._caregiver_tokens :]
        return [*beginning, *line, *self.engine.tokenize([after])], kept

    def prepare(self, request: dict[str, Any], forgotten: Callable[[], bool]) -> dict[str, Any]:
        """See the module's docstring."""
        prompt, kept = self.prompt([Exchange(*pair) for pair in request["history"]], request["caregiver"])
        return {"kept": kept, "evaluated": len(prompt) - self.engine.prefill(prompt)}

    def generate(self, request: dict[str, Any], forgotten: Callable[[], bool]) -> dict[str, Any]:
        """See the module's docstring."""
        prompt, _ = self.prompt([Exchange(*pair) for pair in request["history"]], request["caregiver"])
        sampled = self.engine.sample(
            prompt,
            request["seeds"],
            self._sampling,
            self._settings.max_tokens,
            request["deadline_s"],
            request.get("run_on", False),
            forgotten,
        )
        return asdict(sampled)


class Requests:
    """Requests in their order, read by a thread of its own: so it is known of the one at work that it is forgotten."""

    def __init__(self, lines: TextIO) -> None:
        """Begin to read."""
        self._lines = lines
        self._waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._forgotten = 0
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield them until there are no more."""
        while (request := self._waiting.get()) is not None:
            yield request

    def forgotten(self, request: dict[str, Any]) -> bool:
        """Whether nobody waits for its answer."""
        return bool(request["id"] <= self._forgotten)

    def _read(self) -> None:
        try:
            for line in self._lines:
                request = json.loads(line)
                if request["op"] == "forget":
                    self._forgotten = request["id"]
                else:
                    self._waiting.put(request)
        finally:
            self._waiting.put(None)


def serve(thinker: Thinker, requests: Requests, answers: TextIO) -> None:
    """Answer requests until there are no more."""
    operations = {"prepare": thinker.prepare, "generate": thinker.generate}
    for request in requests:
        forgotten = functools.partial(requests.forgotten, request)
        try:
            answer = {"error": "forgotten"} if forgotten() else operations[request["op"]](request, forgotten)
        except Exception as error:  # the caller decides what a failed request means
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **answer}), file=answers, flush=True)


def main() -> None:
    """Run the process: keep standard output to ourselves, load, warm up, serve."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    settings = WorkerSettings(**json.loads(sys.argv[1]))
    started = time.perf_counter()
    try:
        thinker = Thinker(settings)
        thinker.generate({"history": [], "caregiver": "hello", "seeds": [0], "deadline_s": 60.0}, lambda: False)
    except Exception as error:  # said to the user by the process that started this one
        print(json.dumps({"failed": str(error)}), file=answers, flush=True)
        return
    ready = {
        "parameters": thinker.engine.parameters,
        "threads": thinker.engine.threads,
        "context": thinker.engine.context,
        "load_ms": (time.perf_counter() - started) * 1e3,
    }
    print(json.dumps({"ready": ready}), file=answers, flush=True)
    serve(thinker, Requests(sys.stdin), answers)


if __name__ == "__main__":
    main()
