"""Settings of the model that is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BaseSettings:
    """`[base]`."""

    model: str = "HuggingFaceTB/SmolLM2-360M-Instruct"
    """Hugging Face name, Hugging Face folder, GGUF file, or catalogue name (`toddler-nursery` is the bundled one)."""
    prompt_format: str = "toddler-llm"
    """A name in robot_runtime/mind/prompt_formats.toml."""
    system: str | None = None
    """System text; None is the prompt format's own."""
    seed: int = 3407
    """Seed of everything that is drawn by lot; the published code's."""
    precision: str = "bf16"
    """`bf16` or `fp32`: of the frozen weights. The adapter is always in fp32."""
