"""RM-2 as two readings that should meet: a line and a reply are points, and fit as far as these lie in one direction.

Each line of a batch has to find its own reply among all replies of the batch, and among its own reply damaged. So a
step of n exchanges teaches some 2 n comparisons a line, where a classifier that reads both sees n pairs: within minutes
of a CPU the former learns which reply belongs to which line, and the latter hardly does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from toddler_training.rewards.reward import BertReward, Encoded, padded

HEADS = "match.safetensors"
"""Beside the model that reads: all that makes two points of its output."""

STEEPNESS = 10.0
"""Of a new model: logit of a perfect fit (our choice; it is learnt)."""

TOGETHER = 64
"""Texts of one forward pass, sorted by length; our choice, so that a CPU reads little filling."""

Exchange = tuple[Encoded, Encoded, Encoded]
"""A line, its reply, and the reply damaged."""


class Match(torch.nn.Module):
    """The model that reads, and a map for each of the two speakers."""

    def __init__(self, body: Any) -> None:
        """Start from a model without output layer; the maps are new."""
        super().__init__()
        width = body.config.hidden_size
        self.body = body
        self.line, self.reply = torch.nn.Linear(width, width), torch.nn.Linear(width, width)
        self.scale, self.bias = torch.nn.Parameter(torch.tensor(STEEPNESS)), torch.nn.Parameter(torch.tensor(0.0))

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        device: torch.device = self.body.device
        return device

    def points(self, texts: Sequence[Encoded], speaker: torch.nn.Linear) -> torch.Tensor:
        """The direction of each text, float32, shape (texts, width): mean of the last layer, mapped."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at][0]))
        means = []
        for start in range(0, len(order), TOGETHER):
            batch = padded(self.body, [texts[at] for at in order[start : start + TOGETHER]])
            read = self.body(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1).to(read.dtype)
            means.append((read * mask).sum(1) / mask.sum(1))
        places = torch.tensor(order, device=self.device).argsort()
        return F.normalize(speaker(torch.cat(means)[places]).float(), dim=-1)

    def loss(self, exchanges: Sequence[Exchange]) -> torch.Tensor:
        """Cross-entropy of each line's choice among all replies and its own damaged, and each reply's of a line."""
        lines, replies, damaged = (list(texts) for texts in zip(*exchanges, strict=True))
        asked, said = self.points(lines, self.line), self.points(replies + damaged, self.reply)
        own, spoilt = said[: len(lines)], said[len(lines) :]
        fits = self.scale * asked @ own.T
        worse = self.scale * (asked * spoilt).sum(-1, keepdim=True)
        right = torch.arange(len(lines), device=self.device)
        return (F.cross_entropy(torch.cat([fits, worse], 1), right) + F.cross_entropy(fits.T, right)) / 2

    @torch.no_grad()
    def balance(self, exchanges: Sequence[Exchange]) -> None:
        """Set the bias: the logit becomes log p(reply | line) / p(reply), as far as the model knows it.

        Args:
            exchanges: the replies of which stand for all replies.
        """
        self.eval()
        lines, replies, _ = zip(*exchanges, strict=True)
        fits = self.scale * self.points(lines, self.line) @ self.points(replies, self.reply).T
        self.bias.copy_(torch.log(torch.tensor(float(fits.numel()))) - fits.flatten().logsumexp(0))

    def save_pretrained(self, folder: Path) -> None:
        """Write the model that reads, and `HEADS`."""
        from safetensors.torch import save_file

        self.body.save_pretrained(folder)
        heads = {name: value.contiguous() for name, value in self.state_dict().items() if not name.startswith("body.")}
        save_file(heads, folder / HEADS)


class MatchReward(BertReward):
    """RM-2 by a `Match`."""

    def sigmoids(self, inputs: Sequence[Any]) -> list[float]:
        """The plain score of each (line, reply); a line that is merely said back, whatever its marks, has none.

        Two readings of the same words meet by nature, and what is damaged does not teach this model otherwise.
        """
        lines, replies = (list(dict.fromkeys(texts)) for texts in zip(*inputs, strict=True))
        asked = self.model.points(encoded_lines(self._tokenizer, lines), self.model.line)
        said = self.model.points(encoded_replies(self._tokenizer, replies), self.model.reply)
        at_line, at_reply = ({text: at for at, text in enumerate(texts)} for texts in (lines, replies))
        first, second = [at_line[line] for line, _ in inputs], [at_reply[reply] for _, reply in inputs]
        logits = self.model.scale * (asked[first] * said[second]).sum(-1) + self.model.bias
        scores = torch.sigmoid(logits).tolist()
        return [
            0.0 if _words(line) == _words(reply) else score for (line, reply), score in zip(inputs, scores, strict=True)
        ]


def _words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.casefold())


def encoded_lines(tokenizer: Tokenizer, lines: Sequence[str]) -> list[Encoded]:
    """Lines as the first of two texts."""
    return [(item.ids, item.type_ids) for item in tokenizer.encode_batch(list(lines))]


def encoded_replies(tokenizer: Tokenizer, replies: Sequence[str]) -> list[Encoded]:
    """Replies as the second of two texts, the first of which is empty."""
    return [(item.ids, item.type_ids) for item in tokenizer.encode_batch([("", reply) for reply in replies])]


def load_match(folder: Path) -> Match:
    """The model of a folder; OSError and ValueError as transformers raises them."""
    from safetensors.torch import load_file
    from transformers import AutoModel

    match = Match(AutoModel.from_pretrained(folder, use_safetensors=True, dtype=torch.float32))
    match.load_state_dict(load_file(folder / HEADS), strict=False)
    return match
