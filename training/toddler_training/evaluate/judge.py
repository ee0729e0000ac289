"""Whether replies make sense, judged by a language model behind any OpenAI-compatible server.

The judge sees a caregiver line and a reply, not who gave it; equal replies are judged once, in an order drawn by lot.
Every verdict is written to a file before the next one is asked for, and never asked for again. The answer is yes or
no, as in the published evaluation, whose figure is a share of coherent replies (0.733; 1000 pairs).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from robot_runtime.errors import TrainingStopped
from toddler_training.chat_server import ChatServer
from toddler_training.kept_lines import kept_lines

RUBRIC = """You judge a child's reply to a caregiver. The child is two or three years old: baby grammar, missing words \
and silly ideas are fine, and so is a reply that says no or asks back. A reply makes sense if it answers the line, or \
follows from it in some way that a listener understands at once. It makes no sense if it is about something else, \
contradicts itself, merely repeats the line, or cannot be understood.
Answer with JSON only: {"coherent": true} or {"coherent": false}."""
"""Our own words."""

TOGETHER = 8
"""Requests at a time."""

_VERDICT = re.compile(r'"coherent"\s*:\s*(true|false)', re.IGNORECASE)

Pair = tuple[str, str]


def makes_sense(judge: ChatServer, pair: Pair) -> bool:
    """Whether the reply of a (caregiver, reply) pair makes sense.

    Raises:
        SettingsError: as `ChatServer.ask`.
    """
    exchange = json.dumps({"caregiver": pair[0], "reply": pair[1]}, ensure_ascii=False)
    return judge.ask(RUBRIC, exchange, _verdict)


def judge_all(
    judge: ChatServer,
    pairs: Iterable[Pair],
    kept: Path,
    seed: int,
    stop: Callable[[], bool],
    bar: Callable[[Iterator[Pair], int], Iterable[Pair]],
) -> dict[Pair, bool]:
    """Judge each different pair once.

    Args:
        judge: who judges.
        pairs: (caregiver, reply), of all models.
        kept: file of verdicts, JSON lines; those by the same judge hold.
        seed: of the order in which they are judged.
        stop: whether the user wants an end.
        bar: shows progress; gets the pairs as they are judged, and how many there will be.

    Raises:
        TrainingStopped: `stop` said so; `kept` has all verdicts so far.
        SettingsError: as `ChatServer.ask`.
    """
    known = {
        (line["caregiver"], line["reply"]): bool(line["coherent"])
        for line in kept_lines(kept)
        if line["judge"] == judge.model
    }
    wanted = sorted(set(pairs) - set(known))
    random.Random(seed).shuffle(wanted)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("a", encoding="utf-8") as file, ThreadPoolExecutor(TOGETHER) as pool:
        asked: dict[Future[bool], Pair] = {pool.submit(makes_sense, judge, pair): pair for pair in wanted}

        def judged() -> Iterator[Pair]:
            for done in as_completed(asked):
                pair = asked[done]
                known[pair] = done.result()
                line = {"judge": judge.model, "caregiver": pair[0], "reply": pair[1], "coherent": known[pair]}
                file.write(json.dumps(line) + "\n")
                file.flush()
                yield pair

        try:
            for _ in bar(judged(), len(wanted)):
                if stop():
                    raise TrainingStopped(f"stopped; {len(known)} verdicts are in {kept}")
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return known


def _verdict(text: str) -> bool:
    verdict = _VERDICT.search(text)
    if verdict is None:
        raise ValueError(f"no verdict in its answer {text[:80]!r}")
    return verdict[1].lower() == "true"
