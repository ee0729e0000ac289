"""The mind as the rest of the runtime sees it: a worker process that is started, watched and replaced.

Whatever happens to the worker (a segmentation fault, kill -9, a hang, garbage on its pipe) costs the reply it was
working on: `think` raises a `MindError` at once or at its deadline, and a new worker starts in the background.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from robot_runtime.errors import MindCrashed, MindError, MindTimeout, ModelError
from robot_runtime.mind.prompt import Exchange
from robot_runtime.mind.settings import MindSettings
from robot_runtime.mind.threads import QUIET_THREADS
from robot_runtime.mind.worker_settings import WorkerSettings

WORKER = (sys.executable, "-m", "robot_runtime.mind.worker")
"""The command that starts a worker; its settings follow as JSON."""

RESTART_PAUSES_S = (0.0, 0.5, 2.0, 5.0)
"""Waits before the first, second, ... restart in a row; the last one repeats."""

LINE_LIMIT = 1 << 20
"""Longest answer in bytes that is taken for one."""


@dataclass(frozen=True)
class Thought:
    """What the model proposes for one turn."""

    texts: tuple[str, ...]
    """One candidate reply for each seed, as the model wrote them."""
    log_p: tuple[float, ...]
    """Log-probability in nats that the model gives each. <= 0."""
    tokens: int
    """Tokens sampled for all of them."""
    prompt_tokens: int
    """Length of the prompt."""
    cached_tokens: int
    """Prompt tokens that were evaluated before this turn."""
    prefill_ms: float
    """Evaluating the rest of the prompt."""
    decode_ms: float
    """Sampling the replies."""


class Mind:
    """Thinks in a worker process. One turn at a time."""

    def __init__(
        self,
        worker: WorkerSettings,
        settings: MindSettings,
        *,
        command: Sequence[str] = WORKER,
        notice: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Describe a mind; `start` it before use.

        Args:
            worker: what the worker process is given.
            settings: deadlines.
            command: the worker's command line, without its settings.
            notice: told, in a line for the user, when the worker fails and what is done about it.
        """
        self._worker = worker
        self._settings = settings
        self._command = tuple(command)
        self._notice = notice
        self._process: asyncio.subprocess.Process | None = None
        self._restart: asyncio.Task[None] | None = None
        self._requests = 0
        self._failures = 0
        self._busy = asyncio.Lock()
        self.restarts = 0
        """How often a worker had to be replaced."""
        self.about: dict[str, Any] = {}
        """What the worker said when it was ready: parameters, threads, context (tokens), load_ms."""

    @property
    def pid(self) -> int | None:
        """The worker's process id, None while there is none."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start the worker and wait until it has decoded a first reply.

        Raises:
            ModelError: the model cannot be loaded or decoded here.
        """
        try:
            await self._spawn()
        except MindCrashed as error:
            if not self._worker.extra_buffers:
                raise ModelError(f"{error}. `toddler-robot doctor` looks for the cause") from error
            self._notice("llama.cpp crashed with mind.extra_buffers; going on without (set it to false)")
            self._worker = WorkerSettings(**asdict(self._worker) | {"extra_buffers": False})
            await self._spawn()

    async def think(
        self, caregiver: str, history: Sequence[Exchange], seeds: Sequence[int], *, run_on: bool = False
    ) -> Thought:
        """Sample one candidate reply for each seed.

        Args:
            caregiver: what is to be answered.
            history: what was said before, from the oldest to the newest.
            seeds: one for each candidate.
            run_on: let every candidate go on to its longest length; for measurements.

        Raises:
            MindCrashed: the worker ended or wrote nonsense; a new one is being started.
            MindTimeout: no answer within `deadline_s`; likewise.
        """
        answer = await self._ask(
            "generate",
            history=history,
            caregiver=caregiver,
            seeds=list(seeds),
            # The worker gives out what it has shortly before its caller would give up on it.
            deadline_s=0.8 * self._settings.deadline_s,
            run_on=run_on,
        )
        candidates = answer["candidates"]
        return Thought(
            texts=tuple(candidate["text"] for candidate in candidates),
            log_p=tuple(candidate["log_p"] for candidate in candidates),
            tokens=sum(candidate["tokens"] for candidate in candidates),
            prompt_tokens=answer["prompt_tokens"],
            cached_tokens=answer["cached_tokens"],
            prefill_ms=answer["prefill_ms"],
            decode_ms=answer["decode_ms"],
        )

    async def prepare(self, history: Sequence[Exchange], caregiver: str | None = None) -> int:
        """Evaluate, ahead of time, what the next prompt will begin with.

        Args:
            history: what was said before, from the oldest to the newest.
            caregiver: what may have to be answered next; None where nothing has been said yet.

        Returns:
            How many of the newest exchanges fit the token budget.

        Raises:
            MindError: as `think`.
        """
        return int((await self._ask("prepare", history=history, caregiver=caregiver))["kept"])

    async def aclose(self) -> None:
        """End the worker."""
        if self._restart:
            self._restart.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._restart
        await self._kill()

    async def _ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """One request and its answer within the deadline, waiting for its turn included."""
        try:
            async with asyncio.timeout(self._settings.deadline_s), self._busy:
                return await self._exchange(op, fields)
        except TimeoutError:
            await self._replace(f"no answer in {self._settings.deadline_s:g} s")
            raise MindTimeout(f"thinking took longer than mind.deadline_s = {self._settings.deadline_s:g} s") from None
        except MindCrashed as error:
            await self._replace(str(error))
            raise

    async def _exchange(self, op: str, fields: dict[str, Any]) -> dict[str, Any]:
        if self._restart:
            await asyncio.shield(self._restart)
        process = self._process
        if process is None or process.stdin is None:
            raise MindCrashed("the thinking process is not running")
        self._requests += 1
        number = self._requests
        request = json.dumps({"id": number, "op": op, **fields}) + "\n"
        try:
            process.stdin.write(request.encode())
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise MindCrashed("the thinking process has ended") from error
        try:
            while (answer := await self._read(process)).get("id") != number:
                if answer.get("id") not in range(1, number):  # else of a request whose asker was cancelled
                    raise MindCrashed("the thinking process answered something else")
        except asyncio.CancelledError:  # a draft of words that have changed must not keep the next one waiting
            process.stdin.write(json.dumps({"id": number, "op": "forget"}).encode() + b"\n")
            raise
        if "error" in answer:
            raise MindCrashed(f"the thinking process could not answer: {answer['error']}")
        self._failures = 0
        return answer

    async def _read(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        assert process.stdout is not None
        try:
            line = await process.stdout.readline()
        except ValueError as error:  # longer than LINE_LIMIT
            raise MindCrashed("the thinking process wrote garbage") from error
        if not line:
            status = await process.wait()
            how = f"by signal {-status}" if status < 0 else f"with status {status}"
            raise MindCrashed(f"the thinking process ended {how}")
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise MindCrashed("the thinking process wrote garbage") from error
        if not isinstance(answer, dict):
            raise MindCrashed("the thinking process wrote garbage")
        return answer

    async def _spawn(self) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            json.dumps(asdict(self._worker)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | QUIET_THREADS,
            limit=LINE_LIMIT,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self._settings.start_deadline_s):
                hello = await self._read(process)
        except TimeoutError:
            await self._kill()
            raise MindCrashed(
                f"the model was not loaded within mind.start_deadline_s = {self._settings.start_deadline_s:g} s"
            ) from None
        except BaseException:
            await self._kill()
            raise
        if "ready" not in hello:
            await self._kill()
            raise ModelError(str(hello.get("failed", "the thinking process did not say that it is ready")))
        self.about = hello["ready"]

    async def _replace(self, why: str) -> None:
        """Kill the worker and start another in the background."""
        if self._restart and not self._restart.done():
            return
        self._notice(f"{why}; starting a new one")
        await self._kill()
        self.restarts += 1
        pause = RESTART_PAUSES_S[min(self._failures, len(RESTART_PAUSES_S) - 1)]
        self._failures += 1
        self._restart = asyncio.create_task(self._start_again(pause))

    async def _start_again(self, pause: float) -> None:
        await asyncio.sleep(pause)
        try:
            await self._spawn()
        except (MindError, ModelError) as error:
            self._notice(f"the thinking process cannot be started: {error}")
        self._restart = None

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
