"""An independent client, unmodified: misty2py from PyPI."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import until

client = pytest.importorskip("misty2py.robot", reason="misty2py is not installed: pip install misty2py")


async def test_misty2py_drives_the_robot(robot: SimulatedMisty) -> None:
    misty = client.Misty(robot.address)

    async def act(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        answer = (await asyncio.to_thread(call, *arguments, **named)).parse_to_dict()
        assert answer["overall_success"], answer
        return answer

    async def data(name: str, count: int) -> list[Any]:
        async with asyncio.timeout(10):
            while True:
                answer = await act(misty.event, "get_data", name=name)
                received: list[Any] = answer["ws_response"]["message"]
                if len(received) >= count:
                    return received
                await asyncio.sleep(0.02)

    await act(misty.perform_action, "led", "pink_light")
    assert robot.misty.led == (255, 0, 125)
    await act(misty.perform_action, "led_trans", {"col1": "red_light", "col2": "azure_light", "transition": "Breathe"})
    assert robot.misty.lights.transition == "Breathe"
    await act(misty.perform_action, "blink_on", {"Blink": False})
    assert not robot.misty.screen.blinks
    files = (await act(misty.get_info, "audio_list"))["rest_response"]["result"]
    assert "s_Joy.wav" in [file["name"] for file in files]

    await act(misty.event, "subscribe", type="AudioPlayComplete", name="played", debounce=10)
    assert (await data("played", 1))[0].startswith("Registration Status")
    await act(misty.perform_action, "audio_play", "sound_joy_1")
    assert (await data("played", 2))[1]["metaData"]["name"] == "s_Joy.wav"
    await act(misty.event, "subscribe", type="TouchSensor", name="touched", return_property="sensorPosition")
    await data("touched", 1)
    robot.inject("touch Scruff on")
    assert (await data("touched", 2))[1] == "Scruff"
    for name in ("played", "touched"):
        await act(misty.event, "unsubscribe", name=name)
    await until(lambda: not robot.pubsub.sockets)
