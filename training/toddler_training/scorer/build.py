"""The coherence scorer from nothing: corpus, counts, figures on frames that were not counted, file and card."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from robot_runtime.check.coherence import FILE, Coherence
from robot_runtime.errors import SettingsError, ToddlerRobotError
from robot_runtime.model_store.checksums import sha256_of
from toddler_training.corpus.build import Dialogue, build
from toddler_training.corpus.held_out import load_held_out
from toddler_training.installing import install
from toddler_training.rewards.metrics import auc
from toddler_training.scorer.contrast import KINDS, Contrast
from toddler_training.scorer.counts import Arrays, Exchange, arrays_of, count, exchanges

HELD_OUT_SHARE = 0.1
"""Share of the frames that the figures are measured on, by a checksum of their names."""
MEASURED = 3_000
"""Most exchanges of those frames that are scored."""


def build_scorer(
    out: Path,
    *,
    pairs: int,
    seed: int,
    corpus: Path | None = None,
    install_it: bool = False,
    tell: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Count a corpus, measure, and write the scorer's file with its card.

    The figures are those of counts without the held-out frames; the file holds the counts of all frames.

    Args:
        out: Folder for the file and the card.
        pairs: Distinct exchanges to generate, where no corpus is given.
        seed: Of the text and the wrong replies.
        corpus: JSONL file of `python -m toddler_training.corpus --out`, counted instead of a text of its own.
        install_it: Copy both to where the runtime looks for them.
        tell: Called with each line for the user.

    Returns:
        The card.

    Raises:
        ToddlerRobotError: the corpus is wrong or too small, or a file cannot be written.
    """
    began = time.monotonic()
    said = exchanges(read_corpus(corpus) if corpus else build(pairs, seed, load_held_out()))
    counted = count(said)
    kept = {frame for frame in counted if _held_out(frame)}
    learnt = {frame: counts for frame, counts in counted.items() if frame not in kept}
    if not kept or not learnt:
        raise SettingsError(f"a corpus of {len(counted)} frames is too small to be measured on some of them: take more")
    tell(f"{len(said)} exchanges of {len(counted)} frames counted, {len(kept)} frames kept for measuring")
    figures = measure(Coherence(arrays_of(learnt)), [exchange for exchange in said if exchange.frame in kept], seed)
    tell("AUC: " + ", ".join(f"{kind} {value}" for kind, value in figures["auc"].items()))
    arrays = arrays_of(counted)
    file = _write(out / FILE.name, arrays)
    card = {
        "file": file.name,
        "bytes": file.stat().st_size,
        "sha256": sha256_of(file),
        "made_from": "the written corpus of this project, no other text",
        "settings": {"pairs": len(said) if corpus else pairs, "seed": seed},
        "frames": len(counted),
        "words": int(np.count_nonzero(arrays["words"] == ord("\n"))) + 1,
        "exchanges": len(said),
        "held_out": figures | {"frames": len(kept)},
        "seconds": round(time.monotonic() - began, 1),
    }
    card_file = file.with_suffix(".json")
    card_file.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    if install_it:
        for made in (file, card_file):
            install(made, made.name)
        tell(f"installed {FILE}")
    return card


def read_corpus(path: Path) -> Iterable[Dialogue]:
    """Read what `python -m toddler_training.corpus --out` wrote.

    Raises:
        SettingsError: the file is missing or damaged.
    """
    try:
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            yield Dialogue(record["scene"], record["frame"], tuple((said, reply) for said, reply in record["turns"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"the corpus {path} cannot be read ({error!r}); write it with `python -m toddler_training.corpus --out`"
        ) from error


def measure(scorer: Coherence, said: Sequence[Exchange], seed: int) -> dict[str, Any]:
    """Tell how well the scorer tells true replies from wrong ones.

    Args:
        scorer: made without the frames of `said`.
        said: true exchanges; at most `MEASURED`, evenly spread, are scored.
        seed: of the wrong replies.

    Returns:
        `exchanges`: how many were scored; `auc` by kind of wrong: the chance that a true reply scores above a wrong
        one, None where no wrong one was found.
    """
    contrast = Contrast(said, seed)
    some = said[:: max(1, len(said) // MEASURED)][:MEASURED]
    true: list[float] = []
    wrong: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for exchange in some:
        drawn = {kind: reply for kind in KINDS if (reply := contrast.wrong(exchange, kind)) is not None}
        own, *others = scorer.scores(exchange.line, [exchange.reply, *drawn.values()])
        true.append(own)
        for kind, score in zip(drawn, others, strict=True):
            wrong[kind].append(score)
    areas = {kind: auc(true + scores, [True] * len(true) + [False] * len(scores)) for kind, scores in wrong.items()}
    return {"exchanges": len(some), "auc": {kind: area and round(area, 3) for kind, area in areas.items()}}


def _held_out(frame: str) -> bool:
    """Whether a frame is kept for measuring; all exchanges of one frame of the corpus are, or none."""
    name = frame.rpartition("/")[0]
    return hashlib.sha256(name.encode()).digest()[0] < HELD_OUT_SHARE * 256


def _write(file: Path, arrays: Arrays) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise ToddlerRobotError(f"cannot write {file}: {error}") from error
    return file
