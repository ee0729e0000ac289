"""The three observations of the model card, looked for in a sweep.

The card (Toddler-LLM-GRPO): RM-1 alone leads to incoherent replies; too much of RM-2 makes them less childish; RM-3
saturates early. Each is said with its figures, whether it shows or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from toddler_training.evaluate.bootstrap import SIGNIFICANT, Array, Difference, Estimate, difference, estimate, mean
from toddler_training.sweep.cell import Cell
from toddler_training.sweep.settings import Weights

ALONE = "RM-1 alone leads to incoherent replies"
STRONG = "Too much of RM-2 makes replies less childish"
EARLY = "RM-3 saturates early"
"""What the card says, and what is looked for."""

WINDOW = 10
"""Steps over which the course of a reward is averaged."""

WHOLE_WAY = 0.9
"""A reward has settled when it has gone this share of its way."""

SATURATED = 0.9
"""A reward of this height is saturated. The card speaks of near 100 %."""


def figure(cell: Cell, reward: str, drawn: Array) -> Estimate:
    """Mean of a reward over the held-out prompts."""
    return estimate(_columns(cell, reward), mean, drawn)


def change(cell: Cell, other: Cell, reward: str, drawn: Array) -> Difference:
    """By how much a reward is higher than in another cell, on the same prompts."""
    return difference(_columns(cell, reward), _columns(other, reward), mean, drawn)


def observations(cells: Sequence[Cell], base: Cell, card: Weights, drawn: Array) -> list[dict[str, Any]]:
    """The three, of JSON types: `claim`, `shows` (null where these cells cannot tell) and a `text` with the figures.

    Args:
        cells: of the sweep.
        base: the model that all started from.
        card: the weights that count as balanced.
        drawn: of `resamples`.
    """
    by_weights = {cell.weights: cell for cell in cells}
    balanced, alone = by_weights.get(card), by_weights.get((card[0], 0.0, 0.0))
    stronger = [cell for cell in cells if cell.weights[::2] == card[::2] and cell.weights[1] > card[1]]
    if balanced is None:
        return [_unknown(claim, "the card's weights") for claim in (ALONE, STRONG, EARLY)]
    strong = max(stronger, key=lambda cell: cell.weights[1], default=None)
    return [
        _falls(ALONE, "coherence", alone, balanced, base, drawn) if alone else _unknown(ALONE, "RM-1 alone"),
        _falls(STRONG, "childish", strong, balanced, base, drawn) if strong else _unknown(STRONG, "more of RM-2"),
        _saturates(balanced, drawn),
    ]


def _unknown(claim: str, lacking: str) -> dict[str, Any]:
    return {"claim": claim, "shows": None, "text": f"Cannot be seen here: no cell with {lacking}."}


def settled_at(course: Sequence[float]) -> int | None:
    """The step (from 1) after which a reward's average over `WINDOW` steps has gone `WHOLE_WAY` of its way.

    None if it does not rise by more than its own noise: twice the standard error of such an average.
    """
    if len(course) < 2 * WINDOW:
        return None
    values = numpy.array(course)
    smooth = numpy.convolve(values, numpy.full(WINDOW, 1 / WINDOW), mode="valid")
    noise = 2 * numpy.diff(values).std() / numpy.sqrt(2 * WINDOW)
    rise = smooth[-1] - smooth[0]
    if rise <= noise:
        return None
    return int(numpy.argmax(smooth >= smooth[0] + WHOLE_WAY * rise)) + WINDOW


def _falls(claim: str, reward: str, cell: Cell, balanced: Cell, base: Cell, drawn: Array) -> dict[str, Any]:
    """Whether a reward is lower in a cell than in the balanced one."""
    less, from_base = change(cell, balanced, reward, drawn), change(cell, base, reward, drawn)
    shows = bool(less.value < 0 and less.p < SIGNIFICANT)
    return {
        "claim": claim,
        "shows": shows,
        "text": (
            f"{'Shows' if shows else 'Does not show'}: {reward} is {_said(figure(cell, reward, drawn))} with "
            f"{cell.name}, against {_said(figure(balanced, reward, drawn))} with {balanced.name} "
            f"(difference {_said(less)}, p {less.p:.3f}) and {_said(figure(base, reward, drawn))} in the base "
            f"(difference {_said(from_base)}, p {from_base.p:.3f})."
        ),
    }


def _saturates(balanced: Cell, drawn: Array) -> dict[str, Any]:
    """Whether RM-3 ends high, and settles before the other rewards do."""
    height = figure(balanced, "length", drawn)
    steps = {name: settled_at(course) for name, course in balanced.course.items()}
    own, others = steps.pop("length"), [step for step in steps.values() if step is not None]
    first, last = (
        sum(part) / len(part) for part in (balanced.course["length"][:WINDOW], balanced.course["length"][-WINDOW:])
    )
    already = own is None and first >= SATURATED
    shows = height.value >= SATURATED and bool(already or (own is not None and others and own < min(others)))
    course = "; ".join(
        f"{name} {'does not rise beyond its noise' if step is None else f'settles at step {step}'}"
        for name, step in {"length": own, **steps}.items()
    )
    return {
        "claim": EARLY,
        "shows": shows,
        "text": (
            f"{'Shows' if shows else 'Does not show'}: with {balanced.name}, RM-3 goes from {first:.3f} to {last:.3f} "
            f"in {len(balanced.course['length'])} steps, and is {_said(height)} on held-out prompts; {course}."
        ),
    }


def _columns(cell: Cell, reward: str) -> Array:
    scores = numpy.array(cell.scores[reward])
    return numpy.stack([scores, numpy.ones_like(scores)], axis=1)


def _said(found: Estimate) -> str:
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
