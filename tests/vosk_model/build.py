"""Build the toy Vosk model: `PYTHONPATH=tests python -m vosk_model.build OUT`.

Vosk and its model format are real; what is recognised is espeak-ng speaking the words of sentences.txt. It makes the
tests hear, and says nothing about how people are recognised.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: two threads on a busy machine are many times slower than one

import math
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vosk_model.fst import FIRST_WORD, bigram, lexicon_loop
from vosk_model.mdl import POSITIONS, phone_id, write_model
from vosk_model.mfcc import CONFIG, RATE, SHIFT, WINDOW, mfcc
from vosk_model.net import spliced, train
from vosk_model.speech import SILENCE, Manner, Spoken, resampled, speak

VARIANTS = "m1 m2 m4 m5 m6 m7 m8 f1 f3 f4 f5 Annie steph2 Michael max robert linda rob"
"""Voices of espeak-ng that the model is trained on, beside en-us without any."""

DECODING = """\
--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=6.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
"""conf/model.conf."""


@dataclass(frozen=True)
class Sample:
    """One piece of sound to learn from."""

    pcm: NDArray[np.float32]
    """Mono at `RATE`, full scale 32768."""
    begins: tuple[tuple[str, float], ...]
    """Every phone and the sample at which it begins."""


def frames() -> list[list[list[str]]]:
    """For every frame of sentences.txt, all sentences that it can say."""
    every = []
    for line in Path(__file__).with_name("sentences.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            parts = re.findall(r"\{[^}]*\}|[^{]+", line)
            choices = [part.strip("{}").split("|") if part.startswith("{") else [part] for part in parts]
            every.append(["".join(choice).split() for choice in product(*choices)])
    return every


def build(out: Path, *, utterances: int = 2500, hidden: int = 176, epochs: int = 14) -> None:
    """Write a model folder."""
    draw = np.random.default_rng(1)
    said = frames()
    words = sorted({word for frame in said for sentence in frame for word in sentence})
    spoken = list(_spoken(said, words, utterances, draw))
    pronunciations = _pronunciations(words, spoken)
    phones = [SILENCE, *sorted({phone for _, sounds, _ in pronunciations for phone in sounds})]
    samples = [_augmented(each, draw) for _, each in spoken] + [_silence(draw) for _ in range(60)]
    inputs, labels, stay = _frames(samples, phones, draw)
    layers, priors = train(inputs, labels, len(phones), hidden, epochs)

    for folder in ("am", "conf", "graph/phones"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    write_model(out / "am/final.mdl", layers, priors)
    (out / "conf/mfcc.conf").write_text(CONFIG)
    (out / "conf/model.conf").write_text(DECODING)
    numbers = {word: index for index, word in enumerate(words, FIRST_WORD)}
    (out / "graph/words.txt").write_text(
        "\n".join(["<eps> 0", "[unk] 1", *(f"{w} {n}" for w, n in numbers.items())]) + "\n"
    )
    lexicon = [
        (numbers[word], [phones.index(phone) for phone in sounds], cost) for word, sounds, cost in pronunciations
    ]
    lexicon_loop(lexicon, len(phones), stay).write(out / "graph/HCLr.fst", sort_by=1)
    weighted = [([numbers[word] for word in text], len(frame) ** -0.5) for frame in said for text in frame]
    bigram(weighted, FIRST_WORD + len(words)).write(out / "graph/Gr.fst", sort_by=0)
    (out / "graph/disambig_tid.int").write_bytes(b"")
    boundaries = ["1 nonword"]
    boundaries += [f"{phone_id(p, i)} {where}" for p in range(1, len(phones)) for i, where in enumerate(POSITIONS)]
    (out / "graph/phones/word_boundary.int").write_text("\n".join(boundaries) + "\n")


def _spoken(
    said: Sequence[list[list[str]]], words: Sequence[str], count: int, draw: np.random.Generator
) -> Iterator[tuple[list[str], Spoken]]:
    """Sentences, and words in any order for every second or third, in many voices; and every word by itself."""
    voices = ["en-us", *(f"en-us+{variant}" for variant in VARIANTS.split())]
    texts = [[word] for word in words]
    while len(texts) < count:
        if draw.random() < 0.6:
            frame = said[int(draw.integers(len(said)))]
            texts.append(frame[int(draw.integers(len(frame)))])
        else:
            texts.append([words[index] for index in draw.integers(len(words), size=draw.integers(2, 7))])
    for index, text in enumerate(texts):
        low, high = (110, 15, 20), (210, 90, 80)
        rate, pitch, pitch_range = (int(draw.integers(a, b)) for a, b in zip(low, high, strict=True))
        yield text, speak(text, Manner(voices[index % len(voices)], rate, pitch, pitch_range))


def _pronunciations(
    words: Sequence[str], spoken: Sequence[tuple[list[str], Spoken]]
) -> list[tuple[str, tuple[str, ...], float]]:
    """Word, phones and cost: of every word the ways in which it was often said.

    espeak-ng joins some pairs ("in the") to one word; such sentences say nothing about the others.
    """
    ways: dict[str, Counter[tuple[str, ...]]] = {word: Counter() for word in words}
    for text, sound in ((text, sound) for text, sound in spoken if all(sound.words)):
        for word, phones in zip(text, sound.words, strict=True):
            ways[word][phones] += 1
    kept = []
    for word, counts in ways.items():
        often = {phones: count for phones, count in counts.items() if count >= 0.08 * counts.total()}
        kept += [(word, phones, -math.log(count / max(often.values()))) for phones, count in often.items()]
    return kept


def _augmented(spoken: Spoken, draw: np.random.Generator) -> Sample:
    """A voice of another length of throat, nearer or farther, in a more or less noisy room."""
    speed = draw.uniform(0.85, 1.19) if draw.random() < 0.7 else 1.0
    ratio = RATE / spoken.rate / speed
    voice = resampled(spoken.pcm, ratio)
    before, after = (round(draw.uniform(0.1, 1.0) * RATE) for _ in range(2))
    pcm = np.concatenate([np.zeros(before, np.float32), voice, np.zeros(after, np.float32)])
    pcm *= 10 ** (draw.uniform(-22, 3) / 20)
    if draw.random() < 0.7:
        pcm += _noise(len(pcm), draw) * np.abs(pcm).max() * 10 ** (draw.uniform(-50, -12) / 20) / 3
    pcm = np.clip(np.round(pcm), -32768, 32767).astype(np.float32)
    return Sample(pcm, tuple((phone, before + at * ratio) for phone, at in spoken.phones))


def _silence(draw: np.random.Generator) -> Sample:
    """A second of nothing, or of noise of any loudness."""
    level = 0.0 if draw.random() < 0.3 else 10 ** draw.uniform(0, 3.5)
    return Sample(np.round(_noise(RATE, draw) * level).astype(np.float32), ())


def _noise(size: int, draw: np.random.Generator) -> NDArray[np.float32]:
    """Of standard deviation 1, white or dull."""
    noise = draw.normal(size=size)
    if draw.random() < 0.5:
        noise = np.convolve(noise, np.ones(5) / math.sqrt(5), "same")
    return noise.astype(np.float32)


def _frames(
    samples: Sequence[Sample], phones: Sequence[str], draw: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64], list[float]]:
    """What the network learns from, and for every phone the probability that it goes on for another 30 ms."""
    inputs, labels = [], []
    lengths: dict[int, list[float]] = {}
    for sample in samples:
        seen = spliced(mfcc(sample.pcm))
        classes = [phones.index(phone) if phone in phones else 0 for phone, _ in sample.begins]
        begins = [begin for _, begin in sample.begins]
        middles = np.arange(len(seen)) * SHIFT + WINDOW // 2
        label = np.array([0, *classes])[np.searchsorted(begins, middles, side="right")]
        for phone, (begin, end) in zip(classes, pairwise(begins), strict=False):
            lengths.setdefault(phone, []).append((end - begin) / (3 * SHIFT))
        kept = draw.random(len(label)) < np.where(label == 0, 0.25, 0.5)
        inputs.append(seen[kept])
        labels.append(label[kept])
    stay = [0.9] + [1 - 1 / max(float(np.mean(lengths[phone])), 1.2) for phone in range(1, len(phones))]
    return np.concatenate(inputs), np.concatenate(labels), stay


if __name__ == "__main__":
    build(Path(sys.argv[1]))
