"""Vosk: streaming recognition on a small CPU.

Facts about vosk 0.3.45 that shape this module, all measured:

- `Reset` leaves up to 0.35 s of sound in its pipeline, which begins the next utterance; `FinalResult` does not.
- Its own endpoint (0.5 to 1 s of silence, model.conf) is only advice: decoding goes on unless `Result` is asked for.
- It counts word times from the first sample that it was ever given.
- Until the first sample after a result, `PartialResult` has no partial.
- A model folder without silence phones in conf/model.conf, and some damaged graphs, end the whole process.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.recogniser import RATE, UNKNOWN, Heard, Recogniser, RecogniserOptions, Word
from robot_runtime.errors import MissingExtraError, ModelError
from robot_runtime.model_store.vosk_folder import check_folder, locate_vosk

LONGEST_S = 12.0
"""Seconds after which Vosk's own endpoint is taken, so that memory does not grow with what nobody ends. Before 20 s,
where its rule 5 would cut through a word."""


class VoskRecogniser:
    """A Vosk model that listens; see `Recogniser`."""

    def __init__(self, folder: Path, phrases: tuple[str, ...] = ()) -> None:
        """Load a model.

        Args:
            folder: a model folder in the present layout (am, conf, graph).
            phrases: as in `RecogniserOptions`; the model must have its graph in two parts (HCLr.fst and Gr.fst).

        Raises:
            MissingExtraError: vosk is not installed.
            ModelError: the folder is no usable model, or cannot be primed with phrases.
        """
        try:
            import vosk
        except ModuleNotFoundError as error:
            raise MissingExtraError("The recogniser vosk", "listen") from error
        check_folder(folder)
        vosk.SetLogLevel(-1)
        grammar = (json.dumps([*phrases, UNKNOWN]),) if phrases else ()
        if phrases and not (folder / "graph/HCLr.fst").is_file():
            raise ModelError(f"{folder} cannot be primed with phrases: it has one fixed graph (HCLG.fst)")
        try:
            self._model = vosk.Model(str(folder))
            self._decoder = vosk.KaldiRecognizer(self._model, RATE, *grammar)
        except Exception as error:  # vosk knows no other class
            raise ModelError(f"Vosk cannot use the model in {folder}: {error}. Pull it again") from error
        for word in {word for phrase in phrases for word in phrase.split()}:
            if self._model.vosk_model_find_word(word) < 0:
                raise ModelError(f"the model in {folder} has no word {word!r}: take it out of the phrases")
        self._decoder.SetWords(True)
        self._begin = self._now = 0
        self._earlier: list[Word] = []

    def accept(self, pcm: NDArray[np.int16]) -> None:
        """Listen."""
        self._now += len(pcm)
        ended = self._decoder.AcceptWaveform(pcm.astype("<i2").tobytes())
        if ended and self._now - self._begin > LONGEST_S * RATE:
            self._earlier += self._words(self._decoder.Result())

    def partial(self) -> str:
        """Say what has been understood."""
        known = [word.text for word in self._earlier]
        known += json.loads(self._decoder.PartialResult()).get("partial", "").split()
        return " ".join(word for word in known if word != UNKNOWN)

    def finish(self) -> Heard:
        """Say what was said."""
        heard = Heard((*self._earlier, *self._words(self._decoder.FinalResult())))
        self._earlier, self._begin = [], self._now
        return heard

    def reset(self) -> None:
        """Forget."""
        self.finish()

    def close(self) -> None:
        """Let go of the model."""
        del self._decoder, self._model

    def _words(self, result: str) -> list[Word]:
        begin = self._begin / RATE
        return [_word(each, begin) for each in json.loads(result).get("result", ())]


def _word(each: dict[str, Any], begin: float) -> Word:
    confidence = 0.0 if each["word"] == UNKNOWN else min(each["conf"], 1.0)
    return Word(each["word"], max(each["start"] - begin, 0.0), each["end"] - begin, confidence)


def open_recogniser(options: RecogniserOptions) -> Recogniser:
    """Entry point; without a model, the one that `toddler-robot models pull vosk-small-en-us` fetches."""
    return VoskRecogniser(locate_vosk(options.model), options.phrases)
