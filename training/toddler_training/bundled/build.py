"""The bundled model from nothing: text, tokenizer, training, GGUF, answers. What is there already is not made again."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from robot_runtime.errors import SettingsError, TrainingStopped
from robot_runtime.model_store.checksums import sha256_of
from toddler_training.base.base import base_folder, load_model
from toddler_training.base.settings import BaseSettings
from toddler_training.bundled.export import NAME, Q8_0, save_folder, write_gguf
from toddler_training.bundled.learner import Learner
from toddler_training.bundled.packing import Rows, Turns, conversations, mark_dialogues, pack, read_dialogues
from toddler_training.bundled.pretrain import CHECKPOINT, Budget, pretrain
from toddler_training.bundled.run_up import with_run_ups
from toddler_training.bundled.settings import BundledSettings, TrainSettings
from toddler_training.bundled.shape import ModelShape, parameter_count
from toddler_training.bundled.tokenizer import load_tokenizer, padded_vocabulary, save_tokenizer, train_tokenizer
from toddler_training.corpus.build import HERE, build, corpus_fingerprint, held_out_folder
from toddler_training.corpus.held_out import QUESTIONS, load_held_out
from toddler_training.corpus.written import write
from toddler_training.installing import install

TRAINING = "training.json"
"""Beside a model's weights: how it was trained, for the summary of a model that goes on from it."""
HELD_OUT_DIALOGUES = 2000
"""Dialogues kept from training to measure the loss on; a fiftieth of a small corpus."""


class Workshop:
    """A folder in which a build happens, step by step."""

    def __init__(self, out: Path, tell: Callable[[str], None]) -> None:
        """Use `out`, made when missing; `tell` is called with each line for the user."""
        out.mkdir(parents=True, exist_ok=True)
        self.out = out
        self._tell = tell

    def step(self, name: str, settings: dict[str, Any], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Do a step unless it was done with the same settings; returns what it reported, and its seconds.

        Its report is written last, so a step that was cut short is done again.
        """
        report = self.out / f"{name}.json"
        if report.is_file():
            done: dict[str, Any] = json.loads(report.read_text("utf-8"))
            if done.pop("settings") == settings:
                self._tell(f"{name}: already there")
                return done
            report.unlink()
        self._tell(f"{name} ...")
        began = time.monotonic()
        result = make()
        done = {"seconds": round(time.monotonic() - began, 1)} | result
        report.write_text(json.dumps({"settings": settings} | done, indent=2) + "\n", encoding="utf-8")
        self._tell(f"{name}: done in {done['seconds']:.0f} s")
        return done


def build_bundled(
    out: Path,
    settings: BundledSettings,
    budget: Budget,
    *,
    train: TrainSettings | None = None,
    resume: bool = False,
    install_it: bool = False,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Make the bundled model in `out`.

    Args:
        out: Folder for everything made on the way.
        settings: What to make.
        budget: When training ends.
        train: How to train.
        resume: Go on from the checkpoint in `out`, with the text that it was begun with.
        install_it: Copy the result into the package, with its summary.
        stop: Asked after each training step; when true, a checkpoint is saved and `TrainingStopped` raised.
        tell: Called with each line for the user.

    Returns:
        The summary, as written to summary.json.

    Raises:
        TrainingStopped: `stop` said so.
        ToddlerRobotError: a file or a setting is wrong.
    """
    train = train or TrainSettings(seed=settings.seed)
    shop = Workshop(out, tell)
    if settings.text:
        take_text(Path(settings.text), out)
    sources = text_settings(out) if resume or settings.text else None
    folder = Path(settings.corpus).resolve() if settings.corpus else HERE
    text = sources or {"pairs": settings.pairs, "seed": settings.seed, "sources": corpus_fingerprint(folder)}
    if settings.corpus and not sources:
        text["corpus"] = folder.name
    if install_it:
        refuse_install(text, out / Q8_0)
    text_report = shop.step("corpus", text, lambda: _write_corpus(out, settings, folder))
    start = base_folder(BaseSettings(model=settings.start)) if settings.start else None
    words = text | {"vocabulary": settings.vocabulary, "start": settings.start}
    shop.step("tokenizer", words, lambda: _tokenizer(out, settings.vocabulary, start))
    learning = words | {"layers": settings.layers, "train": asdict(train), "budget": asdict(budget)}
    learnt = shop.step(
        "training", learning, lambda: _train(out, settings.layers, start, budget, train, resume, stop, tell)
    )
    converted = shop.step("model", learning, lambda: _convert(out, learnt))
    model = out / Q8_0
    asked = shop.step("answers", {"sha256": converted["sha256"]}, lambda: _answer(out, settings.seed, folder))
    summary = {
        "name": NAME,
        "file": Q8_0,
        "bytes": model.stat().st_size,
        "sha256": sha256_of(model),
        "corpus": text_report,
        "training": learnt,
        "answers": asked,
        "settings": _named(settings) | {"train": asdict(train), "budget": asdict(budget)},
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    if install_it:
        installed = install(model, Q8_0)
        install(out / "summary.json", f"{NAME}.json")
        tell(f"installed {installed}")
    return summary


def take_text(build: Path, out: Path) -> None:
    """Put the text of another build into `out`, unless it is there.

    Raises:
        SettingsError: that build has none, or `out` has another one.
    """
    theirs, ours = text_settings(build), text_settings(out)
    if not theirs:
        raise SettingsError(f"no text in {build}: give the --out folder of a build whose text is written")
    if ours == theirs:
        return
    if ours:
        raise SettingsError(f"{out} has a text already, another one than {build}: give a new --out folder")
    shutil.copyfile(build / "corpus.jsonl", out / "corpus.jsonl")
    shutil.copyfile(build / "corpus.json", out / "corpus.json")


def _named(settings: BundledSettings) -> dict[str, Any]:
    """The settings with the last names of folders, which say nothing about the computer."""
    return {key: Path(value).name if isinstance(value, str) else value for key, value in asdict(settings).items()}


def text_settings(out: Path) -> dict[str, Any]:
    """What the text in `out` was made with; empty where there is none yet."""
    report = out / "corpus.json"
    return json.loads(report.read_text("utf-8"))["settings"] if report.is_file() else {}


def refuse_install(text: Mapping[str, Any], model: Path) -> None:
    """Let nothing but our own corpus, the one that the check and the documents know, replace the bundled model.

    Args:
        text: Settings that the text was made with.
        model: The model's file, for the message.

    Raises:
        SettingsError: it was made with another corpus.
    """
    if "corpus" in text:
        raise SettingsError(
            f"a model of the corpus '{text['corpus']}' cannot take the bundled one's place: leave --install out, "
            f"and talk with it by --model {model}"
        )


def split_rows(path: Path, tokenizer_folder: Path, length: int, run_ups: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to learn from and rows to measure on, from a corpus file; a share of the questions has a run-up.

    Raises:
        SettingsError: the corpus or the tokenizer is missing or damaged.
    """
    rng = random.Random(seed)
    dialogues = read_dialogues(path)
    rng.shuffle(dialogues)
    kept = min(HELD_OUT_DIALOGUES, max(len(dialogues) // 50, 1))
    held_out, learnt = dialogues[:kept], dialogues[kept:]
    tokenizer = load_tokenizer(tokenizer_folder)

    def rows(some: list[Turns]) -> Rows:
        marked = mark_dialogues(with_run_ups(some, learnt, run_ups, rng), tokenizer)
        return pack(conversations(marked, length, rng), length)

    return rows(learnt), rows(held_out)


def _write_corpus(out: Path, settings: BundledSettings, folder: Path) -> dict[str, Any]:
    held_out = load_held_out(held_out_folder(folder))
    summary = write(out / "corpus.jsonl", build(settings.pairs, settings.seed, held_out, folder))
    return {
        "dialogues": summary.dialogues,
        "distinct_pairs": len(summary.pairs),
        "pairs_by_scene": dict(summary.scenes.most_common()),
        "child_words": {"types": len(summary.words), "tokens": summary.words.total()},
    }


def _tokenizer(out: Path, vocabulary: int, start: Path | None) -> dict[str, Any]:
    if start is not None:
        tokenizer = load_tokenizer(start)
    else:
        dialogues = read_dialogues(out / "corpus.jsonl")
        lines = itertools.chain.from_iterable(exchange for turns in dialogues for exchange in turns)
        tokenizer = train_tokenizer((line.strip() for line in lines), vocabulary)
    save_tokenizer(tokenizer, out / "tokenizer", ModelShape().context)
    return {"tokens": tokenizer.get_vocab_size()}


def _train(
    out: Path,
    layers: int,
    start: Path | None,
    budget: Budget,
    settings: TrainSettings,
    resume: bool,
    stop: Callable[[], bool],
    tell: Callable[[str], None],
) -> dict[str, Any]:
    rows, held_out = split_rows(
        out / "corpus.jsonl", out / "tokenizer", settings.row_length, settings.run_ups, settings.seed
    )
    shape = ModelShape(vocabulary=padded_vocabulary(load_tokenizer(out / "tokenizer")), layers=layers)
    learner = Learner(shape, settings, rows, None if start is None else load_model(start))
    tell(f"{parameter_count(learner.model)} parameters, {len(rows.tokens)} rows, {len(held_out.tokens)} held out")
    notes = pretrain(learner, held_out, budget, out, resume=resume, stop=stop, tell=tell)
    if notes is None:
        raise TrainingStopped("training stopped; a checkpoint is saved: go on with --resume")
    before = start / TRAINING if start else None
    return {
        "before": json.loads(before.read_text("utf-8")) if before and before.is_file() else None,
        "parameters": parameter_count(learner.model),
        "steps": learner.step,
        "tokens_seen": learner.tokens_seen,
        "rows": len(rows.tokens),
        "python": sys.version.split()[0],
        "training_seconds": round(notes["seconds"], 1),
        "train_loss": round(notes["loss"], 4),
        "held_out_loss": {kind: round(notes[f"held_out_{kind}"], 4) for kind in ("child", "caregiver")},
    }


def _convert(out: Path, learnt: Mapping[str, Any]) -> dict[str, Any]:
    save_folder(out / CHECKPOINT, out / "tokenizer", out / "model")
    (out / "model" / TRAINING).write_text(json.dumps(learnt, indent=2) + "\n", encoding="utf-8")
    return {"sha256": sha256_of(write_gguf(out / "model", out))}


def _answer(out: Path, seed: int, folder: Path) -> dict[str, Any]:
    from toddler_training.bundled.answers import tell_answers

    questions = held_out_folder(folder) / QUESTIONS.name
    with (out / "answers.txt").open("w", encoding="utf-8") as file:
        return tell_answers(str(out / Q8_0), questions, seed, lambda line: print(line, file=file))
