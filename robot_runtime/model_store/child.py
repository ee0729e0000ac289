"""Running our own modules in a child process, where llama.cpp may crash and chatter as it likes."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import robot_runtime

ERROR_LEVEL = 4
"""`GGML_LOG_LEVEL_ERROR` of ggml.h."""


@dataclass(frozen=True)
class ChildEnd:
    """How a child process ended."""

    failed: bool
    """Whether it did anything but exit with 0."""
    why: str
    """One line for people: the signal, the exit code with the last line of its log, or the deadline."""


def run_child(module: str, arguments: Sequence[str], timeout_s: float) -> ChildEnd:
    """Run `python -m module arguments` and wait for it.

    Args:
        module: one of ours, with a `__main__` part.
        arguments: its command line.
        timeout_s: seconds after which it is killed.
    """
    source = str(Path(robot_runtime.__file__).parent.parent)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")])),
        "GOMP_SPINCOUNT": "0",
    }
    command = [sys.executable, "-m", module, *arguments]
    try:
        child = subprocess.run(
            command, capture_output=True, timeout=timeout_s, env=environment, text=True, errors="replace", check=False
        )
    except subprocess.TimeoutExpired:
        return ChildEnd(True, f"still busy after {timeout_s:.0f} s")
    if child.returncode < 0:
        why = f"crashed ({signal.Signals(-child.returncode).name})"
    else:
        lines = [line for line in child.stderr.splitlines() if line.strip()]
        why = lines[-1].strip() if lines else f"exit code {child.returncode}"
    return ChildEnd(child.returncode != 0, why)


def log_errors_only() -> Any:
    """In the child: let llama.cpp log its errors and nothing else. The result must be kept while it runs."""
    import llama_cpp.llama_cpp as llama

    def log(level: int, text: bytes, data: object) -> None:
        if level == ERROR_LEVEL:
            sys.stderr.write(text.decode("utf-8", "replace"))

    callback = llama.llama_log_callback(log)
    llama.llama_log_set(callback, ctypes.c_void_p(0))
    return callback
