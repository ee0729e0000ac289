"""From Misty's events to what happened to its body."""

from __future__ import annotations

import math
from typing import Any

from misty_adapter.connection import messages
from robot_runtime.robot import RobotEvent

ONCE_S = 1.0
"""No kind is raised more often than once in so many seconds."""

LOW, CRITICAL = 0.2, 0.08
"""Shares of a full battery; about an hour and half an hour before it is empty, by a pack that lasts some hours."""

RECOVERED = 0.05
"""How much more it has to be again for a battery to count as better."""

SEEN_AGAIN_S = 60.0
"""A person who was not seen for so long is seen anew."""

UNKNOWN = frozenset({"", "unknown", "unknown_person", "unknown person"})
"""Names of people whom the robot does not know (documented in parts, seen in others)."""

CHARGING = frozenset({"charging", "charged"})
"""States of a battery on its charger."""


class Senses:
    """What a Misty feels.

    `touched` {position} and `bumped` {sensor} when a contact begins; `key_phrase`; `face_seen` {name}, the name null
    for a stranger; `charger_on` and `charger_off`; `battery_low` and `battery_critical` {percent}. What the battery's
    first message says is how things are: only a low battery is told.
    """

    def __init__(self) -> None:
        """Feel nothing yet."""
        self._raised: dict[str, float] = {}
        self._charging: bool | None = None
        self._level = 0
        self._seen: dict[str | None, float] = {}

    def feel(self, type: str, data: Any, now: float) -> list[RobotEvent]:
        """What an event of Misty's tells; anything may be in it.

        Args:
            type: of the event, such as TouchSensor.
            data: its message.
            now: seconds of any clock that only goes forward.
        """
        match type:
            case "TouchSensor" if _contact(data):
                return self._once("touched", now, position=messages.text(data, "sensorPosition") or None)
            case "BumpSensor" if _contact(data):
                return self._once("bumped", now, sensor=messages.text(data, "sensorId") or None)
            case "KeyPhraseRecognized":
                return self._once("key_phrase", now)
            case "FaceRecognition":
                return self._face(data, now)
            case "BatteryCharge":
                return self._charger(data, now) + self._battery(data, now)
        return []

    def _face(self, data: Any, now: float) -> list[RobotEvent]:
        told = messages.text(data, "personName") or messages.text(data, "label")
        name = None if told.lower() in UNKNOWN else told
        before = self._seen.get(name, -math.inf)
        self._seen = {who: at for who, at in self._seen.items() if now - at < SEEN_AGAIN_S} | {name: now}
        return self._once("face_seen", now, name=name) if now - before >= SEEN_AGAIN_S else []

    def _charger(self, data: Any, now: float) -> list[RobotEvent]:
        state = messages.text(data, "state").lower()
        told = messages.field(data, "isCharging")
        if not state and not isinstance(told, bool):
            return []
        charging = state in CHARGING or told is True
        before, self._charging = self._charging, charging
        if before is None or before is charging:
            return []
        return self._once("charger_on" if charging else "charger_off", now)

    def _battery(self, data: Any, now: float) -> list[RobotEvent]:
        share = messages.number(data, "chargePercent")  # a share of 1 in spite of its name (documented), or null
        if share is None or not 0 <= share <= 1:
            return []
        before = self._level
        level = 0 if self._charging else (share <= LOW) + (share <= CRITICAL)
        if level < before and not self._charging and share <= (0, LOW, CRITICAL)[before] + RECOVERED:
            level = before
        self._level = level
        if level <= before:
            return []
        return self._once(("", "battery_low", "battery_critical")[level], now, percent=round(100 * share))

    def _once(self, kind: str, now: float, **data: Any) -> list[RobotEvent]:
        if now - self._raised.get(kind, -math.inf) < ONCE_S:
            return []
        self._raised[kind] = now
        return [RobotEvent(kind, data)]


def _contact(data: Any) -> bool:
    return messages.field(data, "isContacted") is True
