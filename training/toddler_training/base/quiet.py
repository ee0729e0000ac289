"""Hugging Face's libraries without reports to anybody, advice to everybody, and progress bars in files."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Telemetry off, errors only, and no warning of how peft and TRL use transformers."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import huggingface_hub.constants
    from transformers.utils import logging

    huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY = True  # it may have been imported before
    before = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            # peft and TRL still use this name; the new one is not known to the oldest transformers that we support.
            warnings.filterwarnings("ignore", r"`(is_)?gradient_checkpointing", FutureWarning)
            yield
    finally:
        logging.set_verbosity(before)
