"""Settings of one build of the bundled model."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError
from toddler_training.bundled.shape import ModelShape


@dataclass(frozen=True)
class BundledSettings:
    """One build of the bundled model."""

    pairs: int = 600_000
    """Distinct exchanges to generate."""
    vocabulary: int = 4096
    """Tokens of the tokenizer, a multiple of 256."""
    layers: int = ModelShape.layers
    """Transformer layers."""
    start: str | None = None
    """Model whose weights and tokenizer the training starts from: a Hugging Face folder, a GGUF file or a name of the
    catalogue; it may have fewer layers. None: random weights and a tokenizer learnt from the text."""
    corpus: str | None = None
    """Folder of a corpus of one's own (`toddler_training.corpus.build`) in place of ours."""
    text: str | None = None
    """Folder of an earlier build whose text is learnt from; None writes one."""
    seed: int = 7
    """Seed of the text, the first weights and the order."""


@dataclass(frozen=True)
class TrainSettings:
    """How the model is trained. The defaults are the bundled model's."""

    row_length: int = 128
    """Tokens of a row; conversations are packed into rows."""
    batch_rows: int = 32
    """Rows of a step."""
    learning_rate: float = 3e-3
    """Highest learning rate, on AdamW's scale; usual for so small a model, not swept."""
    warm_up_steps: int = 60
    """Steps over which the learning rate rises from 0."""
    decay_share: float = 0.3
    """Share of the run, at its end, over which the learning rate falls to 0 in a line."""
    weight_decay: float = 0.05
    """Decoupled weight decay of the matrices."""
    caregiver_weight: float = 0.2
    """Weight of a caregiver token in the loss; a child token has 1."""
    run_ups: float = 0.3
    """Share of the caregiver's questions that come after other sentences; see `run_up`."""
    clip: float = 1.0
    """Longest gradient."""
    seed: int = 7
    """Seed of the first weights and of the order of rows."""
    compile: bool = True
    """Translate the model with torch.compile, which needs a C++ compiler: measured 1.3 times faster on 2 cores."""

    def __post_init__(self) -> None:
        """Refuse a fall of the learning rate that takes no time, or more than the run.

        Raises:
            SettingsError: it does.
        """
        if not 0 < self.decay_share <= 1:
            raise SettingsError(f"--decay is {self.decay_share:g}; give the share of the run, above 0 and at most 1")
