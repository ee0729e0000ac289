"""PocketSphinx: an old recogniser that needs no download, since its package holds a model of English.

It is made for lists of phrases. Measured with synthetic voices: all of a hundred known sentences were right, and of
free speech a third of the words was wrong. It has no notion of unknown words: what is said becomes the nearest phrase.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.recogniser import RATE, Heard, Recogniser, RecogniserOptions, Word
from robot_runtime.errors import MissingExtraError, ModelError, SettingsError

FRAME_S = 0.01
"""Seconds of a frame in which it counts time (its setting `frate`)."""


class PocketSphinxRecogniser:
    """PocketSphinx with its own model; see `Recogniser`."""

    def __init__(self, phrases: tuple[str, ...] = ()) -> None:
        """Load the model.

        Args:
            phrases: as in `RecogniserOptions`, of words of the CMU dictionary.

        Raises:
            MissingExtraError: pocketsphinx is not installed.
            ModelError: a phrase has a word that is not in its dictionary.
        """
        try:
            import pocketsphinx
        except ModuleNotFoundError as error:
            raise MissingExtraError("The recogniser pocketsphinx", "pocketsphinx") from error
        free = {} if phrases else {"lm": pocketsphinx.get_model_path("en-us/en-us.lm.bin")}
        self._decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL", **({"lm": None} | free))
        for word in {word for phrase in phrases for word in phrase.split()}:
            if not re.fullmatch(r"[a-z'-]+", word) or self._decoder.lookup_word(word) is None:
                raise ModelError(f"pocketsphinx has no word {word!r}: take it out of the phrases")
        if phrases:
            listed = " | ".join(phrases)
            self._decoder.add_jsgf_string("phrases", f"#JSGF V1.0; grammar phrases; public <phrase> = {listed};")
            self._decoder.activate_search("phrases")
        self._decoder.start_utt()

    def accept(self, pcm: NDArray[np.int16]) -> None:
        """Listen."""
        self._decoder.process_raw(pcm.tobytes())

    def partial(self) -> str:
        """Say what has been understood."""
        best = self._decoder.hyp()
        return best.hypstr if best else ""

    def finish(self) -> Heard:
        """Say what was said."""
        self._decoder.end_utt()
        heard = [
            # A word said in its second way is written `your(2)`; silence and noise are `<sil>` and `[NOISE]`.
            Word(part.word.split("(")[0], part.start_frame * FRAME_S, (part.end_frame + 1) * FRAME_S, part.prob)
            for part in self._decoder.seg() or ()
            if part.word[0] not in "<[+"
        ]
        self._decoder.start_utt()
        return Heard(tuple(heard))

    def reset(self) -> None:
        """Forget."""
        self.finish()

    def close(self) -> None:
        """Let go of the model."""
        del self._decoder


def open_recogniser(options: RecogniserOptions) -> Recogniser:
    """Entry point.

    Raises:
        SettingsError: a model is named, but this recogniser has only its own.
    """
    if options.model is not None:
        raise SettingsError(f"the recogniser pocketsphinx has a model of its own: leave {options.model} out")
    return PocketSphinxRecogniser(options.phrases)
