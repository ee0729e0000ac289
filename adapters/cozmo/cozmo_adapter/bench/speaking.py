"""What is heard of a talking robot: fidelity, cancelling, a restart in the middle, and sound after a long silence."""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
import wave
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import numpy.typing as npt

from cozmo_adapter.bench.ear import Ear, until
from cozmo_adapter.connection.library import pycozmo
from cozmo_adapter.robot import CozmoRobot
from cozmo_adapter.settings import CozmoSettings
from cozmo_adapter.simulator.robot import SimulatedCozmo
from cozmo_adapter.simulator.speaker import FRAME_RATE
from cozmo_adapter.speech.loudness import prepared
from cozmo_adapter.speech.ulaw import FRAME_SAMPLES, RATE_HZ, encode
from robot_runtime.bench.numbers import percentile
from robot_runtime.robot import Expression
from robot_runtime.voice.speech import Speech

CLIENT_RATE = 30.0
"""Frames a second that pycozmo sends."""

SETTINGS = CozmoSettings(volume=1.0, lead_in_s=0.2)
"""Full volume, so that samples can be compared."""


def babble(seconds: float, seed: int) -> Speech:
    """Something with the spectrum and the rhythm of speech, without a silent frame in it."""
    chance = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pitch = 280 + 30 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    voice = sum(np.sin(n * phase) / n for n in range(1, 12))
    sound = voice * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)) + 0.02 * chance.standard_normal(len(t))
    return Speech("babble", np.round(sound / np.abs(sound).max() * 20000).astype(np.int16), RATE_HZ)


@contextlib.asynccontextmanager
async def talking(ear: Ear, **about: Any) -> AsyncIterator[tuple[CozmoRobot, SimulatedCozmo]]:
    """A robot and a simulator that are connected."""
    simulated = SimulatedCozmo("127.0.0.1", 0, ear, **about)
    await simulated.start()
    robot = CozmoRobot(simulated.address, SETTINGS, lambda text: None)
    try:
        await robot.connect()
        yield robot, simulated
    finally:
        await robot.close()
        await simulated.stop()


async def bench_sound(seed: int) -> dict[str, Any]:
    """The simulator's sound against the samples that went in: speech, and a square wave at full scale."""
    square = np.where(np.arange(RATE_HZ) // 50 % 2, 32767, -32768).astype(np.int16)
    return {
        "speech": await _compare(prepared(babble(3.0, seed), SETTINGS.lead_in_s), babble(3.0, seed)),
        "full-scale square wave": await _compare(
            prepared(Speech("square", square, RATE_HZ), SETTINGS.lead_in_s), Speech("square", square, RATE_HZ)
        ),
        "u-law alone": _fidelity(prepared(babble(3.0, seed), 0.0), _decoded(prepared(babble(3.0, seed), 0.0))),
    }


async def bench_cancel(rounds: int, seed: int) -> dict[str, Any]:
    """Milliseconds from cancelling to the last audible sample, and whether the next utterance is whole."""
    waits, whole = [], 0
    speech = babble(2.0, seed)
    short = babble(0.5, seed)
    ear = Ear()
    async with talking(ear) as (robot, _):
        for number in range(rounds):
            saying = asyncio.create_task(robot.say(speech, Expression.HAPPY))
            await asyncio.sleep(0.6 + 0.037 * (number % 10))
            cancelled = time.monotonic()
            saying.cancel()
            await asyncio.wait([saying])
            await asyncio.sleep(0.5)
            last = ear.last_sound()
            waits.append(max(0.0, (last or cancelled) + FRAME_SAMPLES / RATE_HZ - cancelled) * 1e3)
            ear.played.clear()
            await robot.say(short, Expression.HAPPY)
            audible = sum(pcm.any() for _, pcm in ear.played)
            whole += int(audible >= len(short.pcm) // FRAME_SAMPLES)
    return {
        "p50_ms": round(percentile(waits, 0.5), 1),
        "max_ms": round(max(waits), 1),
        "rounds": rounds,
        "next_whole": whole,
    }


async def bench_reboot(rounds: int, seed: int) -> dict[str, Any]:
    """Seconds from a restarted robot's being back to its speaking again; it went in the middle of an utterance."""
    waits, finished = [], 0
    for number in range(rounds):
        ear = Ear()
        async with talking(ear, boot_s=1.0 + 2.5 * number) as (robot, simulated):
            saying = asyncio.create_task(robot.say(babble(3.0, seed), Expression.HAPPY))
            await asyncio.sleep(1.2)
            simulated.reboot()
            back = time.monotonic() + 1.0 + 2.5 * number
            if await until(lambda: ear.first_sound(back) is not None, 20.0):  # noqa: B023 (awaited here)
                waits.append((ear.first_sound(back) or 0.0) - back)
            await asyncio.wait([saying], timeout=20.0)
            finished += saying.done() and saying.exception() is None
    return {
        "back_to_speech_s": [round(wait, 2) for wait in waits],
        "restarts": rounds,
        "utterances_finished": finished,
    }


async def bench_idle(idle_min: float, accelerated: float, seed: int) -> dict[str, Any]:
    """Sound after a silence: dropped packets, gaps, and how much later it comes than right after connecting.

    Args:
        idle_min: minutes of silence.
        accelerated: how many times faster than a real robot the simulator falls behind the client's 30 frames a second;
            the silence is as much shorter.
        seed: of the sound.
    """
    rate = CLIENT_RATE - (CLIENT_RATE - FRAME_RATE) * accelerated
    wait = idle_min * 60 / accelerated
    ours, stock = await asyncio.gather(_ours_after(wait, rate, seed), _stock_after(wait, rate, seed))
    return {"idle_min": idle_min, "accelerated": accelerated, "ours": ours, "stock pycozmo": stock}


async def _ours_after(wait: float, rate: float, seed: int) -> dict[str, Any]:
    ear = Ear()
    latencies: list[int | None] = []
    async with talking(ear, frame_rate=rate) as (robot, simulated):
        for pause, seconds in ((0.5, 1.0), (wait, 10.0)):
            await asyncio.sleep(pause)
            ear.played.clear()
            began = time.monotonic()
            await robot.say(babble(seconds, seed), Expression.HAPPY)
            latencies.append(_milliseconds(began + SETTINGS.lead_in_s, ear.first_sound(began)))
        return _after(ear, simulated, latencies, 10.0)


async def _stock_after(wait: float, rate: float, seed: int) -> dict[str, Any]:
    ear = Ear()
    simulated = SimulatedCozmo("127.0.0.1", 0, ear, frame_rate=rate)
    await simulated.start()
    client = pycozmo.Client(simulated.address)
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    client.add_handler(pycozmo.event.EvtRobotReady, lambda _: loop.call_soon_threadsafe(ready.set))
    latencies: list[int | None] = []
    try:
        client.start()
        client.connect()
        await asyncio.wait_for(ready.wait(), 5.0)
        client.set_volume(65535)
        for pause, seconds in ((0.5, 1.0), (wait, 10.0)):
            await asyncio.sleep(pause)
            ear.played.clear()
            sound = _wav(babble(seconds, seed))
            began = time.monotonic()
            await asyncio.to_thread(client.play_audio, sound)
            await asyncio.sleep(seconds * 1.1 + 2.0)
            latencies.append(_milliseconds(began, ear.first_sound(began)))
        return _after(ear, simulated, latencies, 10.0)
    finally:
        await asyncio.to_thread(client.stop)
        await simulated.stop()


def _milliseconds(began: float, heard: float | None) -> int | None:
    """From `began` to what was heard; None if nothing was."""
    return None if heard is None else round((heard - began) * 1e3)


def _after(ear: Ear, simulated: SimulatedCozmo, latencies: list[int | None], seconds: float) -> dict[str, Any]:
    first, after = latencies
    return {
        "frames_sent": -(-round(seconds * RATE_HZ) // FRAME_SAMPLES),
        "frames_heard": int(sum(pcm.any() for _, pcm in ear.played)),
        "dropped_audio_frames": simulated.counters["dropped_audio_frames"],
        "latency_ms_at_first": first,
        "latency_ms_after": after,
        "added_latency_ms": None if first is None or after is None else after - first,
    }


async def _compare(wanted: npt.NDArray[np.int16], speech: Speech) -> dict[str, float]:
    ear = Ear()
    async with talking(ear) as (robot, _):
        await robot.say(speech, Expression.NEUTRAL)
    return _fidelity(wanted, ear.pcm()[: len(wanted)])


def _fidelity(wanted: npt.NDArray[np.int16], heard: npt.NDArray[np.int16]) -> dict[str, float]:
    if len(heard) < len(wanted):
        return {"correlation": 0.0, "snr_db": float("-inf")}
    a, b = wanted.astype(np.float64), heard.astype(np.float64)
    noise = float(np.sum((a - b) ** 2))
    return {
        "correlation": round(float(np.corrcoef(a, b)[0, 1]), 6),
        "snr_db": round(10 * np.log10(float(np.sum(a**2)) / max(noise, 1e-9)), 2),
    }


def _decoded(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    from cozmo_adapter.simulator.speaker import LEVELS

    decoded: npt.NDArray[np.int16] = LEVELS[encode(pcm)]
    return decoded


def _wav(speech: Speech) -> io.BytesIO:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.rate)
        file.writeframes(speech.pcm.tobytes())
    target.seek(0)
    return target
