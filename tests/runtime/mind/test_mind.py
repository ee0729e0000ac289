"""The worker process and what the runtime makes of its misfortunes."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from robot_runtime.errors import MindCrashed, MindError, MindTimeout, ModelError
from robot_runtime.mind.memory import Memory
from robot_runtime.mind.mind import Mind
from robot_runtime.mind.prompt import Exchange
from robot_runtime.mind.settings import MindSettings
from robot_runtime.mind.worker import Requests, Thinker, serve
from robot_runtime.mind.worker_settings import WorkerSettings

SETTINGS = MindSettings(deadline_s=5.0, start_deadline_s=30.0)


def worker(model: Path) -> WorkerSettings:
    return WorkerSettings(
        model=str(model),
        prompt_format="chatml",
        system="You are two.",
        sampling={"temperature": 1.0},
        candidates=4,
        max_tokens=6,
        memory_tokens=400,
        caregiver_tokens=32,
        threads=1,
        extra_buffers=False,
    )


async def answers(mind: Mind, seconds: float = 20.0) -> bool:
    """Whether the mind thinks again within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            return len((await mind.think("hello", [], [1])).texts) == 1
        except MindError:
            await asyncio.sleep(0.05)
    return False


async def test_thinks(random_model: Path) -> None:
    mind = Mind(worker(random_model), SETTINGS)
    await mind.start()
    thought = await mind.think("where is your bag?", [Exchange("hi", "hi.")], [1, 2, 3, 4])
    again = await mind.think("where is your bag?", [Exchange("hi", "hi.")], [1, 2, 3, 4])
    assert len(thought.texts) == 4
    assert thought.texts == again.texts
    assert again.cached_tokens == again.prompt_tokens - 1
    assert mind.about["threads"] == 1
    await mind.aclose()


async def test_thinking_ahead_leaves_only_the_new_line_to_read(random_model: Path) -> None:
    mind = Mind(worker(random_model), SETTINGS)
    await mind.start()
    history = [Exchange("what is that?", "a ball."), Exchange("is it red?", "yeah.")]
    assert await mind.prepare(history) == 2
    thought = await mind.think("hm?", history, [1])
    assert thought.prompt_tokens - thought.cached_tokens < 60  # every byte a token, and the markup around it
    assert await mind.prepare(history, "hm?") == 2
    again = await mind.think("hm?", history, [1])
    assert (again.prompt_tokens, again.cached_tokens) == (thought.prompt_tokens,) * 2
    assert again.texts == thought.texts
    await mind.aclose()


async def test_history_is_cut_to_its_budget_rarely_and_by_half(random_model: Path) -> None:
    mind = Mind(worker(random_model), SETTINGS)
    await mind.start()
    memory, kept, lengths = Memory(64), [], []
    for _ in range(30):
        thought = await mind.think("what is it now?", memory.exchanges, [1])
        lengths.append(thought.prompt_tokens)
        memory.remember("what is it now?", "a red ball.")
        memory.keep(await mind.prepare(memory.exchanges))
        kept.append(len(memory.exchanges))
    assert max(lengths) == max(lengths[:10])
    cuts = sum(b < a for a, b in itertools.pairwise(kept))
    assert 2 <= cuts <= 12
    await mind.aclose()


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGSEGV])
async def test_a_crash_costs_one_reply(random_model: Path, kind: signal.Signals) -> None:
    said: list[str] = []
    mind = Mind(worker(random_model), SETTINGS, notice=said.append)
    await mind.start()
    assert mind.pid
    os.kill(mind.pid, kind)
    began = time.monotonic()
    with pytest.raises(MindCrashed, match=f"signal {int(kind)}|has ended"):
        await mind.think("hello", [], [1])
    assert time.monotonic() - began < SETTINGS.deadline_s / 2  # at once, not at the deadline
    assert await answers(mind)
    assert mind.restarts == 1
    assert "starting a new one" in said[0]
    await mind.aclose()


async def test_a_hang_costs_one_reply(random_model: Path) -> None:
    mind = Mind(worker(random_model), dataclasses.replace(SETTINGS, deadline_s=0.5))
    await mind.start()
    stopped = mind.pid
    assert stopped
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(MindTimeout, match=r"deadline_s = 0\.5"):
        await mind.think("hello", [], [1])
    assert await answers(mind)
    assert mind.pid != stopped
    await mind.aclose()


async def test_a_cancelled_thought_does_not_confuse_the_next(random_model: Path) -> None:
    mind = Mind(worker(random_model), SETTINGS)
    await mind.start()
    expected = await mind.think("hello", [], [7])
    task = asyncio.create_task(mind.think("something quite different", [], [1, 2, 3, 4]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await mind.think("hello", [], [7])).texts == expected.texts
    assert mind.restarts == 0
    await mind.aclose()


def wait_for_line(file: Path) -> None:
    deadline = time.monotonic() + 10
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_the_worker_is_told_that_a_thought_was_cancelled(tmp_path: Path) -> None:
    """The worker at the far end writes down what it is told, and answers a second request only."""
    told, script = tmp_path / "told", tmp_path / "worker.py"
    script.write_text(
        "import json, sys\nprint('{\"ready\": {}}', flush=True)\n"
        f"for line in sys.stdin:\n    open({str(told)!r}, 'a').write(line)\n"
        "    if json.loads(line)['id'] == 2: print('{\"id\": 2, \"kept\": 0}', flush=True)\n"
    )
    mind = Mind(worker(tmp_path), SETTINGS, command=[sys.executable, str(script)])
    await mind.start()
    task = asyncio.create_task(mind.think("hello", [], [1]))
    await asyncio.to_thread(wait_for_line, told)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await mind.prepare([])
    assert [(each["id"], each["op"]) for each in map(json.loads, told.read_text().splitlines())] == [
        (1, "generate"),
        (1, "forget"),
        (2, "prepare"),
    ]
    await mind.aclose()


def test_requests_that_are_forgotten_are_not_worked_on(random_model: Path) -> None:
    lines = [
        {"id": 1, "op": "generate", "history": [], "caregiver": "hello", "seeds": [1], "deadline_s": 9.0},
        {"id": 2, "op": "generate", "history": [], "caregiver": "hello", "seeds": [1], "deadline_s": 9.0},
        {"id": 1, "op": "forget"},
    ]
    requests, answers = Requests(io.StringIO("\n".join(map(json.dumps, lines)))), io.StringIO()
    deadline = time.monotonic() + 10
    while not requests.forgotten(lines[0]):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    serve(Thinker(worker(random_model)), requests, answers)
    first, second = map(json.loads, answers.getvalue().splitlines())
    assert first == {"id": 1, "error": "forgotten"}
    assert second["id"] == 2 and second["candidates"]


@pytest.fixture
def impostor(tmp_path: Path) -> Callable[[str], list[str]]:
    """A worker of another make at the far end of the pipe."""

    def command(answer: str) -> list[str]:
        script = tmp_path / "impostor.py"
        script.write_text(
            "import sys\nprint('{\"ready\": {}}', flush=True)\n"
            f"for line in sys.stdin: sys.stdout.buffer.write({answer.encode()!r} + b'\\n'); sys.stdout.flush()\n"
        )
        return [sys.executable, str(script)]

    return command


@pytest.mark.parametrize("answer", ["\x00\xff~~ not json", "[1, 2]", '{"id": 99}', '{"no": "id"}', "x" * (1 << 21)])
async def test_garbage_costs_one_reply(random_model: Path, impostor: Callable[[str], list[str]], answer: str) -> None:
    mind = Mind(worker(random_model), SETTINGS, command=impostor(answer))
    await mind.start()
    with pytest.raises(MindCrashed, match=r"garbage|something else"):
        await mind.think("hello", [], [1])
    assert mind.restarts == 1
    await mind.aclose()


async def test_a_request_that_fails_is_said(random_model: Path, impostor: Callable[[str], list[str]]) -> None:
    mind = Mind(worker(random_model), SETTINGS, command=impostor('{"id": 1, "error": "no room"}'))
    await mind.start()
    with pytest.raises(MindCrashed, match="no room"):
        await mind.think("hello", [], [1])
    await mind.aclose()


async def test_a_model_that_cannot_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot load"):
        await Mind(worker(path), SETTINGS).start()


async def test_a_worker_that_never_gets_ready(random_model: Path) -> None:
    mind = Mind(
        worker(random_model),
        dataclasses.replace(SETTINGS, start_deadline_s=0.3),
        command=[sys.executable, "-c", "import time; time.sleep(60)"],
    )
    with pytest.raises(ModelError, match="start_deadline_s"):
        await mind.start()
    assert mind.pid is None


async def test_a_crash_with_repacked_weights_is_tried_again_without(random_model: Path, tmp_path: Path) -> None:
    script = tmp_path / "fragile.py"
    script.write_text(
        "import json, os, signal, sys\n"
        "settings = json.loads(sys.argv[1])\n"
        "if settings['extra_buffers']: os.kill(os.getpid(), signal.SIGSEGV)\n"
        "print('{\"ready\": {}}', flush=True); sys.stdin.read()\n"
    )
    said: list[str] = []
    fragile = dataclasses.replace(worker(random_model), extra_buffers=True)
    mind = Mind(fragile, SETTINGS, command=[sys.executable, str(script)], notice=said.append)
    await mind.start()
    assert mind.pid
    assert "extra_buffers" in said[0]
    await mind.aclose()


def test_memory_forgets_its_older_half_when_full() -> None:
    memory = Memory(4)
    sizes = []
    for number in range(9):
        memory.remember(str(number), "yes.")
        sizes.append(len(memory.exchanges))
    assert sizes == [1, 2, 3, 4, 2, 3, 4, 2, 3]
    assert memory.exchanges[-1] == Exchange("8", "yes.")
    memory.keep(0)
    assert memory.exchanges == ()
