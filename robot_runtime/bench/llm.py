"""`bench llm`: the worker's speed against raw llama.cpp, both measured in turns within one run."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
from collections.abc import Mapping
from typing import Any

from robot_runtime.bench.numbers import percentile
from robot_runtime.errors import ModelError
from robot_runtime.mind.mind import Mind
from robot_runtime.mind.prompt import Exchange
from robot_runtime.mind.threads import QUIET_THREADS, choose_threads
from robot_runtime.model_store.locate import LocatedModel
from robot_runtime.session import worker_settings
from robot_runtime.settings import Settings

STEPS = 8
"""Tokens of each reply: what a toddler's has."""

LINE = "where did you put the red ball that we played with in the garden this morning?"
"""Makes a prompt of some 90 to 200 tokens together with a history of five exchanges of it."""


class RawPeer:
    """The process of `robot_runtime.bench.raw`."""

    def __init__(self, environment: Mapping[str, str] = QUIET_THREADS) -> None:
        """Add `environment` to the process's variables."""
        self._environment = os.environ | environment
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, model: LocatedModel, threads: int) -> None:
        """Load the model."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "robot_runtime.bench.raw",
            str(model.path),
            str(threads),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment,
        )
        await self._line()

    async def _line(self) -> str:
        assert self._process is not None and self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        if not line:
            raise ModelError("raw llama.cpp ended; `toddler-robot doctor` looks for the cause")
        return line

    async def measure(self, prefix: int, prompt: int, sequences: int, steps: int) -> tuple[float, float]:
        """Seconds for `prompt` tokens after `prefix` cached ones, and for so many steps of so many sequences."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(f"{prefix} {prompt} {sequences} {steps}\n".encode())
        prefill, decode = map(float, (await self._line()).split())
        return prefill, decode

    async def aclose(self) -> None:
        """End the process."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()


async def bench_llm(settings: Settings, model: LocatedModel, rounds: int) -> dict[str, Any]:
    """Prefill and decode, tokens a second, at 1 and 8 candidates, and what 8 cost more than 1.

    `turn_ms` is a turn as it is in a conversation: the opening and what was said before are in the cache, the
    caregiver's line is new, the replies have `STEPS` tokens; `sampling_ms` is the part of it that samples.

    Each figure is the median of `rounds` rounds, in each of which the worker and raw llama.cpp do the same work one
    after the other; the ratio is the median of the rounds' ratios.
    """
    mind_settings = dataclasses.replace(settings.mind, max_tokens=STEPS, candidates=8, deadline_s=60.0)
    worker = worker_settings(dataclasses.replace(settings, mind=mind_settings), model)
    worker = dataclasses.replace(worker, memory_tokens=256)
    mind, raw = Mind(worker, mind_settings), RawPeer()
    try:
        await mind.start()
        threads = choose_threads(model.path, settings.mind.threads)
        await raw.start(model, threads)
        figures = {f"{n}_candidates": await _compare(mind, raw, n, rounds) for n in (1, 8)}
        one, eight = figures["1_candidates"], figures["8_candidates"]
        return {
            "model": model.name,
            "parameters": mind.about["parameters"],
            "threads": threads,
            "reply_tokens": STEPS,
            **figures,
            "cost_of_8_candidates": {
                part: round(eight[f"{part}_ms"] / one[f"{part}_ms"], 2) for part in ("turn", "sampling")
            },
        }
    finally:
        await mind.aclose()
        await raw.aclose()


async def _compare(mind: Mind, raw: RawPeer, candidates: int, rounds: int) -> dict[str, Any]:
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    turns: list[tuple[float, float]] = []
    tokens = 0
    for number in range(rounds + 1):
        # The first words differ each time, so that nothing of the prompt but its opening is in the cache.
        history = [Exchange(f"{number} {LINE}", "me no know.")] * 5
        thought = await mind.think(LINE, history, list(range(candidates)), run_on=True)
        tokens = thought.prompt_tokens - thought.cached_tokens
        turn = await mind.think(f"what is that, {number}?", history, list(range(candidates)), run_on=True)
        raw_prefill, raw_decode = await raw.measure(thought.cached_tokens, tokens, candidates, STEPS - 1)
        if number:  # the first round warms up
            ours.append((thought.prefill_ms / 1e3, thought.decode_ms / 1e3))
            theirs.append((raw_prefill, raw_decode))
            turns.append((turn.prefill_ms + turn.decode_ms, turn.decode_ms))
    decoded = candidates * (STEPS - 1)
    result: dict[str, Any] = {"prompt_tokens": tokens}
    for part, (name, count) in enumerate((("prefill", tokens), ("decode", decoded))):
        mine, peer = [pair[part] for pair in ours], [pair[part] for pair in theirs]
        result[name] = {
            "tokens_per_s": round(count / percentile(mine, 0.5), 1),
            "raw_tokens_per_s": round(count / percentile(peer, 0.5), 1),
            "ratio": round(percentile([b / a for a, b in zip(mine, peer, strict=True)], 0.5), 3),
        }
    for part, name in enumerate(("turn_ms", "sampling_ms")):
        result[name] = round(percentile([turn[part] for turn in turns], 0.5), 2)
    return result
