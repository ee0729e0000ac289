"""Settings of the step `grpo`."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class GrpoSettings:
    """`[grpo]`.

    "Card" is the published model card, "code" the published training code, both of the toddler of Levandovsky,
    Manaseryan and Kennington (SIGDIAL 2025); what neither says is what the library of the code's time, TRL 0.16.1, did
    unless told otherwise.
    """

    trainer: str = "trl"
    """`trl`: TRL's own trainer; `fast`: ours on top of it, with the same loss."""
    steps: int = 2000
    """Optimiser steps (card)."""
    completions: int = 200
    """Replies sampled in a step by all processes together (card: batch size); a multiple of `generations`."""
    generations: int = 8
    """Replies to the same prompt, 2 or more (card); 200 completions are 25 prompts."""
    micro_batches: int = 1
    """Parts in which a step's completions go through the model, 1 or more; more need less memory."""
    max_reply_tokens: int = 96
    """Longest reply in tokens (card)."""
    temperature: float = 1.0
    """Of the sampling, above 0 (code). Nothing else bends the distribution: the loss assumes that."""

    childish_weight: float = 1.0
    """Weight of RM-1 (card)."""
    coherence_weight: float = 0.2
    """Weight of RM-2 (card)."""
    length_weight: float = 0.5
    """Weight of RM-3 (card)."""
    aggregation: str = "sum_then_normalize"
    """`sum_then_normalize`: plain GRPO (code); `normalize_then_sum`: GDPO (arXiv 2601.05242), which keeps listening to
    a reward that is saturated, and so to its noise."""

    learning_rate: float = 5e-6
    """Highest learning rate (code); LoRA often bears 1e-5 to 1e-4."""
    schedule: str = "cosine"
    """Shape of the learning rate after the warm-up: `cosine` (code), `linear`, `constant_with_warmup`."""
    warmup: float = 0.1
    """Share of the steps over which the learning rate rises, 0 to 1 (card)."""
    optimizer: str = "adamw_torch"
    """A name of transformers' `OptimizerNames`. The code's `adamw_8bit` needs bitsandbytes and a GPU, and keeps the
    same moments in fewer bits."""
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this length (default of the library)."""
    beta: float = 0.04
    """Weight of the KL divergence from the base (TRL 0.16.1; today's default is 0, without any anchor)."""
    loss: str = "dapo"
    """`dapo`: mean over all tokens of the step, which is what TRL 0.16.1 computed on one GPU, and the same on several;
    `bnpo`: mean over the tokens of each process and micro-batch; `grpo`, `dr_grpo`, `cispo`."""
    scale_rewards: str = "group"
    """Advantages are divided by the standard deviation of the `group` (TRL 0.16.1), of the `batch`, or not (`none`)."""
    epsilon: float = 0.2
    """How far a token's probability may move within a step before its gradient is cut (TRL 0.16.1)."""

    lora_rank: int = 64
    """Rank of the adapter (card)."""
    lora_alpha: int = 64
    """Its scale is this over the rank (card)."""
    lora_targets: str = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj"
    """Names of the adapted matrices, separated by commas (card)."""
    gradient_checkpointing: bool = False
    """Save memory by computing activations twice; needed at 360 M parameters only on GPUs below 24 GB."""
    use_vllm: bool = False
    """Sample with vLLM in the same process, where it is installed (GPU only)."""

    save_every: int = 250
    """Steps between two checkpoints (card), each scored on held-out prompts."""
    held_out_prompts: int = 200
    """Validation prompts on which checkpoints are scored, one reply each with the same random numbers every time."""

    patience: int = 10
    """Steps in a row that one of the following limits must be broken before training ends; our choice, as are they."""
    max_commonest: float = 0.3
    """Share of a step's replies that may be one and the same, 0 to 1; the commonest of 21,986
    replies of two-year-olds (CHILDES: Brown, MacWhinney) makes up 7 %. A checkpoint beyond it is not chosen."""
    max_clipped: float = 0.95
    """Share of replies that may run into `max_reply_tokens`, 0 to 1; beyond it the model has lost its end token."""
    min_coherence: float = 0.1
    """Mean of RM-2 below which the replies count as nonsense, 0 to 1; 0 switches it off."""
    max_kl: float = 5.0
    """KL divergence from the base, in nats a token; not seen where `beta` is 0."""

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if self.trainer not in ("trl", "fast"):
            raise SettingsError(f"trainer = '{self.trainer}' should be trl or fast")
        if self.generations < 2:
            raise SettingsError("generations must be 2 or more: a reply is judged against others to the same prompt")
        if min(self.steps, self.micro_batches, self.max_reply_tokens, self.save_every, self.held_out_prompts) < 1:
            raise SettingsError(
                "steps, micro_batches, max_reply_tokens, save_every and held_out_prompts must be 1 or more"
            )
        if not self.temperature > 0:
            raise SettingsError(f"temperature = {self.temperature} must be above 0")
        self.rows(processes=1)

    def rows(self, processes: int) -> int:
        """Replies that one process takes through the model at once.

        Raises:
            SettingsError: the completions cannot be shared out evenly.
        """
        parts = processes * self.micro_batches
        if self.completions % parts or self.completions % self.generations:
            raise SettingsError(
                f"completions = {self.completions} must be a multiple of generations = {self.generations}, and of "
                f"{processes} process(es) times micro_batches = {self.micro_batches}"
            )
        return self.completions // parts

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each reward by its name."""
        return {"childish": self.childish_weight, "coherence": self.coherence_weight, "length": self.length_weight}
