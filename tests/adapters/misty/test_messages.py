from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misty_adapter.body.senses import Senses
from misty_adapter.connection import messages
from misty_adapter.connection.capabilities import firmware
from robot_runtime.errors import RobotError

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text() | st.binary())
def test_anything_may_come_through_the_socket(text: str | bytes) -> None:
    message = messages.read(text)
    assert message is None or isinstance(message.name, str)


@given(anything)
def test_any_shape_may_come_through_the_socket(value: Any) -> None:
    messages.read(json.dumps({"eventName": "n", "message": value}))
    messages.number(value, "a")
    messages.text(value, "a")


def test_names_may_be_in_any_case() -> None:
    message = messages.read('{"EventName": "n", "Message": {"IsContacted": true}}')
    assert message
    assert messages.field(message.data, "isContacted") is True


def test_registration_is_understood() -> None:
    good = messages.Message("n", "Registration Status: API event registered.")
    assert not good.failure
    assert messages.Message("n", "Registration failed: no such type").failure.startswith("Registration failed")
    assert not messages.Message("n", {"a": 1}).failure


NEEDED = ["audio", "audio/play", "audio/stop", "images", "images/display"]


def test_commands_are_found_in_both_shapes_of_help() -> None:
    by_verb = {"post": [{"endpoint": path} for path in NEEDED], "get": [{"endpoint": "api/Battery"}]}
    assert firmware(by_verb).has("battery", "GET")
    listed = [{"endpoint": path, "verb": "POST"} for path in [*NEEDED, "/api/head"]]
    assert firmware(listed).has("head")
    assert "its arms do not move" in firmware(listed).missing()


@given(anything)
def test_help_may_be_anything(value: Any) -> None:
    with pytest.raises(RobotError):
        firmware(value)


def test_what_a_setting_needs_has_to_be_there() -> None:
    with pytest.raises(RobotError, match="no tts/speak, which voice = 'robot' needs"):
        firmware({"post": [{"endpoint": path} for path in NEEDED]}).require("tts/speak", "voice = 'robot'")


def kinds(senses: Senses, type: str, data: Any, now: float) -> list[str]:
    return [event.kind for event in senses.feel(type, data, now)]


def test_contacts_are_told_when_they_begin_and_not_too_often() -> None:
    senses = Senses()
    touch = {"isContacted": True, "sensorPosition": "Chin"}
    assert [(event.kind, dict(event.data)) for event in senses.feel("TouchSensor", touch, 0)] == [
        ("touched", {"position": "Chin"})
    ]
    assert not kinds(senses, "TouchSensor", {**touch, "isContacted": False}, 0.2)
    assert not kinds(senses, "TouchSensor", touch, 0.5)
    assert kinds(senses, "BumpSensor", {"isContacted": True, "sensorId": "bfr"}, 0.5) == ["bumped"]
    assert kinds(senses, "TouchSensor", touch, 1.5) == ["touched"]


def battery(share: float | None, state: str = "Discharging") -> dict[str, Any]:
    return {"chargePercent": share, "state": state, "isCharging": state == "Charging"}


def test_the_battery_is_told_once_and_again_only_after_it_was_better() -> None:
    senses = Senses()
    told = [kinds(senses, "BatteryCharge", battery(share), 10 * at) for at, share in enumerate(
        [0.5, None, 0.2, 0.21, 0.19, 0.22, 0.07, 0.09, 0.06, 0.3, 0.2]
    )]  # fmt: skip
    assert told == [[], [], ["battery_low"], [], [], [], ["battery_critical"], [], [], [], ["battery_low"]]


def test_the_charger_is_told() -> None:
    senses = Senses()
    assert not kinds(senses, "BatteryCharge", battery(0.5, "Charging"), 0)
    assert kinds(senses, "BatteryCharge", battery(0.5), 2) == ["charger_off"]
    assert kinds(senses, "BatteryCharge", battery(0.05, "Charging"), 4) == ["charger_on"]


def test_people_are_told_once_in_a_while() -> None:
    senses = Senses()
    assert [dict(event.data) for event in senses.feel("FaceRecognition", {"personName": "Ann"}, 0)] == [{"name": "Ann"}]
    assert not senses.feel("FaceRecognition", {"label": "Ann"}, 30)
    (stranger,) = senses.feel("FaceRecognition", {"personName": "unknown_person"}, 40)
    assert stranger.data == {"name": None}
    assert senses.feel("FaceRecognition", {"personName": "Ann"}, 200)


@given(st.sampled_from(["TouchSensor", "BumpSensor", "BatteryCharge", "FaceRecognition", "Other"]), anything)
def test_anything_may_happen(type: str, data: Any) -> None:
    Senses().feel(type, data, 0.0)
