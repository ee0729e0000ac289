"""llama.cpp by its low-level interface: one prompt kept in the cache, N replies sampled from it in one batch.

Sequence 0 of the cache holds the prompt and nothing else. A new prompt keeps the longest prefix it shares with the old
one, so a fixed opening and a growing conversation are evaluated once. Replies are sequences 1..N: each starts as a
second name for the prompt's cells (no copy, `kv_unified`), and one `llama_decode` a step advances all that go on.

Runs inside the worker process only: a crash of llama.cpp ends the process.
"""

from __future__ import annotations

import ctypes
import math
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import llama_cpp.llama_cpp as llama
import numpy as np

from robot_runtime.errors import ModelError
from robot_runtime.mind.prompt import Piece
from robot_runtime.mind.threads import choose_threads
from robot_runtime.model_store.sampling import Sampling

SENTENCE_END = re.compile(rb"[.!?\n]")
"""A reply ends with the first token that holds one of these."""


@dataclass(frozen=True)
class Candidate:
    """One sampled reply."""

    text: str
    """As the model wrote it."""
    tokens: int
    """Tokens sampled, the end token included."""
    end: str
    """Why it stopped: `sentence`, `token` (an end token), `length`, or `deadline` when it was given up."""
    log_p: float = field(compare=False)
    """Log-probability in nats that the model gives the whole reply, whatever the sampling makes of it. <= 0."""


@dataclass(frozen=True)
class Sampled:
    """N replies and what they cost."""

    candidates: tuple[Candidate, ...]
    """In the order of their seeds."""
    prompt_tokens: int
    """Length of the whole prompt."""
    cached_tokens: int
    """How many of them were in the cache already."""
    prefill_ms: float
    """Milliseconds until the prompt was evaluated."""
    decode_ms: float
    """Milliseconds from there to the end of the last reply."""


class Engine:
    """A loaded model with its cache. Not for several threads."""

    def __init__(
        self,
        model: Path,
        *,
        context: int = 1024,
        candidates: int = 8,
        threads: int = 0,
        extra_buffers: bool = False,
    ) -> None:
        """Load a model.

        Args:
            model: a GGUF file.
            context: tokens that the cache holds, prompt and all replies together.
            candidates: most replies that will be sampled at once.
            threads: see `choose_threads`.
            extra_buffers: `use_extra_bufts` of llama.cpp; see `MindSettings.extra_buffers`.

        Raises:
            ModelError: llama.cpp cannot read the file.
        """
        self.threads = choose_threads(model, threads)
        self.context = context
        self._silence = llama.llama_log_callback(lambda level, text, data: None)
        llama.llama_log_set(self._silence, ctypes.c_void_p(0))
        llama.llama_backend_init()
        model_params = llama.llama_model_default_params()
        model_params.n_gpu_layers = 0
        model_params.use_extra_bufts = extra_buffers
        self._model = llama.llama_model_load_from_file(os.fsencode(model), model_params)
        if not self._model:
            raise ModelError(f"llama.cpp cannot load {model}: not a GGUF model of a kind it knows")
        params = llama.llama_context_default_params()
        params.n_ctx = context
        params.n_batch = params.n_ubatch = min(context, 512)
        params.n_seq_max = candidates + 1
        params.n_threads = params.n_threads_batch = self.threads
        params.kv_unified = True
        params.no_perf = True
        self._context = llama.llama_init_from_model(self._model, params)
        if not self._context:
            raise ModelError(f"llama.cpp cannot run {model} with a context of {context} tokens")
        self.batch_tokens = int(params.n_batch)
        self.candidates = candidates
        self._memory = llama.llama_get_memory(self._context)
        self._vocab = llama.llama_model_get_vocab(self._model)
        self._vocabulary = int(llama.llama_vocab_n_tokens(self._vocab))
        self._batch = batch = llama.llama_batch_init(self.batch_tokens, 0, 1)
        for row in range(self.batch_tokens):
            batch.n_seq_id[row] = 1
        self._rows = (batch.token, batch.pos, batch.seq_id, batch.logits)
        self._known: dict[int, _Token] = {}
        self._prompt: list[int] = []
        self._at_its_end = False

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return int(llama.llama_model_n_params(self._model))

    @property
    def trained_context(self) -> int:
        """Longest context, in tokens, that the model was trained for."""
        return int(llama.llama_model_n_ctx_train(self._model))

    def close(self) -> None:
        """Free the cache and the weights."""
        llama.llama_batch_free(self._batch)
        llama.llama_free(self._context)
        llama.llama_model_free(self._model)

    def tokenize(self, pieces: Sequence[Piece]) -> list[int]:
        """Token ids of a prompt; control tokens are read in markup only."""
        tokens: list[int] = []
        for piece in pieces:
            raw = piece.text.encode("utf-8", "replace")
            room = (llama.llama_token * (len(raw) + 8))()
            count = llama.llama_tokenize(self._vocab, raw, len(raw), room, len(room), False, piece.markup)
            tokens += room[:count]
        return tokens

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for; none for control tokens."""
        buffer = ctypes.create_string_buffer(256)
        length = llama.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(length, 0)]

    def prefill(self, prompt: Sequence[int]) -> int:
        """Make the cache hold exactly this prompt, with the last token's logits at hand.

        Returns:
            How many tokens were there already.
        """
        if self._at_its_end and self._prompt == list(prompt):
            return len(prompt)
        shared = 0
        for old, new in zip(self._prompt, prompt[:-1], strict=False):
            if old != new:
                break
            shared += 1
        llama.llama_memory_seq_rm(self._memory, 0, shared, -1)
        self._prompt = list(prompt[:shared])
        for start in range(shared, len(prompt), self.batch_tokens):
            part = prompt[start : start + self.batch_tokens]
            last = start + len(part) == len(prompt)
            self._decode([(token, start + i, 0) for i, token in enumerate(part)], outputs=int(last))
            self._prompt += part
        self._at_its_end = True
        return shared

    def sample(
        self,
        prompt: Sequence[int],
        seeds: Sequence[int],
        sampling: Sampling,
        max_tokens: int,
        deadline_s: float = math.inf,
        run_on: bool = False,
        given_up: Callable[[], bool] = lambda: False,
    ) -> Sampled:
        """Sample one reply for each seed.

        Args:
            prompt: token ids.
            seeds: one for each reply, at most `candidates`; the same seed gives the same reply.
            sampling: how tokens are drawn.
            max_tokens: longest reply.
            deadline_s: seconds after which replies are given out unfinished.
            run_on: go on to `max_tokens` whatever is drawn; for measurements.
            given_up: asked before each token; True gives the replies out unfinished at once.

        Raises:
            ModelError: prompt and replies do not fit into the context.
        """
        if len(prompt) + len(seeds) * max_tokens > self.context:
            raise ModelError(
                f"{len(prompt)} prompt tokens and {len(seeds)} replies of {max_tokens} do not fit into {self.context}"
            )
        started = time.perf_counter()
        cached = self.prefill(prompt)
        prefilled = time.perf_counter()
        drafts = [_Draft(number, self._sampler(seed, sampling)) for number, seed in enumerate(seeds, 1)]
        for draft in drafts:
            llama.llama_memory_seq_cp(self._memory, 0, draft.sequence, -1, -1)
        going = list(drafts)
        while going:
            late = given_up() or time.perf_counter() - started > deadline_s
            for draft in going:
                self._advance(draft, max_tokens, late, run_on)
            going = [draft for draft in going if not draft.end]
            if going:
                position = len(prompt) + going[0].count - 1
                self._decode([(draft.token, position, draft.sequence) for draft in going], outputs=len(going))
                for row, draft in enumerate(going):
                    draft.row = row
        for draft in drafts:
            llama.llama_memory_seq_rm(self._memory, draft.sequence, -1, -1)
            llama.llama_sampler_free(draft.sampler)
        done = time.perf_counter()
        return Sampled(
            candidates=tuple(draft.candidate() for draft in drafts),
            prompt_tokens=len(prompt),
            cached_tokens=cached,
            prefill_ms=(prefilled - started) * 1e3,
            decode_ms=(done - prefilled) * 1e3,
        )

    def _advance(self, draft: _Draft, max_tokens: int, late: bool, run_on: bool) -> None:
        """Draw the draft's next token and see whether it ends there."""
        draft.token = token = llama.llama_sampler_sample(draft.sampler, self._context, draft.row)
        draft.log_p += self._log_p(draft.row, token)
        draft.count += 1
        known = self._known.get(token)
        if known is None:
            known = self._known[token] = self._look_up(token)
        draft.raw += known.piece
        if known.end and not run_on:
            draft.end = known.end
        elif draft.count >= max_tokens:
            draft.end = "length"
        elif late:
            draft.end = "deadline"

    def _log_p(self, row: int, token: int) -> float:
        """Log-probability of a token by a row of logits."""
        logits = np.ctypeslib.as_array(llama.llama_get_logits_ith(self._context, row), (self._vocabulary,))
        highest = logits.max()
        return float(logits[token] - highest - np.log(np.exp(logits - highest).sum()))

    def _look_up(self, token: int) -> _Token:
        piece = self.piece(token)
        if llama.llama_vocab_is_control(self._vocab, token) or llama.llama_vocab_is_eog(self._vocab, token):
            return _Token(piece, "token")
        return _Token(piece, "sentence" if SENTENCE_END.search(piece) else "")

    def _decode(self, cells: Sequence[tuple[int, int, int]], outputs: int) -> None:
        """Evaluate (token, position, sequence) cells, with logits for the last `outputs` of them."""
        count = len(cells)
        tokens, positions, sequences, logits = self._rows
        for row, (tokens[row], positions[row], sequences[row][0]) in enumerate(cells):
            logits[row] = row >= count - outputs
        self._batch.n_tokens = count
        self._at_its_end = False
        status = llama.llama_decode(self._context, self._batch)
        if status != 0:
            raise ModelError(f"llama_decode returned {status} for {count} tokens")

    def _sampler(self, seed: int, sampling: Sampling) -> llama.llama_sampler_p:
        """A llama.cpp sampler chain."""
        if sampling.temperature <= 0:
            parts = [llama.llama_sampler_init_greedy()]
        else:
            parts = [
                llama.llama_sampler_init_top_k(sampling.top_k),
                llama.llama_sampler_init_top_p(sampling.top_p, 1),
                llama.llama_sampler_init_min_p(sampling.min_p, 1),
                llama.llama_sampler_init_temp(sampling.temperature),
                llama.llama_sampler_init_dist(seed & 0xFFFFFFFF),
            ]
        chain: llama.llama_sampler_p = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        for part in parts:
            llama.llama_sampler_chain_add(chain, part)
        return chain


class _Token(NamedTuple):
    """What has to be known of a token while sampling."""

    piece: bytes
    end: str


class _Draft:
    """A reply while it is being sampled."""

    __slots__ = ("count", "end", "log_p", "raw", "row", "sampler", "sequence", "token")

    def __init__(self, sequence: int, sampler: llama.llama_sampler_p) -> None:
        self.sequence = sequence
        self.sampler = sampler
        self.row = -1
        self.token = 0
        self.count = 0
        self.log_p = 0.0
        self.raw = b""
        self.end = ""

    def candidate(self) -> Candidate:
        text = self.raw.decode("utf-8", "replace").strip()
        return Candidate(text, self.count, self.end, self.log_p)
