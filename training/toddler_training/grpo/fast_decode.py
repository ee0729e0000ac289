"""Replies to many prompts at once: every prompt read once, a cache that never moves, and rows that leave when they end.

`generate` of transformers reads a prompt once for each of its replies, joins a new tensor to the cache in every layer
at every step, and carries every row along until the last one ends. A toddler's replies are short, and the longest of
200 several times the average: most of that work is for rows that have ended. Here

- each distinct prompt is read once, and what it left in the cache is copied to its replies;
- cache, masks and rotations are allocated once, and a step writes one cell of each row;
- ended rows leave: on a CPU as soon as a quarter has, on a GPU down a ladder of halves;
- on a GPU a step is one CUDA graph for each rung of the ladder. The graphs have been run on no GPU yet; the tests
  compare the same steps, of the same shapes, with transformers on a CPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from toddler_training.grpo.fast_forward import forward, logits_of
from toddler_training.grpo.fast_sampling import Sampling
from toddler_training.grpo.fast_weights import Weights

STAY = 0.75
"""Share of rows that are alive below which the ended ones leave, on a CPU: each leaving copies the cache once. Our
choice."""
SMALLEST = 8
"""Rows of the lowest rung of the ladder on a GPU, where fewer cost as much. Our choice."""
CELLS = 64
"""On a GPU the cache has a multiple of so many cells, so that few graphs serve all lengths of prompts. Our choice."""
LOOK = 4
"""On a GPU the program waits every so many steps to see who has ended, and runs ahead meanwhile. Our choice."""


class Decoder:
    """Writes replies with the weights that a model has now."""

    def __init__(self, model: Any, fixed: bool | None = None) -> None:
        """Take the weights.

        Args:
            model: `LlamaForCausalLM`, with LoRA or without, not in PEFT's wrapper.
            fixed: whether steps have few different shapes, as graphs need it; None: on a GPU.

        Raises:
            SettingsError: a model that it cannot decode.
        """
        self._weights = Weights(model)
        self._fixed = self._weights.embedding.is_cuda if fixed is None else fixed
        self._cache: _Cache | None = None

    @torch.no_grad()
    def replies(
        self,
        prompts: Sequence[Sequence[int]],
        longest: int,
        ends: Sequence[int],
        sampling: Sampling,
        numbers: Tensor | None = None,
    ) -> list[list[int]]:
        """One reply to each prompt; equal prompts are read once.

        Args:
            prompts: tokens, one at least in each.
            longest: of a reply, tokens.
            ends: tokens that end a reply, and are its last.
            sampling: how to choose.
            numbers: (prompts, longest) in (0, 1], what the tokens are drawn by; None takes them from torch's
                generator.
        """
        weights = self._weights
        weights.refresh()
        device = weights.embedding.device
        distinct = list(dict.fromkeys(map(tuple, prompts)))
        which = {prompt: number for number, prompt in enumerate(distinct)}
        origin = torch.tensor([which[tuple(prompt)] for prompt in prompts], device=device)
        width = max(map(len, distinct))
        # Padding repeats a token of the prompt, so that a penalty on repetition finds nothing new in it.
        padded = torch.tensor([[*prompt[:1] * (width - len(prompt)), *prompt] for prompt in distinct], device=device)
        padding = torch.tensor([width - len(prompt) for prompt in distinct], device=device)
        cache = self._room(len(prompts), width + longest)
        logits = self._read(cache, padded, padding, origin)

        rows = len(prompts)
        numbers = 1 - torch.rand(rows, longest, device=device) if numbers is None else numbers.to(device)
        end_tokens = torch.tensor(ends, device=device)
        tokens = torch.zeros(rows, width + longest, dtype=torch.long, device=device)
        tokens[:, :width] = padded[origin]
        written = tokens.new_zeros(rows, longest)
        lengths = tokens.new_zeros(rows)
        owner = torch.arange(rows, device=device)
        alive = torch.ones(rows, dtype=torch.bool, device=device)
        for step in range(longest):
            chosen = sampling(tokens[:rows, : width + step], logits, numbers[owner, step])
            written[owner, step] = chosen
            lengths[owner] += alive
            alive &= ~torch.isin(chosen, end_tokens)
            if step + 1 == longest:
                break
            tokens[:rows, width + step] = chosen
            if step % (LOOK if self._fixed else 1) == 0:
                living = int(alive.sum())
                if living == 0:
                    break
                fewer = self._rows(living, rows)
                if fewer < rows:
                    # The living first, in their order; on a GPU some that have ended fill the rung.
                    stay = torch.argsort(~alive, stable=True)[:fewer]
                    cache.keep(stay, width + step)
                    tokens[:fewer] = tokens[stay]
                    owner, alive, chosen, rows = owner[stay], alive[stay], chosen[stay], fewer
            logits = cache.step(chosen, width + step)
        return [reply[:length] for reply, length in zip(written.tolist(), lengths.tolist(), strict=True)]

    def _rows(self, living: int, rows: int) -> int:
        """How many rows go on, of so many."""
        if not self._fixed:
            return living if living < STAY * rows else rows
        while rows // 2 >= max(living, SMALLEST):
            rows //= 2
        return rows

    def _room(self, rows: int, cells: int) -> _Cache:
        """A cache that is large enough, the last one if it is."""
        if self._fixed:
            cells = -(-cells // CELLS) * CELLS
        cache = self._cache
        if cache is None or cache.rows < rows or cache.cells < cells:
            self._cache = None
            if cache is not None:
                rows, cells = max(rows, cache.rows), max(cells, cache.cells)
            self._cache = cache = _Cache(self._weights, rows, cells, self._fixed)
        return cache

    def _read(self, cache: _Cache, padded: Tensor, padding: Tensor, origin: Tensor) -> Tensor:
        """Read the prompts into the cache, each into the rows of its replies; the logits of every row."""
        weights = self._weights
        width = padded.shape[1]
        place = torch.arange(width, device=padded.device)
        real = place >= padding[:, None]
        sees = (place[:, None] >= place) & real[:, None, :]
        sees |= torch.eye(width, dtype=torch.bool, device=padded.device)  # padding sees itself: no softmax of nothing
        cosine, sine = (table[(place - padding[:, None]).clamp(min=0)][:, None] for table in cache.rotation)
        groups = weights.heads // weights.kv_heads

        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            cache.keys[layer, : len(origin), :, :width] = key[origin]
            cache.values[layer, : len(origin), :, :width] = value[origin]
            key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
            return F.scaled_dot_product_attention(query, key, value, attn_mask=sees[:, None])

        hidden = forward(weights, F.embedding(padded, weights.embedding), cosine, sine, attend)
        cache.start(real[origin], padding[origin])
        return logits_of(weights, hidden[:, -1])[origin]


class _Cache:
    """Keys and values of all rows, and the step that extends them by one token."""

    def __init__(self, weights: Weights, rows: int, cells: int, fixed: bool) -> None:
        self._weights, self._fixed = weights, fixed
        self.rows, self.cells = rows, cells
        shape = (len(weights.blocks), rows, weights.kv_heads, cells, weights.head_size)
        # Zeros, for what is masked is still multiplied, and garbage may be NaN.
        self.keys, self.values = weights.embedding.new_zeros(shape), weights.embedding.new_zeros(shape)
        self.rotation = weights.rotation(cells)
        device = weights.embedding.device
        self._visible = torch.zeros(rows, cells, dtype=torch.bool, device=device)
        self._padding = torch.zeros(rows, dtype=torch.long, device=device)
        self._ids = torch.zeros(rows, dtype=torch.long, device=device)
        self._cell = torch.zeros(1, dtype=torch.long, device=device)
        self._captured: dict[int, tuple[Any, Tensor]] = {}

    def start(self, real: Tensor, padding: Tensor) -> None:
        """Say which cells of the prompts are real, (rows, width), and how many are not, (rows,)."""
        rows, width = real.shape
        self._visible.zero_()
        self._visible[:rows, :width] = real
        self._padding[:rows] = padding

    def keep(self, stay: Tensor, filled: int) -> None:
        """Move the rows that stay to the front."""
        rows = len(stay)
        for layer in range(len(self.keys)):
            for kind in (self.keys, self.values):
                kind[layer, :rows, :, :filled] = kind[layer, stay, :, :filled]
        self._visible[:rows] = self._visible[stay]
        self._padding[:rows] = self._padding[stay]

    def step(self, chosen: Tensor, cell: int) -> Tensor:
        """Put a token of each row into a cell; the logits of the next, (rows, vocabulary)."""
        rows = len(chosen)
        self._ids[:rows] = chosen
        self._cell.fill_(cell)
        self._visible[:rows, cell] = True
        if not self._ids.is_cuda:
            return self._forward(rows, self.cells if self._fixed else cell + 1)
        if rows not in self._captured:
            self._captured[rows] = self._capture(rows)
        graph, logits = self._captured[rows]
        graph.replay()
        return logits

    def _capture(self, rows: int) -> tuple[Any, Tensor]:
        """The step of so many rows as a CUDA graph, which attends to all cells since its shapes are fixed."""
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            self._forward(rows, self.cells)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            logits = self._forward(rows, self.cells)
        return graph, logits

    def _forward(self, rows: int, cells: int) -> Tensor:
        weights = self._weights
        ids, padding = self._ids[:rows], self._padding[:rows]
        cosine, sine = (table[self._cell - padding][:, None, None] for table in self.rotation)
        visible = self._visible[:rows, None, None, :cells]

        def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            keys, values = self.keys[layer, :rows, :, :cells], self.values[layer, :rows, :, :cells]
            keys.index_copy_(2, self._cell, key)
            values.index_copy_(2, self._cell, value)
            # The heads that share a key are so many queries to it.
            shared = query.reshape(rows, weights.kv_heads, -1, weights.head_size)
            return F.scaled_dot_product_attention(shared, keys, values, attn_mask=visible).reshape(query.shape)

        hidden = forward(weights, F.embedding(ids, weights.embedding)[:, None], cosine, sine, attend)
        return logits_of(weights, hidden[:, 0])
