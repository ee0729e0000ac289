"""Settings of the step `rewards`."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError

_CHOICES = {
    "childish_labels": ("published", "mended"),
    "scored_labels": ("published", "plain"),
    "labels": ("auto", "scored", "contrast", "both"),
    "length": ("published", "fitted"),
    "precision": ("bf16", "fp32"),
    "coherence_form": ("classifier", "match"),
}


@dataclass(frozen=True)
class RewardsSettings:
    """`[rewards]`. "Published" is the authors' public code, enochlev/CHILDES_LLM_training, April 2025."""

    childish_model: str = ""
    """A finished RM-1, used in place of training one: a Hugging Face name (`enochlev/childish_behavior_model` is the
    published one) or a folder; empty trains one."""
    coherence_model: str = ""
    """The same for RM-2 (`enochlev/child_coherence_model`)."""
    clarity_model: str = ""
    """The same for RM-4; none is published."""
    base: str = "google-bert/bert-base-uncased"
    """What the classifiers start from. A Hugging Face name or a folder of a BERT (published). `scratch`: a small BERT
    with random weights and a tokenizer made from the data. Or a causal language model, named as in `base.model`: all of
    it is trained, its output is taken after the last token, and it reads what it scores as `prompt_format` says."""
    coherence_base: str = ""
    """Another such start for RM-2 alone, which has more to learn; empty is `base`."""
    coherence_layers: int = 0
    """Layers of a pretrained start of RM-2 that are kept, from below; 0 is all. In the same time of a CPU, `match` on
    two of the bundled model's five layers learns more than on all (measured)."""
    coherence_form: str = "classifier"
    """`classifier`: reads line and reply together (published). `match` (our choice for minutes of a CPU): reads each
    by itself, as a point; each line of a batch has to find its own reply among the others', and to prefer it to a worse
    one, an echo for instance. Learns from true exchanges alone, whatever `labels` adds; a judge's scores are then only
    measured against."""
    coherence_learning_rate: float = 0.0
    """Highest of RM-2's training; 0 is `learning_rate`."""
    prompt_format: str = "nursery"
    """How a causal language model reads: a name in robot_runtime/mind/prompt_formats.toml, of the format that it was
    trained on."""
    hidden: int = 128
    """Width of a BERT from scratch; a multiple of `heads`."""
    layers: int = 2
    """Its layers."""
    heads: int = 4
    """Its attention heads."""
    vocabulary: int = 4000
    """Its largest number of word pieces, 200 and more; Brown and MacWhinney have 4,206 child words at 24-35 months."""

    childish_labels: str = "mended"
    """`published`: 1 to 0.75 from 1 to 2.99 years, then 0.25 to 0 at 6.99, a gap of 0.5 at three; its comments speak of
    0.5, so that the gap looks unintended. `mended`: the same without a gap, 0.75 falling to 0."""
    labels: str = "auto"
    """Where the labels of RM-2 and RM-4 come from. `scored`: a judge's scores (published). `contrast`: no judge; true
    exchanges against shuffled and perturbed ones. `both`: all of these examples together. `auto`: both where there are
    scores, else contrast."""
    scored_pairs: str = ""
    """Scored exchanges: a CSV file like the published pairs_scored.csv, a JSONL file of `train label`, or a Parquet
    file of that schema; empty is the data step's scored_pairs.parquet where there is one."""
    scored_labels: str = "plain"
    """`plain`: the scores as they are. `published`: a one-word reply's times 0.87, plus 0.001 for each character of the
    reply above 30 (below: minus), at most 1, and RM-4's labels too, by a slip there: the length of a child's reply says
    nothing about the caregiver's line, and RM-3 sees to length, hence not the default."""
    scale_coherence: bool = True
    """Scale RM-2 so that the least score among the training replies becomes 0 and the greatest 1 (published)."""

    childish_epochs: int = 12
    """Passes over the data; published: about 3000 steps of 2048 on about 529,000 pairs."""
    childish_batch: int = 2048
    """Utterances of a step (published)."""
    childish_dropout: float = 0.15
    """Published; 0 to below 1."""
    childish_tokens: int = 32
    """Longest input (published)."""
    coherence_epochs: int = 5
    """Published."""
    coherence_batch: int = 256
    """Published."""
    coherence_dropout: float = 0.1
    """Published."""
    coherence_tokens: int = 96
    """Published."""
    clarity_epochs: int = 4
    """Published."""
    clarity_batch: int = 256
    """Published: as for RM-2."""
    clarity_dropout: float = 0.1
    """As for RM-2."""
    clarity_tokens: int = 96
    """As for RM-2."""
    max_steps: int = 0
    """End of each training at the latest, in steps; 0 is no such end."""
    learning_rate: float = 2e-5
    """Highest; the default of sentence-transformers, which the published code uses. From scratch about 1e-3."""
    warm_up: float = 0.05
    """Share of the steps in which the learning rate rises from 0 (published); then it falls to 0 in a line."""
    weight_decay: float = 0.01
    """Of matrices; BERT's own."""
    evaluate_every: int = 100
    """Steps between two looks at the held-out children, which are also the checkpoints; our choice."""
    patience: int = 4
    """Looks without a better held-out loss after which training ends; our choice."""
    precision: str = "bf16"
    """`bf16` (autocast over fp32 weights) or `fp32`."""
    seed: int = 3407
    """Of everything that is drawn by lot; the published code's."""

    length: str = "published"
    """RM-3's bell: `published` parameters (a fit to 3,500 exchanges of all ages) or `fitted` to this run's replies."""
    length_temperature: float = 4.0
    """1 and more; published versions have 5, 1 and 4, the last one nearest to the released model."""

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        for key, choices in _CHOICES.items():
            if getattr(self, key) not in choices:
                raise SettingsError(f"{key} = {getattr(self, key)!r} should be one of: {', '.join(choices)}")
        for name in ("childish", "coherence", "clarity"):
            if min(getattr(self, f"{name}_{part}") for part in ("epochs", "batch")) < 1:
                raise SettingsError(f"{name}_epochs and {name}_batch should be 1 or more")
            if not 0 <= getattr(self, f"{name}_dropout") < 1:
                raise SettingsError(f"{name}_dropout should be 0 or more and below 1")
        if min(self.evaluate_every, self.patience) < 1:
            raise SettingsError("evaluate_every and patience should be 1 or more")
        if self.coherence_form == "match" and self.labels == "scored":
            raise SettingsError("coherence_form = match learns from true exchanges: set labels to auto or contrast")
        if self.coherence_layers < 0:
            raise SettingsError("coherence_layers should be 0 or more")
        if self.hidden % self.heads:
            raise SettingsError(f"hidden = {self.hidden} should be a multiple of heads = {self.heads}")
