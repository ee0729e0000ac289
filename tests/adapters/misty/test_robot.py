"""The whole robot against the simulator, over real sockets."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from misty_adapter.bench.ear import Ear, babble
from misty_adapter.body.faces import png
from misty_adapter.connection import assets
from misty_adapter.robot import MistyRobot
from misty_adapter.settings import MistySettings
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_talk import STILL, Script, event, face, robot, until
from robot_runtime.errors import RobotError
from robot_runtime.robot import Expression
from robot_runtime.voice.speech import Phoneme


async def test_old_files_of_ours_go_and_the_owner_s_stay() -> None:
    ear = Ear()
    simulated = SimulatedMisty(recording=ear)
    simulated.misty.assets.save("images", "toddler-robot-face-0000-happy.png", b"x", True, (1, 1))
    simulated.misty.assets.save("audio", "toddler-robot-99.wav", b"x", True)
    simulated.misty.assets.save("audio", "grandmother.wav", b"x", True)
    await simulated.start()
    host, port = simulated.address.split(":")
    one = MistyRobot((host, int(port)), STILL, lambda text: None)
    await one.connect()
    names = {asset.name for kind in ("images", "audio") for asset in simulated.misty.assets.list(kind)}
    assert not names & {"toddler-robot-face-0000-happy.png", "toddler-robot-99.wav"}
    assert "grandmother.wav" in names
    await one.close()
    await simulated.stop()


async def test_face_light_head_and_arms_follow_the_expression() -> None:
    async with robot(MistySettings()) as (one, simulated, ear):
        await one.express(Expression.THINKING)
        misty = simulated.misty
        await until(lambda: "thinking" in face(simulated))
        await until(lambda: misty.lights.transition == "Breathe")
        await until(lambda: misty.body.yaw.target == 16)
        await one.express(Expression.SURPRISED)
        await until(lambda: misty.body.left_arm.target == -10)
        assert not misty.lights.own_cues
        assert misty.screen.blink_images
        sounds = (Phoneme("m", 0), Phoneme("a", 600), Phoneme("m", 1000))
        speaking = asyncio.create_task(one.say(dataclasses.replace(babble(1.5, 1), phonemes=sounds), Expression.SAD))
        shown: set[str] = set()
        while not speaking.done():
            shown.add(face(simulated))
            await asyncio.wait([speaking], timeout=0.02)
        assert {"sad.png", "sad-talks.png"} <= shown
        assert ear.heard[-1].complete
        assert misty.body.encoders()["leftDistance"] == 0
    assert simulated.misty.lights.own_cues
    assert simulated.misty.lights.first == (12, 12, 12)
    assert simulated.misty.body.left_arm.target == 88
    assert face(simulated) == "neutral.png"
    assert not simulated.pubsub.subscriptions


async def test_stop_is_silence_and_stillness_until_resume() -> None:
    async with robot(MistySettings()) as (one, simulated, ear):
        started = asyncio.Event()
        speaking = asyncio.create_task(one.say(babble(3.0, 1), Expression.HAPPY, started.set))
        await asyncio.wait_for(started.wait(), 5)
        await one.stop()
        with pytest.raises(RobotError, match="silenced"):
            await speaking
        assert ear.heard[-1].complete is False
        simulated.faults = script = Script()
        await one.express(Expression.SURPRISED)
        with pytest.raises(RobotError, match="stopped"):
            await one.say(babble(0.3, 1), Expression.SAD)
        await until(lambda: "images/display" in script.asked)
        await asyncio.sleep(0.5)
        assert not {"head", "arms/set"} & set(script.asked)
        await one.resume()
        await until(lambda: {"head", "arms/set"} <= set(script.asked))
        await one.say(babble(0.3, 1), Expression.SAD)
        assert ear.heard[-1].complete


async def test_stop_before_the_first_word_is_silence_too() -> None:
    async with robot() as (one, simulated, ear):
        simulated.faults = Script(audio=["slow"])
        speaking = asyncio.create_task(one.say(babble(0.5, 1), Expression.HAPPY))
        await until(lambda: simulated.misty.assets.find("audio", assets.RING[0]) is not None)
        await one.stop()
        with pytest.raises(RobotError, match="silenced before it spoke"):
            await speaking
        assert not ear.heard


async def test_what_happens_to_the_body_is_told() -> None:
    async with robot(MistySettings(key_phrase=True)) as (one, simulated, _):
        for line, kind, data in (
            ("touch Scruff", "touched", {"position": "Scruff"}),
            ("bump brl", "bumped", {"sensor": "brl"}),
            ("battery 7", "battery_critical", {"percent": 7}),
            ("charging on", "charger_on", {}),
            ("face Ann 20", "face_seen", {"name": "Ann"}),
            ("keyphrase", "key_phrase", {}),
        ):
            simulated.inject(line)
            assert (await event(one, kind)).data == data
        await until(lambda: simulated.misty.body.yaw.target > 10)
        await until(lambda: simulated.misty.ears.armed)


async def test_a_half_open_socket_is_noticed_and_replaced() -> None:
    async with robot() as (one, simulated, _):
        for socket in simulated.pubsub.sockets:
            socket.half_open = True
        with pytest.raises(RobotError, match="nobody knows whether it was heard"):
            await one.say(babble(0.4, 1), Expression.HAPPY)
        await event(one, "degraded")
        await event(one, "disconnected")
        await event(one, "reconnected")
        simulated.inject("touch Chin")
        await event(one, "touched")


async def test_after_a_restart_everything_is_set_up_again() -> None:
    async with robot(boot_s=1.0) as (one, simulated, ear):
        await one.say(babble(0.2, 1), Expression.HAPPY)
        for name in [asset.name for asset in simulated.misty.assets.list("images") if not asset.system]:
            simulated.misty.assets.delete("images", name)
        simulated.inject("reboot")
        await event(one, "disconnected")
        speaking = asyncio.create_task(one.say(babble(0.3, 2), Expression.SAD))
        await event(one, "reconnected")
        await speaking
        assert ear.heard[-1].complete
        await until(lambda: not simulated.misty.lights.own_cues)
        await until(lambda: face(simulated) == "sad.png")
        assert simulated.misty.screen.blink_images


async def test_closing_is_quick_when_the_robot_has_gone() -> None:
    async with robot() as (one, simulated, _):
        await simulated.stop()
        began = time.monotonic()
        await one.close()
        assert time.monotonic() - began < 3.5


async def test_an_old_firmware_is_talked_with_and_told_about() -> None:
    notices: list[str] = []
    simulated = SimulatedMisty(recording=(ear := Ear()), firmware="early-2019")
    await simulated.start()
    host, port = simulated.address.split(":")
    one = MistyRobot((host, int(port)), MistySettings(), notices.append)
    await one.connect()
    assert sum("lacks some commands" in notice for notice in notices) == 1
    await one.say(babble(0.3, 1), Expression.HAPPY)
    assert ear.heard[-1].complete
    await one.close()
    own = MistyRobot((host, int(port)), MistySettings(voice="robot"), notices.append)
    with pytest.raises(RobotError, match="no tts/speak"):
        await own.connect()
    await own.close()
    await simulated.stop()


async def test_an_updating_robot_is_said_to_be_so() -> None:
    simulated = SimulatedMisty(recording=Ear())
    await simulated.start()
    simulated.inject("updating on")
    host, port = simulated.address.split(":")
    one = MistyRobot((host, int(port)), MistySettings(connect_s=1), lambda text: None)
    with pytest.raises(RobotError, match="is updating or still booting"):
        await one.connect()
    await one.close()
    await simulated.stop()


async def test_stopped_before_it_is_connected_it_is_still_and_silent() -> None:
    ear = Ear()
    simulated = SimulatedMisty(recording=ear)
    await simulated.start()
    simulated.faults = script = Script()
    host, port = simulated.address.split(":")
    one = MistyRobot((host, int(port)), MistySettings(gaze=False), lambda text: None)
    with pytest.raises(RobotError, match="not connected"):
        await one.say(babble(0.3, 1), Expression.SAD)
    await one.stop()
    await one.connect()
    await until(lambda: "images/display" in script.asked and "led" in script.asked)
    await one.express(Expression.SURPRISED)
    await until(lambda: "surprised" in face(simulated))
    with pytest.raises(RobotError, match="stopped"):
        await one.say(babble(0.3, 1), Expression.SAD)
    assert not {"head", "arms/set"} & set(script.asked)
    await one.close()
    await simulated.stop()


async def test_a_second_start_draws_and_uploads_nothing() -> None:
    async with robot() as (_, simulated, _):
        host, port = simulated.address.split(":")
        png.cache_clear()
        simulated.faults = script = Script()
        again = MistyRobot((host, int(port)), STILL, lambda text: None)
        await again.connect()
        await again.close()
        assert "images" not in script.asked
        assert png.cache_info().misses == 0


async def test_a_face_that_somebody_has_deleted_keeps_nothing_else_from_moving() -> None:
    async with robot(MistySettings(gaze=False)) as (one, simulated, _):
        for asset in simulated.misty.assets.list("images"):
            if asset.name.startswith(assets.FACE_PREFIX):
                simulated.misty.assets.delete("images", asset.name)
        await one.express(Expression.SURPRISED)
        await until(lambda: simulated.misty.body.left_arm.target == -10)
        await until(lambda: simulated.misty.lights.first == (255, 0, 255))
