"""Models: the catalogue, finding, pulling, converting to GGUF, quantising, verifying.

Pulling and converting need the extra `models` and are imported from their modules: `pull`, `export`, `quantize`.
"""

from robot_runtime.model_store.catalogue import CatalogueEntry, load_catalogue
from robot_runtime.model_store.checksums import sha256_of
from robot_runtime.model_store.locate import LocatedModel, cache_folder, locate
from robot_runtime.model_store.sampling import Sampling
from robot_runtime.model_store.verify import VerifyReport, verify

__all__ = [
    "CatalogueEntry",
    "LocatedModel",
    "Sampling",
    "VerifyReport",
    "cache_folder",
    "load_catalogue",
    "locate",
    "sha256_of",
    "verify",
]
