"""What all parts of the simulated robot share: time, the recording, the way out for events, and tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from misty_adapter.simulator.clock import Clock
from robot_runtime.simulation.recording import Recording

Publish = Callable[[str, dict[str, Any]], None]
"""Raises an event: its type and its message."""


class World:
    """See the module's docstring."""

    def __init__(self, clock: Clock, recording: Recording) -> None:
        """Begin with nobody listening to events."""
        self.clock = clock
        self.recording = recording
        self.publish: Publish = lambda type, message: None
        """Set by whoever delivers events."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._born = datetime.now(UTC) - timedelta(seconds=clock.now())

    def created(self) -> str:
        """The simulated moment as Misty stamps its messages."""
        moment = self._born + timedelta(seconds=self.clock.now())
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something until it is done or the robot goes down."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def end_tasks(self) -> None:
        """Stop everything that was spawned."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.recording.event("simulator_error", error=repr(error))
            task.get_loop().call_exception_handler({"message": "a task of the simulator failed", "exception": error})
