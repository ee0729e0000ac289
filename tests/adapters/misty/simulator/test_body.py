"""Head, arms, wheels, lights and screen."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from misty_adapter.simulator.body import Joint
from misty_adapter.simulator.lights import Lights
from misty_adapter.simulator.simulated_misty import SimulatedMisty
from misty_wire import call, events, picture, result


def test_a_joint_moves_in_time() -> None:
    joint = Joint("x", -40, 26)
    joint.move(-20, 10.0, velocity=50, seconds=None)
    assert [joint.at(10 + after) for after in (0, 0.1, 0.2, 0.4, 9)] == pytest.approx([0, -5, -10, -20, -20])
    joint.move(20, 10.2, velocity=None, seconds=2.0)
    assert [joint.at(10.2 + after) for after in (0, 1.0, 2.0)] == pytest.approx([-10, 5, 20])
    joint.move(-30, 20.0, velocity=None, seconds=0.0)
    assert joint.at(20.25) == pytest.approx(-5)  # no motor is faster than it can
    joint.move(0, 20.25, velocity=0, seconds=None)
    assert joint.at(99) == pytest.approx(-5)


async def test_the_heads_way_is_told(robot: SimulatedMisty) -> None:
    condition = [{"Property": "sensorId", "Inequality": "=", "Value": "ahy"}]
    async with events(robot.address) as ears:
        await ears.subscribe("ActuatorPosition", EventConditions=condition, ReturnProperty="value", DebounceMs=50)
        await result(robot.address, "POST", "head", {"Yaw": 60, "Pitch": None, "Duration": 0.7})
        values: list[float] = []
        while not values or values[-1] < 60:
            values.append((await ears.next())["message"])
    assert values == sorted(values) and len({value for value in values if 0 < value < 60}) >= 2


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"Pitch": 5, "Velocity": 50}, 200),
        ({"Pitch": 5, "Duration": 1}, 200),
        ({"Pitch": 5}, 500),
        ({"Pitch": 5, "Velocity": 50, "Duration": 1}, 500),
        ({"Pitch": 30, "Velocity": 50}, 400),
        ({"Yaw": -90, "Velocity": 50}, 400),
        ({"Yaw": -5, "Velocity": 50, "Units": "position"}, 200),
        ({"Roll": 0.6, "Velocity": 50, "Units": "radians"}, 200),
        ({"Roll": 0.8, "Velocity": 50, "Units": "radians"}, 400),
        ({"Roll": 1, "Velocity": 50, "Units": "inches"}, 400),
        ({"Roll": 1, "Velocity": 101}, 400),
    ],
)
async def test_head(robot: SimulatedMisty, arguments: dict[str, Any], status: int) -> None:
    assert (await call(robot.address, "POST", "head", arguments))[0] == status


async def test_arms(robot: SimulatedMisty) -> None:
    await result(robot.address, "POST", "arms", {"Arm": "left", "Position": 0, "Duration": 0})
    await result(robot.address, "POST", "arms/set", {"RightArmPosition": -29})
    assert (robot.misty.body.left_arm.target, robot.misty.body.right_arm.target) == (0, -29)
    assert (await call(robot.address, "POST", "arms/set", {"LeftArmPosition": -40}))[0] == 400
    await result(robot.address, "POST", "halt")
    positions = robot.misty.body.positions()
    await robot.misty.world.clock.sleep(0.1)
    assert robot.misty.body.positions() == positions and -29 < positions["ara"] <= 90


async def test_wheels(robot: SimulatedMisty) -> None:
    await result(robot.address, "POST", "drive", {"LinearVelocity": 20, "AngularVelocity": 10})
    encoders = robot.misty.body.encoders()
    assert (encoders["leftVelocity"], encoders["rightVelocity"]) == (50, 150)
    await result(robot.address, "POST", "drive/track", {"LeftTrackSpeed": -10, "RightTrackSpeed": 10})
    await result(robot.address, "POST", "drive/stop")
    encoders = robot.misty.body.encoders()
    assert encoders["leftVelocity"] == 0 and encoders["rightDistance"] > 0
    await result(robot.address, "POST", "drive/time", {"LinearVelocity": 10, "AngularVelocity": 0, "TimeMs": 100})
    async with events(robot.address) as ears:
        still = [{"Property": "leftVelocity", "Inequality": "=", "Value": 0}]
        await ears.subscribe("DriveEncoders", EventConditions=still)
        assert (await ears.next())["message"]["leftDistance"] > encoders["leftDistance"]
    for endpoint, more in (("drive/arc", {"Radius": 1}), ("drive/hdt", {"Distance": 1})):
        await result(robot.address, "POST", endpoint, {"Heading": 90, "TimeMs": 500, **more})
    assert (await call(robot.address, "POST", "drive", {"LinearVelocity": 200, "AngularVelocity": 0}))[0] == 400


def test_the_led_shines_as_its_transition_says() -> None:
    lights = Lights()
    black, red = (0, 0, 0), (200, 0, 0)
    looks = {
        "Blink": [black, black, red, black],
        "Breathe": [black, (100, 0, 0), red, black],
        "TransitOnce": [black, (100, 0, 0), red, red],
    }
    for transition, colours in looks.items():
        lights.change(black, red, transition, 2.0, now=10.0)
        assert [lights.shining(now, False, False) for now in (10.0, 11.0, 12.0, 14.0)] == colours
    assert lights.shining(10.0, recording=True, charging=True) == (0, 0, 255)
    lights.own_cues = False
    assert lights.shining(10.0, recording=True, charging=True) == black


async def test_lights(robot: SimulatedMisty) -> None:
    await result(robot.address, "POST", "led", {"Red": 9, "Green": 8, "Blue": 7})
    assert robot.misty.led == (9, 8, 7)
    robot.inject("charging on")
    assert robot.misty.led == (255, 140, 0)
    await result(robot.address, "POST", "notification/settings", {"LedEnabled": False})
    assert robot.misty.led == (9, 8, 7)
    two = dict(zip(("Red", "Green", "Blue", "Red2", "Green2", "Blue2"), range(6), strict=True))
    assert (await call(robot.address, "POST", "led/transition", {**two, "TimeMs": 3}))[0] == 400
    await result(robot.address, "POST", "led/transition", {**two, "TransitionType": "Breathe", "TimeMs": 500})
    assert robot.misty.lights.transition == "Breathe"
    await result(robot.address, "POST", "flashlight", {"On": True})
    assert robot.misty.lights.flashlight


async def save(robot: SimulatedMisty, colour: str) -> None:
    """Upload a picture of one colour."""
    data = base64.b64encode(picture(colour)).decode()
    await result(robot.address, "POST", "images", {"FileName": f"{colour}.png", "Data": data})


async def test_what_is_shown_is_recorded_once(robot: SimulatedMisty, tmp_path: Path) -> None:
    await save(robot, "red")
    for name in ("red.png", "red.png", "e_Joy.jpg", ""):
        await result(robot.address, "POST", "images/display", {"FileName": name})
    assert (await call(robot.address, "POST", "images/display", {"FileName": "none.png"}))[0] == 404
    lines = (tmp_path / "record" / "events.jsonl").read_text().splitlines()
    pictures = [event["picture"] for event in map(json.loads, lines) if event["type"] == "face"]
    assert pictures == ["face-0001.png", "face-0002.png", "face-0003.png"]
    assert sorted(path.name for path in (tmp_path / "record").glob("*.png")) == pictures


async def test_layers(robot: SimulatedMisty) -> None:
    await save(robot, "red")
    await save(robot, "blue")
    await result(robot.address, "POST", "images/display", {"FileName": "red.png", "Layer": "below"})
    await result(robot.address, "POST", "images/display", {"FileName": "blue.png", "Layer": "above", "Alpha": 0.5})
    screen = robot.misty.screen
    assert screen.pixels(False).shape == (272, 480, 3)
    assert np.abs(screen.pixels(False)[0, 0].astype(int) - (127, 0, 128)).max() <= 1
    await result(robot.address, "POST", "images/settings", {"Layer": "below", "PlaceOnTop": True})
    assert tuple(screen.pixels(False)[0, 0]) == (255, 0, 0)
    await result(robot.address, "POST", "images/settings", {"Layer": "below", "Visible": False})
    await result(robot.address, "POST", "images/settings", {"Layer": "above", "Opacity": 1})
    assert tuple(screen.pixels(False)[0, 0]) == (0, 0, 255)
    await result(robot.address, "POST", "text/settings", {"Size": 60, "Red": 255, "Green": 0, "Blue": 0})
    await result(robot.address, "POST", "text/display", {"Text": "HELLO"})
    assert (screen.pixels(False)[:, :, 0] == 255).any()
    await result(robot.address, "POST", "images/settings", {"Layer": "above", "Deleted": True})
    await result(robot.address, "POST", "videos/display", {"FileName": "film.mp4"})
    await result(robot.address, "POST", "webviews/display", {"URL": "http://x/"})
    assert len(screen.layers) == 4
    await result(robot.address, "POST", "display/settings", {"RevertToDefault": True})
    assert not screen.layers


async def test_blinking(robot: SimulatedMisty) -> None:
    await save(robot, "red")
    await save(robot, "blue")
    arguments = {"BlinkImages": "red.png=blue.png, x.png=y.png", "OpenEyeMinMs": 0, "OpenEyeMaxMs": 0}
    await result(robot.address, "POST", "blink/settings", {**arguments, "ClosedEyeMinMs": 1e6, "ClosedEyeMaxMs": 2e6})
    settings = await result(robot.address, "GET", "blink/settings")
    assert settings["closedEyeMaxMs"] == 2_000_000 and settings["blinkImages"]["red.png"] == "blue.png"
    screen = robot.misty.screen
    assert screen.closed()
    await result(robot.address, "POST", "images/display", {"FileName": "red.png"})
    assert tuple(screen.pixels(True)[0, 0]) == (0, 0, 255)
    await result(robot.address, "POST", "blink", {"Blink": False})
    assert not screen.closed()
    assert (await call(robot.address, "POST", "blink/settings", {"OpenEyeMinMs": 9, "OpenEyeMaxMs": 8}))[0] == 400
    assert (await call(robot.address, "POST", "blink/settings", {"BlinkImages": "a,b"}))[0] == 400
    await result(robot.address, "DELETE", "blink/images", {"BlinkImages": "red.png"})
    assert "red.png" not in screen.blink_images
    await result(robot.address, "POST", "blink/settings", {"RevertToDefault": True})
    assert (await result(robot.address, "GET", "blink/settings"))["openEyeMaxMs"] == 8000
