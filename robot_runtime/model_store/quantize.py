"""Quantising GGUF files with llama.cpp, in a child process: a crash there is an error here."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from robot_runtime.errors import ConversionError, ModelError
from robot_runtime.model_store.child import log_errors_only, run_child

FILE_TYPES = {"f16": 1, "q4_0": 2, "q8_0": 7}
"""Kinds that are offered and their `llama_ftype` in llama.h. K-quants are left out: they need rows of a multiple of 256
numbers, SmolLM2-360M has 960, and most of its tensors would fall back to larger kinds and run slower than Q8_0."""

TIMEOUT_S = 1800.0
"""Seconds after which quantising counts as hung; 362 M parameters take 3 to 8 s on two cores."""


def quantize(src: Path, dst: Path, kind: str) -> None:
    """Quantise a GGUF file.

    Args:
        src: GGUF file in F16 or F32.
        dst: file to write; it appears only when it is complete.
        kind: a key of `FILE_TYPES`.

    Raises:
        ConversionError: an unknown kind, or llama.cpp refused the file or crashed on it.
        ModelError: `src` is missing.
    """
    if kind not in FILE_TYPES:
        raise ConversionError(f"cannot quantise to '{kind}'; there are: {', '.join(sorted(FILE_TYPES))}")
    if not src.is_file():
        raise ModelError(f"{src} does not exist; export the model first")
    dst.parent.mkdir(parents=True, exist_ok=True)
    unfinished = dst.with_name(f"{dst.name}.{os.getpid()}.part")
    try:
        end = run_child(__name__, [str(src), str(unfinished), kind], TIMEOUT_S)
        if end.failed:
            raise ConversionError(f"llama.cpp could not quantise {src} to {kind}: {end.why}")
        unfinished.replace(dst)
    finally:
        unfinished.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """The child process: SRC DST KIND."""
    from ctypes import byref

    import llama_cpp.llama_cpp as llama

    source, target, kind = arguments
    _log = log_errors_only()
    llama.llama_backend_init()
    params = llama.llama_model_quantize_default_params()
    params.ftype = FILE_TYPES[kind]
    params.nthread = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    return int(llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), byref(params)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
