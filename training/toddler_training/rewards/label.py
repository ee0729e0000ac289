"""Labelling exchanges with a judge: what is labelled is kept at once, and never asked for again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

from robot_runtime.errors import SettingsError, TrainingStopped
from toddler_training.chat_server import ChatServer
from toddler_training.data.tables import read_rows
from toddler_training.kept_lines import kept_lines
from toddler_training.rewards.judge import ask, harmonic_mean


class Exchange(NamedTuple):
    """What is labelled."""

    caregiver: str
    """The caregiver's line."""
    reply: str
    """The child's."""
    child: str
    """corpus/name."""


def drawn_exchanges(pairs: Path, count: int, seed: int) -> list[Exchange]:
    """Distinct exchanges of a pairs.parquet, drawn by lot, questions and other lines as they come.

    Raises:
        SettingsError: the file cannot be read.
    """
    rows = read_rows(pairs, "caregiver", "child_reply", "child")
    found = {row[:2]: Exchange(*row) for row in rows}
    exchanges = list(found.values())
    return random.Random(seed).sample(exchanges, min(count, len(exchanges)))


def label(
    judge: ChatServer,
    exchanges: Sequence[Exchange],
    kept: Path,
    *,
    samples: int,
    together: int,
    bar: Callable[[Iterator[Exchange], int], Any] = lambda done, total: done,
) -> int:
    """Score each exchange that `kept` does not hold yet by the same judge.

    A line of the file: caregiver, child_reply, child, judge, caregiver_score, reply_score (harmonic means), samples.

    Args:
        judge: who scores; its `stop` ends the work between two exchanges.
        exchanges: distinct ones.
        kept: file of labels, JSON lines.
        samples: how often each exchange is scored, 1 and more.
        together: exchanges that are scored at the same time.
        bar: shows progress; gets the exchanges as they are scored, and how many there will be.

    Returns:
        How many of the exchanges the file has now.

    Raises:
        SettingsError: the judge failed for good; what was scored before is in the file.
        TrainingStopped: stopped; likewise.
    """
    known = _known(kept, judge.model)
    wanted = [exchange for exchange in exchanges if exchange[:2] not in known]
    kept.parent.mkdir(parents=True, exist_ok=True)

    def score(exchange: Exchange) -> dict[str, Any]:
        scores = [ask(judge, exchange.caregiver, exchange.reply) for _ in range(samples)]
        clear, fits = zip(*scores, strict=True)
        return {
            "caregiver": exchange.caregiver,
            "child_reply": exchange.reply,
            "child": exchange.child,
            "judge": judge.model,
            "caregiver_score": harmonic_mean(clear),
            "reply_score": harmonic_mean(fits),
            "samples": [list(pair) for pair in scores],
        }

    with kept.open("a", encoding="utf-8") as file, ThreadPoolExecutor(together) as pool:
        asked: dict[Future[dict[str, Any]], Exchange] = {pool.submit(score, exchange): exchange for exchange in wanted}

        def scored() -> Iterator[Exchange]:
            for done in as_completed(asked):
                file.write(json.dumps(done.result(), ensure_ascii=False) + "\n")
                file.flush()
                yield asked[done]

        try:
            for _ in bar(scored(), len(wanted)):
                if judge.stop():
                    raise TrainingStopped(f"stopped; what was scored is in {kept}, the same command goes on")
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return len(exchanges)


def _known(kept: Path, judge: str) -> set[tuple[str, str]]:
    """What a judge has scored.

    Raises:
        SettingsError: a line of the file cannot be read.
    """
    try:
        return {(row["caregiver"], row["child_reply"]) for row in kept_lines(kept) if row["judge"] == judge}
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{kept} is no file of labels ({error}); name another one for --out") from error
