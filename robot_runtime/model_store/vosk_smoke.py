"""The child process of `verify`: load a Vosk model and let it listen to a second of silence.

Started as `python -m robot_runtime.model_store.vosk_smoke FOLDER`. What Vosk does to a damaged model, up to aborting,
it does here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.vosk_recogniser import VoskRecogniser
from robot_runtime.errors import ModelError

if __name__ == "__main__":
    try:
        recogniser = VoskRecogniser(Path(sys.argv[1]))
        recogniser.accept(np.zeros(RATE, np.int16))
        recogniser.finish()
    except ModelError as error:
        sys.exit(str(error))
