"""RM-2 as two readings that should meet: a line and a reply are points, and fit as far as these lie in one direction.

Each line of a batch has to find its own reply among all replies of the batch, and its own reply has to fit better than
a worse one (see `contrast`). So a step of n exchanges teaches some 2 n comparisons a line, where a classifier that
reads both sees n pairs: within minutes of a CPU the former learns which reply belongs to which line, and the latter
hardly does. What makes a reply poor whatever the line, such as words in disorder, is read from the reply alone. What is
only said back is counted, since two readings of the same words meet by nature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from robot_runtime.check.words import bare, turned_round, words_of
from toddler_training.rewards.contrast import ECHOES, REPLY_DAMAGES
from toddler_training.rewards.example import Example
from toddler_training.rewards.fit import Encodings
from toddler_training.rewards.reward import Encoded, LearnedReward, padded

HEADS = "match.safetensors"
"""Beside the model that reads: all that makes a score of its output."""

STEEPNESS = 10.0
"""Of a new model: logit of a perfect fit (our choice; it is learnt)."""

COMPARED = 0.5
"""Weight of the comparisons with worse replies beside the choices (our choice). At 1 a short training learns damage
rather than sense: AUC against shuffled replies was 0.61 after 240 steps, with 0.4 it was 0.67 (measured with echoes
among the worse replies)."""

PARROTING = 0.6
"""Share of its score that a reply loses which only says the line back. Our choice: nearly every such reply then scores
less than the median true one, and true ones, a tenth of which say back something, still tell from shuffled ones."""

TOGETHER = 16
"""Texts of one forward pass, sorted by length: a sixth of what is read is filling, of 64 more than half (measured)."""

TAUGHT = {"shuffled", *REPLY_DAMAGES} - {*ECHOES}
"""Sources of the worse replies that are learnt from."""

Exchange = tuple[Encoded, Encoded, Encoded]
"""A line, its reply, and a worse one."""


class Match(torch.nn.Module):
    """The model that reads, a map for each of the two speakers, and what a reply is worth alone."""

    def __init__(self, body: Any) -> None:
        """Start from a model without output layer; the maps are new."""
        super().__init__()
        width = body.config.hidden_size
        self.body = body
        self.line, self.reply = torch.nn.Linear(width, width), torch.nn.Linear(width, width)
        self.alone = torch.nn.Linear(width, 1)
        self.steepness = torch.nn.Parameter(torch.tensor(STEEPNESS))
        self.log_slope, self.bias = torch.nn.Buffer(torch.tensor(0.0)), torch.nn.Buffer(torch.tensor(0.0))

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        device: torch.device = self.body.device
        return device

    def lines(self, texts: Sequence[Encoded]) -> torch.Tensor:
        """The direction of each caregiver line, float32, shape (texts, width)."""
        return F.normalize(self.line(self._read(texts)).float(), dim=-1)

    def replies(self, texts: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
        """The direction of each reply, times the steepness, and its worth alone; shapes (texts, width) and (texts,)."""
        read = self._read(texts)
        return self.steepness * F.normalize(self.reply(read).float(), dim=-1), self.alone(read)[:, 0].float()

    def loss(self, exchanges: Sequence[Exchange]) -> torch.Tensor:
        """Cross-entropy of the choices, each line among all replies and each reply among lines, and of own or worse.

        The latter is log(1 + exp(worse - own)) of the two logits, mean over the lines, times `COMPARED`.
        """
        lines, replies, worse = (list(texts) for texts in zip(*exchanges, strict=True))
        asked, (said, alone) = self.lines(lines), self.replies(replies + worse)
        count = len(lines)
        fits = asked @ said[:count].T + alone[:count]
        poor = (asked * said[count:]).sum(-1) + alone[count:]
        right = torch.arange(count, device=self.device)
        choices = (F.cross_entropy(fits, right) + F.cross_entropy(fits.T, right)) / 2
        return choices + COMPARED * F.softplus(poor - fits.diagonal()).mean()

    def save_pretrained(self, folder: Path) -> None:
        """Write the model that reads, and `HEADS`."""
        from safetensors.torch import save_file

        self.body.save_pretrained(folder)
        heads = {name: value.contiguous() for name, value in self.state_dict().items() if not name.startswith("body.")}
        save_file(heads, folder / HEADS)

    def _read(self, texts: Sequence[Encoded]) -> torch.Tensor:
        """The mean of the last layer over each text, shape (texts, width)."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at][0]))
        means = []
        for start in range(0, len(order), TOGETHER):
            batch = padded(self.body, [texts[at] for at in order[start : start + TOGETHER]])
            read = self.body(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).to(read.dtype)
            means.append((read * mask).sum(1) / mask.sum(1))
        return torch.cat(means)[torch.tensor(order, device=self.device).argsort()]


class MatchReward(LearnedReward):
    """RM-2 by a `Match`."""

    def sigmoids(self, inputs: Sequence[tuple[str, str]]) -> list[float]:
        """The plain score of each (line, reply): a sigmoid, less what parroting costs."""
        scores: list[float] = (self._own(inputs) * self._sigmoid(self._logits(inputs))).tolist()
        return scores

    def calibrate(self, inputs: Sequence[tuple[str, str]], labels: Sequence[float]) -> None:
        """Set slope and bias of the sigmoid so that the cross-entropy of the scores is least.

        Args:
            inputs: (line, reply) of children that the model has not learnt from.
            labels: in [0, 1].
        """
        logits, own = self._logits(inputs), self._own(inputs)
        wanted = torch.tensor(labels, device=self.model.device)
        parameters = [self.model.log_slope.requires_grad_(), self.model.bias.requires_grad_()]
        optimizer = torch.optim.LBFGS(parameters, max_iter=100, line_search_fn="strong_wolfe")

        def cross_entropy() -> torch.Tensor:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy(own * self._sigmoid(logits), wanted)
            loss.backward()  # type: ignore[no-untyped-call]
            return loss

        optimizer.step(cross_entropy)  # type: ignore[no-untyped-call]
        for parameter in parameters:
            parameter.requires_grad_(False)

    def _sigmoid(self, logits: torch.Tensor) -> torch.Tensor:
        """Of the calibrated logits; by its logarithm the slope is above 0, so that a better fit never scores less."""
        return torch.sigmoid(self.model.log_slope.exp() * logits + self.model.bias)

    def _own(self, inputs: Sequence[tuple[str, str]]) -> torch.Tensor:
        """The share of the score that parroting leaves."""
        return torch.tensor([1 - PARROTING * parroted(line, reply) for line, reply in inputs], device=self.model.device)

    @torch.no_grad()
    def _logits(self, inputs: Sequence[tuple[str, str]]) -> torch.Tensor:
        """How well each reply fits, uncalibrated; each line and each reply is read once."""
        lines, replies = (list(dict.fromkeys(texts)) for texts in zip(*inputs, strict=True))
        asked = self.model.lines(encoded_lines(self._tokenizer, lines))
        said, alone = self.model.replies(encoded_replies(self._tokenizer, replies))
        at_line, at_reply = ({text: at for at, text in enumerate(texts)} for texts in (lines, replies))
        first, second = [at_line[line] for line, _ in inputs], [at_reply[reply] for _, reply in inputs]
        logits: torch.Tensor = (asked[first] * said[second]).sum(-1) + alone[second]
        return logits


def parroted(line: str, reply: str) -> float:
    """How far a reply only says the line back, 0 to 1 (our choice).

    0 where one word is the caregiver's at most, since "doggy" is how toddlers agree, or where half of the words are
    new; 1 where three words and more are the caregiver's and none is new. Words are compared as in the runtime's rule
    against echoes: without articles, you/I/me and your/my being one.
    """
    said, heard = (Counter(turned_round(bare(words_of(text)))) for text in (reply, line))
    copied, spoken = (said & heard).total(), max(1, said.total())
    return min(1.0, max(0.0, (copied - 1) / 2)) * max(0.0, 2 * copied / spoken - 1)


def encoded_lines(tokenizer: Tokenizer, lines: Sequence[str]) -> list[Encoded]:
    """Lines as the first of two texts."""
    return [(item.ids, item.type_ids) for item in tokenizer.encode_batch(list(lines))]


def encoded_replies(tokenizer: Tokenizer, replies: Sequence[str]) -> list[Encoded]:
    """Replies as the second of two texts, the first of which is empty."""
    return [(item.ids, item.type_ids) for item in tokenizer.encode_batch([("", reply) for reply in replies])]


def exchanges(examples: Sequence[Example], tokenizer: Tokenizer, most: int | None = None) -> Encodings:
    """The true exchanges among examples of `coherence_contrast`, each with a worse reply.

    That is its own damaged; the shuffled one where the damage is an echo, which `parroted` sees to: that the same words
    do not fit would be the wrong lesson for lines and replies on the same thing.

    Args:
        examples: in their order there; others, such as a judge's, are left out.
        tokenizer: set to the longest input.
        most: exchanges at the beginning; None is all.
    """
    true: list[Example] = []
    worse: dict[int, Example] = {}
    for example in examples:
        if example.source == "true":
            true.append(example)
        elif true and example.caregiver == true[-1].caregiver and example.source in TAUGHT:
            worse[len(true) - 1] = example
    places = list(worse)[:most]
    own, poor = [true[at] for at in places], [worse[at] for at in places]
    lines = encoded_lines(tokenizer, [example.caregiver for example in own])
    replies, others = (encoded_replies(tokenizer, [example.reply for example in each]) for each in (own, poor))
    return Encodings(list(zip(lines, replies, others, strict=True)), [example.label for example in own])


def load_match(folder: Path) -> Match:
    """The model of a folder; OSError and ValueError as transformers raises them."""
    from safetensors.torch import load_file
    from transformers import AutoModel

    match = Match(AutoModel.from_pretrained(folder, use_safetensors=True, dtype=torch.float32))
    match.load_state_dict(load_file(folder / HEADS), strict=False)
    return match
