"""The step `rewards`: the four reward models of a run."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from robot_runtime.check.length import SplitGaussian, fit, mean_sentence_words
from toddler_training.base.threads import limit_threads
from toddler_training.config import TrainingConfig
from toddler_training.rewards.card import write_card
from toddler_training.rewards.causal import is_causal, prompt_tokenizer
from toddler_training.rewards.example import TEST, TRAIN, VALIDATION, Example
from toddler_training.rewards.fit import CHECKPOINT, Budget, Encodings, Training
from toddler_training.rewards.gather import Pairs, gather, read_pairs
from toddler_training.rewards.match import Match, MatchReward, exchanges
from toddler_training.rewards.metrics import measure
from toddler_training.rewards.plots import plot_calibration, plot_rewards
from toddler_training.rewards.reward import LEARNED, LearnedReward, Reading, default_device, load_learned
from toddler_training.rewards.scorer import new_bert, new_tokenizer, pretrained, read_tokenizer, source_folder
from toddler_training.rewards.settings import RewardsSettings
from toddler_training.work import Work

READS = {"childish": "reply", "coherence": "both", "clarity": "caregiver"}
"""What each model reads."""

GOOD = {"childish": 0.75, "coherence": 0.8, "clarity": 0.8}
"""Label from which an example counts as good in the AUC: a toddler's age; the rubric's word for "good" (our choice)."""

LOOKED_AT, MEASURED = 1_000, 2_000
"""Held-out examples, drawn by lot, for the looks during a training and for the figures after it: an AUC has a standard
error of about 0.015 (our choice)."""


def run(work: Work, config: TrainingConfig) -> dict[str, Any]:
    """Make, or take over, RM-1, RM-2 and RM-4, and fit RM-3.

    Raises:
        SettingsError: there is nothing to learn from, or a model cannot be used.
        TrainingStopped: stopped half-way; the finished models and a checkpoint are kept.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    limit_threads()
    data, settings = work.made("data"), config.rewards
    pairs = read_pairs(data / "pairs.parquet")
    makers = Makers(work, settings, gather(data, pairs, settings))
    reports = {name: makers.make(name) for name in LEARNED}
    shape = _length(work.out / "length.json", pairs, settings)
    plot_rewards(work.out / "plot.png", {name: _shown(report) for name, report in reports.items()}, shape)
    return {**{name: _brief(report) for name, report in reports.items()}, "length": asdict(shape)}


class Makers:
    """Makes the learned rewards one by one; what is finished is not made again."""

    def __init__(self, work: Work, settings: RewardsSettings, examples: dict[str, list[Example]]) -> None:
        """Prepare; nothing is read or trained yet."""
        self._work, self._settings, self._examples = work, settings, examples

    def make(self, name: str) -> dict[str, Any]:
        """Make one; returns what is in its metrics.json."""
        folder = self._work.out / name
        if not (folder / "metrics.json").is_file():
            given = getattr(self._settings, f"{name}_model")
            made = self._adopt(name, given) if given else self._train(name)
            (folder / "metrics.json").write_text(json.dumps(made, indent=2) + "\n", "utf-8")
        report: dict[str, Any] = json.loads((folder / "metrics.json").read_text("utf-8"))
        self._work.tell(f"{name}: {_told(report)}")
        return report

    def _adopt(self, name: str, given: str) -> dict[str, Any]:
        """Take over a finished model."""
        reading = Reading(READS[name], getattr(self._settings, f"{name}_tokens"))
        reward = load_learned(name, source_folder(given), reading)
        return self._finish(reward, {"model": given})

    def _train(self, name: str) -> dict[str, Any]:
        settings, folder = self._settings, self._work.out / name
        matched = name == "coherence" and settings.coherence_form == "match"
        torch.manual_seed(settings.seed)
        reading = Reading(READS[name], getattr(settings, f"{name}_tokens"))
        base, layers, own_rate = settings.base, 0, 0.0
        if name == "coherence":
            base, layers = settings.coherence_base or base, settings.coherence_layers
            own_rate = settings.coherence_learning_rate
        model, tokenizer = self._start(base, reading, getattr(settings, f"{name}_dropout"), layers)
        reading.apply(tokenizer)
        shared = ("max_steps", "warm_up", "weight_decay", "evaluate_every", "patience")
        budget = Budget(
            epochs=getattr(settings, f"{name}_epochs"),
            batch=getattr(settings, f"{name}_batch"),
            learning_rate=own_rate or settings.learning_rate,
            precision=settings.precision,
            seed=settings.seed,
            **{key: getattr(settings, key) for key in shared},
        )
        learnt, looked_at = self._of(name, TRAIN), self._of(name, VALIDATION, None if matched else LOOKED_AT)
        if matched:
            model = Match(model.base_model)
            train, held_out = exchanges(learnt, tokenizer), exchanges(looked_at, tokenizer, LOOKED_AT)
            training = Training(
                model.to(default_device()), train, held_out, budget, lambda match, inputs, _: match.loss(inputs)
            )
        else:
            train, held_out = _encoded(learnt, tokenizer, reading), _encoded(looked_at, tokenizer, reading)
            training = Training(model.to(default_device()), train, held_out, budget)
        training.run(
            folder, self._work.stop, lambda steps: self._work.progress(steps, f"reward '{name}'", total=len(steps))
        )
        about = {
            "base": base,
            "steps": training.step,
            "best_step": training.best_step,
            "history": training.history,
        }
        reward = (MatchReward if matched else LearnedReward)(name, training.model, tokenizer, reading)
        if isinstance(reward, MatchReward):
            known = [example for example in looked_at if example.source != "scored"][:MEASURED]
            reward.calibrate([(item.caregiver, item.reply) for item in known], [item.label for item in known])
        report = self._finish(reward, about)
        (folder / CHECKPOINT).unlink(missing_ok=True)
        return report

    def _start(self, base: str, reading: Reading, dropout: float, layers: int) -> tuple[Any, Tokenizer]:
        """An untrained classifier and its tokenizer."""
        settings = self._settings
        if base == "scratch":
            tokenizer = Tokenizer.from_str(self._own_tokenizer.to_str())
            return new_bert(tokenizer, settings.hidden, settings.layers, settings.heads, dropout), tokenizer
        source = source_folder(base)
        if not is_causal(source):
            return pretrained(source, dropout, layers=layers), read_tokenizer(source)
        tokenizer, end_id = prompt_tokenizer(source, settings.prompt_format, reading.reads)
        return pretrained(source, dropout, int(end_id == 0), layers), tokenizer

    def _finish(self, reward: LearnedReward, about: dict[str, Any]) -> dict[str, Any]:
        """Scale, measure and save a model."""
        name, folder = reward.name, self._work.out / reward.name
        report = about | {"architecture": type(reward.model).__name__, "data": _counts(self._examples[name])}
        for split in (VALIDATION, TEST):
            held = self._of(name, split, MEASURED)
            if held:
                report[split] = measure(held, _scores(reward, held), GOOD[name])
        if name == "coherence" and self._settings.scale_coherence:
            scores = _scores(reward, self._of(name, TRAIN, MEASURED))
            reward.reading = Reading(reward.reading.reads, reward.reading.max_tokens, min(scores), max(scores))
        report["reading"] = asdict(reward.reading)
        reward.save(folder)
        plot_calibration(folder / "calibration.png", name, _shown(report))
        write_card(folder, name, report)
        return report

    def _of(self, name: str, split: str, most: int | None = None) -> list[Example]:
        found = [example for example in self._examples[name] if example.split == split]
        if most is not None and len(found) > most:
            found = random.Random(self._settings.seed).sample(found, most)
        return found

    @cached_property
    def _own_tokenizer(self) -> Tokenizer:
        """Of all words that the training children and their caregivers say; made once a run."""
        file = self._work.out / "tokenizer.json"
        if not file.is_file():
            learnt = (example for name in LEARNED for example in self._of(name, TRAIN))
            texts = (text for example in learnt for text in (example.caregiver, example.reply) if text)
            unfinished = file.with_suffix(".new")
            new_tokenizer(texts, self._settings.vocabulary).save(str(unfinished))
            shutil.move(unfinished, file)
        return Tokenizer.from_file(str(file))


def _encoded(examples: Sequence[Example], tokenizer: Tokenizer, reading: Reading) -> Encodings:
    texts = reading.texts([item.caregiver for item in examples], [item.reply for item in examples])
    return Encodings(
        [(item.ids, item.type_ids) for item in tokenizer.encode_batch(texts)], [item.label for item in examples]
    )


def _scores(reward: LearnedReward, examples: Sequence[Example]) -> list[float]:
    return reward.score([item.caregiver for item in examples], [item.reply for item in examples])


def _counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    counts = {}
    for split in (TRAIN, VALIDATION, TEST):
        children = [example.child for example in examples if example.split == split]
        counts[split] = {"examples": len(children), "children": len(set(children))}
    return counts


def _length(file: Path, pairs: Pairs, settings: RewardsSettings) -> SplitGaussian:
    """RM-3: the published bell, or one fitted to the replies of the children that are learnt from."""
    lengths = [mean_sentence_words(pair.reply) for pair in pairs if pair.split != TEST]
    spoken = [length for length in lengths if length]
    if settings.length == "fitted":
        shape = fit(spoken, temperature=settings.length_temperature)
        count, source = len(spoken), "fitted to the child's replies of pairs.parquet, without the test children's"
    else:
        shape = SplitGaussian(temperature=settings.length_temperature)
        count, source = 3500, "parameters of enochlev/CHILDES_LLM_training, April 2025"
    content = asdict(shape) | {"utterances": count, "source": source}
    file.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    return shape


def _brief(report: dict[str, Any]) -> dict[str, Any]:
    """What the summary keeps of a model's figures; its metrics.json has all of them."""
    facts = ("model", "base", "architecture", "steps", "best_step", "data", "reading")
    kept: dict[str, Any] = {key: report[key] for key in facts if key in report}
    for split in (VALIDATION, TEST):
        if split in report:
            kept[split] = {key: value for key, value in report[split].items() if key != "bins"}
    return kept


def _shown(report: dict[str, Any]) -> dict[str, Any]:
    """The figures of the test children; of the validation children where the former are all of one kind, or none."""
    found: dict[str, Any] = report.get(TEST, report[VALIDATION])
    return found if found["auc"] is not None else report[VALIDATION]


def _told(report: dict[str, Any]) -> str:
    figures = _shown(report)
    return f"AUC {figures['auc']}, Spearman {figures['spearman']} on {figures['examples']} held-out examples"
