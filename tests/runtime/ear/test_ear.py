"""The ear as a whole, on files that are read at full speed."""

from __future__ import annotations

import asyncio
import threading
import time
import wave
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from robot_runtime.ear.activity import Activity
from robot_runtime.ear.blocks import Block, BlockCutter
from robot_runtime.ear.ear import Ear
from robot_runtime.ear.endpoint import Endpoint
from robot_runtime.ear.file_source import FileSource
from robot_runtime.ear.listening import (
    EarEvent,
    Listening,
    NothingHeard,
    PartialChanged,
    SpeechBegan,
    SpeechPaused,
    SpeechResumed,
    UtteranceEnded,
)
from robot_runtime.ear.recogniser import Heard, Word
from robot_runtime.ear.settings import ActivitySettings, EarSettings, EndpointSettings
from robot_runtime.ear.sources import open_source
from robot_runtime.errors import ToddlerRobotError

RATE = 16000
DEADLINE_S = 20.0
Sound = NDArray[np.int16]
Say = Callable[..., Sound]
Room = Callable[..., Sound]


class ByLoudness:
    """A recogniser that understands one word of its text in every quarter of a second that is loud."""

    def __init__(self, text: str = "where is your bag") -> None:
        self.words = text.split()
        self.heard: list[Sound] = []
        self.finished: list[Sound] = []
        self.resets = 0
        self.closed = False
        self.threads: set[int] = set()

    def accept(self, pcm: Sound) -> None:
        self.threads.add(threading.get_ident())
        self.heard.append(pcm)

    def partial(self) -> str:
        self.threads.add(threading.get_ident())
        blocks = np.concatenate([np.zeros(0, np.int16), *self.heard]).astype(int).reshape(-1, 320)
        loud_s = 0.02 * int((np.abs(blocks).max(axis=1) > 600).sum())
        return " ".join(self.words[: int(loud_s / 0.25)])

    def finish(self) -> Heard:
        text = self.partial()
        self.finished.append(np.concatenate(self.heard))
        self.heard.clear()
        return Heard(tuple(Word(word, 0.0, 0.1, 1.0) for word in text.split()))

    def reset(self) -> None:
        self.threads.add(threading.get_ident())
        self.resets += 1
        self.heard.clear()

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed = True


class ByHand:
    """A source whose sound the test puts in."""

    name = "by hand"
    waiting = 0

    def __init__(self) -> None:
        self.cutter = BlockCutter()
        self.queue: asyncio.Queue[Block | None] = asyncio.Queue()
        self.taken = asyncio.Event()

    def put(self, pcm: Sound) -> None:
        for block in self.cutter.cut(pcm):
            self.queue.put_nowait(block)
        self.taken.clear()

    async def blocks(self) -> AsyncGenerator[Block, None]:
        while True:
            if self.queue.empty():
                self.taken.set()
            block = await self.queue.get()
            if block is None:
                return
            yield block

    def hold(self, held: bool) -> None: ...

    async def close(self) -> None:
        self.queue.put_nowait(None)


def write_wav(path: Path, pcm: Sound) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.astype("<i2").tobytes())
    return path


async def listen(path: Path, recogniser: ByLoudness, chosen: EarSettings | None = None) -> list[EarEvent]:
    """Everything that happens in the file, or in the folder's files."""
    ear = Ear(FileSource(path, realtime=False), recogniser, chosen or EarSettings(), pytest.fail)
    async with asyncio.timeout(DEADLINE_S):
        events = [event async for event in ear.events()]
        await ear.close()
    assert recogniser.closed and len(recogniser.threads) == 1
    assert threading.get_ident() not in recogniser.threads
    return events


async def test_an_utterance_from_its_beginning_to_its_end(tmp_path: Path, say: Say, room: Room) -> None:
    speech = say("where is your bag")
    sound, recogniser = room(1, speech, 2), ByLoudness()
    began, *between, ended = await listen(write_wav(tmp_path / "a.wav", sound), recogniser)
    assert isinstance(began, SpeechBegan) and began.at_s == pytest.approx(1, abs=0.15)
    partials = [event for event in between if isinstance(event, PartialChanged)]
    assert [event.text.split()[-1] for event in partials] == ["where", "is", "your", "bag"]
    (paused,) = [event for event in between if isinstance(event, SpeechPaused)]
    assert paused.at_s == pytest.approx(paused.speech_end_s + 0.2)
    assert isinstance(ended, UtteranceEnded) and ended.heard.text == "where is your bag"
    assert ended.speech_end_s == pytest.approx(1 + len(speech) / RATE, abs=0.05)
    assert ended.endpoint_s - ended.speech_end_s == pytest.approx(0.35, abs=0.021)
    end = round(ended.endpoint_s * RATE)
    assert (ended.pcm == sound[end - len(ended.pcm) : end]).all()
    assert (ended.pcm == recogniser.finished[0]).all()
    assert end - len(ended.pcm) == pytest.approx((began.at_s - 0.3) * RATE, abs=0.15 * RATE)


async def test_files_of_a_folder_are_turns(tmp_path: Path, say: Say, room: Room) -> None:
    for number in range(3):
        write_wav(tmp_path / f"{number}.wav", room(0.5, say("do you want milk")))
    events = await listen(tmp_path, ByLoudness("do you want milk"))
    turns = [event for event in events if isinstance(event, UtteranceEnded)]
    assert [turn.heard.text for turn in turns] == ["do you want milk"] * 3
    assert all(len(turn.pcm) < 3 * RATE for turn in turns)


async def test_a_pause_after_an_unfinished_partial_is_waited_out(tmp_path: Path, say: Say, room: Room) -> None:
    first, second = say("where is your"), say("bag")
    path = write_wav(tmp_path / "a.wav", room(1, first, 0.6, second, 2))
    events = await listen(path, ByLoudness())
    kinds = [type(event) for event in events]
    assert kinds.count(SpeechResumed) >= 1 and kinds.count(SpeechBegan) == 1 and kinds.count(UtteranceEnded) == 1
    assert isinstance(events[-1], UtteranceEnded) and events[-1].heard.text == "where is your bag"


async def test_speech_without_a_word(tmp_path: Path, say: Say, room: Room) -> None:
    speech = say("where is your bag")
    *_, last = await listen(write_wav(tmp_path / "a.wav", room(1, speech, 2)), ByLoudness(""))
    assert isinstance(last, NothingHeard)
    assert last.endpoint_s - last.speech_end_s == pytest.approx(0.9, abs=0.021)


async def test_a_cough_is_nothing(tmp_path: Path, room: Room) -> None:
    cough = np.random.default_rng(2).normal(0, 9000, RATE // 4).astype(np.int16)
    recogniser = ByLoudness("")
    assert await listen(write_wav(tmp_path / "a.wav", room(1, cough, 1, cough, 2)), recogniser) == []
    assert recogniser.resets == 2


async def test_the_recogniser_is_left_alone_while_nothing_is_heard(tmp_path: Path, room: Room) -> None:
    recogniser = ByLoudness()
    assert await listen(write_wav(tmp_path / "a.wav", room(30)), recogniser) == []
    assert recogniser.heard == [] and recogniser.resets == 0


class Conversation:
    """An ear on a source that is filled by hand, and what it said so far."""

    def __init__(self, recogniser: ByLoudness) -> None:
        self.source = ByHand()
        self.notices: list[str] = []
        self.ear = Ear(self.source, recogniser, EarSettings(), self.notices.append)
        self.events: list[EarEvent] = []
        self.listening = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        async for event in self.ear.events():
            self.events.append(event)

    async def put(self, pcm: Sound) -> None:
        """Let the ear hear all of it."""
        self.source.put(pcm)
        async with asyncio.timeout(DEADLINE_S):
            await self.source.taken.wait()

    async def end(self) -> list[EarEvent]:
        self.source.queue.put_nowait(None)
        async with asyncio.timeout(DEADLINE_S):
            await self.listening
            await self.ear.close()
        return self.events

    @property
    def turns(self) -> list[str]:
        return [event.heard.text for event in self.events if isinstance(event, UtteranceEnded)]


async def test_nothing_is_heard_while_the_robot_speaks_nor_in_the_tail(say: Say, room: Room) -> None:
    speech, recogniser = say("where is your bag"), ByLoudness()
    talk = Conversation(recogniser)
    await talk.put(room(1))
    talk.ear.gate(True)
    await talk.put(room(speech, 0.02))
    talk.ear.gate(False)
    await talk.put(room(speech[: RATE // 5]))  # the echo of the last word
    await talk.put(room(2))
    assert talk.events == []
    await talk.put(room(speech, 2))
    await talk.end()
    assert talk.turns == ["where is your bag"]


async def test_what_is_being_said_when_the_ear_is_shut_is_forgotten(say: Say, room: Room) -> None:
    speech, recogniser = say("where is your bag"), ByLoudness()
    talk = Conversation(recogniser)
    await talk.put(room(1, speech[:RATE]))
    assert any(isinstance(event, PartialChanged) for event in talk.events)
    talk.ear.gate(True)
    await talk.put(room(1))
    talk.ear.gate(False)
    await talk.put(room(3))
    assert talk.turns == [] and recogniser.resets == 1
    await talk.put(room(speech, 2))
    await talk.end()
    assert talk.turns == ["where is your bag"]


async def test_missing_sound_ends_a_turn_unanswered(say: Say, room: Room) -> None:
    speech, recogniser = say("where is your bag"), ByLoudness()
    talk = Conversation(recogniser)
    await talk.put(room(1, speech[:RATE]))
    talk.source.cutter.skip(60 * RATE)
    await talk.put(room(2))
    await talk.end()
    assert talk.turns == [] and recogniser.resets == 1


class Failing(ByLoudness):
    """Fails on its first utterance."""

    failures = 3

    def finish(self) -> Heard:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("out of memory")
        return super().finish()


async def test_a_failing_recogniser_costs_utterances_and_is_told_once(say: Say, room: Room) -> None:
    speech, recogniser = say("where is your bag"), Failing()
    talk = Conversation(recogniser)
    for _ in range(4):
        await talk.put(room(1, speech, 2))
    await talk.end()
    assert talk.turns == ["where is your bag"]
    assert len(talk.notices) == 1 and "out of memory" in talk.notices[0]


class Hanging(ByLoudness):
    def __init__(self) -> None:
        super().__init__()
        self.free = threading.Event()

    def accept(self, pcm: Sound) -> None:
        self.free.wait(DEADLINE_S)


async def test_a_hanging_recogniser_ends_the_ear_in_time(monkeypatch: pytest.MonkeyPatch, say: Say, room: Room) -> None:
    monkeypatch.setattr("robot_runtime.ear.ear._DEADLINE_S", 0.2)
    recogniser = Hanging()
    talk = Conversation(recogniser)
    talk.source.put(room(1, say("hello"), 1))
    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(ToddlerRobotError, match=r"longer than 0.2 s"):
            await talk.listening
        begin = time.perf_counter()
        await talk.ear.close()
        assert time.perf_counter() - begin < 1
    recogniser.free.set()


async def test_closing_ends_everything_within_a_second() -> None:
    recogniser = ByLoudness()
    ear = Ear(open_source(microphone="null"), recogniser, EarSettings(), pytest.fail)
    events = ear.events()
    waiting = asyncio.create_task(anext(events, None))
    done, _ = await asyncio.wait([waiting], timeout=0.3)  # it listens, and hears nothing
    assert not done
    begin = time.perf_counter()
    await ear.close()
    async with asyncio.timeout(DEADLINE_S):
        assert await waiting is None
    assert time.perf_counter() - begin < 1 and recogniser.closed
    await ear.close()


async def test_an_ear_that_never_listened_can_be_closed() -> None:
    recogniser = ByLoudness()
    await Ear(ByHand(), recogniser, EarSettings(), pytest.fail).close()
    assert recogniser.closed


class Told:
    """A detector that has been told what to find."""

    speech = 0.0

    def feed(self, pcm: Sound) -> float:
        return self.speech


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20000), st.floats(0, 1), st.integers(1, 40)), max_size=40),
    st.sampled_from(["", "yes", "where is your bag", "and then the"]),
)
def test_events_have_an_order(parts: list[tuple[int, float, int]], text: str) -> None:
    """began, (partial, paused, resumed)*, ended or nothing; and times never go back."""
    told, recogniser = Told(), ByLoudness(text)
    listening = Listening(recogniser, Activity(ActivitySettings(), told), Endpoint(EndpointSettings()))
    cutter, events, ends = BlockCutter(), list[EarEvent](), list[float]()
    for amplitude, told.speech, count in parts:
        for block in cutter.cut(np.full(320 * count, amplitude, np.int16)):
            for event in listening.hear(block):
                events.append(event)
                ends.append(block.end_s)
    open_turn = False
    for event, end_s in zip(events, ends, strict=True):
        assert isinstance(event, SpeechBegan) != open_turn
        open_turn = not isinstance(event, UtteranceEnded | NothingHeard)
        match event:
            case UtteranceEnded(pcm=pcm):
                assert event.speech_end_s <= event.endpoint_s == end_s and len(pcm) <= 16 * RATE
            case NothingHeard(speech_end_s, endpoint_s):
                assert speech_end_s <= endpoint_s == end_s
            case SpeechBegan(at_s) | SpeechResumed(at_s):
                assert at_s < end_s
            case PartialChanged(_, at_s) | SpeechPaused(_, at_s):
                assert at_s == end_s
