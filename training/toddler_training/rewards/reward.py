"""The rewards of a run, ready to score: what filter, grpo, evaluate and sweep see of the reward models.

A learned reward is a Hugging Face folder of a sequence classifier with one output, whose sigmoid is the score, with a
file `reward.json` beside it that says what the model reads. The published models (CrossEncoders with one label) have
that very form, and so has a classifier that was made of a causal language model; `match` is the exception.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from tokenizers import Tokenizer

from robot_runtime.check.length import SplitGaussian
from robot_runtime.errors import SettingsError

READING = "reward.json"
"""Beside a model: a `Reading`."""

BATCH = 256
"""Texts of one forward pass; our choice, fits any GPU at 96 tokens."""

LEARNED = ("childish", "coherence", "clarity")
"""The rewards that are models of text, learned from examples: RM-1, RM-2, RM-4."""


Encoded = tuple[Sequence[int], Sequence[int]]
"""Token ids and sentence numbers of one text."""


class Reward(Protocol):
    """Scores replies."""

    name: str
    """`childish`, `coherence`, `length` or `clarity`."""

    def score(self, caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
        """Score each reply to the caregiver's line at the same place; each score in [0, 1], without gradient."""
        ...


class LengthReward:
    """RM-3: how like a toddler's the length is. The runtime's own check, so both agree to the last digit."""

    name = "length"

    def __init__(self, shape: SplitGaussian) -> None:
        """Score by this bell."""
        self.shape = shape

    def score(self, caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
        """Score the replies alone."""
        return [self.shape.score(reply) for reply in replies]


@dataclass(frozen=True)
class Reading:
    """What a learned reward reads, and how its output becomes a score."""

    reads: str
    """`reply`, `caregiver`, or `both` as a pair of sentences."""
    max_tokens: int
    """Longest input in tokens, special ones included; longer ones are cut, the longer sentence first."""
    low: float = 0.0
    """Sigmoid that becomes 0: the published coherence reward is scaled by the least and greatest score of its data."""
    high: float = 1.0
    """Sigmoid that becomes 1."""

    def __post_init__(self) -> None:
        """Refuse what cannot be read."""
        if self.reads not in ("reply", "caregiver", "both") or self.max_tokens < 4 or not self.low < self.high:
            raise SettingsError(f"a reward cannot read this way: {self}")

    def texts(self, caregivers: Sequence[str], replies: Sequence[str]) -> list[Any]:
        """The model's inputs: a text each, or a pair of texts."""
        if self.reads == "both":
            return list(zip(caregivers, replies, strict=True))
        return list(replies if self.reads == "reply" else caregivers)

    def apply(self, tokenizer: Tokenizer) -> None:
        """Set a tokenizer to the longest input; what looks like a control token in speech is speech."""
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.encode_special_tokens = True


class LearnedReward:
    """RM-1, RM-2 or RM-4."""

    def __init__(self, name: str, model: Any, tokenizer: Tokenizer, reading: Reading) -> None:
        """Wrap a sequence classifier with one output, on the device where it lies.

        Args:
            name: of the reward.
            model: the classifier.
            tokenizer: its own; it is set to read as `Reading.apply` says.
            reading: what it reads.
        """
        self.name = name
        self.model = model.eval()
        self.reading = reading
        self._tokenizer = tokenizer
        reading.apply(tokenizer)

    @torch.inference_mode()
    def score(self, caregivers: Sequence[str], replies: Sequence[str]) -> list[float]:
        """Score in batches of one length each; what occurs several times is read once.

        A reply without a letter or digit, where replies are read, scores 0: silence is neither childish nor an answer
        (our choice; a model gives it any value).
        """
        inputs = self.reading.texts(caregivers, replies)
        distinct = list(dict.fromkeys(inputs))
        low, span = self.reading.low, self.reading.high - self.reading.low
        found = self.sigmoids(distinct) if distinct else []
        scores = {item: min(max((value - low) / span, 0.0), 1.0) for item, value in zip(distinct, found, strict=True)}
        if self.reading.reads == "caregiver":
            return [scores[item] for item in inputs]
        spoken = [any(map(str.isalnum, reply)) for reply in replies]
        return [scores[item] if speaks else 0.0 for item, speaks in zip(inputs, spoken, strict=True)]

    def sigmoids(self, inputs: Sequence[Any]) -> list[float]:
        """The model's plain output for each input of `Reading.texts`."""
        encoded = self._tokenizer.encode_batch(list(inputs))
        order = sorted(range(len(inputs)), key=lambda at: len(encoded[at].ids))
        values = [0.0] * len(inputs)
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            logits = forward(self.model, [(encoded[at].ids, encoded[at].type_ids) for at in places])
            for at, value in zip(places, torch.sigmoid(logits).tolist(), strict=True):
                values[at] = value
        return values

    def save(self, folder: Path) -> None:
        """Write a Hugging Face folder with `reward.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(folder)
        self._tokenizer.no_truncation()
        self._tokenizer.save(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self.reading.max_tokens)
        (folder / READING).write_text(json.dumps(asdict(self.reading), indent=2) + "\n", "utf-8")


def forward(model: Any, inputs: Sequence[Encoded]) -> torch.Tensor:
    """The logits of a batch by a classifier with one output, float32, shape (texts,)."""
    logits: torch.Tensor = model(**padded(model, inputs)).logits
    return logits[:, 0].float()


def padded(model: Any, inputs: Sequence[Encoded]) -> dict[str, torch.Tensor]:
    """Texts as a batch for a model, filled up on the right, on its device."""
    device = model.device
    longest = max(len(ids) for ids, _ in inputs)
    ids = torch.full((len(inputs), longest), model.config.pad_token_id or 0)
    kinds, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, (tokens, sentences) in enumerate(inputs):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        kinds[row, : len(tokens)] = torch.tensor(sentences)
        mask[row, : len(tokens)] = 1
    batch = {"input_ids": ids.to(device), "attention_mask": mask.to(device)}
    if getattr(model.config, "type_vocab_size", 0) > 1:
        batch["token_type_ids"] = kinds.to(device)
    return batch


def load_learned(name: str, folder: Path, reading: Reading | None = None, device: str | None = None) -> LearnedReward:
    """Load a learned reward.

    Args:
        name: of the reward.
        folder: Hugging Face folder, safetensors only.
        reading: what it reads; None reads `reward.json`.
        device: torch device; None is the GPU where there is one.

    Raises:
        SettingsError: the folder is not a reward model.
    """
    from transformers import AutoModelForSequenceClassification
    from transformers.utils import logging

    from toddler_training.rewards.match import HEADS, MatchReward, load_match
    from toddler_training.rewards.scorer import read_tokenizer

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        if reading is None:
            reading = Reading(**json.loads((folder / READING).read_text("utf-8")))
        tokenizer = read_tokenizer(folder)
        if (folder / HEADS).is_file():
            return MatchReward(name, load_match(folder).to(device or default_device()), tokenizer, reading)
        model = AutoModelForSequenceClassification.from_pretrained(folder, use_safetensors=True, dtype=torch.float32)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{folder} is no reward model: {error}") from error
    if model.config.num_labels != 1:
        raise SettingsError(f"{folder} has {model.config.num_labels} outputs; a reward model has one")
    return LearnedReward(name, model.to(device or default_device()), tokenizer, reading)


def default_device() -> str:
    """`cuda` where there is a GPU, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def load_length(file: Path) -> LengthReward:
    """Load RM-3 from `length.json`.

    Raises:
        SettingsError: the file cannot be read.
    """
    try:
        table = json.loads(file.read_text("utf-8"))
        keys = ("median", "left_variance", "right_variance", "temperature")
        return LengthReward(SplitGaussian(**{key: float(table[key]) for key in keys}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{file} is no length shape: {error}; run the step rewards again") from error


def load_rewards(folder: Path, device: str | None = None) -> dict[str, Reward]:
    """All four rewards of a run by name.

    Args:
        folder: the run's `rewards`.
        device: torch device of the learned ones; None is the GPU where there is one.

    Raises:
        SettingsError: one is missing or damaged.
    """
    rewards: dict[str, Reward] = {name: load_learned(name, folder / name, device=device) for name in LEARNED}
    return rewards | {"length": load_length(folder / "length.json")}


def score_all(
    rewards: Mapping[str, Reward], caregivers: Sequence[str], replies: Sequence[str]
) -> dict[str, list[float]]:
    """Score every reply by every reward; a pair that occurs several times, as in a group of samples, is scored once.

    Returns:
        A list of scores by the reward's name, in the order of the replies.
    """
    pairs = list(zip(caregivers, replies, strict=True))
    distinct = list(dict.fromkeys(pairs))
    place = {pair: at for at, pair in enumerate(distinct)}
    lines, answers = [pair[0] for pair in distinct], [pair[1] for pair in distinct]
    scores = {name: reward.score(lines, answers) for name, reward in rewards.items()}
    return {name: [values[place[pair]] for pair in pairs] for name, values in scores.items()}
