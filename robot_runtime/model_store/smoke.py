"""The child process of `verify`: load a GGUF file, evaluate a few tokens, exit with 0 if that gives numbers.

Started as `python -m robot_runtime.model_store.smoke FILE.gguf`.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys

import llama_cpp.llama_cpp as llama

from robot_runtime.model_store.child import log_errors_only


def main(path: str) -> int:
    """The child process."""
    _log = log_errors_only()
    llama.llama_backend_init()
    model_params = llama.llama_model_default_params()
    model_params.n_gpu_layers = 0
    model_params.use_extra_bufts = False  # repacked weights crash on processors with AMX (llama.cpp issue 20824)
    model = llama.llama_model_load_from_file(os.fsencode(path), model_params)
    if not model:
        print("no GGUF model of a kind that it knows", file=sys.stderr)
        return 1
    params = llama.llama_context_default_params()
    params.n_ctx = 64
    context = llama.llama_init_from_model(model, params)
    vocab = llama.llama_model_get_vocab(model)
    text, room = b"Where is your bag?", (llama.llama_token * 32)()
    count = llama.llama_tokenize(vocab, text, len(text), room, len(room), True, True)
    status = llama.llama_decode(context, llama.llama_batch_get_one(room, count))
    if status:
        print(f"llama_decode returned {status}", file=sys.stderr)
        return 1
    logits = ctypes.cast(llama.llama_get_logits_ith(context, -1), ctypes.POINTER(ctypes.c_float))
    if not all(math.isfinite(logits[token]) for token in range(llama.llama_vocab_n_tokens(vocab))):
        print("its weights give no finite numbers", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
