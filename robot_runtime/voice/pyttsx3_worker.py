"""The process in which pyttsx3 runs; started as a plain script, so it may import only the standard library.

Protocol: one JSON object a line. In: `{"text", "file", "rate_wpm", "voice"}`. Out: `{"ready": version, "driver"}`
once, then `{"ok": voice}` when the file is complete, or `{"error": reason}`. End of input ends the process.

Each utterance gets an engine of its own: pyttsx3 2.99 writes only the second of two queued files, and never
forgets a file name it was given.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.metadata
import json
import os
import sys
from typing import Any


def main() -> None:
    """Answer requests until the input ends."""
    # pyttsx3 prints to standard output, and system libraries too; the protocol keeps a copy for itself alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    try:
        driver = _prepare()
        from pyttsx3.engine import Engine, default_engine_by_sys_platform
    except Exception as error:
        _answer(answers, error=f"{type(error).__name__}: {error}")
        return
    driver = driver or default_engine_by_sys_platform()
    _answer(answers, ready=importlib.metadata.version("pyttsx3"), driver=driver)
    for line in sys.stdin:
        try:
            _answer(answers, ok=_speak(Engine(driver), json.loads(line)))
        except Exception as error:
            _answer(answers, error=f"{type(error).__name__}: {error}")


def _prepare() -> str:
    """On Linux, let pyttsx3 find the espeak-ng of the extra; returns the driver to ask for, or nothing.

    pyttsx3 opens `libespeak-ng.so.1` by that name, which succeeds when a library so called is loaded already.
    """
    if sys.platform != "linux":
        return ""
    try:
        import espeakng_loader
    except ImportError:
        return "espeak"  # the system may have its own libespeak-ng
    ctypes.CDLL(espeakng_loader.get_library_path(), ctypes.RTLD_GLOBAL)
    os.environ["ESPEAK_DATA_PATH"] = str(espeakng_loader.get_data_path())
    return "espeak"


def _speak(engine: Any, request: dict[str, Any]) -> str:
    """Write one utterance to its file and return the identifier of the voice that spoke."""
    voice = request["voice"] or _english_female(engine)
    if voice:
        engine.setProperty("voice", voice)
    espeak = importlib.import_module("pyttsx3.drivers._espeak") if engine.driver_name == "espeak" else None
    if espeak:
        # espeak-ng's own thread sets the rate. pyttsx3 cancels what that is at when its loop begins: the rate would
        # now and then stay at its 200 words a minute.
        espeak.SetParameter(espeak.RATE, request["rate_wpm"], 0)
        espeak.Synchronize()
    else:
        engine.setProperty("rate", request["rate_wpm"])
    failures: list[Exception] = []
    engine.connect("error", lambda name, exception: failures.append(exception))
    engine.save_to_file(request["text"], request["file"])
    engine.runAndWait()
    if espeak:
        espeak.Synchronize()  # the loop ends while that thread may still be at work on a long text
    if failures:
        raise failures[0]
    return str(engine.getProperty("voice"))


def _english_female(engine: Any) -> str:
    """The identifier of a system voice nearest to a child's, or nothing when none says what it is."""
    if engine.driver_name == "espeak":
        return "en-us+f5"  # a variant, which the list of voices leaves out
    for voice in engine.getProperty("voices"):
        languages = [str(language).lower() for language in voice.languages or ()]
        if "female" in str(voice.gender).lower() and any(name.startswith("en") for name in languages):
            return str(voice.id)
    return ""


def _answer(stream: Any, **fields: str) -> None:
    print(json.dumps(fields), file=stream, flush=True)


if __name__ == "__main__":
    main()
