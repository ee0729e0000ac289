"""Settings of the step `evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class EvaluateSettings:
    """`[evaluate]`."""

    models: str = ""
    """Whom to compare besides the base, the fine-tuned base and the run's own model: catalogue names, GGUF files and
    folders of other runs, with commas between them."""
    pairs: int = 1000
    """Most held-out pairs that are asked, drawn by lot, 1 or more; the published evaluation has 1000."""
    candidates: int = 8
    """Replies sampled for a pair, 1 to 32: the first is the raw reply, the check chooses the ranked one among all.
    The runtime's default."""
    temperature: float = -1.0
    """Sampling temperature for all models, 0 to 2; below 0 means each model's own."""
    seed: int = 3407
    """Seed of the pairs, of the replies, and of the bootstrap."""
    draws: int = 2000
    """Bootstrap samples, 100 or more. Efron and Tibshirani (1993) ask for 1000 or more for intervals."""
    aoa_norms: Path | None = None
    """Ages of acquisition: a table with columns `Word` and `Rating.Mean` (years), as Kuperman, Stadthagen-Gonzalez and
    Brysbaert (2012) publish it, with tabs or commas."""
    adult_years: float = 7.0
    """Words learned later than this, in years, count as adult. Our choice: after the start of school."""
    cdi_norms: Path | None = None
    """Words that children say at an age: a CSV table with a column `definition` and one a month, such as `24`, that
    holds the share of children who say the word, as Wordbank publishes it."""
    judge_url: str = ""
    """An OpenAI-compatible server, up to and without `/chat/completions`; empty means that only RM-2 judges whether
    replies make sense."""
    judge_model: str = ""
    """Name of the model there."""
    judge_key: str = "OPENAI_API_KEY"
    """Environment variable that holds the key for that server; it may be unset."""
    talk: Path | None = None
    """Caregiver lines of the sample conversation, one a line; None is a short talk of our own."""

    def __post_init__(self) -> None:
        """Refuse values outside the ranges named above."""
        for name, value, low, high in (
            ("pairs", self.pairs, 1, 1_000_000),
            ("candidates", self.candidates, 1, 32),
            ("temperature", self.temperature, -1, 2),
            ("draws", self.draws, 100, 1_000_000),
            ("adult_years", self.adult_years, 1, 25),
        ):
            if not low <= value <= high:
                raise SettingsError(f"{name} = {value:g} is outside {low} to {high}")
        if self.judge_url and not self.judge_model:
            raise SettingsError("judge_url needs judge_model: the name of a model on that server")
