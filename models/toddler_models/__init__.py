"""Model data: the catalogue, the bundled model, length norms and model cards. No code of ours is imported here."""

from pathlib import Path

DATA = Path(__file__).parent
"""The folder that holds `catalogue.toml`, `length_norms.toml`, the bundled `.gguf` and the cards."""
