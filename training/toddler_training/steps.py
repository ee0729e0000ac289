"""The steps from transcripts to a model that talks, in their order."""

from __future__ import annotations

import dataclasses
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toddler_training.config import TrainingConfig
from toddler_training.work import Work, do


@dataclass(frozen=True)
class Step:
    """One step. Its module `toddler_training.<name>.step` has `run(work, config) -> report` and is loaded when run."""

    about: str
    """What it does, in a line."""
    needs: tuple[str, ...] = ()
    """Steps whose output it reads."""
    settings: tuple[str, ...] = ()
    """Sections of the configuration that it depends on, besides the one of its own name."""
    together: bool = False
    """Whether several processes can do it together, one a GPU."""


STEPS = {
    "data": Step("CHAT transcripts to caregiver-child pairs"),
    "rewards": Step("reward models: childish (RM-1), coherence (RM-2), length (RM-3), clarity (RM-4)", ("data",)),
    "filter": Step("the clearest caregiver lines become prompts", ("data", "rewards"), ("base",)),
    "sft": Step("supervised fine-tuning on the pairs, where it is switched on", ("data",), ("base",), True),
    "grpo": Step("reinforcement by the rewards", ("rewards", "filter", "sft"), ("base",), True),
    "merge": Step("the adapter becomes part of the model", ("grpo",), ("base",)),
    "export": Step("GGUF files for the runtime, verified against the merged model", ("merge",), ("base",)),
    "evaluate": Step("figures, plots and a report on held-out pairs", ("data", "rewards", "export"), ("base",)),
    "sweep": Step("a grid of reward weights on a small budget", ("data", "rewards", "filter", "sft"), ("base", "grpo")),
}
"""Every step by name. `all` runs them up to `evaluate`; the sweep is asked for by name."""

WHOLE = tuple(name for name in STEPS if name != "sweep")
"""What `all` runs."""


def run_step(name: str, root: Path, config: TrainingConfig, **hooks: Any) -> bool:
    """Run one step in the folder of a run.

    Args:
        name: of the step.
        root: the run's folder.
        config: all settings.
        hooks: `tell`, `stop`, `first` and `wait` of `Work`.

    Returns:
        Whether there was anything to do.

    Raises:
        ToddlerRobotError: a setting, a file or an earlier step is missing or wrong.
        TrainingStopped: `stop` said so; run the step again to go on.
    """
    step = STEPS[name]
    sections = {key: _plain(getattr(config, key)) for key in (name, *step.settings) if hasattr(config, key)}
    module = importlib.import_module(f"toddler_training.{name}.step")
    return do(Work(root, name, **hooks), sections, step.needs, lambda work: dict(module.run(work, config)))


def _plain(settings: Any) -> dict[str, Any]:
    """A section of the configuration, of JSON types."""
    return {
        key: str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
        for key, value in dataclasses.asdict(settings).items()
    }
