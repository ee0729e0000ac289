"""What happens to the robot from outside: one line of text an event, from the keyboard, the page or a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from misty_adapter.simulator.misty import BUMPERS, TOUCH_POSITIONS, Misty
from robot_runtime.errors import SettingsError

TOUCH_S = 0.2
"""How long a touch or bump lasts when nobody says "on" or "off"."""

USAGE = {
    "touch": f"touch {'|'.join(TOUCH_POSITIONS)} [on|off]",
    "bump": f"bump {'|'.join(BUMPERS)} [on|off]",
    "keyphrase": "keyphrase",
    "hear": "hear FILE.wav",
    "face": "face NAME [BEARING]|off",
    "battery": "battery PERCENT|unknown",
    "charging": "charging on|off",
    "fault": "fault on|off",
    "hazard": "hazard [on|off]",
    "serial": "serial TEXT",
    "updating": "updating on|off",
    "reboot": "reboot",
}
"""How each command is written."""


def inject(misty: Misty, line: str) -> None:
    """Let something happen.

    Raises:
        SettingsError: the line is none of USAGE.
    """
    name, *words = line.split() or [""]
    command = _COMMANDS.get(name.lower())
    if command is None:
        raise SettingsError(f"there is no event {name!r}: write one of {'; '.join(USAGE.values())}")
    try:
        command(misty, words)
    except (IndexError, KeyError, ValueError):
        raise SettingsError(f"{line!r} says nothing: write {USAGE[name.lower()]}") from None
    misty.world.recording.event("injected", line=line)


def _contact(places: Sequence[str], act: Callable[[str, bool], None], misty: Misty, words: Sequence[str]) -> None:
    place = {name.lower(): name for name in places}[words[0].lower()]
    if len(words) > 1:
        act(place, _on(words[1]))
        return

    async def briefly() -> None:
        await misty.world.clock.sleep(TOUCH_S)
        act(place, False)

    act(place, True)
    misty.world.spawn(briefly())


def _touch(misty: Misty, words: Sequence[str]) -> None:
    _contact(TOUCH_POSITIONS, misty.touch, misty, words)


def _bump(misty: Misty, words: Sequence[str]) -> None:
    _contact(BUMPERS, misty.bump, misty, words)


def _key_phrase(misty: Misty, words: Sequence[str]) -> None:
    misty.ears.key_phrase()


def _hear(misty: Misty, words: Sequence[str]) -> None:
    misty.ears.say(Path(" ".join(words[:1] and words)).expanduser())


def _face(misty: Misty, words: Sequence[str]) -> None:
    if words[0].lower() == "off":
        misty.face = None
        return
    bearing = float(words[1]) if len(words) > 1 else 0.0
    if not -180 <= bearing <= 180:
        raise ValueError
    about = {"bearing": bearing, "distance": 80, "elevation": 0.0, "label": words[0], "personName": words[0]}
    misty.face = about


def _battery(misty: Misty, words: Sequence[str]) -> None:
    percent = None if words[0].lower() == "unknown" else float(words[0])
    if percent is not None and not 0 <= percent <= 100:
        raise ValueError
    misty.power.charge = None if percent is None else percent / 100


def _charging(misty: Misty, words: Sequence[str]) -> None:
    misty.power.charging = _on(words[0])


def _fault(misty: Misty, words: Sequence[str]) -> None:
    misty.power.fault = _on(words[0])


def _hazard(misty: Misty, words: Sequence[str]) -> None:
    on = _on(words[0]) if words else True
    names = ("TOF_DownFrontRight", "TOF_DownFrontLeft", "TOF_DownBackRight", "TOF_DownBackLeft")
    zones = [f"{end} {side} hazard" for end in ("Front", "Back") for side in ("right", "center", "left")]
    bumpers = ("Bump_FrontRight", "Bump_FrontLeft", "Bump_RearRight", "Bump_RearLeft")
    misty.world.publish(
        "HazardNotification",
        {
            "bumpSensorsHazardState": [{"inHazard": False, "sensorName": name} for name in bumpers],
            "criticalInternalError": 0,
            "currentSensorsHazard": [],
            "driveStopped": [{"inHazard": on and name.startswith("Front"), "sensorName": name} for name in zones],
            "motorStallHazard": [],
            "timeOfFlightSensorsHazardState": [
                {"inHazard": on and "Front" in name, "sensorName": name} for name in names
            ],
        },
    )
    if on:
        misty.body.drive(0, 0)


def _serial(misty: Misty, words: Sequence[str]) -> None:
    message = " ".join(words)
    misty.serial.append(message)
    misty.world.publish("SerialMessage", {"message": message})


def _updating(misty: Misty, words: Sequence[str]) -> None:
    misty.updating = _on(words[0])


def _reboot(misty: Misty, words: Sequence[str]) -> None:
    misty.reboot_asked = True


def _on(word: str) -> bool:
    return {"on": True, "off": False}[word.lower()]


_COMMANDS: dict[str, Callable[[Misty, Sequence[str]], None]] = {
    "touch": _touch,
    "bump": _bump,
    "keyphrase": _key_phrase,
    "hear": _hear,
    "face": _face,
    "battery": _battery,
    "charging": _charging,
    "fault": _fault,
    "hazard": _hazard,
    "serial": _serial,
    "updating": _updating,
    "reboot": _reboot,
}
