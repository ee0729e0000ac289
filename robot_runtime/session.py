"""Opens everything that a conversation needs, in order, and closes it again whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import platform
import random
import time
from collections.abc import AsyncIterator, Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robot_runtime import __version__
from robot_runtime.check import Check
from robot_runtime.composer import Composer
from robot_runtime.dialogue import Dialogue
from robot_runtime.ear.settings import EarSettings
from robot_runtime.errors import MissingExtraError, ModelError, SettingsError
from robot_runtime.mind.memory import Memory
from robot_runtime.mind.mind import Mind
from robot_runtime.mind.prompt import prompt_format
from robot_runtime.mind.threads import choose_candidates
from robot_runtime.mind.worker_settings import WorkerSettings
from robot_runtime.model_store.checksums import sha256_of
from robot_runtime.model_store.locate import LocatedModel, locate
from robot_runtime.record import Record
from robot_runtime.robot import Robot, RobotOptions
from robot_runtime.robots import open_robot
from robot_runtime.settings import Settings
from robot_runtime.stimuli import Stimuli, reaction_to
from robot_runtime.voice.choose import open_voice

if TYPE_CHECKING:
    from robot_runtime.ear.ear import Ear
    from robot_runtime.ear.echo_removal import EchoRemoval
    from robot_runtime.ear.sources import Source


TOUCHES = frozenset({"tapped", "touched", "button"})
"""Kinds of `RobotEvent` with which somebody can stop the robot in the middle of a word."""


@dataclasses.dataclass(frozen=True)
class Session:
    """An open conversation."""

    dialogue: Dialogue
    """Answers."""
    robot: Robot
    """Connected."""
    stimuli: Stimuli
    """What happened to the body and waits for an answer."""
    felt: asyncio.Event
    """Set each time something happened to the body."""
    touched: asyncio.Event
    """Set each time somebody touched it on purpose."""
    ear: Ear | None
    """Listens, None where one types."""
    ear_settings: EarSettings
    """How."""
    record: Record
    """Open."""
    mind: Mind
    """Ready."""
    model: LocatedModel
    """What it thinks with."""
    seed: int
    """The seed in use."""


def worker_settings(settings: Settings, model: LocatedModel) -> WorkerSettings:
    """What the worker process has to know.

    Raises:
        SettingsError: there is no prompt format of the name that the profile gives.
    """
    mind = settings.mind
    sampling = dataclasses.asdict(model.sampling)
    if mind.temperature >= 0:
        sampling["temperature"] = mind.temperature
    return WorkerSettings(
        model=str(model.path),
        prompt_format=prompt_format(mind.prompt_format or model.prompt_format).name,
        system=model.system if mind.system is None else mind.system,
        sampling=sampling,
        candidates=choose_candidates(model.path, mind.candidates),
        max_tokens=mind.max_tokens,
        memory_tokens=mind.memory_tokens,
        caregiver_tokens=mind.caregiver_tokens,
        threads=mind.threads,
        extra_buffers=mind.extra_buffers,
    )


@contextlib.asynccontextmanager
async def open_session(
    settings: Settings,
    *,
    listen: bool = False,
    source: Source | None = None,
    interactive: bool = False,
    notice: Callable[[str], None] = lambda text: None,
) -> AsyncIterator[Session]:
    """A conversation that is ready for its first line; closed at the end of the `async with` block.

    Args:
        settings: everything that was asked for.
        listen: open an ear. Without what it needs one types, and is told so; what was named has to be there.
        source: what to listen to, in place of what the settings name.
        interactive: a person watches the terminal.
        notice: told a line for the user at a time.

    Raises:
        ToddlerRobotError: some part cannot be had; what was open is closed again.
    """
    model = locate(settings.session.model)
    seed = random.SystemRandom().getrandbits(31) if settings.session.seed is None else settings.session.seed
    async with contextlib.AsyncExitStack() as stack:
        record = Record(Path(settings.session.record) if settings.session.record else None)
        ended = _Ended(record)
        stack.enter_context(ended)
        record.event("session_started", **about(settings, model), seed=seed)

        def tell(text: str) -> None:
            record.event("notice", text=text)
            notice(text)

        echo = _echo_removal(settings.ear) if listen else None
        robot = open_robot(
            settings.session.platform,
            RobotOptions(
                address=settings.session.ip,
                sound_device=settings.session.sound_device,
                interactive=interactive,
                notice=tell,
                played=echo.played if echo else None,
                settings=settings.robot,
            ),
        )
        voice, missing = open_voice(settings.voice)
        stack.push_async_callback(voice.aclose)
        if missing:
            tell(missing)
        if record.folder:
            tell(f"recording to {record.folder}")
        worker = worker_settings(settings, model)
        mind = Mind(worker, settings.mind, notice=tell)
        stack.push_async_callback(mind.aclose)
        await mind.start()
        stack.push_async_callback(robot.close)
        await robot.connect()
        ear = None
        if listen:
            ear = _open_ear(settings.ear, source, robot, echo, tell)
        if ear:
            stack.push_async_callback(ear.close)
        if record.folder:
            checksum = await asyncio.to_thread(sha256_of, model.path)
            record.event(
                "ready", model_sha256=checksum, mind=mind.about, voice=voice.describe(), duplex=bool(ear and ear.duplex)
            )
        dialogue = Dialogue(
            composer=Composer(
                mind=mind,
                check=Check(settings.check),
                voice=voice,
                record=record,
                candidates=worker.candidates,
                seed=seed,
            ),
            robot=robot,
            record=record,
            memory=Memory(settings.mind.memory_turns),
            timing=settings.timing,
            gate=ear.gate if ear else lambda closed: None,
        )
        ended.dialogue = dialogue
        stimuli = Stimuli(settings.body, seed, lambda kind, why: record.event("stimulus_dropped", kind=kind, why=why))
        stack.callback(stimuli.close)
        felt, touched = asyncio.Event(), asyncio.Event()
        body = asyncio.create_task(_feel(robot, record, stimuli, felt, touched, tell))
        stack.push_async_callback(_stop, body)
        yield Session(dialogue, robot, stimuli, felt, touched, ear, settings.ear, record, mind, model, seed)


def _echo_removal(settings: EarSettings) -> EchoRemoval | None:
    """What takes the robot's voice out of what is heard, None where that is not wanted or not possible."""
    from robot_runtime.ear.echo_removal import EchoRemoval

    return None if settings.echo == "gate" or settings.hear else EchoRemoval()


def _open_ear(
    settings: EarSettings,
    source: Source | None,
    robot: Robot,
    echo: EchoRemoval | None,
    tell: Callable[[str], None],
) -> Ear | None:
    """An ear, or None and a word about what is missing for one."""
    from robot_runtime.ear.ear import Ear
    from robot_runtime.ear.recogniser import RecogniserOptions
    from robot_runtime.ear.recognisers import open_recogniser
    from robot_runtime.ear.sources import open_source

    can = robot.capabilities
    own = robot.microphone() if settings.robot and not (source or settings.hear or settings.microphone) else None
    try:
        source = source or own or open_source(
            settings.hear, settings.microphone, realtime=settings.realtime, on_notice=tell
        )  # fmt: skip
        if echo and not (can.tells_sound and (source is not own or can.hears_itself)):
            echo = None
            if settings.echo == "remove":
                tell(f"{can.name} cannot be interrupted by voice: the ear is shut while it speaks")
        options = RecogniserOptions(settings.model, settings.expected)
        return Ear(source, open_recogniser(settings.recogniser, options), settings, tell, echo)
    except (SettingsError, MissingExtraError, ModelError) as error:
        if settings.hear or settings.microphone or settings.model:
            raise
        tell(f"{str(error).rstrip('.')}. Until then one types; --text leaves this line out")
        return None


def about(settings: Settings, model: LocatedModel) -> dict[str, Any]:
    """What a record says about how it came about."""
    versions = {"toddler-robot": __version__, "python": platform.python_version()}
    for package in ("llama-cpp-python", "numpy"):
        versions[package] = metadata.version(package)
    return {
        "versions": versions,
        "model": {"name": model.name, "file": model.path.name, "prompt_format": model.prompt_format},
        "settings": dataclasses.asdict(settings),
        "computer": {"system": platform.platform(), "machine": platform.machine(), "cores": os.cpu_count()},
    }


async def _feel(
    robot: Robot,
    record: Record,
    stimuli: Stimuli,
    felt: asyncio.Event,
    touched: asyncio.Event,
    tell: Callable[[str], None],
) -> None:
    async for event in robot.events():
        record.event("robot_event", kind=event.kind, data=dict(event.data))
        if notice := reaction_to(event).notice:
            tell(f"{robot.capabilities.name}: {notice}")
        stimuli.offer(event, time.monotonic())
        if event.kind in TOUCHES:
            touched.set()
        felt.set()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class _Ended:
    """Writes the record's last event, with the reason, after everything else has been closed."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.dialogue: Dialogue | None = None

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        turns = self.dialogue.turns if self.dialogue else 0
        self._record.close("end of input" if kind is None else kind.__name__, turns)
