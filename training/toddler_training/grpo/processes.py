"""The processes that train together: one, or as many as torchrun has started."""

from __future__ import annotations

from typing import Any


def processes() -> Any:
    """The `PartialState` of accelerate; the first call joins the processes and gives each its GPU, if there are any.

    Without the argument, accelerate takes each of torchrun's processes on a computer without GPU for a run of its own.
    """
    import torch
    from accelerate import PartialState

    return PartialState(cpu=not torch.cuda.is_available())
