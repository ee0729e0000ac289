"""The recognisers, real ones with real models: Vosk with the toy model of the tests, PocketSphinx with its own."""

from __future__ import annotations

import shutil
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from robot_runtime.ear.recogniser import RATE, UNKNOWN, Heard, Recogniser, RecogniserOptions, Word
from robot_runtime.ear.recognisers import open_recogniser, recognisers
from robot_runtime.errors import MissingExtraError, ModelError, SettingsError, UnknownModelError

pytest.importorskip("vosk", reason="needs the extra listen")

TESTS = Path(__file__).parents[2]
TOY = TESTS / "vosk_model" / "model"
SAID = sorted(path.stem.replace("-", " ") for path in (TESTS / "data/speech").glob("*.wav"))
"""What the recordings say, in voices of which f2 and m3 are unknown to the toy model; speech begins at 0.3 s."""


def recording(text: str) -> NDArray[np.int16]:
    with wave.open(str(TESTS / "data/speech" / f"{text.replace(' ', '-')}.wav")) as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE, 1)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def hear(recogniser: Recogniser, pcm: NDArray[np.int16]) -> list[str]:
    """Let it listen, 20 ms at a time; the different partials."""
    partials = [""]
    for begin in range(0, len(pcm), RATE // 50):
        recogniser.accept(pcm[begin : begin + RATE // 50])
        if recogniser.partial() != partials[-1]:
            partials.append(recogniser.partial())
    return partials


@pytest.fixture(scope="module")
def vosk() -> Iterator[Recogniser]:
    recogniser = open_recogniser("vosk", RecogniserOptions(TOY))
    yield recogniser
    recogniser.close()


def test_confidence_and_text_of_what_was_heard() -> None:
    heard = Heard((Word("find", 0, 1, 0.9), Word(UNKNOWN, 1, 2, 0.0)))
    assert (heard.text, heard.confidence) == ("find", 0.45)
    assert (Heard().text, Heard().confidence) == ("", 0.0)


@pytest.mark.parametrize("text", SAID)
def test_words_and_their_times(vosk: Recogniser, text: str) -> None:
    pcm = recording(text)
    hear(vosk, pcm)
    heard = vosk.finish()
    assert heard.text == text
    assert heard.confidence > 0.6
    assert heard.words[0].start_s == pytest.approx(0.3, abs=0.1)
    assert heard.words[-1].end_s == pytest.approx(len(pcm) / RATE - 0.33, abs=0.15)
    times = [time for word in heard.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)


def test_partials_grow_while_somebody_speaks(vosk: Recogniser) -> None:
    partials = hear(vosk, recording("where is your bag"))
    vosk.finish()
    assert partials[0] == ""
    assert partials[-1] == "where is your bag"
    assert {"where is your", "where is"} & set(partials)


def test_silence_and_noise_say_nothing(vosk: Recogniser) -> None:
    noise = np.random.default_rng(1).normal(size=6 * RATE)
    for level in (0, 30, 1000):
        hear(vosk, (noise * level).astype(np.int16))
        assert vosk.partial() == ""
        assert vosk.finish() == Heard()
    assert vosk.finish() == Heard(), "an utterance without a single sample"


def test_a_pause_does_not_end_an_utterance(vosk: Recogniser) -> None:
    pcm = recording("where is your bag")
    hear(vosk, np.concatenate([pcm, np.zeros(2 * RATE, np.int16), pcm]))
    heard = vosk.finish()
    assert heard.text == "where is your bag where is your bag"
    assert heard.words[4].start_s == pytest.approx(len(pcm) / RATE + 2.3, abs=0.1)


def test_an_utterance_that_nobody_ends_keeps_all_its_words(vosk: Recogniser) -> None:
    pcm = np.concatenate([recording("where is your bag"), np.zeros(3 * RATE, np.int16)])
    hear(vosk, np.tile(pcm, 8))
    assert vosk.partial().split().count("bag") == 8
    heard = vosk.finish()
    assert heard.text.split().count("bag") == 8
    assert heard.words[-1].end_s == pytest.approx((8 * len(pcm)) / RATE - 3.33, abs=0.15)


def test_nothing_of_a_forgotten_utterance_is_left(vosk: Recogniser) -> None:
    pcm = recording("where is your bag")
    for cut in range(RATE // 2, len(pcm), RATE // 4):
        hear(vosk, pcm[:cut])
        vosk.reset()
        assert vosk.partial() == ""
        hear(vosk, recording("i love you"))
        heard = vosk.finish()
        assert heard.text == "i love you"
        assert heard.words[0].start_s == pytest.approx(0.3, abs=0.1)


def test_words_outside_the_vocabulary_are_unknown() -> None:
    recogniser = open_recogniser("vosk", RecogniserOptions(TOY, ("do you want milk", "stop")))
    hear(recogniser, recording("do you want milk"))
    assert recogniser.finish().text == "do you want milk"
    hear(recogniser, recording("what is in it"))
    heard = recogniser.finish()
    assert UNKNOWN in [word.text for word in heard.words]
    assert UNKNOWN not in heard.text
    assert heard.confidence < 0.7


def test_phrases_of_unknown_words_are_refused() -> None:
    with pytest.raises(ModelError, match="no word 'giraffe'"):
        open_recogniser("vosk", RecogniserOptions(TOY, ("find the giraffe",)))
    pytest.importorskip("pocketsphinx", reason="needs the extra pocketsphinx")
    for phrase in ("hello cozmo", "stop; grammar"):
        with pytest.raises(ModelError, match="no word"):
            open_recogniser("pocketsphinx", RecogniserOptions(phrases=(phrase,)))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("am/final.mdl", None, "am/final.mdl is missing"),
        ("am/final.mdl", b"\0B<TransitionModel> ", "Failed to create a model"),
        ("graph/Gr.fst", None, "graph/Gr.fst is missing"),
        ("graph/HCLr.fst", b"PK", "Failed to create a recognizer"),
        ("graph/words.txt", None, "Failed to create a model"),
        ("conf/mfcc.conf", b"--num-ceps=13\n", "Failed to create a recognizer"),
        ("conf/model.conf", b"--beam=13\n", "endpoint.silence-phones"),
    ],
)
def test_a_damaged_model_is_an_error_and_no_crash(name: str, content: bytes | None, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(TOY, folder)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=words):
        open_recogniser("vosk", RecogniserOptions(folder))


def test_models_that_are_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for model in (None, Path("vosk-small-en-us")):
        with pytest.raises(ModelError, match="models pull vosk-small-en-us"):
            open_recogniser("vosk", RecogniserOptions(model))
    with pytest.raises(UnknownModelError, match="known are: vosk-small-en-us"):
        open_recogniser("vosk", RecogniserOptions(tmp_path / "nothing"))


def test_a_recogniser_that_nobody_offers() -> None:
    assert {"pocketsphinx", "vosk"} <= set(recognisers())
    with pytest.raises(SettingsError, match="recogniser 'whisper' is not installed"):
        open_recogniser("whisper", RecogniserOptions())


@pytest.mark.parametrize(("name", "extra"), [("vosk", "listen"), ("pocketsphinx", "pocketsphinx")])
def test_a_library_that_is_not_installed(name: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"\[{extra}\]"):
        open_recogniser(name, RecogniserOptions(TOY if name == "vosk" else None))


def test_pocketsphinx_knows_its_phrases() -> None:
    pytest.importorskip("pocketsphinx", reason="needs the extra pocketsphinx")
    recogniser = open_recogniser("pocketsphinx", RecogniserOptions(phrases=tuple(SAID)))
    for text in ("where is your bag", "what did you have for lunch"):
        assert text in hear(recogniser, recording(text))
        heard = recogniser.finish()
        assert heard.text == text
        assert heard.words[0].start_s == pytest.approx(0.3, abs=0.1)
        assert 0 < heard.confidence <= 1
    hear(recogniser, recording("where is your bag"))
    recogniser.reset()
    assert recogniser.finish() == Heard()
    recogniser.close()


def test_pocketsphinx_hears_free_speech_too() -> None:
    pytest.importorskip("pocketsphinx", reason="needs the extra pocketsphinx")
    recogniser = open_recogniser("pocketsphinx", RecogniserOptions())
    hear(recogniser, recording("where is your bag"))
    assert recogniser.finish().text.startswith("where is your")
    with pytest.raises(SettingsError, match="a model of its own"):
        open_recogniser("pocketsphinx", RecogniserOptions(TOY))
