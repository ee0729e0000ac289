"""The acoustic stand: a talk with one robot in a room, and a scenario gone through in it.

Everything but the caregiver, the room and the far end of the robot is what a talk uses: microphone, voice activity,
recogniser, endpoint, early thinking, model, check, voice, robot, record.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robot_runtime.conversation import Conversation
from robot_runtime.ear.blocks import BLOCK_S
from robot_runtime.ear.microphone import Microphone
from robot_runtime.ear.sources import Source
from robot_runtime.errors import SettingsError
from robot_runtime.session import Session, open_session
from robot_runtime.settings import Settings
from robot_runtime.stand.body import Body, body_in
from robot_runtime.stand.caregiver import noise, spoken
from robot_runtime.stand.happened import Bystander, Happened, Line
from robot_runtime.stand.room import Room
from robot_runtime.stand.scenario import Scenario, Step

POLITE_S = 0.7
"""The caregiver takes a silence of the robot's of so long for the end of its turn."""

SPEAKING_S = 0.2
"""So long after its first sample the robot is in the middle of a word."""

PATIENCE_S = 20.0
"""How long the caregiver waits for the robot."""

END_S = 15.0
"""How long a talk may take to end."""

SOUND = "room.wav"
"""File name of what was heard in a scenario: the microphone on the left, the robot on the right."""

Loop = Callable[[Session, Source, Bystander], Awaitable[None]]
"""What listens and answers until the source ends."""


@dataclass(frozen=True)
class Stand:
    """A talk that goes on."""

    room: Room
    """Where."""
    body: Body
    """The robot."""
    session: Session
    """The runtime."""
    happened: Happened
    """What happened so far."""
    patient: bool
    """The caregiver goes on only when the runtime is ready for the next line, as nobody could know in life."""

    async def moment(self, after: float | str) -> None:
        """Wait for what a step waits for; in vain at most `PATIENCE_S`, then the expectations tell."""
        room, happened = self.room, self.happened
        if not isinstance(after, str):
            await room.until(room.now() + after)
            return
        since = happened.lines[-1].ended if happened.lines else None
        gives_up = room.now() + PATIENCE_S
        while room.now() < gives_up:
            await room.until(room.now() + BLOCK_S)
            ready = happened.at_rest or not self.patient
            if since is None:  # nobody has said anything that could be answered
                if ready:
                    return
            elif room.robot.spoken and room.robot.spoken[-1][0] > since:
                spoken_s, silent_s = (room.now() - moment for moment in room.robot.spoken[-1])
                if (ready and silent_s > POLITE_S) or (after == "speaking" and spoken_s > SPEAKING_S):
                    return

    async def act(self, step: Step, sound: NDArray[np.int16]) -> None:
        """Do one step, whose sound is given, and wait for its end."""
        room, happened = self.room, self.happened
        await self.moment(step.after)
        began = ended = room.now()
        if step.event:
            self._happen(step.event)
        else:
            began, ended = room.say(sound)
        if happened.lines:
            happened.lines[-1].until = began
        happened.lines.append(Line(step, began, ended))
        await room.until(ended)

    def _happen(self, event: str) -> None:
        match event.split(maxsplit=1):
            case ["mind", "kill"]:
                assert self.session.mind.pid
                os.kill(self.session.mind.pid, signal.SIGKILL)
            case ["microphone", which]:
                self.room.plugged = which == "plug"
            case ["robot", what]:
                try:
                    self.body.inject(what)
                except ValueError as error:
                    raise SettingsError(f"event = '{event}': {error}") from error


async def sound_of(step: Step) -> NDArray[np.int16]:
    """A step as sound at 16 kHz, empty for an event."""
    if step.noise_ms:
        return noise(step.noise_ms)
    return await spoken(step.say, step.voice) if step.say else np.zeros(0, np.int16)


@contextlib.asynccontextmanager
async def standing(
    room: Room, settings: Settings, happened: Happened, loop: Loop | None = None
) -> AsyncIterator[Stand]:
    """A talk in the room, which ends with the `async with` block.

    Args:
        room: fresh.
        settings: of the talk; the platform says which robot is in the room.
        happened: where everything is noted.
        loop: listens and answers in place of the runtime's ear and conversation; it says when it is ready.

    Raises:
        ToddlerRobotError: some part cannot be had, or failed for good.
    """
    console = Bystander(room, happened)
    happened.spoken = room.robot.spoken
    happened.at_rest = loop is None
    async with contextlib.AsyncExitStack() as stack:
        body = await stack.enter_async_context(body_in(room, settings.session.platform))
        there = dataclasses.replace(settings.session, ip=body.address, sound_device=body.sound_device)
        settings = dataclasses.replace(settings, session=there, robot={**settings.robot, **body.settings})
        source: Source = room if room.quick else Microphone(room, console.notice)
        session = await stack.enter_async_context(
            open_session(settings, listen=loop is None, source=source, interactive=True, notice=console.notice)
        )
        session.record.watch(console.event)
        try:
            async with asyncio.TaskGroup() as tasks:
                time = None if room.quick else tasks.create_task(room.run())
                talk = tasks.create_task(_talk(session, source, console, loop))
                # In a quick room the model would have less time to read what was said than in life.
                yield Stand(room, body, session, happened, patient=room.quick or loop is not None)
                await source.close()
                await asyncio.wait_for(talk, END_S)
                if time:
                    time.cancel()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group


async def run(scenario: Scenario, settings: Settings, folder: Path, loop: Loop | None = None) -> Happened:
    """Go through a scenario with the robot that the settings name.

    Leaves what was heard in the folder. An error tells what had happened until then in a note.

    Raises:
        ToddlerRobotError: see `standing`.
    """
    sounds = {step: await sound_of(step) for step in scenario.talk}
    happened = Happened()
    room = Room(scenario.room, quick=scenario.quick)
    try:
        async with standing(room, settings, happened, loop) as stand:
            for step in scenario.talk:
                await stand.act(step, sounds[step])
            if step.answers or step.answer_within_ms:
                await stand.moment("answer")
            await room.until(room.now() + scenario.quiet_s)
    except Exception as error:
        error.add_note(happened.account())
        raise
    finally:
        room.save(folder / SOUND)
    return happened


async def _talk(session: Session, source: Source, console: Bystander, loop: Loop | None) -> None:
    if loop:
        await loop(session, source, console)
    else:
        await Conversation(console, session).run()
