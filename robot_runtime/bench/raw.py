"""llama.cpp with nothing of ours around it: the peer that the worker is measured against.

Run as `python -m robot_runtime.bench.raw MODEL.gguf THREADS`: reads lines `PREFIX PROMPT SEQUENCES STEPS`, and for each
evaluates so many tokens that count as cached, so many that are measured, and then so many steps of so many parallel
sequences, drawing tokens as a conversation does; answers `PREFILL_SECONDS DECODE_SECONDS`.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time

import llama_cpp.llama_cpp as llama


def main() -> None:
    """Load, say `ready`, measure what is asked for."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    silence = llama.llama_log_callback(lambda level, text, data: None)
    llama.llama_log_set(silence, ctypes.c_void_p(0))
    llama.llama_backend_init()
    model_params = llama.llama_model_default_params()
    model_params.use_extra_bufts = False
    model = llama.llama_model_load_from_file(os.fsencode(sys.argv[1]), model_params)
    params = llama.llama_context_default_params()
    params.n_ctx, params.n_batch, params.n_ubatch, params.n_seq_max = 768, 512, 512, 9
    params.n_threads = params.n_threads_batch = int(sys.argv[2])
    params.kv_unified = True
    context = llama.llama_init_from_model(model, params)
    memory = llama.llama_get_memory(context)
    vocabulary = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model))
    batch = llama.llama_batch_init(512, 0, 1)
    sampler = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    for part in (
        llama.llama_sampler_init_top_k(40),
        llama.llama_sampler_init_top_p(0.95, 1),
        llama.llama_sampler_init_temp(0.7),
        llama.llama_sampler_init_dist(0),
    ):
        llama.llama_sampler_chain_add(sampler, part)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        prefix, prompt, sequences, steps = map(int, line.split())
        llama.llama_memory_clear(memory, True)
        for first, count in ((0, prefix), (prefix, prompt)):
            began = time.perf_counter()
            batch.n_tokens = count
            for i in range(count):
                batch.token[i] = ((first + i) * 7919) % vocabulary
                batch.pos[i], batch.n_seq_id[i], batch.logits[i] = first + i, 1, i == count - 1
                batch.seq_id[i][0] = 0
            if count:
                llama.llama_decode(context, batch)
        prefilled = time.perf_counter()
        for sequence in range(1, sequences + 1):
            llama.llama_memory_seq_cp(memory, 0, sequence, -1, -1)
        tokens = [llama.llama_sampler_sample(sampler, context, -1) for _ in range(sequences)]
        for step in range(steps):
            batch.n_tokens = sequences
            for i in range(sequences):
                batch.token[i], batch.pos[i] = tokens[i], prefix + prompt + step
                batch.n_seq_id[i], batch.logits[i] = 1, True
                batch.seq_id[i][0] = i + 1
            llama.llama_decode(context, batch)
            tokens = [llama.llama_sampler_sample(sampler, context, i) for i in range(sequences)]
        done = time.perf_counter()
        print(prefilled - began, done - prefilled, file=answers, flush=True)


if __name__ == "__main__":
    main()
