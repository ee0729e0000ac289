"""Settings of the step `export`."""

from __future__ import annotations

from dataclasses import dataclass

from robot_runtime.errors import SettingsError
from robot_runtime.model_store.catalogue import NAME


@dataclass(frozen=True)
class ExportSettings:
    """`[export]`."""

    name: str = "my-toddler"
    """Name of the model: its files and its catalogue entry bear it."""
    licence: str = "CC-BY-NC-SA-3.0"
    """SPDX name of the licence under which the model may be passed on; the default is that of CHILDES, which weights
    trained on it are derived from."""
    temperature: float = 0.7
    """Sampling temperature that its entry recommends, 0 to 2; our choice."""
    top_p: float = 0.95
    """Share of the probability that sampling draws from, above 0 to 1; our choice."""

    def __post_init__(self) -> None:
        """Refuse a name that cannot be one."""
        if not NAME.fullmatch(self.name):
            raise SettingsError(f"name = '{self.name}' should be of lower-case letters, digits, '.', '_' and '-'")
