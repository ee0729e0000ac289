"""How many threads torch computes with."""

from __future__ import annotations

import os

MOST = 2
"""Threads unless the user says otherwise: small models gain nothing from more, and waiting threads spin."""


def limit_threads() -> None:
    """Use `MOST` threads at most, unless OMP_NUM_THREADS is set."""
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(min(MOST, torch.get_num_threads()))
