"""What every training by a trainer of transformers does at its steps: a bar, and an end where the user wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback


class Progress(TrainerCallback):
    """Shows a bar on a terminal, ends where the user wants it, and scores what comes of the last step."""

    def __init__(self, name: str, stop: Callable[[], bool]) -> None:
        """Go along with a training.

        Args:
            name: of the step, for the bar.
            stop: whether the user wants an end; asked after each step.
        """
        self.stopped = False
        """Whether the user ended it."""
        self._name = name
        self._stop = stop
        self._bar: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Show the bar, in the first process."""
        from tqdm import tqdm

        hide = None if state.is_world_process_zero else True
        self._bar = tqdm(desc=self._name, total=state.max_steps, initial=state.global_step, disable=hide, leave=False)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take it away."""
        self._bar.close()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Save and end where the user wants it; save and score the last step whatever its number."""
        self._bar.update()
        if state.global_step >= state.max_steps:
            control.should_evaluate = control.should_save = True
        elif self._stop():
            self.stopped = control.should_save = control.should_training_stop = True
