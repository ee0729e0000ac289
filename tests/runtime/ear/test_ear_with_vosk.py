"""The ear with a recogniser that really listens."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from robot_runtime.ear.ear import Ear
from robot_runtime.ear.file_source import FileSource
from robot_runtime.ear.listening import EarEvent, NothingHeard, PartialChanged, UtteranceEnded
from robot_runtime.ear.settings import EarSettings
from robot_runtime.ear.vosk_recogniser import VoskRecogniser

MODEL = Path(__file__).parents[2] / "vosk_model" / "model"
RATE = 16000
DEADLINE_S = 60.0
SENTENCES = ("where is your bag", "do you want milk", "what did you have for lunch", "stop", "look at the dog")
Sound = NDArray[np.int16]


async def listen(path: Path, sound: Sound) -> list[EarEvent]:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.astype("<i2").tobytes())
    ear = Ear(FileSource(path, realtime=False), VoskRecogniser(MODEL), EarSettings(), pytest.fail)
    async with asyncio.timeout(DEADLINE_S):
        events = [event async for event in ear.events()]
        await ear.close()
    return events


async def test_a_talk_with_coughs_in_it(tmp_path: Path, say: Callable[..., Sound], room: Callable[..., Sound]) -> None:
    cough = (np.random.default_rng(2).normal(0, 8000, RATE // 4) * np.hanning(RATE // 4)).astype(np.int16)
    pieces: list[Sound | float] = [1.0]
    ends = []
    for sentence in SENTENCES:
        pieces.append(say(sentence, adult=True))
        ends.append(len(room(*pieces)) / RATE)
        pieces += [1.7, cough, 1.0]
    events = await listen(tmp_path / "talk.wav", room(*pieces))
    turns = [event for event in events if isinstance(event, UtteranceEnded)]
    assert tuple(turn.heard.text for turn in turns) == SENTENCES
    assert not any(isinstance(event, NothingHeard) for event in events)
    assert [turn.speech_end_s for turn in turns] == pytest.approx(ends, abs=0.1)
    assert all(0.24 < turn.endpoint_s - turn.speech_end_s < 1.0 for turn in turns)
    for turn in turns:  # words and sound begin at the same sample
        first, last = turn.heard.words[0], turn.heard.words[-1]
        begin_s = turn.endpoint_s - len(turn.pcm) / RATE
        assert 0.2 < first.start_s < 0.5
        assert begin_s + last.end_s == pytest.approx(turn.speech_end_s, abs=0.2)


async def test_words_are_known_before_the_end(
    tmp_path: Path, say: Callable[..., Sound], room: Callable[..., Sound]
) -> None:
    events = await listen(tmp_path / "a.wav", room(1, say("what did you have for lunch", adult=True), 2))
    ended = events[-1]
    assert isinstance(ended, UtteranceEnded)
    partials = [event for event in events if isinstance(event, PartialChanged)]
    assert len(partials) > 3 and partials[-1].text == ended.heard.text
    assert partials[-1].at_s < ended.endpoint_s - 0.1
