"""The operating system's own voice through pyttsx3, kept in a process of its own and shifted up to a child's.

pyttsx3 can hang, print, or take the process with it, so it lives behind a pipe: one utterance at a time, to a
file, with a deadline. A worker that fails is killed, and the next utterance starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robot_runtime.errors import MissingExtraError, VoiceError
from robot_runtime.voice.audiofile import read_sound
from robot_runtime.voice.pitch import median_f0
from robot_runtime.voice.settings import VoiceSettings
from robot_runtime.voice.speech import Speech, levelled, speakable

_WORKER = Path(__file__).with_name("pyttsx3_worker.py")
_CALIBRATION = "Mommy, where is my red ball?"
"""Spoken once, unheard, to find the pitch of the system voice."""
_MOST_SHIFT = 1.6
"""Beyond this factor a shifted adult voice stops being understandable (formants leave the range of vowels)."""


class _WorkerEnded(VoiceError):
    """The worker's end of the pipe is closed."""


class Pyttsx3Voice:
    """Speaks with a system voice: NSSpeechSynthesizer on macOS, SAPI on Windows, espeak-ng on Linux."""

    name = "pyttsx3"

    def __init__(self, settings: VoiceSettings) -> None:
        """Remember the settings; the worker starts with the first utterance.

        Raises:
            MissingExtraError: the extra `pyttsx3` is not installed.
        """
        if importlib.util.find_spec("pyttsx3") is None:
            raise MissingExtraError("The system voice", "pyttsx3")
        self._settings = settings
        self._turn = asyncio.Lock()
        self._worker: asyncio.subprocess.Process | None = None
        self._hello: dict[str, str] = {}
        self._spoken_by = ""
        self._shift = 0.0

    async def synthesize(self, text: str) -> Speech:
        """See `Voice.synthesize`; pyttsx3 tells no phoneme times. A cancelled call ends the worker."""
        cleaned = speakable(text)
        if not cleaned:
            return Speech.silence(text)
        async with self._turn:
            try:
                async with asyncio.timeout(self._settings.deadline_s):
                    if not self._shift:
                        sample, rate = await self._record(_CALIBRATION, self._settings.rate_wpm)
                        self._shift = _shift_for(median_f0(sample, rate), self._settings.target_f0_hz)
                    # Shifting up also speeds up, so the system voice speaks slower by the same factor.
                    pcm, rate = await self._record(cleaned, round(self._settings.rate_wpm / self._shift))
            except TimeoutError:
                await self._stop()
                raise VoiceError(
                    f"The system voice took longer than {self._settings.deadline_s:g} s for {text[:40]!r}."
                ) from None
            except BaseException:
                await self._stop()
                raise
        pcm = pcm[: int(self._settings.max_seconds * self._shift * rate)]
        return Speech(text, levelled(_shifted(_trimmed(pcm), self._shift)), rate)

    def describe(self) -> dict[str, Any]:
        """See `Voice.describe`; driver, version and voice are known after the first utterance."""
        return {
            "engine": self.name,
            "version": self._hello.get("ready", ""),
            "driver": self._hello.get("driver", ""),
            "voice": self._spoken_by,
            "shift": round(self._shift, 3),
            "rate_wpm": self._settings.rate_wpm,
        }

    async def aclose(self) -> None:
        """See `Voice.aclose`: ends the worker."""
        async with self._turn:
            await self._stop()

    async def _record(self, text: str, rate_wpm: int) -> tuple[npt.NDArray[np.int16], int]:
        """Have the worker speak `text` into a file, and read that; once more if the worker ended meanwhile."""
        try:
            return await self._ask(text, rate_wpm)
        except _WorkerEnded:
            await self._stop()
            return await self._ask(text, rate_wpm)

    async def _ask(self, text: str, rate_wpm: int) -> tuple[npt.NDArray[np.int16], int]:
        """Send one request to the worker and read the file it writes."""
        worker = await self._running()
        with tempfile.TemporaryDirectory(prefix="voice-") as folder:
            file = Path(folder) / "speech.wav"
            voice = self._settings.system_voice
            request = {"text": text, "file": str(file), "rate_wpm": rate_wpm, "voice": voice}
            assert worker.stdin is not None
            with contextlib.suppress(ConnectionError):  # the missing answer tells the same
                worker.stdin.write(json.dumps(request).encode() + b"\n")
                await worker.stdin.drain()
            self._spoken_by = (await _answer(worker))["ok"]
            return read_sound(file)

    async def _running(self) -> asyncio.subprocess.Process:
        """Return the worker, started if there is none or if it has died."""
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        await self._stop()
        self._worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the worker's own folder must not shadow what pyttsx3 imports
            str(_WORKER),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._hello = await _answer(self._worker)
        return self._worker

    async def _stop(self) -> None:
        """Kill the worker, if any, and wait until it is gone."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.communicate()


async def _answer(worker: asyncio.subprocess.Process) -> dict[str, str]:
    """Read the worker's next line; raises `VoiceError` when it reports a failure or has ended."""
    assert worker.stdout is not None
    line = await worker.stdout.readline()
    if not line:
        raise _WorkerEnded("The system voice's process ended twice in one utterance; the next starts another.")
    answer: dict[str, str] = json.loads(line)
    if "error" in answer:
        raise VoiceError(f"The system voice failed: {answer['error']}.")
    return answer


def _shift_for(f0_hz: float, target_hz: float) -> float:
    """The factor that brings a voice of `f0_hz` (0 = unknown) towards the target, 1 .. `_MOST_SHIFT`."""
    return min(max(target_hz / f0_hz, 1.0), _MOST_SHIFT) if f0_hz else 1.0


def _shifted(pcm: npt.NDArray[np.int16], factor: float) -> npt.NDArray[np.int16]:
    """Raise pitch and formants together by `factor` >= 1, as a smaller speaker would; shortens by the same."""
    size = round(len(pcm) / factor)
    if size == len(pcm) or not size:
        return pcm
    samples = np.fft.irfft(np.fft.rfft(pcm)[: size // 2 + 1], size) * (size / len(pcm))
    return np.clip(np.round(samples), -32768, 32767).astype(np.int16)


def _trimmed(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Cut the silence before and after (below 1 % of the peak); system voices pad with up to half a second."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 0.01 * np.abs(pcm.astype(np.int32)).max(initial=0))
    return pcm[loud[0] : loud[-1] + 1] if len(loud) else pcm[:0]
