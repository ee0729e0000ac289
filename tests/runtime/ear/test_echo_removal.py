"""The robot's own voice taken out of what is heard: synthetic speech through a simulated room, and faster than life."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from robot_runtime.check.words import words_of
from robot_runtime.ear.activity import Activity, open_detector
from robot_runtime.ear.blocks import BLOCK_S, BLOCK_SAMPLES, Block, BlockCutter
from robot_runtime.ear.echo_removal import EchoRemoval
from robot_runtime.ear.endpoint import Endpoint
from robot_runtime.ear.listening import Listening, PartialChanged, UtteranceEnded
from robot_runtime.ear.loudness import level_dbfs
from robot_runtime.ear.recogniser import RATE
from robot_runtime.ear.settings import EarSettings
from robot_runtime.ear.vosk_recogniser import VoskRecogniser
from robot_runtime.listener import claiming
from robot_runtime.stand.room import ROBOT_RATE, Room, RoomSettings
from robot_runtime.voice.espeak import EspeakVoice
from robot_runtime.voice.espeak_library import find_library
from robot_runtime.voice.settings import TODDLER_VOICE, VoiceSettings
from robot_runtime.voice.speech import Speech

EAR = EarSettings(model=Path(__file__).parents[2] / "vosk_model" / "model")
NOISE_DB = -65.0
LINES = """me want more juice, please; where doggy go?; me see a big red truck outside; no! me do it; uh oh;
me love you too, mommy; what that?; doggy say woof woof and kitty say meow; me not sleepy; ball fall down; want up;
me eat all the cookies and then me want a banana; it hurt here; mommy come play with me; no nap!; yeah;
teddy is sad, he want a hug; me find my shoe under the bed; more!; fish swim in water; the baby cry so loud;
me go park and me go on the slide; look, a plane up in the sky!; bye bye doggy, see you later; huh?; me thirsty;
i got a boo boo on my knee; daddy go work in the car; that my book, read it to me; one two three go!"""
REPLIES = [" ".join(line.split()) for line in LINES.split(";")]
SHORT = """stuck.; see?; no.; kitty sleep.; me do it!; fish.; there.; he sad.; pizza.; a bear.; woof woof!; splash!;
up!; two.; love you too!; me too.; mine.; it's hot.; hello!; choo choo!; salt!; a bus.; shoes!; soup.; on the chair.;
in the box.; yeah, milk, please.; juice.; more juice.; again!"""
BRIEF = [" ".join(line.split()) for line in SHORT.split(";")]
LONG = [reply for reply in REPLIES if len(reply) > 24]
CAREGIVER = """where is mommy; good night baby; how are you today; what is in it; do you want a cookie;
is it in the bag; what is your name; what did you do; i see a dog; i want a cookie; the ball is red; are you sleepy;
who is that; stop please; can you find the ball; did you sleep today; what did you have for lunch;
hello what is your name; what do you want to do; where is the park"""
ASKED = [" ".join(line.split()) for line in CAREGIVER.split(";")]


class Voices:
    """What was said once need not be synthesised again."""

    def __init__(self) -> None:
        library = find_library()
        self._files = {False: TODDLER_VOICE, True: library.data / "lang/gmw/en-US"}
        self._said: dict[tuple[str, bool], Speech] = {}

    def __call__(self, text: str, *, adult: bool = False) -> Speech:
        if (text, adult) not in self._said:
            voice = EspeakVoice(VoiceSettings(voice_file=self._files[adult], rate_wpm=150))
            with ThreadPoolExecutor(1) as thread:
                speech = thread.submit(asyncio.run, voice.synthesize(text)).result(30)
            self._said[text, adult] = speech
        return self._said[text, adult]


@pytest.fixture(scope="session")
def voices() -> Voices:
    return Voices()


@dataclass
class Talk:
    """What the ear makes of a robot that talks in a room."""

    claims: dict[int, tuple[str, float]] = field(default_factory=dict)
    """The first word that would have stopped the robot, and when, by the number of the utterance."""
    heard: list[str] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    """What is left of each utterance, in dB of full scale."""
    began: list[float] = field(default_factory=list)
    """When each utterance began to sound, in seconds."""


def echoes(pcm: NDArray[np.int16], chance: np.random.Generator) -> NDArray[np.int16]:
    """Twelve reflections in the first 60 ms, the first of them 9 dB softer than the sound, the last 19 dB."""
    way = np.zeros(round(0.06 * ROBOT_RATE))
    way[0] = 1.0
    for number in range(12):
        way[int(chance.integers(40, len(way)))] += chance.choice([-1, 1]) * 0.35 * 10 ** (-number / 12)
    return np.clip(np.convolve(pcm, way) * 0.9, -32768, 32767).astype(np.int16)


def talk(
    voices: Voices,
    replies: Sequence[str],
    *,
    delay_ms: float = 60,
    echo_db: float = -6,
    over: Sequence[NDArray[np.float64] | None] = (),
    over_db: float = 0,
    slower: float = 0.0,
    lost_s: float = 0.0,
    moved_at: int | None = None,
    late_s: float = 0.0,
    slow_s: float = 0.0,
) -> Talk:
    """Let the robot say the replies, 1 s after each other.

    Args:
        delay_ms: of the echo; 40 to 60 ms come to it, other ones each time.
        echo_db: how loud it is beside what the robot plays.
        over: what somebody says or does 0.6 to 0.9 s after the beginning of each, mono at 16 kHz.
        over_db: how loud that is beside the echo.
        slower: by what share of itself the loudspeaker's clock is slower than the microphone's.
        lost_s: what the loudspeaker does not play in the middle of each utterance after the third.
        moved_at: from this utterance on the room is another one.
        late_s: after so long the ear gets what the microphone has heard.
        slow_s: after so long the robot does what it has told of.
    """
    chance, result = np.random.default_rng(5), Talk()
    room = Room(RoomSettings(delay_ms=delay_ms, echo_db=echo_db, noise_db=NOISE_DB), quick=True)
    way, told, at = 7, [], 1.0
    for number, reply in enumerate(replies):
        pcm = voices(reply).pcm
        if lost_s and number > 2:
            middle = len(pcm) // 2
            pcm = np.concatenate([pcm[:middle], pcm[middle + round(lost_s * ROBOT_RATE) :]])
        if number == moved_at:
            way = 8
        sound = soxr.resample(echoes(pcm, np.random.default_rng(way)), ROBOT_RATE, ROBOT_RATE * (1 + slower))
        begin = at + slow_s + float(chance.uniform(0.04, 0.06))
        room.robot.put(sound, begin)
        told.append(round(at * RATE))
        result.began.append(begin + delay_ms / 1e3)
        if number < len(over) and (noise := over[number]) is not None:
            echo = 0.45 * np.sqrt(np.mean(np.square(pcm, dtype=np.float64)))
            louder = echo / np.sqrt(np.mean(noise**2)) * 10 ** (over_db / 20)
            room.caregiver.put((noise * louder).astype(np.int16), begin + float(chance.uniform(0.6, 0.9)))
        at += slow_s + len(sound) / ROBOT_RATE + 1.0
        if number < len(over) and over[number] is not None:
            at = max(at, room.caregiver.end_s + 1.0)
    _listen(
        room, [voices(reply) for reply in replies], told, round(at / BLOCK_S), round(late_s / BLOCK_S), slow_s, result
    )
    return result


def _listen(
    room: Room, said: Sequence[Speech], told: Sequence[int], blocks: int, late: int, slow_s: float, result: Talk
) -> None:
    recogniser = VoskRecogniser(EAR.model or Path())
    listening = Listening(
        recogniser, Activity(EAR.activity, open_detector(EAR.activity, pytest.fail)), Endpoint(EAR.endpoint)
    )
    removal, begun, ended, waiting = EchoRemoval(), 0, 0, deque[Block]()
    left = np.zeros(blocks * BLOCK_SAMPLES, np.int16)
    for _ in range(blocks):
        block = room._next_block()
        removal.arrived = lambda now=block.first: now  # type: ignore[misc]
        if begun < len(told) and told[begun] <= block.first:
            removal.played(said[begun].pcm, said[begun].rate)
            begun += 1
        if ended < begun and told[ended] + (slow_s + said[ended].duration_s + 0.06) * RATE <= block.first:
            removal.ended()
            ended += 1
        waiting.append(block)
        for each in removal.clean(waiting.popleft()) if len(waiting) > late else ():
            left[each.first : each.end] = each.pcm
            for event in listening.hear(each):
                speaks = begun > 0 and block.end < told[begun - 1] + (said[begun - 1].duration_s + 0.2) * RATE
                match event:
                    case PartialChanged(text) if speaks and begun - 1 not in result.claims:
                        if word := claiming(text, words_of(said[begun - 1].text)):
                            result.claims[begun - 1] = word, block.end_s
                    case UtteranceEnded(heard):
                        result.heard.append(heard.text)
    recogniser.close()
    for speech, first in zip(said, told, strict=True):
        result.levels.append(level_dbfs(left[first : first + round((speech.duration_s + 0.3) * RATE)]))


def asked(voices: Voices, text: str) -> NDArray[np.float64]:
    """A line of the caregiver, without the silence before it."""
    speech = voices(text, adult=True)
    pcm = soxr.resample(speech.pcm.astype(np.float64), speech.rate, RATE)
    return np.asarray(pcm[np.flatnonzero(np.abs(pcm) > 200)[0] :])


@pytest.mark.parametrize("delay_ms", [0, 60, 150])
def test_nothing_is_left_of_the_robots_voice(voices: Voices, delay_ms: float) -> None:
    happened = talk(voices, REPLIES[:8], delay_ms=delay_ms)
    assert happened.claims == {}
    assert happened.heard == []
    assert max(happened.levels) < NOISE_DB + 1


@pytest.mark.parametrize("order", [1, 4])
def test_nothing_is_left_of_short_replies_whose_echo_is_soft(voices: Voices, order: int) -> None:
    """None of them has all the sounds of the next one, and noise hides what is soft: the filter knows little."""
    replies = random.Random(order).sample(BRIEF, len(BRIEF))
    happened = talk(voices, replies, echo_db=-30)
    assert happened.claims == {}
    assert happened.heard == []
    assert max(happened.levels) < NOISE_DB + 1


def test_who_speaks_over_it_claims_the_floor_and_is_understood(voices: Voices) -> None:
    lines = ASKED[:4]
    happened = talk(voices, LONG[:6], over=[None, None, *(asked(voices, line) for line in lines)])
    assert sorted(happened.claims) == [2, 3, 4, 5]
    assert [word in line.split() for (word, _), line in zip(happened.claims.values(), lines, strict=True)] == [True] * 4
    assert [at - happened.began[number] < 0.9 + 0.6 for number, (_, at) in happened.claims.items()] == [True] * 4
    assert happened.heard == lines


def test_a_cough_is_no_claim(voices: Voices) -> None:
    cough = np.random.default_rng(2).normal(0, 1000, RATE // 4)
    happened = talk(voices, LONG[:6], over=[None, None, *[cough] * 4])
    assert happened.claims == {}
    assert happened.heard == []


@pytest.mark.parametrize(("slower", "lost_s"), [(5e-5, 0.0), (3e-4, 0.0), (0.0, 0.02)])
def test_a_loudspeaker_that_does_not_keep_time_shuts_the_ear(voices: Voices, slower: float, lost_s: float) -> None:
    happened = talk(voices, REPLIES[:8], slower=slower, lost_s=lost_s)
    assert happened.claims == {}
    assert max(happened.levels) < NOISE_DB + 6


def test_an_ear_that_is_late_knows_what_it_hears(voices: Voices) -> None:
    lines = ASKED[:2]
    happened = talk(voices, LONG[:6], late_s=1.2, over=[None, None, *(asked(voices, line) for line in lines)])
    assert happened.heard == lines
    assert max(happened.levels[-2:]) < NOISE_DB + 1


@pytest.mark.parametrize("slow_s", [0.3, 1.0])
def test_a_robot_that_begins_too_late_is_not_heard_before_it_says_that_it_has_ended(
    voices: Voices, slow_s: float
) -> None:
    happened = talk(voices, REPLIES[:6], slow_s=slow_s)
    assert happened.claims == {}
    assert happened.heard == []


def test_a_robot_that_was_moved_is_learned_anew(voices: Voices) -> None:
    over = [None] * 6 + [asked(voices, ASKED[0])]
    happened = talk(voices, LONG[:7], over=over, moved_at=3)
    assert list(happened.claims) == [6]
    assert max(happened.levels[:6]) < NOISE_DB + 1


def test_where_the_robot_is_not_heard_the_ear_is_as_good_as_shut(voices: Voices) -> None:
    removal, speech = EchoRemoval(), asked(voices, ASKED[0]).astype(np.int16)
    noise = np.random.default_rng(1).normal(0, 10, RATE).astype(np.int16)
    for block in BlockCutter().cut(noise):
        removal.clean(block)
    removal.played(voices(LONG[0]).pcm, ROBOT_RATE)
    removal.ended()
    sound = np.concatenate([speech, np.zeros(3 * RATE, np.int16), speech])
    cleaned = [each for block in BlockCutter().cut(sound) for each in removal.clean(block)]
    assert [block.first for block in cleaned] == [BLOCK_SAMPLES * n for n in range(len(sound) // BLOCK_SAMPLES)]
    left = np.concatenate([block.pcm for block in cleaned])
    assert level_dbfs(left[: len(speech)]) < NOISE_DB + 1
    assert level_dbfs(left[-len(speech) :]) > level_dbfs(speech) - 1


def test_what_is_cut_off_is_no_reference_any_more(voices: Voices) -> None:
    removal, pcm = EchoRemoval(), voices(LONG[0]).pcm
    speech = asked(voices, ASKED[0]).astype(np.int16)
    removal.played(pcm, ROBOT_RATE)
    removal.played(pcm[:0], ROBOT_RATE)
    sound = np.concatenate([np.zeros(RATE // 2, np.int16), speech])
    left = np.concatenate([each.pcm for block in BlockCutter().cut(sound) for each in removal.clean(block)])
    assert level_dbfs(left[RATE // 2 :]) > level_dbfs(speech) - 1


@pytest.mark.slow
def test_ten_minutes_of_its_own_talk(voices: Voices) -> None:
    seconds = 0.0
    for delay_ms in (0.0, 12.5, 35.0, 60.0, 90.0, 130.0, 170.0, 210.0):
        for part in (REPLIES, REPLIES[::-1]):
            happened = talk(voices, part, delay_ms=delay_ms)
            assert (happened.claims, happened.heard) == ({}, [])
            seconds += sum(voices(reply).duration_s for reply in part)
    assert seconds > 600


@pytest.mark.slow
@pytest.mark.parametrize("echo_db", [-6, -24, -30, -36])
def test_short_replies_in_many_orders(voices: Voices, echo_db: float) -> None:
    for order, delay_ms in enumerate((0.0, 12.5, 35.0, 60.0, 90.0, 130.0, 170.0, 210.0)):
        replies = random.Random(order).sample(BRIEF, len(BRIEF))
        happened = talk(voices, replies, delay_ms=delay_ms, echo_db=echo_db)
        assert (happened.claims, happened.heard) == ({}, [])


@pytest.mark.slow
@pytest.mark.parametrize(("over_db", "hits"), [(0, 40), (-5, 38), (-10, 32)])
def test_forty_lines_over_its_voice(voices: Voices, over_db: float, hits: int) -> None:
    replies = [LONG[number % len(LONG)] for number in range(42)]
    lines = [asked(voices, ASKED[number % len(ASKED)]) for number in range(40)]
    happened = talk(voices, replies, over=[None, None, *lines], over_db=over_db)
    after = [at - happened.began[number] for number, (_, at) in happened.claims.items()]
    print(f"{over_db} dB: {len(happened.claims)} of 40, {np.median(after):.2f} s after the beginning at the median")
    assert len(happened.claims) >= hits
