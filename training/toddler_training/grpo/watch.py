"""Looking at every step of a training: its line in the log, whether it has collapsed, whether the user wants an end."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from toddler_training.grpo.progress import Progress
from toddler_training.grpo.settings import GrpoSettings

NAMES = {
    "completions/clipped_ratio": "clipped",
    "completions/mean_length": "reply_tokens",
    "frac_reward_zero_std": "groups_without_signal",
}
"""TRL's names of what is logged, and ours; rewards and monitors lose their `rewards/.../mean`."""

LEFT_OUT = ("completions/", "clip_ratio", "num_tokens", "epoch", "step_time", "runtime", "samples_per", "steps_per")
"""Beginnings of TRL's names that are not logged: of no use here, or different in every run."""


def plain_names(logs: Mapping[str, Any]) -> dict[str, float | None]:
    """A step's numbers under our names."""
    named = {}
    for key, value in logs.items():
        name = NAMES.get(key)
        if name is None and not key.startswith(LEFT_OUT):
            name = re.sub(r"^rewards/(.*)/(mean|std)$", lambda m: m[1] + ("_std" if m[2] == "std" else ""), key)
        if name is not None:
            named[name] = None if value is None else float(value)
    return named


class Log:
    """`log.jsonl`: a line for each step, `{"step": ..., ...}`, and one for each scoring, with `"held_out": {...}`."""

    def __init__(self, path: Path, step: int) -> None:
        """Go on after a step, 0 for a new log; what an interrupted run wrote beyond it is dropped."""
        self._path = path
        kept = [line for line in read_log(path) if line["step"] <= step] if step else []
        path.write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line."""
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a log; a last one that was cut off is left out."""
    lines = []
    for text in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            lines.append(json.loads(text))
        except ValueError:
            break
    return lines


class Guards:
    """Knows the ways in which such a training has been seen to collapse."""

    def __init__(self, settings: GrpoSettings) -> None:
        """Watch by these limits."""
        self._settings = settings
        self._broken: dict[str, int] = {}

    def verdict(self, numbers: Mapping[str, float | None]) -> str | None:
        """What is wrong after this step, in words; None while nothing is.

        Args:
            numbers: of one step, under our names.
        """
        for name in ("loss", "grad_norm", "reward"):
            value = numbers.get(name)
            if value is not None and not math.isfinite(value):
                return f"{name} is no number any more: lower grpo.learning_rate"
        limits = self._settings
        found = {
            f"over {limits.max_commonest:.0%} of the replies are one and the same: the rewards favour it": (
                _value(numbers, "commonest") > limits.max_commonest
            ),
            f"nearly all replies run to {limits.max_reply_tokens} tokens: the model no longer ends them": (
                _value(numbers, "clipped") > limits.max_clipped
            ),
            f"coherence stays below {limits.min_coherence}: raise grpo.coherence_weight": (
                _value(numbers, "coherence", 1.0) < limits.min_coherence
            ),
            f"the KL divergence from the base stays above {limits.max_kl}: raise grpo.beta": (
                _value(numbers, "kl") > limits.max_kl
            ),
        }
        for what, broken in found.items():
            self._broken[what] = self._broken.get(what, 0) + 1 if broken else 0
            if self._broken[what] >= limits.patience:
                return f"{what} ({limits.patience} steps in a row)"
        return None


class Watch(Progress):
    """The trainer's callback."""

    def __init__(
        self, settings: GrpoSettings, log: Log | None, stop: Callable[[], bool], tell: Callable[[str], None]
    ) -> None:
        """Watch a training.

        Args:
            settings: hold the limits.
            log: where steps are written; None for all processes but the first.
            stop: whether the user wants an end.
            tell: called with each line for the user.
        """
        super().__init__("grpo", stop)
        self.collapse: str | None = None
        """Why training was ended by a guard."""
        self._log = log
        self._guards = Guards(settings)
        self._tell = tell

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Write the step down, and look whether it has collapsed."""
        logs: dict[str, Any] = kwargs["logs"]
        if "train_runtime" in logs:
            return
        held_out = {key.removeprefix("eval_"): value for key, value in logs.items() if key.startswith("eval_")}
        numbers = plain_names(held_out or logs)
        if held_out:
            numbers.pop("groups_without_signal", None)  # one reply is no group
            shown = ("reward", "childish", "coherence", "length")
            scores = ", ".join(f"{name} {numbers[name]:.3f}" for name in shown if numbers.get(name) is not None)
            self._tell(f"grpo: step {state.global_step} of {state.max_steps}, held-out {scores}")
        if self._log is not None:
            self._log.write({"step": state.global_step, **({"held_out": numbers} if held_out else numbers)})
        if not held_out:
            self.collapse = self._guards.verdict(numbers)
            if self.collapse:
                control.should_training_stop = True
                control.should_save = control.should_evaluate = False


def _value(numbers: Mapping[str, float | None], name: str, default: float = 0.0) -> float:
    value = numbers.get(name)
    return default if value is None else value
