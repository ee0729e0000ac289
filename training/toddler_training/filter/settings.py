"""Settings of the step `filter`."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError


@dataclass(frozen=True)
class FilterSettings:
    """`[filter]`."""

    share: float = 0.1
    """The clearest share of the distinct caregiver lines that become prompts, above 0, to 1 (model card)."""
    max_tokens: int = 96
    """Longest prompt in tokens of the base, all markup counted (model card: max_prompt_length 96)."""

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        if not 0 < self.share <= 1:
            raise SettingsError(f"share = {self.share} should be above 0 and at most 1")
        if self.max_tokens < 1:
            raise SettingsError(f"max_tokens = {self.max_tokens} should be 1 or more")
