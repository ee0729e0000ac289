"""The interface of a robot. This docstring is its specification; an adapter needs nothing else of the runtime.

A robot is found through the entry point group `robot_runtime.robots`: a function that takes `RobotOptions` and returns
a `Robot` that is not yet connected. The runtime then

1. calls `connect` once. It returns when the robot can be used, or raises `RobotError` with what to do about it.
2. calls `express` and `say` from one task, never two `say` at a time. `express` returns soon and lasts until the next
   `express`. `say` returns when the robot has finished PLAYING, not when it has been sent everything; it calls
   `on_start` when the first sample goes out; cancelled, it makes the robot silent within 150 ms and then lets the
   cancellation through. An utterance that cannot be played raises `RobotError`; the conversation goes on.
3. iterates over `events` in a task of its own: what happens to the robot's body.
4. calls `stop` at any moment, also while one of the calls above runs: the robot is silent and still at once, and its
   motors stay off until `resume`. In between the runtime says nothing. A robot without motors need not implement them.
5. listens through its `microphone`, if it has one and nothing else was asked for.
   Where `RobotOptions.played` is given it tells all that it plays, so that it can be listened to while it speaks.
6. calls `close` once, whatever happened before. It leaves the robot calm, silent and still, and never raises.

An adapter never blocks the event loop, never decides what is said, and reconnects by itself; `reach.py` can keep the
state of its link.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from robot_runtime.voice.speech import Speech

if TYPE_CHECKING:
    from robot_runtime.ear.sources import Source


class Expression(StrEnum):
    """What a face can show; a robot maps those it lacks to the nearest it has."""

    NEUTRAL = "neutral"
    LISTENING = "listening"
    THINKING = "thinking"
    HAPPY = "happy"
    SAD = "sad"
    SURPRISED = "surprised"
    SLEEPY = "sleepy"
    CONFUSED = "confused"


@dataclass(frozen=True)
class Capabilities:
    """What a robot can do."""

    name: str
    """For people: "virtual robot", "Cozmo"."""
    speaker: bool = True
    """It plays what `say` is given."""
    face: bool = True
    """It shows expressions."""
    microphone: bool = False
    """It can be listened through."""
    moves: bool = False
    """It has a head, arms or wheels."""
    tells_sound: bool = False
    """It calls `RobotOptions.played`; without that nobody listens while it speaks."""
    hears_itself: bool = False
    """Its own microphone goes on while it speaks."""


@dataclass(frozen=True)
class RobotEvent:
    """Something that happened to the robot's body.

    The runtime answers or reports these kinds; any other is recorded, and nothing more:

    | kind | happened |
    |---|---|
    | picked_up, put_down | it was lifted off its ground, and set down again |
    | tapped, touched, bumped | somebody knocked on it, stroked it, or ran into one of its bumpers |
    | button, cube_tapped | its button was pressed, its toy was tapped |
    | cliff, fallen | it stands at an edge; it fell, or lies on its side |
    | charger_on, charger_off | it came onto its charger, or off it |
    | key_phrase, face_seen | its wake word was said; somebody came into view (`name`, null for a stranger) |
    | battery_low, battery_critical | it wants charging soon; it is about to switch off |
    | degraded, disconnected, reconnected | nothing was heard from it for a while; the link is gone; it is back |
    """

    kind: str
    """One of the above, or the robot's own."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What else is known, of JSON types."""


@dataclass(frozen=True)
class RobotOptions:
    """What the user said about the robot."""

    address: str | None = None
    """`--ip`: HOST or HOST:PORT, None for the robot's usual address."""
    sound_device: str | None = None
    """Output device of the host, for robots that speak through it; None is the default device."""
    interactive: bool = False
    """A person watches the terminal."""
    notice: Callable[[str], None] = lambda text: None
    """Tell the user something in a line."""
    played: Callable[[NDArray[np.int16], int], None] | None = None
    """Tell, in the event loop, what goes to the loudspeaker: a whole utterance, and its rate in Hz as the robot's clock
    has it. It begins to sound after the call, within 0.5 s. No samples at all: the rest of it is not going to sound.
    None where nobody wants to know."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The profile's `[robot]` table, unread; `robot_runtime.settings.section` makes a robot's own dataclass of it."""


class Robot(ABC):
    """See the module's docstring."""

    capabilities: Capabilities

    @abstractmethod
    async def connect(self) -> None:
        """Make the robot ready, or raise `RobotError`."""

    @abstractmethod
    async def close(self) -> None:
        """Leave the robot calm, silent and still. Never raises."""

    @abstractmethod
    async def say(self, speech: Speech, expression: Expression, on_start: Callable[[], None] = lambda: None) -> None:
        """Play speech to its end with that expression, or stop within 150 ms when cancelled."""

    @abstractmethod
    async def express(self, expression: Expression) -> None:
        """Show an expression until told otherwise."""

    def spoken_s(self) -> float | None:
        """How many seconds of what `say` plays have been heard by now; None if only `on_start` tells when it began."""
        return None

    async def stop(self) -> None:  # noqa: B027 (a robot without motors is still already)
        """Be silent and still at once, motors off until `resume`; never raises."""

    async def resume(self) -> None:  # noqa: B027
        """Be ready to move again after `stop`, or raise `RobotError`."""

    def microphone(self) -> Source | None:
        """What the connected robot hears, for the runtime's ear; this default robot hears nothing.

        The robot hears nothing of what it says itself, and closes what it has opened.
        """
        return None

    async def events(self) -> AsyncIterator[RobotEvent]:
        """What happens to the body; this default robot feels nothing."""
        return
        yield

    def picture(self) -> str:
        """How the robot looks at this moment, in a few lines of text; empty if it has no such view."""
        return ""
