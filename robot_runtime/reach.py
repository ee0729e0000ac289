"""Whether a robot can be reached, for an adapter whose link may come and go."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from enum import StrEnum

_LOG = logging.getLogger(__name__)


class LinkState(StrEnum):
    """How well the robot can be reached."""

    DOWN = "down"
    UP = "up"
    DEGRADED = "degraded"


class Reach:
    """The state of a link, whose keeper says what it becomes."""

    def __init__(self, changed: Callable[[LinkState], None]) -> None:
        """Begin down; `changed` is called whenever the state has changed."""
        self.state = LinkState.DOWN
        """How well the robot can be reached."""
        self._changed = changed
        self._up = asyncio.Event()
        self._left_up_at = time.monotonic()

    @property
    def down_s(self) -> float:
        """For how many seconds the link has not been up; 0 while it is."""
        return 0.0 if self.state is LinkState.UP else time.monotonic() - self._left_up_at

    async def wait_up(self, seconds: float) -> bool:
        """Wait until the link is up; False if it is not after so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._up.is_set():  # it may be down again when this task has its turn
                    await self._up.wait()
        return self._up.is_set()

    def become(self, state: LinkState, *, tell: bool = True) -> None:
        """Note another state, and `tell` of it."""
        if self.state is LinkState.UP:
            self._left_up_at = time.monotonic()
        self.state = state
        if state is LinkState.UP:
            self._up.set()
        else:
            self._up.clear()
        if tell:
            try:
                self._changed(state)
            except Exception:  # whatever is made of it, the link is kept
                _LOG.exception("the link is %s", state)
