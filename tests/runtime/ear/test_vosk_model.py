"""The toy Vosk model of the tests: it can be made again, and hears voices that it was not trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.vosk_recogniser import VoskRecogniser
from vosk_model.speech import Manner, resampled, speak

pytest.importorskip("vosk", reason="needs the extra listen")
pytest.importorskip("espeakng_loader", reason="needs the extra espeak")

TOY = Path(__file__).parents[2] / "vosk_model" / "model"
SAID = (
    "hello pip how are you",
    "where is your bag",
    "what did you have for lunch",
    "i love you",
    "what color is the ball",
    "are you sleepy",
    "who is that",
    "good night",
    "where is the big red ball",
    "do you want to read a story with mommy",
    "did you see the cat in the park",
    "daddy is in the car",
    "the baby is sad",
    "give me your hat please",
    "my dog is hungry",
    "let's go to the park today",
    "come and sing with me",
    "tell me about your cat",
)
"""What caregivers might say; most of it stands in no frame of sentences.txt."""

UNTRAINED = (Manner("en-us+f2", 125, 30), Manner("en-us+f2", 175, 65), Manner("en-us+m3"), Manner("en-us+m3", 190, 60))


def errors(said: str, heard: str) -> int:
    """The fewest words to change, add or take out of `said` to have `heard`."""
    row = list(range(len(heard.split()) + 1))
    for word in said.split():
        diagonal, row[0] = row[0], row[0] + 1
        for place, other in enumerate(heard.split(), 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (word != other))
    return row[-1]


def word_error_rate(model: Path) -> float:
    """Over all sentences in all untrained voices, in a quiet room."""
    recogniser = VoskRecogniser(model)
    noise = np.random.default_rng(1)
    wrong = 0
    for manner in UNTRAINED:
        for text in SAID:
            spoken = speak(text.split(), manner)
            voice = resampled(spoken.pcm, RATE / spoken.rate)
            pcm = np.concatenate([np.zeros(RATE // 3), voice, np.zeros(RATE // 3)])
            pcm += noise.normal(size=len(pcm)) * 10
            recogniser.accept(pcm.clip(-32768, 32767).astype(np.int16))
            wrong += errors(text, recogniser.finish().text)
    return wrong / (len(UNTRAINED) * sum(len(text.split()) for text in SAID))


def test_errors_are_counted_as_everybody_does() -> None:
    assert errors("where is your bag", "where is your bag") == 0
    assert errors("where is your bag", "where is bag now") == 2
    assert errors("where is", "") == 2
    assert errors("", "where is") == 2


def test_the_model_is_small() -> None:
    assert sum(path.stat().st_size for path in TOY.rglob("*")) < 500_000


def test_voices_that_it_never_heard() -> None:
    assert word_error_rate(TOY) < 0.05


@pytest.mark.slow
def test_it_can_be_built_again(tmp_path: Path) -> None:
    from vosk_model.build import build

    build(tmp_path)
    assert {path.relative_to(tmp_path) for path in tmp_path.rglob("*")} == {
        path.relative_to(TOY) for path in TOY.rglob("*")
    }
    assert word_error_rate(tmp_path) < 0.05
