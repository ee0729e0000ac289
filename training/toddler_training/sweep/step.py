"""The step `sweep`: what the weights of the rewards do to the model, on a small budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from robot_runtime.errors import TrainingStopped
from toddler_training.base.base import base_folder
from toddler_training.base.threads import limit_threads
from toddler_training.config import TrainingConfig
from toddler_training.evaluate.bootstrap import Array, resamples
from toddler_training.grpo.step import read_prompts
from toddler_training.rewards.reward import load_rewards
from toddler_training.sweep.cell import REWARDS, Cell, Ground, base_cell, trained_cell
from toddler_training.sweep.observations import change, figure, observations
from toddler_training.sweep.plot import draw, pareto
from toddler_training.sweep.settings import Weights
from toddler_training.work import Work

CARD: Weights = (1.0, 0.2, 0.5)
"""The weights of the model card, which count as balanced."""


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Train and ask every cell of the grid that has not been.

    Raises:
        ToddlerRobotError: an earlier step is missing.
        TrainingStopped: it was cut short; cells that are done are kept, and the one at work goes on.
    """
    limit_threads()
    tuned = work.made("sft", "model")
    ground = Ground(
        tuned if tuned.is_dir() else base_folder(config.base),
        config.base,
        config.grpo,
        config.sweep,
        read_prompts(work),
        load_rewards(work.made("rewards")),
    )
    base = base_cell(ground)
    cells: list[Cell] = []
    grid = config.sweep.combinations()
    for number, weights in enumerate(grid, 1):
        if work.stop():
            raise TrainingStopped(f"stopped after {len(cells)} of {len(grid)} cells; run the same command to go on")
        name = "-".join(f"{weight:g}" for weight in weights)
        cells.append(trained_cell(ground, weights, work.out / f"cell-{name}", work.stop, work.tell))
        scores = ", ".join(f"{reward} {_mean(cells[-1].scores[reward]):.3f}" for reward in REWARDS)
        work.tell(f"sweep: cell {number} of {len(grid)}, weights {cells[-1].name}: {scores}")
    drawn = resamples(len(ground.asked), config.sweep.draws, config.base.seed)
    table = _table(base, cells, drawn)
    (work.out / "table.json").write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draw(table, work.out / "plot.png")
    for each in table["observations"]:
        work.tell(f"{each['claim']}. {each['text']}")
    return table


def _table(base: Cell, cells: Sequence[Cell], drawn: Array) -> dict[str, Any]:
    rows = [_row(cell, base, drawn) for cell in (base, *cells)]
    front = pareto([(row["childish"]["value"], row["coherence"]["value"]) for row in rows])
    return {
        "prompts": len(base.replies),
        "draws": len(drawn),
        "cells": [row | {"unbeaten": place in front} for place, row in enumerate(rows)],
        "observations": observations(cells, base, CARD, drawn),
    }


def _row(cell: Cell, base: Cell, drawn: Array) -> dict[str, Any]:
    against = {reward: change(cell, base, reward, drawn).plain() for reward in REWARDS} if cell is not base else None
    return {
        "name": cell.name,
        "weights": dict(zip(REWARDS, cell.weights, strict=True)),
        **{reward: figure(cell, reward, drawn).plain() for reward in REWARDS},
        "against_base": against,
        "words": _mean([len(reply.split()) for reply in cell.replies]),
        "distinct": cell.distinct,
        "replies": cell.replies[:5],
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
