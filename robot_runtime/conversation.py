"""Whose turn it is: the caregiver's lines, what happens to the robot's body, and STOP.

- A caregiver's line comes first. Where a person watches, it interrupts whatever is being said; in a pipe, lines are
  answered one after the other.
- Who is heard to say a word while the robot speaks has the floor: the robot is hushed in the middle of a word. What was
  said is answered; if it was nothing (a noise, "uh huh"), the robot says the rest.
- Who taps or strokes the robot while it answers a line wants it to stop: it does, and says no rest.
- What happened to the body is answered when nothing else is being answered. Something urgent (a fall) interrupts the
  answer to something else of the body that is not urgent (put down); nothing else of the body interrupts the answer
  to a line.
- `/stop` is acted on as soon as it has been read, ahead of lines that wait and in the middle of a word. Until `/go`
  nothing is answered. All other commands take their place among the lines.
- At the end of input the answer that is being spoken is finished; what waits from the body is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from typing import TYPE_CHECKING, Any

from robot_runtime.console import Console
from robot_runtime.draft import Spoken
from robot_runtime.errors import RobotError
from robot_runtime.session import Session
from robot_runtime.stimuli import Stimulus

if TYPE_CHECKING:
    from robot_runtime.ear.ear import Ear

STOP, GO, HELP = "/stop", "/go", "/help"
"""What may be typed besides lines, in letters of any case."""

COMMANDS = f"{STOP}: silent and still at once; {GO}: go on; {HELP}: these lines"
"""What they do."""

STOPPED = f"stopped: {GO} goes on"
"""The answer to everything else while stopped."""

LINES_AHEAD = 100_000
"""Lines that are read ahead of the one that is being answered, for a `/stop` among them."""


class Conversation:
    """One conversation at one console."""

    def __init__(self, console: Console, session: Session) -> None:
        """Between the console's caregiver and the session's robot."""
        self._console = console
        self._session = session
        self._lines: asyncio.Queue[str | Spoken] = asyncio.Queue(LINES_AHEAD)
        self._awake = session.felt
        self._answering: asyncio.Task[None] | None = None
        self._to_line = self._yields = False
        self._stopped = False
        self._ended = False

    async def run(self) -> None:
        """Talk until the end of input.

        Raises:
            RecordError: the record cannot be written any more.
        """
        inputs = {asyncio.create_task(self._read()): self._console.interactive or self._session.ear is None}
        if self._session.ear:
            inputs[asyncio.create_task(self._listen(self._session.ear))] = True
        for task, last in inputs.items():
            task.add_done_callback(functools.partial(self._end, last=last))
        try:
            while True:
                self._awake.clear()
                while await self._step():
                    pass
                if self._ended and self._answering is None and self._lines.empty():
                    for task in inputs:
                        if task.done():
                            await task
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._due()):
                        await self._awake.wait()
        finally:
            for task in inputs:
                task.cancel()
            await asyncio.wait(inputs)
            await self._settle(cancel="end")

    def _end(self, task: asyncio.Task[None], last: bool) -> None:
        """An input has ended; the talk ends with the `last` ones, and with any that failed."""
        self._ended = self._ended or last or (not task.cancelled() and task.exception() is not None)
        self._awake.set()

    def _due(self) -> float | None:
        """Seconds until a stimulus may be answered, None while there is nothing of the kind to wait for."""
        if self._stopped or self._ended or self._answering:
            return None
        return self._session.stimuli.due(time.monotonic())

    async def _read(self) -> None:
        async for line in self._console.lines():
            if line.lower() == STOP:
                await self._stop()
            else:
                await self._lines.put(line)
            self._awake.set()

    async def _listen(self, ear: Ear) -> None:
        from robot_runtime.listener import Listener

        session = self._session

        def heard(spoken: Spoken) -> None:
            ear.hold(True)
            self._lines.put_nowait(spoken)
            self._awake.set()

        def claimed(**evidence: Any) -> None:
            session.dialogue.hush("voice", **evidence)

        await Listener(
            ear,
            session.dialogue,
            session.robot,
            session.record,
            session.ear_settings,
            heard=heard,
            claimed=claimed,
            released=session.dialogue.go_on,
        ).run()

    async def _step(self) -> bool:
        """Do the next thing that can be done now; False when there is none."""
        if self._answering and self._answering.done():
            await self._settle()
        if self._session.touched.is_set():
            self._touch()
        interrupts = self._console.interactive or self._session.dialogue.hushed
        if not self._lines.empty() and (interrupts or not self._answering):
            await self._hear(self._lines.get_nowait())
        elif stimulus := self._stimulus():
            await self._answer(stimulus)
        else:
            return False
        return True

    def _touch(self) -> None:
        self._session.touched.clear()
        if self._to_line and self._session.dialogue.speaking:
            self._cancel("touch")

    def _stimulus(self) -> Stimulus | None:
        if self._stopped or self._ended or (self._answering and not self._yields):
            return None
        return self._session.stimuli.next(time.monotonic(), urgent=self._answering is not None)

    async def _hear(self, line: str | Spoken) -> None:
        if isinstance(line, Spoken):
            self._console.heard(line.text)
            await self._answer(line)
        elif not line.startswith("/"):
            await self._answer(line)
        elif line.lower() == GO:
            await self._go()
        elif line.lower() == HELP:
            self._console.notice(COMMANDS)
        else:
            self._console.notice(f"no command '{line}'. {COMMANDS}")

    async def _answer(self, to: str | Spoken | Stimulus) -> None:
        """Begin to answer, in place of what is being said."""
        why = "voice" if isinstance(to, Spoken) else "body" if isinstance(to, Stimulus) else "line"
        await self._settle(cancel=why)
        if self._stopped:
            self._console.notice(STOPPED)
            self._release()
            return
        self._to_line = not isinstance(to, Stimulus)
        self._yields = isinstance(to, Stimulus) and not to.reaction.urgent
        self._answering = asyncio.create_task(self._respond(to))
        self._answering.add_done_callback(self._answered)

    async def _respond(self, to: str | Spoken | Stimulus) -> None:
        dialogue, reply = self._session.dialogue, self._console.reply
        if isinstance(to, Stimulus):
            self._console.felt(to.kind)
            reaction = to.reaction
            turn = await dialogue.respond(to.says, "body", reply, answers=reaction.answers, fixed=reaction.fixed)
        elif isinstance(to, Spoken):
            draft = await to.draft if to.draft else None
            turn = await dialogue.respond(
                to.text,
                "microphone",
                reply,
                answers=to.answers,
                fixed=bool(to.answers),
                draft=draft,
                hold_s=to.hold_s,
            )
        else:
            turn = await dialogue.respond(to, on_reply=reply)
        self._console.completed(turn)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._release()
        self._awake.set()

    def _release(self) -> None:
        """An answer is over, or there will be none."""
        if self._session.ear:
            self._session.ear.hold(False)

    async def _stop(self) -> None:
        self._stopped = True
        self._cancel("stop")
        self._forget_earlier_go()
        await self._session.robot.stop()  # before all else, a full disk included
        self._session.record.event("stop")
        self._console.notice(STOPPED)

    def _forget_earlier_go(self) -> None:
        """A `/go` that was typed before `/stop`, and still waits, is no answer to it."""
        waiting = [self._lines.get_nowait() for _ in range(self._lines.qsize())]
        for line in waiting:
            if isinstance(line, Spoken) or line.lower() != GO:
                self._lines.put_nowait(line)

    async def _go(self) -> None:
        if not self._stopped:
            return
        self._session.record.event("resume")
        self._stopped = False  # before the robot resumes, so that a `/stop` meanwhile has the last word
        try:
            await self._session.robot.resume()
        except RobotError as error:
            self._stopped = True
            self._console.notice(str(error))
            return
        self._console.notice("going on")

    def _cancel(self, why: str) -> None:
        """Cancel the answer once: a second time would tear a robot away from falling silent in order."""
        if self._answering and not self._answering.cancelling():
            self._session.dialogue.hush(why)
            self._answering.cancel()

    async def _settle(self, *, cancel: str = "") -> None:
        """Wait for the end of the answer, which is cancelled first if there is a reason; its errors are raised here."""
        if self._answering is None:
            return
        if cancel:
            self._cancel(cancel)
        await asyncio.wait({self._answering})
        task, self._answering = self._answering, None
        if not task.cancelled():
            task.result()
