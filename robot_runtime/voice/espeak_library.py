"""The espeak-ng shared library through ctypes: structures, loading, one utterance.

Everything here must run in one thread: the library keeps its state in globals. For the same reason it is loaded
anew for each utterance (1.5 ms): its oscillators, pitch flutter and gain control carry over from one utterance to
the next even through `espeak_Terminate`, and the same text would then never give the same samples twice.
The interface is that of espeak-ng 1.52's public header `speak_lib.h`.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from robot_runtime.errors import MissingExtraError, VoiceError

_SYNCHRONOUS = 2
"""Samples come through the callback, within the call that asked for them."""
_PHONEME_EVENTS, _DO_NOT_EXIT = 0x0001, 0x8000
_BUFFER_MS = 100
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Sound:
    """One utterance as the library gave it."""

    pcm: bytes
    """Mono 16-bit samples in the machine's byte order."""
    rate: int
    """Hz."""
    phonemes: tuple[tuple[str, int], ...]
    """Mnemonic as espeak writes it, and the sample at which it starts."""
    words: tuple[tuple[int, int], ...]
    """Where a word stands in the text, counted in characters, and the sample at which it starts."""


@dataclass(frozen=True)
class Library:
    """Where the library and its data are."""

    path: Path
    """The shared library."""
    data: Path
    """The folder espeak-ng-data."""

    def version(self) -> str:
        """Return the library's own version."""
        with self._loaded() as (handle, _):
            handle.espeak_Info.restype = ctypes.c_char_p
            return str(handle.espeak_Info(None).decode())

    def check(self, voice_file: Path) -> None:
        """Refuse a voice file that would crash the library instead of failing.

        Raises:
            VoiceError: it cannot be read, is incomplete, or names phonemes that espeak-ng does not have.
        """
        table = _fields(voice_file)["phonemes"]
        # Names in `phontab` fill 32 bytes; espeak-ng 1.52 follows a null pointer for one that is not there.
        if table.encode().ljust(32, b"\0") not in (self.data / "phontab").read_bytes():
            raise VoiceError(f"{voice_file} asks for the phonemes {table!r}, which espeak-ng does not have.")

    def speak(
        self,
        text: str,
        voice_file: Path,
        *,
        rate_wpm: int,
        pitch: int,
        pitch_range: int,
        max_seconds: float,
        cancelled: Callable[[], bool],
    ) -> Sound:
        """Return `text` spoken with `voice_file`; stops early at `max_seconds` or once `cancelled()` is true.

        Raises:
            VoiceError: the library refused the voice or the text, or fell back to another voice.
        """
        chunks: list[bytes] = []
        phonemes: list[tuple[str, int]] = []
        words: list[tuple[int, int]] = []
        with self._loaded() as (handle, sample_rate):
            size, most = 0, int(max_seconds * sample_rate)

            def receive(samples: object, count: int, events: ctypes.Array[_Event]) -> int:
                nonlocal size
                if count > 0:
                    chunks.append(ctypes.string_at(samples, 2 * count))  # type: ignore[arg-type]
                    size += count
                index = 0
                while events[index].type != _EVENT_END:
                    if events[index].type == _EVENT_WORD:
                        words.append((events[index].text_position - 1, events[index].sample))
                    if events[index].type == _EVENT_PHONEME:
                        name = events[index].id.string.decode("utf-8", "replace")
                        phonemes.append((name, events[index].sample))
                    index += 1
                return int(size >= most or cancelled())

            callback = _Callback(receive)
            handle.espeak_SetSynthCallback(callback)
            _select_voice(handle, voice_file)
            for parameter, value in ((_RATE, rate_wpm), (_PITCH, pitch), (_RANGE, pitch_range)):
                handle.espeak_SetParameter(parameter, value, 0)
            encoded = text.encode("utf-8")
            handle.espeak_Synth.argtypes = (
                (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint)
                + (ctypes.c_void_p,) * 2
            )  # fmt: skip
            status = handle.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
            if status != 0:
                raise VoiceError(f"espeak-ng could not speak {text[:40]!r} (status {status}).")
        end = min(size, most)
        kept = tuple((name, at) for name, at in phonemes if at < end)
        return Sound(b"".join(chunks)[: 2 * most], sample_rate, kept, tuple(word for word in words if word[1] < end))

    @contextmanager
    def _loaded(self) -> Iterator[tuple[ctypes.CDLL, int]]:
        """Load and initialise the library, yield it with its sampling rate in Hz, and unload it again."""
        handle = ctypes.CDLL(str(self.path))
        try:
            with _short_path(self.data) as data:
                rate = handle.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, _PHONEME_EVENTS | _DO_NOT_EXIT)
                handle.espeak_ng_SetRandSeed(ctypes.c_long(1))  # else by the clock: another breath noise each second
                if rate <= 0:
                    raise VoiceError(f"espeak-ng found no usable data in {self.data}: reinstall espeakng-loader.")
                yield handle, rate
                handle.espeak_Terminate()
        finally:
            _ctypes.dlclose(handle._handle)


def find_library() -> Library:
    """Return the library that the extra `espeak` installs.

    Raises:
        MissingExtraError: the extra is not installed.
        VoiceError: this is not Linux, where the library can be loaded and unloaded as we need it.
    """
    if sys.platform != "linux":
        raise VoiceError("The espeak voice is for Linux: set the voice's engine to pyttsx3.")
    try:
        import espeakng_loader
    except ImportError:
        raise MissingExtraError("The espeak-ng voice", "espeak") from None
    return Library(Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path()))


def _select_voice(handle: ctypes.CDLL, voice_file: Path) -> None:
    """Make `voice_file` the voice, and make sure that it really is: espeak falls back without a word."""
    wanted = voice_name(voice_file)
    with _short_path(voice_file) as path:
        status = handle.espeak_SetVoiceByFile(path)
    handle.espeak_GetCurrentVoice.restype = ctypes.POINTER(_Voice)
    current = handle.espeak_GetCurrentVoice()
    loaded, identifier = (
        ((current.contents.name or b"").decode(), current.contents.identifier) if current else ("", b"")
    )
    if status != 0 or loaded != wanted or identifier != path:
        raise VoiceError(
            f"espeak-ng did not load the voice {wanted!r} from {voice_file} (status {status}, it would speak as "
            f"{loaded!r}): check the file against voices/toddler."
        )


def voice_name(voice_file: Path) -> str:
    """Return the name that a voice file gives itself; raises `VoiceError` as `_fields` does."""
    return _fields(voice_file)["name"]


def _fields(voice_file: Path) -> dict[str, str]:
    """Return the attributes of a voice file.

    Raises:
        VoiceError: it cannot be read, or lacks one that espeak-ng cannot do without.
    """
    try:
        lines = voice_file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise VoiceError(f"The voice file {voice_file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise VoiceError(f"The voice file {voice_file} cannot be read: it is not UTF-8 text.") from error
    fields = {words[0]: " ".join(words[1:]) for line in lines if len(words := line.split()) > 1}
    for needed in ("name", "language", "phonemes"):
        if needed not in fields:
            raise VoiceError(f"{voice_file} is no espeak-ng voice file: it has no {needed!r} line.")
    return fields


@contextmanager
def _short_path(path: Path) -> Iterator[bytes]:
    """Yield a short name of `path`: espeak cuts paths at 60 to 160 bytes and splits a voice's path at `+`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield b"/proc/self/fd/%d" % descriptor
    finally:
        os.close(descriptor)
