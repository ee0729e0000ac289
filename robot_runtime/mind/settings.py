"""Settings of the mind: the `[mind]` section of a profile."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError

RANGES: dict[str, tuple[float, float]] = {
    "candidates": (0, 32),
    "max_tokens": (1, 96),
    "memory_turns": (0, 64),
    "memory_tokens": (0, 2048),
    "caregiver_tokens": (8, 512),
    "temperature": (-1, 2),
    "threads": (0, 64),
    "deadline_s": (0.1, 60),
    "start_deadline_s": (0.1, 600),
}
"""Lowest and highest values."""


@dataclass(frozen=True)
class MindSettings:
    """How the model is run and sampled."""

    candidates: int = 0
    """Replies sampled for each turn, from which the check chooses. 0 to 32; 0 chooses by the size of the model."""
    max_tokens: int = 24
    """Longest reply in tokens; a toddler's has 8 to 10. 1 to 96."""
    memory_turns: int = 6
    """Exchanges that the model remembers at most. 0 to 64; the older half goes when it is full."""
    memory_tokens: int = 192
    """Tokens that remembered exchanges may take in the prompt, and at most half of the context that the model was
    trained on. 0 to 2048."""
    caregiver_tokens: int = 96
    """Tokens of one caregiver line that the model reads, and at most a quarter of its context; of a longer line, the
    end. 8 to 512."""
    temperature: float = -1.0
    """Sampling temperature, 0 to 2; below 0 means the model's own default from the catalogue."""
    threads: int = 0
    """Threads of llama.cpp, 0 to 64; 0 chooses by the size of the model and the number of cores."""
    deadline_s: float = 3.0
    """Seconds that thinking may take; then a canned line is spoken and the process replaced. 0.1 to 60."""
    start_deadline_s: float = 120.0
    """Seconds that loading the model may take. 0.1 to 600."""
    extra_buffers: bool = False
    """Let llama.cpp repack weights for the processor (llama_model_params.use_extra_bufts). Off, because
    processors with AMX crash on quantised models with it (llama.cpp issue 20824); with it on, a crash of
    the first decode turns it off again."""
    prompt_format: str = ""
    """Name of a prompt format; empty means the one that the model's catalogue entry names."""
    system: str | None = None
    """System text in place of the prompt format's own."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above."""
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"{name} = {value:g} is outside {low:g} to {high:g}")
