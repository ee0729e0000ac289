"""Takes what the robot says out of what the microphone hears.

What goes to the loudspeaker is known, the way to the microphone is learned (`echo_path.py`), and when an utterance
begins to sound is found anew each time, to a part of a sample: the blocks wait until the voice has been recognised in
them. It should sound up to `LATEST_S` after the robot has told of it, and never before.

In doubt the ear is as good as shut: what is heard is turned down to the noise of the room. That is so during the first
utterance, from which the way is learned; during one that is not found, or not explained by what was learned (the robot
was moved, somebody talks from its beginning on); from when it should have ended until the robot says that it has; and
whenever no more is left than the filter leaves otherwise, or can leave of sounds that it has not learned yet. What is
clearly more is somebody else, and passes.

What is told is numbered by the samples that have arrived, for the ear may be late where the computer is busy.

All of it blocks and belongs into the ear's thread; only `played` and `ended` may be called from another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from robot_runtime.ear.blocks import BLOCK_SAMPLES, Block
from robot_runtime.ear.conversion import Conversion
from robot_runtime.ear.echo_path import BEFORE, TAPS, EchoPath, Samples, find, imitated, shifted
from robot_runtime.ear.recogniser import RATE

LATEST_S = 0.5
"""The echo is looked for so long after its reference: the longest that `RobotOptions.played` allows."""
_LATEST = round(LATEST_S * RATE)
_OVERLAP = round(0.2 * RATE)
"""Samples of an utterance that must be found: some fifty periods of a child's voice, of which no two are alike."""
_PERIOD = round(0.01 * RATE)
"""Samples by which it is looked for later than that allows: a voice is much like itself a period earlier."""
_PROOF = round(0.15 * RATE)
"""Samples of its beginning that must be what the filter says; later ones may have been spoken over already."""
_AUDIBLE = 0.05
"""It begins where it is so loud beside its loudest."""
_LEFT = 0.05
"""Share of the echo's energy that is no evidence of anybody else: 13 dB less than all of it. A filter that fits leaves
less than a thousandth (measured)."""
_ABOVE_NOISE = 4.0
"""Energy beside the noise of the room that is none either: 6 dB."""
_MEMORY = 5
"""Blocks over which that is judged: 0.1 s, so that soft sounds belong to the loud ones before them."""
_TAIL = round(0.2 * RATE)
"""Samples after the end of an utterance in which the room still sounds."""
_CUT = round(0.3 * RATE)
"""Samples after it was cut off in which it may still sound: 0.15 s for the robot to fall silent, and the way."""
_DOUBT = 10
"""Blocks that must be more than the echo before they are believed to be somebody else, all at once: 0.2 s."""
_BELIEF = 25
"""Blocks of the robot alone after which that is doubted anew: 0.5 s."""
_SEEN = round(0.2 * RATE)
"""Samples by which it is told whether the echo is where it should be."""
_JUMP = round(0.15 * RATE)
"""How much earlier or later it is looked for: sound devices that were late lose or add some hundredths of a second."""
_OWN = 0.3
"""A share of what is left that an imitation leaves, from which on it is the robot's: 5 dB less. Of another's voice it
leaves nearly all."""
_TOLD = 16
"""What has been told and waits for its block; more, and nobody is listening: the first is forgotten."""
_NEVER = 1 << 62
"""A sample that does not come."""
_QUIET_BLOCKS = 50
"""Blocks of which the quietest is taken for the noise of the room: 1 s."""


@dataclass(frozen=True)
class _Told:
    """What the robot has told of."""

    at: int
    """Number of the microphone's sample that had not arrived yet."""
    pcm: NDArray[np.int16] | None
    """What it says from now on; empty when it was cut off, None when it has ended."""
    rate: int = RATE
    """Hz."""


@dataclass
class _Utterance:
    """What the robot says at the moment."""

    sent: Samples
    """The whole of it."""
    begin: int
    """Number of the microphone's sample from which on it may be heard, less `BEFORE`."""
    heard: Samples
    """What has arrived since then; zeros for what has not."""
    waiting: list[Block] | None = field(default_factory=list)
    """What has not been judged yet; None as soon as the echo was found or given up."""
    lag: float | None = None
    """By how many samples of `heard` it is later than the filter says, when it was found."""
    path: Samples | None = None
    """The filter, later by the part of a sample, when the echo is what it makes of the utterance."""
    cut: bool = False
    """It was cut off: nothing can be learned."""
    end: int = 0
    """Number of the microphone's sample from which on it is not heard any more."""


class EchoRemoval:
    """Removes the echo of one loudspeaker from the blocks of one source."""

    def __init__(self) -> None:
        """Know nothing of the room yet."""
        self.arrived: Callable[[], int] = lambda: 0
        """Number of the microphone's sample that has not arrived yet; asked whenever something is told."""
        self._path = EchoPath()
        self._told: deque[_Told] = deque(maxlen=_TOLD)
        self._open_from = 0
        self._utterance: _Utterance | None = None
        self._energies: deque[tuple[float, float, float]] = deque(maxlen=_MEMORY)
        self._doubtful: list[Block] = []
        self._believed = 0
        self._quiet: deque[float] = deque(maxlen=_QUIET_BLOCKS)

    def played(self, pcm: NDArray[np.int16], rate: int) -> None:
        """Take an utterance that goes to the loudspeaker; see `RobotOptions.played`."""
        self._told.append(_Told(self.arrived(), pcm, rate))

    def ended(self) -> None:
        """The robot says that it has ended."""
        self._told.append(_Told(self.arrived(), None))

    def clean(self, block: Block) -> list[Block]:
        """Take the next block, and give those that are ready, in their order, without the echo."""
        ready = []
        while self._told and self._told[0].at < block.end:
            ready += self._learn_of(self._told.popleft(), block.first)
        if self._utterance and block.first >= self._utterance.end:
            ready += self._finish()
        if self._utterance:
            return ready + self._follow(self._utterance, block)
        if block.first < self._open_from:
            return [*ready, self._damped(block)]
        self._quiet.append(_energy(block.pcm))
        return [*ready, block]

    def _learn_of(self, told: _Told, first: int) -> list[Block]:
        """Expect an utterance from that sample on, or the end of the present one."""
        utterance = self._utterance
        if told.pcm is None:
            self._open_from = min(self._open_from, first + _TAIL)
            return []
        if not len(told.pcm):
            self._open_from = first + _CUT
            if utterance:
                utterance.cut, utterance.end = True, min(utterance.end, self._open_from)
            return []
        ready = self._finish()
        self._open_from = _NEVER
        sent = Conversion(told.rate).convert(told.pcm, last=True).astype(np.float64)
        lasts = len(sent) + _LATEST + _TAIL
        self._utterance = _Utterance(sent, first - BEFORE, np.zeros(BEFORE + lasts), end=first + lasts)
        return ready

    def _finish(self) -> list[Block]:
        """The utterance is over: learn from it, and give what has still been waiting."""
        utterance, self._utterance = self._utterance, None
        self._energies.clear()
        self._believed = 0
        if utterance is None:
            return []
        if utterance.lag is not None and not utterance.cut:
            whole, part = divmod(utterance.lag, 1)
            sent = np.concatenate([utterance.sent, np.zeros(TAPS)])
            heard = utterance.heard[int(whole) :][: len(sent)]
            heard = np.concatenate([heard, np.zeros(len(sent) - len(heard))])
            self._path.learn(sent, heard, part, self._noise / BLOCK_SAMPLES, anew=utterance.path is None)
        return self._decide(others=False) + [self._damped(block) for block in utterance.waiting or ()]

    def _follow(self, utterance: _Utterance, block: Block) -> list[Block]:
        at = block.first - utterance.begin
        utterance.heard[at : at + BLOCK_SAMPLES] = block.pcm[: len(utterance.heard) - at]
        if utterance.waiting is None:
            return self._judged(utterance, block)
        utterance.waiting.append(block)
        if not self._found(utterance, at + BLOCK_SAMPLES):
            return []
        blocks, utterance.waiting = utterance.waiting, None
        return [ready for each in blocks for ready in self._judged(utterance, each)]

    def _found(self, utterance: _Utterance, count: int) -> bool:
        """Whether the echo has been found in the first `count` samples that arrived, or is given up."""
        path = self._path.filter
        known = utterance.sent[:count] if path is None else np.convolve(utterance.sent[:count], path)[:count]
        heard = utterance.heard[:count]
        lag = find(heard, known, min(_LATEST + BEFORE, count - _OVERLAP + _PERIOD))
        if lag is not None and path is not None and lag <= count - _OVERLAP:
            utterance.lag, path = lag, shifted(path, lag % 1)
            echo = self._echo(utterance, path, 0, count)
            first = int(np.argmax(np.abs(echo) > _AUDIBLE * np.max(np.abs(echo))))
            proof = slice(first, first + _PROOF)
            doubt = self._echo(utterance, self._path.doubt, 0, count)[proof]
            left = _energy(heard[proof] - echo[proof])
            if left < self._robots(_energy(heard[proof]), _energy(doubt), len(doubt)):
                utterance.path = path
                return True
        if count < _LATEST + _OVERLAP and utterance.begin + count < utterance.end:
            return False
        utterance.lag = lag if path is not None or lag is None else max(0.0, round(lag) - BEFORE)
        return True

    def _robots(self, echo: float, doubt: float, samples: int) -> float:
        """Energy that need not be anybody else's, beside so much of the echo, and of what the filter does not know."""
        return _LEFT * echo + _ABOVE_NOISE * (doubt + self._noise * samples / BLOCK_SAMPLES)

    def _echo(self, utterance: _Utterance, path: Samples, at: int, count: int) -> Samples:
        """What a filter makes of the utterance, for so many samples of `heard` from `at` on."""
        assert utterance.lag is not None
        first, needed = at - int(utterance.lag) - len(path) + 1, count + len(path) - 1
        sent = utterance.sent[max(0, first) : max(0, first + needed)]
        sent = np.concatenate([np.zeros(min(max(0, -first), needed)), sent])
        sent = np.concatenate([sent, np.zeros(needed - len(sent))])
        return np.convolve(sent, path, "valid")

    def _judged(self, utterance: _Utterance, block: Block) -> list[Block]:
        """What is certain by now: somebody else without the echo, or the noise of the room."""
        path = utterance.path
        if path is None:
            return [self._damped(block)]
        at = block.first - utterance.begin
        echo = self._echo(utterance, path, at, BLOCK_SAMPLES)
        doubt = self._echo(utterance, self._path.doubt, at, BLOCK_SAMPLES)
        rest = block.pcm - echo
        if _energy(rest) > _energy(block.pcm):  # the robot is silent, though it should not be
            rest = block.pcm.astype(np.float64)
        cleaned = Block(np.rint(np.clip(rest, -32768, 32767)).astype(np.int16), block.first)
        self._energies.append((_energy(rest), _energy(echo), _energy(doubt)))
        left, sounds, doubts = (sum(energies) for energies in zip(*self._energies, strict=True))
        self._doubtful.append(cleaned)
        if left <= self._robots(sounds, doubts, len(self._energies) * BLOCK_SAMPLES):
            self._believed -= 1
            return self._decide(others=False)
        if self._believed <= 0 and len(self._doubtful) < _DOUBT:
            return []
        self._believed = _BELIEF
        if strayed := self._strayed(utterance, path, at + BLOCK_SAMPLES):
            utterance.path = None
        return self._decide(others=not strayed)

    def _decide(self, *, others: bool) -> list[Block]:
        """The end of a doubt."""
        blocks, self._doubtful = self._doubtful, []
        return blocks if others else [self._damped(block) for block in blocks]

    def _strayed(self, utterance: _Utterance, path: Samples, count: int) -> bool:
        """Whether what was heard last is the robot's voice after all: earlier or later than thought, or changed."""
        first = max(0, count - _SEEN)
        heard = utterance.heard[first:count]
        around = self._echo(utterance, path, first - _JUMP, len(heard) + 2 * _JUMP)
        middle = around[_JUMP:-_JUMP]
        return _energy(heard - imitated(heard, around)) < _OWN * _energy(heard - middle)

    @property
    def _noise(self) -> float:
        """Energy of a block of the room's noise."""
        return min(self._quiet, default=0.0)

    def _damped(self, block: Block) -> Block:
        """No louder than the noise of the room."""
        gain = min(1.0, np.sqrt(self._noise / (_energy(block.pcm) + 1.0)))
        return Block((block.pcm * gain).astype(np.int16), block.first)


def _energy(pcm: NDArray[np.int16] | Samples) -> float:
    return float(np.sum(np.square(pcm, dtype=np.float64)))
