"""The adapter drives a Cozmo on the wire, through good and bad Wi-Fi."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
import pytest

from cozmo_adapter.bench.ear import Ear, until
from cozmo_adapter.bench.speaking import babble
from cozmo_adapter.entry import open_robot
from cozmo_adapter.robot import CozmoRobot
from cozmo_adapter.simulator.faults import Faults
from cozmo_adapter.simulator.robot import SimulatedCozmo
from cozmo_adapter.speech.loudness import prepared
from cozmo_adapter.speech.ulaw import FRAME_SAMPLES
from robot_runtime.errors import RobotError, SettingsError
from robot_runtime.reach import LinkState
from robot_runtime.robot import Expression, RobotOptions
from robot_runtime.voice.speech import Phoneme, Speech

SPEECH = babble(1.5, seed=3)


def audible(ear: Ear) -> int:
    """Frames of sound that were played."""
    return int(sum(pcm.any() for _, pcm in ear.played))


def count(ear: Ear, name: str) -> int:
    return sum(message.name == name for _, message in ear.commands)


def heard_like(ear: Ear, speech: Speech) -> float:
    """Correlation of what was played with what should have been."""
    wanted = prepared(speech, 0.2)
    heard = ear.pcm()[: len(wanted)]
    return float(np.corrcoef(wanted.astype(float), heard.astype(float))[0, 1]) if len(heard) == len(wanted) else 0.0


async def next_event(robot: CozmoRobot, kind: str, deadline_s: float = 8.0) -> None:
    async def wait() -> None:
        async for event in robot.events():
            if event.kind == kind:
                return

    await asyncio.wait_for(wait(), deadline_s)


async def test_speech_is_played_to_its_last_sample(cozmo: CozmoRobot, ear: Ear) -> None:
    started: list[float] = []
    await cozmo.say(SPEECH, Expression.HAPPY, lambda: started.append(time.monotonic()))
    ended = time.monotonic()
    assert len(started) == 1
    last = ear.last_sound()
    assert last
    assert -0.02 < ended - last < 0.3
    assert heard_like(ear, SPEECH) > 0.999


async def test_speech_survives_a_bad_wifi(cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear) -> None:
    simulated.faults = Faults(
        loss_up=0.05, loss_down=0.05, duplicate_up=0.05, reorder_down=0.05, delay_ms=5, jitter_ms=15, seed=4
    )
    for _ in range(2):
        ear.played.clear()
        await cozmo.say(SPEECH, Expression.HAPPY)
        assert audible(ear) >= len(SPEECH.pcm) // FRAME_SAMPLES  # nothing of it is lost, be it late
    assert simulated.counters["dropped_audio_frames"] == 0


async def test_cancelled_speech_is_silent_at_once_and_the_next_one_whole(cozmo: CozmoRobot, ear: Ear) -> None:
    saying = asyncio.create_task(cozmo.say(SPEECH, Expression.HAPPY))
    assert await until(lambda: audible(ear) > 5, 3.0)
    cancelled = time.monotonic()
    saying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saying
    ear.played.clear()
    await cozmo.say(SPEECH, Expression.HAPPY)
    first = ear.first_sound(cancelled + 0.15)
    assert first
    assert not any(pcm.any() for at, pcm in ear.played if cancelled + 0.15 < at < first)
    assert sum(pcm.any() for at, pcm in ear.played if at >= first) >= len(SPEECH.pcm) // FRAME_SAMPLES
    assert cozmo.link.state is LinkState.UP


@pytest.mark.parametrize("seconds", [1.2, 2.5])
async def test_a_gap_in_the_wifi_while_it_speaks_costs_neither_session_nor_words(
    cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear, seconds: float
) -> None:
    session = cozmo.link.session
    saying = asyncio.create_task(cozmo.say(SPEECH, Expression.HAPPY))
    assert await until(lambda: audible(ear) > 5, 3.0)
    simulated.faults = Faults(loss_up=1.0, loss_down=1.0)
    await asyncio.sleep(seconds)
    simulated.faults = Faults()
    await asyncio.wait_for(saying, 8.0)
    assert cozmo.link.session is session
    assert audible(ear) == pytest.approx(len(SPEECH.pcm) / FRAME_SAMPLES, abs=2)  # each frame once


async def test_what_waits_for_the_robot_is_not_said_once_it_has_been_stopped(
    cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear
) -> None:
    simulated.power_off()
    await next_event(cozmo, "degraded")
    saying = asyncio.create_task(cozmo.say(SPEECH, Expression.HAPPY))
    await asyncio.sleep(0)
    await cozmo.stop()
    simulated.power_on()
    with pytest.raises(RobotError, match="stopped before it spoke"):
        await asyncio.wait_for(saying, 10.0)
    assert audible(ear) == 0


async def test_a_robot_that_plays_nothing_fails_each_utterance_in_time(
    cozmo: CozmoRobot, simulated: SimulatedCozmo
) -> None:
    simulated.body.speaker._play = lambda: []  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(RobotError, match="plays no sound"):
            await asyncio.wait_for(cozmo.say(SPEECH, Expression.HAPPY), 3.0)


async def test_a_robot_that_tells_nothing_of_its_sound_fails_each_utterance_in_time(
    cozmo: CozmoRobot, simulated: SimulatedCozmo
) -> None:
    saying = asyncio.create_task(cozmo.say(SPEECH, Expression.HAPPY))
    await asyncio.sleep(0.5)
    simulated.body.speaker.enabled = False
    with pytest.raises(RobotError, match="plays no sound"):
        await asyncio.wait_for(saying, 12.0)
    with pytest.raises(RobotError, match="plays no sound"):
        await asyncio.wait_for(cozmo.say(SPEECH, Expression.HAPPY), 14.0)


async def test_a_restart_in_the_middle_begins_the_utterance_again(
    cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear
) -> None:
    saying = asyncio.create_task(cozmo.say(SPEECH, Expression.HAPPY))
    assert await until(lambda: audible(ear) > 5, 3.0)
    simulated.reboot()
    ear.played.clear()
    await asyncio.wait_for(saying, 15.0)
    assert heard_like(ear, SPEECH) > 0.999  # the volume, 0 after a restart, has been set again
    await next_event(cozmo, "reconnected")


async def test_a_robot_that_has_gone_costs_the_utterance_alone(
    cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear
) -> None:
    object.__setattr__(cozmo._settings, "patience_s", 0.5)
    cozmo._playback._patience_s = 0.5
    simulated.power_off()
    await next_event(cozmo, "disconnected")
    with pytest.raises(RobotError, match="Cozmo has gone"):
        await cozmo.say(SPEECH, Expression.HAPPY)
    simulated.power_on()
    await next_event(cozmo, "reconnected", 12.0)
    ear.played.clear()
    await cozmo.say(SPEECH, Expression.HAPPY)
    assert heard_like(ear, SPEECH) > 0.999


async def test_face_head_lights_and_lift_show_what_it_does(
    cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear
) -> None:
    await cozmo.express(Expression.LISTENING)
    assert await until(lambda: simulated.look().head_deg > 20, 5.0)
    assert simulated.look().lift_mm == pytest.approx(32, abs=1)
    listening = simulated.look()
    assert listening.face is not None
    assert listening.backpack[2][2] > listening.backpack[2][0]  # blue
    await cozmo.express(Expression.SAD)
    assert await until(lambda: simulated.look().head_deg < 0, 5.0)
    sad = simulated.look()
    assert sad.face is not None
    assert (sad.face != listening.face).sum() > 100


async def test_the_mouth_moves_with_the_phonemes(cozmo: CozmoRobot, simulated: SimulatedCozmo) -> None:
    spoken = Speech("mama", SPEECH.pcm, SPEECH.rate, tuple(Phoneme("ma"[n % 2], 150.0 * n) for n in range(10)))
    mouths = set()
    saying = asyncio.create_task(cozmo.say(spoken, Expression.NEUTRAL))
    while not saying.done():
        face = simulated.look().face
        if face is not None:
            mouths.add(int(face[22:, 40:88].sum()))
        await asyncio.sleep(0.02)
    assert len(mouths) >= 4


async def test_nothing_moves_on_the_charger_and_all_of_it_after(
    cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear
) -> None:
    simulated.inject("charger_on")
    await next_event(cozmo, "charger_on")
    ear.commands.clear()
    await cozmo.express(Expression.LISTENING)
    await asyncio.sleep(0.7)
    assert count(ear, "SetHeadAngle") == count(ear, "SetLiftHeight") == 0
    simulated.inject("charger_off")
    await next_event(cozmo, "charger_off")
    assert await until(lambda: simulated.look().head_deg > 20, 5.0)


async def test_stop_is_still_and_silent_until_resumed(cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear) -> None:
    saying = asyncio.create_task(cozmo.say(SPEECH, Expression.HAPPY))
    assert await until(lambda: audible(ear) > 5, 3.0)
    stopped = time.monotonic()
    await cozmo.stop()
    with pytest.raises(RobotError, match="silenced"):
        await saying
    assert await until(lambda: count(ear, "StopAllMotors") > 0, 1.0)
    with pytest.raises(RobotError, match="stopped"):
        await cozmo.say(SPEECH, Expression.HAPPY)
    ear.commands.clear()
    await cozmo.express(Expression.LISTENING)
    await asyncio.sleep(0.5)
    assert count(ear, "SetHeadAngle") == 0
    assert not any(pcm.any() for at, pcm in ear.played if at > stopped + 0.15)
    await cozmo.resume()
    await cozmo.say(SPEECH, Expression.HAPPY)
    assert await until(lambda: count(ear, "SetHeadAngle") > 0, 5.0)


@pytest.mark.parametrize(
    ("injected", "kind"),
    [
        (("picked_up",), "picked_up"),
        (("cliff_on",), "cliff"),
        (("fall", "landed"), "fallen"),
        (("on_back",), "fallen"),
        (("tap",), "tapped"),
        (("button",), "button"),
        (("charger_on",), "charger_on"),
        (("battery=3.4",), "battery_critical"),
    ],
)
async def test_what_happens_to_the_body_is_felt(
    cozmo: CozmoRobot, simulated: SimulatedCozmo, injected: tuple[str, ...], kind: str
) -> None:
    for name in injected:
        simulated.inject(name)
    await next_event(cozmo, kind, 10.0)


async def test_a_still_face_costs_little(cozmo: CozmoRobot, simulated: SimulatedCozmo, ear: Ear) -> None:
    await asyncio.sleep(1.0)
    ear.commands.clear()
    await asyncio.sleep(3.0)
    assert count(ear, "OutputSilence") < 45  # stock pycozmo sends 90
    assert count(ear, "OutputAudio") == 0


async def test_no_shakes_the_head_and_yes_nods(cozmo: CozmoRobot, ear: Ear) -> None:
    await cozmo.express(Expression.LISTENING)
    assert await until(lambda: count(ear, "SetHeadAngle") > 0, 5.0)
    await asyncio.sleep(1.0)
    angles: dict[str, list[float]] = {}
    for text in ("no, mine!", "yes!", "hm"):
        ear.commands.clear()
        await cozmo.say(Speech(text, SPEECH.pcm, SPEECH.rate), Expression.LISTENING)
        angles[text] = [message["angle_rad"] for _, message in ear.commands if message.name == "SetHeadAngle"]
    assert np.ptp(angles["no, mine!"]) > 0.08
    assert np.ptp(angles["yes!"]) > 0.08
    assert not angles["hm"]


async def test_cubes_are_connected_and_their_taps_are_felt(cozmo: CozmoRobot, simulated: SimulatedCozmo) -> None:
    assert await until(lambda: len(simulated.look().cubes) == 3, 6.0)
    simulated.inject("cube_tap")
    await next_event(cozmo, "cube_tapped")


async def test_it_is_left_calm_and_still(simulated: SimulatedCozmo, ear: Ear) -> None:
    robot = open_robot(RobotOptions(address="{}:{}".format(*simulated.address)))
    await robot.connect()
    await robot.express(Expression.LISTENING)
    assert await until(lambda: simulated.look().head_deg > 20, 5.0)
    ear.commands.clear()
    await robot.close()
    await robot.close()
    assert await until(lambda: not simulated.look().client, 1.0)
    assert abs(simulated.look().head_deg) < 4
    assert count(ear, "SetLiftHeight") == 1
    assert not any(sum(lamp) for lamp in simulated.look().backpack)


async def test_a_robot_that_is_not_there_is_told_with_what_to_do() -> None:
    robot = open_robot(RobotOptions(address="127.0.0.1:9", settings={"connect_s": 1}))
    with pytest.raises(RobotError, match=r"cannot reach Cozmo at 127\.0\.0\.1:9.*Wi-Fi"):
        await robot.connect()
    await robot.close()


def test_settings_are_checked() -> None:
    with pytest.raises(SettingsError, match=r"\[robot\] volume is 3.0: choose a value from 0 to 1"):
        open_robot(RobotOptions(settings={"volume": 3.0}))
    with pytest.raises(SettingsError, match="did you mean 'volume'"):
        open_robot(RobotOptions(settings={"volum": 0.3}))
    with pytest.raises(SettingsError, match="is no robot's address"):
        open_robot(RobotOptions(address="not an address"))


def test_the_package_says_nothing_heavy_when_it_is_named() -> None:
    source = Path(__file__).parents[3] / "adapters" / "cozmo" / "cozmo_adapter" / "entry.py"
    assert "pycozmo" not in source.read_text()
