"""Misty's commands over HTTP, one after the other.

Of two commands at a time the robot may answer both and carry out one (reported from a robot). So all take their turn in
one lane, speech before the rest. What has to happen at once, silence and stillness, has a lane of its own beside it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Callable
from typing import Any

import requests

from misty_adapter.connection.connections import session
from robot_runtime.errors import RobotError

ANSWER_S = 1.5
"""How long one command may take, from sending it to the end of its answer. Our choice: how quick real robots are is not
known here, and a late answer does no harm, since nothing is done twice that must not be."""

CUT_S = 0.5
"""How long closing waits for a thread whose connection was cut."""

UPLOAD_BYTES_S = 100_000
"""Slowest network that an upload is given time for, in bytes a second."""

PATIENCE_S = 4.0
"""How long a command is repeated, where that does no harm."""

PAUSE_S = 0.1
"""Shortest pause before a repetition; it doubles, and a random half is added."""

ANSWER_BYTES = 8 * 1024 * 1024
"""Longest answer: a file of 3 MB in base64, and room."""

ONCE = frozenset({"audio/play", "tts/speak", "audio/speech/capture"})
"""Commands that do something again when they are repeated, so only a refused one is; all others lead to the same state
however often."""

SPEECH, BODY = 0, 1
"""Ranks: whose turn comes first."""

Sent = Callable[[], None]
"""Called each time that a command is sent, which may be long after it was given."""


def unnoticed() -> None:
    """Nobody wants to know when it is sent."""


class CallError(RobotError):
    """A command failed."""

    def __init__(self, message: str, status: int | None = None) -> None:
        """Say what happened.

        Args:
            message: to what, and what to do.
            status: of HTTP, None when no answer came: then the robot may have carried it out.
        """
        super().__init__(message)
        self.status = status

    @property
    def refused(self) -> bool:
        """The robot said that it would not do it; whatever broke inside it (500) may have done it."""
        return self.status is not None and self.status != 500 and self.status >= 400


class Lane:
    """One thread's worth of commands, in order of rank and age."""

    def __init__(self, base: str) -> None:
        """Begin with nothing to do."""
        self._base = base
        self._session, self._connections = session()
        self._waiting: asyncio.PriorityQueue[tuple[int, int, asyncio.Future[Any], tuple[Any, ...]]]
        self._waiting = asyncio.PriorityQueue()
        self._number = itertools.count()
        self._running: asyncio.Future[Any] | None = None
        self._thread: asyncio.Future[Any] | None = None
        self.closed = False
        """It takes no more commands."""
        self._worker = asyncio.create_task(self._work())

    async def call(
        self, rank: int, method: str, path: str, fields: dict[str, Any], limit_s: float, sent: Sent = unnoticed
    ) -> Any:
        """One command when its turn has come; cancelled, it is not sent, or not waited for.

        Raises:
            CallError: it failed, or had no answer `limit_s` seconds after it was sent, or the lane is closed.
        """
        if self.closed:
            raise CallError(f"Misty was not asked for {path}: the conversation is over")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((rank, next(self._number), future, (method, path, fields, limit_s, sent)))
        return await future

    async def close(self) -> None:
        """End; what waits or is under way is given up."""
        self.closed = True
        self._worker.cancel()
        await asyncio.wait([self._worker])
        self._session.close()
        if self._thread:
            await asyncio.wait([self._thread], timeout=CUT_S)
        given_up = [self._waiting.get_nowait()[2] for _ in range(self._waiting.qsize())]
        for future in (self._running, *given_up):
            if future and not future.done():
                future.set_exception(CallError("Misty was not asked, or not listened to: the conversation is over"))

    async def _work(self) -> None:
        while True:
            _, _, future, command = await self._waiting.get()
            if not future.done():
                self._running = future
                await self._run(future, *command)

    async def _run(
        self, future: asyncio.Future[Any], method: str, path: str, fields: dict[str, Any], limit_s: float, sent: Sent
    ) -> None:
        """Let a thread do it; when the time is over or nobody waits any more, cut its connection."""
        sent()
        thread = self._thread = asyncio.ensure_future(asyncio.to_thread(self._request, method, path, fields, limit_s))
        thread.add_done_callback(_seen)
        await asyncio.wait([thread, future], timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        while not thread.done():  # a connection that is just being made cannot be cut yet
            self._connections.cut()
            await asyncio.wait([thread], timeout=CUT_S)
        if future.done():
            return
        error = thread.exception()
        if error is None:
            future.set_result(thread.result())
        elif isinstance(error, CallError):
            future.set_exception(error)
        else:  # no more threads, no more memory
            future.set_exception(CallError(f"this computer cannot ask Misty for {path}: {error!r}"))

    def _request(self, method: str, path: str, fields: dict[str, Any], limit_s: float) -> Any:
        query = fields if method == "GET" else None
        body = None if method == "GET" else fields
        url = f"{self._base}/api/{path}"
        ends = time.monotonic() + limit_s
        try:
            with self._session.request(
                method, url, params=query, json=body, timeout=limit_s, stream=True, allow_redirects=False
            ) as answer:
                data = bytearray()
                for piece in answer.iter_content(64 * 1024):
                    data += piece
                    if len(data) > ANSWER_BYTES or time.monotonic() > ends:
                        raise CallError(f"Misty's answer to {path} does not end")
                return unwrap(path, answer.status_code, bytes(data))
        except requests.RequestException as error:
            raise CallError(f"Misty does not answer {path}: {_why(error)}") from error
        except (ValueError, OSError) as error:  # what urllib3 makes of answers that are no HTTP
            raise CallError(f"Misty's answer to {path} is no HTTP: {error}") from error


class Client:
    """See the module's docstring. All methods belong to the event loop."""

    def __init__(self, address: tuple[str, int]) -> None:
        """Prepare for a robot at host and port; nothing is sent yet."""
        base = f"http://{address[0]}:{address[1]}"
        self._turns = Lane(base)
        self._at_once = Lane(base)
        self._chance = random.Random()
        self.round_trip_s = 0.0
        """How long the last commands took that had an answer, a mean of late ones and earlier ones."""

    async def get(self, path: str, *, limit_s: float = ANSWER_S, **fields: Any) -> Any:
        """The result of a command that only asks; raises `CallError`."""
        return await self._repeat(self._turns, BODY, "GET", path, fields, limit_s)

    async def post(
        self, path: str, *, rank: int = BODY, limit_s: float = ANSWER_S, sent: Sent = unnoticed, **fields: Any
    ) -> Any:
        """The result of a command, repeated where that is safe.

        Args:
            path: below `/api/`.
            rank: SPEECH goes before BODY.
            limit_s: how long each attempt may take.
            sent: called at each attempt.
            fields: its arguments.

        Raises:
            CallError: it failed.
        """
        return await self._repeat(self._turns, rank, "POST", path, fields, limit_s, sent)

    async def delete(self, path: str, **fields: Any) -> Any:
        """The result of a command that deletes; raises `CallError`."""
        return await self._repeat(self._turns, BODY, "DELETE", path, fields, ANSWER_S)

    async def at_once(self, path: str, **fields: Any) -> Any:
        """The result of a command that waits for no other; raises `CallError`."""
        return await self._repeat(self._at_once, SPEECH, "POST", path, fields, ANSWER_S)

    async def close(self) -> None:
        """End both lanes; what is under way is cut off."""
        await asyncio.gather(self._turns.close(), self._at_once.close())

    async def _repeat(
        self, lane: Lane, rank: int, method: str, path: str, fields: dict[str, Any], limit_s: float,
        sent: Sent = unnoticed,
    ) -> Any:  # fmt: skip
        ends = time.monotonic() + max(PATIENCE_S, limit_s)
        pause = PAUSE_S
        while True:
            try:
                return await self._timed(lane, rank, method, path, fields, limit_s, sent)
            except CallError as error:
                may_repeat = not lane.closed and (path not in ONCE or error.refused)
                if not may_repeat or error.status == 404 or time.monotonic() + pause >= ends:
                    raise
            await asyncio.sleep(pause * self._chance.uniform(1.0, 1.5))
            pause *= 2
            limit_s = max(0.2, min(limit_s, ends - time.monotonic()))

    async def _timed(
        self, lane: Lane, rank: int, method: str, path: str, fields: dict[str, Any], limit_s: float, sent: Sent
    ) -> Any:
        began = time.monotonic()

        def started() -> None:
            nonlocal began
            began = time.monotonic()
            sent()

        result = await lane.call(rank, method, path, fields, limit_s, started)
        self.round_trip_s += 0.3 * (time.monotonic() - began - self.round_trip_s)
        return result


def _seen(thread: asyncio.Future[Any]) -> None:
    """Its error may be for nobody: a cancelled command's, or that of a lane that has closed."""
    if not thread.cancelled():
        thread.exception()


def unwrap(path: str, status: int, body: bytes) -> Any:
    """The result in an answer.

    Raises:
        CallError: the robot says that it failed, or it says nothing that a Misty would say.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if status == 503:
        raise CallError("Misty is updating or still booting: wait until its face is back, and try again", status)
    if not isinstance(answer, dict) or "status" not in answer:
        raise CallError(f"no Misty would answer {path} like that (HTTP {status}): check --ip", status)
    if status >= 400 or str(answer["status"]).lower() != "success":
        raise CallError(f"Misty refuses {path} (HTTP {status}): {str(answer.get('error'))[:200]}", max(status, 400))
    return answer.get("result")


def _why(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "nothing at its address; is it switched on, and in the same network?"
    if isinstance(error, requests.Timeout):
        return "it takes too long"
    cause = error.args[0] if error.args else error
    reason = getattr(cause, "reason", None) or cause
    if "refused" in str(reason).lower():
        return "nobody listens at its address"
    return f"the connection broke ({type(reason).__name__})"
